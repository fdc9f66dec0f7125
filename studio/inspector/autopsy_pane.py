"""The pane that says why annotations were missed: of one that is clicked on the picture, or of a whole split."""

from __future__ import annotations

from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.inspecting.misses import Miss, SplitAutopsy
from engine.tracing.verdicts import Remedy
from studio.inspection import Aim, Picked
from studio.inspector.misses_table import LossTable, MissTable
from studio.inspector.segments import Segments
from studio.inspector.split_misses import SplitMisses
from studio.inspector.truth_layer import marks
from studio.inspector.verdict_view import VerdictView
from studio.surroundings import Studio
from studio.theme import GAP
from studio.widgets import role, scrolling

_HINT = "Click an annotation on the picture. Found ones are drawn with a line, missed ones with dashes."
_LEAST_COUNTS, _LEAST_TABLE = 168, 200
_NO_TRUTHS = "Nothing is annotated on this picture."
_SPLITS = (("Validation", "val"), ("Training", "train"), ("Test", "test"), ("All images", None))


class OneAutopsy(QWidget):
    """The annotation that is asked about."""

    def __init__(self, studio: Studio) -> None:
        """Of the studio's inspection."""
        super().__init__()
        self._of, self._what_if = studio.inspection, studio.inspection.what_if
        self.choice = QComboBox()
        self.choice.setAccessibleName("Annotation")
        self.choice.setToolTip("The annotation that is asked about; missed ones come first")
        self.choice.activated.connect(self._choose)
        self.hint = role(QLabel(_HINT), "faint")
        self.hint.setWordWrap(True)
        self.verdict = VerdictView()
        self.verdict.remedy_wanted.connect(self._try)
        self.verdict.stage_wanted.connect(self._go)
        self._lay_out()
        self._what_if.outcome_changed.connect(self._fill)
        self._what_if.verdict_changed.connect(self._show)
        self._of.picked_changed.connect(self._ask)
        self._fill()

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(GAP, 0, GAP, GAP)
        column.setSpacing(GAP)
        column.addWidget(self.hint)
        column.addWidget(self.choice)
        column.addWidget(self.verdict)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(inside))

    def _fill(self) -> None:
        """The annotations by name, those that are missed first."""
        lines = sorted(marks(self._of), key=lambda mark: (mark.is_found, mark.id))
        self.choice.clear()
        for mark in lines:
            self.choice.addItem(f"{mark.name} {mark.id}: {'found' if mark.is_found else 'missed'}", mark.id)
        self.choice.setVisible(bool(lines))
        self.hint.setText(_HINT if lines else _NO_TRUTHS)
        self._ask()

    def _ask(self) -> None:
        asked = self._of.annotation_id
        self.choice.setCurrentIndex(self.choice.findData(asked) if asked is not None else -1)
        self._what_if.ask(asked)
        self._show()

    def _choose(self) -> None:
        self._of.ask_about(self.choice.currentData())

    def _show(self) -> None:
        verdict = self._what_if.verdict
        self.verdict.setVisible(verdict is not None)
        if verdict is not None:
            name = next((mark.name for mark in marks(self._of) if mark.id == self._of.annotation_id), "Annotation")
            self.verdict.show_verdict(verdict, name)

    def _try(self, remedy: Remedy) -> None:
        self._what_if.apply(remedy)

    def _go(self) -> None:
        """To the stage that lost it, its row marked."""
        verdict, trace = self._what_if.verdict, self._of.trace
        if verdict is None or trace is None or not verdict.stage:
            return
        self._of.show_stage(verdict.stage)
        if verdict.row >= 0:
            self._of.pick(Picked(verdict.stage, verdict.row, self._what_if.class_index_of(verdict)))


