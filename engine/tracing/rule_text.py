"""Rules in JSON's words and back: in trace files, and in what a project keeps of settings.

A rule is an object with the name of its kind under 'cut', and its numbers: {"cut": "LeastScore", "value": 0.05}.
Numbers that are a kind's usual ones are left out.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any, get_args

import msgspec

from engine.errors import UserError
from engine.tracing.rule_words import in_words
from engine.tracing.rules import Cut, Rules
from engine.tracing.whatif import Settings

_KINDS: Mapping[str, type[Any]] = {kind.__name__: kind for kind in get_args(Cut)}


def told(rules: Rules) -> list[dict[str, Any]]:
    """Rules as plain values."""
    return [{"cut": type(rule).__name__, **_numbers(rule)} for rule in rules]


def rules(values: Sequence[Mapping[str, Any]]) -> Rules:
    """Rules of plain values; raises ValueError where there are no such."""
    return tuple(_rule(value) for value in values)


def _numbers(rule: Cut) -> dict[str, Any]:
    usual = {each.name: each.default for each in dataclasses.fields(rule)}
    values = {each.name: getattr(rule, each.name) for each in dataclasses.fields(rule)}
    named = {name: _by_text(value) for name, value in values.items() if value != usual[name]}
    return {name: value for name, value in named.items() if value != {}}


def _by_text(value: Any) -> Any:
    return {str(key): each for key, each in value.items()} if isinstance(value, Mapping) else value


def _rule(value: Mapping[str, Any]) -> Cut:
    if not isinstance(value, Mapping) or value.get("cut") not in _KINDS:
        raise ValueError(f"{value!r} is no rule")
    numbers = {name: each for name, each in value.items() if name != "cut"}
    try:
        found: Cut = msgspec.convert(numbers, _KINDS[value["cut"]], strict=False)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error
    return found


def settings_json(settings: Settings) -> str:
    """Settings as text."""
    named = {name: told(own) for name, own in settings.rules.items()}
    return json.dumps({"rules": named, "anchor_scale": settings.anchor_scale})


def kept_words(text: str | None) -> str:
    """In a line what a run detects with, '' where it goes by its own; never fails."""
    try:
        return "" if text is None else in_words(settings(text))
    except UserError as error:
        return str(error)


def settings(text: str) -> Settings:
    """Settings of such text; raises UserError where it is none."""
    try:
        value = json.loads(text)
        return Settings({name: rules(own) for name, own in value["rules"].items()}, float(value["anchor_scale"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"The settings that were kept are damaged: {error}.", "Go back to the run's own.") from error
