"""The one renderer of a module's imports: what new code needs comes in, what nothing uses any more goes out."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from migrator.changes import Code, Import, Remove, Replace
from migrator.location import Span
from migrator.module import Module
from migrator.project.flask_names import REPLACED, canonical
from migrator.project.quoted import quoted_annotations
from migrator.rewrite.plan import Plan
from migrator.rule import Rule, Safety
from migrator.source import newline_of

FUTURE, STDLIB, THIRD_PARTY, LOCAL = range(4)
RULE = Rule("FF001", "imports", "imports follow the code", Safety.SAFE)
IMPORT_STRING = re.compile(r'"[\w.]+:\w+"')  # "shop:app"


@dataclass(eq=False)
class _Statement:
    """A top-level import statement, and what becomes of it."""

    node: ast.Import | ast.ImportFrom
    group: int
    first: int
    last: int
    names: list[ast.alias]  # that stay
    added: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)  # new lines above it
    behind: list[str] = field(default_factory=list)

    @property
    def is_gone(self) -> bool:
        return not self.names and not self.added

    @property
    def is_changed(self) -> bool:
        return len(self.names) != len(self.node.names) or bool(self.added)

    @property
    def key(self) -> tuple[bool, str]:
        return sort_key(_statement_module(self.node), isinstance(self.node, ast.ImportFrom))


class ImportBlock:
    """The imports of a module after a plan. `place` turns the module of an `Import` into what stands behind `from`;
    `is_used_elsewhere` tells whether another file takes a name from this module."""

    def __init__(
        self,
        module: Module,
        plan: Plan,
        resolve: Callable[[str], str],
        place: Callable[[str], str],
        is_local: Callable[[str], bool],
        is_used_elsewhere: Callable[[str], bool],
        width: int,
    ) -> None:
        self.module, self.plan, self.resolve, self.place, self.width = module, plan, resolve, place, width
        self.is_local, self.is_used_elsewhere = is_local, is_used_elsewhere
        self.newline = newline_of(module.text)
        self.dead = self._dead_bindings() - self._wanted_again()
        self.statements = [self._statement(node) for node in self._top_level()]
        self.leading = self._leading()
        self._nested()
        self.lines = {line for s in self.statements for line in range(s.first, s.last + 1)}
        self._local_names: dict[Import, str] = {}
        self._new: list[tuple[int, str, str]] = []  # group, module, name as written
        for wanted in plan.imports:
            self._want(wanted)
        self._place_new()

    # -- asking ----------------------------------------------------------------------------------------------------

    def local(self, wanted: Import) -> str:
        """The name under which the module knows an import."""
        return self._local_names.get(wanted, wanted.name or wanted.module)

    @property
    def kept(self) -> frozenset[str]:
        """The absolute dotted names that stay imported."""
        found: set[str] = set()
        for node in (*self.module.nodes(ast.Import), *self.module.nodes(ast.ImportFrom)):
            if isinstance(node, (ast.Import, ast.ImportFrom)) and self.plan.keeps(self.module.span(node)):
                base = f"{self.module.absolute(node)}." if isinstance(node, ast.ImportFrom) else ""
                found.update(f"{base}{a.name}".removesuffix(".*") for a in node.names if a not in self.dead)
        return frozenset(found)

    def named(self, code: Code) -> str:
        """The text of new code, with imported names as this module spells them. Code that imports one name from several
        modules writes `module:name`."""
        text = code.text
        for wanted in code.imports:
            name = wanted.name or wanted.module
            if (full := f"{wanted.module}:{name}") in text:
                text = re.sub(rf"(?<![\w.]){re.escape(full)}\b", self.local(wanted), text)
            elif (local := self.local(wanted)) != name:
                text = re.sub(rf"(?<![\w.\"']){re.escape(name)}\b(?!\s*=[^=])", local, text)
        return text

    def edits(self, lines: Sequence[str]) -> list[tuple[int, int, str]]:
        """The lines to replace: first line, last line, new text."""
        found: list[tuple[int, int, str]] = []
        empty = [s for s in self.statements if s.is_gone and not s.before and not s.behind]
        gone = {line for s in empty for line in range(s.first, s.last + 1)}
        for statement in self.statements:
            renamed = [self.module.span(alias) for alias in statement.names]
            renamed = [span for span in renamed if span in self.plan.aliases]
            if not (statement.is_changed or statement.before or statement.behind or renamed):
                continue
            if statement.is_gone:
                own = ""
            elif statement.is_changed:
                own = self._rendered(statement)
            else:
                rows = [*lines[statement.first - 1 : statement.last]]
                for span in renamed[::-1]:
                    row = rows[span.line - statement.first]
                    new = self.plan.aliases[span].names
                    rows[span.line - statement.first] = f"{row[: span.column]}{new}{row[span.end_column :]}"
                own = "".join(rows)
            text = "".join(line + self.newline for line in statement.before) + own
            if statement.behind and text and not text.endswith(("\n", "\r")):
                text += self.newline
            text += "".join(line + self.newline for line in statement.behind)
            first, last = statement.first, statement.last
            above = first - 2
            while above >= 0 and above + 1 in gone:
                above -= 1
            if not text and (above < 0 or not lines[above].strip()):  # its blank lines go with a group
                if first > 1 and statement in self.leading[-1:]:
                    while first > 1 and not lines[first - 2].strip():
                        first -= 1
                while first == statement.first and last < len(lines) and not lines[last].strip():
                    last += 1
            found.append((first, last, text))
        if self._alone:
            found.append((self._alone_line, self._alone_line - 1, self._alone))
        return found

    # -- what goes -------------------------------------------------------------------------------------------------

    def _dead_bindings(self) -> set[ast.alias]:
        """The imported names that nothing reads any more, or that were Flask's and that nothing reads."""
        alive: set[int] = set()
        used: set[int] = set()
        for name in self.module.names:
            found = name.scope.lookup(name.node.id)
            for binding in found[1] if found else ():
                used.add(id(binding.node))
                if self.plan.keeps(self.module.span(name.node)):
                    alive.add(id(binding.node))
        for name in self.module.ambiguous:
            if self.plan.keeps(self.module.span(name.node)):
                found = name.scope.lookup(name.node.id)
                kept = [b.node for b in found[1] if b.target == name.target] if found else []
                used |= {id(node) for node in kept}
                alive |= {id(node) for node in kept}
        for quoted, names in quoted_annotations(self.module):
            if self.module.span(quoted) in self.plan.replace:
                continue
            for quoted_name in names:
                found = self.module.scope_of(quoted).lookup(quoted_name.root)
                alive |= {id(binding.node) for binding in (found[1] if found else ())}
        exported = set(_dunder_all(self.module))
        written = _identifiers(self.plan)
        dead: set[ast.alias] = set()
        for scope in self.module.scopes.values():
            for bound, bindings in scope.bindings.items():
                for binding in bindings:
                    if not isinstance(binding.node, ast.alias) or id(binding.node) in alive:
                        continue
                    if self.module.span(binding.node) in self.plan.aliases:
                        continue
                    is_flask = self.resolve(binding.target).partition(".")[0] in REPLACED
                    was_used = id(binding.node) in used
                    at_top = scope is self.module.scope
                    if not is_flask and bound in written:
                        continue
                    if is_flask or (was_used and not (at_top and (bound in exported or self.is_used_elsewhere(bound)))):
                        dead.add(binding.node)
        return dead

    def _wanted_again(self) -> set[ast.alias]:
        """The names that new code imports where the old code did."""
        wanted = {(self._absolute(self.place(one.module)), one.name) for one in self.plan.imports}
        nodes = [node for node in self._top_level() if isinstance(node, ast.ImportFrom)]
        return {a for node in nodes for a in node.names if (self.module.absolute(node), a.name) in wanted}

    def _nested(self) -> None:
        """Imports in functions and blocks are statements like others."""
        top = {id(s.node) for s in self.statements}
        sources = self.module.nodes(ast.ImportFrom) if self.plan.aliases else []
        renamed = [a for s in sources for a in s.names if self.module.span(a) in self.plan.aliases]
        for node in {self.module.parents[alias] for alias in (*self.dead, *renamed)}:
            if id(node) in top or not isinstance(node, (ast.Import, ast.ImportFrom)):
                continue
            span = self.module.span(node)
            kept = [alias for alias in node.names if alias not in self.dead]
            if not kept:
                self.plan.remove[span] = Remove(RULE, span)
            else:
                text = f"{_head(node)}{', '.join(map(self._written, kept))}"
                self.plan.replace[span] = Replace(RULE, span, Code(text))

    def _leading(self) -> list[_Statement]:
        """The imports at the head of the file, before any other code."""
        by_node = {id(s.node): s for s in self.statements}
        found: list[_Statement] = []
        for index, node in enumerate(self.module.tree.body):
            if id(node) in by_node:
                found.append(by_node[id(node)])
                continue
            is_docstring = index == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            if not is_docstring and (found or not isinstance(node, (ast.Import, ast.ImportFrom))):
                break
        return found

    def _top_level(self) -> Iterable[ast.Import | ast.ImportFrom]:
        shared = shared_lines(self.module.tree)
        for node in self.module.tree.body:
            if isinstance(node, (ast.Import, ast.ImportFrom)) and node.lineno not in shared:
                yield node

    def _statement(self, node: ast.Import | ast.ImportFrom) -> _Statement:
        names = [alias for alias in node.names if alias not in self.dead]
        return _Statement(
            node, self._group(_statement_module(node)), node.lineno, node.end_lineno or node.lineno, names
        )

    def _group(self, module: str) -> int:
        top = module.partition(".")[0]
        if module.startswith("."):
            return LOCAL
        if top == "__future__":
            return FUTURE
        if self.is_local(top):
            return LOCAL
        return STDLIB if top in sys.stdlib_module_names else THIRD_PARTY

    # -- what comes ------------------------------------------------------------------------------------------------

    def _want(self, wanted: Import) -> None:
        module = self._as_here(self.place(wanted.module))
        absolute = self._absolute(module)
        for statement in self.statements:
            for alias in statement.names:
                name = alias.asname or alias.name
                if isinstance(statement.node, ast.ImportFrom) and wanted.name:
                    if self.module.absolute(statement.node) == absolute and alias.name == wanted.name:
                        self._local_names[wanted] = name
                        return
                elif isinstance(statement.node, ast.Import) and not wanted.name and alias.name == wanted.module:
                    self._local_names[wanted] = name
                    return
        plain = wanted.name or wanted.module
        if self._in_place(wanted, module):
            self._local_names[wanted] = plain
            return
        local = plain
        if wanted.name and (self._is_taken(plain, wanted) or plain in self._local_names.values()):
            top, last = wanted.module.partition(".")[0], wanted.module.rpartition(".")[2]
            prefix = "flask" if wanted.module.startswith("~") else last if self.is_local(top) else top
            rest = plain.removeprefix(prefix.title())
            if rest != plain:  # a name of ours, which says whose it is
                prefix = wanted.module.removeprefix("~")
            local = free = f"{prefix}_{plain}" if plain.islower() else f"{prefix.title()}{rest}"
            number = 2
            while local in self._local_names.values():
                local, number = f"{free}{number}", number + 1
        self._local_names[wanted] = local
        written = plain if local == plain else f"{plain} as {local}"
        if wanted.name:
            for statement in self.leading:
                node = statement.node
                if isinstance(node, ast.ImportFrom) and self.module.absolute(node) == absolute:
                    if written not in statement.added:
                        statement.added.append(written)
                    return
        self._new.append((self._group(module), module, written if wanted.name else ""))

    def _as_here(self, module: str) -> str:
        """A module of the same package as relative as the imports that stand here."""
        package = self.module.name.split(".")[: None if self.module.is_package else -1]
        if package[:1] != module.split(".")[:1] or not any(_level(s.node) for s in self.statements):
            return module
        parts = module.split(".")
        shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(package, parts, strict=False)))
        return "." * (len(package) - shared + 1) + ".".join(parts[shared:])

    def _absolute(self, module: str) -> str:
        if not module.startswith("."):
            return module
        level = len(module) - len(module.lstrip("."))
        return self.module.absolute(ast.ImportFrom(module=module.lstrip(".") or None, names=[], level=level))

    def _is_taken(self, name: str, wanted: Import) -> bool:
        """Whether the module, or a function of it, means something else by a name."""
        for scope in self.module.scopes.values():
            for binding in scope.bindings.get(name, ()):
                if isinstance(binding.node, ast.alias):
                    if binding.node in self.dead or canonical(binding.target) == f"{wanted.module}.{wanted.name}":
                        continue
                    return True
                if binding.kind == "param" or binding.kind == "value":
                    is_local = scope is not self.module.scope
                    if is_local and (not wanted.module.startswith("~") or self._had(name)):
                        continue  # a local of one function; its own uses are its own
                return True
        return False

    def _had(self, name: str) -> bool:
        """Whether the module had the name from Flask: what reads it now did so before."""
        bindings = self.module.scope.bindings.get(name, ())
        return any(b.node in self.dead and self.resolve(b.target) == f"flask.{name}" for b in bindings)

    def _in_place(self, wanted: Import, module: str) -> bool:
        """Take a name from elsewhere in the branch (`else:` of `if TYPE_CHECKING:`) that imported it from Flask."""
        for binding in self.module.scope.bindings.get(wanted.name, ()):
            node = self.module.parents.get(binding.node)
            if not isinstance(node, ast.ImportFrom) or node in self.module.tree.body or binding.node not in self.dead:
                continue
            if wanted.module.startswith("~") and self.resolve(binding.target) == f"flask.{wanted.name}":
                span, line = self.module.span(node), from_line(module, [wanted.name], self.width)
                before = self.plan.replace.get(span)
                kept = before.new.text if before is not None and isinstance(before.new, Code) else ""
                self.plan.remove.pop(span, None)
                self.plan.replace[span] = Replace(RULE, span, Code(f"{kept}\n{line}".strip()))
                return True
        return False

    def _place_new(self) -> None:
        self._alone, self._alone_line = "", 1
        groups: dict[int, dict[tuple[str, bool], list[str]]] = {}
        for group, module, name in self._new:
            groups.setdefault(group, {}).setdefault((module, bool(name)), []).append(name)
        waiting: list[tuple[int, list[str]]] = []
        for group, modules in sorted(groups.items()):
            lines = [
                (sort_key(module, is_from), self._from_line(module, names) if is_from else f"import {module}")
                for (module, is_from), names in modules.items()
            ]
            rows = sorted(lines)
            members = [s for s in self.leading if s.group == group]
            if not members:
                waiting.append((group, [text for _, text in rows]))
                continue
            for key, text in rows:
                later = next((s for s in members if not s.is_gone and s.key > key), None)
                gone = next((s for s in members if s.is_gone), None)
                if gone is not None and not (later is not None and later.first < gone.first):
                    earlier = [s for s in members if not s.is_gone and s.first > gone.first and s.key < key]
                    (earlier[-1].behind if earlier else gone.before).append(text)
                elif later is not None:
                    later.before.append(text)
                else:
                    members[-1].behind.append(text)
        for group, texts in waiting:
            self._place_group(group, texts)

    def _place_group(self, group: int, texts: list[str]) -> None:
        """A group of imports that the module did not have."""
        earlier = [s for s in self.leading if s.group < group and not (s.is_gone and not s.before)]
        later = [s for s in self.leading if s.group > group]
        if earlier:
            last = earlier[-1]
            last.behind += ["", *texts]
        elif later:
            head = later[0]
            head.before = (
                [*texts, "", *head.before]
                if not all(s.is_gone and not s.before for s in later)
                else [*texts, *head.before]
            )
        elif self.leading:
            last = self.leading[-1]
            is_only = all(s.is_gone and not s.before and not s.behind for s in self.leading)
            last.behind += texts if is_only else ["", *texts]
        else:
            body = self.module.tree.body
            has_doc = bool(body) and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
            self._alone_line = (body[0].end_lineno or 0) + 1 if has_doc else (body[0].lineno if body else 1)
            rows = [*([""] if has_doc or self._alone else []), *texts, *([] if has_doc else ["", ""])]
            self._alone += "".join(row + self.newline for row in rows)

    def _rendered(self, statement: _Statement) -> str:
        names = [*map(self._written, statement.names), *statement.added]
        if isinstance(statement.node, ast.Import):
            return f"import {', '.join(names)}{self.newline}"
        return self._from_line(_statement_module(statement.node), names) + self.newline

    def _written(self, alias: ast.alias) -> str:
        renamed = self.plan.aliases.get(self.module.span(alias))
        return renamed.names if renamed is not None else ast.unparse(alias)

    def _from_line(self, module: str, names: Iterable[str]) -> str:
        return from_line(module, names, self.width).replace("\n", self.newline)


