"""Comparison: how the shape in hand lies on the one of a layer that it overlaps most, and what that is called.

Where many move together, the one that the pointer holds is told of in full, and all of them in sum.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from engine.geometry.company import Company, Floats
from engine.geometry.overlap import Overlap, OverlapIndex, OverlapWord, overlap_word
from engine.geometry.shapes import XY, Keypoints, Mask, Ring, Shape
from engine.geometry.spans import Spans
from engine.project.records import Annotation, Detection

THRESHOLDS = (0.5, 0.75)
"""The IoUs at which a detection is commonly counted as right."""

_MANY = 64
"""From so many changed shapes on the index is built anew."""

_RAGGED = 1200
"""Runs, from which on dashes along the outline of a mask take longer than a frame."""
_AT_ONCE = 1000
"""Shapes that move together are compared so many at a time: some hundredths of a second."""

Sources: TypeAlias = Mapping[int, Annotation] | Mapping[int, Detection]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The live IoU of one shape."""

    overlap: Overlap
    shape: Shape
    """What it is compared with: of all of the layer the one that it overlaps most."""
    partner: str = ""
    """What that is called."""
    outline: tuple[Ring, ...] = field(default=(), compare=False, repr=False)
    """Of the partner, closed; a mask's is smoothed. None of a ragged mask, which has `strips`."""
    strips: Spans | None = field(default=None, compare=False, repr=False)
    """Of the partner, where it is a ragged mask."""

    @property
    def iou(self) -> float:
        return self.overlap.iou

    @property
    def word(self) -> OverlapWord:
        return overlap_word(self.iou)

    @property
    def counts(self) -> tuple[tuple[float, bool], ...]:
        """Each threshold, and whether this counts as a match there."""
        return tuple((threshold, self.iou >= threshold) for threshold in THRESHOLDS)

    @property
    def text(self) -> str:
        """One line for the status bar."""
        counts = ", ".join(f"{'counts' if counted else 'does not count'} at {at:g}" for at, counted in self.counts)
        return f"IoU {self.iou:.2f} {self.word}; {counts}"

    @property
    def finer(self) -> str:
        """GIoU, and how far the borders lie apart at most, once that is worked out."""
        distance = self.overlap.boundary_distance
        border = "…" if distance is None else f"{distance:.1f} px"
        return f"GIoU {self.overlap.giou:.2f}   border {border}".replace("-", "−")


@dataclass(frozen=True, slots=True)
class Together:
    """How shapes that move together lie, each on the one of a layer that it overlaps most."""

    n: int
    """So many move that have an area."""
    mean: float | None = None
    """Of their IoUs, those that overlap nothing having 0; None while it is not worked out."""
    least: float = 0.0
    n_counted: tuple[int, ...] = (0,) * len(THRESHOLDS)
    """How many count as a match at each threshold."""

    @classmethod
    def of(cls, ious: Floats) -> Together:
        """From their IoUs, of one shape at least."""
        counted = tuple(int(np.count_nonzero(ious >= at)) for at in THRESHOLDS)
        return cls(len(ious), float(ious.mean()), float(ious.min()), counted)

    @property
    def summary(self) -> str:
        """Mean and least."""
        if self.mean is None:
            return f"All {self.n:,}: when the pointer rests"
        return f"All {self.n:,}: mean IoU {self.mean:.2f}, least {self.least:.2f}"

    @property
    def counts(self) -> str:
        """How many count."""
        told = ", ".join(f"{n:,} at {at:g}" for at, n in zip(THRESHOLDS, self.n_counted, strict=True))
        return "" if self.mean is None else told.replace(" at", " count at", 1)

    @property
    def text(self) -> str:
        """One line for the status bar."""
        return "; ".join(filter(None, (self.summary, self.counts)))


@dataclass(frozen=True, slots=True)
class Told:
    """All that is told of what moves."""

    single: Comparison | None = None
    """Of the shape that the pointer holds; None where it overlaps nothing."""
    together: Together | None = None
    """Where many move."""

    def __bool__(self) -> bool:
        return self.single is not None or self.together is not None

    @property
    def text(self) -> str:
        """One line for the status bar."""
        return ".  ".join(each.text for each in (self.single, self.together) if each is not None)


