"""What stands in one file, without judging. Frozen, and without a tree: it can be kept for every file of a project.

A *reference* is the text of a name or attribute chain (`app`, `self.app`, `shop.bp`), to be read in its scope.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from migrator.location import Span


@dataclass(frozen=True, slots=True)
class CallFact:
    """A call, with those arguments that are plain references ("" for all others)."""

    scope: str
    callee: str
    args: tuple[str, ...] = ()
    keywords: tuple[tuple[str, str], ...] = ()
    is_later: bool = False  # made by a thread or a pool, with these arguments


@dataclass(frozen=True, slots=True)
class FunctionFacts:
    """A `def`, at any depth. `proxies` are the names of Flask that it reads itself."""

    qualname: str
    span: Span
    params: tuple[str, ...]
    is_async: bool = False
    in_class: str = ""  # qualname of the class, for a method
    decorators: tuple[str, ...] = ()
    returns: tuple[str, ...] = ()  # what it yields, too
    proxies: frozenset[str] = frozenset()
    http_methods: tuple[str, ...] = ()  # `view.methods = ["GET", "POST"]`
    fixture: str = ""  # the name that tests ask for it by, for a pytest fixture
    apps: frozenset[str] = frozenset()  # parameters that are annotated as Flask apps


@dataclass(frozen=True, slots=True)
class ClassFacts:
    qualname: str
    span: Span
    bases: tuple[str, ...]
    methods: tuple[str, ...]
    http_methods: tuple[str, ...] | None = None  # `methods = ["GET", "POST"]` of a view class


@dataclass(frozen=True, slots=True)
class Constructed:
    """`target = Flask(...)` or `Blueprint(...)`."""

    scope: str
    target: str
    kind: str  # canonical dotted name of the class
    span: Span
    name: str = ""  # of a blueprint
    url_prefix: str | None = ""  # "" none, None not known
    static_folder: str | None = None
    static_url_path: str | None = None
    template_folder: str | None = None


@dataclass(frozen=True, slots=True)
class AsView:
    """`target = Class.as_view("name")`."""

    scope: str
    target: str
    view_class: str  # reference
    endpoint: str | None  # None: not known
    span: Span


@dataclass(frozen=True, slots=True)
class Registration:
    """A call of a registering method, as decorator (then `function` is what it decorates) or not."""

    scope: str
    receiver: str
    method: str
    span: Span
    function: str = ""  # qualname of what the decorator stands on
    view: str = ""  # reference to the view, handler, hook or blueprint that a call names
    rule: str | None = None  # None: not known
    endpoint: str | None = ""  # "" by default, None not known
    methods: tuple[str, ...] | None = ()  # () by default, None not known
    url_prefix: str | None = ""  # of register_blueprint; "" none given, None not known
    name: str | None = ""
    view_class: str = ""  # for `view_func=Class.as_view("name")`
    wrapped: str = ""  # reference to the view within decorators: `view_func=login_required(index)`
    options: tuple[str, ...] = ()  # names of all other keywords
    in_loop: bool = False


@dataclass(frozen=True, slots=True)
class ModuleFacts:
    path: str
    name: str
    is_package: bool
    imports: dict[str, str] = field(default_factory=dict)
    stars: tuple[str, ...] = ()
    bindings: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    """(scope, name) -> what it is bound to: "import:a.b", "def:qual", "class:qual", "param:", "call:ref", "ref:ref",
    "rows:cell,cell|cell,cell" for a list of tuples, "each:ref" and "each1:ref" for what a loop takes of one,
    "item1:ref:ref" and "item1:call:ref" for what is unpacked from a value,
    "value:"."""
    functions: tuple[FunctionFacts, ...] = ()
    classes: tuple[ClassFacts, ...] = ()
    constructed: tuple[Constructed, ...] = ()
    made: tuple[tuple[str, Constructed], ...] = ()  # what would be an app if the class named is derived from Flask
    registrations: tuple[Registration, ...] = ()
    calls: tuple[CallFact, ...] = ()
    as_views: tuple[AsView, ...] = ()
    converters: tuple[tuple[str, str, str], ...] = ()  # scope, name in rules, reference to the class
    flask_imports: frozenset[str] = frozenset()  # canonical names of Flask, Werkzeug or extensions that are imported
