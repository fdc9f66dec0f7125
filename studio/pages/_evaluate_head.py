"""The head of the page of evaluations: what is judged, how, and how far it is."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.evaluation.matching import COCO_IOUS
from studio.commands import Command, named, perform
from studio.evaluations import Evaluations
from studio.pages._evaluate_words import SHAPES, SPLITS, sentence
from studio.searching.command_menu import fill_menu
from studio.searching.menu_button import MenuButton
from studio.surroundings import Studio
from studio.theme import GAP
from studio.widgets import Elided, keep_tip, role

MORE = ("evaluate.best_score", "", "evaluate.export_json", "evaluate.export_csv", "evaluate.save_charts")


class Head(QWidget):
    """Run, split, shapes, IoU and class to choose; a button; what took part; what is wrong with it."""

    def __init__(self, studio: Studio) -> None:
        """Follow the evaluations."""
        super().__init__()
        self._studio = studio
        self._of: Evaluations = studio.evaluations
        self.runs, self.splits, self.shapes, self.ious, self.classes = (QComboBox() for _ in range(5))
        self.now, self.detect = self._button("evaluate.now"), self._button("evaluate.detect")
        self.stop, self.bar = QToolButton(), QProgressBar()
        self.words = role(Elided(mode=Qt.TextElideMode.ElideRight), "faint")
        self.banner, self._warning = role(QFrame(), "banner"), QLabel()
        self._prepare()
        self._lay_out()
        self._of.changed.connect(self.show_state)
        self._of.progressed.connect(self._show_progress)
        self._of.looked.connect(self._show_choices)

    def _prepare(self) -> None:
        tips = {
            self.runs: ("Run", "Whose detections are judged"), self.splits: ("Pictures", "On which pictures"),
            self.shapes: ("Shapes", "Whether boxes or masks are compared"),
            self.ious: ("IoU", "From which overlap on an object counts as found"),
            self.classes: ("Class", "Whose curves are shown"),
        }  # fmt: skip
        for combo, (name, tip) in tips.items():
            combo.setAccessibleName(name)
            combo.setToolTip(tip)
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.runs.setMinimumWidth(88)
        for title, split in SPLITS:
            self.splits.addItem(title, split)
        for iou in COCO_IOUS:
            self.ious.addItem(f"IoU {iou:.2f}", iou)
        self.runs.activated.connect(self._choose)
        self.splits.activated.connect(self._choose)
        for combo in (self.shapes, self.ious, self.classes):
            combo.activated.connect(self._look)
        (stop,) = named("evaluate.stop")
        self.stop.setIcon(self._studio.theme.icon("stop"))
        self.stop.setIconSize(QSize(16, 16))
        self.stop.setAccessibleName(stop.title)
        keep_tip(self.stop, self._studio.keys, stop)
        self.stop.clicked.connect(lambda: perform(self._studio, stop))
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(120)

    def _button(self, name: str) -> QPushButton:
        (wanted,) = named(name)
        button = QPushButton(wanted.title)
        keep_tip(button, self._studio.keys, wanted)
        button.clicked.connect(lambda: self._perform(wanted))
        return button

    def _perform(self, wanted: Command) -> None:
        perform(self._studio, wanted)

    def _lay_out(self) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        for row, combos in ((first, (self.runs, self.splits)), (second, (self.shapes, self.ious, self.classes))):
            row.setSpacing(GAP)
            for combo in combos:
                row.addWidget(combo)
        first.addStretch(1)
        more = MenuButton(self._studio, "export")
        more.setAccessibleName("Export and more")
        more.setToolTip("Export and more")
        menu = more.menu()
        menu.aboutToShow.connect(lambda: fill_menu(menu, self._studio, MORE))
        for widget in (self.bar, self.stop, self.now, more):
            first.addWidget(widget)
        second.addWidget(self.words, 1)
        inner = QHBoxLayout(self.banner)
        inner.setContentsMargins(1 * GAP, GAP // 2, GAP // 2, GAP // 2)
        self._warning.setWordWrap(True)
        inner.addWidget(self._warning, 1)
        inner.addWidget(self.detect)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        for layout in (first, second):
            column.addLayout(layout)
        column.addWidget(self.banner)

    def show_state(self) -> None:
        """Show what is chosen, how far it is, and whether it is out of date."""
        self._fill_runs()
        self.splits.setCurrentIndex(max(0, self.splits.findData(self._of.choice.split)))
        self._show_choices()
        result, busy = self._of.result, self._of.is_busy
        self.words.show_text(sentence(result) if result is not None and result.image_ids else "")
        self.now.setText("Evaluate Again" if result is not None else "Evaluate")
        self.now.setEnabled(not busy and self._of.choice.run_id is not None)
        for widget in (self.bar, self.stop):
            widget.setVisible(busy)
        self._warn()
        self._show_progress()

    def _warn(self) -> None:
        result, busy = self._of.result, self._of.is_busy
        n = len(result.waiting_ids) if result is not None else 0
        words = []
        if self._of.is_stale:
            words.append("Annotations or detections have changed since: evaluate again.")
        if n and result is not None:
            words.append(f"Run {result.run_id} has not looked at {n:,} of these pictures; they take no part.")
        self._warning.setText("\n".join(words))
        self.detect.setText(f"Detect on {n:,} Picture{'s' * (n != 1)}")
        self.detect.setVisible(bool(n))
        self.detect.setEnabled(not busy and self._studio.session.can_write)
        self.banner.setVisible(bool(words))

    def _show_progress(self) -> None:
        job = self._of.job
        if job is not None:
            self.bar.setRange(0, job.progress.total or 0)
            self.bar.setValue(job.progress.done)
            self.bar.setToolTip(job.progress.words)
            self.stop.setEnabled(job.state in ("queued", "running"))

    def _fill_runs(self) -> None:
        self.runs.clear()
        for run in self._of.runs():
            self.runs.addItem(f"Run {run.id}: {run.network}", run.id)
        self.runs.setCurrentIndex(self.runs.findData(self._of.choice.run_id))
        self.runs.setEnabled(self.runs.count() > 0)

    def _show_choices(self) -> None:
        """Shapes, IoU and class, as far as there is something to choose."""
        result, judgement = self._of.result, self._of.judgement
        self.shapes.clear()
        for each in result.judgements if result is not None else ():
            self.shapes.addItem(SHAPES[each.iou_type], each.iou_type)
        if judgement is not None:
            self.shapes.setCurrentIndex(self.shapes.findData(judgement.iou_type))
        self.ious.setCurrentIndex(self.ious.findData(self._of.choice.iou))
        names = judgement.compared.class_names if judgement is not None else {}
        self.classes.clear()
        self.classes.addItem("All classes", None)
        for class_id, name in names.items():
            self.classes.addItem(name, class_id)
        self.classes.setCurrentIndex(max(0, self.classes.findData(self._of.choice.class_id)))
        for combo in (self.shapes, self.ious, self.classes):
            combo.setVisible(judgement is not None)

    def _choose(self) -> None:
        self._of.choose(self.runs.currentData(), self.splits.currentData())

    def _look(self) -> None:
        self._of.look(
            iou_type=self.shapes.currentData(), iou=self.ious.currentData(), class_id=self.classes.currentData()
        )
