"""`explain`: one rule, with its documentation."""

from __future__ import annotations

from typing import Annotated

import typer

from migrator.cli.options import RuleFormat, Version, one_of
from migrator.errors import CannotRun


def explain(
    code: Annotated[str, typer.Argument(metavar="CODE", help="The code or name of a rule.")],
    format: RuleFormat = "text",
    version: Version = False,
) -> None:
    """Explain one rule."""
    import json
    from difflib import get_close_matches

    from migrator.cli import output
    from migrator.registry import rules

    one_of(format, output.RULE_FORMATS, "--format")
    known = {key: rule for rule in rules() for key in (rule.code, rule.name)}
    rule = known.get(code) or known.get(code.upper())
    if rule is None:
        near = get_close_matches(code.upper(), known, n=1) or get_close_matches(code, known, n=1)
        raise CannotRun(
            f"no rule is called {code}; "
            + (f"did you mean {near[0]}? " if near else "")
            + "`flask-to-fastapi rules` lists them"
        )
    if format == "json":
        output.emit(json.dumps(output.rule_data(rule), indent=2, ensure_ascii=False) + "\n")
    else:
        head = f"{rule.code} {rule.name} ({rule.safety.value})\n\n{rule.summary}\n"
        output.emit(head + (f"\n{rule.documentation.strip()}\n" if rule.documentation.strip() else ""))
    raise typer.Exit(0)
