"""Folders of blueprints, and `app.static_folder` and its kin.

## What changes

Behind the router stand a line for its templates and one for its static files. Where the code reads a folder, or the address of the
static files, it gets the value.

## Example

```python
bp = Blueprint("admin", __name__, template_folder="templates", static_folder="files")
```

becomes

```python
bp = APIRouter()
use_templates(bp, Path(__file__).parent / "templates")
serve_static(bp, Path(__file__).parent / "files", "/files", "admin.static")
```

## Safety

Files have the addresses and endpoints that they had; of two templates with one name the app's is shown, then that of the blueprint
that was registered first.

## What is left to you

Folders that are only known when the app runs, where another module asks for them.
"""

from __future__ import annotations

import ast

from migrator.codemod import Code, Codemod, Import, Insert, Module, Plan, Project, Replace, Rule, Safety, Severity
from migrator.project.folders import PATH, folder_code, known_folder, path_code, static_address
from migrator.project.model import Router
from migrator.syntax import argument

USE_TEMPLATES = Import("~templates", "use_templates")
STATIC = Import("~static", "serve_static")
FOLDERS = {"static_folder": "static", "template_folder": "templates"}


class BlueprintFolders(Codemod):
    """Templates and static files of blueprints."""

    rule = Rule("FF605", "blueprint-folders", "folders of blueprints and apps", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        for call in module.calls:
            if project.canonical(module.dotted(call.func)) == "flask.Blueprint":
                router = project.router_made_by(module, call)
                if router is not None:
                    yield from self.folders(module, project, call, router)
        for node in module.nodes(ast.Attribute):
            if node.attr in (*FOLDERS, "static_url_path", "has_static_folder") and isinstance(node.ctx, ast.Load):
                yield from self.attribute(module, project, node)

    def folders(self, module: Module, project: Project, call: ast.Call, router: Router) -> Plan:
        """The lines behind a router."""
        statement = module.statement_of(call)
        templates, static = argument(call, 4, "template_folder"), argument(call, 2, "static_folder")
        bp = "bp" if router.fact.target == "return" else router.fact.target
        lines: list[str] = []
        parts: list[Code] = []
        if templates is not None and (code := folder_code(module, project, call, router, templates, "")) is not None:
            parts.append(code)
            lines.append(f"use_templates({bp}, {code.text})")
        if static is not None and (code := folder_code(module, project, call, router, static, "")) is not None:
            address = static_address(module, call, router, static)
            if address is None:
                message = "the address of the static files is not known before the app runs"
                hint = f'serve_static({bp}, folder, "/address", "{router.fact.name}.static")'
                yield self.finding(module, project, static, Severity.MANUAL, message, hint, project.endpoints_below(router.id))
            else:
                parts.append(code)
                lines.append(f'serve_static({bp}, {code.text}, "{address}", "{self.name(project, router)}.static")')
        if not lines:
            return
        imports = [PATH, *([USE_TEMPLATES] if lines[0].startswith("use_") else []), *([STATIC] if "serve_static" in lines[-1] else [])]
        spans = tuple(span for code in parts for span in code.parts)
        if router.fact.target == "return":
            text = "\n".join(["bp = __0__", *lines, "return bp"])
            yield Replace(self.rule, module.span(statement), Code(text, (module.span(call), *spans), tuple(imports)))
        else:
            yield Insert(self.rule, module.span(statement), Code("\n".join(lines), spans, tuple(imports)), before=False)

    def name(self, project: Project, router: Router) -> str:
        """The name under which the blueprint is registered."""
        names = [mount.name for mount in project.mounts_of(router.id)]
        return names[0] if names else router.fact.name

    def attribute(self, module: Module, project: Project, node: ast.Attribute) -> Plan:
        """The value of an attribute of an app or blueprint."""
        is_current = project.canonical(module.dotted(node.value)) == "flask.current_app"
        found = [r for r in project.routers.values() if r.is_app] if is_current else [project.routers[r] for r in project.routers_at(module, node.value)]
        if not found:
            return
        values = {self.value(project, router, node.attr) for router in found}
        value = values.pop() if len(values) == 1 else None
        if value is None:
            message = f"{node.attr} is not known before the app runs"
            yield self.finding(module, project, node, Severity.MANUAL, message)
        elif node.attr == "static_url_path":
            yield Replace(self.rule, module.span(node), Code(f'"{value}"'))
        elif node.attr == "has_static_folder":
            yield Replace(self.rule, module.span(node), Code(str(value != "")))
        elif node.attr == "template_folder":
            yield Replace(self.rule, module.span(node), Code(f'"{value}"'))
        else:
            code = path_code(module, value)
            parent = module.parents[node]
            takes_paths = isinstance(parent, ast.Call) and project.canonical(module.dotted(parent.func)) in ("flask.send_from_directory", "os.path.join")
            yield Replace(self.rule, module.span(node), Code(code if takes_paths else f"str({code})", imports=(PATH,)))

    def value(self, project: Project, router: Router, attribute: str) -> str | None:
        """What an attribute holds; a folder relative to the project."""
        home = project.store.module(router.id[0])
        call = home.by_span.get(router.fact.span) if home is not None else None
        if home is None or not isinstance(call, ast.Call):
            return None
        static = argument(call, 2, "static_folder")
        usual = "static" if router.is_app else ""
        if attribute == "static_url_path":
            return static_address(home, call, router, static)
        if attribute == "template_folder":
            return router.fact.template_folder or ("templates" if router.is_app else None)
        folder = known_folder(home, project, call, router, static, usual)
        return "" if folder is None and attribute == "has_static_folder" and static is None else folder
