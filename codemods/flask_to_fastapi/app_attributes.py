"""What else an app object offers: paths, JSON options, files, contexts.

## What changes

`app.root_path`, `app.send_static_file(...)`, `app.json.sort_keys`, `app.response_class`, `app.app_context()` and the
like become what stands for them without Flask. What has no counterpart is reported where it stands. What the project
or an extension keeps on the app (`current_app.users`), views ask of a dependency, `app: CurrentApp`.

## Example

```python
app.json.sort_keys = False
```

becomes

```python
json_provider().sort_keys = False
```

## Safety

The values are the same.

## What is left to you

Attributes that FastAPI's app has not, and that nothing here stands for.
"""

from __future__ import annotations

import ast

from migrator.codemod import (
    Code,
    Codemod,
    Demand,
    Import,
    Module,
    NeedImport,
    Plan,
    Project,
    Replace,
    Rule,
    Safety,
    Severity,
)
from migrator.module import walk
from migrator.project.flask_names import API, REGISTERING
from migrator.project.folders import app_folder
from migrator.project.given import given_or_ambient
from migrator.project.model import ObjectId
from migrator.syntax import argument, reference, text_of

PATH = Import("pathlib", "Path")
PROVIDER = Import("~json_provider", "json_provider")
USE_PROVIDER = Import("~json_provider", "use_json_provider")
RESPONSE = Import("~answers", "FlaskResponse")
CURRENT_APP = Import("~context", "current_app")
GIVEN_APP = Import("~current_app", "CurrentApp")
SEND = Import("~files", "send_from_directory")
APP_CONTEXT = Import("~context", "app_context")
JSONIFY = Import("~answers", "jsonify")
REQUEST_CONTEXT = Import("~samples", "request_context")
MAKE_RESPONSE = Import("~answers", "make_response")
URL_FOR = Import("~context", "url_for")
PREPROCESS = Import("~hooks_testing", "preprocess_request")
ROUTES = Import("~routing", "routes_of")
VIEWS = Import("~routing", "view_functions")
BLUEPRINTS = Import("~routing", "blueprint_names")
PROXY_FIX = Import("~proxy_fix", "ProxyFix")
WRAPPED = Import("~wsgi_wrapped", "WSGIWrapped")
ELSEWHERE = {
    "cli",
    "config",
    "logger",
    "secret_key",
    "testing",
    "permanent_session_lifetime",
    "run",
    "register_blueprint",
    "state",
    "debug",
}
ELSEWHERE |= REGISTERING
# of tests
ELSEWHERE |= {"test_client", "test_client_class", "test_cli_runner", "test_cli_runner_class"}
# of templates and folders
ELSEWHERE |= {
    "jinja_env",
    "jinja_loader",
    "jinja_options",
    "static_folder",
    "static_url_path",
    "template_folder",
    "has_static_folder",
    "open_resource",
}
ELSEWHERE |= {"add_app_template_filter", "add_app_template_test", "add_app_template_global"}
FASTAPI = {
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "title",
    "version",
    "add_middleware",
    "include_router",
    "exception_handler",
    "mount",
    "routes",
}

# what the project itself keeps there
KEPT = {"extensions"}
# what asks the app from outside, and touches no answer
IN_TESTS = {"make_shell_context"}
ADVICE = {
    "wsgi_app": "app.add_middleware(WSGIWrapped, Middleware), with the support module wsgi_wrapped",
    "session_interface": "the session middleware of the support module, or one of your own",
    "response_class": "return the class itself where views need it",
}


