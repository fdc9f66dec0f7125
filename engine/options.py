"""What a drop-in lets a user choose: fields of a frozen dataclass, each with the one sentence that explains it."""

from __future__ import annotations

from dataclasses import field, fields
from typing import Any


def option(default: Any, sentence: str) -> Any:
    """A field of an Options dataclass, with the one sentence that explains it to a user."""
    return field(default=default, metadata={"help": sentence})


def options_help(options: type[Any]) -> dict[str, str]:
    """The sentence of each option, by its name."""
    return {each.name: str(each.metadata["help"]) for each in fields(options)}
