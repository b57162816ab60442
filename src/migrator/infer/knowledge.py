"""What calls, methods and attributes of Python, Flask and a few libraries give; tables only."""

from __future__ import annotations

from migrator.infer.shapes import (
    BOOL,
    BYTES,
    FLOAT,
    INT,
    INT_OR_NONE,
    JSON,
    NONE,
    STR,
    STR_OR_NONE,
    External,
    Foreign,
    Mapping,
    Scalar,
    Sequence,
    Shape,
    TupleOf,
)

DATETIME, DATE, TIME, TIMEDELTA = Scalar("datetime"), Scalar("date"), Scalar("time"), Scalar("timedelta")
DECIMAL, UUID, PATH = Scalar("decimal"), Scalar("uuid"), Scalar("path")
TEXTS = Sequence("list", STR)
FILE = Foreign("file")

# built-in functions whose result does not depend on the arguments
BUILTINS: dict[str, Shape] = {
    "len": INT, "int": INT, "str": STR, "float": FLOAT, "bool": BOOL, "repr": STR, "ascii": STR, "chr": STR, "ord": INT,
    "bytes": BYTES, "bytearray": BYTES, "hex": STR, "oct": STR, "bin": STR, "format": STR, "hash": INT, "id": INT,
    "input": STR, "any": BOOL, "all": BOOL, "isinstance": BOOL, "issubclass": BOOL, "callable": BOOL,
    "hasattr": BOOL, "print": NONE, "setattr": NONE, "delattr": NONE, "range": Sequence("range", INT),
    "dir": TEXTS, "open": FILE, "complex": Scalar("complex"),
}  # fmt: skip

