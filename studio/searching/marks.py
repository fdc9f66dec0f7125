"""The colours and words of review states and splits, wherever a picture is listed."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter

from engine.project.records import ReviewState
from studio.theme import Tones

SPLIT_WORDS = {"train": "train", "val": "val", "test": "test", None: ""}
STATE_WORDS: dict[ReviewState, str] = {
    "new": "New", "in_progress": "In progress", "done": "Done", "needs_review": "Needs review",
}  # fmt: skip
_TONES = {"in_progress": "warn", "done": "good", "needs_review": "bad"}


def paint_state(painter: QPainter, centre: QPointF, state: str, tones: Tones) -> bool:
    """Paint the dot of a review state; False for new pictures, which have none."""
    tone = _TONES.get(state)
    if tone is None:
        return False
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(getattr(tones, tone)))
    painter.drawEllipse(centre, 3.5, 3.5)
    return True
