"""Follows a value that came out of JSON through the code, and collects what is done with it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.infer import classes, passing
from migrator.infer.annotations import annotated
from migrator.infer.asked import Asked, Path
from migrator.infer.calls import arguments
from migrator.infer.conditions import condition_of
from migrator.infer.flow import DEFINITIONS, reaching
from migrator.infer.frame import function_scope_of, scope_at
from migrator.infer.shapes import (
    ClassOf,
    Instance,
    Mapping,
    Never,
    Scalar,
    Shape,
    TupleOf,
    Unknown,
    members,
    without_none,
)
from migrator.infer.shapes import Sequence as SequenceOf
from migrator.infer.signs import (
    BROAD,
    DICT_METHODS,
    LIST_METHODS,
    RAISES,
    STR_METHODS,
)
from migrator.infer.text import source_of
from migrator.infer.tracked import Fact, Value, Way, classes_of, container_item, text_of
from migrator.infer.uses import Access, BodyUse, Escape
from migrator.infer.verdict import body_use
from migrator.module import Binding, FunctionNode, Module
from migrator.syntax import argument, reference

if TYPE_CHECKING:
    from migrator.infer.evaluate import Inference

MAX_DEPTH = 4  # calls within calls
# uses of the whole that may find out that a key is missing
ASKING = {"iterated", "keys", "method", "dynamic", "sized", "spread", "unknown call"}
MAX_USES = 2_000  # expressions that are looked at for one body


def body_uses(
    inference: Inference, module: Module, function: FunctionNode, what: str | ast.expr | Iterable[ast.expr]
) -> BodyUse:
    """How the value of a local name, or of some expressions, is used in a function and in what it calls."""
    root = Value()
    tracker = Tracker(inference, root)
    if isinstance(what, str):
        tracker.name(module, function, what, root)
    else:
        for node in [what] if isinstance(what, ast.expr) else what:
            tracker.follow(module, node, root, Way())
    return body_use(inference, root, Asked(tuple(tracker.asked), tuple(tracker.searched)))


@dataclass(frozen=True, slots=True)
class _Call:
    """The call through which the value is followed right now. `context` tells calls apart that give other keys."""

    module: Module
    node: ast.Call
    callee: FunctionNode
    way: Way
    context: ast.AST | None
    outer: _Call | None


@dataclass(frozen=True, slots=True)
class _Texts:
    """The key that an argument is, or the keys that it holds."""

    keys: list[str] | None = None
    texts: list[str] | None = None


class Tracker:
    """One walk; `seen` keeps it from going in circles."""

    def __init__(self, inference: Inference, root: Value) -> None:
        self.inference = inference
        self.root = root
        self.asked: list[Path] = []  # where the app finds out whether the root has a key
        self.searched: list[Path] = []  # the same for all of its keys
        self.seen: dict[tuple[ast.AST, int], set[ast.AST | None]] = {}  # the expressions, and through which calls
        self.given: dict[ast.AST, _Texts] = {}  # what parameters are in the calls that are followed
        self.call: _Call | None = None
        self.later: dict[tuple[Instance, str], Value] = {}  # what is done with attributes of objects

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
            self.kept(owner, node.attr, value, way)

    def _stored(self, module: Module, node: ast.AST, owner: Shape, name: str, value: Value) -> None:
        """Evidence from the declared type of an attribute that the value is stored in."""
        for member in members(owner):
            if isinstance(member, Instance):
                for fact in classes.fields(self.inference, ClassOf(member.module, member.name)) or ():
                    if fact.name == name:
                        self.declared(module, node, fact.shape, value, f"is stored as {member.name}.{name}")

    def kept(self, owner: Shape, name: str, value: Value, way: Way) -> None:
        """What is done with the value later, as an attribute of an object of the project."""
        if way.depth >= MAX_DEPTH:
            return
        for member in members(owner):
            if not isinstance(member, Instance):
                continue
            if (member, name) not in self.later:
                later = self.later[member, name] = Value()
                for module, read in self.inference.reads_of(member, name):
                    self.follow(module, read, later, Way(way.depth + 1, False))
            facts = self.later[member, name].facts
            value.facts += [Fact(fact.type, min(fact.strength, 1), fact.text) for fact in facts]

    # -- one use ---------------------------------------------------------------------------------------------------

    def follow(self, module: Module, node: ast.expr, value: Value, way: Way) -> None:
        """What the code around an expression does with its value."""
        contexts = self.seen.setdefault((node, id(value)), set())
        context = self.call.context if self.call is not None else None
        if context in contexts:
            return
        if len(self.seen) > MAX_USES:
            value.escapes.append(Escape(module, node, "unknown call", depth=way.depth))
            return
        contexts.add(context)
        known = len(value.escapes)
        self._use(module, node, value, way)
        if value is self.root:
            own = [escape.node for escape in value.escapes[known:] if escape.kind in ASKING]
            self.searched += [self.path(module, one) for one in own if one in module.parents]

    def path(self, module: Module, node: ast.AST) -> Path:
        """An expression, and the calls that are followed to get there."""
        places, call = [(module, node)], self.call
        while call is not None:
            places.append((call.module, call.node))
            call = call.outer
        return tuple(reversed(places))

    def _use(self, module: Module, node: ast.expr, value: Value, way: Way) -> None:
        parent = module.parents.get(node)
        if isinstance(parent, ast.Assign):
            for target in parent.targets:
                self.target(module, target, value, way)
        elif isinstance(parent, ast.AnnAssign):
            self.declared(module, node, annotated(self.inference, module, parent.annotation), value, "is annotated")
            self.target(module, parent.target, value, way)
        elif isinstance(parent, ast.NamedExpr):
            self.target(module, parent.target, value, way)
            self.follow(module, parent, value, way)
        elif isinstance(parent, (ast.Await, ast.Starred)):
            if isinstance(parent, ast.Starred):
                self.fact(module, node, value, way, "list", 1)
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
            self.fact(module, parent, value, way, "number", 3)
        elif isinstance(parent, ast.Attribute):
            self._attribute(module, parent, value, way)
        elif isinstance(parent, ast.Subscript):
            self._subscript(module, node, parent, value, way)
        elif isinstance(parent, ast.Call):
            passing.as_argument(self, module, node, parent, None, value, way)
        elif isinstance(parent, ast.keyword):
            outer = module.parents.get(parent)
            if isinstance(outer, ast.Call):
                passing.as_argument(self, module, node, outer, parent, value, way)
        elif isinstance(parent, (ast.For, ast.AsyncFor, ast.comprehension)):
            self._iterated(module, node, parent.target, value, way)
        elif isinstance(parent, (ast.Tuple, ast.List)):
            self._in_tuple(module, node, parent, value, way)
        elif isinstance(parent, (ast.Return, ast.Yield)) or (isinstance(parent, ast.Lambda) and node is parent.body):
            value.raw += 1
            value.escapes.append(Escape(module, parent, "returned", depth=way.depth))
            if self.call is not None and module.function_of(parent) is self.call.callee:
                self._returned(self.call, value)
        elif isinstance(parent, ast.Dict) and any(
            key is None and held is node for key, held in zip(parent.keys, parent.values, strict=True)
        ):
            value.escapes.append(Escape(module, node, "spread", depth=way.depth))
        elif isinstance(parent, ast.FormattedValue):
            value.raw += 1
            value.escapes.append(Escape(module, node, "formatted", depth=way.depth))
        elif not isinstance(parent, ast.Expr):
            if isinstance(parent, ast.Match):
                self.ask(module, node, value)
            value.raw += 1
            value.escapes.append(Escape(module, node, "stored", depth=way.depth))

    @contextmanager
    def inside(
        self, module: Module, call: ast.Call, other: Module, callee: FunctionNode, skip: bool, way: Way
    ) -> Iterator[None]:
        """While the value is followed into a function: what the function is given beside it, where it returns to."""
        outer, before = self.call, dict(self.given)
        given: dict[str, _Texts] = {}
        for name, one in arguments(call, callee, skip=skip):
            if (texts := _Texts(self.keys(module, one), self.texts(module, one))) != _Texts():
                given[name] = texts
        context = call if given else outer.context if outer is not None else None
        self.call = _Call(module, call, callee, way, context, outer)
        for name, texts in given.items():
            self.given |= {b.node: texts for b in other.scopes[callee].bindings.get(name, ()) if b.kind == "param"}
        yield
        self.call, self.given = outer, before

    def _returned(self, call: _Call, value: Value) -> None:
        """What the caller does with the value that it gets back, if it gets that and nothing else."""
        self.call = call.outer
        self.follow(call.module, call.node, value, Way(call.way.depth, False, call.way.caught))
        self.call = call

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
                self.default(module, last, value)
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
                    self.fact(module, parent, value, way, "number" if kind == "float" else kind, 1)
            elif isinstance(op, (ast.Eq, ast.NotEq)):
                kinds = classes_of(without_none(shape))
                if len(kinds) == 1 and isinstance(other, ast.Constant):
                    kind = kinds.pop()
                    self.fact(module, parent, value, way, "number" if kind == "float" else kind, 1)
            elif (kinds := classes_of(shape)) and kinds <= {"int", "float", "bool"}:
                self.fact(module, parent, value, way, "number", 3)
            elif kinds == {"str"}:
                self.fact(module, parent, value, way, "str", 3)

    def _contains(
        self, module: Module, node: ast.Compare, asked: ast.expr, is_not: bool, value: Value, way: Way
    ) -> None:
        """`asked in value`: a key of a dict, a part of a text, an item of a list."""
        keys = self.keys(module, asked)
        if keys is None:
            value.escapes.append(Escape(module, node, "dynamic", depth=way.depth))
            return
        for key in keys:
            # of a text as well; what the value is will be seen by its other uses
            below = value.key(key)
            below.optional = below.tested = True
            self.ask(module, node, value)
            access = self.access(module, node, key, "not in" if is_not else "in", way)
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
                self.fact(module, place, value, way, "str", 3)
            elif kinds and kinds <= {"int", "float", "bool"}:
                self.fact(module, place, value, way, "number", 3)
            elif kinds == {"list"}:
                self.fact(module, place, value, way, "list", 3)
        elif isinstance(op, (ast.Sub, ast.Div, ast.FloorDiv, ast.Pow)):
            if kinds & {"int", "float", "bool"} or (isinstance(op, (ast.Div, ast.FloorDiv, ast.Pow)) and not kinds):
                self.fact(module, place, value, way, "number", 3)
        elif isinstance(op, ast.Mult):
            if "float" in kinds and "int" not in kinds:
                self.fact(module, place, value, way, "number", 3)
            elif kinds and kinds <= {"int", "float", "bool"}:
                self.fact(module, place, value, way, "number", 1)
        elif isinstance(op, ast.Mod):
            if is_left and kinds and kinds <= {"int", "float"}:
                self.fact(module, place, value, way, "number", 1)
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
            self.fact(module, call, value, way, "str", 3)
        elif name in LIST_METHODS or name == "index":
            self.fact(module, call, value, way, "list", 3)
            value.escapes.append(Escape(module, call, "changed", depth=way.depth))
        elif name in ("isoformat", "hexdigest"):
            pass
        elif name in DICT_METHODS or name in ("copy", "to_dict"):
            if name in DICT_METHODS:
                self.fact(module, call, value, way, "dict", 3)
            if name == "update":
                self._filled(module, call, value, way)
            kind = "changed" if name in ("update", "setdefault", "popitem") else "keys" if name == "keys" else "method"
            value.escapes.append(Escape(module, call, kind, depth=way.depth))
            if name in ("copy", "to_dict"):
                self.follow(module, call, value, way)
        else:
            value.escapes.append(Escape(module, call, "method", depth=way.depth))

    def _filled(self, module: Module, call: ast.Call, value: Value, way: Way) -> None:
        """`value.update(key=...)`, `value.update({"key": ...})`."""
        keys: list[object] = [keyword.arg for keyword in call.keywords]
        for given in call.args:
            texts = given.keys if isinstance(given, ast.Dict) else [None]
            keys += [text.value if isinstance(text, ast.Constant) else None for text in texts]
        for key in keys:
            if isinstance(key, str):
                value.key(key).own.append(self.access(module, call, key, "store", way))
            else:
                value.fills.append((module, call))

    def _got(self, module: Module, call: ast.Call, name: str, value: Value, way: Way) -> None:
        """`value.get(key, default)`."""
        keys = self.keys(module, call.args[0])
        if keys is None:
            value.escapes.append(Escape(module, call, "dynamic", depth=way.depth))
            return
        if way.always and not condition_of(self, module, call, value).is_conditional:
            value.facts.append(Fact("dict", 3, text_of(module, call)))
        default = argument(call, 1, "default")
        for key in keys:
            below = value.key(key)
            below.optional = name != "pop" or default is not None or below.optional
            if name != "pop" or default is not None:
                self.ask(module, call, value)
            if name == "pop" and default is None:
                self._needed(module, call, value, below, way)
            access = self.access(module, call, key, name, way, default)
            value.accesses.append(access)
            below.own.append(access)
            if default is not None:
                below.defaults.append((module, default))
                self.default(module, default, below)
            elif name != "pop":
                below.has_plain_get = True
            if len(keys) == 1 or self._is_loop_key(module, call.args[0]):
                self.follow(module, call, below, way)
        kind = argument(call, 2, "type")
        if kind is not None:
            shape = self.inference.shape(module, kind)
            for key in keys:
                passing.coerced(self, module, call, shape, value.key(key), way, frozenset({"ValueError", "TypeError"}))
        if name in ("pop", "setdefault"):
            value.escapes.append(Escape(module, call, "changed", depth=way.depth))

    def default(self, module: Module, default: ast.expr, value: Value) -> None:
        if isinstance(default, ast.Constant) and default.value is None:
            return
        kinds = classes_of(without_none(self.inference.shape(module, default)))
        if len(kinds) == 1:
            kind = kinds.pop()
            value.facts.append(
                Fact("number" if kind == "float" else kind, 0, f"its default is {source_of(module, default)}")
            )

    def _subscript(self, module: Module, node: ast.expr, parent: ast.Subscript, value: Value, way: Way) -> None:
        if node is parent.slice:
            self._index(module, parent, value, way)
            return
        if isinstance(parent.slice, ast.Slice):
            value.raw += 1
            value.escapes.append(Escape(module, parent, "sliced", depth=way.depth))
            return
        keys = self.keys(module, parent.slice)
        if keys is None:
            index = self.inference.shape(module, parent.slice)
            if isinstance(index, Scalar) and index.kind == "int":
                self.fact(module, parent, value, way, "list", 1)
                self.follow(module, parent, value.items(), way)
                return
            value.escapes.append(Escape(module, parent, "dynamic", depth=way.depth))
            return
        kind = {ast.Store: "store", ast.Del: "delete"}.get(type(parent.ctx), "subscript")
        self.fact(module, parent, value, way, "dict", 3)
        for key in keys:
            below = value.key(key)
            access = self.access(module, parent, key, kind, way)
            value.accesses.append(access)
            below.own.append(access)
            if kind != "subscript":
                value.escapes.append(Escape(module, parent, "changed", depth=way.depth))
                continue
            self._needed(module, parent, value, below, way)
            self.follow(module, parent, below, way)

    def _needed(self, module: Module, node: ast.expr, value: Value, below: Value, way: Way) -> None:
        """A key that is asked for without a default."""
        condition = condition_of(self, module, node, None)
        caught = condition.caught | way.caught
        if caught & {"KeyError", "LookupError", *BROAD} or self.answered(module, ("KeyError", "LookupError")):
            below.missing_caught = True
            self.ask(module, node, value)
        elif way.always and not condition.is_conditional:
            below.needed.append(self.path(module, node))

    def ask(self, module: Module, node: ast.AST, value: Value) -> None:
        """The app finds out whether the body has a key."""
        if value is self.root:
            self.asked.append(self.path(module, node))

    def _index(self, module: Module, parent: ast.Subscript, value: Value, way: Way) -> None:
        """`table[value]`."""
        value.raw += 1
        kinds = classes_of(container_item(self.inference.shape(module, parent.value)))
        shape = self.inference.shape(module, parent.value)
        if isinstance(shape, (SequenceOf, TupleOf)):
            self.fact(module, parent, value, way, "int", 3)
        elif len(kinds) == 1 and (kind := kinds.pop()) in ("str", "int"):
            self.fact(module, parent, value, way, kind, 1)

    def _iterated(self, module: Module, node: ast.expr, target: ast.expr, value: Value, way: Way) -> None:
        value.raw += 1
        value.escapes.append(Escape(module, node, "iterated", depth=way.depth))
        self.fact(module, node, value, way, "list", 1)
        self.each(module, target, value, way)

    def each(self, module: Module, target: ast.expr, value: Value, way: Way) -> None:
        if isinstance(target, ast.Name):
            found = scope_at(module, target).lookup(target.id)
            for binding in found[1] if found is not None else ():
                if binding.node is target:
                    self.binding(module, binding, target.id, value.items(), way)

    # -- evidence --------------------------------------------------------------------------------------------------

    def fact(self, module: Module, node: ast.AST, value: Value, way: Way, kind: str, strength: int) -> None:
        """The use at `node` says that the value is of a kind; less so where it is not always reached."""
        if strength == 3:
            condition = condition_of(self, module, node, value)
            caught = (condition.caught | way.caught) & {*RAISES.get(kind, ("TypeError",)), *BROAD}
            if (
                condition.is_conditional
                or not way.always
                or caught
                or self.answered(module, RAISES.get(kind, ("TypeError",)))
            ):
                strength = 2 if caught else 1
            value.none_tested = value.none_tested or condition.is_none_guarded
        value.facts.append(Fact(kind, strength, text_of(module, node)))

    def declared(self, module: Module, node: ast.AST, shape: Shape, value: Value, why: str) -> None:
        kinds = classes_of(without_none(shape))
        if len(kinds) == 1:
            kind = kinds.pop()
            value.facts.append(Fact("number" if kind == "float" else kind, 1, f"{text_of(module, node)}: it {why}"))
        elif kinds == {"int", "float"}:
            value.facts.append(Fact("number", 1, f"{text_of(module, node)}: it {why}"))
        for member in members(shape):
            if isinstance(member, Mapping) and member.fields:
                self.typed(module, node, member, value, why)
            elif isinstance(member, SequenceOf) and not isinstance(member.item, (Unknown, Never)):
                self.declared(module, node, member.item, value.items(), why)

    def typed(self, module: Module, node: ast.AST, shape: Mapping, value: Value, why: str) -> None:
        for one in shape.fields:
            below = value.key(one.key)
            if not one.always:
                below.optional = True
            self.declared(module, node, one.shape, below, why)

    def access(
        self, module: Module, node: ast.expr, key: str, kind: str, way: Way, default: ast.expr | None = None
    ) -> Access:
        function = module.function_of(node)
        place = self.inference.project.function_id(module, function) if function is not None else (module.name, "")
        return Access(module, place, node, key, kind, default, way.depth)

    def keys(self, module: Module, node: ast.expr) -> list[str] | None:
        """The keys that an expression may be, where they are known."""
        shape = self.inference.shape(module, node)
        if isinstance(shape, Scalar) and isinstance(shape.value, str):
            return [shape.value]
        if isinstance(node, ast.Name):
            found = scope_at(module, node).lookup(node.id)
            if found is not None and len(found[1]) == 1:
                target = found[1][0].node
                if target in self.given:
                    return self.given[target].keys
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
        if isinstance(node, ast.Name) and self.given and (bound := scope_at(module, node).lookup(node.id)) is not None:
            if len(bound[1]) == 1 and bound[1][0].node in self.given:
                return self.given[bound[1][0].node].texts
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

    def answered(self, module: Module, errors: Iterable[str]) -> bool:
        """Whether the app has an error handler for one of the errors."""
        return bool(self.inference.handled_errors & set(errors))
