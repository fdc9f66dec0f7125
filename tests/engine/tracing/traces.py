"""Small synthetic traces, of a detector with two stages and of one with one, whose rows agree with one another.

No network made them: terms and logits are drawn by chance, everything else follows from them as in a network. What the
'network' kept is what its rules leave.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.tracing.decoding import cut_to_picture, decoded
from engine.tracing.rules import LeastScore, LeastSide, Most, Nms, Rules, TopK
from engine.tracing.selecting import select
from engine.tracing.stages import Anchors, FeatureMaps, Floats, Input, Masks, Pooling, Scores, Selection
from engine.tracing.trace import Check, Origin, Trace

STRIDES = (8.0, 16.0)
SIDES = (16.0, 40.0)
RATIOS = (0.5, 1.0, 2.0)
FRAME = (96, 128)
PICTURE = (90, 120)
"""Height and width of the scaled picture; the rest of the frame is padding."""
SIZE = (180, 240)
"""Of the picture itself."""
PROPOSAL_RULES: Rules = (TopK(120, "level"), LeastSide(1e-3), LeastScore(0.0, is_inclusive=True), Nms(0.7, "level"),
                         Most(60))  # fmt: skip
REGION_RULES: Rules = (LeastScore(0.05), LeastSide(1e-2), Nms(0.5, "class", first_group=1), Most(20))
DENSE_RULES: Rules = (LeastScore(0.05), TopK(80, "level"), Nms(0.5, "class"), Most(20))


@dataclass(frozen=True, slots=True)
class Made:
    """What a synthetic trace is like."""

    seed: int = 0
    n_classes: int = 2
    has_masks: bool = False


def two_stages(made: Made | None = None) -> Trace:
    """As of a Faster R-CNN, or with masks of a Mask R-CNN."""
    made = made or Made()
    chance = np.random.default_rng(made.seed)
    seen, maps, anchors = _input(chance), _features(chance), _anchors()
    objectness = _objectness(chance, seen, anchors)
    proposals = _selection("proposals", objectness, PROPOSAL_RULES)
    regions = _regions(chance, seen, proposals, made.n_classes, anchors)
    detections = _selection("detections", regions, REGION_RULES)
    stages = (seen, maps, anchors, objectness, proposals, _pooling(proposals), regions, detections)
    more = (_masks(chance, detections),) if made.has_masks else ()
    return Trace(_origin(made, "mask_rcnn" if more else "faster_rcnn"), (*stages, *more), _checks(True))


def one_stage(made: Made | None = None) -> Trace:
    """As of a RetinaNet."""
    made = made or Made()
    chance = np.random.default_rng(made.seed)
    seen, maps, anchors = _input(chance), _features(chance), _anchors()
    n = len(anchors.boxes)
    logits = _floats(chance.normal(-4, 2, (n, made.n_classes)))
    terms = _floats(chance.normal(0, 0.4, (n, 4)))
    scores = Scores(
        name="scores", of="anchors", parent=np.arange(n), logits=logits, scores=_sigmoid(logits), terms=terms,
        boxes=np.zeros((n, 4), np.float32), level=anchors.level, activation="sigmoid", coding="centre_size",
        weights=(1.0, 1.0, 1.0, 1.0), rank=np.arange(logits.size).reshape(logits.shape),
    )  # fmt: skip
    scores = replace(scores, boxes=cut_to_picture(decoded(scores, anchors.boxes), seen))
    stages = (seen, maps, anchors, scores, _selection("detections", scores, DENSE_RULES))
    return Trace(_origin(made, "retinanet"), stages, _checks(False))


def _origin(made: Made, detector: str) -> Origin:
    names = tuple(f"class {at}" for at in range(made.n_classes))
    return Origin(detector, "A network", names, tuple(range(1, made.n_classes + 1)), "cpu", 1, 7, "picture.png")


def _checks(has_proposals: bool) -> tuple[Check, ...]:
    names = ("untraced", "proposals", "detections") if has_proposals else ("untraced", "detections")
    return tuple(Check(name, is_equal=True, words="Equal.") for name in names)


def _input(chance: np.random.Generator) -> Input:
    picture = chance.integers(0, 256, (*PICTURE, 3), dtype=np.uint8)
    return Input(name="input", picture=picture, frame=FRAME, size=SIZE, mean=(0.485, 0.456, 0.406),
                 deviation=(0.229, 0.224, 0.225), divisor=255.0, channels="RGB")  # fmt: skip


def _grids() -> list[tuple[int, int]]:
    return [(int(FRAME[0] / stride), int(FRAME[1] / stride)) for stride in STRIDES]


def _features(chance: np.random.Generator) -> FeatureMaps:
    levels = tuple(_floats(chance.normal(0, 1, (8, *grid))) for grid in _grids())
    return FeatureMaps(name="features", levels=levels, strides=STRIDES, level_names=("0", "1"))


def _anchors() -> Anchors:
    parts = [_of_level(at, *grid) for at, grid in enumerate(_grids())]
    boxes, level, cell, slot = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    grids = tuple((*grid, len(RATIOS)) for grid in _grids())
    return Anchors(name="anchors", boxes=_floats(boxes), level=level, cell=cell, slot=slot, grids=grids,
                   strides=STRIDES, called="anchors")  # fmt: skip


def _of_level(level: int, rows: int, columns: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """On the cells' corners, as torchvision's are: cells row by row, each with its ratios."""
    widths = SIDES[level] / np.sqrt(RATIOS)
    halves = np.stack([widths, SIDES[level] ** 2 / widths], axis=1).round() / 2
    y, x = np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij")
    cell = np.stack([x.ravel(), y.ravel()], axis=1).repeat(len(RATIOS), axis=0)
    half = np.tile(halves, (rows * columns, 1))
    centres = cell * STRIDES[level]
    n = len(cell)
    slot = np.tile(np.arange(len(RATIOS)), rows * columns)
    return np.concatenate([centres - half, centres + half], axis=1), np.full(n, level), cell, slot


def _objectness(chance: np.random.Generator, seen: Input, anchors: Anchors) -> Scores:
    n = len(anchors.boxes)
    logits = _floats(chance.normal(-1, 2, (n, 1)))
    scores = Scores(
        name="objectness", of="anchors", parent=np.arange(n), logits=logits, scores=_sigmoid(logits),
        terms=_floats(chance.normal(0, 0.2, (n, 4))), boxes=np.zeros((n, 4), np.float32), level=anchors.level,
        activation="sigmoid", coding="centre_size", weights=(1.0, 1.0, 1.0, 1.0), rank=np.arange(n)[:, None],
    )  # fmt: skip
    return replace(scores, boxes=cut_to_picture(decoded(scores, anchors.boxes), seen))


def _regions(
    chance: np.random.Generator, seen: Input, proposals: Selection, n_classes: int, anchors: Anchors
) -> Scores:
    n = len(proposals.kept_rows)
    logits = _floats(chance.normal(0, 1.5, (n, n_classes + 1)))
    powers = np.exp(logits)
    scores = Scores(
        name="regions", of="objectness", parent=proposals.kept_rows, logits=logits,
        scores=_floats(powers / powers.sum(axis=1, keepdims=True))[:, 1:],
        terms=_floats(chance.normal(0, 0.8, (n, n_classes, 4))), boxes=np.zeros((n, n_classes, 4), np.float32),
        level=anchors.level[proposals.kept_rows], activation="softmax", coding="centre_size",
        weights=(10.0, 10.0, 5.0, 5.0),
    )  # fmt: skip
    return replace(scores, boxes=cut_to_picture(decoded(scores, proposals.kept_boxes), seen))


def _pooling(proposals: Selection) -> Pooling:
    sides = np.sqrt((proposals.kept_boxes[:, 2:] - proposals.kept_boxes[:, :2]).prod(axis=1))
    return Pooling(name="pooling", of="regions", level=(sides > 32).astype(np.int64), strides=STRIDES, size=7,
                   n_samples=2, canonical_side=64.0, canonical_level=1, boxes=proposals.kept_boxes)  # fmt: skip


def _masks(chance: np.random.Generator, detections: Selection) -> Masks:
    logits = _floats(chance.normal(0, 2, (len(detections.kept_rows), 28, 28)))
    return Masks(name="masks", logits=logits, boxes=detections.kept_boxes)


def _selection(name: str, scores: Scores, rules: Rules) -> Selection:
    found = select(scores, rules)
    kept = found.kept
    return Selection(name=name, of=scores.name, rules=rules, kept_rows=found.rows[kept],
                     kept_classes=found.classes[kept], kept_boxes=found.boxes[kept],
                     kept_scores=found.scores[kept])  # fmt: skip


def _sigmoid(values: Floats) -> Floats:
    return _floats(1 / (1 + np.exp(-values.astype(np.float64))))


def _floats(values: np.ndarray) -> Floats:
    return values.astype(np.float32)
