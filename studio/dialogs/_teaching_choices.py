"""Everything that can be chosen about the training of an embedder, in a list to scroll through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSpinBox, QVBoxLayout, QWidget

from engine.faces.plan import FacePlan, FacePlanRequest
from studio.dialogs._concerned import counted
from studio.dialogs._frame import form, paragraph
from studio.dialogs._option_fields import OptionGroup
from studio.dialogs._titled import Choice
from studio.dialogs._training_choices import LEAST_HEIGHT
from studio.surroundings import Studio
from studio.theme import GAP

_EPOCHS = 60


class Limit(QWidget):
    """Until when: minutes or epochs."""

    changed = Signal()

    def __init__(self, minutes: int) -> None:
        """So many minutes, until somebody says otherwise."""
        super().__init__()
        self.kind, self.minutes, self.epochs = Choice(), QSpinBox(), QSpinBox()
        self.is_own = False
        """Whether a person has chosen."""
        for title, name in (("Minutes", "minutes"), ("Epochs", "epochs")):
            self.kind.addItem(title, name)
        for spin, most, value, unit in (
            (self.minutes, 24 * 60, minutes, " min"),
            (self.epochs, 10_000, _EPOCHS, " epochs"),
        ):
            spin.setRange(1, most)
            spin.setValue(value)
            spin.setSuffix(unit)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        for each in (self.kind, self.minutes, self.epochs):
            row.addWidget(each)
        row.addStretch(1)
        self.kind.currentIndexChanged.connect(self._take)
        for spin in (self.minutes, self.epochs):
            spin.valueChanged.connect(self._take)
        self._show()

    @property
    def given(self) -> Mapping[str, Any]:
        """As a recipe has it."""
        if self.kind.currentData() == "minutes":
            return {"minutes": float(self.minutes.value())}
        return {"epochs": self.epochs.value()}

    @property
    def words(self) -> str:
        """As '3 minutes' or '60 epochs'."""
        if self.kind.currentData() == "epochs":
            return counted(self.epochs.value(), "epoch")
        return counted(self.minutes.value(), "minute")

    def suggest(self, minutes: float) -> None:
        """So long, where no person has chosen."""
        if not self.is_own:
            self.minutes.blockSignals(True)
            self.minutes.setValue(round(minutes))
            self.minutes.blockSignals(False)

    def _take(self) -> None:
        self.is_own = True
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        is_minutes = self.kind.currentData() == "minutes"
        self.minutes.setVisible(is_minutes)
        self.epochs.setVisible(not is_minutes)


class TeachingChoices(QScrollArea):
    """The choices; what no person has chosen follows the plan."""

    decided = Signal()
    """Something was chosen that the plan depends on."""
    changed = Signal()

    def __init__(self, studio: Studio) -> None:
        """As they are at first."""
        super().__init__()
        self.why = paragraph("…", "text")
        self.limit = Limit(3)
        self.steps = OptionGroup("Steps", studio.theme)
        self.network = OptionGroup("Network", studio.theme)
        self._plan: FacePlan | None = None
        self._lay_out()
        self.limit.changed.connect(self.changed)
        self.steps.changed.connect(self.decided)
        self.network.changed.connect(self.decided)

    @property
    def request(self) -> FacePlanRequest:
        """What is decided already."""
        own = self.limit.given if self.limit.is_own else {}
        return FacePlanRequest({**own, **self.steps.given}, dict(self.network.given))

    @property
    def recipe(self) -> Mapping[str, Any]:
        """All of the recipe: as it was planned, and what a person chose."""
        planned = {each.name: each.value for each in self._plan.recipe} if self._plan else {}
        return {**planned, **self.steps.given, **self.limit.given}

    @property
    def faults(self) -> tuple[str, ...]:
        """What cannot be read of what is written."""
        return (*self.steps.faults, *self.network.faults)

    def show_plan(self, plan: FacePlan) -> None:
        """Show what is chosen, where no person has chosen."""
        self._plan = plan
        self.why.setText(" ".join(plan.reasons))
        self.limit.suggest(plan.minutes)
        self.steps.show_options(plan.recipe)
        self.network.show_options(plan.options)

    def _lay_out(self) -> None:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(GAP, 0, GAP, GAP)
        column.setSpacing(GAP)
        column.addWidget(self.why)
        rows = form()
        rows.addRow("Until", self.limit)
        column.addLayout(rows)
        column.addWidget(self.steps)
        column.addWidget(self.network)
        column.addStretch(1)
        self.setWidget(inner)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumHeight(LEAST_HEIGHT)