CALLS: dict[str, Shape] = {
    "datetime.datetime": DATETIME, "datetime.datetime.now": DATETIME, "datetime.datetime.utcnow": DATETIME,
    "datetime.datetime.today": DATETIME, "datetime.datetime.fromisoformat": DATETIME,
    "datetime.datetime.strptime": DATETIME, "datetime.datetime.fromtimestamp": DATETIME,
    "datetime.datetime.utcfromtimestamp": DATETIME, "datetime.datetime.combine": DATETIME,
    "datetime.date": DATE, "datetime.date.today": DATE, "datetime.date.fromisoformat": DATE,
    "datetime.date.fromtimestamp": DATE, "datetime.time": TIME, "datetime.time.fromisoformat": TIME,
    "datetime.timedelta": TIMEDELTA, "dateutil.parser.parse": DATETIME, "dateutil.parser.isoparse": DATETIME,
    "django.utils.timezone.now": DATETIME, "decimal.Decimal": DECIMAL,
    "uuid.uuid1": UUID, "uuid.uuid3": UUID, "uuid.uuid4": UUID, "uuid.uuid5": UUID, "uuid.UUID": UUID,
    "time.time": FLOAT, "time.monotonic": FLOAT, "time.perf_counter": FLOAT, "time.process_time": FLOAT,
    "time.time_ns": INT, "time.perf_counter_ns": INT, "time.monotonic_ns": INT, "time.strftime": STR, "time.ctime": STR,
    "time.sleep": NONE, "random.randint": INT, "random.randrange": INT, "random.random": FLOAT,
    "random.uniform": FLOAT, "random.gauss": FLOAT, "random.getrandbits": INT,
    "secrets.token_hex": STR, "secrets.token_urlsafe": STR, "secrets.token_bytes": BYTES, "secrets.randbelow": INT,
    "secrets.compare_digest": BOOL, "hmac.compare_digest": BOOL,
    "json.loads": JSON, "json.load": JSON, "json.dumps": STR, "json.dump": NONE,
    "flask.json.loads": JSON, "flask.json.load": JSON, "flask.json.dumps": STR,
    "math.ceil": INT, "math.floor": INT, "math.trunc": INT, "math.sqrt": FLOAT, "math.log": FLOAT, "math.log10": FLOAT,
    "math.log2": FLOAT, "math.exp": FLOAT, "math.pow": FLOAT, "math.hypot": FLOAT, "math.sin": FLOAT, "math.cos": FLOAT,
    "math.tan": FLOAT, "math.atan2": FLOAT, "math.radians": FLOAT, "math.degrees": FLOAT, "math.fsum": FLOAT,
    "math.gcd": INT, "math.factorial": INT, "math.comb": INT, "math.isnan": BOOL, "math.isclose": BOOL,
    "os.path.join": STR, "os.path.basename": STR, "os.path.dirname": STR, "os.path.abspath": STR,
    "os.path.realpath": STR, "os.path.normpath": STR, "os.path.relpath": STR, "os.path.expanduser": STR,
    "os.path.exists": BOOL, "os.path.isfile": BOOL, "os.path.isdir": BOOL, "os.path.getsize": INT,
    "os.path.getmtime": FLOAT, "os.path.splitext": TupleOf((STR, STR)), "os.path.split": TupleOf((STR, STR)),
    "os.listdir": TEXTS, "os.getcwd": STR, "os.getpid": INT, "os.urandom": BYTES, "os.cpu_count": INT_OR_NONE,
    "os.makedirs": NONE, "os.mkdir": NONE, "os.remove": NONE, "os.unlink": NONE, "os.rename": NONE,
    "socket.gethostname": STR, "platform.node": STR, "platform.system": STR, "platform.python_version": STR,
    "platform.platform": STR, "platform.machine": STR, "getpass.getuser": STR, "tempfile.mkdtemp": STR,
    "tempfile.gettempdir": STR, "threading.get_ident": INT, "threading.active_count": INT, "sys.getsizeof": INT,
    "base64.b64encode": BYTES, "base64.b64decode": BYTES, "base64.urlsafe_b64encode": BYTES,
    "base64.urlsafe_b64decode": BYTES, "binascii.hexlify": BYTES, "binascii.unhexlify": BYTES, "zlib.crc32": INT,
    "zlib.compress": BYTES, "zlib.decompress": BYTES, "html.escape": STR, "html.unescape": STR, "textwrap.dedent": STR,
    "textwrap.shorten": STR, "textwrap.wrap": TEXTS, "shlex.split": TEXTS, "shlex.quote": STR, "re.sub": STR,
    "re.escape": STR, "re.split": Sequence("list", STR_OR_NONE), "glob.glob": TEXTS,
    "re.match": Foreign("match?"), "re.search": Foreign("match?"), "re.fullmatch": Foreign("match?"),
    "re.finditer": Sequence("generator", Foreign("match")), "re.compile": Foreign("pattern"),
    "urllib.parse.quote": STR, "urllib.parse.quote_plus": STR, "urllib.parse.unquote": STR,
    "urllib.parse.unquote_plus": STR, "urllib.parse.urlencode": STR, "urllib.parse.urljoin": STR,
    "urllib.parse.parse_qs": Mapping(values=TEXTS, keys=STR), 
    "urllib.parse.parse_qsl": Sequence("list", TupleOf((STR, STR))),
    "statistics.mode": JSON, "string.capwords": STR, "pathlib.Path": PATH, "pathlib.Path.cwd": PATH,
    "pathlib.Path.home": PATH, "pathlib.PurePath": PATH, "pathlib.PurePosixPath": PATH, "io.BytesIO": FILE,
    "io.StringIO": FILE, "logging.getLogger": Foreign("logger"), "threading.Lock": Foreign("lock"),
    "threading.RLock": Foreign("lock"), "markupsafe.escape": STR, "markupsafe.Markup": STR, "flask.escape": STR,
    "flask.Markup": STR, "flask.url_for": STR, "flask.render_template": STR, "flask.render_template_string": STR,
    "flask.flash": NONE, "flask.get_flashed_messages": TEXTS, "flask.has_request_context": BOOL,
    "werkzeug.utils.secure_filename": STR, "werkzeug.security.generate_password_hash": STR,
    "werkzeug.security.check_password_hash": BOOL, "werkzeug.security.gen_salt": STR, "bcrypt.hashpw": BYTES,
    "bcrypt.gensalt": BYTES, "bcrypt.checkpw": BOOL, "jwt.encode": STR, "jwt.decode": JSON, "slugify.slugify": STR,
    "yaml.dump": STR, "yaml.safe_dump": STR, "subprocess.check_output": BYTES, "shutil.which": STR_OR_NONE,
    "itertools.count": Sequence("generator", INT), 
    "csv.DictReader": Sequence("generator", Mapping(values=STR_OR_NONE, keys=STR)),
    "csv.reader": Sequence("generator", TEXTS), "flask.Flask": Foreign("flask.Flask"),
    "flask.jwt_extended.create_access_token": STR, "flask_jwt_extended.create_access_token": STR,
    "flask_jwt_extended.create_refresh_token": STR, "flask_jwt_extended.get_jwt_identity": JSON,
    "flask_jwt_extended.get_jwt": JSON, "flask_wtf.csrf.generate_csrf": STR, "operator.itemgetter": Foreign("getter"),
    "flask.request.get_data": BYTES, "flask.request.args.keys": TEXTS, "flask.request.form.keys": TEXTS,
    "flask.request.headers.getlist": TEXTS, "flask.request.host_url.rstrip": STR,
    "flask.request.on_json_loading_failed": JSON, "email.utils.formatdate": STR, "uuid.getnode": INT,
    "numpy.array": Foreign("ndarray"), "numpy.asarray": Foreign("ndarray"), "numpy.zeros": Foreign("ndarray"),
    "numpy.ones": Foreign("ndarray"), "numpy.arange": Foreign("ndarray"), "numpy.linspace": Foreign("ndarray"),
    "numpy.repeat": Foreign("ndarray"), "numpy.concatenate": Foreign("ndarray"), "numpy.abs": Foreign("ndarray"),
    "numpy.round": Foreign("ndarray"), "numpy.argsort": Foreign("ndarray"),
}  # fmt: skip

