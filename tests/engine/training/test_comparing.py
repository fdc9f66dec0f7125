"""Runs side by side: only what differs, as it was really used, and AP by class on the same pictures."""

from typing import Any

import pytest

from engine.errors import UserError
from engine.evaluation.stored import evaluate_run
from engine.feeding.augment import Augmentation
from engine.geometry.shaping import moved
from engine.progress import finish
from engine.project import detections, images, runs
from engine.project.annotations import of_image
from engine.project.records import Detection
from engine.project.runs import NewCheckpoint
from engine.project.store import Project
from engine.training.comparing import compare_runs
from engine.training.recipe import Recipe
from engine.training.recording import queue


def add(project: Project, detector: str, shift: float | None, **recipe: Any) -> int:
    """A run that finds every annotated object so far aside; None: that has looked at nothing."""
    run_id = queue(project, Recipe(detector=detector, **recipe))
    if shift is not None:
        with project.atomic():
            for image in images.all_images(project, "val"):
                found = [
                    Detection(0, image.id, each.class_id, 0.9, moved(each.shape, shift, 0), run_id)
                    for each in of_image(project, image.id)
                ]
                detections.put(project, image.id, run_id, found)
    return run_id


def test_only_what_differs_is_told_with_its_sentence(project: Project) -> None:
    one = add(project, "mask_rcnn", None, options={"min_side": 96}, epochs=3)
    other = add(project, "mask_rcnn", None, options={"min_side": 64}, epochs=3, augmentation=Augmentation(light=0.5))
    found = finish(compare_runs(project, (one, other)))
    assert {each.title: each.values for each in found.differences} == {
        "Light": ("0.2", "0.5"),
        "Min side": ("96", "64"),
    }
    assert all(each.help.endswith(".") for each in found.differences)
    assert found.n_alike > 10
    assert (found.n_pictures, found.ap.values) == ((0, 0), (None, None))


def test_options_are_those_really_used(project: Project) -> None:
    one, other = (add(project, "mask_rcnn", None) for _ in range(2))
    with project.atomic():
        for run_id, side in ((one, 320), (other, 480)):
            card = f'{{"options": {{"min_side": {side}, "anchor_sides": [8.0, 16.5]}}}}'
            runs.add_checkpoint(project, run_id, NewCheckpoint("best", 1, b"%d" % side, card))
        runs.set_images(project, one, [(1, "train", None), (2, "val", None)])
        runs.set_images(project, other, [(1, "train", None), (2, "train", None)])
    found = finish(compare_runs(project, (one, other)))
    told = {each.title: each.values for each in found.differences}
    assert told == {"Min side": ("320", "480"), "Training pictures": ("1", "2"), "Validation pictures": ("1", "0")}


def test_what_only_some_have_is_no_difference(project: Project) -> None:
    one = add(project, "mask_rcnn", None, options={"head_channels": 64}, weights="/a/b.pth", minutes=4)
    other = add(project, "yolo", None, options={"input_side": 416}, epochs=2)
    told = {each.title: each.values for each in finish(compare_runs(project, (one, other))).differences}
    assert told == {
        "Detector": ("Mask R-CNN", "YOLO"),
        "Weights": ("b.pth", "auto"),
        "Until": ("4 minutes", "2 epochs"),
    }


def test_ap_by_class_is_that_of_what_each_has_detected(project: Project) -> None:
    exact, aside = add(project, "mask_rcnn", 0), add(project, "mask_rcnn", 3)
    none = add(project, "mask_rcnn", None)
    found = finish(compare_runs(project, (exact, aside, none)))
    judged = finish(evaluate_run(project, aside, "val")).judgement("segm").scores
    assert found.judged_by == "masks"
    assert found.n_pictures == (2, 2, 0)
    assert found.ap.values == (1.0, judged.AP, None)
    assert judged.AP is not None
    assert 0 < judged.AP < 1
    assert [each.class_name for each in found.by_class] == ["disk", "bar"]
    for each in found.by_class:
        assert each.values == (1.0, judged.ap_by_class[each.class_name], None)


def test_a_run_that_is_not_there_is_refused(project: Project) -> None:
    with pytest.raises(UserError, match="no run 7"):
        finish(compare_runs(project, (7, 8)))