class AppAttributes(Codemod):
    """The rest of the app object."""

    rule = Rule("FF107", "app-attributes", "what else an app offers", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        yield from self.current(module, project)
        for node in module.nodes(ast.Attribute):
            is_current = project.canonical(module.dotted(node.value)) == "flask.current_app"
            if node.attr in ELSEWHERE or node.attr in FASTAPI:
                if is_current and node.attr in REGISTERING:  # what is registered still names it
                    yield Replace(self.rule, module.span(node.value), Code("current_app", imports=(CURRENT_APP,)))
                    yield NeedImport(self.rule, CURRENT_APP)
                continue
            routers = project.routers_at(module, node.value) if not is_current and node.attr in API else []
            if node.attr not in API:  # the project's own attribute, or an extension's
                continue
            if not is_current and not any(project.routers[r].is_app for r in routers):
                if (
                    routers
                    and node.attr == "root_path"
                    and (place := self.folder(module, project, "root_path", routers))
                ):
                    yield Replace(self.rule, module.span(node), Code(f"str({place.text})", place.parts, place.imports))
                elif routers and node.attr not in ("name", "url_prefix", "import_name"):
                    message = f"APIRouter has no {node.attr}"
                    yield self.finding(
                        module, project, node, Severity.MANUAL, message, endpoints=project.endpoints_below(routers[0])
                    )
                elif routers and node.attr == "name":
                    yield Replace(self.rule, module.span(node), Code(f'"{project.routers[routers[0]].fact.name}"'))
                continue
            if is_current and node.attr not in KEPT:  # wherever the code that follows still names it
                yield Replace(self.rule, module.span(node.value), Code("current_app", imports=(CURRENT_APP,)))
            yield from self.attribute(module, project, node, routers)

    def current(self, module: Module, project: Project) -> Plan:
        """What the project, or an extension, keeps on the app is asked of the app that answers."""
        reads = [
            node.value
            for node in module.nodes(ast.Attribute)
            if (node.attr not in {*API, *ELSEWHERE, *FASTAPI} or node.attr in KEPT)
            and project.canonical(module.dotted(node.value)) == "flask.current_app"
        ]
        yield from given_or_ambient(self.rule, module, project, reads, "app", GIVEN_APP, CURRENT_APP, 45)

    def attribute(self, module: Module, project: Project, node: ast.Attribute, routers: list[ObjectId]) -> Plan:
        span, parent = module.span(node), module.parents[node]
        receiver = module.span(node.value)
        statement = module.statement_of(node)
        home = project.routers[routers[0]].id[0] if routers else ""
        here = "Path(__file__).parent" if home == module.name else ""
        stored = isinstance(node.ctx, ast.Store)
        call = parent if isinstance(parent, ast.Call) and parent.func is node else None
        if node.attr == "json" and stored and isinstance(statement, ast.Assign):
            yield Replace(
                self.rule,
                module.span(statement),
                Code("use_json_provider(__0__)", (module.span(statement.value),), (USE_PROVIDER,)),
            )
        elif node.attr == "json" and isinstance(parent, ast.Attribute) and parent.attr == "response":
            yield Replace(self.rule, module.span(parent), Code("jsonify", imports=(JSONIFY,)))
        elif node.attr == "json":
            yield Replace(self.rule, span, Code("json_provider()", imports=(PROVIDER,)))
        elif node.attr == "json_provider_class" and isinstance(statement, ast.Assign):
            yield Replace(
                self.rule,
                module.span(statement),
                Code("use_json_provider(__0__())", (module.span(statement.value),), (USE_PROVIDER,)),
            )
        elif node.attr == "response_class" and not stored:
            yield Replace(self.rule, span, Code("FlaskResponse", imports=(RESPONSE,)))
        elif node.attr == "make_response" and call:
            yield Replace(self.rule, span, Code("make_response", imports=(MAKE_RESPONSE,)))
        elif node.attr in ("root_path", "instance_path") and self.is_given(project, node.attr, routers):
            yield Replace(self.rule, span, Code(f"__0__.state.{node.attr}", (receiver,)))
            yield Demand(self.rule, f"state.{node.attr}")
        elif node.attr in ("root_path", "instance_path") and (
            place := self.folder(module, project, node.attr, routers)
        ):
            yield Replace(self.rule, span, Code(f"str({place.text})", place.parts, place.imports))
        elif node.attr == "preprocess_request" and call:
            yield Replace(self.rule, module.span(call), Code("preprocess_request(__0__)", (receiver,), (PREPROCESS,)))
        elif node.attr == "url_for" and call:
            yield Replace(self.rule, span, Code("url_for", imports=(URL_FOR,)))
        elif node.attr == "request_class" and stored:
            yield Replace(self.rule, span, Code("__0__.state.request_class", (receiver,)))
        elif node.attr in ("name", "import_name") and here:
            yield Replace(self.rule, span, Code("__name__"))
        elif node.attr in ("name", "import_name") and (name := self.name_of(project)):
            yield Replace(self.rule, span, Code(f'"{name}"'))
        elif node.attr == "send_static_file" and call and (folder := self.static_folder(module, project, routers)):
            filename = argument(call, 0, "filename")
            if filename is not None:
                yield Replace(
                    self.rule,
                    module.span(call),
                    Code(f"send_from_directory({folder}, __0__)", (module.span(filename),), (SEND, PATH)),
                )
        elif node.attr == "app_context" and call:
            yield Replace(self.rule, module.span(call), Code("app_context(__0__)", (receiver,), (APP_CONTEXT,)))
        elif node.attr == "test_request_context" and call:
            rest = [*(module.span(a) for a in call.args), *(module.span(k.value) for k in call.keywords)]
            texts = [f"__{i + 1}__" for i in range(len(call.args))]
            texts += [
                f"{k.arg}=__{i + 1 + len(call.args)}__" if k.arg else f"**__{i + 1 + len(call.args)}__"
                for i, k in enumerate(call.keywords)
            ]
            text = f"request_context({', '.join(['__0__', *texts])})"
            yield Replace(self.rule, module.span(call), Code(text, (receiver, *rest), (REQUEST_CONTEXT,)))
        elif (
            node.attr == "wsgi_app"
            and stored
            and isinstance(statement, ast.Assign)
            and (fix := self.proxy_fix(module, project, statement.value))
        ):
            options = "".join(f", {k.arg}=__{i + 1}__" for i, k in enumerate(fix.keywords))
            extra = "".join(
                f", {n}=__{len(fix.keywords) + 1 + i}__"
                for i, n in enumerate(("x_for", "x_proto", "x_host", "x_port", "x_prefix")[: len(fix.args) - 1])
            )
            parts = (receiver, *(module.span(k.value) for k in fix.keywords), *(module.span(a) for a in fix.args[1:]))
            yield Replace(
                self.rule,
                module.span(statement),
                Code(f"__0__.add_middleware(ProxyFix{options}{extra})", parts, (PROXY_FIX,)),
            )
        elif node.attr == "wsgi_app" and stored and (wrapped := wrapping(module, node)) is not None:
            yield Replace(self.rule, module.span(statement), wrapped)
            for inner in wrapped_in(statement, node):
                yield Replace(self.rule, module.span(inner), Code("wsgi_app"))
        elif node.attr == "wsgi_app" and not stored and self.inside_proxy_fix(module, node):
            return
        elif node.attr == "wsgi_app" and not stored and reference(node) in assigned_by(statement):
            return  # named where it is assigned
        elif node.attr == "extensions":
            yield Replace(self.rule, span, Code("__0__.state.extensions", (receiver,)))
            yield Demand(self.rule, "state.extensions")
        elif node.attr == "url_map" and isinstance(parent, ast.Attribute) and parent.attr == "converters":
            return
        elif node.attr == "url_map" and isinstance(parent, ast.Attribute) and parent.attr == "strict_slashes":
            yield Replace(self.rule, module.span(parent), Code("__0__.state.strict_slashes", (receiver,)))
        elif node.attr == "blueprints" and not isinstance(parent, (ast.Attribute, ast.Subscript)):
            yield Replace(self.rule, span, Code("blueprint_names(__0__)", (receiver,), (BLUEPRINTS,)))
        elif node.attr == "view_functions":
            yield Replace(self.rule, span, Code("view_functions(__0__)", (receiver,), (VIEWS,)))
        elif node.attr == "url_map":
            yield Replace(self.rule, span, Code("routes_of(__0__).url_map", (receiver,), (ROUTES,)))
        else:
            message = f"FastAPI's app has no {node.attr}"
            yield self.finding(
                module,
                project,
                node,
                Severity.MANUAL,
                message,
                ADVICE.get(node.attr, ""),
                () if node.attr in IN_TESTS else project.endpoints_at(module, node) or ("*",),
            )

    def is_given(self, project: Project, name: str, routers: list[ObjectId]) -> bool:
        """Whether the app, or the only one that there is, says itself where its root or instance folder is."""
        apps = [project.routers[r] for r in routers] or project.apps
        home = project.store.module(apps[0].id[0]) if len(apps) == 1 else None
        call = home.by_span.get(apps[0].fact.span) if home is not None else None
        return isinstance(call, ast.Call) and argument(call, -1, name) is not None

    def folder(self, module: Module, project: Project, name: str, routers: list[ObjectId]) -> Code | None:
        """Code for the root or instance folder of the app, or of the only app that there is."""
        apps = [project.routers[r] for r in routers] or project.apps
        return app_folder(module, project, apps[0], name.partition("_")[0]) if len(apps) == 1 else None

    def name_of(self, project: Project) -> str:
        """The name of the only app that there is."""
        apps = project.apps
        return apps[0].id[0] if len(apps) == 1 else ""

    def static_folder(self, module: Module, project: Project, routers: list[ObjectId]) -> str:
        """Code for the app's static folder, "" where it is not known here."""
        if not routers or project.routers[routers[0]].id[0] != module.name:
            return ""
        fact = project.routers[routers[0]].fact
        call = module.by_span.get(fact.span)
        node = argument(call, 2, "static_folder") if isinstance(call, ast.Call) else None
        folder = "static" if node is None else text_of(module, node)
        return f'Path(__file__).parent / "{folder}"' if folder else ""

    def proxy_fix(self, module: Module, project: Project, node: ast.expr) -> ast.Call | None:
        if isinstance(node, ast.Call) and project.canonical(module.dotted(node.func)).endswith("ProxyFix"):
            return node
        return None

    def inside_proxy_fix(self, module: Module, node: ast.expr) -> bool:
        parent = module.parents[node]
        return isinstance(parent, ast.Call) and module.dotted(parent.func).endswith("ProxyFix")


def wrapping(module: Module, node: ast.Attribute) -> Code | None:
    """Code for `app.wsgi_app = Middleware(app.wsgi_app, ...)`."""
    statement = module.parents[node]
    if not isinstance(statement, ast.Assign) or len(statement.targets) > 1 or not wrapped_in(statement, node):
        return None
    made, app = statement.value, module.span(node.value)
    if not isinstance(made, ast.Call) or not made.args or made.args[0] not in wrapped_in(statement, node):
        return Code("__0__.add_middleware(WSGIWrapped, lambda wsgi_app: __1__)", (app, module.span(made)), (WRAPPED,))
    prefixes = ["", *("" for _ in made.args[1:]), *(f"{k.arg}=" if k.arg else "**" for k in made.keywords)]
    given = (made.func, *made.args[1:], *(k.value for k in made.keywords))
    text = ", ".join(f"{prefix}__{number}__" for number, prefix in enumerate(prefixes, 1))
    parts = (app, *(module.span(one) for one in given))
    return Code(f"__0__.add_middleware(WSGIWrapped, {text})", parts, (WRAPPED,))


def wrapped_in(statement: ast.stmt, node: ast.Attribute) -> list[ast.Attribute]:
    """Where the value of an assignment to `app.wsgi_app` reads it."""
    value = statement.value if isinstance(statement, ast.Assign) else None
    reads = [n for n in walk(value) if isinstance(n, ast.Attribute)] if value is not None else []
    return [n for n in reads if reference(n) == reference(node)]


def assigned_by(statement: ast.stmt) -> set[str]:
    """The names that a statement assigns."""
    return {reference(target) for target in statement.targets} if isinstance(statement, ast.Assign) else set()
