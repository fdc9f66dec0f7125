"""What is done with regions and detections: RoIAlign, masks, keypoints."""

from __future__ import annotations

import math

import numpy as np

from engine.tracing.explaining.example import Example
from engine.tracing.explaining.wording import Explanation, Formula, counted, number, operand
from engine.tracing.sampling import level_choice
from engine.tracing.stages import KeypointMaps, Masks, Pooling
from engine.tracing.trace import Trace

_NUDGE = 1e-6
"""Added before rounding down, so that a side of exactly 224 is not a hair below its level."""


def pooling(stage: Pooling, example: Example) -> Explanation:
    """RoIAlign."""
    s, n, size = stage.size, stage.n_samples, f"{stage.size} × {stage.size}"
    text = (
        f"The head wants {size} vectors from every region, however large it is. A region is looked up on "
        "the level that suits its size: the larger, the coarser. There it is divided into "
        f"{size} bins without rounding its borders, and in each bin {n} × {n} points are read from the feature map, "
        "each between its four nearest cells; their mean is the bin's value. RoI pooling, before it, rounded to "
        f"cells and took maxima, which is too coarse for masks. {_by_level(stage)}"
    )
    side, level = number(stage.canonical_side), stage.canonical_level
    rule = Formula("Level", f"k = ⌊k_{{0}} + log_{{2}}(√(w · h) / {side})⌋,  k_{{0}} = {level}")
    read = Formula("What a point reads", "f(x, y) = Σ_{i, j} (1 − |x − j|) (1 − |y − i|) f_{ij}")
    if example.region is None or example.region >= len(stage.boxes):
        return Explanation("RoIAlign", text, (rule, read))
    row = example.region
    x0, y0, x1, y1 = (float(value) for value in stage.boxes[row])
    stride = stage.strides[int(stage.level[row])]
    formulas = (_level(stage, row, rule), _bin(x1 - x0, s, stride), _point(stage, x0, x1, stride), read)
    of = f"region {row:,}, {number(x1 - x0)} × {number(y1 - y0)} pixels, on the level of stride {number(stride)}"
    return Explanation("RoIAlign", text, formulas, of)


def _by_level(stage: Pooling) -> str:
    counts = np.bincount(stage.level, minlength=len(stage.strides))
    parts = (f"{count:,} at stride {number(stride)}" for count, stride in zip(counts, stage.strides, strict=True))
    return f"Here: {', '.join(parts)}."


def _level(stage: Pooling, row: int, rule: Formula) -> Formula:
    x0, y0, x1, y1 = (float(value) for value in stage.boxes[row])
    choice = level_choice(stage, row)
    if math.isinf(choice.exact):
        return rule
    wanted = math.floor(choice.exact + _NUDGE)
    shape = f"√({operand(x1 - x0)} × {operand(y1 - y0)})"
    numbers = f"⌊{stage.canonical_level} + log_{{2}}({shape} / {number(stage.canonical_side)})⌋ = {number(wanted)}"
    name = "Level" if choice.level == wanted else f"Level; {choice.level} is taken, the nearest there is"
    return Formula(name, rule.letters, numbers)


def _bin(width: float, size: int, stride: float) -> Formula:
    shown = max(width / stride, 1.0) / size
    expression = f"max({number(width)} / {number(stride)}, 1) / {size}"
    return Formula("Width of a bin, in cells", "max(w / s, 1) / n", f"{expression} = {number(shown)}")


def _point(stage: Pooling, x0: float, x1: float, stride: float) -> Formula:
    points = stage.size * stage.n_samples
    at = x0 / stride + max((x1 - x0) / stride, 1.0) * 0.5 / points
    expression = f"{number(x0)} / {number(stride)} + max({number(x1 - x0)} / {number(stride)}, 1) × 0.5 / {points}"
    return Formula(
        "The first point, across, in cells", "x_{0} / s + w / s · 0.5 / (n · m)", f"{expression} = {number(at)}"
    )


def masks(trace: Trace, stage: Masks, example: Example) -> Explanation:
    """Cells that fill a detection's box."""
    n, side = len(stage.logits), stage.logits.shape[-1]
    size, n_classes = f"{side} × {side}", len(trace.origin.class_names)
    text = (
        f"The mask head paints {counted(n, 'detection')} after they are chosen: it changes none of their boxes. "
        f"For each detection and each class (K = {n_classes}) it gives {size} logits; only those of "
        "the detection's own class are used, so that classes do not compete for pixels. A sigmoid makes a probability "
        "of each cell. The cells fill the box; enlarged to it, they are the object where they are at least 0.5."
    )
    loss = Formula("What it is trained by, for its own class", "L = −1/m^{2} Σ_{ij} (y log p + (1 − y) log(1 − p))")
    letters = "p = σ(z) = 1 / (1 + e^{−z})"
    if example.detection is None or example.detection >= n:
        return Explanation("Masks", text, (Formula("A cell", letters), loss))
    cells = stage.logits[example.detection].astype(np.float64)
    logit = float(cells[side // 2, side // 2])
    numbers = f"1 / (1 + e^{{{number(-logit)}}}) = {number(_sigmoid(logit))}"
    n_inside = int((cells >= 0).sum())
    share = Formula(
        "Share of its box",
        "(cells of at least 0.5) / (all cells)",
        f"{n_inside} / {side * side} = {number(n_inside / side**2)}",
    )
    middle = Formula("The cell in the middle", letters, numbers)
    return Explanation("Masks", text, (middle, share, loss), f"detection {example.detection + 1:,}")


def keypoints(stage: KeypointMaps, example: Example) -> Explanation:
    """Where each point is most likely."""
    n, n_points, side = stage.logits.shape[:3]
    text = (
        f"For each of {counted(n, 'detection')} the keypoint head gives {counted(n_points, 'map')} of "
        f"{side} × {side} logits, one for each point. A softmax over all cells of a map says where its "
        "point is: exactly one cell shall be right. In use the map is enlarged to the box, and "
        "the point is where it is highest; its logit there says how sure that is."
    )
    letters = "p_{ij} = e^{z_{ij}} / (Σ e^{z})"
    loss = Formula("What it is trained by", "L = −log p_{ij} at the true cell")
    if example.detection is None or example.detection >= n or not n_points:
        return Explanation("Keypoints", text, (Formula("The most likely cell", letters), loss))
    return Explanation(
        "Keypoints", text, (*_peak(stage, example.detection, letters), loss), f"detection {example.detection + 1:,}"
    )


def _peak(stage: KeypointMaps, detection: int, letters: str) -> tuple[Formula, ...]:
    """The first point's most likely cell, and where that is across."""
    cells = stage.logits[detection, 0].astype(np.float64)
    side = cells.shape[-1]
    highest = float(cells.max())
    below = float(np.exp(cells - highest).sum())
    column = int(cells.argmax()) % side
    x0, _, x1, _ = (float(value) for value in stage.boxes[detection])
    at = x0 + (column + 0.5) / side * (x1 - x0)
    numbers = f"{number(x0)} + ({column} + 0.5) / {side} × {operand(x1 - x0)} = {number(at)}"
    return (
        Formula("Share of its most likely cell", letters, f"1 / {number(below)} = {number(1 / below)}"),
        Formula("Where that is, across", "x = x_{0} + (j + 0.5) / n · w", numbers),
    )


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value)) if value >= 0 else math.exp(value) / (1 + math.exp(value))
