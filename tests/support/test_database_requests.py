"""One session for each request: it belongs to no other, and ends with it, whatever becomes of the request."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread, get_ident
from typing import Annotated, Any

import httpx2
import pytest
from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, StreamingResponse
from fastapi.testclient import TestClient
from sqlalchemy import orm, text
from starlette.middleware.base import BaseHTTPMiddleware

from flask_to_fastapi.support.config import Config
from flask_to_fastapi.support.context import RequestContext, app_context, copy_current_request_context, g
from flask_to_fastapi.support.contract import keep_flask_contract
from flask_to_fastapi.support.database import SQLAlchemy
from flask_to_fastapi.support.hooks import add_hooks

POOL = {"pool_size": 5, "max_overflow": 0, "pool_timeout": 4}
CLIENTS = 60


class Shop:
    """An app with a database in a file, and all that its sessions can meet."""

    def __init__(self, folder: Path, **config: Any) -> None:
        app = self.app = FastAPI()
        app.state.config = Config(folder)
        keep_flask_contract(app)
        app.add_middleware(RequestContext)
        app.state.config.update(
            {
                "SQLALCHEMY_DATABASE_URI": "sqlite:///shop.db",
                "SQLALCHEMY_ENGINE_OPTIONS": {**POOL, "connect_args": {"timeout": 60}},
                **config,
            }
        )
        self.sessions: list[int] = []
        self.torn_down: list[bool] = []
        self.threads: set[int] = set()
        # hooks that are there before the database run inside of its sessions too
        add_hooks(app, before_request=[self.note], after_request=[self.noted], teardown_request=[self.tear_down])
        db = self.db = SQLAlchemy(app)

        class Item(db.Model):
            id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
            owner: orm.Mapped[int]

        self.Item = Item
        with app_context(app):
            db.create_all()
            db.session.add_all([Item(owner=n) for n in range(CLIENTS)])
            db.session.commit()
        self.routes()

    def note(self) -> None:
        g.session = self.db.session()

    def noted(self, response: Any) -> Any:
        assert g.session is self.db.session()
        self.sessions.append(id(g.session))
        response.headers["X-New"] = str(len(self.db.session.new))
        return response

    def tear_down(self, error: BaseException | None) -> None:
        self.torn_down.append(g.session is self.db.session())

    def routes(self) -> None:
        app, db, Item = self.app, self.db, self.Item

        def item(owner: int) -> Any:
            self.threads.add(get_ident())
            return db.session.scalars(db.select(Item).filter_by(owner=owner)).one()

        @app.get("/mine/{owner}")
        def mine(owner: int, found: Annotated[Any, Depends(item)]) -> dict[str, list[int]]:
            assert g.session is db.session()
            db.session.add(Item(owner=1000 + owner))
            found.owner = -owner
            time.sleep(0.01)
            new = [one.owner for one in db.session.new]
            with db.session.no_autoflush:
                others = db.session.scalars(db.select(Item.owner).where(Item.owner < 0)).all()
            return {"new": new, "dirty": [one.owner for one in db.session.dirty], "others": list(others)}

        @app.get("/fails")
        def fails() -> None:
            db.session.add(Item(owner=7))
            db.session.flush()
            raise KeyError("x")

        @app.get("/missing")
        def missing() -> None:
            db.get_or_404(Item, -1, description="no such item")

        @app.get("/stream")
        def stream() -> StreamingResponse:
            def rows() -> Iterator[str]:
                for found in db.session.scalars(db.select(Item).limit(3)):
                    assert g.session is db.session()
                    yield f"{found.owner},"

            return StreamingResponse(rows())

        @app.get("/endless")
        def endless() -> StreamingResponse:
            def rows() -> Iterator[str]:
                while True:
                    db.session.execute(text("select 1"))
                    time.sleep(0.01)
                    yield "x"

            return StreamingResponse(rows())

        @app.get("/background")
        def background(tasks: BackgroundTasks) -> None:
            def later() -> None:
                db.session.add(Item(owner=77))
                db.session.commit()

            tasks.add_task(later)

        @app.get("/async")
        async def not_blocking() -> int:
            return len(db.session.scalars(db.select(Item)).all())

        @app.get("/thread")
        def thread() -> int:
            outer = db.session()

            @copy_current_request_context
            def count() -> int:
                assert db.session() is not outer
                return len(db.session.scalars(db.select(Item)).all())

            found: list[int] = []
            worker = Thread(target=lambda: found.append(count()))
            worker.start()
            worker.join()
            return found[0]

    def nothing_is_left(self) -> bool:
        with app_context(self.app):
            return not self.db.session.registry.registry and self.db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]

    async def all_of(self, addresses: list[str]) -> list[Any]:
        transport = httpx2.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://shop", timeout=60) as http:
            return await asyncio.gather(*(http.get(address) for address in addresses))


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_nothing_crosses_requests(shop: Shop) -> None:
    answers = asyncio.run(shop.all_of([f"/mine/{n}" for n in range(CLIENTS)]))
    assert [a.status_code for a in answers] == [200] * CLIENTS, answers[0].text
    for owner, answer in enumerate(answers):
        assert answer.json() == {"new": [1000 + owner], "dirty": [-owner], "others": []}
        assert answer.headers["X-New"] == "1"
    assert len(shop.threads) > 1
    assert shop.torn_down == [True] * CLIENTS
    assert shop.nothing_is_left()


def test_a_busy_pool_is_waited_for(shop: Shop) -> None:
    """More requests than connections, each of which goes through several threads, with errors in between."""
    kinds = ["/mine/3", "/fails", "/missing", "/stream", "/background", "/thread"]
    answers = asyncio.run(shop.all_of(kinds * 15))
    assert sorted({a.status_code for a in answers}) == [200, 404, 500]
    assert [a.status_code for a in answers if a.status_code == 500] == [500] * 15
    assert shop.nothing_is_left()


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/mine/3", 200),
        ("/fails", 500),
        ("/missing", 404),
        ("/nowhere", 404),
        ("/stream", 200),
        ("/background", 200),
        ("/async", 200),
        ("/thread", 200),
    ],
)
@pytest.mark.parametrize("is_wrapped", [False, True])
@pytest.mark.parametrize("is_handled", [False, True])
def test_no_session_is_left(shop: Shop, address: str, status: int, is_wrapped: bool, is_handled: bool) -> None:
    if is_wrapped:

        async def wrapped(request: Request, call_next: Callable[[Request], Any]) -> Any:
            return await call_next(request)

        shop.app.add_middleware(BaseHTTPMiddleware, dispatch=wrapped)
    if is_handled:

        @shop.app.exception_handler(500)
        def handler(request: Request, error: Exception) -> JSONResponse:
            shop.db.session.rollback()
            return JSONResponse(shop.db.session.scalar(shop.db.select(shop.Item.owner)), 500)

        @shop.app.exception_handler(404)
        def no_page(request: Request, error: HTTPException) -> JSONResponse:
            return JSONResponse(shop.db.session.scalar(shop.db.select(shop.Item.owner)), 404)

    with TestClient(shop.app, raise_server_exceptions=False) as client:
        assert client.get(address).status_code == status
    assert shop.torn_down == [True]
    assert shop.nothing_is_left()


def test_a_client_that_leaves(shop: Shop) -> None:
    async def leave() -> None:
        async def receive() -> Any:
            if not bodies:
                await asyncio.sleep(60)
            return {"type": "http.request", "body": bodies.pop()}

        async def send(message: Any) -> None:
            sent.append(message)
            if len(sent) > 4:
                raise OSError("gone")

        bodies, sent = [b""], list[Any]()
        headers = [(b"host", b"shop")]
        scope = {"type": "http", "method": "GET", "path": "/endless", "query_string": b"", "headers": headers}
        scope |= {"http_version": "1.1", "scheme": "http", "root_path": "", "server": ("shop", 80)}
        task = asyncio.create_task(shop.app(scope, receive, send))
        await asyncio.sleep(0.2)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(leave())
    assert shop.nothing_is_left()


def test_a_cancelled_view(shop: Shop) -> None:
    @shop.app.get("/waits")
    async def waits() -> None:
        shop.db.session.execute(text("select 1"))
        await asyncio.sleep(60)

    async def cancel() -> None:
        task = asyncio.create_task(shop.all_of(["/waits"]))
        await asyncio.sleep(0.2)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(cancel())
    assert shop.nothing_is_left()


def test_contexts_of_scripts(shop: Shop) -> None:
    with app_context(shop.app):
        shop.db.session.add(shop.Item(owner=5))
    with pytest.raises(RuntimeError, match="outside of application context"):
        shop.db.session()
    with suppress(KeyError), app_context(shop.app):
        shop.db.session.execute(text("select 1"))
        raise KeyError
    assert shop.nothing_is_left()


def test_hooks_added_later_have_the_session(shop: Shop) -> None:
    seen: list[int] = []
    add_hooks(shop.app, teardown_appcontext=[lambda error: seen.append(id(shop.db.session()))])
    with TestClient(shop.app) as client:
        client.get("/mine/1")
    assert seen == shop.sessions
    assert shop.nothing_is_left()


def test_a_database_in_memory(tmp_path: Path) -> None:
    shop = Shop(tmp_path, SQLALCHEMY_DATABASE_URI="sqlite://", SQLALCHEMY_ENGINE_OPTIONS={})
    with TestClient(shop.app) as client:
        assert client.get("/async").json() == CLIENTS
    assert not shop.db.session.registry.registry
