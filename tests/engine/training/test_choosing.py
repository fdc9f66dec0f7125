"""What a training would be: the detector from what is annotated, everything around what is given, reasons in words."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import get_type_hints

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from engine.detectors import DETECTORS, Priored, Survey, option
from engine.errors import UserError
from engine.feeding.augment import Augmentation
from engine.geometry.shapes import Box, Keypoints, Polygon, Shape
from engine.nn.priors import shape_iou
from engine.project import annotations, images, runs
from engine.project.records import Annotation
from engine.project.store import Project
from engine.training.choosing import decided, planned
from engine.training.plan import Choosable, PlanRequest, choosables
from engine.training.recipe import Recipe
from tests.studio import projects

BOX, TRIANGLE = Box(20, 20, 60, 50), Polygon.of([(10, 10), (50, 12), (30, 40)])
POINTS = Keypoints(((20, 20, 2), (40, 40, 2)))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Six pictures with nothing on them."""
    return projects.make(tmp_path / "p.boxwright", 6)


def annotate(path: Path, *shapes: Shape) -> Path:
    """The same shapes on every picture."""
    with Project.open(path) as project, project.atomic():
        for image_id in images.all_ids(project):
            annotations.add(project, [Annotation(0, image_id, 1, shape) for shape in shapes])
    return path


@pytest.mark.parametrize(
    ("shapes", "detector", "reason"),
    [
        ((BOX, BOX), "faster_rcnn", "Faster R-CNN: objects are boxes"),
        ((BOX, TRIANGLE), "mask_rcnn", "Mask R-CNN: 6 of 12 objects have outlines"),
        ((BOX, POINTS), "keypoint_rcnn", "Keypoint R-CNN: 6 of 12 objects have keypoints"),
        ((BOX,) * 11 + (TRIANGLE,), "faster_rcnn", "objects are boxes"),
    ],
)
def test_the_detector_is_chosen_by_what_is_annotated(
    path: Path, shapes: tuple[Shape, ...], detector: str, reason: str
) -> None:
    with Project.open(annotate(path, *shapes)) as project:
        plan = planned(project, PlanRequest(device="cpu"))
        recipe, why = decided(project, Recipe(detector="auto", device="cpu"), {})
    assert (plan.detector, recipe.detector) == (detector, detector)
    assert reason in plan.reasons[0]
    assert why[0] == plan.reasons[0]
    assert dict(plan.detectors).keys() == set(DETECTORS.names())


def test_a_detector_that_is_named_is_left(path: Path) -> None:
    given = Recipe(detector="ssd")
    with Project.open(path) as project:
        recipe, _ = decided(project, given, {})
    assert recipe == given


def test_weights_used_before_and_weights_given_speak_for_their_detector(path: Path, tmp_path: Path) -> None:
    file = tmp_path / "nano.safetensors"
    save_file({"backbone.backbone.stem.conv.conv.weight": torch.zeros(16, 12, 3, 3)}, file)
    with Project.open(annotate(path, BOX)) as project:
        before = planned(project, PlanRequest(device="cpu", files={"yolo": str(file)}))
        given = planned(project, PlanRequest(device="cpu", weights=str(file)))
        gone = planned(project, PlanRequest(device="cpu", files={"yolo": str(tmp_path / "gone.pth")}))
    assert (before.detector, before.weights) == ("yolo", str(file))
    assert "those used last" in before.reasons[0]
    assert (given.detector, given.weights) == ("yolo", str(file))
    assert "nano.safetensors" in given.reasons[0]
    assert gone.detector == "faster_rcnn"


def test_everything_is_chosen_around_what_is_given(path: Path) -> None:
    with Project.open(annotate(path, BOX)) as project:
        plan = planned(project, PlanRequest("mask_rcnn", {"min_side": 96, "max_side": 192}, device="cpu"))
        values = {each.name: each.value for each in plan.options}
        with pytest.raises(UserError, match="no option colour"):
            planned(project, PlanRequest("mask_rcnn", {"colour": 3}, device="cpu"))
        with pytest.raises(UserError, match="cannot be built"):
            planned(project, PlanRequest("mask_rcnn", {"min_side": "wide"}, device="cpu"))
    assert (values["min_side"], values["max_side"]) == (96, 192)
    assert not any("shorter side" in reason for reason in plan.reasons)
    assert {each.name: each.value for each in plan.recipe}["batch"] == 1


