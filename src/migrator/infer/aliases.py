"""Which statements fill or empty a list or dict: from the place that makes it, forward to all that it is called."""

from __future__ import annotations

import ast
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.infer.flow import reaching
from migrator.infer.frame import function_scope_of, scope_at
from migrator.infer.index import is_called
from migrator.infer.mutations import METHODS, Mutation
from migrator.infer.shapes import External, Foreign, Shape, Site, members, sites_of
from migrator.module import FunctionNode, Module, Scope
from migrator.project.model import FunctionId
from migrator.syntax import function_scope, reference

if TYPE_CHECKING:
    from migrator.infer.evaluate import Inference

MAX_PLACES = 120  # places that are followed for one list or dict
MAX_DEPTH = 5  # containers within containers
MAX_READS = 40  # reads of an attribute, or calls of a function, that are followed
MAX_METHODS = 3  # methods of one name that a call on an unknown object may mean
GLOBAL_SITES = ("flask.config", "flask.extensions")
# calls that give what their arguments hold, and how many containers deeper it lies in what they give
SAME = {
    "list": 0, "tuple": 0, "set": 0, "dict": 0, "sorted": 0, "reversed": 0, "iter": 0, "filter": 0, "chain": 0,
    "deque": 0, "OrderedDict": 0, "enumerate": 1, "zip": 1, "next": -1, "min": -1, "max": -1, "choice": -1,
}  # fmt: skip
# methods that give what the object holds
GIVING = {"get": -1, "setdefault": -1, "pop": -1, "popleft": -1, "values": 0, "items": 1, "popitem": 0, "copy": 0}


@dataclass(frozen=True, slots=True)
class Effects:
    """What is done with a list or dict after it was made; `is_lost` where not all of it can be seen."""

    mutations: tuple[Mutation, ...] = ()
    is_lost: bool = False


NO_EFFECTS = Effects()
LOST = Effects(is_lost=True)


def effects_on(inference: Inference, module: Module, node: ast.expr, site: Site) -> Effects:
    """What is done with the list or dict that `node` makes."""
    trail = Trail(inference)
    trail.follow(module, node, 0, True)
    return trail.effects(site)


def effects_on_global(inference: Inference, site: Site) -> Effects:
    """What is done with the config, the extensions or the session of the app."""
    kind = site[0]
    trail = Trail(inference, has_limits=False)
    if kind in GLOBAL_SITES:
        trail.attribute(kind.partition(".")[2], 0)
    else:
        for module in inference.modules:
            for name in module.names:
                if inference.project.canonical(name.target) == kind:
                    trail.follow(module, name.node, 0, True)
        trail.attribute(kind.partition(".")[2], 0)
    return trail.effects(site)


def _global_sites(shape: Shape) -> Iterator[Site]:
    for member in members(shape):
        if isinstance(member, Foreign) and member.kind in GLOBAL_SITES:
            yield member.kind, 0, 0
        elif member == External("flask.session"):
            yield "flask.session", 0, 0


