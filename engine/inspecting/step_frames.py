"""Steps of a suppression drawn as frames of few colours, for an animation: numpy, and Pillow for letters.

A frame is (H, W) uint8 indices into one palette that all frames share: the first colours are those of boxes and words,
the rest the picture's, dimmed so that boxes stand out. So frames differ only where something happens, and are small.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from engine.tracing.stages import Input
from engine.tracing.stepping import Lot, Steps
from engine.tracing.trace import Trace

Frame = NDArray[np.uint8]
_CAPTION = 26
"""Height of the line of words below the picture."""
_MARGIN = 5
_LETTERS = 13
_SMALL_LETTERS = 11
_MOST_TAGS = 12
"""Overlaps written in one frame; more would hide one another."""
_PLATE = 0
_WORDS: Final = (1, 2, 3, 4)
"""From the plate's colour to that of words."""
_INDEX: Final[dict[Lot, int]] = {"current": 5, "hit": 6, "kept": 7, "waiting": 8}
_COLOURS = (
    (24, 27, 33), (78, 81, 87), (132, 135, 140), (186, 188, 192), (240, 242, 245),
    (255, 214, 10), (255, 92, 92), (76, 195, 138), (110, 168, 254),
)  # fmt: skip
_FIRST = 16
"""Where the picture's own colours begin."""
CLEAR = _FIRST - 1
"""The index of nothing: what is left as it was in the frame before."""
_WIDTH: Final[dict[Lot, int]] = {"current": 3, "hit": 2, "kept": 2, "waiting": 1}
_DIMMED = 0.55