def test_time_is_chosen_by_how_fast_it_was_before(path: Path) -> None:
    with Project.open(annotate(path, BOX)) as project:
        first = planned(project, PlanRequest("ssd", device="cpu"))
        with project.atomic():
            run_id = runs.add(project, "detector", "ssd", "{}")
            runs.set_state(project, run_id, "running", device="cpu")
            runs.add_metrics(project, run_id, 1, {"train/pictures_per_second": 9.0})
            runs.add_metrics(project, run_id, 2, {"train/pictures_per_second": 0.2})
        second = planned(project, PlanRequest("ssd", device="cpu"))
        other = planned(project, PlanRequest("mask_rcnn", device="cpu"))
    assert (first.minutes, other.minutes) == (10, 10)
    assert second.minutes == 20
    assert second.reasons[-1] == "20 minutes: at 0.2 pictures a second, as last time, each is seen 40 times."


@pytest.mark.parametrize("name", DETECTORS.names())
def test_priors_are_shown_beside_the_objects_that_they_cover(name: str) -> None:
    detector, survey = DETECTORS.get(name), _survey(300)
    options = detector.suggest(survey, torch.device("cpu"), {"mode": "fitted_priors"} if name == "yolo" else {}).options
    assert isinstance(detector, Priored)
    found = detector.covered(survey, options)
    assert found is not None
    best = shape_iou(found.shapes, found.priors).max(axis=1)
    assert len(found.shapes) == 300
    assert (found.mean_best_iou, found.share_above_half) == (best.mean(), (best > 0.5).mean())
    assert found.share_above_half > 0.9


def test_without_priors_nothing_is_covered() -> None:
    detector = DETECTORS.get("yolo")
    assert isinstance(detector, Priored)
    assert detector.covered(_survey(30), detector.options()) is None


def _survey(n: int) -> Survey:
    random = np.random.default_rng(0)
    corners, sides = random.uniform(0, 300, (n, 2)), random.uniform(20, 90, (n, 2))
    return Survey(np.array([[480.0, 640.0]]), np.hstack([corners, corners + sides]), np.zeros(n, np.int64), 1)


@pytest.mark.parametrize("kind", [Recipe, Augmentation, *(detector.options for _, detector in DETECTORS)])
def test_every_option_has_a_field_and_a_sentence(kind: type) -> None:
    found = choosables(kind, kind())
    assert found
    assert all(each.help.endswith(".") and each.help.count("\n") == 0 for each in found)
    assert all(each.value in each.choices for each in found if each.kind == "choice")
    assert all(each.value is not None or each.is_optional for each in found)
    assert kind is Recipe or len(found) == len(get_type_hints(kind))


def test_fields_are_made_by_type() -> None:
    @dataclass(frozen=True)
    class Options:
        least_iou: float = option(0.5, "Least.")
        at: int | None = option(None, "Where.")
        is_on: bool = option(False, "Whether.")
        sides: tuple[tuple[float, float], ...] = option((), "Sides.")
        hidden: int = 3

    found = choosables(Options, Options())
    assert [each.kind for each in found] == ["number", "whole", "switch", "pairs"]
    assert (found[0].title, found[1].is_optional, found[0].is_optional) == ("Least IoU", True, False)
    assert found[2] == Choosable("is_on", "switch", "Whether.", False)


def test_a_field_of_a_strange_type_is_refused() -> None:
    @dataclass(frozen=True)
    class Options:
        names: dict[str, int] = field(default_factory=dict, metadata={"help": "Names."})

    with pytest.raises(TypeError, match="names"):
        choosables(Options, Options())
