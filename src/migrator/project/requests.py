"""How a view uses `request`: which of its reads can be parameters, and under which names."""

from __future__ import annotations

import ast
import itertools
import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from migrator.module import FunctionNode, Module, all_arguments, walk
from migrator.project.bodies import (
    Access,
    Body,
    assigned_to,
    body_of,
    is_behind_test,
    is_test,
    may_answer_before,
    names_of,
    target_name,
    whole,
)
from migrator.syntax import argument, is_unconditional

if TYPE_CHECKING:
    from migrator.project.project import Project

MAPPINGS = ("args", "form", "headers", "cookies", "files")
BODIES = ("form", "files")
# attributes that are headers, or None
HEADERS = {"referrer": "Referer", "origin": "Origin", "content_type": "Content-Type"}
# requests whose `values` are their `args`
WITHOUT_FORM = {"GET", "HEAD", "OPTIONS"}
# what a request tells without its body
WITHOUT_BODY = {
    "args",
    "headers",
    "cookies",
    "method",
    "path",
    "full_path",
    "script_root",
    "root_path",
    "url",
    "base_url",
    "root_url",
    "url_root",
    "host_url",
    "host",
    "scheme",
    "is_secure",
    "query_string",
    "remote_addr",
    "remote_user",
    "access_route",
    "user_agent",
    "referrer",
    "origin",
    "authorization",
    "endpoint",
    "blueprint",
    "blueprints",
    "view_args",
    "url_rule",
    "is_json",
    "mimetype",
    "mimetype_params",
    "content_type",
    "content_length",
    "content_encoding",
    "accept_mimetypes",
    "accept_languages",
    "accept_encodings",
    "accept_charsets",
    "if_match",
    "if_none_match",
    "if_modified_since",
    "if_unmodified_since",
    "if_range",
    "range",
    "cache_control",
    "date",
    "pragma",
}


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
    fallback: ast.expr | None = None  # what stands for a missing value, where the parameter itself is None then
    through: ast.stmt | None = None  # the `form = request.form` that the read goes through


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
    late: ast.expr | None = None  # a default that is only known when the view runs
    strict: bool = False  # the view converts the value itself (`int(...)`), and fails on others
    shown: str = ""  # "int" or "float": what the view itself makes of it, and has its own way with other values
    number: str = ""  # the default, as that type, or a strict one, makes it of a literal
    refused: ast.stmt | None = None  # where a missing value is noticed, which something else may answer before
    through: tuple[ast.stmt, ...] = ()  # `form = request.form` statements that nothing needs any more

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
    body: Body | None = None
    all: tuple[Use, ...] = field(default_factory=tuple)


def reads_of_request(module: Module, project: Project) -> Iterator[ast.expr]:
    """Every read of Flask's request: `request`, then `flask.request`."""
    for name in module.names:
        if project.canonical(name.target) == "flask.request":
            yield name.node
    for node in module.nodes(ast.Attribute):
        if (
            isinstance(node.value, ast.Name)
            and project.canonical(module.dotted(node.value)) == "flask"
            and project.canonical(module.dotted(node)) == "flask.request"
        ):
            yield node


def use_at(module: Module, name: ast.AST) -> Use:
    """What is done with a `request`."""
    base = name if isinstance(name, ast.Name) else name.value if isinstance(name, ast.Attribute) else name
    assert isinstance(base, ast.Name)
    mapping = module.parents[name]
    if not isinstance(mapping, ast.Attribute):
        return Use(base, "")
    if mapping.attr in (*MAPPINGS, "values"):
        return read_of(module, base, mapping.attr, mapping)
    if mapping.attr in HEADERS and isinstance(mapping.ctx, ast.Load):
        return Use(base, "headers", "get", HEADERS[mapping.attr], mapping)
    parent = module.parents[mapping]
    call = parent if isinstance(parent, ast.Call) and parent.func is mapping else None
    return Use(base, mapping.attr, "call" if call else "", node=call or mapping)


