"""The engines of an app, from its configuration."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from fastapi import FastAPI

Engines = dict[str | None, sa.Engine]


def engines_of(app: FastAPI, defaults: Mapping[str, Any]) -> Engines:
    """An engine for each key of `SQLALCHEMY_BINDS`, and for None that of `SQLALCHEMY_DATABASE_URI`."""
    config = app.state.config
    address = config.setdefault("SQLALCHEMY_DATABASE_URI", None)
    usual = {**defaults, **config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", {})}
    echo = config.setdefault("SQLALCHEMY_ECHO", False)
    all_options: dict[str | None, dict[str, Any]] = {}
    for key, value in config.setdefault("SQLALCHEMY_BINDS", {}).items():
        given = {"url": value} if isinstance(value, str | sa.URL) else value
        all_options[key] = {**defaults, **given}
    if address is not None:
        usual["url"] = address
    if "url" in usual:
        all_options.setdefault(None, {}).update(usual)
    if not all_options:
        raise RuntimeError("Either 'SQLALCHEMY_DATABASE_URI' or 'SQLALCHEMY_BINDS' must be set.")
    return {
        key: sa.engine_from_config(for_driver({"echo": echo, "echo_pool": echo, **options}, app), prefix="")
        for key, options in all_options.items()
    }


def for_driver(options: dict[str, Any], app: FastAPI) -> dict[str, Any]:
    """The options, with what the driver needs: threads share a database in memory, files of SQLite lie in the
    instance folder, MySQL has all of Unicode."""
    url = sa.make_url(options["url"])
    if url.drivername in ("sqlite", "sqlite+pysqlite"):
        if url.database in (None, "", ":memory:"):
            connect_args = {**options.get("connect_args", {}), "check_same_thread": False}
            return {**options, "poolclass": sa.StaticPool, "connect_args": connect_args}
        assert url.database is not None
        is_uri = url.query.get("uri", False)
        path = url.database.removeprefix("file:") if is_uri else url.database
        if not os.path.isabs(path):
            folder = instance_path(app)
            os.makedirs(folder, exist_ok=True)
            path = os.path.join(folder, path)
            return {**options, "url": url.set(database=f"file:{path}" if is_uri else path)}
    elif url.drivername.startswith("mysql"):
        options = {"pool_recycle": 7200, **options}
        if "charset" not in url.query:
            options["url"] = url.update_query_dict({"charset": "utf8mb4"})
    return options


def instance_path(app: FastAPI) -> str:
    """`app.state.instance_path`, or the folder `instance` beside the app's module or outermost package."""
    if hasattr(app.state, "instance_path"):
        return str(app.state.instance_path)
    folder = Path(app.state.config.root_path).absolute()
    while (folder / "__init__.py").exists():
        folder = folder.parent
    return str(folder / "instance")


def most_connections(engines: Engines) -> int | None:
    """How many connections the smallest of the pools can give at once; None if there is no limit."""
    pools = [engine.pool for engine in engines.values() if isinstance(engine.pool, sa.QueuePool)]
    limits = [pool.size() + pool._max_overflow for pool in pools if pool.size() and pool._max_overflow >= 0]
    return min(limits, default=None)
