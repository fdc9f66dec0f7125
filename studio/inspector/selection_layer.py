"""A selection on the picture: what is left, what each cut dropped, and suppression step by step."""

from __future__ import annotations

from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QPainter, QPen

from engine.geometry.shapes import XY
from engine.project.classes import distinct_colour
from engine.tracing.paths import Path, path_of
from engine.tracing.selecting import KEPT, Selected, replay
from engine.tracing.stages import Anchors, Floats, Ints, Selection
from engine.tracing.stepping import Steps, steps
from studio.canvas.viewport import Viewport
from studio.inspection import Picked
from studio.inspector import Drawing, Layer
from studio.inspector.drawing import Space, draw_boxes, draw_scored
from studio.inspector.funnel import cut_words
from studio.inspector.path_marks import marks, paint_path, tag
from studio.surroundings import Studio

Mode: TypeAlias = Literal["result", "cuts", "steps"]
_FIRST_SHOWN = 300
MOST_SHOWN = 3_000
_MOST_TAGS = 14
_MANY = 1_000
"""Of more boxes that wait only those are drawn that the turn is compared with."""
_FAINT, _FAINTEST, _FEW = 110, 24, 150
"""How opaque boxes that wait are: the more there are, the less, that the others can be seen."""


class SelectionLayer(Layer):
    """What is selected, and what is not."""

    stepped = Signal()
    """Another step is shown, or another group's steps."""
    path_changed = Signal()
    selected_changed = Signal()
    """Other settings are tried."""

    def __init__(self, studio: Studio) -> None:
        """The result, under the settings that are tried."""
        super().__init__()
        self._of, self._theme = studio.inspection, studio.theme
        stage, trace = self._of.stage, self._of.trace
        assert isinstance(stage, Selection)
        assert trace is not None
        self.stage, self.trace, self._space = stage, trace, Space.of(trace.input)
        self.mode: Mode = "result"
        self.cut: int | None = None
        """Only what this cut dropped, KEPT what is left; None: all candidates."""
        self.n_shown = _FIRST_SHOWN
        self.step_at = 0
        """The step that is shown."""
        self.group: int | None = None
        self._path: tuple[Picked, Path | None] | None = None
        self._begin()
        self._of.what_if.outcome_changed.connect(self._take_outcome)
        self._of.picked_changed.connect(self._on_picked)

    def leave(self) -> None:
        """Nothing more is heard."""
        self._of.what_if.outcome_changed.disconnect(self._take_outcome)
        self._of.picked_changed.disconnect(self._on_picked)

    def choose(self, *, mode: Mode | None = None, n_shown: int | None = None) -> None:
        """Show something else."""
        self.mode = mode or self.mode
        self.n_shown = self.n_shown if n_shown is None else n_shown
        self.changed.emit()

    def choose_cut(self, cut: int | None) -> None:
        """Show what a cut dropped; KEPT: what is left; None: all."""
        self.mode, self.cut = "cuts", cut
        self.changed.emit()

    def choose_group(self, group: int | None) -> None:
        """Step through one level or class alone."""
        self.group = group
        turns = self.turns
        if len(turns) and self.step_at not in turns:
            self.step_at = int(turns[0])
        self.changed.emit()
        self.stepped.emit()

    def go_to(self, step: int) -> None:
        """Show a step."""
        if self.steps is not None and 0 <= step < len(self.steps):
            self.step_at = step
            self.changed.emit()
            self.stepped.emit()

    def go_on(self, by: int) -> bool:
        """To the next turn of the group, or the one before; False: there is none."""
        turns = self.turns
        at = int(np.searchsorted(turns, self.step_at)) + by
        if not 0 <= at < len(turns):
            return False
        self.go_to(int(turns[at]))
        return True

    @cached_property
    def steps(self) -> Steps | None:
        """The turns of the suppression; None: nothing is suppressed here."""
        try:
            return steps(self.selected)
        except LookupError:
            return None

    @property
    def turns(self) -> Ints:
        """The steps of the group."""
        return np.empty(0, dtype=np.int64) if self.steps is None else self.steps.of_group(self.group)

    @cached_property
    def order(self) -> Ints:
        """The candidates by falling score."""
        return np.argsort(-self.selected.first_scores, kind="stable")

    @property
    def shown(self) -> Ints:
        """The candidates that are drawn, where no steps are."""
        if self.mode == "result":
            return self.selected.kept
        order = self.order
        if self.cut is not None:
            order = order[self.selected.cut[order] == self.cut]
        return order[: self.n_shown]

    @property
    def path(self) -> Path | None:
        """Of what is picked here; None: nothing is."""
        picked = self._of.picked
        if picked is None or picked.stage != self.stage.name:
            return None
        if self._path is None or self._path[0] != picked:
            self._path = (picked, self._path_of(picked))
        return self._path[1]

    def colour_of_cut(self, cut: int) -> QColor:
        """That what it dropped is drawn in."""
        return QColor(self._theme.tones.accent if cut == KEPT else distinct_colour(cut + 1))

    def name(self, candidate: int) -> str:
        """Its class; proposals have none."""
        names = self.trace.origin.class_names
        at = int(self.selected.classes[candidate])
        return names[at] if self.is_last and at < len(names) else "proposal"

    @property
    def is_last(self) -> bool:
        """Whether this is the result of the network, not its proposals."""
        return self.stage is self.trace.all(Selection)[-1]

    def still(self) -> Drawing:
        """Boxes: of the result, of candidates, or of those that wait and are kept at a step."""
        if self.mode == "steps":
            return self._still_step()
        selected, space, rows = self.selected, self._space, self.shown
        boxes, scores, cuts = selected.boxes[rows], selected.scores[rows], selected.cut[rows]
        if self.mode == "result" or self.cut is None:
            return lambda painter, viewport: draw_scored(painter, space.views(boxes, viewport), scores, 1.6)
        pen = QPen(self.colour_of_cut(int(cuts[0]) if len(cuts) else KEPT), 1.3)
        return lambda painter, viewport: draw_boxes(painter, space.views(boxes, viewport), pen)

    def _still_step(self) -> Drawing:
        found, space = self.steps, self._space
        if found is None or not len(found):
            return lambda *_: None
        n, boxes = self.step_at, self.selected.boxes
        own = np.ones(len(boxes), dtype=bool) if self.group is None else found.groups == self.group
        hit = np.zeros(len(boxes), dtype=bool)
        hit[found.all[n].hit] = True
        is_compared = found.groups == found.groups[found.all[n].current]
        waits = ((found.turn > n) | (found.gone_at > n)) & own & ~hit
        waiting = boxes[waits if waits.sum() <= _MANY else waits & is_compared]
        kept = boxes[(found.turn >= 0) & (found.turn < n) & own]
        faint = QColor(self._theme.tones.accent)
        faint.setAlpha(max(_FAINTEST, min(_FAINT, _FAINT * _FEW // max(1, len(waiting)))))
        pens = (QPen(faint, 1), QPen(QColor(self._theme.tones.good), 1.6))

        def draw(painter: QPainter, viewport: Viewport) -> None:
            for some, pen in zip((waiting, kept), pens, strict=True):
                draw_boxes(painter, space.views(some, viewport), pen)

        return draw

    def paint_live(self, painter: QPainter, viewport: Viewport) -> None:
        """The turn of a step; the path of what is picked."""
        if self.mode == "steps" and self.steps is not None and len(self.steps):
            self._paint_step(painter, viewport, self.steps)
        elif self.mode != "steps":
            self._paint_path(painter, viewport)

    def _paint_step(self, painter: QPainter, viewport: Viewport, found: Steps) -> None:
        step, boxes = found.all[self.step_at], self.selected.boxes
        draw_boxes(painter, self._space.views(boxes[step.hit], viewport), QPen(QColor(self._theme.tones.bad), 1.8))
        current = self._space.rect(boxes[step.current], viewport)
        painter.setPen(QPen(QColor(self._theme.tones.warn), 3.4))
        painter.drawRect(current)
        for at in range(min(len(step.hit), _MOST_TAGS)):
            words = f"{step.ious[at]:.2f}"
            if found.rule.method != "greedy":
                words += f": {step.before[at]:.2f} to {step.after[at]:.2f}"
            place = self._space.rect(boxes[step.hit[at]], viewport)
            tag(painter, words, place.bottomRight(), QColor(self._theme.tones.bad))
        words = f"{self.name(step.current)} {found.scores_at(self.step_at)[step.current]:.2f}"
        tag(painter, words, current.topLeft(), QColor(self._theme.tones.warn))

    def _paint_path(self, painter: QPainter, viewport: Viewport) -> None:
        found = self.path
        if found is not None:
            cell = self._space.rect(self._cell(found), viewport)
            paint_path(painter, cell, marks(found, self._theme.tones, self._space, viewport))

    def _cell(self, found: Path) -> Floats:
        """The cell of its anchor, in model pixels."""
        across, down = self.trace.first(Anchors).step(found.anchor.level)
        column, row = found.anchor.cell
        return np.array([column * across, row * down, (column + 1) * across, (row + 1) * down], dtype=np.float32)

    def at(self, xy_image: XY) -> int | None:
        """The smallest drawn candidate around a place."""
        x, y = self._space.model(xy_image)
        rows, boxes = self._pickable, self.selected.boxes
        own = boxes[rows]
        around = rows[(own[:, 0] <= x) & (x <= own[:, 2]) & (own[:, 1] <= y) & (y <= own[:, 3])]
        if not len(around):
            return None
        sides = boxes[around, 2:] - boxes[around, :2]
        return int(around[sides.prod(axis=1).argmin()])

    @property
    def _pickable(self) -> Ints:
        if self.mode != "steps" or self.steps is None:
            return self.shown
        entering = self.steps.entering
        return entering if self.group is None else entering[self.steps.groups[entering] == self.group]

    def told(self, xy_image: XY) -> str:
        """The candidate there, and what became of it."""
        candidate = self.at(xy_image)
        return "" if candidate is None else self.fate(candidate)

    def fate(self, candidate: int) -> str:
        """What became of a candidate, in a line."""
        selected = self.selected
        words = f"{self.name(candidate)} {selected.first_scores[candidate]:.3f}"
        by = int(selected.suppressor[candidate])
        suppressor = f"{self.name(by)} {selected.first_scores[by]:.3f} at IoU {selected.iou[candidate]:.3f}"
        cut = int(selected.cut[candidate])
        if cut == KEPT:
            softened = f", lowered to {selected.scores[candidate]:.3f} by {suppressor}" if by >= 0 else ""
            return f"{words}: left{softened}"
        if by >= 0 and self.steps is not None and cut == self.steps.at:
            return f"{words}: suppressed by {suppressor}"
        return f"{words}: cut by “{cut_words(selected.rules[cut])}”"

    def press(self, xy_image: XY, reach: float) -> None:
        """Pick a candidate; among steps, go to the one in which it had its turn or was suppressed."""
        candidate = self.at(xy_image)
        if candidate is None:
            return
        if self.mode == "steps" and self.steps is not None:
            self.go_to(self.steps.step_of(candidate))
            return
        row, class_index = int(self.selected.rows[candidate]), int(self.selected.classes[candidate])
        self._of.pick(Picked(self.stage.name, row, class_index))

    def _path_of(self, picked: Picked) -> Path | None:
        outcome = self._of.what_if.outcome
        try:
            return path_of(
                self.trace, self.stage.name, (picked.row, picked.class_index), outcome.selections if outcome else None
            )
        except (IndexError, KeyError):  # a row that only the asked-more trace has
            return None

    def _begin(self) -> None:
        outcome = self._of.what_if.outcome if self._of.what_if.trace is self.trace else None
        own = outcome.selections.get(self.stage.name) if outcome is not None else None
        self.selected: Selected = own or replay(self.trace.scores_of(self.stage), self.stage)

    def _take_outcome(self) -> None:
        """Other settings: everything is selected anew."""
        if self._of.what_if.outcome is None:
            return
        self._begin()
        for name in ("steps", "order"):
            self.__dict__.pop(name, None)
        self._path = None
        self.step_at = min(self.step_at, max(0, len(self.steps) - 1)) if self.steps is not None else 0
        self.changed.emit()
        self.selected_changed.emit()
        self.stepped.emit()

    def _on_picked(self) -> None:
        self.path_changed.emit()
        self.live_changed.emit()