def read_of(module: Module, base: ast.Name, kind: str, mapping: ast.expr) -> Use:
    """What is done with `request.args` and the like, or with a local name for one."""
    parent = module.parents[mapping]
    if (
        isinstance(parent, ast.Subscript)
        and isinstance(parent.slice, ast.Constant)
        and isinstance(parent.slice.value, str)
    ) and isinstance(parent.ctx, ast.Load):
        return Use(base, kind, "item", parent.slice.value, parent)
    if isinstance(parent, ast.Compare) and len(parent.ops) == 1 and parent.comparators[0] is mapping:
        left = parent.left
        if (
            isinstance(left, ast.Constant)
            and isinstance(left.value, str)
            and isinstance(parent.ops[0], (ast.In, ast.NotIn))
        ):
            access = "in" if isinstance(parent.ops[0], ast.In) else "not in"
            return Use(base, kind, access, left.value, parent)
    if isinstance(parent, ast.Attribute) and parent.attr in ("get", "getlist"):
        made = module.parents[parent]
        if (
            isinstance(made, ast.Call)
            and made.func is parent
            and not any(isinstance(a, ast.Starred) for a in made.args)
        ):
            call = made
            key = argument(call, 0, "key")
            if (
                isinstance(key, ast.Constant)
                and isinstance(key.value, str)
                and {k.arg for k in call.keywords} <= {"default", "type", "key"}
            ):
                default = argument(call, 1, "default") if parent.attr == "get" else None
                kind_of = argument(call, 2 if parent.attr == "get" else 1, "type")
                if isinstance(default, ast.Constant) and default.value is None:
                    default = None
                return Use(base, kind, parent.attr, key.value, call, default, kind_of)
    return Use(base, kind, node=mapping)


def reads_through(module: Module, view: FunctionNode, use: Use) -> tuple[Use, ...]:
    """The reads of `form` behind `form = request.form`, where that is all that the name ever is."""
    statement = assigned_to(module, view, use.node) if use.kind in MAPPINGS and use.node is not None else None
    if statement is None or use.access:
        return ()
    names = [name for name in names_of(module, view, target_name(statement)) if isinstance(name, ast.Name)]
    found = tuple(replace(read_of(module, name, use.kind, name), through=statement) for name in names)
    return found if all(one.access for one in found) else ()


def read_requests(module: Module, project: Project, view: FunctionNode, methods: frozenset[str]) -> RequestUses:
    """Decide for every read of a view whether a parameter can take its place."""
    uses = tuple(use_at(module, node) for node in project.request_reads(module, view))
    if methods and methods <= WITHOUT_FORM:
        uses = tuple(replace(use, kind="args") if use.kind == "values" else use for use in uses)
    through = {use: reads for use in uses if (reads := reads_through(module, view, use))}
    while True:
        found = tuple(read for use in uses for read in through.get(use, (use,)))
        parameters, rest, body = decided(module, project, view, found, methods)
        needed = {use.through for use in rest} - {None}
        if not needed:
            return RequestUses(view, tuple(without_locals(parameters)), tuple(rest), body, uses)
        through = {use: reads for use, reads in through.items() if reads[0].through not in needed}


def without_locals(parameters: list[Parameter]) -> Iterator[Parameter]:
    """The parameters, each `form = request.form` with the first of those that take the place of its reads."""
    gone: set[ast.stmt] = set()
    for made in parameters:
        statements = {use.through: None for use in made.uses if use.through is not None and use.through not in gone}
        gone |= set(statements)
        yield replace(made, through=tuple(statements))


