"""`request.get_json()` becomes a typed body.

## What changes

The keys that the view asks for become the fields of a Pydantic model, which is a parameter of the view; `data["sku"]` and
`data.get("note", "")` become `data.sku` and `data.note`. Where the view hands the body on as a dictionary, it stays one: a `TypedDict`
that the documentation shows.

## Example

```python
@bp.post("/orders")
def create_order():
    data = request.get_json()
    if "sku" not in data:
        return jsonify(error="sku is required"), 400
    order = store.add(data["sku"], int(data.get("quantity", 1)))
```

becomes

```python
class CreateOrder(BaseModel):
    sku: Any = None
    quantity: Annotated[int, coerced(int)] = 1


@bp.post("/orders")
def create_order(data: CreateOrder):
    if "sku" not in data.model_fields_set:
        return JSONResponse({"error": "sku is required"}, 400)
    order = store.add(data.sku, data.quantity)
```

## Safety

A field is required only where Flask failed without it, and has a narrow type only where Flask failed on other values, or
converted them: where it answered 500, the answer is 400. All other types are documented and not checked.

## What is left to you

A body that is read only in some branch, or that the view checks in its own `try`, goes through the request object.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from migrator.codemod import (
    AddDefinition,
    AddParameter,
    Code,
    Codemod,
    FunctionNode,
    Import,
    Module,
    Plan,
    Project,
    Remove,
    Replace,
    RouteOption,
    Rule,
    Safety,
)
from migrator.project.bodies import Access, Body, Field
from migrator.project.requests import is_early

BASE = Import("pydantic", "BaseModel")
CONFIG = Import("pydantic", "ConfigDict")
WITH_CONFIG = Import("pydantic", "with_config")
FIELD = Import("pydantic", "Field")
TYPED_DICT = Import("typing_extensions", "TypedDict")
NOT_REQUIRED = Import("typing_extensions", "NotRequired")
ANNOTATED = Import("typing", "Annotated")
ANY = Import("typing", "Any")
BODY = Import("fastapi", "Body")
DEPENDS = Import("fastapi", "Depends")
COERCED = Import("~params", "coerced")
OR_EMPTY = Import("~params", "or_empty")
JSON_AS = Import("~bodies", "json_as")
DOCUMENTS = Import("~bodies", "documents")
SHOWN_AS = Import("~bodies", "shown_as")
LOOSE = {"str": "LooseStr", "int": "LooseInt", "float": "LooseFloat", "bool": "LooseBool", "list": "LooseList", "dict": "LooseDict"}
VERBS = {
    "add", "apply", "assign", "book", "buy", "cancel", "change", "check", "classify", "close", "compare", "compute", "confirm",
    "convert", "copy", "create", "delete", "edit", "export", "import", "insert", "invite", "join", "login", "make", "mark", "merge",
    "modify", "move", "new", "open", "order", "patch", "pay", "place", "post", "predict", "publish", "put", "rate", "record",
    "register", "rename", "replace", "request", "reset", "run", "save", "score", "search", "send", "set", "sign", "split", "start",
    "stop", "store", "submit", "subscribe", "sync", "transfer", "update", "upload", "upsert", "validate", "verify", "vote", "write",
}  # fmt: skip
METHOD_VERBS = {"post": "Create", "put": "Replace", "patch": "Change", "delete": "Delete"}


class RequestJson(Codemod):
    """The JSON body is a parameter of the view."""

    rule = Rule("FF306", "request-json", "request.get_json() becomes a typed body", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        taken = set(module.scope.bindings)
        written: dict[str, str] = {}  # the fields of a model -> its name
        for view, body in bodies(module, project):
            head, fields = self.fields(module, view, body)
            name = written.get(f"{head.text} {fields.text}")
            if not body.fields:
                name = "dict[str, Any]" if body.kind != "model" else name
            if name is None:
                name = model_name(module, view, taken)
                taken.add(name)
                if not fields.parts:
                    written[f"{head.text} {fields.text}"] = name
                text = f"{head.text.format(name=name)}\n{fields.text}"
                yield AddDefinition(
                    self.rule, module.span(view), name, Code(text, fields.parts, (*head.imports, *fields.imports))
                )
            yield AddParameter(self.rule, module.span(view), body.name, self.annotation(name, body), None, 50)
            if body.force or body.silent:
                yield RouteOption(self.rule, module.span(view), "openapi_extra", Code(f"documents({name})", (), (DOCUMENTS,)))
            yield from self.uses(module, body)

    # -- the model -------------------------------------------------------------------------------------------------

    def fields(self, module: Module, view: FunctionNode, body: Body) -> tuple[Code, Code]:
        """The first line of the model, with a place for its name, and its fields."""
        if body.kind == "model":
            head = Code("class {name}(BaseModel):", (), (BASE,))
            lines, imports = [], []
            if body.is_open:
                lines.append('model_config = ConfigDict(extra="allow")\n')
                imports.append(CONFIG)
            parts: list[object] = []
            for field in body.fields:
                line, more, default = model_field(module, field, len(parts))
                lines.append(line)
                imports += more
                if default is not None:
                    parts.append(module.span(default))
            text = "\n".join(f"    {line}" for line in lines or ["pass"])
            return head, Code(text.replace("\n\n", "\n\n"), tuple(parts), tuple(imports))  # type: ignore[arg-type]
        head = Code('@with_config(ConfigDict(extra="allow"))\nclass {name}(TypedDict):', (), (WITH_CONFIG, CONFIG, TYPED_DICT))
        lines, imports = [], []
        for field in body.fields:
            if not field.key.isidentifier():
                continue
            kind = LOOSE.get(field.type, "Any")
            imports.append(ANY if kind == "Any" else Import("~params", kind))
            if field.required:
                lines.append(f"{field.key}: {kind}")
            else:
                imports.append(NOT_REQUIRED)
                lines.append(f"{field.key}: NotRequired[{kind}]")
        return head, Code("\n".join(f"    {line}" for line in lines or ["pass"]), (), tuple(imports))

    def annotation(self, name: str, body: Body) -> Code:
        """The type of the parameter."""
        imports: tuple[Import, ...] = (ANY,) if "Any" in name else ()
        shown = f"{name} | None" if body.or_none else name
        if body.force or body.silent:
            options = [f"{option}=True" for option in ("force", "silent") if getattr(body, option)]
            if body.or_empty:
                options.append("default=dict")
            text = f"Annotated[{shown}, Depends(json_as({', '.join([name, *options])}))]"
            return Code(text, (), (ANNOTATED, DEPENDS, JSON_AS, *imports))
        if body.kind == "loose":
            return Code(f"Annotated[Any, Body(), shown_as({name})]", (), (ANNOTATED, ANY, BODY, SHOWN_AS, *imports))
        if body.or_empty:
            return Code(f"Annotated[{shown}, or_empty]", (), (ANNOTATED, OR_EMPTY, *imports))
        return Code(shown, (), imports)

    # -- its use ---------------------------------------------------------------------------------------------------

    def uses(self, module: Module, body: Body) -> Plan:
        if body.assigned is not None:
            yield Remove(self.rule, module.span(body.assigned))
        if body.kind != "model":
            if body.assigned is None:
                for read in body.reads:
                    yield Replace(self.rule, module.span(read), Code(body.name))
            return
        fields = {field.key: field for field in body.fields}
        for access in body.accesses:
            yield from self.use(module, body, access, fields)

    def use(self, module: Module, body: Body, access: Access, fields: dict[str, Field]) -> Plan:
        name, present = body.name, f"{body.name}.model_fields_set"
        node: ast.expr = access.node
        if access.kind in ("item", "get"):
            field = fields[access.key]
            value = f"{name}.{field.name}"
            if field.coerced:
                node = module.parents[node]  # type: ignore[assignment]
            elif access.default is not None and default_of(module, field) is not access.default and not same(field.default, access.default):
                text = f'{value} if "{field.name}" in {present} else __0__'
                if not isinstance(module.parents[node], (ast.Assign, ast.Return, ast.keyword, ast.Dict)):
                    text = f"({text})"
                yield Replace(self.rule, module.span(node), Code(text, (module.span(access.default),)))
                return
            yield Replace(self.rule, module.span(node), Code(value))
        elif access.kind in ("in", "not in"):
            yield Replace(self.rule, module.span(node), Code(f'"{fields[access.key].name}" {access.kind} {present}'))
        elif access.kind == "each":
            assert isinstance(node, ast.Compare)
            base = node.comparators[0]
            yield Replace(self.rule, module.span(base), Code(present))
        elif access.kind == "false":
            missing = f"{name} is None or not {present}"
            text = f"({missing})" if isinstance(module.parents[node], ast.BoolOp) else missing
            yield Replace(self.rule, module.span(node), Code(text if body.or_none else f"not {present}"))
        elif access.kind == "true":
            yield Replace(self.rule, module.span(node), Code(f"({name} and {present})" if body.or_none else present))
        elif access.kind == "none":
            assert isinstance(node, ast.Compare)
            yield Replace(self.rule, module.span(node.left), Code(name))


def bodies(module: Module, project: Project) -> Iterator[tuple[FunctionNode, Body]]:
    """The views of a module that have a typed body."""
    for view in project.parameter_views(module):
        body = project.requests(module, view).body
        if body is not None:
            yield view, body


def model_field(module: Module, field: Field, number: int) -> tuple[str, list[Import], ast.expr | None]:
    """The line of a field, and the default that its hole stands for."""
    default = default_of(module, field)
    imports: list[Import] = []
    if field.hard:
        kind = field.type if field.required or field.number or default is not None else f"{field.type} | None"
        if field.coerced:
            kind = f"Annotated[{kind}, coerced({field.type})]"
            imports += [ANNOTATED, COERCED]
    else:
        kind = LOOSE.get(field.type, "Any")
        imports.append(ANY if kind == "Any" else Import("~params", kind))
    value = field.number or (f"__{number}__" if default is not None else "None")
    used = default if not field.number else None
    if field.name != field.key:
        imports.append(FIELD)
        given = "" if field.required else f"{value}, "
        return f'{field.name}: {kind} = Field({given}alias="{field.key}")', imports, None if field.required else used
    if field.required:
        return f"{field.name}: {kind}", imports, None
    return f"{field.name}: {kind} = {value}", imports, used


def default_of(module: Module, field: Field) -> ast.expr | None:
    """The default that the model itself can have."""
    if field.default is None or not is_early(module, field.default):
        return None
    return field.default


def same(one: ast.expr | None, other: ast.expr) -> bool:
    return one is not None and ast.dump(one) == ast.dump(other)


def model_name(module: Module, view: FunctionNode, taken: set[str]) -> str:
    """What a person would call the body of a view."""
    qualname = module.scopes[view].qualname
    owner = module.parents[view]
    if isinstance(owner, ast.ClassDef):
        thing = re.sub(r"(View|API|Api|Resource|Methods|Handler|Endpoint)$", "", owner.name) or owner.name
        words = [METHOD_VERBS.get(view.name, camel(view.name)), thing]
        name = "".join(words)
    else:
        parts = [part for part in qualname.rpartition(".")[2].strip("_").split("_") if part not in ("view", "route", "api", "endpoint")]
        name = camel("_".join(parts) or "request")
        if len(parts) < 2 or parts[0] not in VERBS:
            name += "Body"
    candidate, number = name, 2
    if candidate in taken and not candidate.endswith("Body"):
        candidate = f"{name}Body"
    while candidate in taken:
        candidate, number = f"{name}{number}", number + 1
    return candidate


def camel(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))
