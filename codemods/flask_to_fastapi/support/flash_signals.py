"""The signal that Flask sent of each message for the next page.

@message_flashed.connect_via(app)
def record(sender, message, category, **extra): ...
"""

from blinker import Namespace
from fastapi import FastAPI

from . import flashing

signals = Namespace()
message_flashed = signals.signal("message-flashed")


def flashed(app: FastAPI, message: str, category: str) -> None:
    message_flashed.send(app, message=message, category=category)


flashing.told.append(flashed)