def decided(
    module: Module, project: Project, view: FunctionNode, uses: tuple[Use, ...], methods: frozenset[str]
) -> tuple[list[Parameter], list[Use], Body | None]:
    """The parameters for some reads, the reads that are left, and what the body is."""
    groups: dict[tuple[str, str], list[Use]] = {}
    rest: list[Use] = []
    reads_body = bool(methods & {"POST", "PUT", "PATCH", "DELETE"}) and not methods & {"GET", "HEAD"}
    for use in uses:
        if not use.access or use.kind not in MAPPINGS or (use.kind in BODIES and not reads_body):
            rest.append(use)
        else:
            key = use.key.lower().replace("_", "-") if use.kind == "headers" else use.key
            groups.setdefault((use.kind, key), []).append(use)
    parameters: list[Parameter] = []
    taken = {arg.arg for arg in all_arguments(view.args)}
    for group in groups.values():
        made = parameter_of(module, project, view, group, taken)
        if made is None or has_own_answer(project, made):
            rest += group
        else:
            taken.add(made.name)
            parameters.append(made)
    body = None
    json_uses = [use for use in rest if use.kind in ("json", "get_json")]
    others = [use for use in rest if use.kind not in WITHOUT_BODY and use not in json_uses]
    if json_uses and not others and reads_body and not any(made.kind in BODIES for made in parameters):
        body = body_of(module, project, view, json_uses, taken | {"request"})
    if body is not None:
        rest = [use for use in rest if use not in json_uses]
    if any(use.kind not in WITHOUT_BODY for use in rest):  # the body can be read only once
        rest += [use for made in parameters if made.kind in BODIES for use in made.uses]
        parameters = [made for made in parameters if made.kind not in BODIES]
    parameters.sort(key=lambda made: min((use.name.lineno, use.name.col_offset) for use in made.uses))
    return parameters, rest, body


def has_own_answer(project: Project, made: Parameter) -> bool:
    """Whether an error handler of the app answers where FastAPI would refuse the parameter."""
    errors = project.errors
    refuses = made.required or made.refused is not None
    converts = made.strict or (made.refused is not None and made.type is not None)
    return (refuses and errors.sees_missing_values) or (converts and errors.sees("builtins.ValueError"))


def parameter_of(
    module: Module, project: Project, view: FunctionNode, group: list[Use], taken: set[str]
) -> Parameter | None:
    """One parameter for all reads of a key; None where they do not agree."""
    tests = [use for use in group if use.access in ("in", "not in")]
    reads = [use for use in group if use not in tests] or tests
    if len({(use.access, code_of(use.type)) for use in reads}) > 1:
        return None
    strict = False
    if reads is not tests and not tests and (converted := conversions(module, project, view, reads)):
        reads, strict = converted, True
    if not tests:
        reads = with_one_default(module, reads)
    first = reads[0]
    if first.access == "getlist" and (tests or first.kind in ("headers", "cookies")):
        return None
    if first.type is not None and (tests or not is_early(module, first.type)):
        return None
    if (
        first.kind in BODIES
        and first.type is not None
        and ast.unparse(first.type) not in ("int", "float", "str", "bool")
    ):
        return None
    if first.kind == "files" and (first.default is not None or first.type is not None):
        return None
    is_guarded = first.access == "item" and bool(tests) and all(is_behind(module, view, tests, use) for use in reads)
    refused: ast.stmt | None = None
    if (
        first.access == "item"
        and not is_guarded
        and (tests or not any(is_asked_first(module, project, view, whole(use)) for use in reads))
    ):
        refused = refusing_statement(module, view, first) if len(reads) == 1 else None
        if refused is None:
            return None
    default, number = first.default, ""
    if strict and default is not None:
        number = converted_literal(default, first.type)
        if not number:
            return None
    elif is_split(module, reads, tests):
        if first.type is not None and called(module, first.type) not in NEVER_NONE:
            return None
        if any(use.default is not None and not is_repeatable(module, use.default) for use in reads):
            return None
        reads = [replace(use, default=None, fallback=use.default) for use in reads]
        default, first = None, reads[0]
    elif default is not None and not is_early(module, default):
        return None
    is_shown = not strict and reads is not tests and first.type is None and first.kind not in BODIES
    shown = converted_to(module, view, reads) if is_shown else ""
    if shown and default is not None and all(conversion_of(module, use.node) for use in reads):
        number = converted_literal(default, ast.Name(shown))
    target = assigned_name(module, view, first) if reads is not tests else None
    if (
        target is not None
        and tests
        and (first.fallback is not None or len(module.scopes[view].bindings[target[0]]) > 1)
    ):
        target = None  # the tests ask what came, not what the name holds by then
    removed: tuple[ast.stmt, ...] = ()
    if target is not None and target[0] not in taken:
        name, removed = target[0], (target[1],)
    elif name := worked_up_name(module, view, group, taken):
        statement = module.parents[first.node] if first.node is not None else None
        if len(group) == 1 and not first.fallback and isinstance(statement, ast.stmt) and statement in view.body:
            removed = (statement,)  # it would say `name = name`
    else:
        name = free_name(module, view, first.key, taken)
    return Parameter(
        first.kind,
        first.key.replace("_", "-") if first.kind == "headers" else first.key,
        name,
        (*reads, *tests) if reads is not tests else tuple(tests),
        removed,
        refused is None and ((first.access == "item" and not is_guarded) or (strict and default is None)),
        default,
        first.type,
        first.access == "getlist",
        first.fallback if removed else None,
        strict and refused is None,
        shown,
        number,
        refused,
    )


