"""How faces are decided: which embedder, which rule, and up to which distance a person is accepted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from engine.gallery import RULES, Rule
from studio.faces.decision_words import RULE_TIPS, RULE_TITLES
from studio.theme import GAP
from studio.widgets import role

Key: TypeAlias = int | str
"""Of an embedder: its id in the project, or the name of one that can be had."""
SHARES = (0.1, 0.05, 0.02, 0.01, 0.005, 0.001)
"""Of strangers that may be taken for somebody: what an automatic threshold can be asked for."""
_STEPS = 1000
_BY_HAND = "By hand"


@dataclass(frozen=True, slots=True)
class Deciding:
    """What the pane shows."""

    embedders: tuple[tuple[Key, str], ...]
    """Ids, or names of those that are not there yet, and titles."""
    embedder_id: int | None
    rule: Rule
    threshold: float
    """That decides now; NaN where there is none yet."""
    is_automatic: bool
    far: float
    farthest: float
    """Where the slider ends."""
    words: tuple[str, ...] = ()
    """What the threshold is worth, and what to expect at this gallery's size."""


class RulePane(QFrame):
    """Choices that count from the moment they are made."""

    embedder_wanted = Signal(object)
    """An id, or the name of one that is not there yet."""
    rule_wanted = Signal(str)
    threshold_dragged = Signal(float)
    """The slider is being moved there."""
    threshold_wanted = Signal(float)
    far_wanted = Signal(float)
    """An automatic threshold, for this share of strangers."""

    def __init__(self) -> None:
        """Nothing to choose yet."""
        super().__init__()
        role(self, "card")
        self.deciding: Deciding | None = None
        self.embedder, self.rule, self.way = QComboBox(), QComboBox(), QComboBox()
        for rule in RULES:
            self.rule.addItem(RULE_TITLES[rule], rule)
            self.rule.setItemData(self.rule.count() - 1, RULE_TIPS[rule], Qt.ItemDataRole.ToolTipRole)
        for share in SHARES:
            self.way.addItem(f"For 1 in {round(1 / share):,}", share)
        self.way.addItem(_BY_HAND, None)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, _STEPS)
        self.number = QDoubleSpinBox()
        self.number.setRange(0, 1e6)
        self.number.setKeyboardTracking(False)
        self.number.setFixedWidth(80)
        self.words = role(QLabel(), "faint")
        self.words.setWordWrap(True)
        self._name()
        self._lay_out()
        self.embedder.activated.connect(lambda at: self.embedder_wanted.emit(self.embedder.itemData(at)))
        self.rule.activated.connect(lambda at: self.rule_wanted.emit(self.rule.itemData(at)))
        self.way.activated.connect(self._choose_way)
        self.slider.valueChanged.connect(self._on_slider)
        self.slider.sliderReleased.connect(lambda: self.threshold_wanted.emit(self._on_scale()))
        self.number.valueChanged.connect(self.threshold_wanted)

    def _name(self) -> None:
        self.embedder.setAccessibleName("Embedder")
        self.embedder.setToolTip("What turns a crop into the vector that is compared")
        self.rule.setAccessibleName("Rule")
        self.rule.setToolTip("How far a person with several templates is")
        self.way.setAccessibleName("How the threshold is set")
        self.way.setToolTip("By hand, or by itself, so that no more than so many strangers are taken for somebody")
        self.slider.setAccessibleName("Threshold")
        self.number.setAccessibleName("Threshold as a number")
        for each in (self.embedder, self.rule, self.way):
            each.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            each.setMinimumContentsLength(15)

    def _lay_out(self) -> None:
        form = self._form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(GAP)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        line = QHBoxLayout()
        line.setSpacing(GAP)
        line.addWidget(self.slider, 1)
        line.addWidget(self.number)
        for said, field in (("Embedder", self.embedder), ("Rule", self.rule), ("Threshold", self.way), ("", line)):
            form.addRow(said, field)
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP + 4, GAP, GAP + 4, GAP)
        column.setSpacing(GAP)
        column.addWidget(role(QLabel("How it decides"), "title"))
        column.addLayout(form)
        column.addWidget(self.words)

    def add_row(self, said: str, field: QWidget) -> None:
        """A further choice, below the others."""
        self._form.addRow(said, field)

    def show_deciding(self, deciding: Deciding) -> None:
        """Show what is in force; nothing is told."""
        self.deciding = deciding
        blockers = [QSignalBlocker(each) for each in (self.embedder, self.rule, self.way, self.slider, self.number)]
        self._show_embedders(deciding.embedders, deciding.embedder_id)
        self.rule.setCurrentIndex(max(0, self.rule.findData(deciding.rule)))
        self._show_way(deciding)
        is_known = math.isfinite(deciding.threshold)
        for each in (self.slider, self.number):
            each.setEnabled(is_known)
        decimals = 3 if deciding.farthest < 10 else 1
        self.number.setDecimals(decimals)
        self.number.setSingleStep(10.0**-decimals * 5)
        if is_known:
            self.number.setValue(deciding.threshold)
            if not self.slider.isSliderDown():
                self.slider.setValue(round(deciding.threshold / max(deciding.farthest, 1e-12) * _STEPS))
        self.words.setText("\n".join(deciding.words))
        self.words.setVisible(bool(deciding.words))
        del blockers

    def _show_embedders(self, embedders: Sequence[tuple[Key, str]], chosen: int | None) -> None:
        self.embedder.clear()
        for embedder_id, title in embedders:
            self.embedder.addItem(title, embedder_id)
        self.embedder.setEnabled(bool(embedders))
        self.embedder.setCurrentIndex(-1 if chosen is None else self.embedder.findData(chosen))
        self.embedder.setPlaceholderText("Choose one" if embedders else "None yet")

    def _show_way(self, deciding: Deciding) -> None:
        """The share that is asked for, also one that is not in the list."""
        if not deciding.is_automatic:
            self.way.setCurrentIndex(self.way.findText(_BY_HAND))
            return
        found = [n for n in range(self.way.count() - 1) if math.isclose(self.way.itemData(n), deciding.far)]
        if not found:
            self.way.insertItem(0, f"For 1 in {round(1 / deciding.far):,}", deciding.far)
        self.way.setCurrentIndex(found[0] if found else 0)

    def _choose_way(self, at: int) -> None:
        share = self.way.itemData(at)
        if share is not None:
            self.far_wanted.emit(share)
        elif self.deciding is not None and math.isfinite(self.deciding.threshold):
            self.threshold_wanted.emit(self.deciding.threshold)

    def _on_slider(self) -> None:
        """While it is dragged it is told of at once, and kept where it is let go; a key or a click is kept at once."""
        self.threshold_dragged.emit(self._on_scale())
        if not self.slider.isSliderDown():
            self.threshold_wanted.emit(self._on_scale())

    def _on_scale(self) -> float:
        farthest = self.deciding.farthest if self.deciding is not None else 1.0
        return self.slider.value() / _STEPS * farthest
