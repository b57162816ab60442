"""Where each LibCST node stands.

`MetadataWrapper` walks the whole tree once more for providers that are not asked for, and makes two objects for each
node; printing the tree with a state that notes numbers is all that is needed, and takes a third of the time.
"""

from __future__ import annotations

import re
from types import TracebackType
from typing import TypeAlias

import libcst as cst
from libcst._nodes.internal import CodegenState

Place: TypeAlias = tuple[int, int, int, int]  # line from 1, column from 0, both of the end too; in characters
_NEWLINE = re.compile(r"\r\n?|\n")
_SPACE = frozenset(
    {
        cst.SimpleWhitespace,
        cst.TrailingWhitespace,
        cst.ParenthesizedWhitespace,
        cst.EmptyLine,
        cst.Newline,
        cst.Comment,
    }
)


def positions_of(module: cst.Module) -> dict[int, tuple[cst.CSTNode, Place]]:
    """The nodes of a module, all but blanks and comments, with their places, by `id`."""
    state = _State(module)
    module._codegen(state)
    return state.found


class _State(CodegenState):
    """Prints nothing, and counts. What a node says of its place itself goes before where it was printed."""

    def __init__(self, module: cst.Module) -> None:
        super().__init__(default_indent=module.default_indent, default_newline=module.default_newline)
        self.line, self.column = 1, 0
        self.starts: list[tuple[int, int]] = []
        self.found: dict[int, tuple[cst.CSTNode, Place]] = {}

    def add_indent_tokens(self) -> None:
        for token in self.indent_tokens:
            self.column += len(token)

    def add_token(self, value: str) -> None:
        if "\n" in value or "\r" in value:
            parts = _NEWLINE.split(value)
            self.line += len(parts) - 1
            self.column = len(parts[-1])
        else:
            self.column += len(value)

    def pop_trailing_newline(self) -> None:
        pass

    def before_codegen(self, node: cst.CSTNode) -> None:
        self.starts.append((self.line, self.column))

    def after_codegen(self, node: cst.CSTNode) -> None:
        line, column = self.starts.pop()
        if type(node) not in _SPACE and id(node) not in self.found:
            self.found[id(node)] = node, (line, column, self.line, self.column)

    def record_syntactic_position(  # type: ignore[override]
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> _Recorded:
        return _Recorded(self, node, start_node, end_node)


class _Recorded:
    __slots__ = ("column", "end_node", "line", "node", "start_node", "state")

    def __init__(
        self, state: _State, node: cst.CSTNode, start_node: cst.CSTNode | None, end_node: cst.CSTNode | None
    ) -> None:
        self.state, self.node, self.start_node, self.end_node = state, node, start_node, end_node

    def __enter__(self) -> None:
        self.line, self.column = self.state.line, self.state.column

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        state = self.state
        start = self.line, self.column
        end = state.line, state.column
        if self.start_node is not None:
            start = state.found[id(self.start_node)][1][:2]
        if self.end_node is not None:
            end = state.found[id(self.end_node)][1][2:]
        state.found[id(self.node)] = self.node, (*start, *end)
