"""Writes random Flask projects: odd, valid, and able to run under Flask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

NAMES = [
    "Flask",
    "Blueprint",
    "Response",
    "abort",
    "current_app",
    "flash",
    "g",
    "get_flashed_messages",
    "jsonify",
    "make_response",
    "redirect",
    "render_template_string",
    "request",
    "session",
    "stream_with_context",
    "url_for",
]
CONVERTERS = ["", "int:", "float:", "path:", "uuid:", "string:", "string(length=2):", "int(min=1):", "any(red, blue):"]
LOCALS = ["value", "data", "item", "result", "response", "error", "json", "args", "status", "name", "query", "name_"]


@dataclass
class Writer:
    """Draws from `rng`; `prefix` stands before Flask's names ("flask." where the module imports it whole)."""

    rng: Random
    prefix: str = ""
    used: set[str] = field(default_factory=set)
    helpers: list[str] = field(default_factory=list)
    endpoints: list[str] = field(default_factory=list)
    count: int = 0

    def one(self, options: Sequence[str]) -> str:
        return self.rng.choice(options)

    def maybe(self, chance: float = 0.5) -> bool:
        return self.rng.random() < chance

    def fresh(self, stem: str) -> str:
        self.count += 1
        return f"{stem}{self.count}"

    def flask(self, name: str) -> str:
        self.used.add(name)
        return f"{self.prefix}{name}"

    def key(self) -> str:
        return self.one(["q", "page", "user-id", "class", "X-Token", "tags", "id", "name", "from", "a b", "naïve"])

    # -- expressions -----------------------------------------------------------------------------------------------

    def read(self) -> str:
        """A read of the request."""
        request, key = self.flask("request"), self.key()
        return self.one(
            [
                f'{request}.args.get("{key}")',
                f"{request}.args.get('{key}', 'none')",
                f'{request}.args.get("{key}", 1, type=int)',
                f'{request}.args.get("{key}", type=float, default=0.5)',
                f'{request}.args.get(\n        "{key}",  # which\n        type=int,\n    )',
                f'{request}.args["{key}"]',
                f'{request}.args.getlist("{key}")',
                f'{request}.args.getlist("{key}", type=int)',
                f'"{key}" in {request}.args',
                f"{request}.args.to_dict()",
                f"dict({request}.args)",
                f"len({request}.args)",
                f"[k for k in {request}.args]",
                f'{request}.form.get("{key}", "")',
                f'{request}.form["{key}"]',
                f'{request}.form.getlist("{key}")',
                f'{request}.values.get("{key}")',
                f'{request}.headers.get("{key.replace(" ", "-")}")'.replace("naïve", "naive"),
                f'{request}.headers["Host"]',
                f'{request}.cookies.get("{key}", "x")',
                f"{request}.get_json(silent=True)",
                f"({request}.get_json(silent=True) or {{}}).get('{key}')",
                f"{request}.get_json(force=True)",
                f"{request}.json['{key}']",
                f'{request}.json.get("{key}", 3)',
                f"{request}.method",
                f"{request}.path",
                f"{request}.is_json",
                f"{request}.get_data(as_text=True)",
                f"len({request}.data)",
                f"({request}.url_rule.rule if {request}.url_rule else '')",
                f"{request}.endpoint",
                f"getattr({request}, 'method')",
                f'{request}.files.get("{key}") is None',
                f'list({request}.files.getlist("{key}"))',
                f"bool({request}.view_args)",
            ]
        )

    def value(self, names: Sequence[str], depth: int = 0) -> str:
        choices: list[Callable[[], str]] = [
            lambda: str(self.rng.randint(-3, 99)),
            lambda: self.one(
                ['"text"', "'quoted \"text\"'", 'r"\\d"', '"ünï"', "True", "None", "1.5", '""', "b'raw'.decode()"]
            ),
            lambda: self.one(names) if names else "None",
            self.read,
            lambda: f'{self.flask("current_app")}.config.get("LIMIT", 5)',
            lambda: f'{self.flask("g")}.get("seen", 0)',
            lambda: f'{self.flask("session")}.get("user")',
            lambda: f"{self.one(self.helpers)}()" if self.helpers else "0",
            lambda: f'{self.flask("url_for")}("{self.one(self.endpoints)}")' if self.endpoints else '"/"',
        ]
        if depth < 2:
            choices += [
                lambda: f'f"<{{{self.simple(names)}!r}}>"',
                lambda: f"[{self.value(names, depth + 1)}, {self.value(names, depth + 1)}]",
                lambda: f'{{"a": {self.value(names, depth + 1)}, "b": {self.value(names, depth + 1)},}}',
                lambda: f"str({self.value(names, depth + 1)}).strip()",
                lambda: f"({self.value(names, depth + 1)}\n        or {self.value(names, depth + 1)})",
                lambda: (
                    f"({self.value(names, depth + 1)} if {self.value(names, depth + 1)} else {self.value(names, depth + 1)})"
                ),
                lambda: f"[x for x in str({self.value(names, depth + 1)}) if x]",
                lambda: f"(lambda x: x)({self.value(names, depth + 1)})",
            ]
        return self.rng.choice(choices)()

    def simple(self, names: Sequence[str]) -> str:
        return self.one(names) if names and self.maybe(0.7) else self.one([f"{self.flask('request')}.method", "1 + 1"])

    def answer(self, names: Sequence[str]) -> str:
        """Something that a view may return."""
        jsonify, text = self.flask("jsonify"), f"str({self.value(names)})"
        status = self.one(["200", "201", "202", "400", "404", "418"])
        return self.rng.choice(
            [
                lambda: text,
                lambda: '"ok"',
                lambda: 'f"hi {1}"',
                lambda: f'{{"value": {self.value(names)}}}',
                lambda: f"[{self.value(names)}]",
                lambda: f"{jsonify}(value={self.value(names)})",
                lambda: f"{jsonify}({{'value': {self.value(names)}}})",
                lambda: f"{jsonify}([{self.value(names)}])",
                lambda: f"{jsonify}(\n        first={self.value(names)},  # the first\n        second=2,\n    )",
                lambda: f"{jsonify}(ok=True), {status}",
                lambda: f'({jsonify}(error="no"), {status}, {{"X-Why": "so"}})',
                lambda: f'{text}, {status}, {{"Content-Type": "text/plain"}}',
                lambda: f"{text}, {status}",
                lambda: f'{{"value": 1}}, {status}',
                lambda: '("text", {"X-A": "b"})',
                lambda: '"", 204',
                lambda: f"{self.flask('make_response')}({text}, {status})",
                lambda: f'{self.flask("Response")}({text}, status={status}, mimetype="text/plain")',
                lambda: f'{self.flask("Response")}((str(i) for i in range(3)), mimetype="text/csv")',
                lambda: f'{self.flask("redirect")}("/elsewhere")',
                lambda: f'{self.flask("redirect")}("/elsewhere", code=303)',
                lambda: f'{self.flask("render_template_string")}("<p>{{{{ v }}}}</p>", v={self.value(names)})',
                lambda: f"({text}) if {self.value(names)} else {jsonify}(x=1)",
                lambda: f"{text}, int({status})",
                lambda: f"{jsonify}(**{{'a': 1}})",
                lambda: f"{jsonify}()",
                lambda: f"{jsonify}(None)",
                lambda: "b'bytes'",
                lambda: f"{self.flask('abort')}({self.one(['404', '403', '400', '418'])})",
            ]
        )()

    # -- statements ------------------------------------------------------------------------------------------------

    def body(self, indent: str, names: list[str], depth: int = 0, *, answers: bool = True) -> list[str]:
        lines: list[str] = []
        if self.maybe(0.2) and depth == 0:
            lines.append(self.one(['"""What it does."""', "'''Says\n    more.'''", "# first of all"]))
        for _ in range(self.rng.randint(0, 3)):
            lines += self.statement(names, depth, answers=answers)
        lines.append(f"return {self.answer(names)}" if answers else "pass")
        if self.maybe(0.1):
            lines[-1] += "  # done"
        return [f"{indent}{line}" if line else line for line in lines]

    def statement(self, names: list[str], depth: int, *, answers: bool) -> list[str]:
        rng = self.rng
        choices: list[Callable[[], list[str]]] = [
            lambda: self.assign(names),
            lambda: self.assign(names),
            lambda: self.assign(names),
            lambda: [f"# {self.one(['note', 'TODO: request.args', 'é'])}"],
            lambda: [f"{self.flask('g')}.seen = {self.value(names)}"],
            lambda: [f'{self.flask("session")}["user"] = {self.one(["1", repr("ada"), "[1]"])}'],
            lambda: [f'{self.flask("current_app")}.logger.info("seen %s", {self.simple(names)})'],
            lambda: [f'{self.flask("flash")}("done")'],
            lambda: [f"if {self.value(names)}: {self.flask('abort')}({self.one(['404', '400'])})"],
            lambda: [f"if not {self.value(names)}:  # why", f'    {self.flask("abort")}(404, description="gone")'],
            lambda: ["x = 1; y = 2  # two"],
            lambda: [""],
            lambda: [f"assert {self.value(names)} != 'never', \\", f"    {self.value(names, 2)}"],
        ]
        if depth < 2:
            if answers:
                choices.append(lambda: [f"if {self.value(names)}:", *self.body("    ", list(names), depth + 1)])
                choices.append(
                    lambda: [
                        f'if {self.flask("request")}.method == "POST":',
                        *self.body("    ", list(names), depth + 1),
                    ]
                )
            choices += [
                lambda: [
                    "try:",
                    *(f"    {line}" for line in self.assign(names)),
                    self.one(["except ValueError as error:", "except (KeyError, TypeError):", "except Exception:"]),
                    f"    {self.flask('abort')}(400)" if rng.random() < 0.5 else "    pass",
                ],
                lambda: [
                    f"for item in str({self.value(names)}):",
                    *self.body("    ", [*names, "item"], 2, answers=False),
                ],
                lambda: ["with open(__file__) as handle:", *(f"    {line}" for line in self.assign(names))],
                lambda: self.nested(names),
            ]
        return rng.choice(choices)()

    def assign(self, names: list[str]) -> list[str]:
        name = self.one(LOCALS)
        text = self.rng.choice(
            [
                lambda: [f"{name} = {self.value(names)}"],
                lambda: [f"{name} = {self.read()}"],
                lambda: [f"{name}: object = {self.value(names)}"],
                lambda: [f"if ({name} := {self.value(names)}):", "    pass"],
                lambda: [f"{name} = other = {self.read()}"],
                lambda: [f"{name}, other = {self.value(names)}, {self.read()}"],
            ]
        )()
        if name not in names:
            names.append(name)
        return text

    def nested(self, names: list[str]) -> list[str]:
        name = self.fresh("inner")
        lines = [f"def {name}({self.one(['', 'request=None', 'x=1'])}):", *self.body("    ", [], 2, answers=False)]
        return [*lines, f"{name}()"]

    # -- what a module holds ---------------------------------------------------------------------------------------

    def rule(self) -> tuple[str, list[str]]:
        parts, params = [f"/{self.fresh(self.one(['a', 'things', 'x-y', 'z.json']))}"], []
        for _ in range(self.rng.choice([0, 0, 0, 1, 1, 2])):
            name = self.one([n for n in ("item_id", "slug", "n", "when") if n not in params])
            params.append(name)
            parts.append(f"/<{self.one(CONVERTERS)}{name}>")
            if self.maybe(0.2):
                parts.append("/edit")
        return "".join(parts) + ("/" if self.maybe(0.2) else ""), params

    def view(self, router: str, indent: str = "") -> list[str]:
        name = self.fresh(self.one(["show", "list_", "create", "index", "get", "request_"]))
        rule, params = self.rule()
        lines, defaults = [], {}
        for number in range(self.rng.choice([1, 1, 1, 2])):
            options = []
            if number:
                rule = (
                    f"/{self.fresh('also')}" + rule[1:].replace("/", "/", 1)[rule[1:].find("/") :]
                    if params
                    else f"/{self.fresh('also')}"
                )
            how = self.one(["route", "route", "route", "get", "post"])
            if how == "route" and self.maybe(0.5):
                options.append(
                    "methods="
                    + self.one(
                        [
                            '["GET", "POST"]',
                            "['POST']",
                            '("GET",)',
                            '{"PUT"}',
                            '["DELETE", "PATCH"]',
                            '["get"]',
                            '["HEAD", "GET"]',
                        ]
                    )
                )
            if self.maybe(0.1) and not number:
                options.append(f'endpoint="{self.fresh("point")}"')
            if self.maybe(0.1):
                options.append(f"strict_slashes={self.maybe()}")
            if self.maybe(0.07):
                options.append('defaults={"extra": 1}')
                defaults["extra"] = "0"
            text = ", ".join([repr(rule) if self.maybe(0.3) else f'"{rule}"', *options])
            lines.append(
                f"@{router}.{how}({text})" if self.maybe(0.9) else f"@{router}.{how}(\n    {text},\n)  # route"
            )
            if self.maybe(0.1):
                lines.append("# between")
        if self.maybe(0.15) and self.guards:
            lines.append(f"@{self.one(self.guards)}")
        signature = ", ".join(
            [
                *(f"{p}: str" if self.maybe(0.1) else p for p in params),
                *(f"{k}={v}" for k, v in defaults.items()),
                *(["flag=False"] if self.maybe(0.05) else []),
            ]
        )
        if self.maybe(0.07):
            signature = "**kwargs"
            params = ["kwargs"]
        star = "async " if self.maybe(0.1) else ""
        if self.maybe(0.07):
            lines.append(f"{star}def {name}({signature}): return {self.answer(params)}")
        else:
            arrow = self.one(["", "", "", " -> object"])
            lines.append(f"{star}def {name}({signature}){arrow}:")
            lines += self.body("    ", [*params, *defaults])
        if not params and "/<" not in rule and not indent and router == "app" and "endpoint=" not in "".join(lines):
            self.endpoints.append(name)
        return [f"{indent}{line}" if line else line for line in lines]

    guards: list[str] = field(default_factory=list)

    def guard(self) -> list[str]:
        name = self.fresh("guard")
        kind = self.rng.randint(0, 3)
        self.guards.append(name if kind < 3 else f'{name}("admin")')
        check = [
            f'        if {self.flask("request")}.headers.get("X-Token") is None:',
            "            return "
            + self.one([f'{self.flask("jsonify")}(error="who?"), 401', '"no", 403', f"{self.flask('abort')}(401)"]),
        ]
        keep = [f'        {self.flask("g")}.user = "ada"'] if self.maybe(0.3) else []
        if kind == 0:
            return [
                f"def {name}(view):",
                "    @functools.wraps(view)",
                "    def wrapper(*args, **kwargs):",
                *check,
                *keep,
                "        return view(*args, **kwargs)",
                "    return wrapper",
            ]
        if kind == 1:
            return [
                f"def {name}(view):",
                "    @wraps(view)",
                "    def wrapper(*args, **kwargs):",
                "        result = view(*args, **kwargs)",
                f"        response = {self.flask('make_response')}(result)",
                '        response.headers["X-Seen"] = "1"',
                "        return response",
                "    return wrapper",
            ]
        if kind == 2:
            return [
                f"def {name}(f):",
                "    def wrapper(*a, **k):",
                *check,
                *keep,
                "        return f(*a, **k)",
                "    wrapper.__name__ = f.__name__",
                "    return wrapper",
            ]
        return [
            f"def {name}(role):",
            "    def decorate(view):",
            "        @functools.wraps(view)",
            "        def wrapper(*args, **kwargs):",
            *(f"    {line}" for line in check),
            "            return view(*args, **kwargs)",
            "        return wrapper",
            "    return decorate",
        ]

    def helper(self) -> list[str]:
        name = self.fresh("helper")
        lines = [f"def {name}({self.one(['', 'default=None'])}):", f"    return {self.value([])}"]
        self.helpers.append(name)
        return lines

    def hook(self, router: str) -> list[str]:
        name = self.fresh("hook")
        kind = self.one(
            [
                "before_request",
                "after_request",
                "teardown_request",
                "errorhandler(404)",
                "errorhandler(ValueError)",
                "context_processor",
            ]
        )
        if kind.startswith("errorhandler"):
            return [
                f"@{router}.{kind}",
                f"def {name}(error):",
                f"    return {self.flask('jsonify')}(error=str(error)), {self.one(['404', '400', '500'])}",
            ]
        body = {
            "before_request": ["()", f"{self.flask('g')}.start = 1"],
            "after_request": ["(response)", 'response.headers["X-Hook"] = "1"\n    return response'],
            "teardown_request": ["(error=None)", f'{self.flask("g")}.pop("start", None)'],
            "context_processor": ["()", 'return {"site": "x"}'],
        }[kind]
        return [f"@{router}.{kind}", f"def {name}{body[0]}:", f"    {body[1]}"]

    def view_class(self, router: str) -> list[str]:
        name, rule = self.fresh("Thing"), self.fresh("/class")
        self.used.add("MethodView")
        lines = [f"class {name}(MethodView):"]
        if self.maybe(0.3):
            lines.append('    """Things."""')
        if self.maybe(0.2):
            lines.append("    init_every_request = False")
        for method in self.rng.sample(["get", "post", "delete", "put"], self.rng.randint(1, 3)):
            lines += ["", f"    def {method}(self):", *self.body("        ", [])]
        return [*lines, "", "", f'{router}.add_url_rule("{rule}", view_func={name}.as_view("{name.lower()}"))']

    def blocks(self, router: str, size: int) -> list[list[str]]:
        kinds: list[Callable[[], list[str]]] = [
            lambda: self.view(router),
            self.helper,
            self.guard,
            lambda: self.hook(router),
            lambda: self.view_class(router),
            lambda: [
                f"{self.fresh('CONSTANT_')} = {self.one(['1', '[1, 2]', repr('x'), '{1: 2}'])}  # {self.one(['why', 'é'])}"
            ],
            lambda: [
                f"class {self.fresh('Plain')}:",
                "    def method(self, request):",
                "        return request.args",
            ],
        ]
        return [self.rng.choices(kinds, [10, 2, 1.5, 1.5, 1, 1, 0.5])[0]() for _ in range(size)]


