"""Autopsies of networks that know nothing: of every detector each annotation has a verdict, whatever ties there are."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.detecting.predicting import Picture
from engine.detectors import DETECTORS, Network, Traceable
from engine.geometry.shapes import Box
from engine.inspecting.judging import Truths, judged
from engine.inspecting.picture_autopsy import PictureAutopsy
from engine.project.records import Annotation
from engine.tracing.outlook import in_words
from engine.tracing.paths import path
from engine.tracing.stages import Anchors, Scores, Selection
from engine.tracing.trace import Origin, Trace
from engine.tracing.verdicts import LOSSES, Asked
from engine.tracing.whatif import own, what_if
from tests.engine.detectors.scenes import Scenes
from tests.engine.detectors.test_contract import build
from tests.engine.detectors.test_tracing_dense import network

ORIGIN = Origin("", "", ("disk", "bar", "ring"), (7, 3, 5), "cpu")
SCENE = Scenes(1, 1).train[0]
TRUTHS = [
    replace(each, id=number, shape=Box(*each.shape.bounds)) for number, each in enumerate(SCENE.annotations, 1)
]  # fmt: skip


@pytest.fixture(scope="module", params=[*DETECTORS.names(), "yolo with priors"])
def trace(request: pytest.FixtureRequest) -> Trace:
    return trace_of(made(request.param), SCENE.picture)


def made(name: str) -> Network:
    torch.manual_seed(0)
    return build(name, 3).eval() if "rcnn" in name else network(name)


@torch.inference_mode()
def trace_of(found: Network, picture: Picture) -> Trace:
    assert isinstance(found, Traceable)
    return Trace(ORIGIN, found.watch(torch.from_numpy(picture).permute(2, 0, 1)).stages())


@pytest.mark.parametrize("iou", [0.3, 0.5, 0.8])
def test_every_annotation_has_a_verdict(trace: Trace, iou: float) -> None:
    outcome = what_if(trace, own(trace))
    autopsy = PictureAutopsy.of(trace, outcome, TRUTHS, Asked(iou))
    truths = Truths(
        1, *trace.input.size[::-1], tuple(TRUTHS), dict(zip(ORIGIN.class_ids, ORIGIN.class_names, strict=True))
    )
    assert set(autopsy.missed) == set(judged(trace.origin, outcome.found, truths, iou).missed_ids)
    for annotation_id in autopsy.wanted:
        verdict = autopsy.verdict(annotation_id)
        assert (verdict.loss is None) == (annotation_id not in autopsy.missed)
        assert verdict.loss is None or verdict.loss in LOSSES
        outlook = autopsy.outlook(annotation_id, verdict)
        assert outlook is None or in_words(outlook).startswith("Then it would be")


def test_every_detection_has_a_path_to_its_anchor(trace: Trace) -> None:
    outcome = what_if(trace, own(trace))
    for place in range(min(len(outcome.found), 10)):
        found = path(trace, "detections", place, outcome.selections)
        assert found.is_kept and (found.region is None) == (not trace.has_proposals)


def test_a_picture_without_annotations_misses_nothing(trace: Trace) -> None:
    none: list[Annotation] = []
    assert PictureAutopsy.of(trace, what_if(trace, own(trace)), none).missed == ()


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_scaled_anchors_are_looked_into_as_they_are_tried(trace: Trace, scale: float) -> None:
    settings = replace(own(trace), anchor_scale=scale)
    outcome = what_if(trace, settings)
    autopsy = PictureAutopsy.of(trace, outcome, TRUTHS, Asked(0.4))
    before = trace.first(Anchors).boxes
    sides = [each[:, 2:] - each[:, :2] for each in (autopsy.trace.first(Anchors).boxes, before)]
    np.testing.assert_allclose(sides[0], sides[1] * scale, rtol=1e-3, atol=1e-3)
    names = [stage.of for stage in trace.all(Selection)]
    assert all(name in {each.name for each in autopsy.trace.all(Scores)} for name in names)
    for annotation_id in autopsy.wanted:
        verdict = autopsy.told(annotation_id)
        assert verdict.words and (verdict.loss is None) == (annotation_id not in autopsy.missed)
        if trace.has_proposals:  # whose heads nobody asked about these
            assert verdict.stage != "detections"
