"""What comes of the settings on this picture, in numbers, each beside the run's own."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from engine.inspecting.judging import Judged
from studio.surroundings import Studio
from studio.theme import GAP
from studio.widgets import role

_UNASKED = "{n} of the proposals are new to the heads; they are being asked."


class Outcomes(QWidget):
    """Detections, right, wrong, missed, and average precision."""

    def __init__(self, studio: Studio) -> None:
        """Of what is tried."""
        super().__init__()
        self._of = studio.inspection.what_if
        self.numbers: dict[str, QLabel] = {}
        self.differences: dict[str, QLabel] = {}
        self.note = role(QLabel(), "faint")
        self.note.setWordWrap(True)
        grid = QGridLayout(self)
        grid.setContentsMargins(GAP, GAP, GAP, 0)
        grid.setHorizontalSpacing(GAP)
        grid.setVerticalSpacing(2)
        for column, (key, title, tip) in enumerate(_COLUMNS):
            self.numbers[key], self.differences[key] = role(QLabel("–"), "title"), role(QLabel(), "faint")
            for row, label in enumerate((self.numbers[key], role(QLabel(title), "faint"), self.differences[key])):
                label.setToolTip(tip)
                grid.addWidget(label, row, column)
        grid.addWidget(self.note, 3, 0, 1, len(_COLUMNS))
        self._of.outcome_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        outcome, now, before = self._of.outcome, _values(self._of.judged), _values(self._of.own_judged)
        for key, label in self.numbers.items():
            label.setText("–" if now is None or now[key] is None else _plain(key, now[key]))
            self.differences[key].setText("" if now is None or before is None else _beside(key, now[key], before[key]))
        n_unasked = 0 if outcome is None else outcome.n_unasked
        self.note.setText(_UNASKED.format(n=f"{n_unasked:,}"))
        self.note.setVisible(n_unasked > 0)


def _values(judged: Judged | None) -> dict[str, float | None] | None:
    if judged is None:
        return None
    return {
        "found": len(judged.is_right),
        "right": judged.n_right,
        "wrong": judged.n_wrong,
        "missed": judged.n_missed,
        "ap": judged.ap,
        "ap50": judged.ap_at_iou,
    }


def _plain(key: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if key in ("ap", "ap50") else f"{value:,.0f}"


def _beside(key: str, now: float | None, before: float | None) -> str:
    """How much more or less than with the run's own settings; nothing where it is the same."""
    if now is None or before is None or now == before:
        return ""
    sign, text = "+" if now > before else "−", _plain(key, abs(now - before))
    return f"{sign}{text}"


_COLUMNS = (
    ("found", "Found", "Detections on this picture"),
    (
        "right",
        "Right",
        "Detections whose box overlaps that of an annotation of their class by 0.5 or more (true positives)",
    ),
    ("wrong", "Wrong", "Detections on nothing, or on what was found already (false positives)"),
    ("missed", "Missed", "Annotations without a detection (false negatives)"),
    ("ap", "AP", "Average precision on this picture, over IoU 0.50 to 0.95"),
    ("ap50", "AP50", "Average precision on this picture at IoU 0.5"),
)
