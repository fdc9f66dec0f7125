"""Evaluation of 5,000 pictures with 100 detections each: COCO's numbers, and everything beyond them.

Beside it, on the same values, COCO's numbers alone by faster-coco-eval. Seconds are of the processor, not of the clock.
"""

import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from faster_coco_eval import COCO, COCOeval_faster

from engine.evaluation.analysis import analysed
from engine.evaluation.coco_tables import Judged, JudgedTables
from engine.evaluation.comparison import comparison
from engine.evaluation.detection import scores
from engine.geometry.shapes import Box
from engine.project.records import Annotation, Detection
from tests.bench._rows import Row, show
from tests.engine.evaluation import rows

T = TypeVar("T")
N_PICTURES, N_DETECTIONS, N_TRUTHS, N_CLASSES, SIDE = 5_000, 100, 8, 80, 640


def main() -> None:
    """All of it has to be done within ten seconds."""
    tables = made()
    compared, reading = _timed(lambda: comparison(tables, "bbox"))
    ours, numbers = _timed(lambda: scores(compared, 100))
    _, beyond = _timed(lambda: analysed(compared))
    theirs, others = _timed(lambda: by_faster_coco_eval(tables))
    if abs((ours.AP or 0.0) - theirs) > 1e-9:
        raise AssertionError(f"AP is {ours.AP}, and {theirs} by faster-coco-eval")
    show(
        [
            Row(f"comparison, {N_PICTURES:,} pictures x {N_DETECTIONS} detections", reading, "s"),
            Row("COCO's numbers of it", numbers, "s"),
            Row("curves, errors and costs, confusion, calibration, DSB2018", beyond, "s"),
            Row("all of that", reading + numbers + beyond, "s", limit=10),
            Row("COCO's numbers by faster-coco-eval", others, "s"),
        ]
    )


def by_faster_coco_eval(tables: JudgedTables) -> float:
    """AP."""
    truth, found = COCO(rows.truth(tables, "bbox")), COCO(rows.detected(tables, "bbox"))
    judge = COCOeval_faster(truth, found, "bbox", print_function=lambda *_: None)
    judge.evaluate()
    judge.accumulate()
    precision = judge.eval["precision"][:, :, :, 0, -1]
    return float(precision[precision > -1].mean())


def made() -> JudgedTables:
    """Truths at random; a detection or two near each, the others anywhere."""
    random = np.random.default_rng(0)
    return JudgedTables(
        [_picture(random, number + 1) for number in range(N_PICTURES)],
        {number + 1: f"class {number + 1}" for number in range(N_CLASSES)},
    )


def _picture(random: np.random.Generator, image_id: int) -> Judged:
    truths = _boxes(random, N_TRUTHS)
    near = truths.repeat(2, axis=0) + random.normal(0, 8, (2 * N_TRUTHS, 4))
    found = np.concatenate([near, _boxes(random, N_DETECTIONS - len(near))])
    found[:, 2:] = np.maximum(found[:, 2:], found[:, :2] + 1)
    classes = random.integers(1, N_CLASSES + 1, N_TRUTHS)
    guessed = random.integers(1, N_CLASSES + 1, N_DETECTIONS)
    guessed[: 2 * N_TRUTHS : 2] = classes
    scores = np.append(random.uniform(0.3, 1, 2 * N_TRUTHS), random.uniform(0, 0.6, N_DETECTIONS - 2 * N_TRUTHS))
    first, first_found = image_id * N_TRUTHS, image_id * N_DETECTIONS
    return Judged(
        image_id, SIDE, SIDE,
        [Annotation(first + at, image_id, int(classes[at]), Box(*map(float, truths[at]))) for at in range(N_TRUTHS)],
        [
            Detection(first_found + at, image_id, int(guessed[at]), float(scores[at]), Box(*map(float, found[at])))
            for at in range(N_DETECTIONS)
        ],
    )  # fmt: skip


def _boxes(random: np.random.Generator, n: int) -> np.ndarray:
    corners = random.uniform(0, SIDE - 100, (n, 2))
    return np.concatenate([corners, corners + random.uniform(10, 100, (n, 2))], axis=1)


def _timed(run: Callable[[], T]) -> tuple[T, float]:
    start = time.process_time()
    return run(), time.process_time() - start


if __name__ == "__main__":
    main()
