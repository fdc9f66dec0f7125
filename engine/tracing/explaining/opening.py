"""The stages before anything is scored: the picture scaled, feature maps, and the boxes that are guessed from."""

from __future__ import annotations

import numpy as np

from engine.tracing.explaining.example import Example
from engine.tracing.explaining.wording import Explanation, Formula, counted, listed, number, operand, size
from engine.tracing.stages import Anchors, FeatureMaps, Floats, Input
from engine.tracing.trace import Trace

_COLOURS = {"R": "red", "G": "green", "B": "blue"}
_SAME_RATIO = 0.2
"""Logarithms of height over width that are nearer than this are one ratio: anchors are rounded to whole pixels."""


def scaling(trace: Trace, stage: Input) -> Explanation:
    """What is done to the picture first."""
    (height, width), (h, w) = stage.size, stage.picture.shape[:2]
    across, _ = stage.scale_xy
    text = (
        f"{trace.origin.title} does not look at the picture as it is: {size(width, height)} pixels are scaled to "
        f"{size(w, h)}, bilinearly, without changing their shape by more than a rounded pixel. The result stands at "
        f"the top left of a frame of {size(stage.frame[1], stage.frame[0])}, whose sides the coarsest stride divides. "
        f"Then every value is normalised, channel by channel in the order {stage.channels}. "
        "All boxes from here on are in pixels of the scaled picture; results are divided by the scale in the end."
    )
    scale = Formula("Scale", "s = w_{model} / w_{image}", f"{w:,} / {width:,} = {number(across)}")
    return Explanation("The picture as the network sees it", text, (scale, _normalised(stage)))


def _normalised(stage: Input) -> Formula:
    h, w = stage.picture.shape[:2]
    channel = stage.channels[0]
    value = int(stage.picture[h // 2, w // 2, "RGB".index(channel)])
    mean, deviation = stage.mean[0], stage.deviation[0]
    result = (value / stage.divisor - mean) / deviation
    expression = f"({value} / {number(stage.divisor)} − {operand(mean)}) / {number(deviation)}"
    name = f"Normalised {_COLOURS.get(channel, channel)} in the middle"
    return Formula(name, "x′ = (x / d − μ) / σ", f"{expression} = {number(result)}")


def features(trace: Trace, stage: FeatureMaps) -> Explanation:
    """What the backbone gives."""
    height, width = trace.input.frame
    n_values = sum(level.size for level in stage.levels)
    named = (
        f"{name} of {size(level.shape[1], level.shape[2], level.shape[0])}"
        for name, level in zip(stage.level_names, stage.levels, strict=True)
    )
    text = (
        f"Convolutions turn the frame of {size(height, width)} into {counted(len(stage.levels), 'level')} of cells, "
        "each a vector of channels (height × width × channels): "
        f"level {listed(named)}. A step of one cell is a step of the level's stride in the picture. Fine levels see "
        f"small objects, coarse ones large objects and more of what is around them. In all there are {n_values:,} "
        "values; everything else is computed from them, and never again from the pixels."
    )
    return Explanation("Feature maps", text, tuple(_level_size(trace, stage, at) for at in range(len(stage.levels))))


def _level_size(trace: Trace, stage: FeatureMaps, at: int) -> Formula:
    _, rows, columns = stage.levels[at].shape
    stride, name = stage.strides[at], stage.level_names[at]
    letters = f"H_{{{name}}} = ⌈H / s⌉"
    return Formula(
        f"Level {name}: {rows:,} rows of {columns:,} cells",
        letters,
        f"⌈{trace.input.frame[0]:,} / {number(stride)}⌉ = {rows:,}",
    )


def anchors(trace: Trace, stage: Anchors, example: Example) -> Explanation:
    """The boxes that are guessed from."""
    k = max(per for _, _, per in stage.grids)
    total = len(stage.boxes)
    text = (
        f"Before it has seen anything, the network lays {counted(total, 'box', 'boxes')} over the picture, "
        f"{_called(stage, k)} at every cell of every level. {_shapes(stage, k)} {_meaning(stage)} "
        f"{_end(stage)}"
    )
    terms = " + ".join(size(*grid) for grid in stage.grids)
    count = Formula("In all", "A = Σ_{l} H_{l} × W_{l} × k", f"{terms} = {total:,}")
    if example.anchor is None:
        return Explanation(_title(stage), text, (count,))
    return Explanation(_title(stage), text, (count, *_placed(stage, example.anchor)), _which(stage, example.anchor))


def _title(stage: Anchors) -> str:
    return {"cells": "Cells", "priors": "Priors", "default boxes": "Default boxes"}.get(stage.called, "Anchors")


def _called(stage: Anchors, k: int) -> str:
    singular = {"default boxes": "default box", "cells": "square"}.get(stage.called, stage.called[:-1])
    return f"one {singular}" if k == 1 else f"{k} {stage.called}"


def _shapes(stage: Anchors, k: int) -> str:
    """How many sizes and ratios there are."""
    if stage.called == "cells":
        return "It is anchor-free: each has one square, as wide as the stride of its level."
    if stage.called == "priors":
        return "Their widths and heights were fitted to the objects of the project, small ones for fine levels."
    n_ratios = _n_ratios(stage.boxes[(stage.level == 0)][:k])
    n_sizes, rest = divmod(k, n_ratios)
    if rest:
        return f"There are {k} shapes a cell."
    return f"That is {counted(n_sizes, 'size')} times {counted(n_ratios, 'ratio')} of height to width."


def _n_ratios(boxes: Floats) -> int:
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    logs = np.sort(np.log(height / width))
    return 1 + int((np.diff(logs) > _SAME_RATIO).sum())


def _meaning(stage: Anchors) -> str:
    if stage.called in ("cells", "priors"):
        return "The cell in which an object's centre lies answers for it, and those near it that guess it well."
    return "Each says: if there is an object about here, of about this size and shape, I answer for it."


def _end(stage: Anchors) -> str:
    if stage.called == "cells":
        return "The head stretches the square to the object, by the exponential of what it says."
    return "An object that none of them resembles is hard to find: the head moves boxes, but not far."


def _which(stage: Anchors, row: int) -> str:
    level, (column, line) = int(stage.level[row]), stage.cell[row].tolist()
    return f"column {column}, row {line} of level {level + 1}, shape {int(stage.slot[row]) + 1}"


def _placed(stage: Anchors, row: int) -> tuple[Formula, Formula]:
    """Where one of them stands, and its size."""
    stride = stage.strides[int(stage.level[row])]
    column = int(stage.cell[row, 0])
    x0, y0, x1, y1 = (float(value) for value in stage.boxes[row])
    shift = (x0 + x1) / 2 / stride - column
    letters, inner = ("x_{a} = i · s", f"{column}")
    if abs(shift) > 0.01:
        letters, inner = f"x_{{a}} = (i + {number(round(shift, 3))}) · s", f"({column} + {number(round(shift, 3))})"
    across = Formula("Its middle, across", letters, f"{inner} × {number(stride)} = {number((x0 + x1) / 2)}")
    area = (x1 - x0) * (y1 - y0)
    sides = f"{operand(x1 - x0)} × {operand(y1 - y0)} = {number(area)}"
    return across, Formula("Its width times height", "w_{a} × h_{a}", sides)
