"""Flask's vocabulary: one name for what can be imported from several places, and the methods of its objects."""

from __future__ import annotations

# where Flask defines what it also exports at the top
_HOMES = {
    "flask.app.Flask": "flask.Flask",
    "flask.blueprints.Blueprint": "flask.Blueprint",
    "flask.config.Config": "flask.Config",
    "flask.wrappers.Request": "flask.Request",
    "flask.wrappers.Response": "flask.Response",
    "flask.templating.render_template": "flask.render_template",
    "flask.templating.render_template_string": "flask.render_template_string",
    "flask.views.MethodView": "flask.views.MethodView",
    "flask.views.View": "flask.views.View",
    "flask.json.jsonify": "flask.jsonify",
    "flask.sessions.session": "flask.session",
}
_MODULES = ("flask.helpers.", "flask.globals.", "flask.ctx.", "flask.signals.")


def canonical(dotted: str) -> str:
    """The one name under which codemods know a thing of Flask's: `flask.helpers.abort` is `flask.abort`."""
    if not dotted.startswith("flask."):
        if dotted.startswith("werkzeug."):
            return _werkzeug(dotted)
        return dotted
    parts = dotted.split(".")
    for length in range(len(parts), 1, -1):
        head = ".".join(parts[:length])
        if head in _HOMES:
            return ".".join([_HOMES[head], *parts[length:]])
    for module in _MODULES:
        if dotted.startswith(module):
            return "flask." + dotted.removeprefix(module)
    return dotted


def _werkzeug(dotted: str) -> str:
    if dotted in ("werkzeug.exceptions.abort", "werkzeug.abort"):
        return "flask.abort"
    if dotted in ("werkzeug.utils.redirect", "werkzeug.redirect"):
        return "flask.redirect"
    return dotted


PROXIES = frozenset({"flask.request", "flask.g", "flask.session", "flask.current_app"})
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE")
# methods of an app or blueprint that register something
ROUTE_METHODS = frozenset({"route", "get", "post", "put", "delete", "patch"})
HOOKS = frozenset(
    {
        "before_request",
        "after_request",
        "teardown_request",
        "before_app_request",
        "after_app_request",
        "teardown_app_request",
        "teardown_appcontext",
        "before_first_request",
        "before_app_first_request",
        "url_value_preprocessor",
        "app_url_value_preprocessor",
        "url_defaults",
        "app_url_defaults",
        "context_processor",
        "app_context_processor",
        "template_filter",
        "app_template_filter",
        "template_test",
        "app_template_test",
        "template_global",
        "app_template_global",
        "add_template_filter",
        "add_template_global",
        "add_template_test",
        "shell_context_processor",
        "record",
        "record_once",
    }
)
HANDLERS = frozenset({"errorhandler", "app_errorhandler", "register_error_handler"})
REGISTERING = ROUTE_METHODS | HOOKS | HANDLERS | {"add_url_rule", "register_blueprint", "endpoint"}
