"""Identify (1:K): probes, who each may be and why, and what decides; keys and buttons answer."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QImage,
    QKeyEvent,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.gallery import Decision, distances
from engine.project.gallery_edits import KeepGallerySettings
from studio.faces import taking
from studio.faces.decision_chart import DecisionChart, Row
from studio.faces.decision_words import NOBODY_ENROLLED, RULE_TITLES, margin, rarity, reason, verdict
from studio.faces.embedders import Embedders
from studio.faces.model import FacesModel
from studio.faces.probe_strip import Mark, ProbeStrip, ProbeTile
from studio.faces.rule_pane import Deciding, RulePane
from studio.faces.spread_chart import SpreadChart
from studio.faces.spreads import SearchSpread
from studio.faces.verdict_pane import Verdict, VerdictPane
from studio.identifying import NO_EMBEDDER, Probe
from studio.surroundings import Studio
from studio.theme import GAP
from studio.widgets import role

SIDES = (258, 330)
"""Of the pane at the side: the least and the greatest width."""
MOST_ROWS = 60
"""People in the picture of a decision; those farther are told of as a number."""
UNKEPT = "Not in the project: nothing of this face is written until you say who it is or is not."
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
        self._tried: float | None = None
        """A threshold that is being dragged."""
        self._spread = SearchSpread(studio.session, model, self)
        self._embedders = Embedders(studio, self)
        self.strip = ProbeStrip(studio.theme)
        self.verdict = VerdictPane()
        self.chart = DecisionChart(studio.theme)
        self.rules = RulePane()
        self.spread = SpreadChart("Where this distance lies", studio.theme, ("own person", "strangers"))
        self.choose = QPushButton("Choose file…")
        self.paste = QPushButton("Paste")
        self.unknown = QPushButton("Take selected faces")
        self.clear = QPushButton("Clear")
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._lay_out()
        self._listen()
        self._show_all()

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setSpacing(GAP)
        for button, tip in (
            (self.choose, "Ask about a picture file that is a crop of one face; drop several, or a folder"),
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
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self.stack, 1)
        row.addWidget(self._side())
        column.addLayout(row, 1)

    def _body(self) -> QWidget:
        inside = QWidget()
        inner = QVBoxLayout(inside)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(GAP)
        inner.addWidget(self.verdict)
        inner.addWidget(self.chart)
        inner.addStretch(1)
        return _scrolling(inside)

    def _side(self) -> QWidget:
        inside = QWidget()
        inner = QVBoxLayout(inside)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(GAP)
        inner.addWidget(self.rules)
        inner.addWidget(self.spread)
        inner.addStretch(1)
        self._beside = _scrolling(inside)
        return self._beside

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The side takes a third of the width, within limits."""
        super().resizeEvent(event)
        self._beside.setFixedWidth(min(max(SIDES[0], self.width() // 3), SIDES[1]))

    def _listen(self) -> None:
        probes, model = self.probes, self._model
        probes.changed.connect(self._show_all)
        probes.current_changed.connect(self._show_all)
        model.crop_ready.connect(self._show_decision)
        self._spread.changed.connect(self._show_decision)
        self._embedders.changed.connect(self._show_decision)
        model.selection_changed.connect(self._show_buttons)
        self._studio.session.writable_changed.connect(self._show_decision)
        self.strip.looked_at.connect(probes.look_at)
        self.strip.drop_wanted.connect(probes.drop)
        self.choose.clicked.connect(partial(taking.ask_files, self._studio))
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
        if event.mimeData().hasUrls() or event.mimeData().hasImage():
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

    def _show_all(self) -> None:
        probes = self.probes
        self.strip.show_tiles([self._tile(each) for each in probes.all], probes.number)
        self.strip.setVisible(bool(probes.all))
        waiting = f"{probes.n_awaited} on their way…" if probes.n_awaited else ""
        n = len(probes.all)
        self.count.setText(waiting or (f"{n} asked about" if n else ""))
        self.stack.setCurrentIndex(1 if probes.current is not None else 0)
        self._show_buttons()
        self._show_decision()

    def _show_buttons(self) -> None:
        n = len(self._model.selection)
        self.unknown.setText(f"Take {n} selected" if n else "Take selected faces")
        self.unknown.setEnabled(bool(n))
        self.clear.setEnabled(bool(self.probes.all))

    def _tile(self, probe: Probe) -> ProbeTile:
        state = self.probes.state_of(probe)
        words, mark = self._told(probe)
        if state is not None and state[0] == "confirmed":
            words, mark = self._model.name(state[1]), "confirmed"
        elif state is not None and state[0] == "rejected" and mark == "nobody":
            mark = "rejected"
        return ProbeTile(probe.number, self._pixmap(probe), words, mark, f"{probe.face.source}: {words}")

    def _told(self, probe: Probe) -> tuple[str, Mark]:
        if probe.face.refusal:
            return probe.face.source, "refused"
        decision = self.probes.decision(probe)
        if decision is None:
            return probe.face.source, "waiting"
        if decision.identity_id is None:
            return "Nobody", "nobody"
        return self._model.name(decision.identity_id), "somebody"

    def _show_decision(self, *_: object) -> None:
        probe = self.probes.current
        self.rules.show_deciding(self._deciding())
        if probe is None:
            self.spread.show_spread(self._spread.spread, self._threshold)
            return
        everybody = self.probes.everybody(probe)
        people = sorted(each.name for each in self._model.identities.values())
        self.verdict.show_verdict(self._verdict(probe), people)
        self.chart.setVisible(everybody is not None and bool(everybody.ranking))
        if everybody is not None:
            self._show_people(probe, everybody)
        distance = math.nan if everybody is None or everybody.distance is None else everybody.distance
        self.spread.show_spread(self._spread.spread, self._threshold, distance)

    def _verdict(self, probe: Probe) -> Verdict:
        picture, decision = self._pixmap(probe), self._decision(probe)
        if probe.face.refusal:
            return Verdict(picture, "It cannot be compared", (probe.face.refusal,))
        if self._model.embedder is None:
            return Verdict(picture, "No embedder", (NO_EMBEDDER,))
        if decision is None:
            return Verdict(picture, "…", ("The embedder looks at this face.",))
        lines = [reason(decision, self._model.name)]
        if decision.ranking:
            lines += [margin(decision), self._rarity(decision)]
        if probe.face.quality is not None and probe.face.quality.flaws:
            lines.append(" ".join(each.words for each in probe.face.quality.flaws))
        candidate = self.probes.candidate
        return Verdict(
            picture,
            verdict(decision, self._model.name),
            tuple(lines),
            self._state_words(probe),
            "" if candidate is None else self._model.name(candidate),
            can_answer=self.probes.can_answer,
            is_sure=decision.identity_id is not None,
        )

    def _state_words(self, probe: Probe) -> str:
        state = self.probes.state_of(probe)
        if probe.template_id is None or state is None:
            return UNKEPT
        kind, identity_id = state
        name = self._model.name(identity_id)
        return {
            "confirmed": f"In the project: confirmed as {name}, and left out where it is decided.",
            "rejected": f"In the project: not {self._names(self.probes.excluded(probe))}, you said.",
            "suggested": f"In the project: suggested as {name}.",
            "ignored": "In the project: ignored.",
        }.get(kind, "In the project, without a name.")

    def _show_people(self, probe: Probe, everybody: Decision) -> None:
        vector, gallery = self.probes.vector(probe), self.probes.gallery(probe)
        assert vector is not None
        shown = everybody.ranking[:MOST_ROWS]
        apart = distances(gallery, vector[None])[0]
        excluded, rows = self.probes.excluded(probe), []
        for each in shown:
            own = np.sort(apart[gallery.identity_ids == each.identity_id])
            picture = self._model.crop(each.nearest_template_id)
            is_not = each.identity_id in excluded
            rows.append(
                Row(
                    each.identity_id,
                    self._model.name(each.identity_id),
                    each.distance,
                    tuple(own.tolist()),
                    picture,
                    is_not,
                )
            )
        left = len(everybody.ranking) - len(shown)
        farther = f" and {left:,} people farther away" if left else ""
        decision = self._decision(probe)
        accepted = None if decision is None else decision.identity_id
        self.chart.show_rows(rows, self._threshold, accepted, f"{RULE_TITLES[everybody.rule].lower()}{farther}")

    def _decision(self, probe: Probe) -> Decision | None:
        """By the threshold that is being dragged, too."""
        decision = self.probes.decision(probe)
        if decision is None or self._tried is None or not decision.ranking:
            return decision
        first = decision.ranking[0]
        accepted = first.identity_id if first.distance <= self._tried else None
        return replace(decision, identity_id=accepted, threshold=self._tried)

    def _rarity(self, decision: Decision) -> str:
        return "" if decision.distance is None else rarity(decision.distance, self._spread.spread.different)

    @property
    def _threshold(self) -> float:
        return self._model.threshold if self._tried is None else self._tried

    def _try(self, threshold: float) -> None:
        """Show what another threshold would decide."""
        self._tried = threshold
        self._show_decision()

    def _keep(self, **different: object) -> None:
        """Decide so from now on."""
        self._tried = None
        settings = replace(self._model.settings, **different)  # type: ignore[arg-type]
        if settings != self._model.settings and self._studio.session.can_write:
            self._studio.session.do(KeepGallerySettings(settings))
        else:
            self._show_decision()

    def _deciding(self) -> Deciding:
        model = self._model
        settings, calibration = model.settings, model.calibration
        is_automatic = settings.threshold is None
        spread = self._spread.spread
        farthest = max(1.25 * self._threshold if math.isfinite(self._threshold) else 0.0, spread.farthest) or 1.0
        words: tuple[str, ...] = ()
        if not model.identities:
            words = (NOBODY_ENROLLED,)
        elif is_automatic and calibration is not None:
            words = calibration.words
        elif calibration is not None and math.isfinite(self._threshold):
            words = (rarity(self._threshold, spread.different),)
        return Deciding(
            self._embedders.choices,
            settings.embedder_id,
            settings.rule,
            self._threshold,
            is_automatic and self._tried is None,
            settings.far,
            farthest,
            words,
        )

    def _pixmap(self, probe: Probe) -> QPixmap | None:
        if not probe.face.png:
            return None
        if probe.number not in self._pixmaps:
            there = {each.number for each in self.probes.all}
            self._pixmaps = {number: each for number, each in self._pixmaps.items() if number in there}
            self._pixmaps[probe.number] = QPixmap.fromImage(QImage.fromData(probe.face.png))
        return self._pixmaps[probe.number]

    def _names(self, ids: frozenset[int]) -> str:
        return " nor ".join(sorted(self._model.name(each) for each in ids))


def _scrolling(inside: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inside)
    return area
