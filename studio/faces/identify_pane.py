"""Identify (1:K): probes, who each may be and why, and what decides; keys and buttons answer."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QImage,
    QKeyEvent,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.project.gallery_edits import KeepGallerySettings
from studio.asked_faces import Probe
from studio.faces import taking
from studio.faces.decision_chart import DecisionChart
from studio.faces.decision_words import RULE_TITLES
from studio.faces.embedders import Embedders
from studio.faces.in_sight import InSight
from studio.faces.model import FacesModel
from studio.faces.probe_strip import ProbeStrip
from studio.faces.probe_telling import MOST_ROWS, ProbeTelling
from studio.faces.rule_pane import RulePane
from studio.faces.saving import ChartSaver
from studio.faces.spread_chart import SpreadChart
from studio.faces.spreads import SearchSpread
from studio.faces.verdict_pane import VerdictPane
from studio.finder_box import FinderBox
from studio.surroundings import Studio
from studio.theme import GAP
from studio.widgets import role, scrolling

SIDES = (258, 330)
"""Of the pane at the side: the least and the greatest width."""
NARROW = 640
"""Below this width, what decides does not fit beside the decision."""
_FORWARD, _BACK = (Qt.Key.Key_Right, Qt.Key.Key_D), (Qt.Key.Key_Left, Qt.Key.Key_A)
EMPTY = (
    "Drop pictures of faces here, paste one, or choose files: each is compared with everybody who is enrolled.\n"
    "Nothing of a probe is written to the project until you say who it is or is not."
)


class IdentifyPane(QWidget):
    """Probes above; the one that is looked at below, with the picture of its decision; at the side what decides."""

    def __init__(self, studio: Studio, model: FacesModel) -> None:
        """Of the studio's probes."""
        super().__init__()
        self._studio, self._model, self.probes = studio, model, studio.identifying
        self._pixmaps: dict[int, QPixmap] = {}
        """Crops of probes, by their numbers."""
        self._searches = SearchSpread(model, self)
        self.telling = ProbeTelling(model, self.probes, self._searches)
        self._embedders = Embedders(studio, self)
        self.strip = ProbeStrip(studio.theme)
        self.verdict = VerdictPane()
        self.chart = DecisionChart(studio.theme)
        self.rules = RulePane()
        self.finder = FinderBox(studio)
        self.rules.add_row("Pictures", self.finder)
        self.spread = SpreadChart("Where this distance lies", studio.theme, ("own person", "strangers"))
        self.choose, self.folder = QPushButton("Choose files…"), QToolButton()
        self.folder.setIcon(studio.theme.icon("folder"))
        self.folder.setAccessibleName("Choose a folder")
        self.paste = QPushButton("Paste")
        self.unknown = QPushButton("Take selected")
        self.clear = QPushButton("Clear")
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._lay_out()
        ChartSaver(studio, model, self, lambda: {"decision": self.chart, "distances": self.spread})
        self._in_sight = InSight(self, self._bring_up)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self._show_decision)
        self._listen()

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setSpacing(GAP)
        for button, tip in (
            (self.choose, "Ask about the faces in picture files; they can be dropped here, too"),
            (self.folder, "Ask about every picture in a folder"),
            (self.paste, "Ask about the picture or the files in the clipboard  (Ctrl+V)"),
            (self.unknown, "Ask about the faces that are selected on Unknown or on the map"),
            (self.clear, "Ask about none of these any more; what was said of them stays"),
        ):
            button.setToolTip(tip)
            bar.addWidget(button)
        bar.addStretch(1)
        self.count = role(QLabel(), "faint")
        bar.addWidget(self.count)
        self.empty = role(QLabel(EMPTY), "faint")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self._body())
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP, GAP, GAP, GAP)
        column.setSpacing(GAP)
        column.addLayout(bar)
        column.addWidget(self.strip)
        self._row = QHBoxLayout()
        self._row.setSpacing(GAP)
        self._row.addWidget(self.stack, 2)
        self._row.addWidget(self._side(), 1)
        column.addLayout(self._row, 1)

    def _body(self) -> QWidget:
        inside = QWidget()
        inner = QVBoxLayout(inside)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(GAP)
        inner.addWidget(self.verdict)
        inner.addWidget(self.chart)
        inner.addStretch(1)
        return scrolling(inside)

    def _side(self) -> QWidget:
        inside = QWidget()
        inner = QVBoxLayout(inside)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(GAP)
        inner.addWidget(self.rules)
        inner.addWidget(self.spread)
        inner.addStretch(1)
        self._beside = scrolling(inside)
        return self._beside

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The side takes a third of the width, within limits; where that leaves too little, it goes below."""
        super().resizeEvent(event)
        is_narrow, directions = self.width() < NARROW, QHBoxLayout.Direction
        self._row.setDirection(directions.TopToBottom if is_narrow else directions.LeftToRight)
        low, high = (0, self.width()) if is_narrow else (min(max(SIDES[0], self.width() // 3), SIDES[1]),) * 2
        self._beside.setMinimumWidth(low)
        self._beside.setMaximumWidth(high)

    def _listen(self) -> None:
        probes, model = self.probes, self._model
        refresh = self._in_sight.refresh
        probes.changed.connect(refresh)
        probes.deciding.more_decided.connect(self._show_tiles)
        probes.current_changed.connect(refresh)
        model.crop_ready.connect(lambda _: self._later.start())  # many come together
        self._searches.changed.connect(refresh)
        self._embedders.changed.connect(refresh)
        model.selection_changed.connect(self._show_buttons)
        self._studio.session.writable_changed.connect(refresh)
        self.strip.looked_at.connect(probes.look_at)
        self.strip.drop_wanted.connect(probes.drop)
        self.choose.clicked.connect(partial(taking.ask_files, self._studio))
        self.folder.clicked.connect(partial(taking.ask_folder, self._studio))
        self.paste.clicked.connect(partial(taking.take_clipboard, self._studio))
        self.unknown.clicked.connect(self.take_selected)
        self.clear.clicked.connect(probes.clear)
        self.verdict.confirmed.connect(probes.confirm)
        self.verdict.rejected.connect(probes.reject)
        self.verdict.ignored.connect(probes.ignore)
        self.verdict.named.connect(probes.name)
        self.chart.picked.connect(lambda row: probes.pick(self.chart.rows[row].identity_id))
        for each in (self.chart, self.rules):
            each.threshold_dragged.connect(self._try)
            each.threshold_wanted.connect(lambda value: self._keep(threshold=value))
        self.rules.rule_wanted.connect(lambda rule: self._keep(rule=rule))
        self.rules.far_wanted.connect(lambda far: self._keep(far=far, threshold=None))
        self.rules.embedder_wanted.connect(self._embedders.use)

    def take_selected(self) -> None:
        """Ask about the faces of the project that are selected."""
        self.probes.add_templates(sorted(self._model.selection))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Pictures are welcome."""
        if taking.is_welcome(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Ask about what was dropped."""
        if taking.take(self._studio, event.mimeData(), "Dropped picture"):
            event.acceptProposedAction()

    def event(self, event: QEvent) -> bool:
        """Keep the keys of answers from being commands of the window."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._act_of(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter confirms, Backspace rejects; D, A and the arrows go from probe to probe."""
        act = self._act_of(event)
        if act is None:
            super().keyPressEvent(event)
        else:
            act()

    def _act_of(self, event: QKeyEvent) -> Callable[[], None] | None:
        probes, key = self.probes, Qt.Key(event.key())
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return partial(taking.take_clipboard, self._studio) if key == Qt.Key.Key_V else None
        acts: dict[tuple[Qt.Key, ...], Callable[[], None]] = {
            _FORWARD: partial(probes.step, 1),
            _BACK: partial(probes.step, -1),
            (Qt.Key.Key_Return, Qt.Key.Key_Enter): probes.confirm,
            (Qt.Key.Key_Backspace,): probes.reject,
        }
        return next((act for keys, act in acts.items() if key in keys), None)

    # What is shown

    def _bring_up(self) -> None:
        self._searches.refresh()
        probes = self.probes
        self._show_tiles()
        self.strip.setVisible(bool(probes.all))
        waiting = f"{probes.n_awaited} on their way…" if probes.n_awaited else ""
        n = len(probes.all)
        self.count.setText(waiting or (f"{n} asked about" if n else ""))
        self.stack.setCurrentIndex(1 if probes.current is not None else 0)
        self._show_buttons()
        self._show_decision()

    def _show_tiles(self) -> None:
        probes = self.probes
        self.strip.show_tiles([self.telling.tile(each, self._pixmap(each)) for each in probes.all], probes.number)

    def _show_buttons(self) -> None:
        n = len(self._model.selection)
        self.unknown.setText(f"Take {n} selected" if n else "Take selected")
        self.unknown.setEnabled(bool(n))
        self.clear.setEnabled(bool(self.probes.all))

    def _show_decision(self) -> None:
        probe, telling = self.probes.current, self.telling
        self.rules.show_deciding(telling.deciding(self._embedders.choices))
        if probe is None:
            self.spread.show_spread(telling.spread, telling.threshold)
            return
        people = sorted(each.name for each in self._model.identities.values())
        self.verdict.show_verdict(telling.verdict(probe, self._pixmap(probe)), people)
        decision, everybody = telling.decision(probe), self.probes.deciding.everybody(probe)
        self.chart.setVisible(everybody is not None and bool(everybody.ranking))
        if everybody is not None and decision is not None:
            left = len(everybody.ranking) - MOST_ROWS
            farther = f" and {left:,} people farther away" if left > 0 else ""
            note = f"{RULE_TITLES[everybody.rule].lower()}{farther}"
            self.chart.show_rows(telling.rows(probe, everybody), telling.threshold, decision.identity_id, note)
        distance = math.nan if decision is None or decision.distance is None else decision.distance
        self.spread.show_spread(telling.spread, telling.threshold, distance)

    def _try(self, threshold: float) -> None:
        """Show what another threshold would decide."""
        self.telling.tried = threshold
        self._show_decision()

    def _keep(self, **different: object) -> None:
        """Decide so from now on."""
        self.telling.tried = None
        settings = replace(self._model.settings, **different)  # type: ignore[arg-type]
        if settings != self._model.settings and self._studio.session.can_write:
            self._studio.session.do(KeepGallerySettings(settings))
        else:
            self._show_decision()

    def _pixmap(self, probe: Probe) -> QPixmap | None:
        if not probe.face.png:
            return None
        if probe.number not in self._pixmaps:
            there = {each.number for each in self.probes.all}
            self._pixmaps = {number: each for number, each in self._pixmaps.items() if number in there}
            self._pixmaps[probe.number] = QPixmap.fromImage(QImage.fromData(probe.face.png))
        return self._pixmaps[probe.number]
