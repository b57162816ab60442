"""The signals that Flask sent of templates, for tests and for whoever counts pages.

with template_rendered.connected_to(record, app):
    client.get("/")
"""

from typing import Any

from blinker import Namespace
from jinja2 import Template

from . import templates
from .current import current_context

signals = Namespace()
template_rendered = signals.signal("template-rendered")
before_render_template = signals.signal("before-render-template")


def before(template: Template, context: dict[str, Any]) -> None:
    before_render_template.send(current_context().app, template=template, context=context)


def after(template: Template, context: dict[str, Any]) -> None:
    template_rendered.send(current_context().app, template=template, context=context)


templates.told_before.append(before)
templates.told_after.append(after)
