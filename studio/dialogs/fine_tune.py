"""Fine-tune: what will happen in words, and one big button; everything that can be chosen is folded away below."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSlider,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from engine.project.material import Material, material
from engine.training.plan import AUTO, Covered, Plan, PlanRequest
from studio.charts.dots import Dots
from studio.dialogs import _training_words as words
from studio.dialogs._frame import Frame, paragraph
from studio.dialogs._option_fields import Choice, OptionGroup
from studio.dialogs._planning import Planning, told
from studio.errands import FineTune
from studio.orders import Failure
from studio.surroundings import Studio, Subject
from studio.theme import GAP
from studio.training import is_training, queue_training, start_training
from studio.widgets import role

DEFAULT_MINUTES = 10
DEFAULT_SHARE = 20
WEIGHTS = (("Pretrained, official", "auto"), ("Pretrained, from a file", "file"), ("From scratch", "none"))
DEVICES = (("Best there is", "auto"), ("CPU", "cpu"), ("NVIDIA GPU", "cuda"))
_AUTO_WORDS = "Chosen from the annotations"
_DETAILS_HEIGHT = 340


class FineTuneDialog(Frame):
    """Says what will happen, and starts it."""

    def __init__(self, studio: Studio, parent: QWidget) -> None:
        """About the open project."""
        super().__init__("Fine-tune", parent, width=600)
        self._studio = studio
        self._facts: Material | None = None
        self.plan: Plan | None = None
        self._fault: Failure | None = None
        self._is_own_time = self._is_own_weights = False
        self._learns, self._tried, self._starts, self._runs, self._why = (paragraph("…", "text") for _ in range(5))
        self._wrong, self._why_folded_out = paragraph("", "bad"), paragraph("…", "text")
        self._fitting = QTimer(self)
        self._fitting.setSingleShot(True)  # after the words have been laid out
        self._fitting.timeout.connect(self.fit_height)
        self.minutes, self.epochs, self.share = QSpinBox(), QSpinBox(), QSlider()
        self.limit, self.weights, self.device, self.path = Choice(), Choice(), Choice(), QLineEdit()
        self.detector = Choice()
        self.network = OptionGroup("Network", studio.theme)
        self.steps = OptionGroup("Steps", studio.theme)
        self.pictures = OptionGroup("How pictures vary", studio.theme)
        self.cover = Dots("Sizes of objects and priors", studio.theme)
        self._details = QScrollArea()
        self._card_titles: list[QLabel] = []
        self._planning = Planning(studio, self)
        self._prepare()
        self._lay_out()
        self._connect()
        self._ask_facts()
        self._planning.ask(self.request, soon=True)
        self._show()

    @property
    def request(self) -> PlanRequest:
        """What is decided already."""
        before = self._studio.settings.words_of("weights/yolo")
        weights = self._weights if self._is_own_weights and self._weights else AUTO
        return PlanRequest(
            self.detector.currentData(),
            dict(self.network.given),
            weights,
            self.device.currentData(),
            {"yolo": before[0]} if before else {},
        )

    @property
    def wanted(self) -> FineTune:
        """How to train, as it is chosen now."""
        by_minutes = self.limit.currentData() == "minutes"
        return FineTune(
            self.plan.detector if self.plan else self.detector.currentData(),
            float(self.minutes.value()) if by_minutes else None,
            None if by_minutes else self.epochs.value(),
            self._weights,
            self.device.currentData(),
            0,
            self._facts.keep_back if self._facts else None,
            self._studio.session.author_id,
            dict(self.network.given),
            dict(self.steps.given),
            dict(self.pictures.given),
        )

    @property
    def _weights(self) -> str:
        choice = str(self.weights.currentData())
        return str(Path(self.path.text()).expanduser()) if choice == "file" and self.path.text() else choice

    def _prepare(self) -> None:
        self.minutes.setRange(1, 24 * 60)
        self.minutes.setValue(DEFAULT_MINUTES)
        self.minutes.setSuffix(" minutes")
        self.epochs.setRange(1, 10_000)
        self.epochs.setValue(20)
        self.epochs.setSuffix(" epochs")
        self.share.setOrientation(Qt.Orientation.Horizontal)
        self.share.setRange(5, 50)
        self.share.setValue(DEFAULT_SHARE)
        self.detector.addItem(_AUTO_WORDS, AUTO)
        self.limit.addItem("Minutes", "minutes")
        self.limit.addItem("Epochs", "epochs")
        for box, choices in ((self.weights, WEIGHTS), (self.device, DEVICES)):
            for title, value in choices:
                box.addItem(title, value)
        self.path.setPlaceholderText("A .pth, .pt or .safetensors file")

    def _lay_out(self) -> None:
        self._lay_out_card()
        self.button = role(QPushButton("Start"), "big")
        self.button.setDefault(True)
        self.body.addWidget(self._wrong)
        self.body.addWidget(self.button)
        self._toggle = QToolButton()
        self._toggle.setText("Details")
        self._toggle.setCheckable(True)
        self._toggle.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._toggle.setArrowType(Qt.ArrowType.RightArrow)
        self.body.addWidget(self._toggle)
        self._lay_out_details()
        self.body.addWidget(self._details, 1)
        self.add_button("Cancel", self.reject)

    def _lay_out_card(self) -> None:
        card = role(QFrame(), "card")
        grid = QGridLayout(card)
        grid.setContentsMargins(2 * GAP, 2 * GAP, 2 * GAP, 2 * GAP)
        grid.setHorizontalSpacing(2 * GAP)
        grid.setVerticalSpacing(GAP)
        rows = (
            ("Learns from", self._learns),
            ("Is tried on", self._tried),
            ("Starts from", self._starts),
            ("Runs", self._runs),
            ("Chosen so", self._why),
        )
        for n, (title, line) in enumerate(rows):
            self._card_titles.append(role(QLabel(title), "faint"))
            grid.addWidget(self._card_titles[-1], n, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(line, n, 1)
        grid.setColumnStretch(1, 1)
        self.body.addWidget(card)

    def _lay_out_details(self) -> None:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(GAP, 0, GAP, GAP)
        column.setSpacing(GAP)
        column.addWidget(self._why_folded_out)
        column.addLayout(self._form())
        for each in (self.network, self.cover, self.steps, self.pictures):
            column.addWidget(each)
        column.addStretch(1)
        self._details.setWidget(inner)
        self._details.setWidgetResizable(True)
        self._details.setFrameShape(QFrame.Shape.NoFrame)
        self._details.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._details.setMinimumHeight(120)
        self._details.hide()

    def _form(self) -> QFormLayout:
        form = QFormLayout()
        form.setVerticalSpacing(GAP)
        form.setHorizontalSpacing(2 * GAP)
        until = QHBoxLayout()
        until.setSpacing(GAP)
        until.addWidget(self.limit)
        until.addWidget(self.minutes, 1)
        until.addWidget(self.epochs, 1)
        form.addRow("Network", self.detector)
        form.addRow("Until", until)
        form.addRow("Start from", self.weights)
        choose = QPushButton("Choose…")
        choose.setAutoDefault(False)
        choose.clicked.connect(self._choose_file)
        self._file_row = QWidget()
        row = QHBoxLayout(self._file_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.path, 1)
        row.addWidget(choose)
        form.addRow("", self._file_row)
        form.addRow("On", self.device)
        self._share_label = QLabel("Keep for validation")
        form.addRow(self._share_label, self.share)
        return form

    def _connect(self) -> None:
        self.button.clicked.connect(self._start)
        self._toggle.toggled.connect(self._fold)
        self.limit.currentIndexChanged.connect(self._take_time)
        self.weights.currentIndexChanged.connect(self._take_weights)
        self.path.textChanged.connect(self._take_weights)
        for box in (self.device, self.detector):
            box.currentIndexChanged.connect(self._decide)
        for spin in (self.minutes, self.epochs):
            spin.valueChanged.connect(self._take_time)
        self.share.valueChanged.connect(self._ask_facts)
        self.network.changed.connect(self._decide)
        for group in (self.steps, self.pictures):
            group.changed.connect(self._show)
        self._planning.planned.connect(self._take_plan)
        self._planning.refused.connect(self._take_fault)
        self.finished.connect(self._planning.end)

    def _fold(self, is_open: bool) -> None:
        self._toggle.setArrowType(Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow)
        self._details.setVisible(is_open)
        for each in (self._why, self._card_titles[-1]):  # the reasons go where there is room for them
            each.setVisible(not is_open)
        self._fitting.start(0)

    def fit_height(self) -> None:
        """As high as its words need; details take what the window has room for."""
        super().fit_height()
        window = self.parentWidget()
        if window is not None and not self._details.isHidden():
            closed = self.height() - self._details.height()
            self.resize(self.width(), max(closed + 120, min(closed + _DETAILS_HEIGHT, window.height() - 2 * GAP)))

    def _ask_facts(self) -> None:
        share = self.share.value() / 100
        self._studio.session.ask("fine-tune facts", lambda project: material(project, share), self._take_facts)

    def _take_facts(self, facts: Material) -> None:
        self._facts = facts
        self._show()

    def _decide(self) -> None:
        """Ask what is chosen around what a person decided."""
        self._fault = None
        self._planning.ask(self.request)
        self._show()

    def _take_time(self) -> None:
        self._is_own_time = True
        self._show()

    def _take_weights(self) -> None:
        self._is_own_weights = True
        if self.weights.currentData() != "file" or Path(self._weights).is_file():
            self._decide()
        else:
            self._show()

    def _take_plan(self, plan: Plan) -> None:
        self.plan, self._fault = plan, None
        for name, title in plan.detectors:
            if self.detector.findData(name) < 0:
                self.detector.addItem(title, name)
        if self.detector.currentData() == AUTO:
            self.detector.setItemText(0, f"{_AUTO_WORDS}: {plan.title}")
        self.network.show_options(plan.options)
        self.steps.show_options(plan.recipe)
        self.pictures.show_options(plan.augmentation)
        self._show_cover(plan.covered)
        self._fill_in(plan)
        self._show()

    def _fill_in(self, plan: Plan) -> None:
        """Time and weights as they are chosen, where no person has chosen them."""
        for box in (self.minutes, self.weights, self.path):
            box.blockSignals(True)
        if not self._is_own_time:
            self.minutes.setValue(plan.minutes)
        if not self._is_own_weights:
            is_file = plan.weights not in (AUTO, "none")
            self.weights.setCurrentIndex(self.weights.findData("file" if is_file else AUTO))
            self.path.setText(plan.weights if is_file else "")
        for box in (self.minutes, self.weights, self.path):
            box.blockSignals(False)

    def _show_cover(self, covered: Covered | None) -> None:
        self.cover.setVisible(covered is not None)
        if covered is not None and self.plan is not None:
            objects = np.array(covered.objects, dtype=np.float64).reshape(-1, 2)
            priors = np.array(covered.priors, dtype=np.float64).reshape(-1, 2)
            self.cover.show_sizes(objects, priors, list(covered.best_for), words.covers(self.plan))

    def _take_fault(self, failure: Failure) -> None:
        self._fault = failure
        self._show()

    def _choose_file(self) -> None:
        path = self._studio.ask.open_path("Pretrained Weights", (".pth", ".pt", ".safetensors"))
        if path is not None:
            self.path.setText(str(path))

    def _show(self) -> None:
        facts, plan = self._facts, self.plan
        self._learns.setText(words.learns(facts))
        self._tried.setText(words.tried(facts))
        self._starts.setText(words.starts("" if self._weights == "file" else self._weights, plan))
        self._runs.setText(self._runs_words())
        for line in (self._why, self._why_folded_out):
            line.setText(" ".join(plan.reasons) if plan else "Looking at annotations and machine…")
        by_minutes = self.limit.currentData() == "minutes"
        self.minutes.setVisible(by_minutes)
        self.epochs.setVisible(not by_minutes)
        self._file_row.setVisible(self.weights.currentData() == "file")
        splits = facts is not None and facts.keep_back is not None
        self.share.setVisible(splits)
        self._share_label.setVisible(splits)
        self._show_wrong()
        self.button.setEnabled(self._is_ready())
        title = plan.title if plan else "" if self.detector.currentData() == AUTO else self.detector.currentText()
        until = self.minutes.text() if by_minutes else self.epochs.text()
        verb = "Add to queue:" if is_training(self._studio) else "Fine-tune"
        self.button.setText(" ".join(part for part in (verb, title, "for", until) if part))
        if self._details.isHidden():
            self._fitting.start(0)

    def _show_wrong(self) -> None:
        faults = ([told(self._fault)] if self._fault is not None else []) + list(self._faults)
        self._wrong.setText(" ".join(faults))
        self._wrong.setVisible(bool(faults) and bool(self._facts and self._facts.n_objects))

    @property
    def _faults(self) -> tuple[str, ...]:
        return tuple(fault for group in (self.network, self.steps, self.pictures) for fault in group.faults)

    def _is_ready(self) -> bool:
        has_weights = self.weights.currentData() != "file" or Path(self._weights).is_file()
        has_material = self._facts is not None and self._facts.n_train > 0 and self._facts.n_objects > 0
        is_known = self.plan is not None or not is_training(self._studio)  # what is queued is queued by its name
        return has_material and has_weights and is_known and self._fault is None and not self._faults

    def _runs_words(self) -> str:
        until = self.minutes.text() if self.limit.currentData() == "minutes" else self.epochs.text()
        device = f" on {self.plan.device}" if self.plan else ""
        after = " It begins when the trainings before it are done." if is_training(self._studio) else ""
        return f"{until}{device}. Go on annotating meanwhile; stop at any time and keep the best so far.{after}"

    def _start(self) -> None:
        wanted: Any = self.wanted
        if self.weights.currentData() == "file":
            self._studio.settings.keep_words(f"weights/{wanted.detector}", [wanted.weights])
        self.accept()
        (queue_training if is_training(self._studio) else start_training)(self._studio, wanted)


def open_fine_tune(studio: Studio, _: Subject, parent: QWidget) -> QDialog:
    """About the open project."""
    return FineTuneDialog(studio, parent)


DIALOG = open_fine_tune
