"""Which keypoint becomes which in a mirror, where left is right: told by their names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeAlias

Mirror: TypeAlias = tuple[int, ...]
"""For each keypoint of a class: which one it becomes in a mirror, where left is right."""

_SIDES = {"left": "right", "right": "left", "l": "r", "r": "l"}


def mirror(names: Sequence[str]) -> Mirror:
    """Which keypoint each becomes in a mirror, from their names: 'left_eye' and 'right_eye' change places."""
    index = {_words(name): at for at, name in enumerate(names)}
    return tuple(index.get(tuple(_SIDES.get(word, word) for word in _words(name)), at) for at, name in enumerate(names))


def _words(name: str) -> tuple[str, ...]:
    """'leftEye', 'Left eye' and 'left_eye' are the same words."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return tuple(re.findall(r"[^\W_]+", apart.lower()))
