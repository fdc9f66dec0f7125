"""How much training pictures may vary, chosen from what classes are called and where their objects lie; in words, too.

What a mirror does to objects no picture tells: a mirrored cell is a cell, a mirrored letter is none, and a mirrored
left hand is a right one. The names of the classes do tell it. So does their place: where objects of a class lie on the
same side of all pictures (an organ, a dial, a stamp), these are taken one way round, and mirrored ones never come.

Whether pictures may be turned upside down, that tells neither: round heads lie as evenly and are as wide as high as
cells are. And up is often brighter than down where turning does no harm (205 blood smears: the top half darker by 0.38
of a picture's deviation, 21 standard errors; 200 portraits: no difference).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine.feeding.augment import Augmentation
from engine.geometry.mirrors import mirror
from engine.project.placement import ClassSides

_SIDES = frozenset(
    {
        "left", "right", "rechts", "linke", "rechte", "linker", "rechter", "linkes", "rechtes", "gauche", "droite",
        "izquierda", "izquierdo", "derecha", "derecho", "sinistra", "sinistro", "destra", "destro", "esquerda",
        "esquerdo", "direita", "direito",
    }
)  # fmt: skip
_WORDS = re.compile(r"[^\W\d_]+")
_ENOUGH_IMAGES = 50
"""Fewer may lie on one side by chance, or be one scene that was taken again and again."""
_ONE_SIDED = 0.97


def variety(
    class_names: Iterable[str], given: Mapping[str, Any], sides: Sequence[ClassSides] = ()
) -> tuple[Augmentation, tuple[str, ...]]:
    """An augmentation that suits these classes, around the fields that are given by name; and why."""
    why_not = "" if "flip_horizontal" in given else _why_not_mirrored(tuple(class_names), sides)
    chosen = replace(replace(Augmentation(), flip_horizontal=0.0) if why_not else Augmentation(), **given)
    return chosen, (*((f"Pictures are not mirrored: {why_not}.",) if why_not else ()), _in_words(chosen))


def _why_not_mirrored(names: tuple[str, ...], sides: Sequence[ClassSides]) -> str:
    """Why these classes are not the same in a mirror; '' where nothing says so."""
    return _sided(names) or _paired(names) or _written(names) or _placed(sides)


def _sided(names: tuple[str, ...]) -> str:
    sided = next((name for name in names if _SIDES & {word.casefold() for word in _WORDS.findall(name)}), None)
    return "" if sided is None else f"the class “{sided}” tells left from right"


def _paired(names: tuple[str, ...]) -> str:
    """'hand L' and 'hand R'; one 'L' without its 'R' may be a size or a letter."""
    pairs = ((names[at], names[other]) for at, other in enumerate(mirror(names)) if at < other)
    return next((f"the class “{one}” is “{other}” in a mirror" for one, other in pairs), "")


def _written(names: tuple[str, ...]) -> str:
    n_written = sum(len(name.strip()) == 1 or name.strip().isdecimal() for name in names)
    if 2 * n_written <= len(names):
        return ""
    return f"{n_written} of {len(names)} classes are single characters or numbers"


def _placed(sides: Sequence[ClassSides]) -> str:
    for each in sides:
        share = max(each.share_left, 1 - each.share_left)
        if each.n_images >= _ENOUGH_IMAGES and share >= _ONE_SIDED:
            half = "left" if each.share_left > 0.5 else "right"
            return f"of “{each.name}”, {share:.0%} lie in the {half} half, so all pictures are taken one way round"
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
