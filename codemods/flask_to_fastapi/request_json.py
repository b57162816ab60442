"""`request.get_json()` becomes a typed body.

## What changes

The keys that the view asks for become the fields of a Pydantic model, which is a parameter of the view; `data["sku"]`
and `data.get("note", "")` become `data.sku` and `data.note`. Where the view hands the body on as a dictionary, it
stays one: a `TypedDict` that the documentation shows.

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
    quantity: LooseInt = 1


@bp.post("/orders")
def create_order(data: LateBody[CreateOrder]):
    if "sku" not in data.model_fields_set:
        return JSONResponse({"error": "sku is required"}, 400)
    order = store.add(data.sku, int(data.quantity))
```

A `LateBody` is refused only when the view looks at it: here also a list gets the view's own answer, as under Flask.

## Safety

A field is required only where Flask failed without it, and has a narrow type only where Flask failed on other values,
or converted them: where it answered 500, the answer is 400. All other types are documented and not checked.

## What is left to you

A body that is read only in some branch, or that the view checks in its own `try`, goes through the request object.
A list or a text that is sent for an object gets 400 where a view only asked for what is `in` it, and went on.
"""

from __future__ import annotations

import ast
import json
import keyword
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
from migrator.words import singular

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
OR_NONE = Import("~params", "or_none")
LATE = Import("~bodies", "LateBody")
JSON_BODY = Import("~bodies", "json_body")
JSON_AS = Import("~bodies", "json_as")
DOCUMENTS = Import("~body_schemas", "documents")
SHOWN_AS = Import("~body_schemas", "shown_as")
LOOSE = {
    "str": "LooseStr",
    "int": "LooseInt",
    "float": "LooseFloat",
    "bool": "LooseBool",
    "list": "LooseList",
    "dict": "LooseDict",
}
VERBS = {
    "add", "apply", "assign", "book", "buy", "cancel", "change", "check", "classify", "close", "compare",
    "compute", "confirm", "convert", "copy", "create", "delete", "edit", "export", "import", "insert",
    "invite", "join", "login", "make", "mark", "merge", "modify", "move", "new", "open", "order", "patch",
    "pay", "place", "post", "predict", "publish", "put", "rate", "record", "register", "rename", "replace",
    "request", "reset", "run", "save", "score", "search", "send", "set", "sign", "split", "start", "stop",
    "store", "submit", "subscribe", "sync", "transfer", "update", "upload", "upsert", "validate", "verify",
    "vote", "write",
}  # fmt: skip
# names of views that do not say what they are about
UNNAMED = {"index", "main", "root", "home", "handler", "handle", "get", "list", "show"}
KIND = "(View|API|Api|Resource|Methods|Handler|Endpoint)"
PART = "(List|Collection|Item|Details?)"
METHOD_VERBS = {"post": "Create", "put": "Replace", "patch": "Change", "delete": "Delete"}