def joined(rng: Random, blocks: Sequence[Sequence[str]]) -> str:
    text = ""
    for block in blocks:
        text += "\n" * rng.choice([1, 2, 2, 2, 3]) + "\n".join(block) + "\n"
    return text


def imports(rng: Random, writer: Writer) -> str:
    lines = []
    if rng.random() < 0.1:
        lines.append("from __future__ import annotations\n")
    lines += rng.sample(["import functools", "from functools import wraps"], 2)
    if writer.prefix:
        lines.append("import flask" if writer.prefix == "flask." else f"import flask as {writer.prefix[:-1]}")
    else:
        names = sorted(writer.used - {"MethodView"})
        style = rng.randint(0, 4)
        if style == 0:
            lines += [f"from flask import {name}" for name in names]
        elif style == 1:
            lines.append("from flask import (\n" + "".join(f"    {name},\n" for name in names) + ")")
        elif style == 2:
            lines.append(f"from flask import {', '.join(names)}  # noqa")
        elif style == 3:
            middle = len(names) // 2
            lines.append(
                f"from flask import {', '.join(names[:middle]) or 'json'}, \\\n    {', '.join(names[middle:])}"
            )
        else:
            lines.append(f"from flask import {', '.join(names)}")
    if "MethodView" in writer.used:
        lines.append("from flask.views import MethodView")
    return "\n".join(lines) + "\n"