class SplitAutopsies(QWidget):
    """A split to look into, how many were lost where, and each of them."""

    def __init__(self, studio: Studio) -> None:
        """Of the studio's project."""
        super().__init__()
        self._studio = studio
        self.misses = SplitMisses(studio.session, studio.jobs, self)
        self.splits, self.begin, self.stop = QComboBox(), QPushButton("Look Into"), QToolButton()
        self.bar, self.words = QProgressBar(), role(QLabel(), "faint")
        self.counts, self.table = LossTable(), MissTable()
        self._prepare()
        self._lay_out()
        self.misses.changed.connect(self._show)
        self._show()

    def _prepare(self) -> None:
        for title, split in _SPLITS:
            self.splits.addItem(title, split)
        self.splits.setAccessibleName("Split")
        self.splits.setToolTip("On which pictures to look for missed annotations")
        self.begin.setToolTip("Let the run look at every picture again, and say where what it misses is lost")
        self.begin.clicked.connect(self.look_into)
        self.stop.setIcon(self._studio.theme.icon("stop"))
        self.stop.setAccessibleName("Stop looking")
        self.stop.setToolTip("Stop; what is known by then stays")
        self.stop.clicked.connect(self.misses.stop)
        self.bar.setTextVisible(False)
        self.words.setWordWrap(True)
        self.counts.picked.connect(self.table.shown.show_only)
        self.table.opened.connect(self._open)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self.splits, 1)
        row.addWidget(self.begin)
        row.addWidget(self.stop)
        self.counts.setMinimumHeight(_LEAST_COUNTS)
        self.table.setMinimumHeight(_LEAST_TABLE)
        inside = QWidget()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(inside))
        column = QVBoxLayout(inside)
        column.setContentsMargins(GAP, 0, GAP, GAP)
        column.setSpacing(GAP)
        column.addLayout(row)
        column.addWidget(self.bar)
        column.addWidget(self.words)
        column.addWidget(self.counts, 2)
        column.addWidget(self.table, 3)
        column.addStretch(0)

    def look_into(self) -> None:
        """Begin with the chosen split, and the run that is inspected."""
        trace = self._studio.inspection.trace
        run_id = trace.origin.run_id if trace is not None else self._studio.session.run_id
        self.misses.look_into(run_id, self.splits.currentData())

    def _show(self) -> None:
        found, job, is_busy = self.misses.found, self.misses.job, self.misses.is_busy
        self.begin.setEnabled(not is_busy and self._studio.session.project is not None)
        self.stop.setVisible(is_busy)
        self.bar.setVisible(is_busy)
        if job is not None and is_busy:
            self.bar.setRange(0, job.progress.total or 0)
            self.bar.setValue(job.progress.done)
        self.words.setText(in_words(found))
        self.words.setVisible(found is not None)
        self.counts.show_counts(found)
        self.table.rows.show_misses(() if found is None else found.misses)
        for widget in (self.counts, self.table):
            widget.setVisible(found is not None)

    def _open(self, miss: Miss) -> None:
        """Inspect its image, and ask about it there."""
        self._studio.session.go_to(miss.image_id)
        self._studio.inspection.aim_at(Aim(miss.image_id, miss.annotation_id))


def in_words(found: SplitAutopsy | None) -> str:
    """How much was looked at."""
    if found is None:
        return ""
    shapes = "masks" if found.iou_type == "segm" else "boxes"
    words = [
        f"Run {found.run_id}, {found.n_images:,} images: {found.n_found:,} of {found.n_truths:,} annotations found"
    ]
    words.append(f"({shapes}, IoU {found.asked.iou:g}).")
    if found.n_waiting:
        words.append(f"{found.n_waiting:,} images are not looked at.")
    if found.n_unlike:
        words.append(f"On {found.n_unlike:,} the replay differs from the network's own result.")
    if found.n_tiled:
        words.append(f"{found.n_tiled:,} are detected on in tiles; here they were looked at as a whole.")
    return " ".join(words)


class AutopsyPane(QWidget):
    """This image, or a split; annotations are drawn on the picture while it is in sight."""

    def __init__(self, studio: Studio) -> None:
        """Of the studio's inspection."""
        super().__init__()
        self._what_if = studio.inspection.what_if
        self.one, self.split = OneAutopsy(studio), SplitAutopsies(studio)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.one)
        self._stack.addWidget(self.split)
        self.segments = Segments(("This image", "A split"))
        self.segments.setContentsMargins(GAP, GAP, GAP, 0)
        self.segments.chosen.connect(self._stack.setCurrentIndex)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addWidget(self.segments)
        column.addWidget(self._stack, 1)
        studio.inspection.pane_wanted.connect(self._come)

    def _come(self, pane: str) -> None:
        """Somebody asks about an annotation."""
        if pane == "why":
            self._stack.setCurrentWidget(self.one)
            self.segments.show_chosen(0)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw the annotations."""
        super().showEvent(event)
        self._what_if.show_truths(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """No more."""
        super().hideEvent(event)
        self._what_if.show_truths(False)