def _identifiers(plan: Plan) -> set[str]:
    """Every word in the new code of a plan that is no import of its own, nor part of what a server imports."""
    texts = [(IMPORT_STRING.sub("", text), own) for text, own in plan.texts]
    return {word for text, own in texts for word in re.findall(r"[^\W\d]\w*", text) if word not in own}


def sort_key(module: str, is_from: bool) -> tuple[bool, str]:
    """`import x` before `from x import y`, each in alphabetical order, far relatives first."""
    dots = len(module) - len(module.lstrip("."))
    return is_from, f"{9 - dots}{module.lower()}"


def from_line(module: str, names: Iterable[str], width: int) -> str:
    """`from module import names`, over several lines where it is too long for one."""
    ordered = sorted(dict.fromkeys(names), key=name_key)
    line = f"from {module} import {', '.join(ordered)}"
    if len(line) <= width:
        return line
    rows = "".join(f"    {name},\n" for name in ordered)
    return f"from {module} import (\n{rows})"


def name_key(name: str) -> tuple[int, str, str]:
    """Constants, then classes, then functions, as isort and ruff order them."""
    plain = name.partition(" ")[0]
    kind = 0 if plain.isupper() and len(plain) > 1 else 1 if plain[:1].isupper() else 2
    return kind, plain.lower(), plain


def _statement_module(node: ast.Import | ast.ImportFrom) -> str:
    if isinstance(node, ast.Import):
        return node.names[0].name
    return "." * node.level + (node.module or "")


def _level(node: ast.Import | ast.ImportFrom) -> int:
    return node.level if isinstance(node, ast.ImportFrom) else 0


def _head(node: ast.Import | ast.ImportFrom) -> str:
    return "import " if isinstance(node, ast.Import) else f"from {_statement_module(node)} import "


def shared_lines(tree: ast.Module) -> set[int]:
    """The lines on which more than one statement stands."""
    seen: set[int] = set()
    shared: set[int] = set()
    for node in tree.body:
        for line in {node.lineno, node.end_lineno or node.lineno}:
            (shared if line in seen else seen).add(line)
    return shared


def _dunder_all(module: Module) -> Iterable[str]:
    for binding in module.scope.bindings.get("__all__", ()):
        statement = module.parents.get(binding.node)
        if isinstance(statement, ast.Assign) and isinstance(statement.value, (ast.List, ast.Tuple)):
            for item in statement.value.elts:
                if isinstance(item, ast.Constant) and isinstance(item.value, str):
                    yield item.value


__all__ = ["ImportBlock", "Span", "from_line"]