# hashlib.sha256(...), hmac.new(...)
DIGESTS = frozenset(
    {
        "hmac.new",
        *(
            f"hashlib.{n}"
            for n in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "new", "blake2b", "blake2s", "sha3_256")
        ),
    }
)

# attributes that are no call
VALUES: dict[str, Shape] = {
    "math.pi": FLOAT, "math.e": FLOAT, "math.inf": FLOAT, "math.nan": FLOAT, "sys.version": STR, "sys.platform": STR,
    "sys.maxsize": INT, "sys.argv": TEXTS, "sys.executable": STR, "os.sep": STR, 
    "os.environ": Mapping(values=STR, keys=STR),
    "string.ascii_letters": STR, "string.ascii_lowercase": STR, "string.ascii_uppercase": STR, "string.digits": STR,
    "string.punctuation": STR, "string.hexdigits": STR, "string.printable": STR, 
    "datetime.timezone.utc": Foreign("tzinfo"),
    "datetime.UTC": Foreign("tzinfo"), "flask.__version__": STR,
    "flask.request.json": JSON, "flask.request.method": STR, "flask.request.path": STR, "flask.request.full_path": STR,
    "flask.request.url": STR, "flask.request.base_url": STR, "flask.request.host": STR, "flask.request.host_url": STR,
    "flask.request.url_root": STR, "flask.request.root_url": STR, "flask.request.root_path": STR,
    "flask.request.script_root": STR, "flask.request.scheme": STR, "flask.request.mimetype": STR,
    "flask.request.content_type": STR_OR_NONE, "flask.request.content_length": INT_OR_NONE,
    "flask.request.remote_addr": STR_OR_NONE, "flask.request.remote_user": STR_OR_NONE,
    "flask.request.referrer": STR_OR_NONE, "flask.request.endpoint": STR_OR_NONE, 
    "flask.request.blueprint": STR_OR_NONE,
    "flask.request.is_json": BOOL, "flask.request.is_secure": BOOL, "flask.request.data": BYTES,
    "flask.request.query_string": BYTES, "flask.request.user_agent.string": STR, "flask.request.origin": STR_OR_NONE,
    "flask.request.access_route": TEXTS, "flask.request.is_multithread": BOOL,
    "flask.request.authorization.username": STR_OR_NONE, "flask.request.authorization.password": STR_OR_NONE,
    "flask.request.authorization.token": STR_OR_NONE, "flask.request.stream": FILE,
    "flask.request.args": Foreign("multidict", STR), "flask.request.form": Foreign("multidict", STR),
    "flask.request.values": Foreign("multidict", STR), "flask.request.headers": Foreign("multidict", STR),
    "flask.request.cookies": Foreign("multidict", STR), "flask.request.files": Foreign("multidict", Foreign("upload")),
    "flask.request.view_args": Mapping(values=JSON, keys=STR), "flask.current_app": Foreign("flask.Flask"),
}  # fmt: skip

