"""What uses of a value say about its type; tables only."""

from __future__ import annotations

STR_METHODS = frozenset(
    [
        "strip",
        "lstrip",
        "rstrip",
        "lower",
        "upper",
        "title",
        "capitalize",
        "casefold",
        "swapcase",
        "split",
        "rsplit",
        "splitlines",
        "startswith",
        "endswith",
        "replace",
        "encode",
        "isdigit",
        "isalpha",
        "isalnum",
        "isnumeric",
        "isdecimal",
        "isspace",
        "islower",
        "isupper",
        "istitle",
        "isidentifier",
        "zfill",
        "ljust",
        "rjust",
        "center",
        "partition",
        "rpartition",
        "format",
        "join",
        "removeprefix",
        "removesuffix",
        "find",
        "rfind",
        "expandtabs",
        "translate",
    ]
)
LIST_METHODS = frozenset({"append", "extend", "insert", "sort", "reverse", "remove"})
DICT_METHODS = frozenset({"items", "keys", "values", "update", "setdefault", "popitem"})
WRITING = frozenset(
    {"flask.jsonify", "json.dumps", "flask.json.dumps", "flask.make_response", "builtins.print", "builtins.repr"}
)
# what is documented for a value that a call converts; a decimal is sent as text or as a number
COERCIONS = {
    "builtins.int": "int", "builtins.float": "float", "builtins.str": "str", "builtins.bool": "bool",
    "decimal.Decimal": "", "datetime.datetime.fromisoformat": "str", "datetime.date.fromisoformat": "str",
    "datetime.time.fromisoformat": "str", "datetime.datetime.strptime": "str", "uuid.UUID": "str",
    "datetime.datetime.fromtimestamp": "number", "datetime.timedelta": "number",
}  # fmt: skip
TAKES_TEXT = frozenset(
    {
        "re.match", "re.search", "re.fullmatch", "re.sub", "re.findall", "werkzeug.security.generate_password_hash",
        "werkzeug.security.check_password_hash", "urllib.parse.quote", "urllib.parse.urlparse", "urllib.parse.urlsplit",
        "base64.b64decode", "html.escape", "werkzeug.utils.secure_filename", "json.loads", "dateutil.parser.parse",
        "email_validator.validate_email",
    }
)  # fmt: skip
RAISES = {
    "str": ("AttributeError", "TypeError"), "int": ("TypeError", "ValueError"), "number": ("TypeError",),
    "list": ("TypeError", "AttributeError"), "dict": ("TypeError", "AttributeError"),
}  # fmt: skip
BROAD = frozenset({"Exception", "BaseException", ""})
KIND_OF = {
    "str": "str",
    "int": "int",
    "float": "float",
    "bool": "bool",
    "list": "list",
    "dict": "dict",
    "tuple": "list",
}
