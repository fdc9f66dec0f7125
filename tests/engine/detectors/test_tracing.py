"""What holds for a watched pass of every detector."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from engine.detectors import DETECTORS, Detected, Network, Traceable
from engine.tracing.selecting import is_own, replay
from engine.tracing.stages import Anchors, Floats, Scores, Selection
from engine.tracing.trace import Origin, Trace
from tests.engine.detectors.scenes import Scenes
from tests.engine.detectors.taught import taught
from tests.engine.detectors.test_contract import build

ORIGIN = Origin("", "", ("disk", "bar"), (7, 3), "cpu")
LARGER = {"min_side": 256, "max_side": 512, "input_side": 320, "anchor_sides": (16, 32, 64, 128, 256),
          "proposals_detect": 300, "detections_per_image": 200}  # fmt: skip
"""For real pictures."""
LEAST_SCORE = {"yolo": 1e-6}
"""So that what learned for a few steps finds something; of the others 0.001."""


@pytest.fixture(params=DETECTORS.names(), scope="module")
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def network(name: str) -> Network:
    return taught(name, {"score_threshold": LEAST_SCORE.get(name, 1e-3)})


def tensor(picture: np.ndarray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1)


@torch.inference_mode()
def traced(network: Network, picture: Tensor) -> Trace:
    """A trace whose network found on the picture what it finds unwatched, bit by bit."""
    assert isinstance(network, Traceable)
    plain, watched = network.detect([picture])[0], network.watch(picture)
    assert same(watched.detected, plain)
    trace = Trace(ORIGIN, watched.stages())
    assert same(network.detect([picture])[0], plain)
    assert len(trace.all(Selection)[-1].kept_rows) == len(plain.boxes)
    return trace


def same(a: Detected, b: Detected) -> bool:
    pairs = [(getattr(a, each.name), getattr(b, each.name)) for each in fields(Detected)]
    return all(x is y if x is None or y is None else torch.equal(x, y) for x, y in pairs)


def assert_replayed(trace: Trace) -> None:
    """Every selection is the network's own, and its rows have the values that the network gave."""
    for selection in trace.all(Selection):
        scores = trace.scores_of(selection)
        assert is_own(replay(scores, selection), selection), selection.name
        rows, classes = selection.kept_rows, selection.kept_classes
        boxes = scores.boxes[rows, classes] if scores.has_own_boxes else scores.boxes[rows]
        assert np.array_equal(boxes, selection.kept_boxes), selection.name
        assert np.array_equal(scores.scores[rows, classes], selection.kept_scores), selection.name


