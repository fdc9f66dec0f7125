"""What the page of evaluations shows, in words and rows: pure, made of what is worked out elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.bowl import THRESHOLDS, BowlScore
from engine.evaluation.calibration import Calibration
from engine.evaluation.coco_tables import IouType
from engine.evaluation.confusion import Confusion
from engine.evaluation.curves import Curve
from engine.evaluation.detection import AREAS, ClassScores, Number
from engine.evaluation.errors import KINDS, ErrorKind, Errors
from engine.evaluation.look import AtIou
from engine.evaluation.operating import Operating, Point
from engine.evaluation.stored import Evaluation
from engine.project.classes import distinct_colour
from engine.project.records import Split
from studio.charts.bars import Bar
from studio.charts.plot import Trail
from studio.charts.reliability import Step
from studio.charts.table import Heading, Line
from studio.theme import Tones

SHAPES: dict[IouType, str] = {"bbox": "Boxes", "segm": "Masks"}
SPLITS: tuple[tuple[str, Split | None], ...] = (
    ("Validation", "val"), ("Training", "train"), ("Test", "test"), ("All pictures", None),
)  # fmt: skip
PRECISIONS = {
    "AP": "averaged over IoU 0.50 to 0.95",
    "AP50": "at IoU 0.50",
    "AP75": "at IoU 0.75",
    "APs": "of small objects, below 32 x 32 pixels",
    "APm": "of medium objects",
    "APl": "of large objects, from 96 x 96 pixels on",
}
RECALLS = {
    "AR1": "with one detection a picture",
    "AR10": "with ten detections a picture",
    "AR100": "with all detections",
    "ARs": "of small objects, below 32 x 32 pixels",
    "ARm": "of medium objects",
    "ARl": "of large objects, from 96 x 96 pixels on",
}
AREA_OF = dict(zip("sml", AREAS[1:], strict=True))
"""By the last letter of a number's name."""
KIND_WORDS: dict[ErrorKind, tuple[str, str]] = {
    "classification": ("Wrong class", "in the right place, but of another class"),
    "localisation": ("Wrong place", "of the right class, but beside the object"),
    "both": ("Class and place", "beside an object of another class"),
    "duplicate": ("Found twice", "an object that a surer detection has found"),
    "background": ("Nothing there", "no object is near"),
    "missed": ("Missed", "no detection is about the object"),
}
CLASS_COLUMNS = (
    Heading("Objects", "annotated"), Heading("Found", "detections from the score on"),
    Heading("AP", "averaged over IoU 0.50 to 0.95"), Heading("AP50", "AP at IoU 0.50"),
    Heading("AP75", "AP at IoU 0.75"), Heading("Prec.", "share of detections from the score on that are right"),
    Heading("Recall", "share of objects found from the score on"), Heading("F1", "of both, from the score on"),
    Heading("Small", "AP of objects below 32 x 32 pixels"), Heading("Med.", "AP of medium objects"),
    Heading("Large", "AP of objects from 96 x 96 pixels on"),
)  # fmt: skip
MOST_CURVES = 8
"""Of all classes; those of the others are seen class by class."""
MOST_CLASSES = 20
"""In the matrix; the others are in the exported report."""


def number(value: Number) -> str:
    """Three decimals, or a dash."""
    return "–" if value is None else f"{value:.3f}"


def sentence(found: Evaluation) -> str:
    """What took part."""
    words = f"{len(found.image_ids):,} pictures, {found.n_annotations:,} annotations, {found.n_detections:,} detections"
    bare = f"; nothing is annotated on {len(found.bare_ids):,} of the pictures" if found.bare_ids else ""
    return words + bare


def score_lines(found: Evaluation, told: Mapping[str, str]) -> list[Line]:
    """COCO's numbers of boxes and masks, a row each."""
    lines = []
    for name, words in told.items():
        values = tuple(each.scores.named()[name] for each in found.judgements)
        shown = name.replace("100", str(found.max_detections)) if name == "AR100" else name
        lines.append(Line(shown, tuple(map(number, values)), values, (f"{shown}: {words}",) * len(values)))
    return lines


def class_lines(
    by_name: Mapping[str, ClassScores], at: AtIou, score: float, colours: Mapping[str, str]
) -> dict[int, Line]:
    """A row for each class that is annotated or detected anywhere, by class id."""
    told = tuple(heading.told for heading in CLASS_COLUMNS)
    lines = {}
    for (name, scores), (class_id, thresholds) in zip(by_name.items(), at.by_class.items(), strict=True):
        if not (thresholds.n_truths or len(thresholds.scores)):
            continue
        point = thresholds.at(score)
        whole = (thresholds.n_truths, point.n_right + point.n_wrong)
        first, last = (scores.AP, scores.AP50, scores.AP75), (scores.APs, scores.APm, scores.APl)
        shares = (*first, point.precision, point.recall, point.f1, *last)
        words = (*(f"{each:,}" for each in whole), *map(number, shares))
        lines[class_id] = Line(name, words, (*whole, *shares), told, colours.get(name, ""))
    return lines


