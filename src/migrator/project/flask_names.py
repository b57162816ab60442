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
# what is Flask's by another name
_OTHERS = {"flasgger.SwaggerView": "flask.views.MethodView", "flasgger.utils.SwaggerView": "flask.views.MethodView"}
# packages that migrated code goes on without: what is imported of them for nothing goes too
REPLACED = frozenset({"flask", "flask_migrate", "flask_sqlalchemy"})
_MODULES = ("flask.helpers.", "flask.globals.", "flask.ctx.", "flask.signals.")


def canonical(dotted: str) -> str:
    """The one name under which codemods know a thing of Flask's: `flask.helpers.abort` is `flask.abort`."""
    if not dotted.startswith("flask."):
        if dotted.startswith("werkzeug."):
            return _werkzeug(dotted)
        return _OTHERS.get(dotted, dotted)
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


FLASK_MODULES = frozenset(
    {
        "flask",
        "flask.app",
        "flask.blueprints",
        "flask.cli",
        "flask.config",
        "flask.ctx",
        "flask.globals",
        "flask.helpers",
        "flask.json",
        "flask.json.provider",
        "flask.json.tag",
        "flask.logging",
        "flask.sessions",
        "flask.signals",
        "flask.templating",
        "flask.testing",
        "flask.typing",
        "flask.views",
        "flask.wrappers",
    }
)
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
# the public attributes of Flask's app and blueprint objects
# fmt: off
API = frozenset(
    [
        "aborter", "aborter_class", "add_app_template_filter", "add_app_template_global",
        "add_app_template_test", "add_template_filter", "add_template_global", "add_template_test",
        "add_url_rule", "after_app_request", "after_request", "after_request_funcs", "app_context",
        "app_context_processor", "app_ctx_globals_class", "app_errorhandler", "app_template_filter",
        "app_template_global", "app_template_test", "app_url_defaults", "app_url_value_preprocessor",
        "async_to_sync", "auto_find_instance_path", "before_app_first_request", "before_app_request",
        "before_first_request", "before_request", "before_request_funcs", "blueprints", "cli", "cli_group",
        "config", "config_class", "context_processor", "create_global_jinja_loader",
        "create_jinja_environment", "create_url_adapter", "debug", "default_config", "deferred_functions",
        "delete", "dispatch_request", "do_teardown_appcontext", "do_teardown_request", "endpoint",
        "ensure_sync", "error_handler_spec", "errorhandler", "extensions", "finalize_request",
        "full_dispatch_request", "get", "get_send_file_max_age", "handle_exception",
        "handle_http_exception", "handle_url_build_error", "handle_user_exception", "has_static_folder",
        "import_name", "inject_url_defaults", "instance_path", "iter_blueprints", "jinja_env",
        "jinja_environment", "jinja_loader", "jinja_options", "json", "json_provider_class",
        "log_exception", "logger", "make_aborter", "make_config", "make_default_options_response",
        "make_response", "make_setup_state", "make_shell_context", "name", "open_instance_resource",
        "open_resource", "patch", "permanent_session_lifetime", "post", "preprocess_request",
        "process_response", "put", "raise_routing_exception", "record", "record_once", "redirect",
        "register", "register_blueprint", "register_error_handler", "request_class", "request_context",
        "response_class", "root_path", "route", "run", "secret_key", "select_jinja_autoescape",
        "send_static_file", "session_interface", "shell_context_processor", "shell_context_processors",
        "should_ignore_error", "static_folder", "static_url_path", "subdomain", "subdomain_matching",
        "teardown_app_request", "teardown_appcontext", "teardown_appcontext_funcs", "teardown_request",
        "teardown_request_funcs", "template_context_processors", "template_filter", "template_folder",
        "template_global", "template_test", "test_cli_runner", "test_cli_runner_class", "test_client",
        "test_client_class", "test_request_context", "testing", "trap_http_exception",
        "update_template_context", "url_build_error_handlers", "url_default_functions", "url_defaults",
        "url_for", "url_map", "url_map_class", "url_prefix", "url_rule_class", "url_value_preprocessor",
        "url_value_preprocessors", "url_values_defaults", "view_functions", "wsgi_app",
    ]
)
# fmt: on
