"""The what-if pane: every number of the network's rules to be turned, and what comes of it on this picture at once."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.tracing.rules import Nms, Suppression
from engine.tracing.stages import Selection
from engine.tracing.trace import Trace
from engine.tracing.whatif import Settings
from studio.commands import named, perform
from studio.inspector import knobs
from studio.inspector.class_table import ClassTable
from studio.inspector.knob_row import KnobRow
from studio.inspector.knobs import SCALE, Knob
from studio.inspector.outcome_words import Outcomes
from studio.surroundings import Studio
from studio.theme import GAP
from studio.what_if import can_be_kept
from studio.widgets import keep_tip, role, scrolling

_METHODS: tuple[tuple[str, Suppression], ...] = (
    ("Drops what overlaps (greedy)", "greedy"),
    ("Soft, linear", "linear"),
    ("Soft, Gaussian", "gaussian"),
)
_TITLES = {"proposals": "Proposals", "detections": "Detections"}
_NOTHING = "Inspect an image to see what other thresholds would do to it."
_FEW = 1_000_000
"""Anchors beyond which counts are not offered: nobody keeps more."""


class WhatIfPane(QWidget):
    """Sliders by selection, what comes of them, and what to do with them."""

    def __init__(self, studio: Studio) -> None:
        """Of the studio's inspection."""
        super().__init__()
        self._studio, self._of = studio, studio.inspection.what_if
        self.rows: dict[tuple[str, int, str], KnobRow] = {}
        self.methods: dict[tuple[str, int], QComboBox] = {}
        self.scale: KnobRow | None = None
        self.table: ClassTable | None = None
        self.by_class = QToolButton()
        self._knobs: dict[tuple[str, int, str], Knob] = {}
        self._made_for: object = None
        self.outcomes = Outcomes(studio)
        self.keep, self.back = (
            self._button("inspect.keep_settings", "Keep"),
            self._button("inspect.own_settings", "Run's own"),
        )
        self._scroll = scrolling()
        self._lay_out()
        for signal in (self._of.settings_changed, self._of.kept_changed, studio.session.writable_changed):
            signal.connect(self._show_settings)
        self._show_settings()

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what would be detected."""
        super().showEvent(event)
        self._of.show_found(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """No more."""
        super().hideEvent(event)
        self._of.show_found(False)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setContentsMargins(GAP, 0, GAP, GAP)
        buttons.setSpacing(GAP)
        buttons.addWidget(self.keep, 1)
        buttons.addWidget(self.back, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addWidget(self.outcomes)
        column.addWidget(self._scroll, 1)
        column.addLayout(buttons)

    def _button(self, name: str, text: str) -> QPushButton:
        """A short text, as the pane is narrow; what it does is in its tooltip."""
        (wanted,) = named(name)
        button = QPushButton(text)
        button.setAccessibleName(wanted.title)
        keep_tip(button, self._studio.keys, wanted)
        button.clicked.connect(lambda: perform(self._studio, wanted))
        return button

    def _show_settings(self) -> None:
        trace, settings, own = self._of.trace, self._of.settings, self._of.own_settings
        if trace is None or settings is None or own is None:
            self._forget()
            return
        kind = (trace.origin, id(own), tuple(sorted(_methods(settings).items())))
        if kind != self._made_for:
            self._made_for = kind
            self._make(trace, settings)
        for key, knob in self._knobs.items():
            self.rows[key].show_value(knob.value(settings.rules), knob.value(own.rules))
        for (name, at), combo in self.methods.items():
            with QSignalBlocker(combo):
                combo.setCurrentIndex(combo.findData(_methods(settings)[name, at]))
        if self.scale is not None:
            self.scale.show_value(settings.anchor_scale, own.anchor_scale)
        if self.table is not None:
            self.table.show_rules(settings.rules)
        is_own = settings == own
        self.back.setEnabled(not is_own)
        self.keep.setEnabled(self._studio.session.can_write and can_be_kept(self._of))

    def _put(self, widget: QWidget) -> None:
        """In place of the column before, which may be what is just being used: it goes a moment later."""
        before = self._scroll.takeWidget()
        if before is not None:
            before.hide()
            before.deleteLater()
        self._scroll.setWidget(widget)

    def _forget(self) -> None:
        self.rows, self.methods, self._knobs, self.scale, self.table = {}, {}, {}, None, None
        nothing = role(QLabel(_NOTHING), "faint")
        nothing.setWordWrap(True)
        nothing.setMargin(GAP)
        self._put(nothing)
        self.back.setEnabled(False)
        self.keep.setEnabled(False)

    def _make(self, trace: Trace, settings: Settings) -> None:
        """The column of knobs; where one was, its place in the scrolled column stays."""
        at = self._scroll.verticalScrollBar().value()
        self.rows, self.methods, self._knobs = {}, {}, {}
        widget = QWidget()
        column = QVBoxLayout(widget)
        column.setContentsMargins(GAP, 0, GAP, GAP)
        column.setSpacing(GAP)
        counts = {each.name: min(len(trace.scores_of(each).scores), _FEW) for each in trace.all(Selection)}
        found = knobs.knobs(settings.rules, counts)
        for name in settings.rules:
            column.addWidget(role(QLabel(_TITLES.get(name, name)), "title"))
            self._add_knobs(column, settings, [knob for knob in found if knob.selection == name])
        self._add_classes(column, trace, settings)
        self._add_scale(column)
        column.addStretch(1)
        self._put(widget)
        self._scroll.verticalScrollBar().setValue(at)

    def _add_knobs(self, column: QVBoxLayout, settings: Settings, found: list[Knob]) -> None:
        told: set[int] = set()
        for knob in found:
            if isinstance(settings.rules[knob.selection][knob.at], Nms) and knob.at not in told:
                told.add(knob.at)
                column.addWidget(self._method(knob.selection, knob.at))
            row = KnobRow(knob.title, knob.tip, knob.span, self._studio.theme)
            row.turned.connect(partial(self._turn, knob))
            self.rows[knob.key], self._knobs[knob.key] = row, knob
            column.addWidget(row)

    def _method(self, selection: str, at: int) -> QComboBox:
        combo = QComboBox()
        for title, method in _METHODS:
            combo.addItem(title, method)
        combo.setAccessibleName(f"Suppression of the {selection}")
        combo.setToolTip("What becomes of a box that overlaps a more certain one")
        combo.currentIndexChanged.connect(lambda: self._choose_method(selection, at, combo.currentData()))
        self.methods[selection, at] = combo
        return combo

    def _add_classes(self, column: QVBoxLayout, trace: Trace, settings: Settings) -> None:
        """Thresholds by class, where there are several."""
        self.table = None
        if len(trace.origin.class_names) < 2:
            return
        self.by_class = QToolButton()
        self.by_class.setText("Thresholds by class")
        self.by_class.setCheckable(True)
        self.by_class.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.table = ClassTable(trace.origin.class_names, settings.rules)
        self.table.chosen.connect(self._choose_for_class)
        self.by_class.toggled.connect(self.table.setVisible)
        has_own = any(getattr(cut, "by_class", None) for cut in settings.rules[list(settings.rules)[-1]])
        self.by_class.setChecked(has_own)
        self.table.setVisible(has_own)
        column.addWidget(self.by_class)
        column.addWidget(self.table)

    def _add_scale(self, column: QVBoxLayout) -> None:
        column.addWidget(role(QLabel("Anchors"), "title"))
        self.scale = KnobRow("Scale of the anchors", _SCALE_TIP, SCALE, self._studio.theme)
        self.scale.turned.connect(self._scale)
        column.addWidget(self.scale)

    def _turn(self, knob: Knob, value: float) -> None:
        if (settings := self._of.settings) is not None:
            self._of.set_settings(replace(settings, rules=knob.turned(settings.rules, value)))

    def _choose_method(self, selection: str, at: int, method: Suppression) -> None:
        if (settings := self._of.settings) is not None:
            rules = knobs.with_method(settings.rules, selection, at, method)
            self._of.set_settings(replace(settings, rules=rules))

    def _choose_for_class(self, at: int, class_index: int, value: float | None) -> None:
        if (settings := self._of.settings) is not None:
            rules = knobs.with_own(settings.rules, list(settings.rules)[-1], at, (class_index, value))
            self._of.set_settings(replace(settings, rules=rules))

    def _scale(self, value: float) -> None:
        if (settings := self._of.settings) is not None:
            self._of.set_settings(replace(settings, anchor_scale=value))


_SCALE_TIP = "What the same offsets would give if every anchor's sides were so many times as long."


def _methods(settings: Settings) -> dict[tuple[str, int], Suppression]:
    return {
        (name, at): cut.method
        for name, rules in settings.rules.items()
        for at, cut in enumerate(rules)
        if isinstance(cut, Nms)
    }
