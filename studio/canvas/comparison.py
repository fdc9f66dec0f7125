"""Comparison: how the shape in hand lies on the one of a layer that it overlaps most, and what that is called."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from engine.geometry.overlap import Overlap, OverlapIndex, OverlapWord, overlap_word
from engine.geometry.shapes import Keypoints, Ring, Shape
from engine.project.records import Annotation, Detection

THRESHOLDS = (0.5, 0.75)
"""The IoUs at which a detection is commonly counted as right."""

_MANY = 64
"""From so many changed shapes on the index is built anew."""

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
    """Of the partner, closed; a mask's is smoothed."""

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
        """GIoU, and how far the borders lie apart at most."""
        return f"GIoU {self.overlap.giou:.2f}   border {self.overlap.boundary_distance:.1f} px".replace("-", "−")


@dataclass(slots=True)
class Layer:
    """The shapes of one layer, indexed, and kept in step with what is on the image. For one thread at a time."""

    _index: OverlapIndex = field(default_factory=lambda: OverlapIndex({}))
    _shapes: dict[int, Shape] = field(default_factory=dict)
    _of: tuple[Sources, object] | None = None
    _outlined: tuple[Shape, tuple[Ring, ...]] | None = None

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

    def compared(self, shape: Shape, without: Container[int] = (), partner: str = "") -> Comparison | None:
        """The comparison with the nearest shape; None where none is touched or there is no area."""
        if not self._shapes or isinstance(shape, Keypoints) or shape.is_empty:
            return None
        best = self._index.best(shape, without)
        return Comparison(best, self._shapes[best.id], partner, self._outline(best.id)) if best else None

    def _outline(self, id_: int) -> tuple[Ring, ...]:
        """Of the partner; worked out again only where that is another."""
        if self._outlined is None or self._outlined[0] is not self._shapes[id_]:
            self._outlined = (self._shapes[id_], self._index.outline(id_))
        return self._outlined[1]