def is_asked_first(module: Module, project: Project, view: FunctionNode, node: ast.expr) -> bool:
    """Whether each call of the view gets to a place, and nothing has answered the request before."""
    return is_unconditional(module, view, node) and not may_answer_before(module, project, view, node)


def refusing_statement(module: Module, view: FunctionNode, use: Use) -> ast.stmt | None:
    """The statement that begins with a read, where the view can refuse a missing value just before it."""
    statement = module.statement_of(whole(use))
    if isinstance(statement, ast.If) and statement not in getattr(module.parents[statement], "orelse", []):
        begin: ast.AST = statement.test
    elif isinstance(statement, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Return)):
        begin = statement
    else:
        return None
    if isinstance(begin, ast.IfExp) or not (begin is use.node or is_unconditional(module, begin, use.node)):
        return None
    if module.function_of(statement) is not view:
        return None
    around = itertools.takewhile(lambda parent: parent is not view, module.ancestors(statement))
    return None if any(isinstance(parent, (ast.Try, ast.With, ast.AsyncWith)) for parent in around) else statement


def code_of(node: ast.expr | None) -> str:
    return ast.dump(node) if node is not None else ""


def is_split(module: Module, reads: list[Use], tests: list[Use]) -> bool:
    """Whether the reads fall back on different values, or on one that is none of the parameter's type."""
    defaults = {code_of(use.default) for use in reads}
    odd = any(
        use.kind == "form" and use.type is None and use.default is not None and not is_text(use.default)
        for use in reads
    )
    late = any(use.default is not None and not is_early(module, use.default) for use in reads)
    return len(defaults) > 1 or odd or late or (bool(tests) and defaults != {""})


def is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def is_repeatable(module: Module, node: ast.expr) -> bool:
    """Whether an expression may be evaluated only where it is needed."""
    for child in walk(node):
        if isinstance(child, (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)):
            return False
        if isinstance(child, ast.Call) and not is_harmless(module, child.func):
            return False
    return True


def is_harmless(module: Module, function: ast.expr) -> bool:
    """Whether nothing but the result of a call counts."""
    name = called(module, function)
    is_method = isinstance(function, ast.Attribute) and function.attr in HARMLESS_METHODS
    return name in HARMLESS_BUILTINS or name.startswith(HARMLESS) or is_method


def called(module: Module, function: ast.expr) -> str:
    """What a function is called where it is defined, also of a builtin."""
    if isinstance(function, ast.Name) and module.scope_of(function).lookup(function.id) is None:
        return function.id
    return module.dotted(function)