# attributes of what is known by kind
ATTRIBUTES: dict[tuple[str, str], Shape] = {
    **{("datetime", name): INT for name in ("year", "month", "day", "hour", "minute", "second", "microsecond")},
    **{("date", name): INT for name in ("year", "month", "day")},
    **{("time", name): INT for name in ("hour", "minute", "second", "microsecond")},
    **{("timedelta", name): INT for name in ("days", "seconds", "microseconds")},
    **{("uuid", name): STR for name in ("hex", "urn")},
    **{("path", name): STR for name in ("name", "stem", "suffix")},
    ("uuid", "int"): INT,
    ("uuid", "bytes"): BYTES,
    ("path", "parent"): PATH,
    ("path", "parts"): Sequence("tuple", STR),
    ("int", "real"): INT,
    ("int", "value"): INT,  # of HTTPStatus
    ("int", "phrase"): STR,
    ("upload", "filename"): STR_OR_NONE,
    ("upload", "name"): STR_OR_NONE,
    ("upload", "mimetype"): STR,
    ("upload", "content_type"): STR_OR_NONE,
    ("upload", "content_length"): INT,
    ("upload", "stream"): FILE,
    ("ndarray", "shape"): Sequence("tuple", INT),
    ("ndarray", "size"): INT,
    ("ndarray", "ndim"): INT,
    ("ndarray", "T"): Foreign("ndarray"),
    ("sqlalchemy.page", "total"): INT_OR_NONE,
    ("sqlalchemy.page", "page"): INT,
    ("sqlalchemy.page", "pages"): INT,
    ("sqlalchemy.page", "per_page"): INT,
    ("sqlalchemy.page", "has_next"): BOOL,
    ("sqlalchemy.page", "has_prev"): BOOL,
    ("sqlalchemy.page", "next_num"): INT_OR_NONE,
    ("sqlalchemy.page", "prev_num"): INT_OR_NONE,
    ("cursor", "lastrowid"): INT_OR_NONE,
    ("cursor", "rowcount"): INT,
    ("exception", "args"): Sequence("tuple"),
    ("flask.Flask", "name"): STR,
    ("flask.Flask", "root_path"): STR,
    ("flask.Flask", "instance_path"): STR,
    ("flask.Flask", "debug"): BOOL,
    ("flask.Flask", "testing"): BOOL,
    ("http_response", "status_code"): INT,
    ("http_response", "text"): STR,
    ("http_response", "content"): BYTES,
    ("http_response", "ok"): BOOL,
    ("http_response", "url"): STR,
    ("http_response", "reason"): STR,
    ("parsed_url", "scheme"): STR,
    ("parsed_url", "netloc"): STR,
    ("parsed_url", "path"): STR,
    ("parsed_url", "query"): STR,
    ("parsed_url", "fragment"): STR,
    ("parsed_url", "hostname"): STR_OR_NONE,
    ("parsed_url", "port"): INT_OR_NONE,
    ("http_error", "name"): STR,
    ("http_error", "code"): INT,
    ("http_error", "description"): STR,
}

_STR = (
    "capitalize casefold center expandtabs format format_map join ljust lower lstrip replace rjust rstrip strip "
    "swapcase title translate upper zfill removeprefix removesuffix"
)
_IS = (
    "endswith startswith isalnum isalpha isascii isdecimal isdigit isidentifier islower isnumeric isprintable isspace "
    "istitle isupper"
)

