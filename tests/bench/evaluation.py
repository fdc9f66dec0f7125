"""Evaluation of 5,000 pictures with 100 detections each: COCO's numbers, and everything beyond them."""

import time
from collections.abc import Callable

import numpy as np

from engine.evaluation.analysis import analysed
from engine.evaluation.coco_tables import Judged, JudgedTables
from engine.evaluation.detection import evaluate
from engine.geometry.shapes import Box
from engine.project.records import Annotation, Detection
from tests.bench._rows import Row, show

N_PICTURES, N_DETECTIONS, N_TRUTHS, N_CLASSES, SIDE = 5_000, 100, 8, 80, 640


def main() -> None:
    """Both have to be done within ten seconds."""
    tables = made()
    what = f"{N_PICTURES:,} pictures x {N_DETECTIONS} detections"
    numbers = _seconds(lambda: evaluate(tables, "bbox"))
    beyond = _seconds(lambda: analysed(tables, "bbox"))
    show(
        [
            Row(f"COCO's numbers, {what}", numbers, "s"),
            Row("curves, errors and costs, confusion, calibration, DSB2018", beyond, "s"),
            Row("both", numbers + beyond, "s", limit=10),
        ]
    )


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


def _seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
