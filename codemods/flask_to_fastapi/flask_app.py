"""`Flask(...)` becomes `FastAPI()`, with one line that keeps what Flask answered for the whole app.

## What changes

`app = Flask(__name__)` becomes `app = FastAPI()`. Behind it stand `keep_flask_contract(app)` and a line for each
thing that the app itself used: its configuration, the request context, static files.

## Example

```python
app = Flask(__name__)
```

becomes

```python
app = FastAPI()
keep_flask_contract(app)
```

## Safety

HEAD and OPTIONS, 308 redirects to the slash, matching order and 400 for unreadable input stay as they were. `/docs`,
`/redoc` and `/openapi.json` are new addresses.

## What is left to you

Arguments that FastAPI has no place for (`subdomain_matching`, `host_matching`) are reported. A class derived from
`Flask` is derived from `FastAPI`, and sets itself up behind `super().__init__()`; what it overrides is reported.
"""

from __future__ import annotations

import ast
import re
from pathlib import PurePosixPath

from migrator.codemod import Code, Codemod, Import, Insert, Module, Plan, Project, Replace, Rule, Safety, Severity, Span
from migrator.module import walk
from migrator.project.flask_names import API
from migrator.project.folders import PATH, app_folder, folder_code, known_folder, path_code, root_folder, static_address
from migrator.project.model import Router
from migrator.syntax import argument

FASTAPI = Import("fastapi", "FastAPI")
CONTRACT = Import("~contract", "keep_flask_contract")
CONTEXT = Import("~context", "RequestContext")
CONFIG = Import("~config", "Config")
COMMANDS = Import("~cli", "AppCommands")
STATIC = Import("~static", "serve_static")
SESSION = Import("~sessions", "FlaskSession")
TEMPLATES = Import("~templates", "use_templates")
SIGNALS = Import("~request_signals", "send_signals")
HOLE = re.compile(r"__(\d+)__")
UNKNOWN = ("host_matching", "subdomain_matching", "static_host")


