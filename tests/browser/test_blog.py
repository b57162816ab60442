"""The blog of Flask's tutorial in a browser: what a visitor does and sees is the same under Flask and under uvicorn.

Wants Chromium on the PATH (Debian: `apt-get install chromium`), or at $CHROMIUM.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from blog import flask_and_fastapi

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.slow

NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip("no Chromium")
    with playwright.sync_playwright() as started:
        found = started.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield found
        found.close()


def visit(page: Page, address: str, pictures: Path) -> list[str]:
    """Registers, logs in, writes, edits and deletes; what the visitor sees after each step."""
    seen: list[str] = []
    pictures.mkdir()

    def look() -> None:
        where = page.url.removeprefix(address)
        seen.append(f"{where}\n{page.content()}")
        page.screenshot(path=pictures / f"{len(seen):02}.png")

    def click(button: Locator) -> None:
        with page.expect_navigation():
            button.click()
        look()

    def fill(**fields: str) -> None:
        for name, text in fields.items():
            page.locator(f"[name={name}]").fill(text)
        click(page.locator("input[type=submit]").first)

    def follow(name: str) -> None:
        click(page.get_by_role("link", name=name, exact=True))

    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(address)
    look()
    page.goto(f"{address}/create")  # sends strangers to the login page
    look()
    follow("Register")
    fill(username="ada", password="lovelace")
    fill(username="ada", password="wrong")
    assert page.locator(".flash").inner_text() == "Incorrect password."
    fill(username="ada", password="lovelace")
    assert page.locator("nav span").inner_text() == "ada"
    follow("New")
    fill(title="On engines", body="They weave\nalgebraic <patterns> & more.")
    assert page.locator("article h1").inner_text() == "On engines"
    follow("Edit")
    fill(title="On looms", body="They weave.")
    assert page.locator("article .body").inner_text() == "They weave."
    follow("Edit")
    click(page.locator("input.danger"))
    assert page.locator("article").count() == 0
    follow("Log Out")
    return seen


def test_the_blog_in_a_browser(browser: Browser, tmp_path: Path) -> None:
    with flask_and_fastapi(tmp_path) as (flask, fastapi):
        before = visit(browser.new_context().new_page(), flask, tmp_path / "flask")
        page = browser.new_context().new_page()
        failed: list[str] = []
        page.on("pageerror", lambda error: failed.append(str(error)))
        page.on("response", lambda answer: failed.extend([answer.url] if answer.status >= 400 else []))
        after = visit(page, fastapi, tmp_path / "fastapi")
    assert after == before
    assert not failed
    pictures = sorted((tmp_path / "flask").iterdir())
    assert len(pictures) == len(before)
    assert all(one.read_bytes() == (tmp_path / "fastapi" / one.name).read_bytes() for one in pictures)
