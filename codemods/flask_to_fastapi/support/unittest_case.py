"""Flask-Testing's test case: an app and a client for each test, in a request context, and assertions about answers.

class OrdersTest(FlaskTestCase):
    def create_app(self):
        return create_app()
"""

from typing import Any
from unittest import TestCase
from urllib.parse import urljoin, urlparse

from . import flashing
from .routing import config_of
from .samples import request_context
from .testing import FlaskClient


class FlaskTestCase(TestCase):
    """`self.app` is what `create_app` makes, `self.client` asks it."""

    def create_app(self) -> Any:
        raise NotImplementedError

    def run(self, result: Any = None) -> Any:
        self.app = self.create_app()
        self.client = FlaskClient(self.app)
        self.flashed_messages: list[tuple[str, str]] = []
        flashing.told.append(self._add_flash_message)
        try:
            with request_context(self.app):
                return super().run(result)
        finally:
            flashing.told.remove(self._add_flash_message)
            del self.app, self.client

    def _add_flash_message(self, _app: object, message: str, category: str) -> None:
        self.flashed_messages.append((message, category))

    def assertMessageFlashed(self, message: str, category: str = "message") -> None:
        if (message, category) not in self.flashed_messages:
            raise AssertionError(f"Message '{message}' in category '{category}' wasn't flashed")

    def assertRedirects(self, response: Any, location: str, message: str | None = None) -> None:
        server = config_of(self.app).get("SERVER_NAME") or "localhost"
        expected = location if urlparse(location).netloc else urljoin(f"http://{server}", location)
        codes = (301, 302, 303, 305, 307)
        wanted = f"HTTP Status {', '.join(map(str, codes))} expected but got {response.status_code}"
        self.assertTrue(response.status_code in codes, message or wanted)
        self.assertEqual(response.location, expected, message)

    def assertStatus(self, response: Any, status_code: int, message: str | None = None) -> None:
        default = f"HTTP Status {status_code} expected but got {response.status_code}"
        self.assertEqual(response.status_code, status_code, message or default)

    def assert200(self, response: Any, message: str | None = None) -> None:
        self.assertStatus(response, 200, message)

    def assert400(self, response: Any, message: str | None = None) -> None:
        self.assertStatus(response, 400, message)

    def assert401(self, response: Any, message: str | None = None) -> None:
        self.assertStatus(response, 401, message)

    def assert403(self, response: Any, message: str | None = None) -> None:
        self.assertStatus(response, 403, message)

    def assert404(self, response: Any, message: str | None = None) -> None:
        self.assertStatus(response, 404, message)

    def assert405(self, response: Any, message: str | None = None) -> None:
        self.assertStatus(response, 405, message)

    def assert500(self, response: Any, message: str | None = None) -> None:
        self.assertStatus(response, 500, message)

    assert_message_flashed, assert_redirects, assert_status = assertMessageFlashed, assertRedirects, assertStatus
    assert_200, assert_400, assert_401, assert_403 = assert200, assert400, assert401, assert403
    assert_404, assert_405, assert_500 = assert404, assert405, assert500
