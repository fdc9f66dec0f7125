"""How terms move a box: about its centre and in its size, or in its cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.tracing.explaining.wording import Formula, number, operand
from engine.tracing.stages import Anchors, Floats, Scores
from engine.tracing.trace import Trace

_LARGEST_LOG = float(np.log(1000 / 16))
"""torchvision's: no box grows by more than this in one step."""
TAUGHT = Formula(
    "What it learns to say",
    "t_{x} = (x − x_{a}) / w_{a},  t_{y} = (y − y_{a}) / h_{a},  t_{w} = ln(w / w_{a}),  t_{h} = ln(h / h_{a})",
)


@dataclass(frozen=True, slots=True)
class Sides:
    """Middle and extent of a box."""

    x: float
    y: float
    w: float
    h: float

    @classmethod
    def of(cls, box: Floats) -> Sides:
        """Of x0, y0, x1, y1."""
        x0, y0, x1, y1 = (float(value) for value in box)
        return cls((x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0)


def moved(base: Sides, terms: Floats, weights: tuple[float, float, float, float]) -> tuple[Formula, ...]:
    """The decoding of terms about a base box (`coding` 'centre_size'), axis by axis."""
    t_x, t_y, t_w, t_h = (float(value) for value in terms)
    return (
        _shifted("x", base.x, base.w, (t_x, weights[0])),
        _shifted("y", base.y, base.h, (t_y, weights[1])),
        _grown("w", base.w, (t_w, weights[2])),
        _grown("h", base.h, (t_h, weights[3])),
    )


_NAMES = {"x": "Middle, across", "y": "Middle, down", "w": "Width", "h": "Height"}


def _shifted(axis: str, at: float, side: float, term: tuple[float, float]) -> Formula:
    value, weight = term
    over, shown = (
        ("", operand(value)) if weight == 1 else (f" / {number(weight)}", f"{operand(value)} / {number(weight)}")
    )
    letter = "w" if axis == "x" else "h"
    letters = f"{axis} = {axis}_{{a}} + t_{{{axis}}}{over} · {letter}_{{a}}"
    numbers = f"{number(at)} + {shown} × {number(side)} = {number(at + value / weight * side)}"
    return Formula(_NAMES[axis], letters, numbers)


def _grown(axis: str, side: float, term: tuple[float, float]) -> Formula:
    value, weight = term
    over, shown = (
        ("", number(value)) if weight == 1 else (f" / {number(weight)}", f"{number(value)} / {number(weight)}")
    )
    power = min(value / weight, _LARGEST_LOG)
    if power < value / weight:
        shown = number(power)
    letters = f"{axis} = {axis}_{{a}} · e^{{t_{{{axis}}}{over}}}"
    return Formula(_NAMES[axis], letters, f"{number(side)} × e^{{{shown}}} = {number(side * float(np.exp(power)))}")


def in_cell(trace: Trace, scores: Scores, row: int) -> tuple[Formula, ...]:
    """The decoding of terms in a cell (`coding` 'cell'), axis by axis."""
    grid = trace.first(Anchors)
    anchor = int(scores.parent[row])
    stride = grid.strides[int(grid.level[anchor])]
    prior = Sides.of(grid.boxes[anchor])
    cell, terms = grid.cell[anchor].tolist(), scores.terms[row].tolist()
    middles = (_in_cell(axis, cell[at], terms[at], stride) for at, axis in enumerate("xy"))
    sides = (_of_prior(axis, side, terms[2 + at]) for at, (axis, side) in enumerate((("w", prior.w), ("h", prior.h))))
    return (*middles, *sides)


def _in_cell(axis: str, cell: int, term: float, stride: float) -> Formula:
    value = (cell + term) * stride
    numbers = f"({cell} + {operand(term)}) × {number(stride)} = {number(value)}"
    return Formula(_NAMES[axis], f"b_{{{axis}}} = (c_{{{axis}}} + t_{{{axis}}}) · s", numbers)


def _of_prior(axis: str, side: float, term: float) -> Formula:
    value = side * float(np.exp(min(term, 10.0)))
    numbers = f"{number(side)} × e^{{{number(term)}}} = {number(value)}"
    return Formula(_NAMES[axis], f"b_{{{axis}}} = p_{{{axis}}} · e^{{t_{{{axis}}}}}", numbers)
