"""Follows a value that came out of JSON through the code, and collects what is done with it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from migrator.infer import classes
from migrator.infer.annotations import annotated
from migrator.infer.calls import parameters
from migrator.infer.flow import DEFINITIONS, LOOPS, reaching, stops
from migrator.infer.frame import function_scope_of, scope_at
from migrator.infer.shapes import (
    ClassOf,
    External,
    Foreign,
    Function,
    Instance,
    Mapping,
    Never,
    Scalar,
    Shape,
    TupleOf,
    Unknown,
    join,
    members,
    without_none,
)
from migrator.infer.shapes import Sequence as SequenceOf
from migrator.infer.uses import Access, BodyUse, Coercion, Escape, KeyUse
from migrator.module import Binding, FunctionNode, Module
from migrator.project.model import FunctionId
from migrator.syntax import argument, reference

if TYPE_CHECKING:
    from migrator.infer.evaluate import Inference

MAX_DEPTH = 4  # calls within calls
MAX_USES = 2_000  # expressions that are looked at for one body
STR_METHODS = frozenset(
    [
        "strip",
        "lstrip",
        "rstrip",
        "lower",
        "upper",
        "title",
        "capitalize",
        "casefold",
        "swapcase",
        "split",
        "rsplit",
        "splitlines",
        "startswith",
        "endswith",
        "replace",
        "encode",
        "isdigit",
        "isalpha",
        "isalnum",
        "isnumeric",
        "isdecimal",
        "isspace",
        "islower",
        "isupper",
        "istitle",
        "isidentifier",
        "zfill",
        "ljust",
        "rjust",
        "center",
        "partition",
        "rpartition",
        "format",
        "join",
        "removeprefix",
        "removesuffix",
        "find",
        "rfind",
        "expandtabs",
        "translate",
    ]
)
LIST_METHODS = frozenset({"append", "extend", "insert", "sort", "reverse", "remove"})
DICT_METHODS = frozenset({"items", "keys", "values", "update", "setdefault", "popitem"})
WRITING = frozenset(
    {"flask.jsonify", "json.dumps", "flask.json.dumps", "flask.make_response", "builtins.print", "builtins.repr"}
)
COERCIONS = {
    "builtins.int": "int", "builtins.float": "float", "builtins.str": "str", "builtins.bool": "bool",
    "decimal.Decimal": "number", "datetime.datetime.fromisoformat": "str", "datetime.date.fromisoformat": "str",
    "datetime.time.fromisoformat": "str", "datetime.datetime.strptime": "str", "uuid.UUID": "str",
    "datetime.datetime.fromtimestamp": "number", "datetime.timedelta": "number",
}  # fmt: skip
TAKES_TEXT = frozenset(
    {
        "re.match", "re.search", "re.fullmatch", "re.sub", "re.findall", "werkzeug.security.generate_password_hash",
        "werkzeug.security.check_password_hash", "urllib.parse.quote", "urllib.parse.urlparse", "urllib.parse.urlsplit",
        "base64.b64decode", "html.escape", "werkzeug.utils.secure_filename", "json.loads", "dateutil.parser.parse",
        "email_validator.validate_email",
    }
)  # fmt: skip
RAISES = {
    "str": ("AttributeError", "TypeError"), "int": ("TypeError", "ValueError"), "number": ("TypeError",),
    "list": ("TypeError", "AttributeError"), "dict": ("TypeError", "AttributeError"),
}  # fmt: skip
BROAD = frozenset({"Exception", "BaseException", ""})
PARENTS = {"KeyError": "LookupError", "IndexError": "LookupError"}
KIND_OF = {
    "str": "str",
    "int": "int",
    "float": "float",
    "bool": "bool",
    "list": "list",
    "dict": "dict",
    "tuple": "list",
}


@dataclass(slots=True)
class Fact:
    """One thing that a use says about the type. `strength`: 3 it failed otherwise, 2 the app checks it, 1 it is stored
    or compared as such, 0 the type of a default."""

    type: str
    strength: int
    text: str


@dataclass(slots=True)
class Value:
    """What is collected about one value; the builder of `KeyUse` and `BodyUse`."""

    name: str = ""
    facts: list[Fact] = field(default_factory=list)
    keys: dict[str, Value] = field(default_factory=dict)
    item: Value | None = None
    accesses: list[Access] = field(default_factory=list)  # to its keys
    own: list[Access] = field(default_factory=list)  # that give it
    escapes: list[Escape] = field(default_factory=list)
    required: bool = False
    optional: bool = False
    missing_caught: bool = False
    tested: bool = False
    truth_tested: bool = False
    none_tested: bool = False
    kind_tested: bool = False
    mixed: bool = False
    forbids_extra: bool = False
    defaults: list[tuple[Module, ast.expr]] = field(default_factory=list)
    has_plain_get: bool = False
    fallback: ast.expr | None = None
    coercions: list[Coercion] = field(default_factory=list)
    raw: int = 0  # uses of the value as it came

    def key(self, name: str) -> Value:
        if name not in self.keys:
            self.keys[name] = Value(name)
        return self.keys[name]

    def items(self) -> Value:
        if self.item is None:
            self.item = Value("item")
        return self.item


@dataclass(frozen=True, slots=True)
class Way:
    """How the place was reached: how many calls deep, and whether on every path."""

    depth: int = 0
    always: bool = True
    caught: frozenset[str] = frozenset()


def body_uses(
    inference: Inference, module: Module, function: FunctionNode, what: str | ast.expr | Iterable[ast.expr]
) -> BodyUse:
    """How the value of a local name, or of some expressions, is used in a function and in what it calls."""
    tracker = Tracker(inference)
    root = Value()
    if isinstance(what, str):
        tracker.name(module, function, what, root)
    else:
        for node in [what] if isinstance(what, ast.expr) else what:
            tracker.follow(module, node, root, Way())
    return tracker.body(root)


class Tracker:
    """One walk; `seen` keeps it from going in circles."""

    def __init__(self, inference: Inference) -> None:
        self.inference = inference
        self.seen: set[tuple[ast.AST, int]] = set()

    # -- names -----------------------------------------------------------------------------------------------------

    def name(self, module: Module, function: FunctionNode, name: str, value: Value) -> None:
        """All that is done with a parameter or local variable."""
        scope = module.scopes[function]
        for binding in scope.bindings.get(name, []):
            if binding.kind == "param" or isinstance(binding.node, ast.Name):
                self.binding(module, binding, name, value, Way(), start=function)

    def binding(
        self, module: Module, binding: Binding, name: str, value: Value, way: Way, start: ast.AST | None = None
    ) -> None:
        """The reads that see what a name is given at one place."""
        scope = module.scopes[start] if start is not None else scope_at(module, binding.node)
        found = scope.lookup(name)
        if found is None:
            return
        owner, bindings = found
        home = function_scope_of(owner)
        if home.parent is None and not isinstance(home.node, DEFINITIONS):
            value.escapes.append(Escape(module, binding.node, "stored", depth=way.depth))
        for read, reader in self.inference.loads_of(module, name):
            found = reader.lookup(name)
            if found is None or found[0] is not owner:
                continue
            reach = reaching(module, bindings, read) if function_scope_of(reader) is home else bindings
            if not any(one is binding or one.node is binding.node for one in reach):
                continue
            if any(self._is_other(module, one, binding) for one in reach):
                value.mixed = True
            self.follow(module, read, value, way)

    def _is_other(self, module: Module, one: Binding, binding: Binding) -> bool:
        """Whether a binding brings another value: not the same one again, changed or with a default."""
        if one is binding or one.node is binding.node:
            return False
        parent = module.parents.get(one.node)
        if isinstance(parent, (ast.Assign, ast.AnnAssign)) and parent.value is not None:
            name = getattr(one.node, "id", "")
            if any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(parent.value)):
                return False
            shape = self.inference.shape(module, parent.value)
            return not (shape == Mapping() or (isinstance(parent.value, ast.Dict) and not parent.value.keys))
        return True

    def target(self, module: Module, node: ast.expr, value: Value, way: Way) -> None:
        """What is done with the value after `node = value`."""
        if isinstance(node, ast.Name):
            found = scope_at(module, node).lookup(node.id)
            for binding in found[1] if found is not None else ():
                if binding.node is node:
                    self.binding(module, binding, node.id, value, way)
            return
        value.raw += 1
        value.escapes.append(Escape(module, node, "stored", depth=way.depth))
        if isinstance(node, ast.Attribute):
            owner = self.inference.shape(module, node.value)
            self._stored(module, node, owner, node.attr, value)
            self._kept(owner, node.attr, value, way)

    def _stored(self, module: Module, node: ast.AST, owner: Shape, name: str, value: Value) -> None:
        """Evidence from the declared type of an attribute that the value is stored in."""
        for member in members(owner):
            if isinstance(member, Instance):
                for fact in classes.fields(self.inference, ClassOf(member.module, member.name)) or ():
                    if fact.name == name:
                        self._declared(module, node, fact.shape, value, f"is stored as {member.name}.{name}")

    def _kept(self, owner: Shape, name: str, value: Value, way: Way) -> None:
        """What is done with the value later, as an attribute of an object of the project."""
        if way.depth >= MAX_DEPTH:
            return
        later = Value()
        for member in members(owner):
            if isinstance(member, Instance):
                for module, read in self.inference.reads_of(member, name):
                    self.follow(module, read, later, Way(way.depth + 1, False))
        value.facts += [Fact(fact.type, min(fact.strength, 1), fact.text) for fact in later.facts]

    # -- one use ---------------------------------------------------------------------------------------------------

    def follow(self, module: Module, node: ast.expr, value: Value, way: Way) -> None:
        """What the code around an expression does with its value."""
        if (node, id(value)) in self.seen:
            return
        if len(self.seen) > MAX_USES:
            value.escapes.append(Escape(module, node, "unknown call", depth=way.depth))
            return
        self.seen.add((node, id(value)))
        parent = module.parents.get(node)
        if isinstance(parent, ast.Assign):
            for target in parent.targets:
                self.target(module, target, value, way)
        elif isinstance(parent, ast.AnnAssign):
            self._declared(module, node, annotated(self.inference, module, parent.annotation), value, "is annotated")
            self.target(module, parent.target, value, way)
        elif isinstance(parent, ast.NamedExpr):
            self.target(module, parent.target, value, way)
            self.follow(module, parent, value, way)
        elif isinstance(parent, (ast.Await, ast.Starred)):
            if isinstance(parent, ast.Starred):
                self._fact(module, node, value, way, "list", 1)
                value.escapes.append(Escape(module, parent, "spread", depth=way.depth))
            else:
                self.follow(module, parent, value, way)
        elif isinstance(parent, ast.BoolOp):
            self._bool(module, node, parent, value, way)
        elif isinstance(parent, ast.IfExp):
            if node is parent.test:
                self._tested(value)
            else:
                self.follow(module, parent, value, way)
        elif (
            isinstance(parent, (ast.If, ast.While, ast.Assert))
            or (isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not))
            or (isinstance(parent, ast.comprehension) and node is not parent.iter)
        ):
            self._tested(value)
        elif isinstance(parent, ast.Compare):
            self._compared(module, node, parent, value, way)
        elif isinstance(parent, ast.BinOp):
            other = parent.right if node is parent.left else parent.left
            self._operated(
                module, node, parent.op, node is parent.left, self.inference.shape(module, other), value, way
            )
        elif isinstance(parent, ast.AugAssign) and node is parent.value:
            self._operated(module, node, parent.op, False, self.inference.shape(module, parent.target), value, way)
        elif isinstance(parent, ast.UnaryOp):
            self._fact(module, parent, value, way, "number", 3)
        elif isinstance(parent, ast.Attribute):
            self._attribute(module, parent, value, way)
        elif isinstance(parent, ast.Subscript):
            self._subscript(module, node, parent, value, way)
        elif isinstance(parent, ast.Call):
            self._argument(module, node, parent, None, value, way)
        elif isinstance(parent, ast.keyword):
            outer = module.parents.get(parent)
            if isinstance(outer, ast.Call):
                self._argument(module, node, outer, parent, value, way)
        elif isinstance(parent, (ast.For, ast.AsyncFor, ast.comprehension)):
            self._iterated(module, node, parent.target, value, way)
        elif isinstance(parent, (ast.Tuple, ast.List)):
            self._in_tuple(module, node, parent, value, way)
        elif isinstance(parent, (ast.Return, ast.Yield)) or (isinstance(parent, ast.Lambda) and node is parent.body):
            value.raw += 1
            value.escapes.append(Escape(module, parent, "returned", depth=way.depth))
        elif isinstance(parent, ast.Dict) and any(
            key is None and held is node for key, held in zip(parent.keys, parent.values, strict=True)
        ):
            value.escapes.append(Escape(module, node, "spread", depth=way.depth))
        elif isinstance(parent, ast.FormattedValue):
            value.raw += 1
            value.escapes.append(Escape(module, node, "formatted", depth=way.depth))
        elif not isinstance(parent, ast.Expr):
            value.raw += 1
            value.escapes.append(Escape(module, node, "stored", depth=way.depth))

    def _tested(self, value: Value) -> None:
        value.tested = value.truth_tested = True
        value.raw += 1

    def _bool(self, module: Module, node: ast.expr, parent: ast.BoolOp, value: Value, way: Way) -> None:
        last = parent.values[-1]
        if node is not last:
            value.tested = value.truth_tested = True
            holder = module.parents.get(parent)
            is_test = isinstance(holder, (ast.If, ast.While, ast.UnaryOp, ast.Assert, ast.BoolOp))
            if isinstance(parent.op, ast.Or) and not is_test:
                value.fallback = last
                value.none_tested = True
                self._default(module, last, value)
        if not isinstance(module.parents.get(parent), (ast.If, ast.While, ast.Assert)):
            if isinstance(parent.op, ast.Or) or node is last:
                self.follow(module, parent, value, way)
        else:
            value.raw += 1

    def _in_tuple(self, module: Module, node: ast.expr, parent: ast.Tuple | ast.List, value: Value, way: Way) -> None:
        outer = module.parents.get(parent)
        if isinstance(outer, ast.Assign) and outer.value is parent:
            index = next(i for i, one in enumerate(parent.elts) if one is node)
            for target in outer.targets:
                if isinstance(target, (ast.Tuple, ast.List)) and len(target.elts) == len(parent.elts):
                    self.target(module, target.elts[index], value, way)
            return
        value.raw += 1
        value.escapes.append(
            Escape(module, node, "returned" if isinstance(outer, ast.Return) else "stored", depth=way.depth)
        )

    def _compared(self, module: Module, node: ast.expr, parent: ast.Compare, value: Value, way: Way) -> None:
        sides = [parent.left, *parent.comparators]
        index = next(i for i, side in enumerate(sides) if side is node)
        for place, op in ((index - 1, None), (index, None)):
            if not 0 <= place < len(parent.ops):
                continue
            op = parent.ops[place]
            is_left = place == index
            other = sides[place + 1] if is_left else sides[place]
            if isinstance(op, (ast.In, ast.NotIn)) and not is_left:
                self._contains(module, parent, other, isinstance(op, ast.NotIn), value, way)
                continue
            if isinstance(op, (ast.Is, ast.IsNot)):
                if isinstance(other, ast.Constant) and other.value is None:
                    value.none_tested = True
                else:
                    value.raw += 1
                continue
            value.raw += 1
            shape = self.inference.shape(module, other)
            if isinstance(op, (ast.In, ast.NotIn)):
                keys = classes_of(container_item(shape))
                if len(keys) == 1 and (kind := keys.pop()) in ("str", "int", "float", "bool"):
                    self._fact(module, parent, value, way, "number" if kind == "float" else kind, 1)
            elif isinstance(op, (ast.Eq, ast.NotEq)):
                kinds = classes_of(without_none(shape))
                if len(kinds) == 1 and isinstance(other, ast.Constant):
                    kind = kinds.pop()
                    self._fact(module, parent, value, way, "number" if kind == "float" else kind, 1)
            elif (kinds := classes_of(shape)) and kinds <= {"int", "float", "bool"}:
                self._fact(module, parent, value, way, "number", 3)
            elif kinds == {"str"}:
                self._fact(module, parent, value, way, "str", 3)

    def _contains(
        self, module: Module, node: ast.Compare, asked: ast.expr, is_not: bool, value: Value, way: Way
    ) -> None:
        """`asked in value`: a key of a dict, a part of a text, an item of a list."""
        keys = self._keys(module, asked)
        if keys is None:
            value.escapes.append(Escape(module, node, "dynamic", depth=way.depth))
            return
        for key in keys:
            # of a text as well; what the value is will be seen by its other uses
            below = value.key(key)
            below.optional = below.tested = True
            access = self._access(module, node, key, "not in" if is_not else "in", way)
            value.accesses.append(access)
            below.own.append(access)

    def _operated(
        self, module: Module, node: ast.expr, op: ast.operator, is_left: bool, other: Shape, value: Value, way: Way
    ) -> None:
        value.raw += 1
        kinds = classes_of(other)
        place = module.parents.get(node, node)
        if isinstance(op, ast.Add):
            if kinds == {"str"}:
                self._fact(module, place, value, way, "str", 3)
            elif kinds and kinds <= {"int", "float", "bool"}:
                self._fact(module, place, value, way, "number", 3)
            elif kinds == {"list"}:
                self._fact(module, place, value, way, "list", 3)
        elif isinstance(op, (ast.Sub, ast.Div, ast.FloorDiv, ast.Pow)):
            if kinds & {"int", "float", "bool"} or (isinstance(op, (ast.Div, ast.FloorDiv, ast.Pow)) and not kinds):
                self._fact(module, place, value, way, "number", 3)
        elif isinstance(op, ast.Mult):
            if "float" in kinds and "int" not in kinds:
                self._fact(module, place, value, way, "number", 3)
            elif kinds and kinds <= {"int", "float", "bool"}:
                self._fact(module, place, value, way, "number", 1)
        elif isinstance(op, ast.Mod):
            if is_left and kinds and kinds <= {"int", "float"}:
                self._fact(module, place, value, way, "number", 1)
        elif isinstance(op, (ast.BitOr, ast.BitAnd)) and isinstance(other, Mapping):
            value.escapes.append(Escape(module, place, "spread", depth=way.depth))

    def _attribute(self, module: Module, node: ast.Attribute, value: Value, way: Way) -> None:
        call = module.parents.get(node)
        name = node.attr
        if not isinstance(call, ast.Call) or call.func is not node:
            value.escapes.append(Escape(module, node, "method", depth=way.depth))
            value.raw += 1
            return
        if name in ("get", "pop", "setdefault") and call.args:
            self._got(module, call, name, value, way)
            return
        value.raw += 1
        if name in STR_METHODS:
            self._fact(module, call, value, way, "str", 3)
        elif name in LIST_METHODS or name == "index":
            self._fact(module, call, value, way, "list", 3)
            value.escapes.append(Escape(module, call, "changed", depth=way.depth))
        elif name in ("isoformat", "hexdigest"):
            pass
        elif name in DICT_METHODS or name in ("copy", "to_dict"):
            if name in DICT_METHODS:
                self._fact(module, call, value, way, "dict", 3)
            kind = "changed" if name in ("update", "setdefault", "popitem") else "keys" if name == "keys" else "method"
            value.escapes.append(Escape(module, call, kind, depth=way.depth))
            if name in ("copy", "to_dict"):
                self.follow(module, call, value, way)
        else:
            value.escapes.append(Escape(module, call, "method", depth=way.depth))

    def _got(self, module: Module, call: ast.Call, name: str, value: Value, way: Way) -> None:
        """`value.get(key, default)`."""
        keys = self._keys(module, call.args[0])
        if keys is None:
            value.escapes.append(Escape(module, call, "dynamic", depth=way.depth))
            return
        if way.always and not self._condition(module, call, value).is_conditional:
            value.facts.append(Fact("dict", 3, self._text(module, call)))
        default = argument(call, 1, "default")
        for key in keys:
            below = value.key(key)
            below.optional = name != "pop" or default is not None or below.optional
            if name == "pop" and default is None:
                self._needed(module, call, below, way)
            access = self._access(module, call, key, name, way, default)
            value.accesses.append(access)
            below.own.append(access)
            if default is not None:
                below.defaults.append((module, default))
                self._default(module, default, below)
            elif name != "pop":
                below.has_plain_get = True
            if len(keys) == 1 or self._is_loop_key(module, call.args[0]):
                self.follow(module, call, below, way)
        kind = argument(call, 2, "type")
        if kind is not None:
            shape = self.inference.shape(module, kind)
            for key in keys:
                self._coerced(module, call, shape, value.key(key), way, frozenset({"ValueError", "TypeError"}))
        if name in ("pop", "setdefault"):
            value.escapes.append(Escape(module, call, "changed", depth=way.depth))

    def _default(self, module: Module, default: ast.expr, value: Value) -> None:
        if isinstance(default, ast.Constant) and default.value is None:
            return
        kinds = classes_of(without_none(self.inference.shape(module, default)))
        if len(kinds) == 1:
            kind = kinds.pop()
            value.facts.append(
                Fact("number" if kind == "float" else kind, 0, f"its default is {module.source(default)}")
            )

    def _subscript(self, module: Module, node: ast.expr, parent: ast.Subscript, value: Value, way: Way) -> None:
        if node is parent.slice:
            self._index(module, parent, value, way)
            return
        if isinstance(parent.slice, ast.Slice):
            value.raw += 1
            value.escapes.append(Escape(module, parent, "sliced", depth=way.depth))
            return
        keys = self._keys(module, parent.slice)
        if keys is None:
            index = self.inference.shape(module, parent.slice)
            if isinstance(index, Scalar) and index.kind == "int":
                self._fact(module, parent, value, way, "list", 1)
                self.follow(module, parent, value.items(), way)
                return
            value.escapes.append(Escape(module, parent, "dynamic", depth=way.depth))
            return
        kind = {ast.Store: "store", ast.Del: "delete"}.get(type(parent.ctx), "subscript")
        self._fact(module, parent, value, way, "dict", 3)
        for key in keys:
            below = value.key(key)
            access = self._access(module, parent, key, kind, way)
            value.accesses.append(access)
            below.own.append(access)
            if kind != "subscript":
                value.escapes.append(Escape(module, parent, "changed", depth=way.depth))
                continue
            self._needed(module, parent, below, way)
            self.follow(module, parent, below, way)

    def _needed(self, module: Module, node: ast.expr, below: Value, way: Way) -> None:
        """A key that is asked for without a default."""
        condition = self._condition(module, node, None)
        caught = condition.caught | way.caught
        if caught & {"KeyError", "LookupError", *BROAD}:
            below.missing_caught = True
        elif way.always and not condition.is_conditional:
            below.required = True

    def _index(self, module: Module, parent: ast.Subscript, value: Value, way: Way) -> None:
        """`table[value]`."""
        value.raw += 1
        kinds = classes_of(container_item(self.inference.shape(module, parent.value)))
        shape = self.inference.shape(module, parent.value)
        if isinstance(shape, (SequenceOf, TupleOf)):
            self._fact(module, parent, value, way, "int", 3)
        elif len(kinds) == 1 and (kind := kinds.pop()) in ("str", "int"):
            self._fact(module, parent, value, way, kind, 1)

    def _iterated(self, module: Module, node: ast.expr, target: ast.expr, value: Value, way: Way) -> None:
        value.raw += 1
        value.escapes.append(Escape(module, node, "iterated", depth=way.depth))
        self._fact(module, node, value, way, "list", 1)
        self._each(module, target, value, way)

    def _each(self, module: Module, target: ast.expr, value: Value, way: Way) -> None:
        if isinstance(target, ast.Name):
            found = scope_at(module, target).lookup(target.id)
            for binding in found[1] if found is not None else ():
                if binding.node is target:
                    self.binding(module, binding, target.id, value.items(), way)

    # -- calls -----------------------------------------------------------------------------------------------------

    def _argument(
        self, module: Module, node: ast.expr, call: ast.Call, keyword: ast.keyword | None, value: Value, way: Way
    ) -> None:
        """The value is an argument of a call."""
        spread = keyword is not None and keyword.arg is None
        if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Constant):
            value.raw += 1
            if call.func.attr == "join":
                self._fact(module, call, value, way, "list", 1)
            return
        callee = self.inference.shape(module, call.func)
        known = [m for m in members(callee) if isinstance(m, (Function, ClassOf, External))]
        if not known:
            value.raw += 1
            value.escapes.append(Escape(module, call, "spread" if spread else "unknown call", depth=way.depth))
            self._by_method(module, call, value, way)
            return
        for member in known:
            if isinstance(member, External):
                if spread and member.name == "dataclasses.replace":
                    self._replaced(module, node, call, keyword, value)
                elif spread:
                    value.raw += 1
                    value.escapes.append(Escape(module, call, "spread", depth=way.depth))
                else:
                    self._library(module, node, call, keyword, member.name, value, way)
            elif isinstance(member, ClassOf):
                self._constructed(module, node, call, keyword, member, value, way)
            else:
                self._passed(module, node, call, keyword, member, value, way)

    def _by_method(self, module: Module, call: ast.Call, value: Value, way: Way) -> None:
        """`LIMITS.get(value)`, `seen.add(value)`: what the container says."""
        if not isinstance(call.func, ast.Attribute) or call.func.attr not in ("get", "pop", "setdefault"):
            return
        shape = self.inference.shape(module, call.func.value)
        kinds = classes_of(container_item(shape)) if isinstance(shape, Mapping) else set()
        if len(kinds) == 1 and (kind := kinds.pop()) in ("str", "int"):
            self._fact(module, call, value, way, kind, 1)

    def _library(
        self,
        module: Module,
        node: ast.expr,
        call: ast.Call,
        keyword: ast.keyword | None,
        name: str,
        value: Value,
        way: Way,
    ) -> None:
        plain = name.removeprefix("builtins.")
        is_first = bool(call.args) and call.args[0] is node
        if name in COERCIONS and is_first:
            self._coerced(module, call, External(name), value, way, self._condition(module, call, value).caught)
            return
        if plain == "isinstance" and is_first and len(call.args) == 2:
            self._instance_test(module, call, value)
            return
        value.raw += 1
        if name in TAKES_TEXT:
            self._fact(module, call, value, way, "str", 3)
        elif plain == "range":
            self._fact(module, call, value, way, "int", 3)
        elif plain in ("round", "abs"):
            self._fact(module, call, value, way, "number", 3)
        elif plain in ("enumerate", "sorted", "list", "tuple", "reversed", "iter") and is_first:
            value.escapes.append(Escape(module, call, "iterated", depth=way.depth))
            self._fact(module, call, value, way, "list", 1)
            self._items_of(module, call, plain, value, way)
        elif plain in ("set", "frozenset", "sum", "max", "min", "any", "all", "zip", "map", "filter"):
            value.escapes.append(Escape(module, call, "iterated", depth=way.depth))
            self._fact(module, call, value, way, "list", 1)
            if plain == "sum":
                self._fact(module, call, value.items(), way, "number", 3)
            if plain == "map" and call.args and call.args[-1] is node:
                self._coerced(module, call, self.inference.shape(module, call.args[0]), value.items(), way, frozenset())
        elif plain == "len":
            value.escapes.append(Escape(module, call, "method", depth=way.depth))
        elif plain in ("dict",) and is_first:
            value.escapes.append(Escape(module, call, "spread", depth=way.depth))
            self.follow(module, call, value, way)
        elif name == "dataclasses.replace":
            self._replaced(module, node, call, keyword, value)
        elif name.startswith("numpy.") and name.rpartition(".")[2] in ("array", "asarray"):
            self._fact(module, call, value, way, "list", 1)
            value.escapes.append(Escape(module, call, "unknown call", depth=way.depth))
        else:
            kind = "written" if name in WRITING else "unknown call"
            value.escapes.append(Escape(module, call, kind, depth=way.depth))

    def _items_of(self, module: Module, call: ast.Call, name: str, value: Value, way: Way) -> None:
        """The loop over `enumerate(value)`, `sorted(value)` and the like."""
        parent = module.parents.get(call)
        if not isinstance(parent, (ast.For, ast.AsyncFor, ast.comprehension)):
            if isinstance(parent, ast.Assign) and name in ("list", "sorted", "tuple"):
                self.follow(module, call, value, way)
            return
        target = parent.target
        if name == "enumerate" and isinstance(target, ast.Tuple) and len(target.elts) == 2:
            target = target.elts[1]
        self._each(module, target, value, way)

    def _replaced(
        self, module: Module, node: ast.expr, call: ast.Call, keyword: ast.keyword | None, value: Value
    ) -> None:
        """`dataclasses.replace(obj, **value)`."""
        if not call.args:
            return
        owner = self.inference.shape(module, call.args[0])
        for member in members(owner):
            if isinstance(member, Instance):
                for fact in classes.fields(self.inference, ClassOf(member.module, member.name)) or ():
                    if keyword is not None and keyword.arg is None:
                        below = value.key(fact.name)
                        below.optional = True
                        self._declared(module, call, fact.shape, below, f"becomes {member.name}.{fact.name}")
                    elif keyword is not None and keyword.arg == fact.name:
                        self._declared(module, call, fact.shape, value, f"becomes {member.name}.{fact.name}")
        if keyword is not None and keyword.arg is None:
            value.forbids_extra = True
            value.escapes.append(Escape(module, call, "spread"))

    def _coerced(
        self, module: Module, call: ast.Call, kind: Shape, value: Value, way: Way, caught: frozenset[str]
    ) -> None:
        if not isinstance(kind, External) or kind.name not in COERCIONS:
            value.raw += 1
            return
        name = kind.name.removeprefix("builtins.")
        caught = frozenset(caught | way.caught)
        value.coercions.append(
            Coercion(
                name,
                tuple(sorted(caught & {"ValueError", "TypeError", "ArithmeticError", "KeyError", "Exception", ""})),
            )
        )
        made = COERCIONS[kind.name]
        condition = self._condition(module, call, value)
        always = way.always and not condition.is_conditional
        is_caught = bool(caught & {"ValueError", "TypeError", *BROAD}) or self._answered(
            module, ("ValueError", "TypeError")
        )
        strength = 3 if always and (not is_caught or made == "bool" or name == "str") else 2
        value.facts.append(Fact(made, strength, self._text(module, call)))

    def _instance_test(self, module: Module, call: ast.Call, value: Value) -> None:
        kinds = call.args[1].elts if isinstance(call.args[1], ast.Tuple) else [call.args[1]]
        names = {KIND_OF.get(reference(kind).rpartition(".")[2], "any") for kind in kinds}
        value.kind_tested = True
        if names == {"int", "float"} or names == {"number"}:
            names = {"number"}
        if len(names) == 1 and "any" not in names:
            value.facts.append(Fact(names.pop(), 2, self._text(module, call)))

    def _constructed(
        self,
        module: Module,
        node: ast.expr,
        call: ast.Call,
        keyword: ast.keyword | None,
        cls: ClassOf,
        value: Value,
        way: Way,
    ) -> None:
        """`Class(value)`, `Class(name=value)`, `Class(**value)`."""
        facts = classes.fields(self.inference, cls)
        target: FunctionId = cls.module, cls.name
        if keyword is not None and keyword.arg is None:
            value.raw += 1
            value.escapes.append(Escape(module, call, "spread", target, way.depth))
            self._fact(module, call, value, way, "dict", 3)
            if facts is None:
                return
            given = {k.arg for k in call.keywords if k.arg}
            given |= {fact.name for fact in facts[: len(call.args)]}
            condition = self._condition(module, call, value)
            is_caught = bool((condition.caught | way.caught) & {"TypeError", *BROAD})
            value.forbids_extra = not is_caught
            for fact in facts:
                if fact.name in given:
                    continue
                below = value.key(fact.name)
                if fact.required and way.always and not condition.is_conditional:
                    below.required = below.required or not is_caught
                    below.missing_caught = below.missing_caught or is_caught
                elif not fact.required:
                    below.optional = True
                    if fact.default:
                        self._class_default(cls, fact.default, below)
                self._declared(module, call, fact.shape, below, f"becomes {cls.name}.{fact.name}")
                self._into_init(cls, fact.name, below, way)
            return
        name = keyword.arg if keyword is not None else None
        if name is None and facts is not None:
            index = next((i for i, arg in enumerate(call.args) if arg is node), -1)
            name = facts[index].name if 0 <= index < len(facts) else None
        value.escapes.append(Escape(module, call, "passed", target, way.depth))
        value.raw += 1
        for fact in facts or ():
            if fact.name == name:
                self._declared(module, call, fact.shape, value, f"becomes {cls.name}.{fact.name}")
                self._into_init(cls, fact.name, value, Way(way.depth, False, way.caught))

    def _class_default(self, cls: ClassOf, text: str, value: Value) -> None:
        try:
            node = ast.parse(text, mode="eval").body
        except SyntaxError:
            return
        module = self.inference.module(cls.module)
        if module is not None and isinstance(node, (ast.Constant, ast.List, ast.Dict)):
            value.defaults.append((module, node))

    def _into_init(self, cls: ClassOf, name: str, value: Value, way: Way) -> None:
        init = self.inference.method_of(cls, "__init__")
        found = self.inference.function_node(init) if init is not None else None
        if init is None and isinstance(made := self.inference.instance(cls), Instance):
            self._kept(made, name, value, way)
        if found is not None and way.depth < MAX_DEPTH:
            self._into(found[0], found[1], name, value, Way(way.depth + 1, way.always, way.caught))

    def _passed(
        self,
        module: Module,
        node: ast.expr,
        call: ast.Call,
        keyword: ast.keyword | None,
        function: Function,
        value: Value,
        way: Way,
    ) -> None:
        """The value goes into a function of the project."""
        found = self.inference.callable_node(function)
        if found is None:
            return
        other, callee = found
        condition = self._condition(module, call, value)
        deeper = Way(way.depth + 1, way.always and not condition.is_conditional, way.caught | condition.caught)
        target: FunctionId = function.module, function.name
        skip = any(scope == function.name for scope, _, _ in function.bound)
        names = parameters(callee, skip=skip)
        if isinstance(callee, ast.Lambda):
            value.raw += 1
            value.escapes.append(Escape(module, call, "unknown call", depth=way.depth))
            return
        annotations = {
            arg.arg: arg.annotation for arg in (*callee.args.posonlyargs, *callee.args.args, *callee.args.kwonlyargs)
        }
        required = len(callee.args.posonlyargs) + len(callee.args.args) - len(callee.args.defaults)
        positional = [arg.arg for arg in (*callee.args.posonlyargs, *callee.args.args)]
        needed = set(positional[:required]) | {
            a.arg for a, d in zip(callee.args.kwonlyargs, callee.args.kw_defaults, strict=True) if d is None
        }
        if keyword is not None and keyword.arg is None:
            value.raw += 1
            value.escapes.append(Escape(module, call, "spread", target, way.depth))
            self._fact(module, call, value, way, "dict", 3)
            if callee.args.kwarg is not None:
                return
            given = {k.arg for k in call.keywords if k.arg} | {n.lstrip("*") for n in names[: len(call.args)]}
            value.forbids_extra = True
            for name in (n.lstrip("*") for n in names):
                if name in given:
                    continue
                below = value.key(name)
                if name in needed and deeper.always and not deeper.caught & {"TypeError", *BROAD}:
                    below.required = True
                elif name not in needed:
                    below.optional = True
                self._declared(
                    other,
                    callee,
                    annotated(self.inference, other, annotations.get(name)),
                    below,
                    f"is {name} of {callee.name}()",
                )
                self._into(other, callee, name, below, deeper)
            return
        name = keyword.arg if keyword is not None else None
        if keyword is None:
            index = next((i for i, arg in enumerate(call.args) if arg is node), -1)
            plain = [n for n in names if not n.startswith("*")]
            name = (
                plain[index]
                if 0 <= index < len(plain) and not any(isinstance(a, ast.Starred) for a in call.args[:index])
                else None
            )
        value.raw += 1
        value.escapes.append(Escape(module, call, "passed", target, way.depth))
        if name is None or name not in annotations:
            return
        self._declared(
            module, call, annotated(self.inference, other, annotations[name]), value, f"is {name} of {callee.name}()"
        )
        if way.depth < MAX_DEPTH:
            self._into(other, callee, name, value, deeper)

    def _into(self, module: Module, callee: FunctionNode, name: str, value: Value, way: Way) -> None:
        scope = module.scopes[callee]
        for binding in scope.bindings.get(name, []):
            if binding.kind == "param":
                before = value.mixed
                self.binding(module, binding, name, value, way, start=callee)
                value.mixed = before

    # -- evidence --------------------------------------------------------------------------------------------------

    def _fact(self, module: Module, node: ast.AST, value: Value, way: Way, kind: str, strength: int) -> None:
        """The use at `node` says that the value is of a kind; less so where it is not always reached."""
        if strength == 3:
            condition = self._condition(module, node, value)
            caught = (condition.caught | way.caught) & {*RAISES.get(kind, ("TypeError",)), *BROAD}
            if (
                condition.is_conditional
                or not way.always
                or caught
                or self._answered(module, RAISES.get(kind, ("TypeError",)))
            ):
                strength = 2 if caught else 1
            value.none_tested = value.none_tested or condition.is_none_guarded
        value.facts.append(Fact(kind, strength, self._text(module, node)))

    def _declared(self, module: Module, node: ast.AST, shape: Shape, value: Value, why: str) -> None:
        kinds = classes_of(without_none(shape))
        if len(kinds) == 1:
            kind = kinds.pop()
            value.facts.append(Fact("number" if kind == "float" else kind, 1, f"{self._text(module, node)}: it {why}"))
        elif kinds == {"int", "float"}:
            value.facts.append(Fact("number", 1, f"{self._text(module, node)}: it {why}"))
        for member in members(shape):
            if isinstance(member, Mapping) and member.fields:
                self._typed(module, node, member, value, why)
            elif isinstance(member, SequenceOf) and not isinstance(member.item, (Unknown, Never)):
                self._declared(module, node, member.item, value.items(), why)

    def _typed(self, module: Module, node: ast.AST, shape: Mapping, value: Value, why: str) -> None:
        for one in shape.fields:
            below = value.key(one.key)
            if not one.always:
                below.optional = True
            self._declared(module, node, one.shape, below, why)

    def _text(self, module: Module, node: ast.AST) -> str:
        text = " ".join(module.source(node).split())
        return f"line {getattr(node, 'lineno', 0)}: {text if len(text) <= 60 else text[:57] + '...'}"

    def _access(
        self, module: Module, node: ast.expr, key: str, kind: str, way: Way, default: ast.expr | None = None
    ) -> Access:
        function = module.function_of(node)
        place = self.inference.project.function_id(module, function) if function is not None else (module.name, "")
        return Access(module, place, node, key, kind, default, way.depth)

    def _keys(self, module: Module, node: ast.expr) -> list[str] | None:
        """The keys that an expression may be, where they are known."""
        shape = self.inference.shape(module, node)
        if isinstance(shape, Scalar) and isinstance(shape.value, str):
            return [shape.value]
        if isinstance(node, ast.Name):
            found = scope_at(module, node).lookup(node.id)
            if found is not None and len(found[1]) == 1:
                target = found[1][0].node
                parent = module.parents.get(target)
                if isinstance(parent, ast.Tuple):
                    holder = module.parents.get(parent)
                    if isinstance(holder, (ast.For, ast.comprehension)) and parent.elts[0] is target:
                        return self.texts(module, holder.iter, pairs=True)
                if isinstance(parent, (ast.For, ast.comprehension)) and parent.target is target:
                    return self.texts(module, parent.iter)
        return None

    def _is_loop_key(self, module: Module, node: ast.expr) -> bool:
        return isinstance(node, ast.Name)

    def texts(self, module: Module, node: ast.expr, depth: int = 0, *, pairs: bool = False) -> list[str] | None:
        """The strings in a tuple, list, set or dict that is written out, here or where a name is assigned."""
        if isinstance(node, ast.Call) and depth < 4:
            name = reference(node.func)
            if name in ("sorted", "list", "tuple", "set", "frozenset") and len(node.args) == 1:
                return self.texts(module, node.args[0], depth + 1, pairs=pairs)
            if isinstance(node.func, ast.Attribute) and node.func.attr in ("items", "keys") and not node.args:
                return self.texts(module, node.func.value, depth + 1)
        if isinstance(node, (ast.Name, ast.Attribute)) and depth < 4:
            found = self.inference.definition(module, node)
            return self.texts(*found, depth + 1, pairs=pairs) if found is not None else None
        parts: Sequence[ast.expr | None] = ()
        if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
            parts = node.elts
            if pairs:
                parts = [one.elts[0] if isinstance(one, ast.Tuple) and one.elts else None for one in node.elts]
        elif isinstance(node, ast.Dict):
            parts = node.keys
        else:
            return None
        texts = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        return texts if len(texts) == len(parts) else None

    # -- conditions ------------------------------------------------------------------------------------------------

    def _condition(self, module: Module, node: ast.AST, value: Value | None) -> Condition:
        """Under which conditions a place in a function is reached, early returns aside."""
        conditional = guarded = False
        caught: set[str] = set()
        child = node
        for ancestor in module.ancestors(node):
            if isinstance(ancestor, DEFINITIONS):
                break
            if isinstance(ancestor, ast.If) and child is not ancestor.test:
                harmless, none_guard = self._is_harmless(module, ancestor.test, node, value)
                conditional = conditional or not harmless
                guarded = guarded or none_guard
            elif isinstance(ancestor, ast.While) or (isinstance(ancestor, ast.IfExp) and child is not ancestor.test):
                if isinstance(ancestor, ast.IfExp):
                    harmless, none_guard = self._is_harmless(module, ancestor.test, node, value)
                    conditional = conditional or not harmless
                    guarded = guarded or none_guard
                else:
                    conditional = True
            elif isinstance(ancestor, ast.BoolOp) and child is not ancestor.values[0]:
                before = ancestor.values[: next(i for i, one in enumerate(ancestor.values) if one is child)]
                for test in before:
                    harmless, none_guard = self._is_harmless(module, test, node, value)
                    conditional = conditional or not harmless
                    guarded = guarded or none_guard
            elif isinstance(ancestor, ast.Try) and any(child is one for one in ancestor.body):
                for handler in ancestor.handlers:
                    caught |= _caught(handler)
            elif isinstance(ancestor, ast.ExceptHandler):
                conditional = True
            elif isinstance(ancestor, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
                if any(generator.ifs for generator in ancestor.generators) and not isinstance(child, ast.comprehension):
                    conditional = True
            child = ancestor
        return Condition(conditional, guarded, frozenset(caught))

    def _is_harmless(self, module: Module, test: ast.expr, node: ast.AST, value: Value | None) -> tuple[bool, bool]:
        """Whether a test only asks for the method or for the presence of a key; and whether it lets None through."""
        if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
            answers = [self._is_harmless(module, one, node, value) for one in test.values]
            return all(harmless for harmless, _ in answers), any(guard for _, guard in answers)
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            return self._is_harmless(module, test.operand, node, value)
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            sides = [test.left, test.comparators[0]]
            if any("request.method" in ast.unparse(side) for side in sides):
                return True, False
            if isinstance(test.ops[0], (ast.In, ast.NotIn)) and isinstance(test.left, ast.Constant):
                own_keys = {access.key for access in value.own} if value is not None else {value}
                return (value is None and False) or test.left.value in own_keys, False
            if (
                isinstance(test.ops[0], (ast.Is, ast.IsNot))
                and isinstance(sides[1], ast.Constant)
                and sides[1].value is None
            ):
                if value is not None and self._reads(module, test.left, value):
                    return True, True
        return ast.unparse(test) in ("request.is_json",), False

    def _reads(self, module: Module, node: ast.expr, value: Value) -> bool:
        """Whether an expression is a read of the value, as far as was seen."""
        return (node, id(value)) in self.seen or any(access.node is node for access in value.own)

    def _answered(self, module: Module, errors: Iterable[str]) -> bool:
        """Whether the app has an error handler for one of the errors."""
        return bool(self.inference.handled_errors & set(errors))

    # -- results ---------------------------------------------------------------------------------------------------

    def body(self, value: Value) -> BodyUse:
        """The finished description of an object."""
        item = None
        if value.item is not None and not value.accesses and not value.keys:
            item = self.key(value.item, value)
        keys = tuple(self.key(below, value) for below in value.keys.values())
        return BodyUse(
            keys,
            tuple(value.accesses),
            tuple(value.escapes),
            value.kind_tested,
            value.none_tested or value.tested,
            value.fallback,
            value.mixed,
            value.forbids_extra,
            item,
        )

    def key(self, value: Value, holder: Value) -> KeyUse:
        kind, strict, evidence = settled(value.facts)
        asked = {access.kind for access in value.own}
        required = value.required and not value.optional and not asked & {"get", "in", "not in"}
        is_dict = any(fact.type == "dict" for fact in value.facts) and value.keys
        # `"@" in text` looks like a key
        body = (
            self.body(value)
            if value.keys and (is_dict or not all(_is_only_asked(v) for v in value.keys.values()))
            else None
        )
        if body is not None and kind in ("any", "list") and not strict:
            kind = "dict"
        if body is None and value.keys and kind == "any":
            kind, evidence = "str", (*evidence, *(self._text(a.module, a.node) for a in value.accesses))
        default = value.defaults[0] if value.defaults else None
        texts = {module.source(n) if n in module.parents else ast.unparse(n) for module, n in value.defaults}
        one = default is not None and len(texts) == 1 and not value.has_plain_get
        coercion = None
        names = {one.name for one in value.coercions}
        if len(names) == 1:
            first = value.coercions[0]
            caught = tuple(sorted({name for c in value.coercions for name in c.caught}))
            coercion = Coercion(first.name, caught, value.raw == 0)
        if coercion is None and (value.fallback is not None or value.kind_tested):
            strict = False  # anything false is let through, or the app itself has an answer
        return KeyUse(
            value.name,
            kind,
            strict,
            required,
            value.tested or value.none_tested or bool(asked & {"in", "not in"}),
            value.truth_tested,
            value.missing_caught,
            value.none_tested,
            default[1] if one and default is not None else None,
            next(iter(texts)) if one else None,
            self.inference.shape(default[0], default[1])
            if one and default is not None and default[1] in default[0].parents
            else None,
            one and default is not None and _is_constant(default[1]),
            value.fallback,
            coercion,
            evidence,
            body,
            self.key(value.item, value) if value.item is not None and body is None else None,
            tuple(value.own),
        )


@dataclass(frozen=True, slots=True)
class Condition:
    is_conditional: bool
    is_none_guarded: bool
    caught: frozenset[str]


def _caught(handler: ast.ExceptHandler) -> set[str]:
    """The names of the errors that a handler answers; none where it raises them again."""
    if handler.body and isinstance(handler.body[-1], ast.Raise) and handler.body[-1].exc is None:
        return set()
    if handler.type is None:
        return {""}
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return {reference(kind).rpartition(".")[2] for kind in kinds}


def _is_only_asked(value: Value) -> bool:
    """Whether a key was only asked for with `in`."""
    return bool(value.own) and all(access.kind in ("in", "not in") for access in value.own) and not value.facts


def _is_constant(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False
    return True


def classes_of(shape: Shape) -> set[str]:
    """The JSON types of a shape; empty where one of them is not known."""
    found: set[str] = set()
    for member in members(shape):
        if isinstance(member, Scalar):
            kind = {"datetime": "str", "date": "str", "uuid": "str", "decimal": "number", "time": "str"}.get(
                member.kind, member.kind
            )
            if kind not in ("str", "int", "float", "number", "bool", "none"):
                return set()
            found.add(kind)
        elif isinstance(member, Mapping):
            found.add("dict")
        elif isinstance(member, (SequenceOf, TupleOf)):
            found.add("list")
        elif isinstance(member, Instance) and member.base in ("str", "int"):
            found.add(member.base)
        else:
            return set()
    return found


def container_item(shape: Shape) -> Shape:
    """The keys of a dict, the items of a list."""
    found: list[Shape] = []
    for member in members(shape):
        if isinstance(member, Mapping):
            found += [Scalar("str")] if member.fields else []
            found.append(member.keys)
        elif isinstance(member, SequenceOf):
            found.append(member.item)
        elif isinstance(member, TupleOf):
            found += member.items
        else:
            return Unknown()
    return join(found)


def settled(facts: Sequence[Fact]) -> tuple[str, bool, tuple[str, ...]]:
    """The type that the facts agree on, whether it is certain, and the facts that say so."""
    for strength in (3, 2, 1, 0):
        kinds = {fact.type for fact in facts if fact.strength == strength}
        if not kinds:
            continue
        if len(kinds) > 1 and kinds <= {"int", "float", "number", "bool"}:
            if kinds == {"bool", "number"} and strength < 3:
                kinds = {"bool"}  # a truth value can be multiplied
            else:
                kinds = (
                    {"int"} if kinds == {"int", "number"} else {"float"} if kinds == {"float", "number"} else {"number"}
                )
        if kinds > {"list"} and kinds <= {"list", "str", "dict"}:
            kinds = kinds - {"list"}
        if len(kinds) > 1:
            return "any", False, ()
        kind = kinds.pop()
        if kind == "number":
            weaker = {f.type for f in facts if f.type in ("int", "float")}
            if weaker == {"int"} and any(f.type == "int" and f.strength >= 1 for f in facts):
                kind = "int"
                strength = min(strength, 2)
        if kind == "none":
            continue
        texts = tuple(dict.fromkeys(f.text for f in facts if f.type in (kind, "number") or f.strength == strength))
        return kind, strength == 3, texts
    return "any", False, ()


def own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    yield from ast.walk(node)


__all__ = ["LOOPS", "Foreign", "Tracker", "body_uses", "stops"]
