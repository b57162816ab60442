"""The signals that Flask sent of each request, for whoever counts, traces or cleans up.

send_signals(app)

@request_finished.connect_via(app)
def count(sender, response, **extra): ...
"""

from blinker import Namespace
from fastapi import FastAPI, Response

from . import outgoing
from .hooks import add_hooks

signals = Namespace()
request_started = signals.signal("request-started")
request_finished = signals.signal("request-finished")
request_tearing_down = signals.signal("request-tearing-down")
got_request_exception = signals.signal("got-request-exception")
appcontext_tearing_down = signals.signal("appcontext-tearing-down")


def send_signals(app: FastAPI) -> None:
    """Let an app send them, outside of the hooks that are added to it later."""

    def started() -> None:
        request_started.send(app)

    def finished(response: Response) -> Response:
        request_finished.send(app, response=response)
        return response

    def tearing_down(error: Exception | None) -> None:
        request_tearing_down.send(app, exc=error)

    def context_tearing_down(error: Exception | None) -> None:
        appcontext_tearing_down.send(app, exc=error)

    add_hooks(
        app,
        before_request=[started],
        after_request=[finished],
        teardown_request=[tearing_down],
        teardown_appcontext=[context_tearing_down],
    )


def failed(app: FastAPI, error: Exception) -> None:
    got_request_exception.send(app, exception=error)


outgoing.told_of_failures.append(failed)