def module(
    rng: Random, *, app: bool, name: str, others: Sequence[tuple[str, str]] = (), size: int | None = None
) -> str:
    """One module: an app in `app`, or a blueprint in `bp`; `others` are modules with blueprints and their prefixes."""
    writer = Writer(rng, prefix=rng.choice(["", "", "", "flask.", "fl."]))
    size = rng.randint(2, 7) if size is None else size
    head = '"""A module."""\n' if rng.random() < 0.3 else "# a module\n" if rng.random() < 0.2 else ""
    factory = app and rng.random() < 0.3
    blocks: list[list[str]] = []
    if app and not factory:
        blocks.append([f"app = {writer.flask('Flask')}(__name__)", 'app.secret_key = "dev"'])
        if rng.random() < 0.3:
            blocks[0].append(
                rng.choice(['app.config["LIMIT"] = 3', "app.config.update(LIMIT=4)", "app.json.sort_keys = False"])
            )
    if not app:
        prefix = rng.choice(["", ', url_prefix="/p"', ", url_prefix='/deep/er'"])
        blocks.append([f'bp = {writer.flask("Blueprint")}("{name}", __name__{prefix})'])
    blocks += (
        writer.blocks("bp" if not app else "app", size)
        if not factory
        else [block for block in writer.blocks("app", size) if not any("app." in line for line in block)]
    )
    registered = [f"app.register_blueprint({other}.bp{prefix})" for other, prefix in others]
    if factory:
        inner = writer.view("app", "    ") if rng.random() < 0.8 else []
        blocks.append(
            [
                "def create_app(config=None):",
                f"    app = {writer.flask('Flask')}(__name__)",
                '    app.secret_key = "dev"',
                *(f"    {line}" for line in registered),
                *(["", *inner, ""] if inner else []),
                "    return app",
            ]
        )
        blocks.append(["app = create_app()"])
    elif registered:
        blocks.append(registered)
    if app and rng.random() < 0.3:
        blocks.append(
            ['if __name__ == "__main__":', f"    app.run({rng.choice(['', 'debug=True', 'host=chr(48), port=5000'])})"]
        )
    local = "".join(f"import {other}\n" for other, _ in others)
    return head + imports(rng, writer) + (f"\n{local}" if local else "") + joined(rng, blocks)


def project(rng: Random) -> dict[str, str]:
    """A Flask project by path; the app is `app` in app.py."""
    others = [(f"part{n}", rng.choice(["", "", ', url_prefix="/v1"'])) for n in range(rng.choice([0, 0, 0, 1, 2]))]
    files = {f"{other}.py": module(rng, app=False, name=other) for other, _ in others}
    files["app.py"] = module(rng, app=True, name="app", others=others)
    return files
