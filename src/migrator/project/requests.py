"""How a view uses `request`: which of its reads can be parameters, and under which names."""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from migrator.module import FunctionNode, Module, all_arguments
from migrator.syntax import argument, is_unconditional

if TYPE_CHECKING:
    from migrator.project.project import Project

MAPPINGS = ("args", "form", "headers", "cookies", "files")
BODIES = ("form", "files")


@dataclass(frozen=True, slots=True)
class Use:
    """One read of `request`. `kind` is the attribute ("args", ...), `access` what is done with it: "get", "getlist",
    "item", "in", "not in", or "" for anything else; `node` is the whole expression."""

    name: ast.Name
    kind: str
    access: str = ""
    key: str = ""
    node: ast.AST | None = None
    default: ast.expr | None = None
    type: ast.expr | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the view that takes the place of some reads."""

    kind: str
    key: str
    name: str
    uses: tuple[Use, ...]
    assigned: tuple[ast.stmt, ...] = ()  # `name = <read>` statements that the parameter makes superfluous
    required: bool = False
    default: ast.expr | None = None
    type: ast.expr | None = None
    many: bool = False

    @property
    def alias(self) -> str:
        """The key, where the name does not say it."""
        plain = self.name.replace("_", "-") if self.kind == "headers" else self.name
        wanted = self.key.lower() if self.kind == "headers" else self.key
        return "" if plain == wanted else self.key


@dataclass(eq=False)
class RequestUses:
    """All reads of `request` in a view (its inner functions included): parameters, and the rest."""

    view: FunctionNode
    parameters: tuple[Parameter, ...] = ()
    rest: tuple[Use, ...] = ()
    all: tuple[Use, ...] = field(default_factory=tuple)


def uses_of(module: Module, project: Project, view: FunctionNode) -> Iterator[Use]:
    """Every read of Flask's request in a view."""
    for name in module.names:
        if project.canonical(name.target) == "flask.request":
            if project.view_around(module, name.node) is view:
                yield use_at(module, name.node)
    for node in module.nodes(ast.Attribute):
        if isinstance(node.value, ast.Name) and project.canonical(module.dotted(node)) == "flask.request" and project.canonical(module.dotted(node.value)) == "flask":
            if project.view_around(module, node) is view:
                yield use_at(module, node)


def use_at(module: Module, name: ast.AST) -> Use:
    """What is done with a `request`."""
    base = name if isinstance(name, ast.Name) else name.value if isinstance(name, ast.Attribute) else name
    assert isinstance(base, ast.Name)
    mapping = module.parents[name]
    if not isinstance(mapping, ast.Attribute):
        return Use(base, "")
    kind = mapping.attr
    parent = module.parents[mapping]
    if kind not in MAPPINGS:
        call = parent if isinstance(parent, ast.Call) and parent.func is mapping else None
        return Use(base, kind, "call" if call else "", node=call or mapping)
    if isinstance(parent, ast.Subscript) and isinstance(parent.slice, ast.Constant) and isinstance(parent.slice.value, str):
        if isinstance(parent.ctx, ast.Load):
            return Use(base, kind, "item", parent.slice.value, parent)
    if isinstance(parent, ast.Compare) and len(parent.ops) == 1 and parent.comparators[0] is mapping:
        left = parent.left
        if isinstance(left, ast.Constant) and isinstance(left.value, str) and isinstance(parent.ops[0], (ast.In, ast.NotIn)):
            access = "in" if isinstance(parent.ops[0], ast.In) else "not in"
            return Use(base, kind, access, left.value, parent)
    if isinstance(parent, ast.Attribute) and parent.attr in ("get", "getlist"):
        call = module.parents[parent]
        if isinstance(call, ast.Call) and call.func is parent and not any(isinstance(a, ast.Starred) for a in call.args):
            key = argument(call, 0, "key")
            if isinstance(key, ast.Constant) and isinstance(key.value, str) and {k.arg for k in call.keywords} <= {"default", "type", "key"}:
                default = argument(call, 1, "default") if parent.attr == "get" else None
                kind_of = argument(call, 2 if parent.attr == "get" else 1, "type")
                if isinstance(default, ast.Constant) and default.value is None:
                    default = None
                return Use(base, kind, parent.attr, key.value, call, default, kind_of)
    return Use(base, kind, node=mapping)