def error_bars(found: Errors, tones: Tones) -> list[Bar]:
    """How many of each type, and what they cost."""
    bars = []
    for kind in KINDS:
        title, told = KIND_WORDS[kind]
        n, cost = found.counts[kind], found.cost[kind]
        colour = tones.warn if kind == "missed" else tones.bad
        bars.append(Bar(title, cost, colour, f"{n:,} · costs {cost:.3f}", f"{n:,}: {told}"))
    return bars


def bowl_bars(found: BowlScore, tones: Tones) -> list[Bar]:
    """The score at each IoU."""
    return [
        Bar(
            f"IoU {iou:.2f}",
            value,
            tones.accent,
            f"{value:.3f}",
            f"mean of right / (right + wrong + missed) {value:.3f}",
        )
        for iou, value in zip(THRESHOLDS.tolist(), found.by_iou, strict=False)
    ]


def steps(found: Calibration) -> list[Step]:
    """The stretches of scores."""
    return [Step(one.low, one.high, one.mean_score, one.share_right, one.n) for one in found.bins]


def curves_drawn(found: AtIou) -> tuple[Curve, ...]:
    """Those of the chosen class, or of the classes with the most objects, in the project's order."""
    if found.class_id is not None:
        return found.curves
    known = [one for one in found.curves if one.ap is not None]
    largest = sorted(known, key=lambda one: -found.by_class[one.class_id].n_truths)[:MOST_CURVES]
    return tuple(one for one in known if any(one is each for each in largest))


def curve_note(found: AtIou, drawn: tuple[Curve, ...]) -> str:
    """What the curves are of."""
    if found.class_id is not None:
        return f"{drawn[0].class_name} at every IoU" if drawn else ""
    n = sum(one.ap is not None for one in found.curves)
    which = f"the {len(drawn)} most frequent of {n:,} classes, " if n > len(drawn) else ""
    return f"{which}IoU {found.iou:.2f}"


def trails(found: tuple[Curve, ...], names: Mapping[str, str], tones: Tones, *, is_by_iou: bool) -> list[Trail]:
    """A line for each class in its colour, or for each IoU in shades."""
    drawn = []
    for n, one in enumerate(found):
        share = n / max(1, len(found) - 1)
        colour = _mixed(tones.accent, tones.warn, share) if is_by_iou else names.get(one.class_name, distinct_colour(n))
        name = f"{one.iou:.2f}" if is_by_iou else one.class_name
        drawn.append(Trail(name, one.recall, one.precision, colour))
    return drawn


def _mixed(first: str, second: str, share: float) -> str:
    parts = [(int(first[at : at + 2], 16), int(second[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in parts)


def point_words(one: Curve, at: int, *, is_by_iou: bool) -> str:
    """A point of a curve, shortly: it stands beside the title."""
    of = f"IoU {one.iou:.2f}" if is_by_iou else one.class_name
    return f"{of} ≥ {one.scores[at]:.2f}: P {one.precision[at]:.2f}, R {one.recall[at]:.2f}"


def operating_trails(found: Operating, tones: Tones) -> list[Trail]:
    """Precision, recall and F1 by score."""
    x = found.scores[::-1]
    return [
        Trail("precision", x, found.precision[::-1], tones.accent),
        Trail("recall", x, found.recall[::-1], tones.good),
        Trail("F1", x, found.f1[::-1], tones.bad),
    ]


def operating_words(point: Point) -> str:
    """What comes of a score."""
    return f"precision {number(point.precision)}   recall {number(point.recall)}   F1 {number(point.f1)}"


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """A confusion as a matrix; the last row and column are what is nothing."""

    class_ids: tuple[int | None, ...]
    names: tuple[str, ...]
    counts: NDArray[np.int64]
    n_left_out: int
    """Classes there is no room for: those with the fewest cases."""


def grid(found: Confusion) -> Grid:
    """The classes that occur, in the project's order."""
    weights: dict[int, int] = dict.fromkeys(found.class_names, 0)
    for cell in found.cells:
        for class_id in (cell.truth_class_id, cell.found_class_id):
            if class_id is not None:
                weights[class_id] = weights.get(class_id, 0) + len(cell)
    weightiest = sorted(weights, key=lambda each: -weights[each])[:MOST_CLASSES]
    class_ids: tuple[int | None, ...] = (*(each for each in weights if each in weightiest), None)
    names = tuple("nothing" if each is None else found.class_names.get(each, str(each)) for each in class_ids)
    n_of = {(cell.truth_class_id, cell.found_class_id): len(cell) for cell in found.cells}
    counts = np.array([[n_of.get((truth, seen), 0) for seen in class_ids] for truth in class_ids], dtype=np.int64)
    return Grid(class_ids, names, counts, len(weights) - len(class_ids) + 1)
