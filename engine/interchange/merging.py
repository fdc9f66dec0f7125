"""Three-way difference of one image's annotations: as they were imported (origins), ours now, theirs in the file.

Pure: no project, no file. Formats give no lasting ids, so equal annotations are found by fingerprint, and a changed one
is matched with the one it came from by the overlap of their bounds.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from engine.formats import Item
from engine.geometry import boxes
from engine.geometry.packing import pack

ConflictPolicy: TypeAlias = Literal["ours", "theirs", "both"]
Fingerprint: TypeAlias = bytes

SAME_IOU = 0.5
"""Bounds that overlap at least so much belong to one changed annotation rather than to two."""


@dataclass(frozen=True, slots=True)
class Ours:
    """An annotation that the image has: what it is now, and what it was when it was imported (None: drawn here)."""

    annotation_id: int
    item: Item
    fingerprint: Fingerprint
    origin: Fingerprint | None

    @property
    def is_edited(self) -> bool:
        """Whether a person has made or changed it here."""
        return self.fingerprint != self.origin


@dataclass(frozen=True, slots=True)
class Theirs:
    """An annotation that the file has."""

    item: Item
    fingerprint: Fingerprint


@dataclass(frozen=True, slots=True)
class Difference:
    """What the file changes on one image."""

    same: int
    """Annotations that are equal on both sides, or that only we have changed: the file has nothing newer."""
    ours: int
    """Changed or removed here, as imported in the file."""
    added: tuple[Theirs, ...]
    """Only in the file."""
    changed: tuple[tuple[Ours, Theirs], ...]
    """Changed in the file only."""
    conflicts: tuple[tuple[Ours, Theirs], ...]
    """Changed on both sides."""


def fingerprint(item: Item) -> Fingerprint:
    """16 bytes that are equal exactly for equal items."""
    flags = json.dumps([item.class_name, item.shape.kind, item.is_crowd, sorted(item.attributes.items())])
    keypoints = b"" if item.keypoints is None else pack(item.keypoints)
    digest = hashlib.blake2b(digest_size=16)
    for part in (flags.encode(), pack(item.shape), keypoints):
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.digest()


def difference(ours: Sequence[Ours], removed: Sequence[Fingerprint], theirs: Sequence[Theirs]) -> Difference:
    """Compare one image's annotations; `removed` are the origins of annotations that were imported and deleted here."""
    left_ours, left_theirs, n_same = _without_equal(ours, theirs)
    n_untouched = 0
    origins = {one.origin: one for one in left_ours if one.origin is not None}
    gone = Counter(removed)
    unknown: list[Theirs] = []
    for other in left_theirs:
        if other.fingerprint in origins:
            left_ours.remove(origins.pop(other.fingerprint))
            n_untouched += 1
        elif gone[other.fingerprint] > 0:
            gone[other.fingerprint] -= 1
            n_untouched += 1
        else:
            unknown.append(other)
    pairs = _matched(left_ours, unknown)
    matched = {id(other) for _, other in pairs}
    return Difference(
        n_same,
        n_untouched,
        tuple(other for other in unknown if id(other) not in matched),
        tuple((one, other) for one, other in pairs if not one.is_edited),
        tuple((one, other) for one, other in pairs if one.is_edited),
    )


def _without_equal(ours: Sequence[Ours], theirs: Sequence[Theirs]) -> tuple[list[Ours], list[Theirs], int]:
    """Strike out equal annotations one against one; what is left on both sides, and how many were equal."""
    by_fingerprint: dict[Fingerprint, list[Ours]] = {}
    for one in reversed(ours):
        by_fingerprint.setdefault(one.fingerprint, []).append(one)
    equal: set[int] = set()
    left_theirs = []
    for other in theirs:
        if candidates := by_fingerprint.get(other.fingerprint):
            equal.add(candidates.pop().annotation_id)
        else:
            left_theirs.append(other)
    return [one for one in ours if one.annotation_id not in equal], left_theirs, len(equal)


def _matched(ours: Sequence[Ours], theirs: Sequence[Theirs]) -> list[tuple[Ours, Theirs]]:
    """Pairs by falling overlap of bounds, each annotation in one pair at most."""
    if not ours or not theirs:
        return []
    overlap = boxes.iou(
        np.array([one.item.shape.bounds for one in ours]), np.array([other.item.shape.bounds for other in theirs])
    )
    pairs: list[tuple[Ours, Theirs]] = []
    free_ours, free_theirs = set(range(len(ours))), set(range(len(theirs)))
    for flat in np.argsort(-overlap, axis=None, kind="stable"):
        i, j = divmod(int(flat), len(theirs))
        if overlap[i, j] < SAME_IOU:
            break
        if i in free_ours and j in free_theirs:
            free_ours.remove(i)
            free_theirs.remove(j)
            pairs.append((ours[i], theirs[j]))
    return pairs
