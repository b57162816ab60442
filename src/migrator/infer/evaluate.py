"""From expressions to shapes: names, attributes, items, displays and operators. Calls are in `calls`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from migrator.infer import body, calls, classes, filled, items, params, turns, wire
from migrator.infer.aliases import LOST, NO_EFFECTS, Effects, effects_on, effects_on_global
from migrator.infer.annotations import annotated
from migrator.infer.classes import ClassFact
from migrator.infer.flow import reaching, stops
from migrator.infer.frame import Frame, function_scope_of, scope_at, scope_key
from migrator.infer.index import Index
from migrator.infer.knowledge import BUILTINS, VALUES
from migrator.infer.mutations import AttributeStore, Mutation, mutations
from migrator.infer.narrow import narrowed
from migrator.infer.operators import (
    binary,
    dict_of,
    element,
    falsy,
    fits,
    may_be_falsy,
    spread,
    truthy,
    unary,
    unpacked,
    with_key,
)
from migrator.infer.replies import answer, changed
from migrator.infer.shapes import (
    BOOL,
    BYTES,
    FLOAT,
    NEVER,
    NONE,
    STR,
    UNKNOWN,
    ClassOf,
    External,
    Field,
    Foreign,
    Function,
    Instance,
    Mapping,
    ModuleOf,
    Never,
    Reply,
    Scalar,
    Shape,
    Site,
    TupleOf,
    Unknown,
    is_vague,
    join,
    members,
    shallow,
    widened,
)
from migrator.infer.shapes import Sequence as SequenceOf
from migrator.infer.uses import BodyUse
from migrator.module import COMPREHENSIONS, Binding, FunctionNode, Module, Scope, walk
from migrator.syntax import reference

if TYPE_CHECKING:
    from migrator.project.project import Project

MAX_OPEN = 90  # questions that wait for others
MAX_STEPS = 1_500  # expressions looked at for one question
MAX_STORES = 40  # places that set an attribute
MAX_READS = 100  # places that read one
T = TypeVar("T")
Callable_ = FunctionNode | ast.Lambda


class Inference:
    """Answers for one project; keeps what it found out. Makes no changes and never raises on odd code."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.class_facts: dict[tuple[str, str], ClassFact | None] = {}
        self.places: dict[ast.AST, tuple[Module, Scope]] = {}  # of names in quoted annotations
        self._modules: dict[str, Module | None] = {}
        self._free: dict[Module, Frame] = {}
        self._frames: dict[tuple[str, str, frozenset[tuple[tuple[str, str], Shape]]], Frame] = {}
        self._loads: dict[Module, dict[str, list[tuple[ast.Name, Scope]]]] = {}
        self._class_nodes: dict[Module, dict[str, ast.ClassDef]] = {}
        self._callables: dict[Module, dict[str, Callable_]] = {}
        self._done: dict[Any, Any] = {}
        self._partial: dict[Any, tuple[Any, int]] = {}
        self._weak: dict[Any, tuple[Any, int]] = {}
        self._open: dict[Any, int] = {}
        self._low = MAX_OPEN
        self._base = 0  # questions that wait, and are not in `_open`
        self._steps = 0
        self._is_cut = False
        self.callers = 0  # how many callers of callers are being asked
        self._mutated: dict[Module, dict[ast.AST, Mutation]] = {}
        self._starring: set[tuple[str, str]] = set()  # names that are looked for behind star imports

    # -- asking ----------------------------------------------------------------------------------------------------

    def shape(self, module: Module, node: ast.expr) -> Shape:
        """What is known of the value of an expression."""
        return self.evaluate(self.free(module), node)

    def result(self, function: Function) -> Shape:
        """What a function of the project returns."""
        return calls.result(self, function, {}, 0)

    def returned(self, module: Module, node: FunctionNode) -> Shape:
        """What a function of a module returns, decorators aside. Its own annotation counts less than what it does."""
        frame = self.free(module)
        seen = self.remembered((frame, "result", node), lambda: self.body_result(frame, node))
        if is_vague(seen) and node.returns is not None and not any(isinstance(m, Reply) for m in members(seen)):
            return self.refined(annotated(self, module, node.returns), seen)
        return seen

    def answers(self, module: Module, node: FunctionNode) -> tuple[Reply, ...]:
        """What Flask answers with what a view returns, one for each kind and status."""
        shape = answer(self.returned(module, node))
        return tuple(member for member in members(shape) if isinstance(member, Reply))

    def is_json_safe(self, shape: Shape) -> bool:
        """Whether FastAPI writes the same JSON for a value that a view returns as `flask.jsonify`."""
        return wire.is_json_safe(shape)

    def is_json_native(self, shape: Shape) -> bool:
        """Whether `JSONResponse` takes the value as it is."""
        return wire.is_json_native(shape)

    def model_of(self, shape: Shape, name: str = "Body") -> wire.Model | None:
        """A model of what is written for a dict or dataclass; None where its keys are not known."""
        return wire.model_of(self, shape, name)

    def model_fields(self, shape: Shape) -> tuple[tuple[str, str, bool], ...] | None:
        """Name, type as text and whether the key may be missing, for each field of that model."""
        return wire.model_fields(self, shape)

    def body_uses(self, module: Module, function: FunctionNode, what: str | ast.expr | Iterable[ast.expr]) -> BodyUse:
        """How a parsed body (a local name, or the expressions that give it) is used, here and in what is called."""
        return body.body_uses(self, module, function, what)

    # -- bookkeeping -----------------------------------------------------------------------------------------------

    def remembered(self, key: Any, compute: Callable[[], Shape]) -> Shape:
        """`compute()`, once for each key."""
        if key in self._done:
            shape: Shape = self._done[key]
            return shape
        never: Shape = NEVER
        unknown: Shape = UNKNOWN
        return self._asked(key, lambda: shallow(compute()), never, unknown)

    def _asked(self, key: Any, compute: Callable[[], T], first: T, unknown: T) -> T:
        """`compute()`, once for each key. A question that waits for itself is answered with `first`, and what was found
        on the way is kept only until the first of the circle has its answer. Where it takes too long the answer is
        `unknown`; an answer that was cut short is only kept for those who could not get a better one."""
        found: T
        if key in self._done:
            found = self._done[key]
            return found
        if key in self._weak and self._weak[key][1] <= self.callers:
            self._is_cut = True
            found = self._weak[key][0]
            return found
        if key in self._partial:
            found, low = self._partial[key]
            self._low = min(self._low, low)
            return found
        if key in self._open:
            self._low = min(self._low, self._open[key])
            return first
        depth = len(self._open)
        if depth + self._base == 0:
            self._steps, self._is_cut, self.callers = 0, False, 0
        self._steps += 1
        if depth + self._base >= MAX_OPEN or self._steps > MAX_STEPS:
            self._is_cut = True
            return unknown
        started = self._steps
        before, self._low = self._low, MAX_OPEN
        was_cut, self._is_cut = self._is_cut, False
        self._open[key] = depth
        try:
            found = compute()
        finally:
            del self._open[key]
            low, self._low = self._low, before
        if low < depth:
            self._partial[key] = found, low
            self._low = min(self._low, low)
        else:
            if not self._is_cut or depth + self._base == 0:
                self._done[key] = found
            elif self._steps <= MAX_STEPS or self._steps - started > MAX_STEPS // 4:
                self._weak[key] = found, self.callers
            if low == depth and self._partial:
                self._partial = {k: v for k, v in self._partial.items() if v[1] < depth}
        self._is_cut = self._is_cut or was_cut
        return found

    def cut(self) -> Shape:
        """The answer where a question would lead too far."""
        self._is_cut = True
        return UNKNOWN

    def effects(self, module: Module, node: ast.expr, site: Site) -> Effects:
        """What is done with the list or dict that is made at a place."""
        if node not in module.parents:
            return NO_EFFECTS
        return self._apart(("effects", site), lambda: effects_on(self, module, node, site), LOST)

    def global_effects(self, site: Site) -> Effects:
        """What is done with the config, the extensions or the session."""
        return self._apart(("effects", site), lambda: effects_on_global(self, site), NO_EFFECTS)

    def _apart(self, key: Any, compute: Callable[[], Effects], unknown: Effects) -> Effects:
        """The same for what is done with a list or dict, asked as if nothing else had been asked before: what waits for
        this answer must not be taken for nothing. Only of lists and dicts that are looked at already nothing is
        known."""

        def alone() -> Effects:
            outer = self._open, self._partial, self.callers
            sites = [one for one in self._open if one[0] == "effects"]
            self._base += len(self._open) - len(sites)
            self._open, self._partial, self.callers = {one: i for i, one in enumerate(sites)}, {}, 0
            try:
                return compute()
            finally:
                self._base -= len(outer[0]) - len(sites)
                self._open, self._partial, self.callers = outer
                if self._low < len(sites):  # it is one of these that it depends on
                    self._low = self._open[sites[self._low]]
                else:
                    self._low = MAX_OPEN

        return self._asked(key, alone, NO_EFFECTS, unknown)

    def mutated(self, module: Module) -> dict[ast.AST, Mutation]:
        """The lists and dicts that a file changes in place, by the expression that gives them."""
        if module not in self._mutated:
            self._mutated[module] = {mutation.receiver: mutation for mutation in mutations(module)}
        return self._mutated[module]

    def module(self, name: str) -> Module | None:
        """A module of the project; always the same object, for what is remembered hangs on its nodes."""
        if name not in self._modules:
            self._modules[name] = self.project.store.module(name) if name in self.project.modules else None
        return self._modules[name]

    @cached_property
    def index(self) -> Index:
        return Index(list(self.project.modules.values()), self.modules)

    @cached_property
    def modules(self) -> list[Module]:
        return [module for name in self.project.modules if (module := self.module(name)) is not None]

    def calls_named(self, name: str) -> list[tuple[Module, ast.Call]]:
        """All calls in the project of something with that last name."""
        return self.index.calls.get(name, [])

    def loads_of(self, module: Module, name: str) -> list[tuple[ast.Name, Scope]]:
        """The places of a file that read a name, with their scopes."""
        if module not in self._loads:
            found: dict[str, list[tuple[ast.Name, Scope]]] = {}
            for node, scope in module.loads:
                found.setdefault(node.id, []).append((node, scope))
            self._loads[module] = found
        return self._loads[module].get(name, [])

    @cached_property
    def handled_errors(self) -> frozenset[str]:
        """Built-in errors for which the app has a handler that answers with something other than a 500."""
        found: set[str] = set()
        for name in ("errorhandler", "app_errorhandler", "register_error_handler"):
            for module, call in self.calls_named(name):
                error = reference(call.args[0]) if call.args else ""
                if error not in ("KeyError", "ValueError", "TypeError", "AttributeError", "LookupError", "Exception"):
                    continue
                holder = module.parents.get(call)
                if isinstance(holder, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    statuses = {reply.status for reply in self.answers(module, holder)}
                    if statuses and all(status is not None and status >= 500 for status in statuses):
                        continue
                found.add(error)
        if "Exception" in found:
            found |= {"KeyError", "ValueError", "TypeError", "AttributeError"}
        return frozenset(found)

    def reads_of(self, owner: Instance, name: str) -> list[tuple[Module, ast.Attribute]]:
        """The places that read an attribute of objects of a class."""
        found = [(m, n) for m, n in self.index.attributes.get(name, ()) if isinstance(n.ctx, ast.Load)]
        if len(found) > MAX_READS:
            return []
        return [(m, n) for m, n in found if any(member == owner for member in members(self.shape(m, n.value)))]

    def free(self, module: Module) -> Frame:
        """The frame of a module in which no parameter is bound."""
        if module not in self._free:
            if module.name not in self._modules and module.name in self.project.modules:
                self._modules[module.name] = module
            self._free[module] = Frame(module, {})
        return self._free[module]

    def frame(self, function: Function, bound: dict[tuple[str, str], Shape], key: str, depth: int) -> Frame | None:
        """The frame in which a function runs with these parameters."""
        module = self.module(function.module)
        if module is None:
            return None
        index = function.module, key, frozenset(bound.items())
        if index not in self._frames:
            self._frames[index] = Frame(module, bound, frozenset({key, *(scope for scope, _ in bound)}), depth)
        return self._frames[index]

    def class_nodes(self, module: Module) -> dict[str, ast.ClassDef]:
        if module not in self._class_nodes:
            self._class_nodes[module] = {s.qualname: n for n, s in module.scopes.items() if isinstance(n, ast.ClassDef)}
        return self._class_nodes[module]

    def function_node(self, function: Function) -> tuple[Module, FunctionNode] | None:
        found = self.callable_node(function)
        return (found[0], found[1]) if found is not None and not isinstance(found[1], ast.Lambda) else None

    def callable_node(self, function: Function) -> tuple[Module, Callable_] | None:
        module = self.module(function.module)
        if module is None:
            return None
        if module not in self._callables:
            self._callables[module] = {
                scope_key(s): n
                for n, s in module.scopes.items()
                if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
            }
        node = self._callables[module].get(function.name)
        return (module, node) if node is not None else None

    # -- for the other files of this package -----------------------------------------------------------------------

    def instance(self, cls: ClassOf) -> Shape:
        return classes.instance(self, cls)

    def method_of(self, cls: ClassOf, name: str) -> Function | None:
        return classes.method(self, cls, name)

    def class_named(self, module: Module, name: str) -> Shape:
        """The class with a name, of this module or of the only one that has it."""
        if name in self.class_nodes(module):
            return ClassOf(module.name, name)
        found = self.index.classes.get(name, [])
        return ClassOf(found[0], name) if len(found) == 1 else UNKNOWN

    def named(self, module: Module, node: ast.expr) -> Shape:
        """The shape of a name or attribute chain in an annotation."""
        return self.evaluate(self.free(module), node)

    def alias(self, module: Module, node: ast.expr) -> tuple[Module, ast.expr] | None:
        """What a name that is assigned once stands for, followed through imports."""
        return self.definition(module, node)

    def definition(self, module: Module, node: ast.expr) -> tuple[Module, ast.expr] | None:
        """The expression that a name of a module (this one or an imported one) is assigned once."""
        _, scope = self.places.get(node, (module, None))
        if isinstance(node, ast.Name):
            found = (scope or scope_at(module, node)).lookup(node.id)
            if found is not None and len(found[1]) == 1 and found[1][0].kind == "value":
                statement = module.parents.get(found[1][0].node)
                if isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is not None:
                    single = not isinstance(statement, ast.Assign) or len(statement.targets) == 1
                    return (module, statement.value) if single else None
        dotted = module.dotted(node, scope)
        head, _, last = self.project.canonical(dotted).rpartition(".")
        other = self.module(head)
        if other is None or (other is module and isinstance(node, ast.Name)):
            return None
        bindings = other.scope.bindings.get(last, [])
        if len(bindings) == 1 and bindings[0].kind == "value":
            statement = other.parents.get(bindings[0].node)
            if isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is not None:
                return other, statement.value
        return None

    def receiver(self, function: Function, owner: Shape) -> tuple[tuple[str, str, Shape], ...]:
        """`self` (or `cls`) bound for a method."""
        found = self.function_node(function)
        if found is None:
            return ()
        arguments = [*found[1].args.posonlyargs, *found[1].args.args]
        return ((function.name, arguments[0].arg, owner),) if arguments else ()

    def refined(self, declared: Shape, seen: Shape) -> Shape:
        """What is declared, made more exact by what was seen where the declaration is vague."""
        if isinstance(declared, Unknown):
            return seen
        if isinstance(seen, Unknown):
            return declared
        if isinstance(declared, Mapping) and isinstance(seen, Mapping):
            if is_vague(declared) or (seen.is_closed and not seen.fields):
                values = self.refined(declared.values, seen.any_value()) if not seen.fields else seen.values
                if not seen.fields and isinstance(seen.any_value(), Never):
                    values = declared.values
                keys = self.refined(declared.keys, seen.keys) if not isinstance(seen.keys, Never) else declared.keys
                return Mapping(seen.fields, values, keys, declared.name or seen.name, seen.sites)
            return Mapping(declared.fields, declared.values, declared.keys, declared.name, seen.sites)
        if isinstance(declared, SequenceOf) and isinstance(seen, SequenceOf):
            item = declared.item if isinstance(seen.item, Never) else self.refined(declared.item, seen.item)
            return SequenceOf(seen.kind if declared.kind == "generator" else declared.kind, item, seen.sites)
        if not is_vague(declared) or isinstance(seen, Never):
            return declared
        parts = [member for member in members(seen) if fits(declared, member)]
        return join(parts) if parts else declared

    def stored_attribute(self, fact: ClassFact, name: str) -> Shape | None:
        """What is assigned to an attribute of the objects of a class, anywhere; None where nothing is."""
        stores = self.index.stores.get(name, [])
        if not stores:
            return None
        key = "stored", fact.id, name
        found: list[bool] = []

        def compute() -> Shape:
            shapes: list[Shape] = []
            if len(stores) > MAX_STORES:
                found.append(True)
                return self.cut()
            for store in stores:
                owner = self.evaluate(self.free(store.module), store.target.value)
                if any(self._is_related(fact, member) for member in members(owner)) or isinstance(owner, Unknown):
                    shapes.append(self.stored_value(store))
                    if not isinstance(owner, Unknown):
                        found.append(True)
            if not shapes:
                return NEVER
            return widened(join(shapes))

        shape = self.remembered(key, compute)
        if isinstance(shape, Never) and not found:
            return None
        return shape

    def stored_value(self, store: AttributeStore) -> Shape:
        statement = store.module.parents.get(store.target)
        frame = self.free(store.module)
        if isinstance(statement, ast.AugAssign):
            return binary(statement.op, NEVER, self.evaluate(frame, statement.value))
        if store.value is None:
            return UNKNOWN
        value = self.evaluate(frame, store.value)
        if isinstance(statement, ast.AnnAssign):
            return self.refined(annotated(self, store.module, statement.annotation), value)
        return value

    def _is_related(self, fact: ClassFact, shape: Shape) -> bool:
        if not isinstance(shape, (Instance, ClassOf)):
            return False
        other = classes.class_fact(self, ClassOf(shape.module, shape.name))
        return other is not None and (
            (fact.module, fact.node) in other.lineage or (other.module, other.node) in fact.lineage
        )

    def constructed(self, fact: ClassFact, name: str) -> Shape:
        """What calls of a class without `__init__` give for one of its fields."""
        names = [f.name for f in classes.fields(self, fact.id) or ()]
        if name not in names:
            return NEVER
        found: list[Shape] = []
        for module, call in self.calls_named(fact.node.name):
            frame = self.free(module)
            if self.evaluate(frame, call.func) != fact.id:
                continue
            bound = calls.matched(self, frame, names, call)
            found.append(bound.get(name, NEVER))
        return widened(join(found))

    def object_dict(self, owner: Instance) -> Shape:
        """`vars(obj)`: the attributes that its class and methods set."""
        fact = classes.class_fact(self, ClassOf(owner.module, owner.name))
        if fact is None:
            return UNKNOWN
        known = classes.object_fields(self, owner)
        if known is not None:
            return Mapping(tuple(Field(f.name, f.shape) for f in known), name=owner.name)
        if fact.outside - {"builtins.object"}:
            return Mapping(values=UNKNOWN, keys=STR)
        names: dict[str, bool] = {}  # whether the constructor sets it in any case
        for module, node in reversed(fact.lineage):
            for inner in walk(node):
                if (
                    isinstance(inner, ast.Attribute)
                    and isinstance(inner.ctx, ast.Store)
                    and reference(inner.value) == "self"
                ):
                    maker = module.parents[module.statement_of(inner)]
                    is_made = isinstance(maker, ast.FunctionDef) and maker.name == "__init__"
                    names[inner.attr] = is_made or names.get(inner.attr, False)
        found = [Field(name, classes.instance_attribute(self, owner, name), names[name]) for name in names]
        return Mapping(tuple(found), name=owner.name)

    def called(self, module: Module, factory: ast.expr, call: ast.Call) -> Shape:
        """What calling `factory` without arguments gives, at the place of `call`."""
        return filled.made(
            self,
            self.free(module),
            call,
            calls.call_shape(self, self.free(module), self.shape(module, factory), None, call),
        )

    # -- expressions -----------------------------------------------------------------------------------------------

    def evaluate(self, frame: Frame, node: ast.expr) -> Shape:
        """The shape of an expression in a frame."""
        if isinstance(node, ast.Constant):
            return _constant(node.value)
        return self.remembered((frame, node), lambda: self._evaluate(frame, node))

    def _evaluate(self, frame: Frame, node: ast.expr) -> Shape:
        if isinstance(node, ast.Name):
            return self._name(frame, node)
        if isinstance(node, ast.Attribute):
            return narrowed(self, frame, node, self.attribute(frame, self.evaluate(frame, node.value), node.attr))
        if isinstance(node, ast.Call):
            return calls.call(self, frame, node)
        if isinstance(node, ast.Subscript):
            return narrowed(self, frame, node, items.subscript(self, frame, node))
        if isinstance(node, ast.JoinedStr):
            return STR
        if isinstance(node, ast.Dict):
            return filled.made(self, frame, node, self._dict(frame, node))
        if isinstance(node, (ast.List, ast.Set)):
            item = join(self._items(frame, node.elts))
            kind = "list" if isinstance(node, ast.List) else "set"
            return filled.made(self, frame, node, SequenceOf(kind, item if len(node.elts) < 2 else widened(item)))
        if isinstance(node, ast.Tuple):
            if any(isinstance(one, ast.Starred) for one in node.elts):
                return SequenceOf("tuple", join(self._items(frame, node.elts)))
            return TupleOf(tuple(self.evaluate(frame, one) for one in node.elts))
        if isinstance(node, ast.BinOp):
            return binary(node.op, self.evaluate(frame, node.left), self.evaluate(frame, node.right))
        if isinstance(node, ast.BoolOp):
            return self._bool(frame, node)
        if isinstance(node, ast.UnaryOp):
            return unary(node.op, self.evaluate(frame, node.operand))
        if isinstance(node, ast.Compare):
            left = self.evaluate(frame, node.left)
            return left if isinstance(left, Foreign) and left.kind in ("ndarray", "sqlalchemy.column") else BOOL
        if isinstance(node, ast.IfExp):
            test = self.evaluate(frame, node.test)
            branches = []
            if not isinstance(truthy(test), Never) or isinstance(test, Never):
                branches.append(self.evaluate(frame, node.body))
            if not isinstance(falsy(test), Never) or isinstance(test, Never):
                branches.append(self.evaluate(frame, node.orelse))
            return join(branches)
        if isinstance(node, (ast.ListComp, ast.SetComp)):
            kind = "list" if isinstance(node, ast.ListComp) else "set"
            return filled.made(self, frame, node, SequenceOf(kind, widened(self.evaluate(frame, node.elt))))
        if isinstance(node, ast.GeneratorExp):
            return SequenceOf("generator", widened(self.evaluate(frame, node.elt)))
        if isinstance(node, ast.DictComp):
            return filled.made(self, frame, node, self._dict_of_turns(frame, node))
        if isinstance(node, ast.Lambda):
            scope = frame.module.scopes.get(node)
            return Function(frame.module.name, scope_key(scope), _closure(frame)) if scope is not None else UNKNOWN
        if isinstance(node, (ast.Await, ast.NamedExpr, ast.FormattedValue)):
            return self.evaluate(frame, node.value)
        if isinstance(node, ast.Starred):
            return element(self.evaluate(frame, node.value))
        return UNKNOWN

    def _items(self, frame: Frame, nodes: Sequence[ast.expr]) -> Iterator[Shape]:
        for node in nodes:
            yield self.evaluate(frame, node)

    def _bool(self, frame: Frame, node: ast.BoolOp) -> Shape:
        shapes = [self.evaluate(frame, value) for value in node.values]
        found: list[Shape] = []
        for shape in shapes[:-1]:
            if isinstance(node.op, ast.Or):
                found.append(truthy(shape))
                if members(shape) and not may_be_falsy(shape):
                    return join(found)
            else:
                found.append(falsy(shape))
        return join([*found, shapes[-1]])

    def _dict_of_turns(self, frame: Frame, node: ast.DictComp) -> Shape:
        if (pairs := turns.pairs(self, frame, node)) is not None:
            return dict_of(pairs)
        keys, values = self.evaluate(frame, node.key), self.evaluate(frame, node.value)
        return Mapping(values=widened(values), keys=widened(keys))

    def _dict(self, frame: Frame, node: ast.Dict) -> Shape:
        made = Mapping()
        for key, value in zip(node.keys, node.values, strict=True):
            shape = self.evaluate(frame, value)
            if key is None:
                made = spread(made, shape)
            else:
                made = with_key(made, self.evaluate(frame, key), shape)
        return made

    # -- names -----------------------------------------------------------------------------------------------------

    def _name(self, frame: Frame, node: ast.Name) -> Shape:
        module, scope = self.places.get(node, (frame.module, None))
        scope = scope or scope_at(module, node)
        found = scope.lookup(node.id)
        if found is None:
            return self._outside(module, node.id)
        owner, bindings = found
        key = scope_key(owner), node.id
        if isinstance(owner.node, COMPREHENSIONS) and key in frame.bound and module is frame.module:
            return narrowed(self, frame, node, frame.bound[key])
        return narrowed(self, frame, node, self._bound_name(frame, module, owner, bindings, node))

    def _outside(self, module: Module, name: str) -> Shape:
        for star in module.stars:
            shape = self.target(f"{star}.{name}")
            if not isinstance(shape, External):
                return shape
            if star not in self.project.modules:
                return shape if name not in BUILTINS else External(f"builtins.{name}")
        return External(f"builtins.{name}") if name != "__name__" else STR

    def _bound_name(self, frame: Frame, module: Module, owner: Scope, bindings: list[Binding], read: ast.AST) -> Shape:
        home = function_scope_of(owner)
        here = (
            frame if scope_key(home) in frame.inside and frame.module is module and home.parent else self.free(module)
        )
        reader = function_scope_of(scope_at(module, read))
        seen: Iterable[Binding] = bindings
        if reader is home and len(bindings) > 1 and read in module.parents:
            seen = reaching(module, bindings, read)
        return join([self._binding(here, owner, binding) for binding in seen])

    def global_name(self, module: Module, name: str) -> Shape:
        """The shape of a name of a module, at the end of it."""
        bindings = module.scope.bindings.get(name)
        if bindings:
            return join([self._binding(self.free(module), module.scope, binding) for binding in bindings])
        if f"{module.name}.{name}" in self.project.modules:
            return ModuleOf(f"{module.name}.{name}")
        if (key := (module.name, name)) not in self._starring:  # two modules may import all of each other
            self._starring.add(key)
            shapes = [self.target(f"{star}.{name}") for star in module.stars]
            self._starring.discard(key)
            return next((s for s in shapes if not isinstance(s, External)), External(f"{module.name}.{name}"))
        return External(f"{module.name}.{name}")

    def target(self, dotted: str) -> Shape:
        """The shape of what an import names."""
        parts = dotted.split(".")
        for length in range(len(parts), 0, -1):
            head = ".".join(parts[:length])
            if head in self.project.modules:
                shape: Shape = ModuleOf(head)
                for part in parts[length:]:
                    shape = self.attribute(None, shape, part)
                return shape
        name = self.project.canonical(dotted)
        return VALUES.get(name, External(name))

    def _binding(self, frame: Frame, owner: Scope, binding: Binding) -> Shape:
        return self.remembered((frame, "bound", binding.node), lambda: self._binding_value(frame, owner, binding))

    def _binding_value(self, frame: Frame, owner: Scope, binding: Binding) -> Shape:
        module, node = frame.module, binding.node
        if binding.kind == "import":
            return self.target(binding.target)
        if binding.kind == "class":
            return ClassOf(module.name, module.scopes[node].qualname)
        if binding.kind == "def":
            assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
            return calls.decorated(self, frame, node)
        if binding.kind == "param":
            assert isinstance(node, ast.arg)
            return params.parameter(self, frame, owner, node)
        if isinstance(node, ast.ExceptHandler):
            return self._caught(frame, node)
        if isinstance(node, ast.Name):
            return UNKNOWN if isinstance(node.ctx, ast.Load) else self._assigned(frame, node)
        if isinstance(node, ast.MatchAs) and isinstance(case := module.parents.get(node), ast.match_case):
            match = module.parents.get(case)
            return self.evaluate(frame, match.subject) if isinstance(match, ast.Match) else UNKNOWN
        return UNKNOWN

    def _caught(self, frame: Frame, node: ast.ExceptHandler) -> Shape:
        if node.type is None:
            return Foreign("exception")
        kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        found: list[Shape] = []
        for kind in kinds:
            shape = self.evaluate(frame, kind)
            found.append(self.instance(shape) if isinstance(shape, ClassOf) else Foreign("exception"))
        return join(found)

    def _assigned(self, frame: Frame, node: ast.Name) -> Shape:
        """The value that a name is given at one place."""
        if isinstance(node.ctx, ast.Del):
            return NEVER
        path: list[tuple[ast.AST, ast.AST]] = []
        child: ast.AST = node
        parent = frame.module.parents.get(node)
        while isinstance(parent, (ast.Tuple, ast.List, ast.Starred)):
            path.append((parent, child))
            child, parent = parent, frame.module.parents.get(parent)
        if isinstance(parent, ast.Assign):
            return changed(self, frame, node, unpacked(self.evaluate(frame, parent.value), path))
        if isinstance(parent, ast.AnnAssign):
            declared = annotated(self, frame.module, parent.annotation)
            if parent.value is None:
                return declared if not isinstance(declared, Unknown) else NEVER
            return self.refined(declared, self.evaluate(frame, parent.value))
        if isinstance(parent, ast.AugAssign):
            found = scope_at(frame.module, node).lookup(node.id)
            before = self._bound_name(frame, frame.module, found[0], found[1], node) if found else UNKNOWN
            return binary(parent.op, widened(before), self.evaluate(frame, parent.value))
        if isinstance(parent, (ast.For, ast.AsyncFor, ast.comprehension)):
            return unpacked(self._element(frame, parent.iter), path)
        if isinstance(parent, ast.NamedExpr):
            return self.evaluate(frame, parent.value)
        if isinstance(parent, ast.withitem):
            return unpacked(calls.entered(self, frame, parent.context_expr), path)
        return UNKNOWN

    def _element(self, frame: Frame, node: ast.expr) -> Shape:
        shape = self.evaluate(frame, node)
        for member in members(shape):
            if isinstance(member, Instance) and (
                found := self.method_of(ClassOf(member.module, member.name), "__iter__")
            ):
                bound = Function(found.module, found.name, self.receiver(found, member))
                return element(calls.result(self, bound, {}, frame.depth))
            if isinstance(member, ClassOf):
                fact = classes.class_fact(self, member)
                if fact is not None and fact.kind == "enum":
                    return self.instance(member)
        return element(shape)

    # -- attributes and items --------------------------------------------------------------------------------------

    def attribute(self, frame: Frame | None, owner: Shape, name: str) -> Shape:
        """`owner.name`, not called."""
        return items.attribute_of(self, frame, owner, name)

    def item(self, owner: Shape, key: Shape) -> Shape:
        """`owner[key]`."""
        return items.item_of(self, owner, key)

    # -- returns ---------------------------------------------------------------------------------------------------

    def body_result(self, frame: Frame, node: Callable_) -> Shape:
        """What the body of a function returns, or gives as a generator."""
        if isinstance(node, ast.Lambda):
            return self.evaluate(frame, node.body)
        if found := frame.module.yields.get(node):
            items = [
                (
                    element(self.evaluate(frame, one.value))
                    if isinstance(one, ast.YieldFrom)
                    else self.evaluate(frame, one.value)
                )
                if one.value is not None
                else NONE
                for one in found
            ]
            return SequenceOf("generator", widened(join(items)))
        shapes = [
            self.evaluate(frame, one.value) if one.value is not None else NONE
            for one in frame.module.returns.get(node, ())
            if not self._is_dead(frame, one)
        ]
        if not stops(node.body, also_jumps=False):
            shapes.append(NONE)
        return join(shapes)

    def _is_dead(self, frame: Frame, node: ast.AST) -> bool:
        """Whether the tests around a statement say that it is not reached with these parameters."""
        if not frame.bound:
            return False
        child = node
        for ancestor in frame.module.ancestors(node):
            if isinstance(ancestor, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                return False
            if isinstance(ancestor, ast.If):
                test = self.evaluate(frame, ancestor.test)
                if any(child is one for one in ancestor.body) and members(test) and isinstance(truthy(test), Never):
                    return True
                if any(child is one for one in ancestor.orelse) and members(test) and isinstance(falsy(test), Never):
                    return True
            child = ancestor
        return False


def _closure(frame: Frame) -> tuple[tuple[str, str, Shape], ...]:
    return tuple((scope, name, shape) for (scope, name), shape in sorted(frame.bound.items(), key=lambda item: item[0]))


def _constant(value: object) -> Shape:
    if value is None:
        return NONE
    if isinstance(value, bool):
        return Scalar("bool", value)
    if isinstance(value, int):
        return Scalar("int", value)
    if isinstance(value, str):
        return Scalar("str", value) if len(value) < 200 else STR
    if isinstance(value, float):
        return FLOAT
    if isinstance(value, bytes):
        return BYTES
    return Scalar("complex") if isinstance(value, complex) else UNKNOWN
