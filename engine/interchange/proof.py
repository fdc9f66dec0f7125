"""Export with proof: what was written is read back and compared with what was meant, object by object.

Two comparisons for each: with the annotation itself (how much the format lost) and with what the format says it can
hold (`Format.hold`; anything less than equal is a fault of ours or of the disk).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.formats import Format, Item, Page, Pages
from engine.geometry import boxes
from engine.geometry.overlap import iou
from engine.geometry.shapes import Keypoints, Shape

WORST_LISTED = 20
EXACT = 1 - 1e-6
"""From this IoU on two shapes count as equal: text with nine digits costs less, a lost pixel costs more."""


@dataclass(frozen=True, slots=True)
class Worst:
    """One annotation that came back as another shape than it was, and the IoU of the two."""

    page: str
    class_name: str
    iou: float


@dataclass(frozen=True, slots=True)
class Proof:
    """What came back of what was written."""

    annotations: int
    returned: int
    """Annotations that came back with their class."""
    dropped: int
    """Annotations that the format says it cannot hold at all."""
    missing: int
    """Annotations that should have come back and did not: always 0 unless something is wrong."""
    unexpected: int
    """Annotations that came back and were never written: always 0 unless something is wrong."""
    min_iou: float
    mean_iou: float
    """Between each annotation that came back and the one in the project; 1.0 where there were none."""
    min_iou_to_held: float
    """Between each and what the format says it holds of it."""
    changed: int
    """Annotations whose shape came back with an IoU below 1."""
    worst: tuple[Worst, ...]
    classes_equal: bool
    """Whether the classes came back in the same order."""

    @property
    def is_kept(self) -> bool:
        """Whether everything the format can hold is there, exactly."""
        whole = self.missing == 0 and self.unexpected == 0 and self.min_iou_to_held >= EXACT
        return whole and self.classes_equal


def prove(format_: Format, pages: Pages, to_read: Sequence[Path]) -> Proof:
    """Read the paths that `Format.write` returned, and compare them with the pages that were written."""
    returned = [format_.read(path) for path in to_read]
    by_name: dict[str, list[Item]] = {}
    for read in returned:
        for page in read.pages:
            by_name.setdefault(_stem(page.path, page.name), []).extend(page.items)
    results = [_compare(format_, page, by_name.pop(_stem(page.path, page.name), [])) for page in pages.pages]
    strays = sum(len(items) for items in by_name.values())
    class_names = [one.name for one in pages.classes]
    classes_equal = all(_in_order([one.name for one in read.classes], class_names) for read in returned)
    return _summed(pages, results, strays, classes_equal=classes_equal)


@dataclass(frozen=True, slots=True)
class _PageResult:
    ious: tuple[tuple[Worst, float], ...]
    """For each item that came back: its IoU with the annotation, and with what was to be held of it."""
    dropped: int
    missing: int
    unexpected: int


def _compare(format_: Format, page: Page, returned: Sequence[Item]) -> _PageResult:
    expected: list[tuple[Item, Item]] = []
    dropped = 0
    for item in page.items:
        held = format_.hold(item)
        dropped += not held
        expected += [(item, one) for one in held]
    pairs, free = [], list(returned)
    for item, held_item in expected:
        match = _best(held_item, free)
        if match is not None:
            free.remove(match)
            itself = Worst(page.name, item.class_name, _agreement(item.shape, match.shape))
            pairs.append((itself, _agreement(held_item.shape, match.shape)))
    return _PageResult(tuple(pairs), dropped, len(expected) - len(pairs), len(free))


def _agreement(a: Shape, b: Shape) -> float:
    """IoU; for keypoints, which have no area, 1 where all points are equal to a thousandth of a pixel, else 0."""
    if a == b:
        return 1.0
    if isinstance(a, Keypoints) and isinstance(b, Keypoints):
        return float(len(a.points) == len(b.points) and np.allclose(a.points, b.points, atol=1e-3))
    return iou(a, b)


def _best(wanted: Item, among: Sequence[Item]) -> Item | None:
    """The returned item that is this one: of its class, equal or else with the most overlapping bounds."""
    same_class = [item for item in among if item.class_name == wanted.class_name]
    for item in same_class:
        if item.shape == wanted.shape:
            return item
    if not same_class:
        return None
    overlap = boxes.iou(np.array([wanted.shape.bounds]), np.array([item.shape.bounds for item in same_class]))[0]
    best = int(np.argmax(overlap))
    near = float(overlap[best]) > 0.5 or np.allclose(wanted.shape.bounds, same_class[best].shape.bounds, atol=1e-3)
    return same_class[best] if near else None


def _summed(pages: Pages, results: Sequence[_PageResult], strays: int, *, classes_equal: bool) -> Proof:
    pairs = [pair for result in results for pair in result.ious]
    ious = [worst.iou for worst, _ in pairs]
    changed = sorted((worst for worst, _ in pairs if worst.iou < EXACT), key=lambda worst: worst.iou)
    return Proof(
        annotations=sum(len(page.items) for page in pages.pages),
        returned=len(pairs),
        dropped=sum(result.dropped for result in results),
        missing=sum(result.missing for result in results),
        unexpected=strays + sum(result.unexpected for result in results),
        min_iou=min(ious, default=1.0),
        mean_iou=float(np.mean(ious)) if ious else 1.0,
        min_iou_to_held=min((to_held for _, to_held in pairs), default=1.0),
        changed=len(changed),
        worst=tuple(changed[:WORST_LISTED]),
        classes_equal=classes_equal,
    )


def _stem(path: Path | None, name: str) -> str:
    return (path.absolute().as_posix() if path else name).casefold()


def _in_order(names: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether `names` are some of `wanted`, in its order: a format may leave out classes that nothing is of."""
    rest = iter(wanted)
    return all(name in rest for name in names)