def naive_box(scores: Scores, anchor: Floats, stride: float, terms: Floats) -> list[float]:
    """An anchor moved by its terms, number by number, from the formulas of the papers."""
    x0, y0, x1, y1 = (float(each) for each in anchor)
    x, y, w, h = (x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0
    dx, dy, dw, dh = (float(term) / weight for term, weight in zip(terms, scores.weights, strict=True))
    if scores.coding == "cell":
        x, y, limit = x + (dx - 0.5) * stride, y + (dy - 0.5) * stride, 10.0
    else:
        x, y, limit = x + dx * w, y + dy * h, math.log(1000 / 16)
    w, h = math.exp(min(dw, limit)) * w, math.exp(min(dh, limit)) * h
    return [x - w / 2, y - h / 2, x + w / 2, y + h / 2]


def cut(box: list[float], trace: Trace) -> list[float]:
    height, width = trace.input.picture.shape[:2]
    return [min(max(edge, 0), (width, height)[at % 2]) for at, edge in enumerate(box)]


def assert_provenance(trace: Trace) -> None:
    """Every detection, made again from its anchor and the terms of each look at it."""
    anchors, detections = trace.first(Anchors), trace.all(Selection)[-1]
    last = trace.scores_of(detections)
    for row, kind, box in zip(detections.kept_rows, detections.kept_classes, detections.kept_boxes, strict=True):
        anchor, start = int(last.parent[row]), anchors.boxes[last.parent[row]]
        if trace.has_proposals:
            (first,) = (each for each in trace.all(Scores) if each.name == last.of)
            guess = naive_box(first, start, 0, first.terms[anchor])
            assert np.allclose(cut(guess, trace), first.boxes[anchor], atol=2e-3, rtol=1e-4)
            start = first.boxes[anchor]
        level = int(anchors.level[anchor])
        terms = last.terms[row, kind] if last.terms.ndim == 3 else last.terms[row]
        again = naive_box(last, start, anchors.strides[level], terms)
        is_cut = not np.allclose(again, box, atol=2e-3, rtol=1e-4)
        assert not is_cut or np.allclose(cut(again, trace), box, atol=2e-3, rtol=1e-4)
        assert last.level[row] == level
        rows, columns, k = anchors.grids[level]
        column, place = anchors.cell[anchor]
        assert (column < columns, place < rows, anchors.slot[anchor] < k) == (True, True, True)


def test_traced_is_untraced_replayed_and_goes_back_to_anchors(network: Network) -> None:
    n_found = 0
    for example in Scenes().train[:3]:
        trace = traced(network, tensor(example.picture))
        assert_replayed(trace)
        assert_provenance(trace)
        n_found += len(trace.all(Selection)[-1].kept_rows)
    assert n_found > 10


def test_fresh_networks_whose_scores_tie_are_replayed(name: str) -> None:
    trace = traced(build(name).eval(), tensor(Scenes().train[0].picture))
    assert_replayed(trace)
    assert_provenance(trace)


@pytest.mark.parametrize("size", [(1, 1), (3, 400), (400, 3), (64, 64), (900, 700)])
def test_the_strangest_pictures_are_traced(network: Network, size: tuple[int, int]) -> None:
    picture = torch.randint(0, 255, (3, *size), dtype=torch.uint8, generator=torch.Generator().manual_seed(3))
    trace = traced(network, picture)
    assert trace.input.size == size
    assert_replayed(trace)
    assert_provenance(trace)


def test_steps_lead_from_a_cells_anchors_to_the_next_ones(network: Network) -> None:
    """Also where a level does not divide the frame: of five cells of stride 32 there are three, in R-CNNs 53 apart."""
    anchors = traced(network, tensor(np.tile(Scenes().train[0].picture, (2, 6, 1))[:150])).first(Anchors)
    for level in range(len(anchors.grids)):
        own = (anchors.level == level) & (anchors.slot == 0)
        corners = anchors.boxes[own, :2] - anchors.boxes[own][0, :2]
        assert np.array_equal(corners, anchors.cell[own] * np.array(anchors.step(level), dtype=np.float32))
    steps = [anchors.step(level) for level in range(len(anchors.grids))]
    assert steps[:-1] == [(stride, stride) for stride in anchors.strides[:-1]]
    assert steps[-1] == ((53, 64) if hasattr(network, "rcnn") else (anchors.strides[-1],) * 2)


def test_every_row_is_of_the_stage_that_it_says(network: Network) -> None:
    trace = traced(network, tensor(Scenes().train[0].picture))
    anchors = trace.first(Anchors)
    assert sum(rows * columns * k for rows, columns, k in anchors.grids) == len(anchors.boxes)
    for scores in trace.all(Scores):
        n_rows = len(scores.scores)
        assert n_rows == len(scores.parent) == len(scores.logits) == len(scores.boxes) == len(scores.terms)
        assert scores.level.tolist() == anchors.level[scores.parent].tolist()
        assert scores.rank is None or scores.rank.shape == scores.scores.shape
    assert [each.of in {stage.name for stage in trace.stages} for each in trace.all(Selection)]


def pictures(shared: Path, n: int) -> Iterator[Tensor]:
    """As many of each of the three collections, as even as can be."""
    folders = [shared / "data" / each for each in ("nuclei", "bccd", "coco_mini")]
    found = [sorted(path for path in each.rglob("*") if path.suffix in (".jpg", ".png")) for each in folders]
    for at in range(n):
        paths = found[at % len(found)]
        path = paths[(at // len(found)) * (len(paths) // (n // len(found) + 1))]
        yield tensor(np.array(Image.open(path).convert("RGB")))


@pytest.fixture(scope="module")
def larger(name: str) -> Network:
    known = DETECTORS.get(name).options.__dataclass_fields__
    chosen = {key: value for key, value in LARGER.items() if key in known}
    return taught(name, chosen | {"score_threshold": LEAST_SCORE.get(name, 1e-3)})


@pytest.mark.slow
def test_fifty_real_pictures(larger: Network, shared: Path) -> None:
    n_found = 0
    for picture in pictures(shared, 50):
        trace = traced(larger, picture)
        assert_replayed(trace)
        assert_provenance(trace)
        n_found += len(trace.all(Selection)[-1].kept_rows)
    assert n_found > 500
