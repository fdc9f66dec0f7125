"""How much training pictures may vary, chosen from what the classes are called; in words, too.

What a mirror does to objects no picture tells: a mirrored cell is a cell, a mirrored letter is none, and a mirrored
left hand is a right one. The names of the classes do tell it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from engine.feeding.augment import Augmentation

_SIDES = frozenset({"left", "right"})
_WORDS = re.compile(r"[^\W\d_]+")


def variety(class_names: Iterable[str], given: Mapping[str, Any]) -> tuple[Augmentation, tuple[str, ...]]:
    """An augmentation that suits these classes, around the fields that are given by name; and why."""
    names = tuple(class_names)
    why_not = _why_not_mirrored(names)
    chosen = replace(replace(Augmentation(), flip_horizontal=0.0) if why_not else Augmentation(), **given)
    return chosen, (*((why_not,) if why_not else ()), _in_words(chosen))


def _why_not_mirrored(names: tuple[str, ...]) -> str:
    """Why these classes are not the same in a mirror; '' where nothing says so."""
    sided = next((name for name in names if _SIDES & {word.casefold() for word in _WORDS.findall(name)}), None)
    if sided is not None:
        return f"Pictures are not mirrored: the class “{sided}” tells left from right."
    n_characters = sum(len(name.strip()) == 1 for name in names)
    if 2 * n_characters > len(names):
        return f"Pictures are not mirrored: {n_characters} of {len(names)} classes are single characters."
    return ""


def _in_words(how: Augmentation) -> str:
    """What is done to pictures."""
    done = [f"made {how.smallest_scale:g} to {how.largest_scale:g} times as large"]
    done += [
        words
        for share, words in (
            (how.flip_horizontal, "mirrored"),
            (how.flip_vertical, "turned upside down"),
            (how.mosaic, "joined as mosaics"),
            (how.copy_paste, "given objects of others"),
            (how.light, f"relit by {how.light:.0%}"),
        )
        if share
    ]
    last = f" and {done[-1]}" if len(done) > 1 else ""
    return f"Pictures vary each time: {', '.join(done[:-1] or done)}{last}."