def conversions(module: Module, project: Project, view: FunctionNode, reads: list[Use]) -> list[Use]:
    """The reads as `int(...)` or `float(...)` around them, where each has that, and fails on what is none."""
    found: list[Use] = []
    for use in reads:
        call = conversion_of(module, use.node)
        if call is None or use.type is not None:
            return []
        is_refused = use.access == "item" and len(reads) == 1 and refusing_statement(module, view, use) is not None
        if not is_refused and not is_asked_first(module, project, view, call):
            return []
        found.append(replace(use, node=call, type=call.func))
    same = {(code_of(use.type), code_of(use.default)) for use in found}
    return found if len(same) == 1 else []


def conversion_of(module: Module, node: ast.AST | None) -> ast.Call | None:
    """The `int(...)` or `float(...)` around a value."""
    call = module.parents[node] if node is not None else None
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("int", "float")):
        return None
    is_plain = call.args == [node] and not call.keywords and not module.scope_of(call).lookup(call.func.id)
    return call if is_plain else None


def converted_to(module: Module, view: FunctionNode, reads: list[Use]) -> str:
    """The number that the view makes of each read, at once or by the local name that it gets: "int", "float", or ""."""
    kinds: set[str] = set()
    for use in reads:
        statement = module.parents[whole(use)]
        name = target_name(statement) if isinstance(statement, (ast.Assign, ast.AnnAssign)) else ""
        places = names_of(module, view, name) if name else [use.node]
        found = {call.func.id for node in places if (call := conversion_of(module, node)) is not None}  # type: ignore[attr-defined]
        kinds |= found or {""}
    return kinds.pop() if len(kinds) == 1 else ""


def with_one_default(module: Module, reads: list[Use]) -> list[Use]:
    """The reads, those of which only the truth counts with the empty default of the others."""
    defaults = {code_of(use.default): use.default for use in reads if use.default is not None}
    default = next(iter(defaults.values())) if len(defaults) == 1 else None
    if not (isinstance(default, ast.Constant) and default.value == ""):
        return reads
    bare = [use for use in reads if use.default is None]
    if not all(use.access == "get" and is_test(module, whole(use)) for use in bare):
        return reads
    return [replace(use, default=default) for use in reads]


def converted_literal(default: ast.expr, kind: ast.expr | None) -> str:
    """What `int` or `float` makes of a literal, "" where that is not known here."""
    if (
        isinstance(default, ast.Constant)
        and isinstance(kind, ast.Name)
        and isinstance(default.value, (int, float, str))
    ):
        try:
            return repr({"int": int, "float": float}[kind.id](default.value))
        except (ValueError, KeyError):
            return ""
    return ""


def is_behind(module: Module, view: FunctionNode, tests: list[Use], use: Use) -> bool:
    """Whether a read stands where a test has found the key."""
    read = Access("item", whole(use), use.key)
    return any(is_behind_test(module, view, read, Access(test.access, whole(test), test.key)) for test in tests)


def leaves(body: list[ast.stmt]) -> bool:
    """Whether a block ends the function."""
    last = body[-1]
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call):
        return (
            isinstance(last.value.func, (ast.Name, ast.Attribute))
            and ast.unparse(last.value.func).rpartition(".")[2] == "abort"
        )
    return isinstance(last, (ast.Return, ast.Raise))


def comes_behind(module: Module, statement: ast.stmt, node: ast.AST) -> bool:
    """Whether a node stands in the statements that follow one in the same block, or in their blocks."""
    owner = module.parents[statement]
    for name in ("body", "orelse", "finalbody"):
        block = getattr(owner, name, [])
        if isinstance(block, list) and statement in block:
            rest = block[block.index(statement) + 1 :]
            return any(node in walk(one) for one in rest)
    return False


def assigned_name(module: Module, view: FunctionNode, use: Use) -> tuple[str, ast.stmt] | None:
    """`name = <read>`, where this is what first gives the name its value."""
    assert use.node is not None
    statement = module.parents[use.node]
    name = target_name(statement) if isinstance(statement, (ast.Assign, ast.AnnAssign)) else ""
    if not name or not isinstance(statement, ast.stmt):
        return None
    if module.function_of(statement) is not view or any(
        isinstance(a, (ast.For, ast.While)) for a in module.ancestors(statement)
    ):
        return None
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