class RequestJson(Codemod):
    """The JSON body is a parameter of the view."""

    rule = Rule("FF306", "request-json", "request.get_json() becomes a typed body", Safety.SAFE)
    moves_views = True

    def plan(self, module: Module, project: Project) -> Plan:
        models = Models(module)
        for view, body in bodies(module, project):
            name = models.of_body(view, body, project.thing_at(project.function_id(module, view)))
            for made in models.take():
                yield AddDefinition(self.rule, module.span(view), *made)
            yield AddParameter(self.rule, module.span(view), body.name, self.annotation(name, body), None, 50)
            if body.force or body.silent:
                documents = Code(f"documents({name})", (), (DOCUMENTS, *any_in(name)))
                yield RouteOption(self.rule, module.span(view), "openapi_extra", documents)
            yield from self.uses(module, body)

    def annotation(self, name: str, body: Body) -> Code:
        """The type of the parameter."""
        shown, imports = f"{name} | None" if body.or_none else name, [*any_in(name)]
        options = [f"{option}=True" for option in ("force", "silent") if getattr(body, option)]
        if options and body.kind == "loose" and not body.or_empty:
            return Code(
                f"Annotated[Any, Depends(json_body({', '.join(options)}))]", (), (ANNOTATED, ANY, DEPENDS, JSON_BODY)
            )
        if options:
            options += ["or_none=True"] if body.empty_is_none else ["default=dict"] if body.or_empty else []
            text = f"Annotated[{shown}, Depends(json_as({', '.join([name, *options])}))]"
            return Code(text, (), (ANNOTATED, DEPENDS, JSON_AS, *imports))
        extra = ["or_none"] if body.empty_is_none else ["or_empty"] if body.or_empty else []
        imports += [ANNOTATED, OR_NONE if body.empty_is_none else OR_EMPTY] if extra else []
        if body.kind == "loose":
            shown, extra = "Any", [f"shown_as({name})", *extra]
            imports += [ANNOTATED, ANY, SHOWN_AS]
            if not body.is_late:
                extra, imports = ["Body()", *extra], [*imports, BODY]
        text = f"Annotated[{', '.join([shown, *extra])}]" if extra else shown
        if body.is_late:
            return Code(f"LateBody[{text}]", (), (LATE, *imports))
        return Code(text, (), tuple(imports))

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
            elif access.default is not None and not same(default_of(module, field), access.default):
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
        elif access.kind in ("false", "true") and body.empty_is_none:
            base = node.operand if isinstance(node, ast.UnaryOp) else node
            yield Replace(self.rule, module.span(base), Code(name))
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


class Models:
    """The models of a module: one for each shape, each with a name of its own."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.taken = set(module.scope.bindings)
        self.named: dict[str, str] = {}  # the text of a model, but for its name -> its name
        self.fresh: list[tuple[str, Code]] = []

    def take(self) -> list[tuple[str, Code]]:
        """The definitions that were made since the last time: names and code."""
        found, self.fresh = self.fresh, []
        return found

    def of_body(self, view: FunctionNode, body: Body, thing: str = "") -> str:
        """The type of the body of a view, whose address is about a thing."""
        if not body.fields and body.kind != "model":
            return "list[Any]" if body.is_list else "dict[str, Any]"
        name = model_name(self.module, view, self.taken, thing)
        if body.is_list:
            item = self.of_dict(body.fields, f"{name.removesuffix('Request')}Item")
            return f"list[{item}]"
        if body.kind != "model":
            return self.of_dict(body.fields, name)
        lines = ['model_config = ConfigDict(extra="allow")\n'] if body.is_open else []
        imports = [BASE, *([CONFIG] if body.is_open else [])]
        for field in body.fields:
            line, more = self.model_field(field)
            lines.append(line)
            imports += more
        return self.define("class {}(BaseModel):", name, lines, imports)

    def of_dict(self, fields: tuple[Field, ...], name: str) -> str:
        """The name of a dictionary's type."""
        lines, odd, imports = [], [], [WITH_CONFIG, CONFIG, TYPED_DICT]
        for field in fields:
            kind, more = self.kind(field)
            imports += more
            if not field.required:
                imports.append(NOT_REQUIRED)
                kind = f"NotRequired[{kind}]"
            if field.key.isidentifier() and not keyword.iskeyword(field.key):
                lines.append(f"{field.key}: {kind}")
            else:
                odd.append(f"    {json.dumps(field.key)}: {kind},")
        base = "TypedDict"
        if odd:  # keys that no class can have
            base = self.define('{} = TypedDict(\n    "{}",\n    {', f"{name}Keys", odd, imports, "    },\n)")
        head = f'@with_config(ConfigDict(extra="allow"))\nclass {{}}({base}):'
        return self.define(head, name, lines, imports)

    def define(self, head: str, name: str, lines: list[str], imports: list[Import], end: str = "") -> str:
        """The name of a definition: `head`, the lines in it, and `end`; `{}` in the head stands for the name."""
        text = "\n".join([head, *(f"    {line}" for line in lines or ["pass"]), *([end] if end else [])])
        if text not in self.named:
            self.named[text] = free = free_of(name, self.taken)
            self.taken.add(free)
            made = head.replace("{}", free) + text.removeprefix(head)
            self.fresh.append((free, Code(made, (), tuple(imports))))
        return self.named[text]

    def kind(self, field: Field) -> tuple[str, list[Import]]:
        """The type of a field that is documented, with models for what lies within."""
        if field.fields:
            many = field.type == "list"
            inner = self.of_dict(field.fields, camel(singular(field.key) or f"{field.key}_item" if many else field.key))
            if field.checked:
                return inner, []
            shown = f"list[{inner}]" if many else inner
            return f"Annotated[Any, shown_as({shown})]", [ANNOTATED, ANY, SHOWN_AS]
        name = LOOSE.get(field.type, "Any")
        return name, [ANY if name == "Any" else Import("~params", name)]

    def model_field(self, field: Field) -> tuple[str, list[Import]]:
        """The line of a field, and what it needs."""
        default = default_of(self.module, field)
        if field.hard:
            kind = field.type if field.required or field.number or default is not None else f"{field.type} | None"
            imports: list[Import] = []
            if field.coerced:
                kind = f"Annotated[{kind}, coerced({field.type})]"
                imports = [ANNOTATED, COERCED]
        else:
            kind, imports = self.kind(field)
            optional = not field.required and default is None and not field.number
            if optional and kind != "Any" and (field.checked or not field.fields):
                kind = f"{kind} | None"
        value = field.number or (self.module.source(default) if default is not None else "None")
        if field.name != field.key:
            given = "" if field.required else f"{value}, "
            return f'{field.name}: {kind} = Field({given}alias="{field.key}")', [*imports, FIELD]
        return f"{field.name}: {kind}" if field.required else f"{field.name}: {kind} = {value}", imports


