"""What heads say: how certain they are of anchors and regions, and where they move them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from engine.tracing.explaining.boxes import TAUGHT, Sides, in_cell, moved
from engine.tracing.explaining.example import Example, base_box
from engine.tracing.explaining.wording import Explanation, Formula, counted, listed, number, size
from engine.tracing.stages import Anchors, Scores
from engine.tracing.trace import Trace

_MOST_SPELLED = 4
"""A sum of more exponentials than this is given as one number."""
_SMOOTH = "smooth_{L1}(d) = d^{2} / 2β where |d| < β,  |d| − β / 2 elsewhere"


@dataclass(frozen=True, slots=True)
class _Row:
    """The row whose numbers are shown, and one class of it."""

    at: int
    class_index: int


def scores(trace: Trace, stage: Scores, example: Example) -> Explanation:
    """The explanation that suits the head."""
    at = example.row(stage)
    shown = None if at is None else _Row(at, min(example.class_index or 0, stage.n_classes - 1))
    if stage.of == "objectness":
        return _regions(trace, stage, shown)
    if any(other.of == stage.name for other in trace.all(Scores)):
        return _objectness(trace, stage, None if shown is None else _Row(shown.at, 0))
    if stage.activation == "product":
        return _cells(trace, stage, shown)
    return _default_boxes(trace, stage, shown) if stage.activation == "softmax" else _focal(trace, stage, shown)


def _objectness(trace: Trace, stage: Scores, shown: _Row | None) -> Explanation:
    k = max(per for _, _, per in trace.first(Anchors).grids)
    n = len(stage.scores)
    text = (
        "The region proposal network slides a 3 × 3 convolution over every level; two 1 × 1 convolutions after it ask, "
        f"of each of the {k} anchors of a cell, whether there is an object and where. Lectures give a cell 2k scores, "
        f"object or not by a softmax, and 4k offsets: {2 * k} and {4 * k} here. This network says the same with "
        f"k = {k} logits and a sigmoid. Anchors that overlap an object well learn to say 1, those that overlap none "
        f"learn 0. In all it gives {n:,} scores and {4 * n:,} offsets for this picture."
    )
    letters = "L = 1/N Σ_{i} L_{cls}(p_{i}, p_{i}^{*}) + 1/N Σ_{i} p_{i}^{*} smooth_{L1}(t_{i} − t_{i}^{*})"
    loss = Formula("What it is trained by, with p* = 1 on objects", letters)
    formulas = (_outputs(trace, 1, "H × W × k scores"), *_sigmoid(stage, shown), TAUGHT)
    return _explanation("Objectness and offsets", text, (*formulas, *_moved(trace, stage, shown), loss), stage, shown)


def _regions(trace: Trace, stage: Scores, shown: _Row | None) -> Explanation:
    n = len(stage.scores) if stage.is_asked is None else int(stage.is_asked.sum())
    n_classes = stage.n_classes
    n_boxes = 4 * (n_classes + 1)
    own = "each class with a box of its own" if stage.has_own_boxes else "all classes with one box"
    text = (
        f"Each of the {n:,} regions goes through two fully connected layers. One output layer gives "
        f"K + 1 = {n_classes + 1} logits, for {_some(trace)} and the background, of which a softmax makes "
        f"probabilities that add up to one. Another gives 4 (K + 1) = {n_boxes} offsets, {own}: "
        "it refines the proposal, which was moved from its anchor already. The offsets are "
        f"divided by {_weights(stage)} before they are used, so that they are of the size of scores when they are "
        f"learned.{_unasked(stage)}"
    )
    loss = (
        Formula("What it is trained by", "L = −log p_{u} + [u ≥ 1] Σ smooth_{L1}(t^{u} − v)"),
        Formula("With β = 1/9", _SMOOTH),
    )
    formulas = (*_softmax(trace, stage, shown), *_moved(trace, stage, shown), *loss)
    return _explanation("Classes and refined boxes", text, formulas, stage, shown)


def _default_boxes(trace: Trace, stage: Scores, shown: _Row | None) -> Explanation:
    n, n_classes = len(stage.scores), stage.n_classes
    text = (
        "SSD has one stage: every default box of every level is scored for every class at once, there are no "
        f"proposals. At each cell it gives k (K + 1 + 4) numbers, with K = {n_classes}: the logits of {_some(trace)} "
        "and the background, of which a softmax makes probabilities, and four offsets that move the default box. "
        "In training, boxes on background outnumber those on objects by far: only the hardest of them, three for "
        f"each on an object, are learned from. For this picture there are {n:,} boxes to choose from."
    )
    letters = "L = 1/N (Σ −log p_{u} + Σ_{objects} smooth_{L1}(t − t^{*}))"
    loss = Formula("What it is trained by, N boxes on objects", letters)
    outputs = _outputs(trace, n_classes + 5, "H × W × k (K + 5) numbers")
    formulas = (outputs, *_softmax(trace, stage, shown), *_moved(trace, stage, shown), loss)
    return _explanation("Classes and boxes of default boxes", text, formulas, stage, shown)


def _focal(trace: Trace, stage: Scores, shown: _Row | None) -> Explanation:
    n, n_classes = len(stage.scores), stage.n_classes
    text = (
        f"{trace.origin.title} has one stage: two towers of convolutions, the same on every level, give each anchor a "
        f"logit for each class (K = {n_classes}) and four offsets; there is no background "
        "class, as every logit has a sigmoid of its own. "
        f"Of {n:,} anchors nearly all are easy background, and together they would drown the few on objects. "
        "The focal loss turns them down: the surer an answer is, the less it weighs."
    )
    letters = "FL(p_{t}) = −α_{t} (1 − p_{t})^{γ} log p_{t},  α = 0.25,  γ = 2"
    formulas = (
        _outputs(trace, n_classes + 4, "H × W × k (K + 4) numbers"),
        *_sigmoid(stage, shown),
        *_moved(trace, stage, shown),
        Formula("What it is trained by: the focal loss", letters),
        *_focal_numbers(stage, shown),
    )
    return _explanation("Classes and boxes of anchors", text, formulas, stage, shown)


def _focal_numbers(stage: Scores, shown: _Row | None) -> tuple[Formula, ...]:
    """What the anchor would cost if there were such an object."""
    if shown is None:
        return ()
    p = float(stage.scores[shown.at, shown.class_index])
    if not 0 < p < 1:
        return ()
    result = -0.25 * (1 - p) ** 2 * math.log(p)
    numbers = f"(−0.25) × (1 − {number(p)})^{{2}} × ln({number(p)}) = {number(result)}"
    return (Formula("Its loss, if such an object is there", "FL(p) = −α (1 − p)^{γ} ln p", numbers),)


def _cells(trace: Trace, stage: Scores, shown: _Row | None) -> Explanation:
    anchors = trace.first(Anchors)
    k, n_classes = max(per for _, _, per in anchors.grids), stage.n_classes
    grids = listed(size(*grid, 5 + n_classes) for grid in anchors.grids)
    text = (
        "YOLO looks once: each of S × S cells guesses B boxes, and says of each 5 + C numbers: four terms of the box, "
        f"whether there is an object, and which of C = {n_classes} classes it is if there is one. The lectures' "
        f"S × S × B × (5 + C) is, with B = {k} and {counted(len(anchors.grids), 'grid')}, {grids}. "
        "The cell in which an object's centre lies is responsible for it; near ones may help. The middle of a box is "
        "here (c + t) · s, without the sigmoid of YOLOv2 and v3, so that it may lie outside of its cell. "
        "A detection's score is the objectness times the class."
    )
    formulas = [_outputs(trace, 5 + n_classes, "S × S × B × (5 + C) numbers")]
    if shown is not None:
        formulas += [*_product(stage, shown), *in_cell(trace, stage, shown.at), *_responsible(trace, stage, shown)]
    return _explanation("What every cell says", text, tuple(formulas), stage, shown)


def _product(stage: Scores, shown: _Row) -> tuple[Formula, ...]:
    assert stage.objectness is not None
    objectness = float(stage.objectness[shown.at])
    logit = float(stage.logits[shown.at, shown.class_index])
    score = float(stage.scores[shown.at, shown.class_index])
    numbers = f"σ({number(objectness)}) × σ({number(logit)}) = {number(score)}"
    return (Formula("Score", "p = σ(o) · σ(z_{c}),  σ(z) = 1 / (1 + e^{−z})", numbers),)


def _responsible(trace: Trace, stage: Scores, shown: _Row) -> tuple[Formula, ...]:
    """The cell that the middle of the guessed box lies in."""
    anchors = trace.first(Anchors)
    stride = anchors.strides[int(anchors.level[stage.parent[shown.at]])]
    middle = Sides.of(_box(stage, shown)).x
    numbers = f"⌊{number(middle)} / {number(stride)}⌋ = {math.floor(middle / stride)}"
    return (Formula("Column of the cell that its middle lies in", "c_{x} = ⌊x / s⌋", numbers),)


def _outputs(trace: Trace, per_anchor: int, letters: str) -> Formula:
    grids = trace.first(Anchors).grids
    terms = " + ".join(size(*grid) if per_anchor == 1 else size(*grid, per_anchor) for grid in grids)
    return Formula("Outputs", f"Σ_{{l}} {letters}", f"{terms} = {per_anchor * sum(map(math.prod, grids)):,}")


def _sigmoid(stage: Scores, shown: _Row | None) -> tuple[Formula, ...]:
    if shown is None:
        return ()
    logit, score = (float(values[shown.at, shown.class_index]) for values in (stage.logits, stage.scores))
    numbers = f"1 / (1 + e^{{{number(-logit)}}}) = {number(score)}"
    return (Formula("Score", "p = σ(z) = 1 / (1 + e^{−z})", numbers),)


def _softmax(trace: Trace, stage: Scores, shown: _Row | None) -> tuple[Formula, ...]:
    if shown is None:
        return ()
    logits = stage.logits[shown.at].astype(np.float64)
    own = number(float(logits[shown.class_index + 1]))
    parts = [f"e^{{{number(float(logit))}}}" for logit in logits]
    below = " + ".join(parts) if len(parts) <= _MOST_SPELLED else number(float(np.exp(logits).sum()))
    score = float(stage.scores[shown.at, shown.class_index])
    name = f"Probability of {trace.origin.class_names[shown.class_index]}"
    numbers = f"e^{{{own}}} / ({below}) = {number(score)}"
    return (Formula(name, "p_{c} = e^{z_{c}} / (Σ_{j} e^{z_{j}})", numbers),)


def _moved(trace: Trace, stage: Scores, shown: _Row | None) -> tuple[Formula, ...]:
    if shown is None:
        return ()
    terms = stage.terms[shown.at, shown.class_index] if stage.terms.ndim == 3 else stage.terms[shown.at]
    return moved(Sides.of(base_box(trace, stage, shown.at)), terms, stage.weights)


def _box(stage: Scores, shown: _Row) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.asarray(stage.boxes[shown.at, shown.class_index] if stage.has_own_boxes else stage.boxes[shown.at])


def _explanation(
    title: str, text: str, formulas: tuple[Formula, ...], stage: Scores, shown: _Row | None
) -> Explanation:
    if shown is None:
        return Explanation(title, text, formulas)
    score = float(stage.scores[shown.at, shown.class_index])
    noun = "region" if stage.of == "objectness" else "prior" if stage.coding == "cell" else "anchor"
    return Explanation(title, text, formulas, f"{noun} {shown.at:,} with a score of {number(score)}")


def _some(trace: Trace) -> str:
    """The classes by name, where they are few."""
    names = trace.origin.class_names
    return listed(names) if len(names) <= _MOST_SPELLED else counted(len(names), "class", "classes")


def _weights(stage: Scores) -> str:
    return listed(number(weight) for weight in stage.weights)


def _unasked(stage: Scores) -> str:
    if stage.is_asked is None or bool(stage.is_asked.all()):
        return ""
    n = int((~stage.is_asked).sum())
    return f" {counted(n, 'region was', 'regions were')} not proposed in the run: the head was asked afterwards."
