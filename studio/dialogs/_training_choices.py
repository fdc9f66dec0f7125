"""Everything that can be chosen about a training, in a list to scroll through: first the choices all trainings have."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from engine.training.plan import AUTO, Covered, Plan, PlanRequest
from studio.charts.dots import Dots
from studio.dialogs import _training_words as words
from studio.dialogs._concerned import counted
from studio.dialogs._frame import form, paragraph
from studio.dialogs._option_fields import OptionGroup
from studio.dialogs._titled import Choice
from studio.surroundings import Studio
from studio.theme import GAP

DEFAULT_MINUTES, DEFAULT_EPOCHS, DEFAULT_SHARE = 10, 20, 20
WEIGHTS = (("Pretrained, official", "auto"), ("Pretrained, from a file", "file"), ("From scratch", "none"))
DEVICES = (("Best there is", "auto"), ("CPU", "cpu"), ("NVIDIA GPU", "cuda"))
_AUTO_WORDS = "Chosen from the annotations"
LEAST_HEIGHT, HEIGHT = 120, 340


class TrainingChoices(QScrollArea):
    """The choices; what no person has chosen follows the plan."""

    decided = Signal()
    """Something was chosen that the plan depends on."""
    changed = Signal()
    """Something else was chosen."""

    def __init__(self, studio: Studio) -> None:
        """As they are at first."""
        super().__init__()
        self._studio = studio
        self._is_own_time = self._is_own_weights = False
        self.why = paragraph("…", "text")
        self.detector, self.limit, self.weights, self.device = Choice(), Choice(), Choice(), Choice()
        self.minutes, self.epochs, self.share, self.path = QSpinBox(), QSpinBox(), QSlider(), QLineEdit()
        self.network = OptionGroup("Network", studio.theme)
        self.steps = OptionGroup("Steps", studio.theme)
        self.pictures = OptionGroup("How pictures vary", studio.theme)
        self.cover = Dots("Sizes of objects and priors", studio.theme)
        self._prepare()
        self._lay_out()
        self._connect()

    @property
    def request(self) -> PlanRequest:
        """What is decided already."""
        before = self._studio.settings.words_of("weights/yolo")
        return PlanRequest(
            self.detector.currentData(),
            dict(self.network.given),
            self.start_from if self._is_own_weights else AUTO,
            self.device.currentData(),
            {"yolo": before[0]} if before else {},
        )

    @property
    def detector_by_hand(self) -> str:
        """The title of the detector that a person chose; '' where it is chosen from the annotations."""
        return "" if self.detector.currentData() == AUTO else self.detector.currentText()

    @property
    def start_from(self) -> str:
        """'auto', 'none' or the path of a file; 'file' where none is named yet."""
        choice = str(self.weights.currentData())
        return str(Path(self.path.text()).expanduser()) if choice == "file" and self.path.text() else choice

    @property
    def has_weights(self) -> bool:
        """Whether what it shall start from is there."""
        return self.weights.currentData() != "file" or Path(self.start_from).is_file()

    @property
    def n_minutes(self) -> float | None:
        """How long it shall take; None where epochs are given."""
        return float(self.minutes.value()) if self.limit.currentData() == "minutes" else None

    @property
    def n_epochs(self) -> int | None:
        """How many epochs it shall take; None where minutes are given."""
        return None if self.n_minutes is not None else self.epochs.value()

    @property
    def until(self) -> str:
        """The limit in words."""
        return self.minutes.text() if self.n_minutes is not None else counted(self.epochs.value(), "epoch")

    @property
    def faults(self) -> tuple[str, ...]:
        """What cannot be read of what is written."""
        return tuple(fault for group in (self.network, self.steps, self.pictures) for fault in group.faults)

    def show_plan(self, plan: Plan) -> None:
        """Show what is chosen, where no person has chosen."""
        for name, title in plan.detectors:
            if self.detector.findData(name) < 0:
                self.detector.addItem(title, name)
        if self.detector.currentData() == AUTO:
            self.detector.setItemText(0, f"{_AUTO_WORDS}: {plan.title}")
        self.why.setText(" ".join(plan.reasons))
        self.network.show_options(plan.options)
        self.steps.show_options(plan.recipe)
        self.pictures.show_options(plan.augmentation)
        self._show_cover(plan.covered, words.covers(plan))
        self._fill_in(plan)

    def show_share(self, is_asked: bool) -> None:
        """Offer how much is kept for validation, or not; and of the other rows those that count."""
        self._share_label.setVisible(is_asked)
        self.share.setVisible(is_asked)
        self.minutes.setVisible(self.n_minutes is not None)
        self.epochs.setVisible(self.n_minutes is None)
        self._file_row.setVisible(self.weights.currentData() == "file")

    def choose_file(self) -> None:
        """Ask for a file of weights."""
        path = self._studio.ask.open_path("Pretrained Weights", (".pth", ".pt", ".safetensors"))
        if path is not None:
            self.path.setText(str(path))

    def _prepare(self) -> None:
        for spin, most, value, unit in (
            (self.minutes, 24 * 60, DEFAULT_MINUTES, " minutes"),
            (self.epochs, 10_000, DEFAULT_EPOCHS, " epochs"),
        ):
            spin.setRange(1, most)
            spin.setValue(value)
            spin.setSuffix(unit)
        self.share.setOrientation(Qt.Orientation.Horizontal)
        self.share.setRange(5, 50)
        self.share.setValue(DEFAULT_SHARE)
        self.detector.addItem(_AUTO_WORDS, AUTO)
        for box, choices in (
            (self.limit, (("Minutes", "minutes"), ("Epochs", "epochs"))), (self.weights, WEIGHTS),
            (self.device, DEVICES),
        ):  # fmt: skip
            for title, name in choices:
                box.addItem(title, name)
        self.path.setPlaceholderText("A .pth, .pt or .safetensors file")

    def _lay_out(self) -> None:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(GAP, 0, GAP, GAP)
        column.setSpacing(GAP)
        column.addWidget(self.why)
        column.addLayout(self._form())
        for each in (self.network, self.cover, self.steps, self.pictures):
            column.addWidget(each)
        column.addStretch(1)
        self.setWidget(inner)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumHeight(LEAST_HEIGHT)

    def _form(self) -> QFormLayout:
        rows = form()
        until = QHBoxLayout()
        until.setSpacing(GAP)
        until.addWidget(self.limit)
        until.addWidget(self.minutes, 1)
        until.addWidget(self.epochs, 1)
        choose = QPushButton("Choose…")
        choose.setAutoDefault(False)
        choose.clicked.connect(self.choose_file)
        self._file_row = QWidget()
        row = QHBoxLayout(self._file_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.path, 1)
        row.addWidget(choose)
        self._share_label = QLabel("Keep for validation")
        rows.addRow("Network", self.detector)
        rows.addRow("Until", until)
        rows.addRow("Start from", self.weights)
        rows.addRow("", self._file_row)
        rows.addRow("On", self.device)
        rows.addRow(self._share_label, self.share)
        return rows

    def _connect(self) -> None:
        self.limit.currentIndexChanged.connect(self._take_time)
        for spin in (self.minutes, self.epochs):
            spin.valueChanged.connect(self._take_time)
        self.weights.currentIndexChanged.connect(self._take_weights)
        self.path.textChanged.connect(self._take_weights)
        for box in (self.device, self.detector):
            box.currentIndexChanged.connect(self.decided)
        self.network.changed.connect(self.decided)
        for group in (self.steps, self.pictures):
            group.changed.connect(self.changed)

    def _take_time(self) -> None:
        self._is_own_time = True
        self.changed.emit()

    def _take_weights(self) -> None:
        self._is_own_weights = True
        (self.decided if self.has_weights else self.changed).emit()

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

    def _show_cover(self, covered: Covered | None, note: str) -> None:
        self.cover.setVisible(covered is not None)
        if covered is not None:
            objects, priors = (
                np.array(sides, dtype=np.float64).reshape(-1, 2) for sides in (covered.objects, covered.priors)
            )
            self.cover.show_sizes(objects, priors, list(covered.best_for), note)
