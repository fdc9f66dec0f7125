"""What is particular about Keypoint R-CNN: points beside boxes, as many as the class has."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest
import torch

from engine.detecting import predicting
from engine.detecting.predicting import Predictor
from engine.detectors import DETECTORS
from engine.feeding.augment import NO_AUGMENTATION
from engine.feeding.batches import plain
from engine.feeding.data import Example, truth_of
from engine.geometry.shapes import Keypoints
from engine.project.records import Annotation
from engine.training.events import CheckpointReady, Event
from engine.training.loop import train
from engine.training.recipe import Recipe
from tests.engine.detectors.scenes import CLASS_NAMES, Scenes, survey_of
from tests.engine.detectors.test_contract import SMALL, build, detected

CPU = torch.device("cpu")
OPTIONS = SMALL["keypoint_rcnn"]
"""A disk has a left and a right end, a bar its middle."""
MIRRORS = ((1, 0), (0,))


def pointed(example: Example) -> Example:
    """The same picture, its objects with their points."""
    found = tuple(replace(each, keypoints=points_of(each)) for each in example.annotations)
    return replace(example, annotations=found, truth=truth_of(found, tuple(CLASS_NAMES), MIRRORS))


def points_of(annotation: Annotation) -> Keypoints:
    x0, y0, x1, y1 = annotation.shape.bounds
    middle = (y0 + y1) / 2
    return Keypoints.of(
        [(x0, middle, 2), (x1, middle, 2)] if annotation.class_id == 7 else [((x0 + x1) / 2, middle, 2)]
    )


def test_the_number_of_points_comes_from_the_classes() -> None:
    detector = DETECTORS.get("keypoint_rcnn")
    survey = replace(survey_of(Scenes().train, 2), n_keypoints=(2, 1))
    found = detector.suggest(survey, CPU, {})
    assert found.options.n_keypoints == (2, 1)
    assert any("Up to 2 keypoints" in reason for reason in found.reasons)
    bare = detector.suggest(survey_of(Scenes().train, 2), CPU, {})
    assert any("no class has keypoints" in reason for reason in bare.reasons)


def test_points_teach_and_objects_without_any_teach_boxes_only() -> None:
    network = DETECTORS.get("keypoint_rcnn").build(msgspec.convert(OPTIONS, DETECTORS.get("keypoint_rcnn").options), 2)
    network.train()
    with_points, without = pointed(Scenes().train[0]), Scenes().train[0]
    torch.manual_seed(0)
    losses = network.loss(*batch_of(with_points, network))
    assert float(losses["loss_keypoint"].detach()) > 1
    assert float(network.loss(*batch_of(without, network))["loss_keypoint"].detach()) == 0


def batch_of(example: Example, network):
    found = plain([example], network)
    return found.pictures, found.truths


def test_without_keypoints_in_the_project_none_are_shown() -> None:
    detector = DETECTORS.get("keypoint_rcnn")
    network = detector.build(msgspec.convert(OPTIONS | {"n_keypoints": (0, 0)}, detector.options), 2)
    found = detected(network, Scenes().train[0].picture)[0]
    assert len(found.boxes)
    assert found.keypoints is None
    assert predicting.keypoints(found) == [None] * len(found.boxes)


def test_a_class_shows_no_more_points_than_it_has() -> None:
    found = detected(build("keypoint_rcnn"), Scenes().train[0].picture)[0]
    shown = predicting.keypoints(found)
    assert len(shown) > 0
    for class_index, points in zip(found.class_indices.tolist(), shown, strict=True):
        assert points is not None
        assert len(points.points) == (2, 1)[class_index]


@pytest.mark.slow
def test_the_points_of_one_picture_are_learned_by_heart() -> None:
    scenes = Scenes(1, 0)
    scenes.train = scenes.val = [pointed(scenes.train[0])]
    recipe = Recipe(
        detector="keypoint_rcnn", options=OPTIONS, weights="none", epochs=120, batch=1, learning_rate=2e-3,
        averaging=0.9, augmentation=NO_AUGMENTATION, precision="float32", device="cpu", threads=1,
    )  # fmt: skip
    events: list[Event] = list(train(recipe, scenes))
    best = [event for event in events if isinstance(event, CheckpointReady) and event.kind == "best"][-1]
    found = Predictor.load(best.weights, CPU).detections(scenes.train[0].picture)
    for ours in scenes.train[0].annotations:
        theirs = max((each for each in found if each.class_id == ours.class_id), key=lambda each: closeness(ours, each))
        assert theirs.keypoints is not None
        assert ours.keypoints is not None
        assert len(theirs.keypoints.points) == len(ours.keypoints.points)
        assert np.abs(np.array(theirs.keypoints.points) - ours.keypoints.points).max() < 4


def closeness(ours: Annotation, theirs) -> float:
    return -float(np.abs(np.array(ours.shape.bounds) - theirs.shape.bounds).max())
