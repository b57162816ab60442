"""Names of Flask that no other rule knows: those with a plain counterpart, and advice for the rest.

## What changes

`flask.Request` as a base class or a type is the support module's `FlaskRequest`, `flask.__version__` is FastAPI's.
What has no counterpart is reported with what to do.

## Example

```python
class Request(flask.Request): ...
```

becomes

```python
class Request(FlaskRequest): ...
```

## Safety

An answer that shows the version of the framework changes.

## What is left to you

What the findings name.
"""

from __future__ import annotations

import ast

from migrator.codemod import Code, Codemod, Import, Module, Plan, Project, Remove, Replace, Rule, Safety, Severity

REQUEST = Import("~incoming", "FlaskRequest")
GIVEN = Import("~bodies", "FlaskRequest")  # the same type, by the name that views ask for it
GLOBALS = Code("Globals", imports=(Import("~namespace", "Globals"),))
PLAIN = {
    "flask.Request": Code("FlaskRequest", imports=(REQUEST,)),
    "flask._AppCtxGlobals": GLOBALS,
    "flask.template_rendered": Code("template_rendered", imports=(Import("~signals", "template_rendered"),)),
    "flask.before_render_template": Code(
        "before_render_template", imports=(Import("~signals", "before_render_template"),)
    ),
    "flask.message_flashed": Code("message_flashed", imports=(Import("~flash_signals", "message_flashed"),)),
    "flask.logging.wsgi_errors_stream": Code("sys.stderr", imports=(Import("sys"),)),
}
# as `dictConfig` takes it
STREAM = "ext://flask.logging.wsgi_errors_stream"
VERSION = Code("fastapi.__version__", imports=(Import("fastapi"),))
SENT = (
    "request_started",
    "request_finished",
    "request_tearing_down",
    "got_request_exception",
    "appcontext_tearing_down",
)
PLAIN |= {f"flask.{name}": Code(name, imports=(Import("~request_signals", name),)) for name in SENT}
SIGNALS = {"appcontext_popped", "appcontext_pushed"}
STACK = "`current_context()` of the support module's context: it has `app`, `g` and `request`"
SESSIONS = "the session middleware of the support module, or one of your own that puts a dict into `scope['session']`"
ENCODER = "a `FlaskJSONProvider` with the encoder's `default`, given to `use_json_provider(...)`"
ADVICE = {
    "flask.app_ctx": STACK,
    "flask.request_ctx": STACK,
    "flask._app_ctx_stack": STACK,
    "flask._request_ctx_stack": STACK,
    "flask.ctx.AppContext": STACK,
    "flask.ctx.RequestContext": STACK,
    "flask.get_debug_flag": '`app.debug`, or `os.environ.get("FLASK_DEBUG")`',
    "flask.get_env": '`os.environ.get("FLASK_ENV")`',
    "flask.get_root_path": "`Path(__file__).parent` of the package",
    "flask.locked_cached_property": "`functools.cached_property`",
    "flask.cli.ScriptInfo": "click's own context: `@click.pass_context`, and `current_app` for the app",
    "flask.cli.pass_script_info": "click's own context: `@click.pass_context`, and `current_app` for the app",
    "flask.cli.load_dotenv": "`dotenv.load_dotenv()`",
    "flask.json.JSONEncoder": ENCODER,
    "flask.json.JSONDecoder": ENCODER,
    "flask.json.tag.TaggedJSONSerializer": "`itsdangerous` with the support module's tagged JSON",
    "flask.logging.create_logger": "`logging.getLogger(__name__)`",
    "flask.logging.default_handler": "the handlers that `logging.basicConfig()` or `dictConfig()` makes",
    "flask.sessions.SecureCookieSession": SESSIONS,
    "flask.sessions.SecureCookieSessionInterface": SESSIONS,
    "flask.sessions.SessionInterface": SESSIONS,
    "flask.sessions.SessionMixin": SESSIONS,
}


class OtherNames(Codemod):
    """What is left of Flask's names."""

    rule = Rule("FF507", "other-names", "other names of Flask, or what to do about them", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        for node, target in project.flask_reads(module):
            if target == "flask.Request" and is_annotation(module, node):
                yield Replace(self.rule, module.span(node), Code("FlaskRequest", imports=(GIVEN,)))
            elif target in PLAIN:
                yield Replace(self.rule, module.span(node), PLAIN[target])
            elif target == "flask.__version__":
                yield Replace(self.rule, module.span(node), VERSION)
                yield self.finding(module, project, node, Severity.REVIEW, "the version is FastAPI's now")
            elif (signal := target.removeprefix("flask.").removeprefix("signals.").partition(".")[0]) in SIGNALS:
                message = f"FastAPI sends no signals, and {signal} was one"
                hint = "call the function where it happens: in a hook, an exception handler or a middleware"
                touched = self.touched(module, project, node) or ("*",)
                yield self.finding(module, project, node, Severity.MANUAL, message, hint, touched)
                if (connected := connection(module, node)) is not None:
                    yield Remove(self.rule, module.span(connected))
            elif target in ADVICE:
                message = f"{target} has no counterpart"
                yield self.finding(
                    module, project, node, Severity.MANUAL, message, ADVICE[target], self.touched(module, project, node)
                )

        if STREAM in module.text:
            for text in module.nodes(ast.Constant):
                if text.value == STREAM:
                    yield Replace(self.rule, module.span(text), Code('"ext://sys.stderr"'))

    def touched(self, module: Module, project: Project, node: ast.expr) -> tuple[str, ...]:
        return project.endpoints_at(module, node)


def is_annotation(module: Module, node: ast.AST) -> bool:
    """Whether a node is the type of a parameter, a result or a variable, or a part of one."""
    while isinstance(parent := module.parents[node], (ast.expr, ast.keyword)):
        node = parent
    return (isinstance(parent, (ast.arg, ast.AnnAssign)) and parent.annotation is node) or (
        isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)) and parent.returns is node
    )


def connection(module: Module, node: ast.expr) -> ast.AST | None:
    """The statement or decorator that connects a function with a signal: without signals it does nothing."""
    method = module.parents[node]
    if not isinstance(method, ast.Attribute) or method.attr not in ("connect", "connect_via"):
        return None
    parent = module.parents[method]
    whole = parent if isinstance(parent, ast.Call) and parent.func is method else method
    owner = module.parents[whole]
    if isinstance(owner, ast.Expr):
        return owner
    is_decorator = isinstance(owner, (ast.FunctionDef, ast.AsyncFunctionDef)) and whole in owner.decorator_list
    return whole if is_decorator else None