# results of methods of what is known by kind
METHODS: dict[tuple[str, str], Shape] = {
    **{("str", name): STR for name in _STR.split()},
    **{("str", name): BOOL for name in _IS.split()},
    **{("str", name): INT for name in ("count", "find", "index", "rfind", "rindex")},
    **{("str", name): TEXTS for name in ("split", "rsplit", "splitlines")},
    **{("str", name): TupleOf((STR, STR, STR)) for name in ("partition", "rpartition")},
    ("str", "encode"): BYTES,
    **{("bytes", name): BYTES for name in ("strip", "lstrip", "rstrip", "replace", "join", "lower", "upper")},
    **{("bytes", name): STR for name in ("decode", "hex")},
    ("bytes", "split"): Sequence("list", BYTES),
    ("bytes", "startswith"): BOOL,
    ("bytes", "endswith"): BOOL,
    **{(kind, "isoformat"): STR for kind in ("datetime", "date", "time")},
    **{(kind, "strftime"): STR for kind in ("datetime", "date", "time")},
    **{(kind, name): INT for kind in ("datetime", "date") for name in ("weekday", "isoweekday", "toordinal")},
    ("datetime", "ctime"): STR,
    ("date", "ctime"): STR,
    ("datetime", "timestamp"): FLOAT,
    ("datetime", "date"): DATE,
    ("datetime", "time"): TIME,
    **{("datetime", name): DATETIME for name in ("replace", "astimezone")},
    ("datetime", "utcoffset"): TIMEDELTA,
    ("date", "replace"): DATE,
    ("timedelta", "total_seconds"): FLOAT,
    **{("decimal", name): DECIMAL for name in ("quantize", "normalize", "copy_abs", "to_integral_value")},
    **{("path", name): PATH for name in ("joinpath", "resolve", "absolute", "with_suffix", "with_name", "relative_to")},
    **{("path", name): BOOL for name in ("exists", "is_file", "is_dir", "is_absolute")},
    ("path", "read_text"): STR,
    ("path", "read_bytes"): BYTES,
    ("path", "as_posix"): STR,
    **{("path", name): Sequence("generator", PATH) for name in ("glob", "rglob", "iterdir")},
    ("path", "open"): FILE,
    ("int", "bit_length"): INT,
    ("float", "is_integer"): BOOL,
    ("upload", "read"): BYTES,
    ("upload", "save"): NONE,
    ("digest", "hexdigest"): STR,
    ("digest", "digest"): BYTES,
    ("digest", "update"): NONE,
    **{(kind, name): STR for kind in ("match", "match?") for name in ("expand",)},
    **{(kind, "group"): STR_OR_NONE for kind in ("match", "match?")},
    **{(kind, "groups"): Sequence("tuple", STR_OR_NONE) for kind in ("match", "match?")},
    **{(kind, "groupdict"): Mapping(values=STR_OR_NONE, keys=STR) for kind in ("match", "match?")},
    **{(kind, name): INT for kind in ("match", "match?") for name in ("start", "end")},
    **{("pattern", name): Foreign("match?") for name in ("match", "search", "fullmatch")},
    ("pattern", "sub"): STR,
    ("pattern", "findall"): Sequence("list", JSON),
    ("pattern", "split"): Sequence("list", STR_OR_NONE),
    ("pattern", "finditer"): Sequence("generator", Foreign("match")),
    ("ndarray", "tolist"): Sequence("list", JSON),
    ("ndarray", "item"): JSON,
    ("numpy.number", "item"): JSON,
    ("numpy.float", "item"): FLOAT,
    ("numpy.int", "item"): INT,
    **{("ndarray", name): Foreign("ndarray") for name in ("reshape", "astype", "copy", "flatten", "ravel", "round")},
    ("http_response", "json"): JSON,
    ("sqlalchemy.query", "count"): INT,
    ("sqlalchemy.query", "delete"): INT,
    ("sqlalchemy.query", "update"): INT,
    ("flask.Flask", "url_for"): STR,
    ("flask.Flask", "open_resource"): FILE,
    ("logger", "info"): NONE,
    ("range", "index"): INT,
    ("redis", "incr"): INT,
    ("redis", "exists"): INT,
    **{(kind, name): INT for kind in ("list", "tuple", "range") for name in ("index", "count")},
}

REQUESTS = frozenset(
    f"{lib}.{verb}"
    for lib in ("requests", "httpx")
    for verb in ("get", "post", "put", "patch", "delete", "head", "request")
)

# methods of a query that give a query of the same things
QUERY_STEPS = frozenset(
    [
        "filter",
        "filter_by",
        "order_by",
        "limit",
        "offset",
        "join",
        "outerjoin",
        "options",
        "distinct",
        "group_by",
        "having",
        "where",
        "execution_options",
        "with_for_update",
        "populate_existing",
        "select_from",
        "enable_eagerloads",
        "yield_per",
        "reverse",
        "slice",
        "scalars",
        "unique",
    ]
)
QUERY_ONE = frozenset({"one", "first_or_404", "get_or_404", "one_or_404", "scalar_one", "get_one"})
QUERY_ONE_OR_NONE = frozenset({"first", "get", "one_or_none", "scalar", "scalar_one_or_none"})

