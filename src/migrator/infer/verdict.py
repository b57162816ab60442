"""From what was collected to what is known of keys and bodies."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.infer.asked import NOWHERE, Asked, are_answered_before
from migrator.infer.text import source_of
from migrator.infer.uses import BodyUse, Coercion, KeyUse

if TYPE_CHECKING:
    from migrator.infer.evaluate import Inference
    from migrator.module import Module
from migrator.infer.tracked import Value, settled, text_of


def body_use(inference: Inference, value: Value, asked: Asked = NOWHERE) -> BodyUse:
    """The finished description of an object."""
    item = None
    if value.item is not None and not value.accesses and not value.keys:
        item = key_use(inference, value.item, value)
    keys = tuple(key_use(inference, below, value, asked) for below in value.keys.values())
    return BodyUse(
        keys,
        tuple(value.accesses),
        tuple(value.escapes),
        value.kind_tested,
        value.none_tested or value.tested,
        value.truth_tested,
        value.fallback,
        value.mixed,
        value.forbids_extra,
        item,
    )


def is_filled(value: Value, holder: Value) -> bool:
    """Whether the app may have stored something under a key before it first reads it."""
    fills = [*((a.module, a.node) for a in value.own if a.kind in ("store", "setdefault")), *holder.fills]
    reads = [(a.module, a.node) for a in value.own if a.kind not in ("store", "setdefault")]
    return bool(fills) and not any(all(_is_before(read, fill) for fill in fills) for read in reads)


def _is_before(one: tuple[Module, ast.expr], other: tuple[Module, ast.expr]) -> bool:
    is_same = one[0] is other[0] and one[0].function_of(one[1]) is other[0].function_of(other[1])
    return is_same and one[1].lineno <= other[1].lineno


def key_use(inference: Inference, value: Value, holder: Value, asked: Asked = NOWHERE) -> KeyUse:
    kind, strict, evidence = settled(value.facts)
    kinds = {access.kind for access in value.own}
    required = bool(value.needed) and not value.optional and not kinds & {"get", "in", "not in"}
    required = required and not are_answered_before(value.needed, asked.whole)
    required = required and not is_filled(value, holder)
    is_dict = any(fact.type == "dict" for fact in value.facts) and value.keys
    # `"@" in text` looks like a key
    body = (
        body_use(inference, value, asked)
        if value.keys and (is_dict or not all(_is_only_asked(v) for v in value.keys.values()))
        else None
    )
    if body is not None and kind in ("any", "list") and not strict:
        kind = "dict"
    if body is None and value.keys and kind == "any":
        kind, evidence = "str", (*evidence, *(text_of(a.module, a.node) for a in value.accesses))
    default = value.defaults[0] if value.defaults else None
    texts = {source_of(module, n) for module, n in value.defaults}
    one = default is not None and len(texts) == 1 and not value.has_plain_get
    coercion = None
    names = {one.name for one in value.coercions}
    if len(names) == 1:
        first = value.coercions[0]
        caught = tuple(sorted({name for c in value.coercions for name in c.caught}))
        coercion = Coercion(first.name, caught, value.raw == 0)
    if coercion is None and (value.fallback is not None or value.kind_tested):
        strict = False  # anything false is let through, or the app itself has an answer
    return KeyUse(
        value.name,
        kind,
        strict,
        required,
        value.tested or value.none_tested or bool(kinds & {"in", "not in"}),
        value.truth_tested,
        value.missing_caught,
        value.none_tested,
        default[1] if one and default is not None else None,
        next(iter(texts)) if one else None,
        inference.shape(default[0], default[1])
        if one and default is not None and default[1] in default[0].parents
        else None,
        one and default is not None and _is_constant(default[1]),
        value.fallback,
        coercion,
        evidence,
        body,
        key_use(inference, value.item, value) if value.item is not None and body is None else None,
        tuple(value.own),
        required and are_answered_before(value.needed, asked.keys),
    )


def _is_only_asked(value: Value) -> bool:
    """Whether a key was only asked for with `in`."""
    return bool(value.own) and all(access.kind in ("in", "not in") for access in value.own) and not value.facts


def _is_constant(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False
    return True
