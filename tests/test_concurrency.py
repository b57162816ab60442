"""Many clients at once: what one request keeps in `g`, the session or the context no other one ever sees."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import httpx2
import pytest
from servers import FASTAPI, served
from trees import migrate

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parent.parent / "fixtures" / "projects" / "ledger" / "before"
CLIENTS = 64
ROUNDS = 3


async def client(number: int, port: int, faults: list[str]) -> int:
    """All that one user does, and what of the answers is not theirs; the number of requests."""
    name, currency = f"user-{number}", f"C{number:02}"
    sent = seen = 0

    async def ask(method: str, path: str, status: int = 200, json: object = None) -> httpx2.Response:
        nonlocal sent, seen
        # odd ones say it in the header, even ones in the query
        how = {"params": {"currency": currency}} if number % 2 == 0 else {"headers": {"X-Currency": currency}}
        query, headers = how.get("params", {}), how.get("headers", {})
        address = str(httpx2.URL(f"http://127.0.0.1:{port}{path}").copy_merge_params(query))
        response = await http.request(method, address, headers=headers, json=json)
        sent, seen = sent + 1, seen + 1
        expect(path, response.status_code, status)
        if status < 300 and path not in ("/login", "/logout"):
            expect(f"{path} X-User", response.headers.get("X-User"), name)
            expect(f"{path} X-Seen", response.headers.get("X-Seen"), str(seen))
        return response

    def expect(what: str, found: object, wanted: object) -> None:
        if found != wanted:
            faults.append(f"{name}: {what}: {found!r}, not {wanted!r}")

    async with httpx2.AsyncClient(timeout=60) as http:
        await ask("GET", "/expenses/", 401)
        user = (await ask("POST", "/login", 201, {"name": name})).json()
        seen = 0
        rows: list[tuple[str, str]] = []
        for turn in range(ROUNDS):
            cost = f"{number + turn / 100:.2f} {currency}"
            added = await ask("POST", "/expenses/", 201, {"what": f"{name}-{turn}", "cents": number * 100 + turn})
            expect("added", added.json(), {"user": name, "what": f"{name}-{turn}", "cost": cost})
            rows.append((f"{name}-{turn}", cost))
            slow = (await ask("GET", "/expenses/slow?wait=0.02")).json()
            now = [name, f"1.00 {currency}", seen]
            expect("slow", slow, {"before": now, "after": now})
            listed = (await ask("GET", f"/expenses/?note={name}-{turn}")).json()
            expect("list", listed, {"user": name, "expenses": [{"what": w, "cost": c} for w, c in rows]})
            expect("last", (await ask("GET", "/expenses/last")).json(), {"user": name, "last": f"{name}-{turn}"})
            exported = (await ask("GET", "/expenses/export.csv")).text.splitlines()
            lines = [f"{what},{cost}" for what, cost in rows]
            expect("export", exported, [f"# {name}, {user['id']}", *lines, f"# /expenses/export.csv, {name}"])
        await ask("POST", "/logout", 204)
        await ask("GET", "/expenses/", 401)
    return sent


async def all_at_once(port: int) -> tuple[int, list[str]]:
    """The number of requests that were sent, and what was wrong with the answers."""
    faults: list[str] = []
    clients = (client(number, port, faults) for number in range(CLIENTS))
    done = await asyncio.gather(*clients, return_exceptions=True)
    failed = [repr(error) for error in done if isinstance(error, BaseException)]
    return sum(sent for sent in done if isinstance(sent, int)), faults + failed


def test_no_value_crosses_requests(tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(PROJECT, project)
    migrate(project)
    with served(FASTAPI, project, "ledger:create_app()") as port:
        sent, faults = asyncio.run(all_at_once(port))
    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults[:20])
    assert sent > 1000
