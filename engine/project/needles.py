"""The proof of an erasure: pieces of what was erased, looked for in every byte of the project file.

A needle is 48 bytes in a row of a crop, of a vector or of a hash, or all of a text. Many needles are cut out of every
value, so that any part of it that was left somewhere, in a page that nobody uses or cut in two by the end of a page,
holds some. Pieces that hardly vary (a black border, a row of zeros) tell nothing, and are no needles.

The file is read past SQLite, and closing it drops the locks of this process on it: nothing in this process may be in a
transaction on it meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.progress import Progress, Work

LENGTH = 48
"""Of a needle, in bytes."""
_STRIDE = 256
"""From one needle of a value to the next: a page holds some twenty of them."""
_MOST_OF_A_VALUE = 512
_COMMON = 64
"""Bytes at the beginning that pictures of one size and kind have in common."""
_KEY = 8
_FEWEST_DIFFERENT = 24
"""Bytes of a needle that differ from each other."""
_FEWEST_IN_KEY = 4
_SHORTEST_TEXT = 5
"""Bytes of a text that is looked for: shorter ones are met by chance in some megabytes."""
_BLOCK = 16 << 20
_TABLE_BITS = 22
_MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Needles:
    """What is looked for."""

    pieces: frozenset[bytes] = frozenset()
    """Of LENGTH bytes each."""
    texts: frozenset[bytes] = frozenset()

    def __len__(self) -> int:
        return len(self.pieces) + len(self.texts)

    @classmethod
    def together(cls, parts: Sequence[Needles]) -> Needles:
        """All of them."""
        return cls(
            frozenset().union(*(each.pieces for each in parts)), frozenset().union(*(each.texts for each in parts))
        )

    @classmethod
    def of_value(cls, value: bytes) -> Needles:
        """Those of a crop or a vector, all over it."""
        first, stride = (_COMMON, _STRIDE) if len(value) > 4 * _STRIDE else (0, LENGTH // 2)
        starts = range(first, len(value) - LENGTH + 1, max(stride, len(value) // _MOST_OF_A_VALUE))
        pieces = (value[start : start + LENGTH] for start in starts)
        return cls(pieces=frozenset(filter(_tells, pieces)))

    @classmethod
    def of_hash(cls, sha256: str) -> Needles:
        """That of a hash in hexadecimal digits."""
        return cls(pieces=frozenset({sha256.encode()[:LENGTH]}))

    @classmethod
    def of_text(cls, text: str) -> Needles:
        """A name or what somebody agreed to, where it is long enough not to be met by chance."""
        encoded = text.strip().encode()
        return cls(texts=frozenset({encoded} if len(encoded) >= _SHORTEST_TEXT else ()))


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of looking."""

    n_bytes: int
    found: frozenset[bytes]
    """Needles that are there."""


def look(path: Path, needles: Needles) -> Work[Looked]:
    """Look for needles in all bytes of a file; yields Progress."""
    total, done, found = path.stat().st_size, 0, set[bytes]()
    haystack = _Haystack(needles)
    with path.open("rb") as file:
        before = b""
        while block := file.read(_BLOCK):
            yield Progress(done, total, "Looking for what was erased", is_counted=False)
            done += len(block)
            found |= haystack.found_in(before + block)
            before = block[-haystack.overlap :] if haystack.overlap else b""
    return Looked(done, frozenset(found))


class _Haystack:
    """Finds needles in blocks: a table of their first bytes says where to look closer."""

    def __init__(self, needles: Needles) -> None:
        self._needles = needles
        self.overlap = max((len(each) for each in (*needles.pieces, *needles.texts)), default=1) - 1
        keys = np.frombuffer(b"".join(piece[:_KEY] for piece in needles.pieces), "<u8")
        self._table = np.zeros(1 << _TABLE_BITS, np.bool_)
        self._table[_places(keys)] = True

    def found_in(self, block: bytes) -> set[bytes]:
        found = {text for text in self._needles.texts if text in block}
        if self._needles.pieces:
            near = (block[start : start + LENGTH] for start in self._starts(block))
            found |= {piece for piece in near if piece in self._needles.pieces}
        return found

    def _starts(self, block: bytes) -> Iterator[int]:
        """Where a needle may begin."""
        for offset in range(_KEY):
            n = (len(block) - offset) // _KEY
            keys = np.frombuffer(block, "<u8", max(n, 0), offset) if n > 0 else np.zeros(0, "<u8")
            yield from (np.flatnonzero(self._table[_places(keys)]) * _KEY + offset).tolist()


def _tells(piece: bytes) -> bool:
    """Whether a piece varies enough to be met nowhere else by chance."""
    return len(set(piece)) >= _FEWEST_DIFFERENT and len(set(piece[:_KEY])) >= _FEWEST_IN_KEY


def _places(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Where in the table eight bytes are."""
    with np.errstate(over="ignore"):
        mixed: NDArray[np.uint64] = (keys * _MIX) >> np.uint64(64 - _TABLE_BITS)
    return mixed