def read_requests(module: Module, project: Project, view: FunctionNode, methods: frozenset[str]) -> RequestUses:
    """Decide for every read of a view whether a parameter can take its place."""
    uses = tuple(uses_of(module, project, view))
    groups: dict[tuple[str, str], list[Use]] = {}
    rest: list[Use] = []
    reads_body = bool(methods & {"POST", "PUT", "PATCH", "DELETE"}) and not methods & {"GET", "HEAD"}
    kinds = {use.kind for use in uses}
    mixed = bool(kinds & {"json", "get_json", "data", "get_data", "stream", "values"})
    for use in uses:
        if not use.access or use.kind not in MAPPINGS or use.kind == "files":
            rest.append(use)
        elif use.kind in BODIES and (not reads_body or mixed):
            rest.append(use)
        else:
            key = use.key.lower() if use.kind == "headers" else use.key
            groups.setdefault((use.kind, key), []).append(use)
    parameters: list[Parameter] = []
    taken = {arg.arg for arg in all_arguments(view.args)}
    for group in groups.values():
        made = parameter_of(module, view, group, taken)
        if made is None:
            rest += group
        else:
            taken.add(made.name)
            parameters.append(made)
    return RequestUses(view, tuple(parameters), tuple(rest), uses)


def parameter_of(module: Module, view: FunctionNode, group: list[Use], taken: set[str]) -> Parameter | None:
    """One parameter for all reads of a key; None where they do not agree, or some would fail only later."""
    reads = [use for use in group if use.access in ("get", "item", "getlist")]
    if not reads:
        reads = group
    shapes = {(u.access, ast.dump(u.default) if u.default else "", ast.dump(u.type) if u.type else "") for u in reads}
    tests = [use for use in group if use.access in ("in", "not in")]
    if len(shapes) > 1 or (tests and (reads[0].default is not None or reads[0].type is not None or reads[0].access != "get") and reads != tests):
        return None
    first = reads[0]
    if first.access == "item" and not any(is_unconditional(module, view, use.node) for use in reads):
        return None
    if first.default is not None and not is_early(module, first.default):
        return None
    if first.type is not None and not is_early(module, first.type):
        return None
    target = assigned_name(module, view, first)
    if target is not None and target[0] not in taken:
        name, statement = target
        removed: tuple[ast.stmt, ...] = (statement,)
    else:
        name, removed = free_name(module, view, first.key, taken), ()
    return Parameter(
        first.kind,
        first.key,
        name,
        tuple(group),
        removed,
        first.access == "item",
        first.default,
        first.type,
        first.access == "getlist",
    )


def assigned_name(module: Module, view: FunctionNode, use: Use) -> tuple[str, ast.stmt] | None:
    """`name = <read>`, where this is what first gives the name its value."""
    assert use.node is not None
    statement = module.parents[use.node]
    if not (isinstance(statement, ast.Assign) and len(statement.targets) == 1 and isinstance(statement.targets[0], ast.Name)):
        return None
    if module.function_of(statement) is not view or any(isinstance(a, (ast.For, ast.While)) for a in module.ancestors(statement)):
        return None
    name = statement.targets[0].id
    bindings = module.scopes[view].bindings.get(name, [])
    lines = [getattr(b.node, "lineno", 0) for b in bindings]
    is_first = min(lines, default=0) == statement.lineno
    if not is_first or any(b.kind != "value" for b in bindings):
        return None
    if len(bindings) > 1 and not is_unconditional(module, view, statement):
        return None
    if module.scopes[view].outer & {name}:
        return None
    return name, statement


def free_name(module: Module, view: FunctionNode, key: str, taken: set[str]) -> str:
    """An identifier for a key that nothing else in the view is called."""
    name = re.sub(r"\W+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key)).strip("_").lower() or "value"
    if name[0].isdigit():
        name = f"value_{name}"
    used = taken | set(module.scopes[view].bindings) | {n.id for n in ast.walk(view) if isinstance(n, ast.Name)}
    while keyword.iskeyword(name) or name in used or name in RESERVED:
        name += "_"
    return name


RESERVED = {"request", "response", "id", "type", "str", "int", "float", "bool", "list", "dict", "min", "max", "filter", "format", "len", "range", "sorted", "sum"}


def is_early(module: Module, node: ast.expr) -> bool:
    """Whether an expression means the same when the function is defined: literals, and names of the module."""
    for child in ast.walk(node):
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Load):
            if isinstance(node, ast.Lambda) and child.id in {a.arg for a in all_arguments(node.args)}:
                continue
            found = module.scope_of(child).lookup(child.id)
            if found is not None and found[0] is not module.scope:
                return False
            if found is not None and (len(found[1]) > 1 or found[1][0].node.lineno > child.lineno):  # type: ignore[attr-defined]
                return False
            if found is not None and found[1][0].kind == "value" and isinstance(module.parents.get(found[1][0].node), ast.Assign):
                continue
        elif isinstance(child, (ast.Call, ast.Attribute, ast.Await, ast.Yield, ast.NamedExpr)) and not isinstance(node, ast.Lambda):
            if isinstance(child, ast.Attribute) and module.dotted(child):
                continue
            return False
    return True
