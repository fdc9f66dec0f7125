"""Comparing: the live IoU of the shape or shapes in hand against the chosen layer, worked out on a thread of its own.

The GUI thread only says what to compare: however large shape and layer are, the pointer is never behind. The newest
question goes first, so that a slow answer is one of a moment ago and never of a second ago.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from PySide6.QtCore import QObject, Signal

from engine.geometry.shapes import Shape
from engine.geometry.shaping import moved
from engine.project import detections
from engine.project.records import Annotation, Detection
from engine.project.store import Change, Project
from studio.canvas.comparison import Layer, Moved, Sources, Told
from studio.canvas.computing import Computed, Computing
from studio.canvas.shown import Shown
from studio.session import Session
from studio.tools import Preview

_ANNOTATED = ("neighbours", "others", "author")


class Comparing(QObject):
    """Holds the comparison of the moment."""

    changed = Signal()
    """`told` is another."""

    def __init__(self, session: Session, shown: Shown) -> None:
        """Compare with the session's reference on the image that is shown."""
        super().__init__()
        self.told = Told()
        self._session, self._shown = session, shown
        self._detections: Mapping[int, Detection] = {}
        self._layer = Layer()
        self._asked: object = None
        """What was asked about last: the shape, or how far those carried had come."""
        self._n_asked = self._n_forgotten = 0
        self._computing = Computing(rests=True)
        self._computing.computed.connect(self._on_computed)
        session.reference_changed.connect(self._on_reference)
        session.changed.connect(self._on_changed)
        shown.opened.connect(self._on_reference)

    def measure(self, preview: Preview) -> None:
        """Have the first shape of a preview compared, or what it carries, or none."""
        asked = preview.shapes[0] if preview.shapes else preview.carried_by if preview.carried else None
        is_measured = asked is not None and preview.compares and not self._session.hides_shapes
        if not is_measured or self._session.reference.kind == "off":
            self._forget()
        elif asked is not self._asked:
            self._asked = asked
            self._ask(preview)

    def finish(self) -> None:
        """Compare no more, and end the thread."""
        self._computing.finish()

    def _ask(self, preview: Preview) -> None:
        reference, mine = self._session.reference, self._session.author_id
        known = self.told.together if preview.carried else None
        layer, sources, annotations = self._layer, self._sources(), self._shown.seen.views.annotations

        def compare() -> Iterator[Told]:
            layer.take(sources, reference.holds(mine), (reference, mine))
            without = preview.replaced | preview.carried if reference.kind in _ANNOTATED else frozenset[int]()
            single, shape = None, _held(preview, annotations)
            for single in layer.compared(shape, without, reference.partner) if shape else ():
                yield Told(single, known)
            if preview.carried:
                carried = Moved(preview.carried, annotations, preview.carried_by)
                yield from (Told(single, together) for together in layer.together(carried, without))

        self._n_asked += 1
        self._computing.ask(self._n_asked, compare)

    def _sources(self) -> Sources:
        views, kind = self._shown.seen.views, self._session.reference.kind
        if kind in _ANNOTATED:
            return views.annotations
        return views.detections if kind == "suggestions" else self._detections

    def _forget(self) -> None:
        self._asked, self._n_forgotten = None, self._n_asked
        self._computing.forget()
        self._take(Told())

    def _on_computed(self, computed: Computed) -> None:
        if computed.error is not None:
            self._session.failed.emit(computed.error)
        elif computed.ticket > self._n_forgotten:
            self._take(computed.value if isinstance(computed.value, Told) else Told())

    def _take(self, told: Told) -> None:
        if told != self.told:
            self.told = told
            self.changed.emit()

    def _on_changed(self, change: Change) -> None:
        if self._session.reference.kind == "run" and self._session.image_id in change.detected:
            self._read()

    def _on_reference(self) -> None:
        self._layer, self._detections = Layer(), {}
        self._forget()
        if self._session.reference.kind == "run":
            self._read()

    def _read(self) -> None:
        """Read all that the chosen run detected on the image, whatever became of it."""
        reference, image = self._session.reference, self._shown.image
        if image is not None:
            question = partial(_detected, image_id=image.id, run_id=reference.id)
            self._session.ask("reference", question, self._take_detections)

    def _take_detections(self, found: Mapping[int, Detection]) -> None:
        self._detections = found


def _detected(project: Project, image_id: int, run_id: int) -> Mapping[int, Detection]:
    return {each.id: each for each in detections.of_image(project, image_id, run_id)}


def _held(preview: Preview, annotations: Mapping[int, Annotation]) -> Shape | None:
    """The shape that the pointer holds, where it would be."""
    if preview.shapes:
        return preview.shapes[0]
    lead = None if preview.lead is None else annotations.get(preview.lead)
    return None if lead is None else moved(lead.shape, *preview.carried_by)
