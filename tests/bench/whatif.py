"""How long other settings take to be answered on a trace of 1,000 proposals: the slider's next value.

    python -m tests.bench.whatif

Processor time of one thread, the median of many slider positions; `afresh` is the first answer of a trace.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from statistics import median

import numpy as np

from engine.tracing.decoding import cut_to_picture
from engine.tracing.rules import LeastScore, LeastSide, Most, Nms, Rules, TopK
from engine.tracing.selecting import select
from engine.tracing.stages import Input, Scores, Selection
from engine.tracing.trace import Origin, Trace
from engine.tracing.whatif import Settings, Trial, own

N_ANCHORS = (49_152, 12_288, 3_072, 768, 192)
N_PROPOSALS = 1_000
SIDE = 512


def trace(n_classes: int) -> Trace:
    """As of a Mask R-CNN on a square picture of crowded objects; every region is a candidate of one class or more."""
    chance = np.random.default_rng(n_classes)
    picture = np.zeros((SIDE, SIDE, 3), dtype=np.uint8)
    seen = Input(name="input", picture=picture, frame=(SIDE, SIDE), size=(SIDE, SIDE), mean=(0.0,) * 3,
                 deviation=(1.0,) * 3, divisor=255.0, channels="RGB")  # fmt: skip
    level = np.repeat(np.arange(len(N_ANCHORS)), N_ANCHORS)
    objectness = _scores(chance, seen, "objectness", level, 1)
    rules: Rules = (TopK(2 * N_PROPOSALS, "level"), LeastSide(1e-3), LeastScore(0.0, is_inclusive=True),
                    Nms(0.7, "level"), Most(N_PROPOSALS))  # fmt: skip
    proposals = _kept("proposals", objectness, rules)
    regions = _scores(chance, seen, "regions", level[proposals.kept_rows], n_classes)
    regions = replace(regions, parent=proposals.kept_rows, boxes=objectness.boxes[proposals.kept_rows])
    detections = _kept("detections", regions, (LeastScore(0.05), LeastSide(1e-2), Nms(0.5, "class"), Most(300)))
    return Trace(Origin("", "", (), (), "cpu"), (seen, objectness, proposals, regions, detections))


def _scores(chance: np.random.Generator, seen: Input, name: str, level: np.ndarray, n_classes: int) -> Scores:
    n = len(level)
    centres, halves = chance.uniform(0, SIDE, (n, 2)), 2.0 ** level[:, None] * chance.uniform(6, 20, (n, 2))
    boxes = cut_to_picture(np.concatenate([centres - halves, centres + halves], axis=1).astype(np.float32), seen)
    values = chance.dirichlet(np.full(n_classes + 1, 0.2), n)[:, 1:].astype(np.float32)
    return Scores(
        name=name, of="anchors", parent=np.arange(n), logits=values, scores=values, terms=boxes * 0, boxes=boxes,
        level=level, activation="softmax", coding="centre_size", weights=(1.0, 1.0, 1.0, 1.0),
    )  # fmt: skip


def _kept(name: str, scores: Scores, rules: Rules) -> Selection:
    found = select(scores, rules)
    kept = found.kept
    return Selection(name=name, of=scores.name, rules=rules, kept_rows=found.rows[kept],
                     kept_classes=found.classes[kept], kept_boxes=found.boxes[kept],
                     kept_scores=found.scores[kept])  # fmt: skip


def _sliders() -> dict[str, tuple[str, Callable[[float], LeastScore | Nms]]]:
    """By title: the selection, and its rule at a position of the slider."""
    return {
        "score": ("detections", lambda at: LeastScore(0.05 + 0.5 * at)),
        "NMS": ("detections", lambda at: Nms(0.3 + 0.5 * at, "class")),
        "soft-NMS": ("detections", lambda at: Nms(0.3 + 0.5 * at, "class", "linear", least_score=0.05)),
        "NMS of proposals": ("proposals", lambda at: Nms(0.5 + 0.4 * at, "level")),
    }


def milliseconds(trial: Trial, settings: Settings) -> float:
    """Processor time of one answer."""
    start = time.thread_time()
    trial.outcome(settings)
    return 1000 * (time.thread_time() - start)


def main() -> None:
    """Print a line for each slider and number of classes."""
    for n_classes in (2, 80):
        traced = trace(n_classes)
        n = len(Trial(traced).outcome(own(traced)).selections["detections"])
        print(f"{n_classes} classes, {N_PROPOSALS} proposals, {n} candidates for detections")
        for title, (name, rule) in _sliders().items():
            trial, settings = Trial(traced), own(traced)
            afresh = milliseconds(trial, settings)
            taken = []
            for at in np.linspace(0, 1, 41):
                chosen = rule(float(at))
                rules = tuple(chosen if type(each) is type(chosen) else each for each in settings.rules[name])
                taken.append(milliseconds(trial, replace(settings, rules={**settings.rules, name: rules})))
            print(f"  {title:<17} median {median(taken):5.1f} ms  worst {max(taken):5.1f}  afresh {afresh:5.1f}")


if __name__ == "__main__":
    main()
