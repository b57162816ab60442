"""Code that a test hands to another interpreter as a string asks the app by Starlette's test client.

## What changes

`app.test_client()` in a string that is Python code becomes `TestClient(app, follow_redirects=False)`, with its import.
What the string reads of answers follows: `.get_data(as_text=True)` is `.text`, `.get_json()` is `.json()`.

## Example

```python
code = "from shop import app\\nassert app.test_client().get('/').status_code == 200\\n"
```

becomes

```python
code = (
    "from shop import app\\n"
    "from fastapi.testclient import TestClient\\n"
    "assert TestClient(app, follow_redirects=False).get('/').status_code == 200\\n"
)
```

## Safety

The requests and answers are the same. Nothing else in strings is changed.

## What is left to you

Code in strings that asks for Flask itself is reported.
"""

from __future__ import annotations

import ast
import re
from typing import TypeAlias

import libcst as cst

from migrator.codemod import Codemod, Module, Plan, Project, Replace, Rule, Safety, Severity
from migrator.source import newline_of

CLIENT = re.compile(r"([\w.]+)\.test_client\(\)")
# what Werkzeug's and Starlette's answers have in common by other names
READS = (
    (re.compile(r"\.get_data\(as_text=True\)"), ".text"),
    (re.compile(r"\.get_data\(\)"), ".content"),
    (re.compile(r"\.get_json\(\)"), ".json()"),
)
IMPORT = "from fastapi.testclient import TestClient"
NO_COUNTERPART = re.compile(r"\bflask\b|\.test_client\((?!\))|session_transaction|\b(?:data|query_string)=")
MADE = r"TestClient(\1, follow_redirects=False)"
Text: TypeAlias = cst.SimpleString | cst.FormattedString | cst.ConcatenatedString


class CodeInStrings(Codemod):
    """Tests that run code of their own elsewhere."""

    rule = Rule("FF702", "code-in-strings", "code in strings asks the app by Starlette's client", Safety.SAFE)

    def plan(self, module: Module, project: Project) -> Plan:
        for node in module.nodes(ast.Constant) if "test_client" in module.text else ():
            if not isinstance(node.value, str) or ".test_client(" not in node.value or not is_code(node.value):
                continue
            if NO_COUNTERPART.search(node.value) or "TestClient" in node.value:
                message, hint = "the code in this string asks for Flask", f"{IMPORT}; TestClient(app)"
                yield self.finding(module, project, node, Severity.MANUAL, message, hint, ())
            else:
                yield Replace(self.rule, module.span(node), with_client)


def is_code(text: str) -> bool:
    """Whether a string is a program of several statements."""
    try:
        return len(ast.parse(text).body) > 1
    except (SyntaxError, ValueError):
        return False


def with_client(node: cst.CSTNode) -> cst.CSTNode:
    """The string, asking by Starlette's client; the import stands above the line that first does."""
    assert isinstance(node, (cst.SimpleString, cst.ConcatenatedString, cst.FormattedString))
    return _changed(node, False)[0]


def _changed(node: Text, has_import: bool) -> tuple[Text, bool]:
    if isinstance(node, cst.ConcatenatedString):
        left, has_import = _changed(node.left, has_import)
        right, has_import = _changed(node.right, has_import)
        if isinstance(left, cst.ConcatenatedString):  # LibCST nests them to the right
            inner = node.with_changes(left=left.right, right=right)
            return left.with_changes(right=inner, whitespace_between=node.whitespace_between), has_import
        return node.with_changes(left=left, right=right), has_import
    if isinstance(node, cst.FormattedString):
        return node, has_import
    text, asks = CLIENT.sub(MADE, node.raw_value), bool(CLIENT.search(node.raw_value))
    for pattern, new in READS:
        text = pattern.sub(new, text)
    if not asks or has_import:
        return _string(node, text), has_import
    before, line = _split(text)
    indent = line[: len(line) - len(line.lstrip())]
    if "\n" in node.raw_value or before:
        newline = newline_of(node.raw_value) if "\n" in node.raw_value else "\\n"
        return _string(node, f"{before}{indent}{IMPORT}{newline}{line}"), True
    first = _string(node, f"{indent}{IMPORT}\\n")
    space = cst.ParenthesizedWhitespace(indent=True, last_line=cst.SimpleWhitespace("    "))
    return cst.ConcatenatedString(first, _string(node, text), whitespace_between=space), True


def _string(node: cst.SimpleString, text: str) -> cst.SimpleString:
    return node.with_changes(value=f"{node.prefix}{node.quote}{text}{node.quote}")


def _split(text: str) -> tuple[str, str]:
    """What stands before the line that makes the client, and the rest."""
    start = max(text.rfind(end, 0, text.index("TestClient")) + len(end) for end in ("\n", "\\n"))
    start = start if start > 1 or text[:1] == "\n" else 0
    return text[:start], text[start:]
