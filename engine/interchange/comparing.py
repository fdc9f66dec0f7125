"""One image's annotations in two people's files: what is equal, what only one has, and what they drew differently.

Pure: no project, no file. Ours may have come from theirs, or both from a third: what we have not touched since it came
in gives way to a newer version, what we have changed or deleted since stays so; only what both have is a conflict.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.formats import Item
from engine.geometry.matching import likenesses, pairs
from engine.geometry.overlap import iou
from engine.interchange.merging import Fingerprint, Ours, fingerprint
from engine.project.records import Annotation

SAME_THING = 0.5
"""IoU from which on two shapes are of one thing, whatever their classes."""
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Other:
    """An annotation of the other file."""

    annotation: Annotation
    item: Item
    fingerprint: Fingerprint


@dataclass(frozen=True, slots=True)
class Known:
    """What was found out in earlier merges and here since."""

    removed: tuple[Fingerprint, ...] = ()
    """What came in and was deleted here."""
    conflicts: tuple[tuple[int | None, Fingerprint], ...] = ()
    """Their versions that are kept as conflicts already, whatever was decided: (our annotation, their fingerprint)."""


@dataclass(frozen=True, slots=True)
class Versions:
    """Two annotations of one thing, and their IoU."""

    ours: Ours
    theirs: Other
    iou: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the two files say about one image."""

    agreed: tuple[Versions, ...]
    """What is identical on both sides, one against one."""
    only_ours: int
    only_theirs: tuple[Other, ...]
    newer: tuple[Versions, ...]
    """Changed in the other file only."""
    kept: int
    """Changed or deleted here since it came in: ours stays."""
    conflicts: tuple[Versions, ...]
    known_conflicts: int

    @property
    def identical(self) -> int:
        """How many are identical."""
        return len(self.agreed)


def compare(ours: Sequence[Ours], theirs: Sequence[Other], known: Known, alike: float = 1.0) -> Comparison:
    """Compare the annotations of one image; from IoU `alike` on, shapes of equal class and attributes are identical."""
    left, rest = list(ours), list(theirs)
    equal = [Versions(one, other, 1.0) for one, other in _strike(left, rest, lambda one: one.fingerprint)]
    n_kept = len(_strike(left, rest, lambda one: one.origin))
    rest, n_removed = _without(rest, known.removed)
    n_known = _strike_known(left, rest, known)
    versions = _versions(left, rest)
    matched = {id(one.theirs) for one in versions}
    different = [one for one in versions if not is_alike(one.ours.item, one.theirs.item, alike)]
    differing = {id(one) for one in different}
    return Comparison(
        agreed=(*equal, *(one for one in versions if id(one) not in differing)),
        only_ours=len(left) - len(versions),
        only_theirs=tuple(one for one in rest if id(one) not in matched),
        newer=tuple(one for one in different if not one.ours.is_edited),
        kept=n_kept + n_removed,
        conflicts=tuple(one for one in different if one.ours.is_edited),
        known_conflicts=n_known,
    )


def _strike(
    ours: list[Ours], theirs: list[Other], of: Callable[[Ours], Fingerprint | None]
) -> list[tuple[Ours, Other]]:
    """Strike out on both sides, one against one, where theirs is what `of` says of ours; returns the pairs."""
    by_fingerprint: dict[Fingerprint | None, list[Ours]] = {}
    for one in reversed(ours):
        by_fingerprint.setdefault(of(one), []).append(one)
    by_fingerprint.pop(None, None)
    struck: list[tuple[Ours, Other]] = []
    stay = []
    for other in theirs:
        if candidates := by_fingerprint.get(other.fingerprint):
            struck.append((candidates.pop(), other))
        else:
            stay.append(other)
    gone = {one.annotation_id for one, _ in struck}
    theirs[:] = stay
    ours[:] = [one for one in ours if one.annotation_id not in gone]
    return struck


def _without(theirs: list[Other], fingerprints: Sequence[Fingerprint]) -> tuple[list[Other], int]:
    """What is left without these, each struck out once; and how many were."""
    left = Counter(fingerprints)
    stay = []
    for other in theirs:
        if left[other.fingerprint] > 0:
            left[other.fingerprint] -= 1
        else:
            stay.append(other)
    return stay, len(theirs) - len(stay)


def _strike_known(ours: list[Ours], theirs: list[Other], known: Known) -> int:
    stay, n_known = _without(theirs, [one for _, one in known.conflicts])
    struck = {id(one) for one in theirs} - {id(one) for one in stay}
    found = Counter(one.fingerprint for one in theirs if id(one) in struck)
    involved = {annotation_id for annotation_id, one in known.conflicts if found[one] > 0}
    theirs[:] = stay
    ours[:] = [one for one in ours if one.annotation_id not in involved]
    return n_known


def _versions(ours: Sequence[Ours], theirs: Sequence[Other]) -> list[Versions]:
    matrix = likenesses([one.item.shape for one in ours], [one.item.shape for one in theirs], SAME_THING)
    same_class = np.array(
        [[one.item.class_name == other.item.class_name for other in theirs] for one in ours], dtype=np.bool_
    ).reshape(matrix.shape)
    found = pairs(matrix, SAME_THING, same_class)
    free = np.ones(matrix.shape, dtype=np.bool_)
    for i, j in found:
        free[i, :] = free[:, j] = False
    found += pairs(matrix, SAME_THING, free)
    return [Versions(ours[i], theirs[j], float(matrix[i, j])) for i, j in found]


def is_alike(a: Item, b: Item, least: float) -> bool:
    """Whether all but the shape is equal, and the shapes cover the same: exactly, where pairs were found by bounds."""
    return a == replace(b, shape=a.shape) and iou(a.shape, b.shape) >= least - _ROUNDING


def other_of(annotation: Annotation, item: Item) -> Other:
    """An annotation of the other file, with its fingerprint."""
    return Other(annotation, item, fingerprint(item))