class FlaskApp(Codemod):
    """The app object is FastAPI's."""

    rule = Rule("FF101", "flask-app", "Flask() becomes FastAPI()", Safety.SAFE)
    asks_for_support = True

    def plan(self, module: Module, project: Project) -> Plan:
        for node, target in project.flask_reads(module):
            parent = module.parents[node]
            is_call = isinstance(parent, ast.Call) and parent.func is node
            is_initialiser = isinstance(parent, ast.Attribute) and parent.attr == "__init__"
            if target == "flask.Flask" and not is_call and not is_initialiser:
                if isinstance(parent, ast.ClassDef):
                    yield from self.derived(module, project, parent)
                yield Replace(self.rule, module.span(node), Code("FastAPI", imports=(FASTAPI,)))
        for call in project.calls_to(module, "flask.Flask"):
            router = project.router_made_by(module, call)
            statement = module.statement_of(call)
            is_plain = isinstance(statement, (ast.Assign, ast.AnnAssign, ast.Return))
            if router is None or not is_plain or isinstance(module.parents[call], ast.Call):
                yield self.finding(
                    module,
                    project,
                    call,
                    Severity.MANUAL,
                    "an app that is made inside of another expression",
                    "give it a name of its own",
                )
                continue
            yield from self.without_place(module, project, call)
            yield Replace(self.rule, module.span(call), Code("FastAPI()", imports=(FASTAPI,)))
            yield from self.set_up(module, project, call, router, Code("FastAPI()", imports=(FASTAPI,)))
        for key, owner in project.names.made_by.items():
            call_made = module.by_span.get(project.routers[key].fact.span) if key[0] == module.name else None
            if isinstance(call_made, ast.Call) and project.names.method_of(owner, "__init__") is None:
                yield from self.without_place(module, project, call_made)
                plain = Code("__0__()", (module.span(call_made.func),))
                yield Replace(self.rule, module.span(call_made), plain)
                yield from self.set_up(module, project, call_made, project.routers[key], plain)

    def without_place(self, module: Module, project: Project, call: ast.Call) -> Plan:
        """What an app is made with, and FastAPI has no place for."""
        for keyword in call.keywords:
            if keyword.arg in UNKNOWN or keyword.arg is None:
                message = f"FastAPI has no {keyword.arg or '**'} for an app"
                yield self.finding(module, project, keyword.value, Severity.MANUAL, message, endpoints=("*",))

    def set_up(self, module: Module, project: Project, call: ast.Call, router: Router, made: Code) -> Plan:
        """The lines behind the statement that makes an app."""
        statement, name = module.statement_of(call), router.fact.target
        setup = self.setup(module, project, call, router, "app" if name == "return" else name)
        if name == "return":
            lines = ["app = " + HOLE.sub(lambda hole: f"__{len(setup.parts) + int(hole[1])}__", made.text)]
            text = "\n".join([*lines, *setup.text.splitlines(), "return app"])
            code = Code(text, (*setup.parts, *made.parts), (*made.imports, *setup.imports))
            yield Replace(self.rule, module.span(statement), code)
        elif setup.text:
            yield Insert(self.rule, module.span(statement), setup, before=False)

    def derived(self, module: Module, project: Project, owner: ast.ClassDef) -> Plan:
        """A class of the project's own for its app: what `Flask.__init__` made is set up behind `FastAPI.__init__`."""
        key = module.name, module.scopes[owner].qualname
        apps = [project.routers[one] for one, made_by in project.names.made_by.items() if made_by == key]
        function = next((s for s in owner.body if isinstance(s, ast.FunctionDef) and s.name == "__init__"), None)
        start = initialiser(function) if function is not None else None
        made = [(app, call) for app in apps if (call := call_of(project, app)) is not None]
        overridden = [statement for statement in owner.body if bound_by(statement) & API]
        is_known = all(is_made_here(module, project, function, start, app, call) for app, call in made)
        if overridden or not apps or (function is not None and start is None) or not is_known:
            node = overridden[0] if overridden else owner
            message = "a class of its own for the app: what it does in Flask's place is not ported"
            hint = "make the app by Flask(...), and hand it to functions that add what the class adds"
            yield self.finding(module, project, node, Severity.MANUAL, message, hint, ("*",))
        if function is None or start is None:
            return
        if apps:
            call = made[0][1] if is_known and made and made[0][1].keywords else start
            setup = self.setup(module, project, call, apps[0], function.args.args[0].arg)
            if setup.text:
                yield Insert(self.rule, module.span(module.statement_of(start)), setup, before=False)
        yield Replace(self.rule, module.span(start), Code("super().__init__()"))

    def setup(self, module: Module, project: Project, call: ast.Call, router: Router, app: str) -> Code:
        """The lines behind the app: what of Flask's own it goes on using."""
        lines: list[str] = []
        imports: list[Import] = []
        parts: list[Span] = []

        def add(line: str, code: Code) -> None:
            renumbered = HOLE.sub(lambda hole: f"__{len(parts) + int(hole[1])}__", code.text)
            lines.append(line.format(app=app, folder=renumbered))
            parts.extend(code.parts)
            imports.extend(code.imports)

        if "config.Config" in project.support:
            add("{app}.state.config = Config({folder})", self.config_root(module, project, call, router))
            imports.append(CONFIG)
        for kind in ("root", "instance"):
            is_asked = f"state.{kind}_path" in project.support
            is_opened = kind == "instance" and "database.SQLAlchemy" in project.support and moves_instance(call)
            if (is_asked or is_opened) and (place := app_folder(module, project, router, kind)) is not None:
                add(f"{{app}}.state.{kind}_path = {{folder}}", place)
        if "state.cli" in project.support:
            lines.append(f"{app}.state.cli = AppCommands({app})")
            imports.append(COMMANDS)
        if project.style == "contract":
            lines.append(f"keep_flask_contract({app})")
            imports.append(CONTRACT)
        if project.needs_session:
            lines.append(f"{app}.add_middleware(FlaskSession)")
            imports.append(SESSION)
        if project.needs_context:
            lines.append(f"{app}.add_middleware(RequestContext)")
            imports.append(CONTEXT)
        if any(name.startswith("request_signals.") for name in project.support):
            lines.append(f"send_signals({app})")
            imports.append(SIGNALS)
        if "state.extensions" in project.support:
            lines.append(f"{app}.state.extensions = {{}}")
        if (templates := self.templates(module, project, call, router)) is not None:
            add("use_templates({app}, {folder})", templates)
            imports.append(TEMPLATES)
        if (static := self.static(module, project, call, router)) is not None:
            address = static_address(module, call, router, argument(call, 2, "static_folder"))
            if address is not None:
                add("serve_static({app}, {folder}" + (f', "{address}"' if address != "/static" else "") + ")", static)
                imports.append(STATIC)
        return Code("\n".join(lines), tuple(parts), tuple(imports))

    def config_root(self, module: Module, project: Project, call: ast.Call, router: Router) -> Code:
        """Code for the folder in which the configuration looks for files."""
        relative = argument(call, -1, "instance_relative_config")
        kind = "instance" if isinstance(relative, ast.Constant) and relative.value is True else "root"
        return app_folder(module, project, router, kind) or self.root(module, project, call, router)

    def root(self, module: Module, project: Project, call: ast.Call, router: Router) -> Code:
        """Code for the folder that Flask calls the app's root."""
        given = argument(call, -1, "root_path")
        if given is not None:
            return Code("__0__", (module.span(given),))
        return Code(path_code(module, root_folder(module, project, call, router)), (), (PATH,))

    def templates(self, module: Module, project: Project, call: ast.Call, router: Router) -> Code | None:
        """Code for the folder of the app's templates, if it renders any and has some."""
        given = argument(call, 6, "template_folder")
        folder = known_folder(module, project, call, router, given, "templates")
        is_there = given is not None or (folder is not None and (project.root / folder).is_dir())
        if not is_there or not any(name.startswith("templates.") for name in project.support):
            return None
        return folder_code(module, project, call, router, given, "templates")

    def static(self, module: Module, project: Project, call: ast.Call, router: Router) -> Code | None:
        """Code for the app's static folder, where there is one or a template links to it."""
        given = argument(call, 2, "static_folder")
        folder = known_folder(module, project, call, router, given, "static")
        if folder is not None and not (project.root / folder).is_dir() and not project.pages.links_to("static"):
            return None
        return folder_code(module, project, call, router, given, "static")