@dataclass(frozen=True, slots=True)
class Moved:
    """Annotations that move together."""

    ids: frozenset[int]
    annotations: Mapping[int, Annotation]
    """By id, as they lay before."""
    way: XY
    """How far all of them have come."""


@dataclass(slots=True)
class Layer:
    """The shapes of one layer, indexed, and kept in step with what is on the image. For one thread at a time."""

    _index: OverlapIndex = field(default_factory=lambda: OverlapIndex({}))
    _shapes: dict[int, Shape] = field(default_factory=dict)
    _of: tuple[Sources, object] | None = None
    _outlined: tuple[Shape, tuple[Ring, ...]] | None = None
    _moving: tuple[Collection[int], Mapping[int, Annotation], Company] | None = None

    def take(self, sources: Sources, wanted: Callable[[Annotation], bool], named: object) -> None:
        """Have these shapes from now on: all detections, or the annotations that are wanted.

        `sources` is another value whenever it differs, and `named` is another where other ones are wanted.
        """
        if self._of is not None and self._of[0] is sources and self._of[1] == named:
            return
        self._of = (sources, named)
        shapes = {id_: one.shape for id_, one in sources.items() if isinstance(one, Detection) or wanted(one)}
        gone = [id_ for id_ in self._shapes if id_ not in shapes]
        put = [id_ for id_, shape in shapes.items() if self._shapes.get(id_) is not shape]
        self._shapes = shapes
        if len(gone) + len(put) > _MANY:
            self._index = OverlapIndex(shapes)
            return
        for id_ in gone:
            self._index.drop(id_)
        for id_ in put:
            self._index.put(id_, shapes[id_])

    def compared(self, shape: Shape, without: Container[int] = (), partner: str = "") -> Iterator[Comparison | None]:
        """The comparison with the nearest shape; None where none is touched or there is no area.

        Where outlines are long it comes first without the distance of the borders.
        """
        if not self._shapes or isinstance(shape, Keypoints) or shape.is_empty:
            yield None
            return
        for best in self._index.steps(shape, without):
            yield self._comparison(best, partner) if best else None

    def _comparison(self, best: Overlap, partner: str) -> Comparison:
        shape = self._shapes[best.id]
        if isinstance(shape, Mask) and len(shape.counts) > _RAGGED:
            return Comparison(best, shape, partner, strips=self._index.surface(best.id).strips)
        return Comparison(best, shape, partner, self._outline(best.id))

    def together(self, moved: Moved, without: Collection[int]) -> Iterator[Together | None]:
        """How shapes that move together lie; where they are many, first only how many, then one step per piece.

        None where none has an area, or where there is nothing to lie on.
        """
        company = self._company(moved)
        if not len(company) or all(id_ in without for id_ in self._shapes):
            yield None
            return
        if len(company) > _AT_ONCE:
            yield Together(len(company))
        passed = np.fromiter(without, dtype=np.int64, count=len(without))
        found: list[Floats] = []
        for start in range(0, len(company), _AT_ONCE):
            found.append(company.ious(moved.way, self._index, passed, slice(start, start + _AT_ONCE)))
            is_last = start + _AT_ONCE >= len(company)
            yield Together.of(np.concatenate(found)) if is_last else Together(len(company))

    def _company(self, moved: Moved) -> Company:
        """The same for as long as they are moved."""
        known = self._moving
        if known is None or known[0] is not moved.ids or known[1] is not moved.annotations:
            shapes = (moved.annotations[id_].shape for id_ in moved.ids if id_ in moved.annotations)
            self._moving = known = (moved.ids, moved.annotations, Company(shapes))
        return known[2]

    def _outline(self, id_: int) -> tuple[Ring, ...]:
        """Of the partner; worked out again only where that is another."""
        if self._outlined is None or self._outlined[0] is not self._shapes[id_]:
            self._outlined = (self._shapes[id_], self._index.outline(id_))
        return self._outlined[1]
