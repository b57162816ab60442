"""What a view answers is shown in OpenAPI.

## What changes

Where a view answers with JSON objects whose keys are known, a Pydantic model of them documents the route. It is given
as `responses={201: {"model": OrderBody}}`, so that nothing is validated and nothing changes on the wire.

## Example

```python
@app.get("/orders/<int:order_id>")
def show_order(order_id):
    return {"id": order_id, "sku": store[order_id].sku}
```

becomes

```python
class OrderBody(BaseModel):
    id: int
    sku: str


@app.get("/orders/{order_id:int}", responses={200: {"model": OrderBody}})
def show_order(order_id: int): ...
```

## Safety

Only the documentation grows.

## What is left to you

Where the models are right for all that is sent, `response_model=` or a return annotation makes FastAPI keep to them.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator
from itertools import chain, count

from migrator.codemod import (
    AddDefinition,
    Code,
    Codemod,
    FunctionNode,
    Import,
    Module,
    Plan,
    Project,
    RouteOption,
    Rule,
    Safety,
)
from migrator.infer import Model, ModelField, Reply
from migrator.infer.shapes import Instance, Mapping, Sequence, Shape, members, without_none
from migrator.words import singular

BASE = Import("pydantic", "BaseModel")
FIELD = Import("pydantic", "Field")
ANY = Import("typing", "Any")
VERBS = {
    "get", "show", "list", "read", "create", "add", "make", "new", "update", "change", "edit", "patch", "put", "post",
    "delete", "remove", "fetch", "find", "all", "one", "view", "retrieve", "save", "store", "register", "set", "submit",
    "upload", "send", "the", "api",
}  # fmt: skip
NOUNS = {"post", "set", "store"}
# names of views that do not say what they are about
UNNAMED = {"index", "main", "root", "home", "handler", "handle"}
TAKEN = {"copy", "json", "dict", "schema", "validate", "construct", "fields", "register"}


class ResponseModels(Codemod):
    """JSON answers are documented by models."""

    rule = Rule("FF410", "response-models", "JSON answers are documented by Pydantic models", Safety.SAFE)
    moves_views = True

    def plan(self, module: Module, project: Project) -> Plan:
        models = Models(module)
        keys = [(module.name, qualname) for qualname in project.views_in(module.name)]
        own = [(view, key) for key in keys if (view := module.functions.get(key[1]))]
        for view, key in sorted(own, key=lambda one: one[0].lineno):  # the first has the choice of names
            if project.keeps_flask_values(key) or not project.takes_route_options(key):
                continue
            noun = project.name_after(key)[1].rpartition(".")[2]
            words = noun.lower().split("_")
            thing = project.thing_at(key) if {*words} <= VERBS | UNNAMED else ""
            if thing and thing.partition("_")[0] not in VERBS:
                noun = "_".join([*(word for word in words if word in VERBS), thing])
            entries: list[str] = []
            for reply in sorted(self.replies(project, module, view), key=lambda r: r.status or 0):
                if (kind := models.of(project, reply.payload, noun)) is not None:
                    entries.append(f'{reply.status}: {{"model": {kind}}}')
            for model_name, code in models.take():
                yield AddDefinition(self.rule, module.span(view), model_name, code)
            if entries:
                yield RouteOption(self.rule, module.span(view), "responses", Code(f"{{{', '.join(entries)}}}"))

    def replies(self, project: Project, module: Module, view: FunctionNode) -> Iterator[Reply]:
        """The JSON that a view answers on success."""
        for reply in project.infer.inference.answers(module, view):
            if reply.body == "json" and reply.status is not None and 200 <= reply.status < 300 and reply.status != 204:
                yield reply


class Models:
    """The response models of a module: one for each shape, under names that are free."""

    def __init__(self, module: Module) -> None:
        self.taken = {name for scope in module.scopes.values() for name in scope.bindings}
        self.names: dict[tuple[tuple[str, str, bool], ...], str] = {}
        self.view = ""
        self.new: list[tuple[str, Code]] = []

    def of(self, project: Project, payload: Shape, view: str) -> str | None:
        """The annotation for a payload: `OrderBody`, `list[OrderBody]`; None where its keys are not known."""
        inference = project.infer.inference
        self.view = view
        kinds = members(without_none(payload))
        if kinds and all(isinstance(kind, Sequence) and kind.kind == "list" for kind in kinds):
            items = [kind.item for kind in kinds if isinstance(kind, Sequence)]
            model = inference.model_of(items[0], singular(noun_of(view)) or noun_of(view)) if len(items) == 1 else None
            return f"list[{self.placed(model)}]" if model is not None else None
        if not all(isinstance(kind, (Instance, Mapping)) for kind in kinds):
            return None
        model = inference.model_of(payload, noun_of(view))
        return self.placed(model) if model is not None else None

    def placed(self, model: Model) -> str:
        """The name of the model, which is defined if it is new; those that it names first."""
        renamed: dict[str, str] = {}
        for inner in model.models:
            renamed[inner.name] = self.defined(inner, renamed, model.name)
        return self.defined(model, renamed)

    def defined(self, model: Model, renamed: dict[str, str], owner: str = "") -> str:
        """The name of a model; one that is taken has that of its `owner`, or of the view, before it."""
        fields = tuple(
            (f.name, re.sub(r"\w+", lambda m: renamed.get(m[0], m[0]), f.type), f.optional) for f in model.fields
        )
        if fields in self.names:
            return self.names[fields]
        name = self.free_name(model.name.removesuffix("Body"), owner.removesuffix("Body"))
        self.taken.add(name)
        self.names[fields] = name
        lines = [line(ModelField(*field)) for field in fields]
        imports = [BASE]
        if any("Field(" in text for text in lines):
            imports.append(FIELD)
        if any(re.search(r"\bAny\b", text) for text in lines):
            imports.append(ANY)
        body = "".join(f"    {text}\n" for text in lines)
        self.new.append((name, Code(f"class {name}(BaseModel):\n{body}", (), tuple(imports))))
        return name

    def free_name(self, noun: str, owner: str) -> str:
        """The name for what a model is of; with that of the owner, or all words of the view, where another has it."""
        whole = owner or class_name(self.view.split("_"))
        longer = whole if whole.endswith(noun) and not owner else whole + noun
        numbered = (f"{longer}{number}" for number in count(2))
        return next(name for one in chain((noun, longer), numbered) if (name := f"{one}Body") not in self.taken)

    def take(self) -> list[tuple[str, Code]]:
        """The models that are to be written now."""
        new, self.new = self.new, []
        return new


def line(field: ModelField) -> str:
    """The line of a class for a field; names that Python or Pydantic keep get an alias."""
    name, kind = field.name, field.type
    optional = field.optional
    if optional and "None" not in kind and kind != "Any":
        kind = f"{kind} | None"
    plain = (
        name.isidentifier()
        and not keyword.iskeyword(name)
        and not name.startswith(("_", "model_"))
        and name not in TAKEN
    )
    if plain:
        return f"{name}: {kind} = None" if optional else f"{name}: {kind}"
    other = re.sub(r"\W+", "_", name).strip("_").removeprefix("model_") or "value"
    other = (
        f"{other}_" if keyword.iskeyword(other) or other in TAKEN else f"value_{other}" if other[0].isdigit() else other
    )
    default = "default=None, " if optional else ""
    return f'{other}: {kind} = Field({default}alias="{name}")'


def noun_of(view: str) -> str:
    """A class name for what a view is about: `list_orders` and `get_orders` are about `Orders`."""
    words = [word for word in view.split("_") if word]
    verbs = [word.lower() in VERBS for word in words]
    # what is a verb too, behind another one
    nouns = [is_behind and word.lower() in NOUNS for is_behind, word in zip([False, *verbs], words, strict=False)]
    kept = [w for w, is_verb, is_noun in zip(words, verbs, nouns, strict=True) if is_noun or not is_verb]
    name = class_name(kept)
    return name if name.isidentifier() else class_name(words) or "Answer"


def class_name(words: Iterable[str]) -> str:
    return "".join(word[:1].upper() + word[1:] for word in words)
