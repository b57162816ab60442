"""How a view uses its JSON body: as a model, as a dictionary, or in ways that only the view itself can judge."""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.infer.uses import BodyUse, KeyUse
from migrator.module import FunctionNode, Module, walk
from migrator.project.decorators import Decoration
from migrator.project.evidence import Evidence, evidence_of, is_within_try
from migrator.syntax import reference, text_of, texts_of

if TYPE_CHECKING:
    from migrator.project.project import Project
    from migrator.project.requests import Use

SILENT_TYPES = {
    "KeyError",
    "ValueError",
    "TypeError",
    "AttributeError",
    "IndexError",
    "LookupError",
    "ZeroDivisionError",
}
# what raises an HTTP error when it is called
ABORTING = {"abort", "get_or_404", "first_or_404", "one_or_404", "get_object_or_404"}
# uses that only an object survives
DICT_ESCAPES = {"spread", "keys", "method", "dynamic", "changed"}
# names that a Pydantic model has itself
MODEL_NAMES = {
    "copy",
    "dict",
    "json",
    "schema",
    "validate",
    "construct",
    "fields",
    "parse_obj",
    "parse_raw",
    "from_orm",
}


@dataclass(frozen=True, slots=True)
class Access:
    """One use of the body. `kind`: "item", "get", "in", "not in", "each" (a test of keys in a loop), "false", "true",
    "none", "isinstance", or "dict" for all that needs the dictionary itself. `node` is the whole expression."""

    kind: str
    node: ast.expr
    key: str = ""
    default: ast.expr | None = None
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One key of the body. `type` is what it is documented as; `hard`: Flask failed on, or coerced, other values."""

    key: str
    name: str
    type: str  # "str", "int", "float", "bool", "list", "dict", "any"
    hard: bool = False
    coerced: bool = False  # the view converts it itself
    required: bool = False
    default: ast.expr | None = None
    number: str = ""  # the default, as the conversion makes it
    checked: bool = False  # Flask failed where an object, or a list, was something else
    fields: tuple[Field, ...] = ()  # of an object, or of the objects in a list


@dataclass(frozen=True, slots=True)
class Body:
    """The JSON body of a view. `kind`: "model", "dict" (stays a dictionary) or "loose" (the view judges)."""

    kind: str
    name: str  # of the parameter
    fields: tuple[Field, ...]
    accesses: tuple[Access, ...]
    reads: tuple[ast.expr, ...]  # the expressions that give the body
    assigned: ast.stmt | None = None
    is_open: bool = False  # keys that are not known count too
    or_empty: bool = False
    or_none: bool = False
    force: bool = False
    silent: bool = False
    is_late: bool = False  # the view may answer before it reads the body
    is_list: bool = False  # the body is a list, and `fields` are those of its items
    empty_is_none: bool = False  # any empty value is None


def body_of(module: Module, project: Project, view: FunctionNode, uses: list[Use], taken: set[str]) -> Body | None:
    """What a parameter for the body has to be; None where the request itself must be asked."""
    from migrator.infer import inference_of
    from migrator.infer.body import body_uses

    options = {options_of(use) for use in uses}
    if len(options) != 1 or (option := options.pop()) is None:
        return None
    force, silent = option
    reads = [whole(use) for use in uses]
    alternatives = [fallback_of(module, node) for node in reads]
    if len({ast.dump(a) if a else "" for a in alternatives}) > 1:
        return None
    or_empty = alternatives[0] is not None
    outer = [module.parents[node] if a is not None else node for node, a in zip(reads, alternatives, strict=True)]
    straight = all(is_straight(module, view, node) for node in outer)
    if not straight and not all(is_in_branch(module, view, node) for node in outer):
        return None
    assigned = assigned_to(module, view, outer[0]) if len(outer) == 1 else None
    if assigned is not None:
        name = target_name(assigned)
        bases = names_of(module, view, name)
    else:
        if any(isinstance(module.parents[node], (ast.Assign, ast.AnnAssign, ast.NamedExpr)) for node in outer):
            return None
        name, bases = "", [node for node in outer if isinstance(node, ast.expr)]
    accesses = tuple(access for base in bases for access in access_of(module, base))
    kinds = {access.kind for access in accesses}
    use = body_uses(inference_of(project), module, view, name or bases)
    kind = kind_of(module, project, view, accesses, use, is_read_anyhow=force or silent)
    if kind == "model":
        fields = tuple(fields_of(module, project, view, accesses, use))
    else:
        fields = tuple(documented(key, kind) for key in use.keys)
    is_list = use.item is not None and not use.keys
    if is_list and use.item is not None and use.item.body is not None:
        fields = tuple(documented(key, "dict") for key in use.item.body.keys)
    late = not straight or any(may_answer_before(module, project, view, node) for node in outer)
    late = late or any(
        may_answer_instead(project, one) for one in project.kept_decorations(project.function_id(module, view))
    )
    if not straight and (kind == "loose" or force or silent):
        return None
    if late and (force or (silent and any(field.required for field in fields))):
        return None
    late = late or (kind != "loose" and not (force or silent) and looks_for_gaps(module, accesses))
    falsy = bool(kinds & {"false", "true"})
    # an empty object has an answer of the view's own, and would not do for the model
    dropped = (falsy or use.is_truth_tested) and kind != "loose" and any(field.required for field in fields)
    is_open = (falsy and not dropped) or any(a.kind == "each" and not a.keys for a in accesses)
    return Body(
        kind,
        name or free(module, view, taken),
        fields,
        accesses,
        tuple(node for node in outer if isinstance(node, ast.expr)),
        assigned,
        is_open,
        not dropped and (or_empty or (falsy and "none" not in kinds and not silent)),
        dropped or "none" in kinds or (silent and not or_empty),
        force,
        silent,
        late,
        is_list,
        dropped,
    )


def looks_for_gaps(module: Module, accesses: tuple[Access, ...]) -> bool:
    """Whether a view begins with what is not `in` the body, so that it has an answer to a list or a text too."""
    asked = [access for access in accesses if access.kind not in ("true", "false", "none")]
    first = min(asked, key=lambda access: (access.node.lineno, access.node.col_offset), default=None)
    if first is None or first.kind != "each":
        return first is not None and first.kind == "not in"
    is_all = any(isinstance(a, ast.Call) and reference(a.func) == "all" for a in module.ancestors(first.node))
    return is_all or (isinstance(first.node, ast.Compare) and isinstance(first.node.ops[0], ast.NotIn))


def options_of(use: Use) -> tuple[bool, bool] | None:
    """Whether a read is forced, and whether it is silent; None where that is only known later."""
    if use.kind == "json":
        return (False, False) if use.access != "call" else None
    if use.access != "call" or not isinstance(use.node, ast.Call):
        return None
    given: dict[str, bool] = {"force": False, "silent": False, "cache": True}
    arguments = [
        *zip(("force", "silent", "cache"), use.node.args, strict=False),
        *((k.arg, k.value) for k in use.node.keywords),
    ]
    for name, value in arguments:
        if name not in given or not (isinstance(value, ast.Constant) and isinstance(value.value, bool)):
            return None
        given[name] = value.value
    return given["force"], given["silent"]


def whole(use: Use) -> ast.expr:
    assert isinstance(use.node, ast.expr)
    return use.node


def fallback_of(module: Module, node: ast.expr) -> ast.expr | None:
    """The `{}` of `<body> or {}`."""
    parent = module.parents[node]
    if (
        isinstance(parent, ast.BoolOp)
        and isinstance(parent.op, ast.Or)
        and len(parent.values) == 2
        and parent.values[0] is node
    ):
        other = parent.values[1]
        is_dict = isinstance(other, ast.Dict) and not other.keys
        if is_dict or (isinstance(other, ast.Call) and ast.unparse(other) == "dict()"):
            return other
    return None


def is_straight(module: Module, view: FunctionNode, node: ast.AST) -> bool:
    """Whether each call of the view that does not leave before gets there, and no handler of the view sees it fail."""
    child = node
    for parent in module.ancestors(node):
        if parent is view:
            return True
        if isinstance(parent, (ast.If, ast.IfExp, ast.While)) and child is not parent.test:
            return False
        if isinstance(parent, (ast.For, ast.AsyncFor)) and child is not parent.iter:
            return False
        if isinstance(parent, ast.BoolOp) and child is not parent.values[0]:
            return False
        if isinstance(parent, ast.Try) and (
            child not in parent.body or not all(is_of_values(h) for h in parent.handlers)
        ):
            return False
        if isinstance(parent, ast.comprehension) and child is parent.iter:
            child = parent
            continue
        if (
            isinstance(parent, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp))
            and child is not parent.generators[0]
        ):
            return False
        if isinstance(parent, (ast.Lambda, ast.FunctionDef, ast.AsyncFunctionDef, ast.ExceptHandler, ast.match_case)):
            return False
        child = parent
    return False


def is_in_branch(module: Module, view: FunctionNode, node: ast.AST) -> bool:
    """Whether nothing but `if` stands between the view and a place in it."""
    for parent in module.ancestors(node):
        if parent is view:
            return True
        if isinstance(parent, ast.stmt) and not isinstance(
            parent, (ast.If, ast.Assign, ast.AnnAssign, ast.Expr, ast.Return, ast.With)
        ):
            return False
        if isinstance(parent, (ast.IfExp, ast.BoolOp, ast.Lambda, ast.comprehension)):
            return False
    return False


def may_answer_before(module: Module, project: Project, view: FunctionNode, node: ast.AST) -> bool:
    """Whether a request may have its answer before the view gets to a place: by `return`, or by what it calls."""
    place = (node.lineno, node.col_offset)  # type: ignore[attr-defined]
    for other in walk(view):
        if isinstance(other, (ast.Return, ast.Raise)) and other.lineno < place[0] and module.function_of(other) is view:
            return True
        if not isinstance(other, ast.Call) or other.lineno < view.body[0].lineno:
            continue
        if (other.end_lineno or 0, other.end_col_offset or 0) <= place and may_raise(module, project, other):
            return True
    return False


def may_answer_instead(project: Project, one: Decoration) -> bool:
    """Whether a decorator of the project may answer without the view."""
    made = one.decorator
    if made is None:
        return False
    is_guarded = any(
        reference(d.func if isinstance(d, ast.Call) else d).rpartition(".")[2] != "wraps"
        for d in made.wrapper.decorator_list
    )
    return is_guarded or any(may_answer_before(made.module, project, made.wrapper, c) for c in made.view_calls)


def may_raise(module: Module, project: Project, call: ast.Call) -> bool:
    """Whether a call may answer the request by an exception, as far as it can be seen."""
    if reference(call.func).rpartition(".")[2] in ABORTING:
        return True
    seen: set[tuple[str, str]] = set()
    waiting = [e.function_id for e in project.entities_at(module, call.func) if e.kind == "function"]
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        home = project.store.module(current[0])
        function = home.functions.get(current[1]) if home is not None else None
        for inner in walk(function) if function is not None else ():
            if isinstance(inner, ast.Raise):
                return True
            if isinstance(inner, ast.Call) and reference(inner.func).rpartition(".")[2] in ABORTING:
                return True
        waiting += project.callees.get(current, ())
    return False


def is_of_values(handler: ast.ExceptHandler) -> bool:
    """Whether a handler cannot mean an unreadable body."""
    if handler.type is None:
        return False
    names = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return all(
        (
            isinstance(n, ast.Name)
            and (
                n.id in SILENT_TYPES
                or n.id not in ("Exception", "BaseException", "BadRequest", "HTTPException", "UnsupportedMediaType")
            )
        )
        or isinstance(n, ast.Attribute)
        for n in names
    )


def assigned_to(module: Module, view: FunctionNode, node: ast.AST) -> ast.Assign | ast.AnnAssign | None:
    """`name = <body>`, where that is the only thing the name ever is."""
    statement = module.parents[node]
    if isinstance(statement, (ast.Assign, ast.AnnAssign)) and (name := target_name(statement)):
        scope = module.scopes[view]
        if module.function_of(statement) is view and len(scope.bindings.get(name, [])) == 1 and name not in scope.outer:
            return statement
    return None


def target_name(statement: ast.Assign | ast.AnnAssign) -> str:
    """The one local name that a statement assigns to."""
    if isinstance(statement, ast.AnnAssign):
        return statement.target.id if isinstance(statement.target, ast.Name) else ""
    only = statement.targets[0] if len(statement.targets) == 1 else None
    return only.id if isinstance(only, ast.Name) else ""


def names_of(module: Module, view: FunctionNode, name: str) -> list[ast.expr]:
    """Every read of a local name, inner functions included."""
    scope = module.scopes[view]
    found: list[ast.expr] = []
    for node in walk(view):
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
            owner = module.scope_of(node).lookup(name)
            if owner is not None and owner[0] is scope:
                found.append(node)
    return sorted(found, key=lambda n: (n.lineno, n.col_offset))


def access_of(module: Module, base: ast.expr) -> Iterator[Access]:
    """What is done with the body at one place."""
    parent = module.parents[base]
    if isinstance(parent, ast.Subscript) and isinstance(parent.ctx, ast.Load) and (key := key_of(parent, base)):
        yield Access("item", parent, key)
        return
    if isinstance(parent, ast.Attribute) and parent.attr == "get":
        call = module.parents[parent]
        if (
            (
                isinstance(call, ast.Call)
                and call.func is parent
                and call.args
                and not call.keywords
                and len(call.args) <= 2
            )
            and (name := text_of(module, call.args[0])) is not None
            and isinstance(call.args[0], ast.Constant)
        ):
            default = call.args[1] if len(call.args) == 2 else None
            if isinstance(default, ast.Constant) and default.value is None:
                default = None
            yield Access("get", call, name, default)
            return
    if isinstance(parent, ast.Compare) and len(parent.ops) == 1:
        operator = parent.ops[0]
        if isinstance(operator, (ast.In, ast.NotIn)) and parent.comparators[0] is base:
            if isinstance(parent.left, ast.Constant) and isinstance(parent.left.value, str):
                yield Access("in" if isinstance(operator, ast.In) else "not in", parent, parent.left.value)
                return
            if isinstance(parent.left, ast.Name) and (keys := looped(module, parent.left)) is not None:
                yield Access("each", parent, keys=keys)
                return
        if (
            isinstance(operator, (ast.Is, ast.IsNot))
            and parent.left is base
            and ast.unparse(parent.comparators[0]) == "None"
        ):
            yield Access("none", parent)
            return
    if isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not):
        yield Access("false", parent)
        return
    if isinstance(parent, (ast.If, ast.IfExp, ast.While)) and parent.test is base:
        yield Access("true", base)
        return
    if isinstance(parent, ast.BoolOp) and is_test(module, parent):
        yield Access("true", base)
        return
    if (
        isinstance(parent, ast.Call)
        and isinstance(parent.func, ast.Name)
        and parent.func.id == "isinstance"
        and parent.args[:1] == [base]
    ):
        yield Access("isinstance", parent)
        return
    yield Access("dict", base)


def key_of(node: ast.Subscript, base: ast.expr) -> str:
    """The key of `base["key"]`, "" for anything else."""
    is_key = node.value is base and isinstance(node.slice, ast.Constant)
    return node.slice.value if is_key and isinstance(node.slice.value, str) else ""  # type: ignore[attr-defined]


def is_test(module: Module, node: ast.expr) -> bool:
    """Whether only the truth of an expression counts."""
    parent = module.parents[node]
    if isinstance(parent, ast.BoolOp):
        return is_test(module, parent)
    if isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not):
        return True
    return isinstance(parent, (ast.If, ast.IfExp, ast.While)) and parent.test is node


def looped(module: Module, name: ast.Name) -> tuple[str, ...] | None:
    """The strings that a loop or comprehension lets a name be; None where they are not known."""
    for parent in module.ancestors(name):
        if isinstance(parent, ast.For) and isinstance(parent.target, ast.Name) and parent.target.id == name.id:
            return listed(module, parent.iter)
        for generator in getattr(parent, "generators", ()):
            if isinstance(generator.target, ast.Name) and generator.target.id == name.id:
                return listed(module, generator.iter)
        if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return None
    return None


def kind_of(
    module: Module,
    project: Project,
    view: FunctionNode,
    accesses: tuple[Access, ...],
    use: BodyUse,
    *,
    is_read_anyhow: bool,
) -> str:
    """Whether the body can be a model, has to stay a dictionary, or is for the view alone to judge."""
    kinds = {access.kind for access in accesses}
    escapes = {escape.kind for escape in use.escapes}
    is_dict = any(a.kind in ("subscript", "get", "pop", "setdefault", "store") for a in use.accesses) or bool(
        escapes & DICT_ESCAPES
    )
    if "isinstance" in kinds or use.may_be_other or "unknown call" in escapes:
        return "loose"
    if kinds & {"dict"} and not is_dict:
        return "loose"
    if any(key.missing_caught or key.is_late for key in use.keys):
        return "loose"
    if "dict" in kinds or is_read_anyhow:
        return "dict"
    return "dict" if any(is_late_failure(module, project, view, access, accesses) for access in accesses) else "model"


def has_own_answer(project: Project, kind: str, coerced: bool) -> bool:
    """Whether an error handler of the app answers to what the view fails on."""
    errors = ("ValueError", "TypeError") if coerced else ("AttributeError", "TypeError")
    return any(project.errors.sees(f"builtins.{error}") for error in errors)


def documented(key: KeyUse, kind: str) -> Field:
    """A field of a dictionary: the view goes on reading it, so the type is only told."""
    required = key.required and not key.is_tested if kind == "dict" else key.required or key.missing_caught
    return Field(key.name, key.name, type_of(key), required=required, fields=nested(key))


def type_of(key: KeyUse) -> str:
    return "float" if key.type == "number" else key.type


def nested(key: KeyUse) -> tuple[Field, ...]:
    """The fields of the object under a key, or of the objects in its list."""
    use = key.body if key.type == "dict" else key.item.body if key.type == "list" and key.item is not None else None
    if use is None or (use.escapes and not use.keys):
        return ()
    return tuple(documented(inner, "dict") for inner in use.keys)


def listed(module: Module, node: ast.expr) -> tuple[str, ...] | None:
    """The strings of a list, also of one that a local name holds."""
    if (
        isinstance(node, ast.Name)
        and (found := module.scope_of(node).lookup(node.id)) is not None
        and len(found[1]) == 1
    ):
        statement = module.parents.get(found[1][0].node)
        if isinstance(statement, ast.Assign) and not isinstance(statement.value, ast.Name):
            return texts_of(module, statement.value)
    return texts_of(module, node)


def fields_of(
    module: Module, project: Project, view: FunctionNode, accesses: tuple[Access, ...], use: BodyUse
) -> Iterator[Field]:
    """The keys of the body, in the order in which the view asks for them."""
    by_key: dict[str, list[Access]] = {}
    for access in accesses:
        for key in (access.key, *access.keys) if access.key else access.keys:
            by_key.setdefault(key, []).append(access)
    for key, found in by_key.items():
        reads = [a for a in found if a.kind in ("item", "get")]
        tests = [a for a in found if a not in reads]
        defaults = {ast.dump(a.default) if a.default is not None else "" for a in reads if a.kind == "get"}
        default = next((a.default for a in reads if a.kind == "get"), None) if len(defaults) == 1 else None
        required = not tests and bool(reads) and all(a.kind == "item" for a in reads)
        required = required and any(
            is_straight(module, view, a.node) and not is_caught(module, project, view, a.node) for a in reads
        )
        seen = [evidence_of(module, project, view, a.node, a.default) for a in reads]
        kind, hard, coerced = judged(seen)
        inferred = use.key(key)
        if inferred is not None and inferred.type != "any" and not hard:
            kind = type_of(inferred)
            hard = inferred.strict and kind == "str" and inferred.coercion is None
        tests += truth_tests(module, reads)
        safe = required or all(
            is_where_present(module, view, a, tests) or is_straight(module, view, a.node) for a in reads
        )
        hard = hard and safe and not has_own_answer(project, kind, coerced)
        hard = hard and not any(is_answered_before(module, view, a, key, accesses) for a in reads)
        number = ""
        if coerced and hard and (default is not None or (not required and any(a.kind == "get" for a in reads))):
            number = converted(default, kind)
            hard = bool(number)
        elif hard and not coerced and not required and default is None and any(a.kind == "get" for a in reads):
            hard = False
        checked = inferred is not None and inferred.strict and kind == "dict"
        inner = nested(inferred) if inferred is not None and not hard else ()
        yield Field(
            key,
            field_name(key),
            kind,
            hard,
            coerced and hard,
            required,
            default,
            number if hard else "",
            checked,
            inner,
        )


def is_answered_before(
    module: Module, view: FunctionNode, read: Access, key: str, accesses: tuple[Access, ...]
) -> bool:
    """Whether the view may have answered, because of other keys, before it looks at this one."""
    from migrator.infer.asked import decides

    others = (access.node for access in accesses if {access.key, *access.keys} - {key, ""})
    return any(decides(module, view, other, read.node) for other in others)


def judged(seen: list[Evidence]) -> tuple[str, bool, bool]:
    """The type that all reads agree on, whether each of them fails on others, and whether each converts."""
    strong = {e.type for e in seen if e.type and not e.is_weak}
    weak = {e.type for e in seen if e.type and e.is_weak}
    kinds = strong or weak
    if kinds == {"int", "float"}:
        return "float", False, False
    if len(kinds) != 1:
        return "any", False, False
    kind = kinds.pop()
    coerced = bool(seen) and all(e.converts for e in seen)
    hard = bool(seen) and (
        coerced or (kind == "str" and any(e.fails for e in seen) and not any(e.converts for e in seen))
    )
    return kind, hard, coerced


def converted(default: ast.expr | None, kind: str) -> str:
    """What the conversion makes of a default that is written out; "" where it fails or is not known."""
    if default is not None and not isinstance(default, ast.Constant):
        return ""
    value = default.value if isinstance(default, ast.Constant) else None
    try:
        return repr({"int": int, "float": float, "str": str, "bool": bool}[kind](value))
    except (ValueError, TypeError, KeyError):
        return ""


def is_caught(module: Module, project: Project, view: FunctionNode, node: ast.AST) -> bool:
    """Whether the view or the app has its own answer for a missing key."""
    return project.errors.sees("builtins.KeyError") or is_within_try(
        module, view, node, {"KeyError", "LookupError", "Exception", "BaseException"}
    )


def is_where_present(module: Module, view: FunctionNode, access: Access, tests: list[Access]) -> bool:
    """Whether a read stands where a test has found the key, and nothing else decides whether it is reached."""
    if access.kind == "get":
        return False
    return any(is_behind_test(module, view, access, test) for test in tests)


def is_behind_test(module: Module, view: FunctionNode, access: Access, test: Access) -> bool:
    from migrator.project.requests import comes_behind, leaves

    found = test.kind == "in"  # whether the key is there where the test holds
    node, branch = test.node, module.parents[test.node]
    while isinstance(branch, ast.BoolOp) and isinstance(branch.op, ast.And if found else ast.Or):
        if any(access.node in descendants(one) for one in branch.values[branch.values.index(node) + 1 :]):
            return True
        node, branch = branch, module.parents[branch]
    if isinstance(branch, ast.IfExp) and branch.test is node and test.kind != "each":
        return access.node in descendants(branch.body if found else branch.orelse)
    if isinstance(branch, ast.If) and branch.test is node:
        block = branch.body if found else branch.orelse
        if any(access.node in descendants(one) for one in block):
            return True
        if not found and leaves(branch.body) and comes_behind(module, outermost_loop(module, branch), access.node):
            return True
    return test.kind == "each" and finds_all(module, test.node) and any(leaves_behind(module, view, test, access))


def truth_tests(module: Module, accesses: list[Access]) -> Iterator[Access]:
    """`not data.get("x")`, `data.get("x") is None` and the like, as tests for the key."""
    for access in accesses:
        if access.kind != "get" or access.default is not None:
            continue
        parent = module.parents[access.node]
        if isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not):
            yield Access("not in", parent, access.key)
        elif isinstance(parent, ast.Compare) and len(parent.ops) == 1 and ast.unparse(parent.comparators[0]) == "None":
            yield Access("in" if isinstance(parent.ops[0], ast.IsNot) else "not in", parent, access.key)
        else:
            yield Access("in", access.node, access.key)


def outermost_loop(module: Module, statement: ast.stmt) -> ast.stmt:
    """The loop over keys around a test, if there is one."""
    parent = module.parents[statement]
    return parent if isinstance(parent, ast.For) else statement


def finds_all(module: Module, test: ast.expr) -> bool:
    """Whether a test in a loop over keys is about all of them: `all(k in data ...)`, `any(k not in data ...)`."""
    call = module.parents[module.parents[test]]
    is_all = isinstance(call, ast.Call) and reference(call.func) == "all"
    return is_all == (isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.In))


def leaves_behind(module: Module, view: FunctionNode, test: Access, access: Access) -> Iterator[bool]:
    """`missing = [k for k in KEYS if k not in data]`, then `if missing: return ...`, or `if not all(...)`: whether the
    access comes behind that."""
    from migrator.project.requests import comes_behind, leaves

    statement = module.statement_of(test.node)
    if isinstance(statement, ast.If) and leaves(statement.body):
        yield comes_behind(module, statement, access.node)
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        name = statement.targets[0].id
        for other in walk(view):
            if (
                isinstance(other, ast.If)
                and leaves(other.body)
                and any(isinstance(n, ast.Name) and n.id == name for n in walk(other.test))
            ):
                yield comes_behind(module, other, access.node)


def descendants(node: ast.AST) -> set[ast.AST]:
    return set(walk(node))


def is_late_failure(
    module: Module, project: Project, view: FunctionNode, access: Access, accesses: tuple[Access, ...]
) -> bool:
    """Whether a missing key would be noticed only at this place, where a model has a default for it."""
    if access.kind != "item":
        return False
    others = [a for a in accesses if a is not access and (a.key == access.key or access.key in a.keys)]
    tests = [a for a in others if a.kind in ("in", "not in", "each")]
    tests += truth_tests(module, others)
    if is_caught(module, project, view, access.node):
        return True
    if is_where_present(module, view, access, tests):
        return False
    if not tests and any(a.kind == "item" and is_straight(module, view, a.node) for a in (access, *others)):
        return any(a.kind == "get" for a in others)
    return True


def field_name(key: str) -> str:
    """The attribute for a key."""
    name = re.sub(r"\W+", "_", key).strip("_") or "value"
    if name[0].isdigit():
        name = f"value_{name}"
    if keyword.iskeyword(name) or name in MODEL_NAMES or name.startswith("model_"):
        name += "_"
    return name


def free(module: Module, view: FunctionNode, taken: set[str]) -> str:
    """A name for the parameter of a body that the view gave none."""
    used = taken | set(module.scopes[view].bindings) | {n.id for n in walk(view) if isinstance(n, ast.Name)}
    return next((name for name in ("data", "body", "payload") if name not in used), "json_body")
