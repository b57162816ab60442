"""Flask-Testing's test case, with what it says of templates."""

from typing import Any

from .signals import template_rendered
from .unittest_case import FlaskTestCase


class TemplateTestCase(FlaskTestCase):
    """Knows the template that was rendered last, and what it was given."""

    def run(self, result: Any = None) -> Any:
        self.templates: list[tuple[Any, dict[str, Any]]] = []
        with template_rendered.connected_to(self._add_template):
            return super().run(result)

    def _add_template(self, app: Any, template: Any, context: dict[str, Any]) -> None:
        self.templates = [(template, context)]

    def assertTemplateUsed(self, name: str, tmpl_name_attribute: str = "name") -> None:
        used = [getattr(template, tmpl_name_attribute) for template, _ in self.templates]
        if name not in used:
            raise AssertionError(f"Template {name} not used. Templates were used: {' '.join(map(str, used))}")

    def get_context_variable(self, name: str) -> Any:
        for _, context in self.templates:
            if name in context:
                return context[name]
        raise KeyError(name)

    def assertContext(self, name: str, value: Any, message: str | None = None) -> None:
        try:
            found = self.get_context_variable(name)
        except KeyError:
            self.fail(message or f"Context variable does not exist: {name}")
        self.assertEqual(found, value, message)

    assert_template_used, assert_context = assertTemplateUsed, assertContext
