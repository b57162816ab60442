"""Folders of blueprints, and `app.static_folder` and its kin.

## What changes

Behind the router stand a line for its templates and one for its static files. Where the code reads a folder, or the
address of the static files, it gets the value; `open_resource(...)` is `open(...)`.

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

Files have the addresses and endpoints that they had; of two templates with one name the app's is shown, then that of
the blueprint that was registered first.

## What is left to you

Folders that are only known when the app runs, where another module asks for them.
"""

from __future__ import annotations

import ast

from migrator.codemod import Code, Codemod, Import, Insert, Module, Plan, Project, Replace, Rule, Safety, Severity, Span
from migrator.project.folders import PATH, folder_code, known_folder, path_code, root_folder, static_address
from migrator.project.model import Router
from migrator.syntax import argument, text_of

USE_TEMPLATES = Import("~templates", "use_templates")
STATIC = Import("~static", "serve_static")
ATTRIBUTES = ("static_folder", "template_folder", "static_url_path", "has_static_folder", "open_resource")
TAKE_PATHS = ("flask.send_from_directory", "flask.send_file", "os.path.join", "pathlib.Path")


class BlueprintFolders(Codemod):
    """Templates and static files of blueprints."""

    rule = Rule("FF605", "blueprint-folders", "folders of blueprints and apps", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        for call in project.calls_to(module, "flask.Blueprint"):
            router = project.router_made_by(module, call)
            if router is not None:
                yield from self.folders(module, project, call, router)
        for node in module.nodes(ast.Attribute):
            if node.attr in ATTRIBUTES and isinstance(node.ctx, ast.Load):
                yield from self.attribute(module, project, node)

    def folders(self, module: Module, project: Project, call: ast.Call, router: Router) -> Plan:
        """The lines behind a router."""
        statement = module.statement_of(call)
        is_returned = router.fact.target == "return"
        bp = "bp" if is_returned else router.fact.target
        lines: list[str] = []
        spans: list[Span] = [module.span(call)] if is_returned else []
        imports: list[Import] = []

        def add(line: str, folder: Code, helper: Import) -> None:
            # at most one hole, for a folder that is an expression
            lines.append(line.replace("FOLDER", folder.text.replace("__0__", f"__{len(spans)}__")))
            spans.extend(folder.parts)
            imports.extend([*folder.imports, helper])

        templates, static = argument(call, 4, "template_folder"), argument(call, 2, "static_folder")
        if templates is not None and (folder := folder_code(module, project, call, router, templates, "")):
            add(f"use_templates({bp}, FOLDER)", folder, USE_TEMPLATES)
        if static is not None and (folder := folder_code(module, project, call, router, static, "")):
            name = f"{self.name(project, router)}.static"
            address = static_address(module, call, router, static)
            if address is None:
                message = "the address of the static files is not known before the app runs"
                hint = f'serve_static({bp}, folder, "/address", "{name}")'
                touched = project.endpoints_below(router.id)
                yield self.finding(module, project, static, Severity.MANUAL, message, hint, touched)
            else:
                add(f'serve_static({bp}, FOLDER, "{address}", "{name}")', folder, STATIC)
        if lines and is_returned:
            text = "\n".join([f"{bp} = __0__", *lines, f"return {bp}"])
            yield Replace(self.rule, module.span(statement), Code(text, tuple(spans), tuple(imports)))
        elif lines:
            new = Code("\n".join(lines), tuple(spans), tuple(imports))
            yield Insert(self.rule, module.span(statement), new, before=False)

    def name(self, project: Project, router: Router) -> str:
        """The name under which the blueprint is registered."""
        names = [mount.name for mount in project.mounts_of(router.id)]
        return names[0] if names else router.fact.name

    def attribute(self, module: Module, project: Project, node: ast.Attribute) -> Plan:
        """The value of an attribute of an app or blueprint."""
        if project.canonical(module.dotted(node.value)) == "flask.current_app":
            owners = project.apps
        else:
            owners = tuple(project.routers[router] for router in project.routers_at(module, node.value))
        if not owners:
            return
        values = {self.value(project, owner, node.attr) for owner in owners}
        value = values.pop() if len(values) == 1 else None
        parent = module.parents[node]
        call = parent if isinstance(parent, ast.Call) else None
        span = module.span(node)
        if value is None:
            message = f"{node.attr} is not known before the app runs"
            yield self.finding(module, project, node, Severity.MANUAL, message)
        elif node.attr == "open_resource":
            if call is not None and call.func is node and (name := argument(call, 0, "resource")) is not None:
                yield Replace(self.rule, module.span(call), self.opened(module, call, name, value))
        elif node.attr == "has_static_folder":
            yield Replace(self.rule, span, Code(str(value != "")))
        elif node.attr != "static_folder":
            yield Replace(self.rule, span, Code(f'"{value}"'))
        elif call is not None and project.canonical(module.dotted(call.func)) in TAKE_PATHS:
            yield Replace(self.rule, span, Code(path_code(module, value), imports=(PATH,)))
        else:
            yield Replace(self.rule, span, Code(f"str({path_code(module, value)})", imports=(PATH,)))

    def opened(self, module: Module, call: ast.Call, name: ast.expr, root: str) -> Code:
        """`open(...)` for a file below the app's folder."""
        text = text_of(module, name)
        path = path_code(module, f"{root}/{text}") if text is not None else f"{path_code(module, root)} / __0__"
        parts = [] if text is not None else [module.span(name)]
        mode, encoding = argument(call, 1, "mode"), argument(call, 2, "encoding")
        rest = '"rb"'
        if mode is not None:
            rest = f"__{len(parts)}__"
            parts.append(module.span(mode))
        if encoding is not None:
            rest += f", encoding=__{len(parts)}__"
            parts.append(module.span(encoding))
        return Code(f"open({path}, {rest})", tuple(parts), (PATH,))

    def value(self, project: Project, router: Router, attribute: str) -> str | None:
        """What an attribute holds, folders relative to the project; `open_resource` opens from one of these."""
        home = project.store.module(router.id[0])
        call = home.by_span.get(router.fact.span) if home is not None else None
        if home is None or not isinstance(call, ast.Call):
            return None
        if attribute == "open_resource":
            return None if argument(call, -1, "root_path") is not None else root_folder(home, project, call, router)
        static = argument(call, 2, "static_folder")
        if attribute == "static_url_path":
            return static_address(home, call, router, static)
        if attribute == "template_folder":
            return router.fact.template_folder or ("templates" if router.is_app else None)
        folder = known_folder(home, project, call, router, static, "static" if router.is_app else "")
        return "" if folder is None and attribute == "has_static_folder" and static is None else folder