# annotations
TYPES: dict[str, Shape] = {
    "str": STR, "int": INT, "float": FLOAT, "bool": BOOL, "bytes": BYTES, "bytearray": BYTES, "None": NONE,
    "complex": Scalar("complex"), "datetime.datetime": DATETIME, "datetime.date": DATE, "datetime.time": TIME,
    "datetime.timedelta": TIMEDELTA, "decimal.Decimal": DECIMAL, "uuid.UUID": UUID, "pathlib.Path": PATH,
    "typing.Text": STR, "typing.AnyStr": STR, "typing.LiteralString": STR, "markupsafe.Markup": STR,
    "numpy.ndarray": Foreign("ndarray"), 
    "numpy.float64": Foreign("numpy.float"), "numpy.float32": Foreign("numpy.float"), 
    "numpy.int64": Foreign("numpy.int"), "werkzeug.datastructures.FileStorage": Foreign("upload"),
    "flask.Flask": Foreign("flask.Flask"), "pydantic.EmailStr": STR, "pydantic.HttpUrl": External("pydantic.HttpUrl"),
    "pydantic.PositiveInt": INT, "pydantic.NonNegativeInt": INT, "pydantic.StrictInt": INT, "pydantic.StrictStr": STR,
    "pydantic.StrictBool": BOOL, "pydantic.PositiveFloat": FLOAT,
}  # fmt: skip

SEQUENCES = {
    "list": "list", "set": "set", "frozenset": "frozenset", "typing.List": "list", "typing.Set": "set",
    "typing.FrozenSet": "frozenset", "typing.Sequence": "list", "typing.MutableSequence": "list",
    "typing.Iterable": "generator", "typing.Iterator": "generator", "typing.Collection": "list",
    "typing.Generator": "generator", "typing.AbstractSet": "set", "collections.abc.Sequence": "list",
    "collections.abc.MutableSequence": "list", "collections.abc.Iterable": "generator",
    "collections.abc.Iterator": "generator", "collections.abc.Collection": "list",
    "collections.abc.Generator": "generator", "collections.abc.Set": "set", "collections.deque": "deque",
    "typing.Deque": "deque", "sqlalchemy.orm.DynamicMapped": "list", "sqlalchemy.orm.WriteOnlyMapped": "list",
}  # fmt: skip
MAPPINGS = frozenset(
    {
        "dict", "typing.Dict", "typing.Mapping", "typing.MutableMapping", "collections.abc.Mapping",
        "collections.abc.MutableMapping", "collections.OrderedDict", "collections.defaultdict", "typing.DefaultDict",
        "typing.OrderedDict", "collections.Counter", "typing.Counter",
    }
)  # fmt: skip

# columns and fields of models: the last part of the name of the type
COLUMNS: dict[str, Shape] = {
    **dict.fromkeys(("Integer", "BigInteger", "SmallInteger", "INTEGER", "BIGINT", "SMALLINT", "IntegerField",
                     "BigIntegerField", "SmallIntegerField", "AutoField", "BigAutoField", "PrimaryKeyField", "IntField",
                     "Int", "LongField", "SequenceField"), INT),
    **dict.fromkeys(("String", "Text", "Unicode", "UnicodeText", "VARCHAR", "CHAR", "TEXT", "Enum", "CharField",
                     "TextField", "FixedCharField", "StringField", "EmailField", "URLField", "CITEXT",
                     "NVARCHAR"), STR),
    **dict.fromkeys(("Float", "REAL", "FLOAT", "Double", "DOUBLE", "FloatField", "DoubleField"), FLOAT),
    **dict.fromkeys(("Boolean", "BOOLEAN", "BooleanField"), BOOL),
    **dict.fromkeys(("DateTime", "TIMESTAMP", "DATETIME", "DateTimeField", "TimestampField"), DATETIME),
    **dict.fromkeys(("Date", "DATE", "DateField"), DATE),
    **dict.fromkeys(("Time", "TIME", "TimeField"), TIME),
    **dict.fromkeys(("Numeric", "DECIMAL", "NUMERIC", "DecimalField", "Decimal128Field"), DECIMAL),
    **dict.fromkeys(("Interval",), TIMEDELTA),
    **dict.fromkeys(("UUID", "Uuid", "UUIDField", "GUID"), UUID),
    **dict.fromkeys(("JSON", "JSONB", "JSONField"), JSON),
    **dict.fromkeys(("LargeBinary", "BLOB", "BYTEA", "BlobField", "BinaryField"), BYTES),
    "ARRAY": Sequence("list", JSON),
}  # fmt: skip
