"""Bytes of a Python file, and the text in them."""

from __future__ import annotations

import codecs
import io
import re
import tokenize
from dataclasses import dataclass

FLASK = re.compile(rb"\b(?:flask|werkzeug\.exceptions\b)")
SERVERS = (b"serve", b"make_server", b"run_simple", b"WSGIServer", b"DispatcherMiddleware")
# what code may ask of an app that another file has made; each begins with the text that is looked for
ASKED = (
    re.compile(
        rb"\.(?:run|config|(?:app|request|test_request)_context|test_client|test_cli_runner|logger|wsgi_app|cli|debug"
        rb"|testing|secret_key|extensions|url_map|view_functions|route|register_blueprint|add_url_rule|errorhandler)\b"
    ),
    re.compile(
        rb"@[\w.]+\.(?:get|post|put|patch|delete|before_request|after_request|teardown_request|teardown_appcontext"
        rb"|context_processor|template_filter|template_global|template_test)\b"
    ),
    re.compile(rb"def test\w*\([^)]*\bclient\b"),
)


class Undecodable(Exception):
    """The bytes are no text in the encoding that the file declares."""


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a file, and what is needed to write it back byte for byte."""

    text: str  # newlines as in the file
    encoding: str
    bom: bool = False

    @property
    def newline(self) -> str:
        """The newline that the file uses first, for lines that are added to it."""
        return newline_of(self.text)

    def encode(self, text: str) -> bytes:
        """`text` as the bytes of this file. Raises `UnicodeEncodeError` where its encoding has no such character."""
        return (codecs.BOM_UTF8 if self.bom else b"") + text.encode(self.encoding)


def names_flask(data: bytes) -> bool:
    """Whether a file may have something of Flask. Every file of a project is asked: a pattern that ignores case would
    take ten times as long."""
    small = data.lower()
    return (b"flask" in small or b"werkzeug" in small) and FLASK.search(small) is not None


def asks_app(data: bytes) -> bool:
    """Whether a file may ask something of an app that another file has made."""
    return any(pattern.search(data) for pattern in ASKED) or any(
        name in data and re.search(rb"\b%b\b" % name, data) for name in SERVERS
    )


def newline_of(text: str) -> str:
    """The newline that a text uses first."""
    first = re.search(r"\r\n|\n|\r", text)
    return first.group() if first else "\n"


def lines_of(text: str) -> list[str]:
    """The lines of a Python file with their newlines, as the parser counts them.

    `str.splitlines` also cuts at form feeds and at separators that may stand in strings and comments."""
    return io.StringIO(text, newline="").readlines()


def decode(data: bytes) -> Source:
    """Read a file as Python does: byte-order mark, then encoding cookie, then UTF-8. Raises `Undecodable`."""
    bom = data.startswith(codecs.BOM_UTF8)
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return Source(data.decode(encoding), encoding, bom)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise Undecodable(str(error)) from error
