"""The player of a suppression: back, play, on, how fast, and whose turn it is against whom."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from engine.tracing.stepping import Steps
from studio.inspector.controls import Column
from studio.inspector.overlap_list import MOST, Overlap, OverlapList
from studio.inspector.selection_layer import SelectionLayer
from studio.surroundings import Studio

_SPEEDS = (("Slow", 1600), ("Usual", 700), ("Fast", 250), ("Very fast", 60))


class StepPlayer(Column):
    """Steps through the turns; space plays, left and right step."""

    def __init__(self, studio: Studio, layer: SelectionLayer) -> None:
        """At the layer's step, standing still."""
        super().__init__()
        self._layer = layer
        self._timer = QTimer(self)
        self._timer.setInterval(_SPEEDS[1][1])
        self._timer.timeout.connect(self._tick)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.back, self.play, self.on = QPushButton("Back"), QPushButton("Play"), QPushButton("Step")
        self._add_buttons()
        self.add_choice("Speed", [name for name, _ in _SPEEDS], self._choose_speed, 1)
        groups = self._groups()
        rule = layer.steps.rule.per if layer.steps is not None else "all"
        every = {"all": "All", "level": "All levels", "class": "All classes"}[rule]
        names = [every, *(name for _, name in groups)]
        self.group = self.add_choice(
            rule.capitalize(), names, lambda at: layer.choose_group(groups[at - 1][0] if at else None)
        )
        self.slider = self.add_slider("Before", max(0, len(layer.turns) - 1), self._slide, 0)
        self.words = self.add_words("", "")
        self.list = OverlapList(studio.theme)
        self.list.chosen.connect(self._jump)
        self.add(self.list)
        self.more = self.add_words()
        self.add_words(
            "Yellow has its turn and suppresses red; blue waits, green is kept. Click a box to see its turn."
        )
        layer.stepped.connect(self._show)
        studio.inspection.steps_wanted.connect(self.hear)
        self._show()

    @property
    def is_playing(self) -> bool:
        """Whether it goes on by itself."""
        return self._timer.isActive()

    def toggle(self) -> None:
        """Play, from the beginning where it is at the end; or hold."""
        if self.is_playing:
            self._hold()
            return
        turns = self._layer.turns
        if len(turns) and self._layer.step_at == int(turns[-1]):
            self._layer.go_to(int(turns[0]))
        self._timer.start()
        self.play.setText("Hold")

    def step(self, by: int) -> None:
        """One turn on, or back."""
        self._hold()
        self._layer.go_on(by)

    def hear(self, wanted: str) -> None:
        """What a command asks for: 'play' (or hold), 'on', 'back'."""
        self._layer.choose(mode="steps")
        if wanted == "play":
            self.toggle()
        else:
            self.step(1 if wanted == "on" else -1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space, left and right."""
        match event.key():
            case Qt.Key.Key_Space:
                self.toggle()
            case Qt.Key.Key_Left:
                self.step(-1)
            case Qt.Key.Key_Right:
                self.step(1)
            case _:
                super().keyPressEvent(event)

    def hideEvent(self, event: object) -> None:
        """Nothing moves that nobody sees."""
        self._hold()

    def _add_buttons(self) -> None:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        for button, done, tip in (
            (self.back, lambda: self.step(-1), "One turn back (Left)"),
            (self.play, self.toggle, "Play or hold (Space)"),
            (self.on, lambda: self.step(1), "One turn on (Right)"),
        ):
            button.clicked.connect(done)
            button.setToolTip(tip)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            row.addWidget(button, 1)
        self.add(holder)

    def _choose_speed(self, at: int) -> None:
        self._timer.setInterval(_SPEEDS[at][1])

    def _groups(self) -> list[tuple[int, str]]:
        """Levels or classes that have turns, with what they are called."""
        found = self._layer.steps
        if found is None:
            return []
        groups = np.unique([found.groups[step.current] for step in found.all]).tolist() if len(found) else []
        names = self._layer.trace.origin.class_names
        is_class = found.rule.per == "class"
        return [(each, names[each] if is_class and each < len(names) else f"Number {each}") for each in groups]

    def _tick(self) -> None:
        if not self._layer.go_on(1):
            self._hold()

    def _hold(self) -> None:
        self._timer.stop()
        self.play.setText("Play")

    def _slide(self, at: int) -> None:
        turns = self._layer.turns
        if at < len(turns) and int(turns[at]) != self._layer.step_at:
            self._layer.go_to(int(turns[at]))

    def _jump(self, candidate: int) -> None:
        """To the turn of one that is compared now; where this turn ends it, to the turn itself stays."""
        found = self._layer.steps
        if found is not None:
            self._hold()
            self._layer.go_to(found.step_of(candidate))

    def _show(self) -> None:
        found, turns = self._layer.steps, self._layer.turns
        if found is None or not len(turns):
            self.words.setText("Nothing came so far, so nothing is suppressed.")
            self.list.show_rows([], None)
            self.more.setText("")
            return
        n = self._layer.step_at
        at = int(np.searchsorted(turns, n))
        self.slider.blockSignals(True)
        self.slider.setMaximum(max(1, len(turns) - 1))
        self.slider.blockSignals(False)
        self.slider.setValue(at)
        self._show_step(found, n, f"Turn {at + 1:,} of {len(turns):,}")

    def _show_step(self, found: Steps, n: int, turn: str) -> None:
        step, layer = found.all[n], self._layer
        name, score = layer.name(step.current), float(found.scores_at(n)[step.current])
        waiting = found.waiting(n)
        ious = found.ious(n, waiting)
        verb = "suppresses" if found.rule.method == "greedy" else "takes score from"
        self.words.setText(f"{turn}: {name} {score:.3f} {verb} {len(step.hit):,} of {len(waiting):,} that wait.")
        order = np.argsort(-ious, kind="stable")
        order = order[ious[order] > 0]
        scores, hit = found.scores_at(n), set(step.hit.tolist())
        rows = [
            Overlap(each, f"{scores[each]:.2f} {layer.name(each)}", float(iou), each in hit)
            for each, iou in zip(waiting[order[:MOST]].tolist(), ious[order[:MOST]].tolist(), strict=True)
        ]
        threshold = found.rule.by_class.get(int(layer.selected.classes[step.current]), found.rule.iou)
        self.list.show_rows(rows, None if found.rule.method == "gaussian" else threshold)
        rest = len(waiting) - len(rows)
        self.more.setText(f"{rest:,} more wait elsewhere." if rest else "")
