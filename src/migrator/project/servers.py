"""Calls that give an app to a server: `serve(app, port=8080)` of waitress, `run_simple(host, port, app)`, ..."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TypeAlias

from migrator.module import Module
from migrator.syntax import argument, text_of

Argument: TypeAlias = tuple[int, str]  # position (-1: there is none), name


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server takes the app and its address. One that `runs` serves at once, others when they are started."""

    app: Argument
    host: Argument = (-1, "host")
    port: Argument = (-1, "port")
    address: Argument = (-1, "")  # (host, port) in one
    runs: bool = False
    default: tuple[str, str] = ("127.0.0.1", "8000")
    starting: tuple[str, ...] = ("serve_forever",)


CHEROOT = Server(app=(1, "wsgi_app"), address=(0, "bind_addr"), starting=("start", "safe_start"))
GEVENT = Server(app=(1, "application"), address=(0, "listener"))
SERVERS = {
    "bjoern.run": Server(app=(0, "wsgi_app"), host=(1, "host"), port=(2, "port"), runs=True),
    "cheroot.wsgi.Server": CHEROOT,
    "cheroot.wsgi.WSGIServer": CHEROOT,
    "cherrypy.wsgiserver.CherryPyWSGIServer": CHEROOT,
    "eventlet.wsgi.server": Server(app=(1, "site"), address=(0, "sock"), runs=True),
    "gevent.pywsgi.WSGIServer": GEVENT,
    "gevent.wsgi.WSGIServer": GEVENT,
    "waitress.serve": Server(app=(0, "app"), runs=True, default=("0.0.0.0", "8080")),
    "werkzeug.run_simple": Server(app=(2, "application"), host=(0, "hostname"), port=(1, "port"), runs=True),
    "werkzeug.serving.make_server": Server(app=(2, "app"), host=(0, "host"), port=(1, "port")),
    "werkzeug.serving.run_simple": Server(app=(2, "application"), host=(0, "hostname"), port=(1, "port"), runs=True),
    "wsgiref.simple_server.make_server": Server(app=(2, "app"), host=(0, "host"), port=(1, "port")),
}


# how a server works, not what it answers
# fmt: off
TUNING = frozenset(
    [
        "asyncore_use_poll", "backlog", "channel_timeout", "cleanup_interval", "connection_limit", "debug", "error_log",
        "extra_files", "ident", "log", "log_output", "minimum_chunk_size", "numthreads", "processes",
        "reloader_interval", "reloader_type", "request_handler", "request_queue_size", "reuse_port", "server_name",
        "spawn", "threaded", "threads", "use_debugger", "use_evalex", "use_reloader",
    ]
)
# fmt: on


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that is given an app: what makes it serve, with the address as it is written, or as code. Nothing of
    that is known where more is asked of the server."""

    call: ast.Call
    app: ast.expr
    starts: tuple[ast.expr, ...]  # calls that serve at once, else methods that are read of the server's name
    host: ast.expr | str
    port: ast.expr | str

    @property
    def is_followed(self) -> bool:
        """Whether another server can take its place."""
        return bool(self.starts and self.host and self.port)


def servings(module: Module) -> list[Serving]:
    """The servers of a file."""
    found: list[Serving] = []
    for call in module.calls:
        server = SERVERS.get(module.dotted(call.func))
        app = argument(call, *server.app) if server is not None else None
        if server is not None and app is not None:
            starts = (call,) if server.runs else _starts(module, server, call)
            host, port = _address(module, server, call) if _only_tunes(server, call) else ("", "")
            found.append(Serving(call, app, starts, host, port))
    return found


def _only_tunes(server: Server, call: ast.Call) -> bool:
    """Whether nothing is given to a server but the app, the address, and what is of no matter to another server."""
    places = (server.app, server.host, server.port, server.address)
    known = TUNING | {name for _, name in places} | {"listen"}
    return len(call.args) <= 1 + max(position for position, _ in places) and all(k.arg in known for k in call.keywords)


def _address(module: Module, server: Server, call: ast.Call) -> tuple[ast.expr | str, ast.expr | str]:
    """Host and port, as they are written or as code; two empty strings where they cannot be told apart."""
    listen = argument(call, -1, "listen")
    if listen is not None:
        host, _, port = (text_of(module, listen) or "").rpartition(":")
        return (_host(host.strip("[]")), port) if host and port.isdecimal() else ("", "")
    if server.address[1]:
        address = argument(call, *server.address)
        if (
            isinstance(address, ast.Call)
            and module.dotted(address.func) == "eventlet.listen"
            and len(address.args) == 1
        ):
            address = address.args[0]
        if not (isinstance(address, ast.Tuple) and len(address.elts) == 2):
            return "", ""
        return _written(address.elts[0]), address.elts[1]
    one, other = argument(call, *server.host), argument(call, *server.port)
    return (_host(server.default[0]) if one is None else _written(one)), (server.default[1] if other is None else other)


def _written(host: ast.expr) -> ast.expr | str:
    return _host(host.value) if isinstance(host, ast.Constant) and host.value in ("", "*") else host


def _host(host: str) -> str:
    return f'"{host if host not in ("", "*") else "0.0.0.0"}"'


def _starts(module: Module, server: Server, call: ast.Call) -> tuple[ast.expr, ...]:
    """What starts a server that is made by itself: the call of its method, or the method wherever it is read of the
    only name that the server has. Nothing where it is asked for more."""
    parent = module.parents[call]
    if isinstance(parent, ast.Attribute):
        start = module.parents[parent]
        is_plain = isinstance(start, ast.Call) and start.func is parent and not (start.args or start.keywords)
        return (start,) if parent.attr in server.starting and is_plain and isinstance(start, ast.Call) else ()
    if not (isinstance(parent, ast.Assign) and len(parent.targets) == 1 and isinstance(parent.targets[0], ast.Name)):
        return ()
    name, scope = parent.targets[0].id, module.scope_of(parent)
    owned = ((load, at.lookup(name)) for load, at in module.loads if load.id == name)
    methods = [module.parents[load] for load, known in owned if known is not None and known[0] is scope]
    found = tuple(one for one in methods if isinstance(one, ast.Attribute) and one.attr in server.starting)
    return found if len(found) == len(methods) and len(scope.bindings.get(name, ())) == 1 else ()


def number(module: Module, port: ast.expr) -> str:
    """The code of a port with a hole for what is written there: variables of the environment are texts."""
    if isinstance(port, ast.Name) and (known := module.scope_of(port).lookup(port.id)) is not None:
        statements = [module.parents.get(binding.node) for binding in known[1]]
        values = [s.value for s in statements if isinstance(s, (ast.Assign, ast.AnnAssign)) and s.value is not None]
        is_text = len(values) == len(statements) and any(_is_variable(module, value) for value in values)
        return "int({})" if is_text else "{}"
    return "int({})" if _is_variable(module, port) else "{}"


def _is_variable(module: Module, node: ast.expr) -> bool:
    if isinstance(node, ast.BoolOp):
        return any(_is_variable(module, value) for value in node.values)
    if isinstance(node, ast.Subscript):
        return module.dotted(node.value) == "os.environ"
    return isinstance(node, ast.Call) and module.dotted(node.func) in ("os.environ.get", "os.getenv")