class Trail:
    """One walk. A place is an expression whose value is the list or dict, or holds it `depth` containers deep. Where
    `sure`, no other value can be there; else the mutation is only counted if the inference finds the same."""

    def __init__(self, inference: Inference, *, has_limits: bool = True) -> None:
        self.inference = inference
        self.has_limits = has_limits
        self.is_lost = False
        self._found: dict[Mutation, bool] = {}
        self._seen: set[tuple[Hashable, int]] = set()
        self._waiting: list[tuple[Module, ast.AST, int, bool]] = []

    def effects(self, site: Site) -> Effects:
        count = 0
        while self._waiting:
            count += 1
            if count > MAX_PLACES and self.has_limits:
                self.is_lost = True
                break
            self._used(*self._waiting.pop(0))
        found: list[Mutation] = []
        for mutation, sure in self._found.items():
            if not sure:
                shape = self.inference.evaluate(self.inference.free(mutation.module), mutation.receiver)
                sure = any(one == site for one in (*sites_of(shape), *_global_sites(shape)))
            if sure:
                found.append(mutation)
        found.sort(key=_place)
        return Effects(tuple(found), self.is_lost) if found or self.is_lost else NO_EFFECTS

    def follow(self, module: Module, node: ast.AST, depth: int, sure: bool) -> None:
        if 0 <= depth < MAX_DEPTH and (node, depth) not in self._seen:
            self._seen.add((node, depth))
            self._waiting.append((module, node, depth, sure))

    def _is_new(self, what: Hashable, depth: int) -> bool:
        if not 0 <= depth < MAX_DEPTH or (key := (what, depth)) in self._seen:
            return False
        self._seen.add(key)
        return True

    # -- what is done with a place ---------------------------------------------------------------------------------

    def _used(self, module: Module, node: ast.AST, depth: int, sure: bool) -> None:
        mutation = self.inference.mutated(module).get(node)
        if mutation is not None and depth == 0:
            self._found[mutation] = sure or self._found.get(mutation, False)
        parent = module.parents.get(node)
        if isinstance(parent, (ast.Assign, ast.AnnAssign)):
            if node is parent.value:
                for target in parent.targets if isinstance(parent, ast.Assign) else [parent.target]:
                    self._named(module, target, depth, sure)
        elif isinstance(parent, ast.NamedExpr):
            self._named(module, parent.target, depth, sure)
            self.follow(module, parent, depth, sure)
        elif isinstance(parent, (ast.BoolOp, ast.Await)):
            self.follow(module, parent, depth, sure)
        elif isinstance(parent, ast.IfExp):
            if node is not parent.test:
                self.follow(module, parent, depth, sure)
        elif isinstance(parent, ast.Attribute):
            call = module.parents.get(parent)
            if depth and isinstance(call, ast.Call) and call.func is parent and parent.attr in GIVING:
                self.follow(module, call, depth + GIVING[parent.attr], False)
        elif isinstance(parent, ast.Subscript):
            if node is parent.value and isinstance(parent.ctx, ast.Load):
                self.follow(module, parent, depth if isinstance(parent.slice, ast.Slice) else depth - 1, False)
        elif isinstance(parent, ast.Starred):
            self.follow(module, parent, depth - 1, False)
        elif isinstance(parent, ast.Tuple) and isinstance(outer := module.parents.get(parent), ast.Assign):
            self._unpacked(module, node, parent, outer, depth, sure)
        elif isinstance(parent, (ast.List, ast.Tuple, ast.Set)):
            self.follow(module, parent, depth + 1, False)
        elif isinstance(parent, ast.Dict):
            spread = any(k is None and v is node for k, v in zip(parent.keys, parent.values, strict=True))
            self.follow(module, parent, depth if spread else depth + 1, False)
        elif isinstance(parent, (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)):
            self.follow(module, parent, depth + 1, False)
        elif isinstance(parent, (ast.For, ast.AsyncFor, ast.comprehension)):
            if node is parent.iter:
                self._named(module, parent.target, depth - 1, False)
        elif isinstance(parent, (ast.Return, ast.Yield, ast.YieldFrom)):
            self._returned(module, parent, depth + isinstance(parent, ast.Yield), sure)
        elif isinstance(parent, ast.Lambda):
            self.follow(module, parent, depth, False)
        elif isinstance(parent, ast.keyword):
            call = module.parents.get(parent)
            if isinstance(call, ast.Call):
                self._passed(module, node, call, parent.arg, depth, sure)
        elif isinstance(parent, ast.Call):
            if node is not parent.func:
                self._passed(module, node, parent, "", depth, sure)
        elif isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for name, default in _defaults(parent):
                if default is node:
                    self._parameter((module.name, module.scopes[parent].qualname), name, depth, False)

    def _unpacked(
        self, module: Module, node: ast.AST, values: ast.Tuple, statement: ast.Assign, depth: int, sure: bool
    ) -> None:
        index = next((i for i, one in enumerate(values.elts) if one is node), -1)
        for target in statement.targets:
            if isinstance(target, (ast.Tuple, ast.List)) and len(target.elts) == len(values.elts) and index >= 0:
                self._named(module, target.elts[index], depth, sure)
            else:
                self._named(module, target, depth + 1, False)

    # -- names -----------------------------------------------------------------------------------------------------

    def _named(self, module: Module, target: ast.expr, depth: int, sure: bool) -> None:
        """What is done after `target = <it>`."""
        if isinstance(target, ast.Starred):
            self._named(module, target.value, depth, False)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for one in target.elts:
                self._named(module, one, depth if isinstance(one, ast.Starred) else depth - 1, False)
        elif depth < 0:
            return
        elif isinstance(target, ast.Attribute):
            self.attribute(target.attr, depth)
        elif isinstance(target, ast.Subscript):
            self._holder(module, target.value, depth + 1)
        elif isinstance(target, ast.Name):
            found = scope_at(module, target).lookup(target.id)
            if found is not None:
                self._read(module, found[0], target.id, target, depth, sure)

    def _read(self, module: Module, owner: Scope, name: str, source: ast.AST | None, depth: int, sure: bool) -> None:
        """All reads of a name that can see what `source` gave it; None: all that it ever was."""
        if not self._is_new((source, owner, name), depth):
            return
        bindings = owner.bindings.get(name, [])
        home = function_scope_of(owner)
        for read, reader in self.inference.loads_of(module, name):
            found = reader.lookup(name)
            if found is None or found[0] is not owner:
                continue
            if source is not None and len(bindings) > 1 and function_scope_of(reader) is home:
                if not any(one.node is source for one in reaching(module, bindings, read)):
                    continue
            self.follow(module, read, depth, sure and (source is not None or len(bindings) == 1))
        for binding in bindings:
            if isinstance(module.parents.get(binding.node), ast.AugAssign):
                self.follow(module, binding.node, depth, False)
        if owner is module.scope:
            self.attribute(name, depth)
            for other, scope, local in self.inference.index.importers.get(f"{module.name}.{name}", ()):
                importer = self.inference.module(other)
                if importer is not None:
                    self._read_imported(importer, scope, local, depth, sure and len(bindings) == 1)
        elif isinstance(owner.node, ast.ClassDef):
            self.attribute(name, depth)

    def _read_imported(self, module: Module, scope: str, name: str, depth: int, sure: bool) -> None:
        for read, reader in self.inference.loads_of(module, name):
            found = reader.lookup(name)
            if found is None or found[0].qualname == scope:
                self.follow(module, read, depth, sure and found is not None and len(found[1]) == 1)
        if not scope:
            self.attribute(name, depth)
            for other, inner, local in self.inference.index.importers.get(f"{module.name}.{name}", ()):
                importer = self.inference.module(other)
                if importer is not None and self._is_new(f"{other}:{inner}:{local}", depth):
                    self._read_imported(importer, inner, local, depth, sure)

    def attribute(self, name: str, depth: int) -> None:
        """All reads of an attribute with that name."""
        if not self._is_new(f".{name}", depth):
            return
        found = [
            (module, node)
            for module, node in self.inference.index.attributes.get(name, ())
            if not is_called(module, node)
        ]
        if len(found) > MAX_READS and self.has_limits:
            self.is_lost = True
            return
        for module, node in found:
            self.follow(module, node, depth, False)

    def _holder(self, module: Module, node: ast.expr, depth: int) -> None:
        """It was put into what `node` is: all that this may be called holds it."""
        if isinstance(node, ast.Name):
            found = scope_at(module, node).lookup(node.id)
            if found is None:
                return
            owner, bindings = found
            self._read(module, owner, node.id, None, depth, False)
            if not self._is_new(("holder", node), depth):
                return
            for binding in bindings:
                if binding.kind == "import":
                    self._holder_named(binding.target, depth)
                elif binding.kind == "param" and isinstance(owner.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    self._holder_given(module, owner.node, binding.node, depth)
                elif isinstance(parent := module.parents.get(binding.node), (ast.Assign, ast.AnnAssign)):
                    if parent.value is not None:
                        self._holder(module, parent.value, depth)
                elif isinstance(parent, (ast.For, ast.comprehension)):
                    self._holder(module, parent.iter, depth + 1)
        elif isinstance(node, ast.Attribute):
            self.attribute(node.attr, depth)
        elif isinstance(node, ast.Subscript):
            self._holder(module, node.value, depth + 1)
        elif isinstance(node, ast.BoolOp):
            for value in node.values:
                self._holder(module, value, depth)
        elif isinstance(node, ast.Call):
            func = node.func
            if isinstance(func, ast.Attribute) and func.attr in GIVING:
                self._holder(module, func.value, depth - GIVING[func.attr])
                for arg in node.args[1:]:
                    self._holder(module, arg, depth)
                return
            for name, qualname in self._targets(module, node):
                home = self.inference.module(name)
                function = home.functions.get(qualname) if home is not None else None
                if home is not None and function is not None and self._is_new(function, depth):
                    for returned in home.returns.get(function, ()):
                        if returned.value is not None:
                            self._holder(home, returned.value, depth)

    def _holder_named(self, target: str, depth: int) -> None:
        head, _, name = self.inference.project.canonical(target).rpartition(".")
        home = self.inference.module(head)
        if home is not None and name in home.scope.bindings:
            self._read(home, home.scope, name, None, depth, False)

    def _holder_given(self, module: Module, function: FunctionNode, arg: ast.AST, depth: int) -> None:
        if not isinstance(arg, ast.arg) or not self._is_new(arg, depth):
            return
        target = module.name, module.scopes[function].qualname
        names = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
        skip = 1 if isinstance(module.parents.get(function), ast.ClassDef) else 0
        position = names.index(arg.arg) - skip if arg.arg in names else -1
        for place, call in self._calls(target):
            given = next((k.value for k in call.keywords if k.arg == arg.arg), None)
            if given is None and 0 <= position < len(call.args):
                given = call.args[position]
            if given is not None:
                self._holder(place, given, depth)

    # -- calls -----------------------------------------------------------------------------------------------------

    def _passed(
        self, module: Module, node: ast.AST, call: ast.Call, keyword: str | None, depth: int, sure: bool
    ) -> None:
        func = call.func
        last = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
        if isinstance(func, ast.Attribute) and last in METHODS | {"get"}:
            if last in ("get", "setdefault", "pop"):
                self.follow(module, call, depth, False)
            if last not in ("get", "pop"):
                below = 0 if last in ("extend", "update", "from_mapping") and keyword == "" else 1
                self._holder(module, func.value, depth + below)
        if last in SAME and keyword == "":
            self.follow(module, call, depth + SAME[last], False)
        elif last == "dict" or last == "defaultdict":
            self.follow(module, call, depth + 1, False)
        elif last in ("field", "Field", "heappush") and keyword != "":
            self.follow(module, call, depth, False)
        if keyword is None:
            return
        position = next((i for i, arg in enumerate(call.args) if arg is node), -1)
        targets = self._targets(module, call)
        is_known = bool(targets)
        if not targets and isinstance(func, ast.Attribute) and last not in METHODS:
            named = self.inference.index.methods.get(last, [])
            targets = named if len(named) <= MAX_METHODS else []
        for target in targets:
            facts = self.inference.project.function(target)
            if facts is None:
                self._field(target, keyword, position, depth)
                continue
            skip = 1 if facts.in_class and "staticmethod" not in facts.decorators else 0
            if isinstance(func, ast.Attribute) and reference(func.value)[:1].isupper() and last != "__init__":
                skip = 0 if "classmethod" not in facts.decorators else skip
            names = [p.lstrip("*") for p in facts.params]
            name = keyword or (names[position + skip] if 0 <= position + skip < len(names) and position >= 0 else "")
            if name:
                self._parameter(target, name, depth, sure and is_known and len(targets) == 1)

    def _field(self, init: FunctionId, keyword: str, position: int, depth: int) -> None:
        """It becomes a field of an object whose class has no constructor of its own."""
        if keyword:
            self.attribute(keyword, depth)
            return
        home = self.inference.module(init[0])
        cls = self.inference.class_nodes(home).get(init[1].rpartition(".")[0]) if home is not None else None
        names = [
            s.target.id
            for s in (cls.body if cls is not None else ())
            if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)
        ]
        if 0 <= position < len(names):
            self.attribute(names[position], depth)

    def _parameter(self, function: FunctionId, name: str, depth: int, sure: bool) -> None:
        home = self.inference.module(function[0])
        node = home.functions.get(function[1]) if home is not None else None
        if home is None or node is None:
            return
        scope = home.scopes[node]
        for binding in scope.bindings.get(name, []):
            if binding.kind == "param":
                self._read(home, scope, name, binding.node, depth, sure)

    def _targets(self, module: Module, call: ast.Call) -> list[FunctionId]:
        callee = reference(call.func)
        if not callee:
            return []
        return sorted(self.inference.project.names.targets(module.name, function_scope(module, call), callee))

    def _returned(self, module: Module, node: ast.AST, depth: int, sure: bool) -> None:
        """It is what a function gives."""
        function = module.function_of(node)
        if function is None or not self._is_new(("returned", function), depth):
            return
        for decorator in function.decorator_list:
            if reference(decorator).rpartition(".")[2] in ("property", "cached_property"):
                self.attribute(function.name, depth)
                return
        for place, call in self._calls((module.name, module.scopes[function].qualname)):
            self.follow(place, call, depth, sure and not function.decorator_list)

    def _calls(self, function: FunctionId) -> list[tuple[Module, ast.Call]]:
        """The calls of a function, and of methods with its name where the object is not known."""
        found: list[tuple[Module, ast.Call]] = []
        name = function[1].rpartition(".")[2]
        for module, call in self.inference.calls_named(name):
            targets = self._targets(module, call)
            if function in targets or (not targets and isinstance(call.func, ast.Attribute)):
                found.append((module, call))
                if len(found) > MAX_READS:
                    self.is_lost = True
                    return []
        return found


def _defaults(node: FunctionNode) -> Iterator[tuple[str, ast.expr]]:
    positional = [*node.args.posonlyargs, *node.args.args]
    for arg, default in zip(positional[len(positional) - len(node.args.defaults) :], node.args.defaults, strict=True):
        yield arg.arg, default
    for arg, value in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
        if value is not None:
            yield arg.arg, value


def _place(mutation: Mutation) -> tuple[str, int, int]:
    node = mutation.node
    return mutation.module.name, node.lineno, node.col_offset  # type: ignore[attr-defined]