def initialiser(function: ast.FunctionDef) -> ast.Call | None:
    """The call of `Flask.__init__` that stands by itself in the `__init__` of a class derived from it."""
    for statement in function.body:
        call = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "__init__":
            return call
    return None


def call_of(project: Project, router: Router) -> ast.Call | None:
    """The call that makes an app."""
    home = project.store.module(router.id[0])
    call = home.by_span.get(router.fact.span) if home is not None else None
    return call if isinstance(call, ast.Call) else None


def bound_by(statement: ast.stmt) -> set[str]:
    """The names that a statement of a class gives its objects."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return {statement.name}
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return {target.id for target in targets if isinstance(target, ast.Name)}


def is_made_here(
    module: Module,
    project: Project,
    function: ast.FunctionDef | None,
    start: ast.Call | None,
    app: Router,
    call: ast.Call,
) -> bool:
    """Whether the class can set up an app that a call makes: both stand in one folder, and nothing in between changes
    what is handed on to Flask."""
    rest = function.args.kwarg.arg if function is not None and function.args.kwarg is not None else ""
    handed = {id(keyword.value) for keyword in start.keywords} if start is not None else set()
    nodes = walk(function) if function is not None and rest else ()
    reads = [node for node in nodes if isinstance(node, ast.Name) and node.id == rest]
    if any(id(node) not in handed for node in reads):
        return False
    home = PurePosixPath(project.modules[app.id[0]].path).parent
    return home == PurePosixPath(module.path).parent and (app.id[0] == module.name or not call.keywords)


def moves_instance(call: ast.Call) -> bool:
    """Whether an app has its instance folder, or reads its configuration, elsewhere than by default."""
    return any(keyword.arg in ("instance_path", "instance_relative_config") for keyword in call.keywords)
