"""Imports of Flask extensions.

## What changes

Nothing yet: the import stays, and a finding says what takes the extension's place.

## Example

```python
from flask_cors import CORS
```

is reported with: `starlette.middleware.cors.CORSMiddleware`.

## Safety

An extension that imports Flask keeps the app from starting where Flask is not installed any more.

## What is left to you

The move to what the finding names.
"""

from __future__ import annotations

import ast

from migrator.codemod import Codemod, Module, Plan, Project, Rule, Safety, Severity

ADVICE = {
    "flask_login": "a dependency that reads the user from the session; the session cookie can stay",
    "flask_wtf": "WTForms itself, filled from `await request.form()`, and a CSRF check as a dependency",
    "flask_cors": "`starlette.middleware.cors.CORSMiddleware`; it answers only real preflight requests",
    "flask_marshmallow": "marshmallow itself, or Pydantic models",
    "flask_restful": "routes of an APIRouter, one function for each method; `reqparse` becomes parameters",
    "flask_restx": "routes of an APIRouter and Pydantic models; FastAPI documents them by itself",
    "flask_restplus": "routes of an APIRouter and Pydantic models; FastAPI documents them by itself",
    "flask_smorest": "routes of an APIRouter and Pydantic models; FastAPI documents them by itself",
    "flask_apispec": "Pydantic models; FastAPI documents them by itself",
    "apiflask": "FastAPI's own routes; schemas become Pydantic models",
    "flask_jwt_extended": "PyJWT in a dependency; tokens issued so far stay valid with the same key and claims",
    "flask_httpauth": "`HTTPBasic(auto_error=False)` or `HTTPBearer(auto_error=False)` of `fastapi.security`",
    "flask_bcrypt": "the bcrypt package itself; hashes stay valid",
    "flask_limiter": "the limits package in a dependency, or slowapi",
    "flask_caching": "cachelib, with a decorator of the project",
    "flask_mail": "smtplib, or fastapi-mail",
    "flask_babel": "Babel itself, with the locale of the request from a dependency",
    "flask_babelex": "Babel itself, with the locale of the request from a dependency",
    "flask_socketio": "python-socketio as an ASGI app, mounted on the FastAPI app",
    "flask_sock": "`@app.websocket(...)`",
    "flask_session": "a server-side session store behind a small ASGI middleware",
    "flask_admin": "sqladmin, or the Flask app mounted below FastAPI",
    "flask_security": "dependencies for the user and the roles; password hashes by passlib or pwdlib",
    "flask_principal": "dependencies for identity and permissions",
    "flask_dance": "Authlib's Starlette client",
    "flask_oauthlib": "Authlib's Starlette client",
    "flask_talisman": "the secure package, or a middleware that sets the headers",
    "flask_compress": "`starlette.middleware.gzip.GZipMiddleware`",
    "flask_redis": "the redis package itself, with one client for the app",
    "flask_pymongo": "pymongo itself, with one client for the app",
    "pytest_flask": "pytest with `starlette.testclient.TestClient`",
    "flask_apscheduler": "APScheduler itself, started in the app's lifespan",
    "flask_rq": "rq itself",
    "flask_rq2": "rq itself",
    "flask_debugtoolbar": "fastapi-debug-toolbar",
    "flask_moment": "the script tag of moment.js in the templates",
    "flask_bootstrap": "Bootstrap's files and macros in the templates",
    "flask_assets": "webassets itself, or a build step",
    "flask_script": "click or typer commands",
    "flask_uploads": "`UploadFile` parameters and `shutil.copyfileobj`",
    "flask_sslify": "`starlette.middleware.httpsredirect.HTTPSRedirectMiddleware`",
    "webargs": "typed parameters and Pydantic models",
    "connexion": "connexion 3 is an ASGI app by itself; or FastAPI routes from the specification",
}
NAMES = ("flask_", "flask-")
OTHERS = {"apiflask", "pytest_flask"}
CONVERTED = {"flask_migrate", "flask_sqlalchemy", "flask_testing"}  # by rules of their own


class ExtensionImport(Codemod):
    """An extension is named, with what to use instead."""

    rule = Rule("FF901", "extension-import", "Flask extensions are reported with what replaces them", Safety.MANUAL)

    def plan(self, module: Module, project: Project) -> Plan:
        statements: list[ast.Import | ast.ImportFrom] = [*module.nodes(ast.Import), *module.nodes(ast.ImportFrom)]
        for node in statements:
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else [module.absolute(node)]
            for name in names:
                top = name.partition(".")[0]
                if project.has_module(top) or not (
                    top.startswith("flask_") or top in OTHERS or name.startswith("webargs.flaskparser")
                ):
                    continue
                if top == "flask_compat" or top in CONVERTED:
                    continue
                hint = ADVICE.get(top, "look for what it does in FastAPI, Starlette or the library that it wraps")
                touched = tuple(
                    sorted({r.endpoint for n in project.views_in(module.name) for r in project.views[module.name, n]})
                ) or ("*",)
                yield self.finding(
                    module, project, node, Severity.MANUAL, f"{top} is an extension of Flask", hint, touched
                )
