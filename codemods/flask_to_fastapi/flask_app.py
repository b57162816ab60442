"""`Flask(...)` becomes `FastAPI()`, with one line that keeps what Flask answered for the whole app.

## What changes

`app = Flask(__name__)` becomes `app = FastAPI()`. Behind it stand `keep_flask_contract(app)` and a line for each thing that the
app itself used: its configuration, the request context, static files.

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

HEAD and OPTIONS, 308 redirects to the slash, matching order and 400 for unreadable input stay as they were. `/docs`, `/redoc`
and `/openapi.json` are new addresses.

## What is left to you

Arguments that FastAPI has no place for (`subdomain_matching`, `host_matching`) are reported.
"""

from __future__ import annotations

import ast

from migrator.codemod import Code, Codemod, Import, Insert, Module, Plan, Project, Replace, Rule, Safety, Severity
from migrator.project.model import Router
from migrator.syntax import argument, text_of

FASTAPI = Import("fastapi", "FastAPI")
CONTRACT = Import("~contract", "keep_flask_contract")
CONTEXT = Import("~context", "RequestContext")
CONFIG = Import("~config", "Config")
STATIC = Import("~static", "serve_static")
PATH = Import("pathlib", "Path")
UNKNOWN = ("host_matching", "subdomain_matching", "static_host")


class FlaskApp(Codemod):
    """The app object is FastAPI's."""

    rule = Rule("FF101", "flask-app", "Flask() becomes FastAPI()", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        for node, target in project.flask_reads(module):
            if target == "flask.Flask" and not (isinstance(p := module.parents[node], ast.Call) and p.func is node):
                yield Replace(self.rule, module.span(node), Code("FastAPI", imports=(FASTAPI,)))
        for call in module.calls:
            if project.canonical(module.dotted(call.func)) != "flask.Flask":
                continue
            router = project.router_made_by(module, call)
            statement = module.statement_of(call)
            if router is None or not isinstance(statement, (ast.Assign, ast.AnnAssign, ast.Return)):
                yield self.finding(
                    module, project, call, Severity.MANUAL, "an app that is made inside of another expression", "give it a name of its own"
                )
                continue
            for keyword in call.keywords:
                if keyword.arg in UNKNOWN or keyword.arg is None:
                    yield self.finding(
                        module, project, keyword.value, Severity.MANUAL, f"FastAPI has no {keyword.arg or '**'} for an app", endpoints=("*",)
                    )
            yield Replace(self.rule, module.span(call), Code("FastAPI()", imports=(FASTAPI,)))
            name = router.fact.target
            setup = self.setup(module, project, call, router, "app" if name == "return" else name)
            if name == "return":
                text = "\n".join(["app = FastAPI()", *setup.text.splitlines(), "return app"])
                yield Replace(self.rule, module.span(statement), Code(text, (), (FASTAPI, *setup.imports)))
            elif setup.text:
                yield Insert(self.rule, module.span(statement), setup, before=False)

    def setup(self, module: Module, project: Project, call: ast.Call, router: Router, app: str) -> Code:
        """The lines behind the app: what of Flask's own it goes on using."""
        lines: list[str] = []
        imports: list[Import] = []
        if "config.Config" in project.support:
            lines.append(f"{app}.state.config = Config(Path(__file__).parent)")
            imports += [CONFIG, PATH]
        if project.style == "contract":
            lines.append(f"keep_flask_contract({app})")
            imports.append(CONTRACT)
        if any(name.startswith("context.") for name in project.support) and not project.has_app_hooks:
            lines.append(f"{app}.add_middleware(RequestContext)")
            imports.append(CONTEXT)
        if (static := self.static(module, project, call, app)) is not None:
            lines.append(static)
            imports += [STATIC, PATH]
        return Code("\n".join(lines), (), tuple(imports))

    def static(self, module: Module, project: Project, call: ast.Call, app: str) -> str | None:
        """The line that serves the app's static folder, where there is one."""
        folder_node = argument(call, 2, "static_folder")
        folder = "static" if folder_node is None else text_of(module, folder_node)
        if folder is None:
            return None
        here = (project.root / module.path).parent
        if not (here / folder).is_dir():
            return None
        address_node = argument(call, 1, "static_url_path")
        address = text_of(module, address_node) if address_node is not None else f"/{folder.rsplit('/', 1)[-1]}"
        if address is None:
            return None
        place = f', "{address}"' if address != "/static" else ""
        return f'serve_static({app}, Path(__file__).parent / "{folder}"{place})'
