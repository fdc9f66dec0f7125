"""Finding by typing some of the letters: how well a few letters fit a text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")

WORD_START = 8.0
CONSECUTIVE = 8.0
GAP = 0.2


def fit(typed: str, text: str) -> float | None:
    """How well the letters of `typed` occur in `text` in their order: more is better; None where they do not.

    Letters at the start of words and letters in a row count most; what lies between them counts a little against it.
    The best way to lay the letters into the text is found, so 'fit' finds 'Fit Picture' before 'Find It'.
    """
    letters, body = typed.casefold().replace(" ", ""), text.casefold()
    if not letters:
        return 0.0
    best: list[float | None] = [None] * len(body)
    for n, letter in enumerate(letters):
        fits: list[float | None] = [None] * len(body)
        carried: float | None = None
        for at, other in enumerate(body):
            if other == letter:
                fits[at] = _placed(n, at, text, best, carried)
            if (at and best[at - 1] is not None) or carried is not None:
                before = best[at - 1] if at else None
                carried = max(each for each in (before, None if carried is None else carried) if each is not None) - GAP
        best = fits
    found = [score for score in best if score is not None]
    return max(found) - 0.01 * len(body) if found else None


def _placed(n: int, at: int, text: str, best: list[float | None], carried: float | None) -> float | None:
    """The best score with the n-th letter laid at a place, after the letters before it."""
    own = 1.0 + (WORD_START if at == 0 or not text[at - 1].isalnum() else 0.0)
    if n == 0:
        return own - GAP * min(at, 5)
    in_a_row = best[at - 1] if at else None
    ways = [score for score in (None if in_a_row is None else in_a_row + CONSECUTIVE, carried) if score is not None]
    return own + max(ways) if ways else None


def ranked(typed: str, items: Iterable[T], words: Callable[[T], str]) -> list[T]:
    """The items that fit what was typed, the best first; all of them in their order while nothing is typed."""
    fits = [(fit(typed, words(item)), item) for item in items]
    found = [(score, item) for score, item in fits if score is not None]
    return [item for _, item in sorted(found, key=lambda pair: -pair[0])] if typed.strip() else [i for _, i in found]
