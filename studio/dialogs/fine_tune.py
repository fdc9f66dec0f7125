"""Fine-tune: what will happen in words, and one big button; everything that can be chosen is folded away below."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSlider,
    QSpinBox,
    QToolButton,
    QWidget,
)  # fmt: skip

from engine.project.material import Material, material
from studio.dialogs._frame import Frame, paragraph
from studio.errands import FineTune, Machine
from studio.orders import Task
from studio.surroundings import Studio, Subject
from studio.theme import GAP
from studio.training import start_training
from studio.widgets import role

DETECTOR, TITLE = "mask_rcnn", "Mask R-CNN"
DEFAULT_MINUTES = 10
DEFAULT_SHARE = 20
WEIGHTS = (("Pretrained, official", "auto"), ("Pretrained, from a file", "file"), ("From scratch", "none"))
DEVICES = (("Best there is", "auto"), ("CPU", "cpu"), ("NVIDIA GPU", "cuda"))


class FineTuneDialog(Frame):
    """Says what will happen, and starts it."""

    def __init__(self, studio: Studio, parent: QWidget) -> None:
        """About the open project."""
        super().__init__("Fine-tune", parent, width=560)
        self._studio = studio
        self._facts: Material | None = None
        self._machine: Machine | None = None
        self._learns, self._tried, self._runs, self._starts = (paragraph("…", "text") for _ in range(4))
        self.minutes, self.epochs, self.seed, self.share = QSpinBox(), QSpinBox(), QSpinBox(), QSlider()
        self.limit, self.weights, self.device, self.path = QComboBox(), QComboBox(), QComboBox(), QLineEdit()
        self.detector = QComboBox()
        self._details = QFrame()
        self._prepare()
        self._lay_out()
        self._connect()
        self._ask_facts()
        self._ask_machine()
        self._show()

    @property
    def wanted(self) -> FineTune:
        """How to train, as it is chosen now."""
        by_minutes = self.limit.currentData() == "minutes"
        weights = self.weights.currentData()
        return FineTune(
            self.detector.currentData(),
            float(self.minutes.value()) if by_minutes else None,
            None if by_minutes else self.epochs.value(),
            str(Path(self.path.text()).expanduser()) if weights == "file" else weights,
            self.device.currentData(),
            self.seed.value(),
            self._facts.keep_back if self._facts else None,
            self._studio.session.author_id,
        )

    def _prepare(self) -> None:
        self.minutes.setRange(1, 24 * 60)
        self.minutes.setValue(DEFAULT_MINUTES)
        self.minutes.setSuffix(" minutes")
        self.epochs.setRange(1, 10_000)
        self.epochs.setValue(20)
        self.epochs.setSuffix(" epochs")
        self.seed.setRange(0, 2**31 - 1)
        self.share.setOrientation(Qt.Orientation.Horizontal)
        self.share.setRange(5, 50)
        self.share.setValue(DEFAULT_SHARE)
        self.detector.addItem(TITLE, DETECTOR)
        self.limit.addItem("Minutes", "minutes")
        self.limit.addItem("Epochs", "epochs")
        for box, choices in ((self.weights, WEIGHTS), (self.device, DEVICES)):
            for title, value in choices:
                box.addItem(title, value)
        self.path.setPlaceholderText("A .pth, .pt or .safetensors file")

    def _lay_out(self) -> None:
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
        )
        for n, (title, words) in enumerate(rows):
            grid.addWidget(role(QLabel(title), "faint"), n, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(words, n, 1)
        grid.setColumnStretch(1, 1)
        self.body.addWidget(card)
        self.button = role(QPushButton("Start"), "big")
        self.button.setDefault(True)
        self.body.addSpacing(GAP)
        self.body.addWidget(self.button)
        self._toggle = QToolButton()
        self._toggle.setText("Details")
        self._toggle.setCheckable(True)
        self._toggle.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._toggle.setArrowType(Qt.ArrowType.RightArrow)
        self.body.addWidget(self._toggle)
        self._lay_out_details()
        self.body.addWidget(self._details)
        self.body.addStretch(1)
        self.add_button("Cancel", self.reject)

    def _lay_out_details(self) -> None:
        form = QFormLayout(self._details)
        form.setContentsMargins(GAP, 0, 0, 0)
        form.setVerticalSpacing(GAP)
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
        form.addRow("Seed", self.seed)
        self._share_label = QLabel("Keep for validation")
        form.addRow(self._share_label, self.share)
        self._details.hide()

    def _connect(self) -> None:
        self.button.clicked.connect(self._start)
        self._toggle.toggled.connect(self._fold)
        for box in (self.limit, self.weights, self.device):
            box.currentIndexChanged.connect(self._show)
        self.detector.currentIndexChanged.connect(self._change_detector)
        for spin in (self.minutes, self.epochs):
            spin.valueChanged.connect(self._show)
        self.path.textChanged.connect(self._show)
        self.share.valueChanged.connect(self._ask_facts)

    def _fold(self, is_open: bool) -> None:
        self._toggle.setArrowType(Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow)
        self._details.setVisible(is_open)
        self.fit_height()

    def _ask_facts(self) -> None:
        share = self.share.value() / 100
        self._studio.session.ask("fine-tune facts", lambda project: material(project, share), self._take_facts)

    def _take_facts(self, facts: Material) -> None:
        self._facts = facts
        self._show()

    def _ask_machine(self) -> None:
        task = Task(
            "Look at this machine", "train", "studio.errands:look_at_machine", None, (self.detector.currentData(),)
        )
        self._look = job = self._studio.jobs.start(task, quiet=True)
        job.ended.connect(self._on_looked)  # not a lambda: that would be called when the dialog is gone
        self.finished.connect(lambda: self._studio.jobs.stop(job))

    def _on_looked(self) -> None:
        machine = self._look.result
        if not isinstance(machine, Machine) or machine.detector != self.detector.currentData():
            return
        self._machine = machine
        for name, title in machine.detectors:
            if self.detector.findData(name) < 0:
                self.detector.addItem(title, name)
        self._show()

    def _change_detector(self) -> None:
        self._machine = None
        self._ask_machine()
        self._show()

    def _choose_file(self) -> None:
        path = self._studio.ask.open_path("Pretrained Weights", (".pth", ".pt", ".safetensors"))
        if path is not None:
            self.path.setText(str(path))

    def _show(self) -> None:
        facts = self._facts
        self._learns.setText(_learns(facts))
        self._tried.setText(_tried(facts))
        self._starts.setText(self._starts_words())
        self._runs.setText(self._runs_words())
        by_minutes = self.limit.currentData() == "minutes"
        self.minutes.setVisible(by_minutes)
        self.epochs.setVisible(not by_minutes)
        self._file_row.setVisible(self.weights.currentData() == "file")
        splits = facts is not None and facts.keep_back is not None
        self.share.setVisible(splits)
        self._share_label.setVisible(splits)
        self.button.setEnabled(self._is_ready())
        if self._details.isHidden():
            self.fit_height()
        self.button.setText(
            f"Fine-tune {self.detector.currentText()} for {self.minutes.text() if by_minutes else self.epochs.text()}"
        )

    def _is_ready(self) -> bool:
        has_weights = self.weights.currentData() != "file" or Path(self.path.text()).expanduser().is_file()
        return self._facts is not None and self._facts.n_train > 0 and self._facts.n_objects > 0 and has_weights

    def _starts_words(self) -> str:
        choice = self.weights.currentData()
        if choice == "none":
            return "From scratch: no pretrained weights. It needs many more pictures and much more time."
        if choice == "file":
            path = Path(self.path.text()).expanduser()
            return f"Weights in {path.name}" if path.is_file() else "Choose a file of weights below."
        if self._machine is None:
            return "Official pretrained weights"
        if not self._machine.official:
            return "From scratch: there are no official weights for it."
        had = "downloaded before" if self._machine.is_cached else "downloaded once, with the hash checked"
        return f"Official weights {self._machine.official}, {had}"

    def _runs_words(self) -> str:
        until = self.minutes.text() if self.limit.currentData() == "minutes" else self.epochs.text()
        device = f" on {self._machine.device}" if self._machine and self.device.currentData() == "auto" else ""
        waits = any(job.task.lane == "train" for job in self._studio.jobs.active if not job.is_quiet)
        after = " It begins when the running training is done." if waits else ""
        return f"{until}{device}. Go on annotating meanwhile; stop at any time and keep the best so far.{after}"

    def _start(self) -> None:
        wanted = self.wanted
        self.accept()
        start_training(self._studio, wanted)


def _learns(facts: Material | None) -> str:
    if facts is None:
        return "Counting…"
    if not facts.n_objects:
        return "Nothing yet: annotate some pictures first. A few dozen objects are a beginning."
    classes = "1 class" if facts.n_classes == 1 else f"{facts.n_classes} classes"
    kept_back = " (those for validation included)" if facts.keep_back else ""
    return f"{_pictures(facts.n_train, 'annotated ')}; {facts.n_objects:,} objects of {classes}{kept_back}"


def _pictures(n: int, kind: str = "") -> str:
    return f"1 {kind}picture" if n == 1 else f"{n:,} {kind}pictures"


def _tried(facts: Material | None) -> str:
    if facts is None:
        return "…"
    if facts.keep_back is not None:
        return f"{_pictures(facts.n_val)}, kept back now so that every class is among them (one step to undo)"
    if not facts.n_val:
        return "No picture: there are too few to keep one back."
    return f"{_pictures(facts.n_val)} of the validation split"


def open_fine_tune(studio: Studio, _: Subject, parent: QWidget) -> QDialog:
    """About the open project."""
    return FineTuneDialog(studio, parent)


DIALOG = open_fine_tune
