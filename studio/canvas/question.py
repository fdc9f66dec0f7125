"""The question of the queue on the canvas: both sides of it, each with a tag that says whose it is.

Ours is white, theirs is yellow and dashed. Our tag is above and theirs below, so that they never lie on each other.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainterPath

from engine.evaluation.queue import Question
from engine.geometry.shapes import Bounds
from engine.project.conflicts import Conflict
from engine.project.records import Detection
from studio.canvas import paint
from studio.canvas.live import Surface
from studio.canvas.looks import Looks
from studio.canvas.paths import path_of

OURS, THEIRS = "#ffffff", "#ffd24a"
"""The bar of our tag; the outline and bar of theirs: a yellow that shows on tissue, on streets and on black."""
_CASING = QColor(0, 0, 0, 150)
_GAP = 4.0
_AROUND = 0.25
"""How much of its own size is shown on each side of what a question is about."""
_LEAST = 24.0
"""Image pixels that are shown around something small."""


class QuestionLayer:
    """Paints a question; keeps its outlines, which take a while for masks."""

    def __init__(self) -> None:
        self._question: Question | None = None
        self._ours, self._theirs = QPainterPath(), QPainterPath()

    def paint(self, surface: Surface, question: Question) -> None:
        """Paint both outlines and the tags."""
        if question is not self._question:
            self._question = question
            self._ours = path_of(question.ours.shape) if question.ours else QPainterPath()
            self._theirs = path_of(question.theirs.shape) if question.theirs else QPainterPath()
        _outline(surface, self._ours, OURS, dashed=False)
        _outline(surface, self._theirs, THEIRS, dashed=True)
        words_ours, words_theirs = words(question, surface.looks)
        if question.ours is not None:
            _tag(surface, words_ours, question.ours.shape.bounds, OURS, below=False)
        if question.theirs is not None:
            _tag(surface, words_theirs, question.theirs.shape.bounds, THEIRS, below=True)


def words(question: Question, looks: Looks) -> tuple[str, str]:
    """What the tags of our side and of theirs say."""
    about, theirs = question.about, question.theirs
    ours = f"yours: {_class_name(about.class_id, looks)}"
    if about.kind == "missed":
        ours += ", not found"
    whose = f"{question.whose or 'the other'}: " if isinstance(theirs, Conflict) else "model: "
    score = f" {theirs.score:.2f}" if isinstance(theirs, Detection) else ""
    return ours, whose + _class_name(about.other_class_id, looks) + score


def surroundings(bounds: Bounds) -> Bounds:
    """What is shown of a picture while a question about this part of it is looked at."""
    x0, y0, x1, y1 = bounds
    dx, dy = max(_AROUND * (x1 - x0), _LEAST), max(_AROUND * (y1 - y0), _LEAST)
    return (x0 - dx, y0 - dy, x1 + dx, y1 + dy)


def _outline(surface: Surface, path: QPainterPath, colour: str, *, dashed: bool) -> None:
    """A light line over a dark one, which shows on any picture."""
    painter, looks = surface.painter, surface.looks
    painter.save()
    paint.scaled(painter, surface.view.to_view)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(looks.pen(_CASING, 4.0))
    painter.drawPath(path)
    painter.setPen(looks.pen(QColor(colour), 2.0, dashed=dashed))
    painter.drawPath(path)
    painter.restore()


def _class_name(class_id: int | None, looks: Looks) -> str:
    record = looks.class_of(class_id) if class_id is not None else None
    return record.name if record else "?"


def _tag(surface: Surface, text: str, bounds: Bounds, colour: str, *, below: bool) -> None:
    """A tag above or below bounds in image pixels, within the view where they are larger than it."""
    looks, view = surface.looks, surface.view
    (left, top), (_, bottom) = view.to_view.apply_one(bounds[:2]), view.to_view.apply_one(bounds[2:])
    height, width = paint.tag_size(text, looks)
    gap = _GAP * looks.ratio
    room = QRectF(0, 0, *view.view).adjusted(gap, gap + height, -gap - width, -gap)
    y = bottom + gap + height if below else top - gap
    at = (min(max(left, room.left()), max(room.left(), room.right())), min(max(y, room.top()), room.bottom()))
    paint.tag(surface.painter, text, at, looks, QColor(colour))