@dataclass(frozen=True, eq=False)
class StepFrames:
    """Draws the steps of a suppression on the picture that the network saw."""

    trace: Trace
    steps: Steps
    side: int
    """Pixels of the longer side of the picture as it is drawn."""
    group: int | None = None
    """The level or class whose steps are drawn alone; None: all."""

    @property
    def palette(self) -> list[int]:
        """Red, green, blue of every index."""
        filled = [*_COLOURS, *[(0, 0, 0)] * (_FIRST - len(_COLOURS))]
        return [value for colour in filled for value in colour] + self._quantised[1]

    def step(self, n: int) -> Frame:
        """The picture at a step, with its words."""
        frame = self._begun()
        current = self.steps.all[n].current
        for lot in ("waiting", "kept", "hit", "current"):
            self._rectangles(frame, self._of_lot(n, lot), lot)
        self._tags(frame, n)
        self._caption(frame, self._words(n, current))
        return frame

    def result(self) -> Frame:
        """What the suppression leaves."""
        frame, left = self._begun(), np.flatnonzero((self.steps.turn >= 0) & self._is_own)
        self._rectangles(frame, left, "kept")
        self._caption(frame, f"{len(left)} of {int(self._is_own[self.steps.entering].sum())} are left")
        return frame

    @cached_property
    def _is_own(self) -> NDArray[np.bool_]:
        groups = self.steps.groups
        return np.ones(len(groups), dtype=np.bool_) if self.group is None else groups == self.group

    @cached_property
    def _scale(self) -> float:
        height, width = self._input.picture.shape[:2]
        return float(self.side / max(height, width))

    @property
    def _input(self) -> Input:
        return self.trace.input

    @cached_property
    def _quantised(self) -> tuple[Frame, list[int]]:
        """The picture as indices, and the colours that they mean."""
        height, width = self._input.picture.shape[:2]
        size = (max(1, round(width * self._scale)), max(1, round(height * self._scale)))
        dimmed = Image.fromarray((self._input.picture * _DIMMED).astype(np.uint8)).resize(size)
        few = dimmed.quantize(256 - _FIRST)
        colours = few.getpalette() or []
        return np.asarray(few, dtype=np.uint8) + np.uint8(_FIRST), colours[: 3 * (256 - _FIRST)]

    def _begun(self) -> Frame:
        picture = self._quantised[0]
        return np.concatenate([picture, np.full((_CAPTION, picture.shape[1]), _PLATE, dtype=np.uint8)])

    def _of_lot(self, n: int, lot: Lot) -> NDArray[np.int64]:
        """The candidates of the group that are this at a step."""
        steps, step = self.steps, self.steps.all[n]
        if lot == "current":
            return np.array([step.current])
        if lot == "hit":
            return step.hit[self._is_own[step.hit]]
        had_turn = (steps.turn >= 0) & (steps.turn < n)
        is_later = (steps.turn > n) | (steps.gone_at > n)
        found = np.flatnonzero((had_turn if lot == "kept" else is_later) & self._is_own)
        return np.asarray(found[~np.isin(found, step.hit)])

    def _corners(self, candidates: NDArray[np.int64]) -> NDArray[np.int64]:
        """(N, 4) whole pixels of the frame, within the picture."""
        height, width = self._quantised[0].shape
        found = np.rint(self.steps.selected.boxes[candidates] * self._scale).astype(np.int64)
        return np.asarray(np.clip(found, 0, [width - 1, height - 1, width - 1, height - 1]))

    def _rectangles(self, frame: Frame, candidates: NDArray[np.int64], lot: Lot) -> None:
        thick, colour = _WIDTH[lot], _INDEX[lot]
        for x0, y0, x1, y1 in self._corners(candidates).tolist():
            part = frame[y0 : y1 + 1, x0 : x1 + 1]
            part[:thick] = part[-thick:] = colour
            part[:, :thick] = part[:, -thick:] = colour

    def _tags(self, frame: Frame, n: int) -> None:
        """What those hit overlap by, and what soft-NMS leaves of their scores."""
        step, is_soft = self.steps.all[n], self.steps.rule.method != "greedy"
        corners = self._corners(step.hit)
        for at in range(min(len(step.hit), _MOST_TAGS)):
            words = f"{step.ious[at]:.2f}" + (f"  {step.before[at]:.2f} to {step.after[at]:.2f}" if is_soft else "")
            x0, y0, *_ = corners[at].tolist()
            _write(frame[:-_CAPTION], words, (x0, y0), _SMALL_LETTERS)

    def _words(self, n: int, current: int) -> str:
        selected, step, rule = self.steps.selected, self.steps.all[n], self.steps.rule
        name = self._name(int(selected.classes[current]))
        verb = "suppresses" if rule.method == "greedy" else "takes score from"
        limit = f" above IoU {rule.by_class.get(int(selected.classes[current]), rule.iou):.2f}"
        score = f"{self.steps.scores_at(n)[current]:.2f}"
        return f"{n + 1} of {len(self.steps)}: {name} {score} {verb} {len(step.hit)}" + (
            limit if rule.method != "gaussian" else ""
        )

    def _name(self, class_index: int) -> str:
        """Of the class; proposals have none."""
        if self.trace.has_proposals and self.steps.rule.per == "level":
            return "proposal"
        names = self.trace.origin.class_names
        return names[class_index] if class_index < len(names) else str(class_index)

    def _caption(self, frame: Frame, words: str) -> None:
        _write(frame[-_CAPTION:], words, (_MARGIN, _MARGIN), _LETTERS)


def _write(frame: Frame, words: str, xy: tuple[int, int], letters: int) -> None:
    """Words on a plate whose upper left corner is at `xy`, moved into the frame, and cut where they are too long."""
    font = ImageFont.load_default(letters)
    x0, y0, x1, y1 = (int(side) for side in font.getbbox(words))
    mask = Image.new("L", (x1 - x0 + 4, y1 - y0 + 4))
    ImageDraw.Draw(mask).text((2 - x0, 2 - y0), words, font=font, fill=255)
    shades = np.array((_PLATE, *_WORDS), dtype=np.uint8)[np.asarray(mask).astype(np.int64) * 5 // 256]
    height, width = frame.shape
    x, y = max(0, min(xy[0], width - shades.shape[1])), max(0, min(xy[1], height - shades.shape[0]))
    part = frame[y : y + shades.shape[0], x : x + shades.shape[1]]
    part[:] = shades[: part.shape[0], : part.shape[1]]