def any_in(name: str) -> tuple[Import, ...]:
    return (ANY,) if "Any" in name else ()


def default_of(module: Module, field: Field) -> ast.expr | None:
    """The default that the model itself can have."""
    if field.default is None or not is_early(module, field.default):
        return None
    return field.default


def same(one: ast.expr | None, other: ast.expr) -> bool:
    return one is not None and ast.dump(one) == ast.dump(other)


def model_name(module: Module, view: FunctionNode, taken: set[str], thing: str = "") -> str:
    """What a person would call the body of a view."""
    qualname = module.scopes[view].qualname
    owner = module.parents[view]
    if isinstance(owner, ast.ClassDef):
        thing = re.sub(rf"{KIND}$", "", owner.name) or owner.name
        if one := re.fullmatch(rf"(\w+?){PART}", thing):  # `ClipList` beside `ClipItem`: both are about a clip
            others = module.scope.bindings.keys() - {owner.name}
            thing = one[1] if any(re.fullmatch(rf"{one[1]}(s|{PART})?{KIND}?", other) for other in others) else thing
        words = [METHOD_VERBS.get(view.name, camel(view.name)), thing]
        name = "".join(words)
    else:
        parts = [
            part
            for part in qualname.rpartition(".")[2].strip("_").split("_")
            if part not in ("view", "route", "api", "endpoint")
        ]
        if len(parts) == 1 and parts[0] in VERBS | UNNAMED and thing and thing.partition("_")[0] not in VERBS:
            parts = [*(parts if parts[0] in VERBS else ()), thing]
        name = camel("_".join(parts) or "request")
        if name == camel(thing) or len(parts) < 2 or parts[0] not in VERBS:
            name += "Request"
    return f"{name}Request" if name in taken and not name.endswith("Request") else name


def free_of(name: str, taken: set[str]) -> str:
    candidate, number = name if name not in taken else f"{name}Request", 2
    while candidate in taken:
        candidate, number = f"{name}{number}", number + 1
    return candidate


def camel(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))