def worked_up_name(module: Module, view: FunctionNode, group: list[Use], taken: set[str]) -> str:
    """`name`, where a key is only used within `name = <something of it>`, which first gives the name its value."""
    statement = module.statement_of(group[0].node) if group[0].node is not None else None
    name = target_name(statement) if isinstance(statement, (ast.Assign, ast.AnnAssign)) else ""
    if not name or statement is None:
        return ""
    nodes = [use.node for use in group]
    bindings = module.scopes[view].bindings.get(name, [])
    inside = set(walk(statement))
    if name in taken or any(node not in inside for node in nodes) or module.function_of(statement) is not view:
        return ""
    if any(isinstance(a, (ast.For, ast.While)) for a in module.ancestors(statement)):
        return ""
    is_first = min((getattr(b.node, "lineno", 0) for b in bindings), default=0) == statement.lineno
    is_key = re.sub(r"\W+", "_", group[0].key).lower() == name
    return name if is_first and is_key and all(b.kind == "value" for b in bindings) else ""


def free_name(module: Module, view: FunctionNode, key: str, taken: set[str]) -> str:
    """An identifier for a key that nothing else in the view is called."""
    name = re.sub(r"\W+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key)).strip("_").lower() or "value"
    if name[0].isdigit():
        name = f"value_{name}"
    used = taken | set(module.scopes[view].bindings) | {n.id for n in walk(view) if isinstance(n, ast.Name)}
    while keyword.iskeyword(name) or name in used or name in RESERVED:
        name += "_"
    return name


# what is made of literals by these never changes
CONSTANTS = {
    "decimal.Decimal",
    "datetime.date",
    "datetime.datetime",
    "datetime.time",
    "datetime.timedelta",
    "uuid.UUID",
}
# what never makes None of a text
NEVER_NONE = {
    "int",
    "float",
    "str",
    "bool",
    "datetime.date.fromisoformat",
    "datetime.datetime.fromisoformat",
    *CONSTANTS,
}
HARMLESS = ("datetime.", "decimal.", "uuid.", "time.time", "os.environ.get", "os.getenv")
HARMLESS_BUILTINS = {"str", "int", "float", "bool", "len", "list", "dict", "set", "tuple", "min", "max", "sorted"}
HARMLESS_METHODS = {"get", "isoformat", "strftime", "date", "lower", "upper", "strip", "keys", "values"}
HARMLESS_METHODS |= {"startswith", "endswith", "isdigit", "split", "partition"}
RESERVED = {
    "request",
    "response",
    "id",
    "type",
    "str",
    "int",
    "float",
    "bool",
    "list",
    "dict",
    "min",
    "max",
    "filter",
    "format",
    "len",
    "range",
    "sorted",
    "sum",
}


def is_early(module: Module, node: ast.expr) -> bool:
    """Whether an expression means the same when the function is defined: literals, and names of the module."""
    for child in walk(node):
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Load):
            if isinstance(node, ast.Lambda) and child.id in {a.arg for a in all_arguments(node.args)}:
                continue
            if module.dotted(child).partition(".")[0] == "flask":
                return False  # what belongs to a request or an app is not there yet
            found = module.scope_of(child).lookup(child.id)
            if found is not None and found[0] is not module.scope:
                return False
            if found is not None and (len(found[1]) > 1 or found[1][0].node.lineno > child.lineno):  # type: ignore[attr-defined]
                return False
            if (
                found is not None
                and found[1][0].kind == "value"
                and isinstance(module.parents.get(found[1][0].node), ast.Assign)
            ):
                continue
        elif isinstance(child, ast.Call) and module.dotted(child.func) in CONSTANTS:
            continue
        elif isinstance(
            child, (ast.Call, ast.Attribute, ast.Subscript, ast.Await, ast.Yield, ast.NamedExpr)
        ) and not isinstance(node, ast.Lambda):
            if isinstance(child, ast.Attribute) and module.dotted(child):
                continue
            return False
    return True
