"""`rules`: all that the tool knows to do."""

from __future__ import annotations

import typer

from migrator.cli.options import RuleFormat, Version, one_of


def rules(format: RuleFormat = "text", version: Version = False) -> None:
    """List the rules."""
    import json

    from migrator.cli import output
    from migrator.registry import rules as known

    one_of(format, output.RULE_FORMATS, "--format")
    ordered = sorted(known(), key=lambda rule: rule.code)
    if format == "json":
        output.emit(json.dumps([output.rule_data(rule) for rule in ordered], indent=2, ensure_ascii=False) + "\n")
    else:
        width = max((len(rule.name) for rule in ordered), default=0)
        output.emit(
            "".join(
                f"{rule.code}  {rule.name.ljust(width)}  {rule.safety.value:6}  {rule.summary}\n" for rule in ordered
            )
        )
    raise typer.Exit(0)
