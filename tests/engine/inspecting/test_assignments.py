"""What images of a project teach: a run's network, a fresh one, pictures that were shrunk, faults in words."""

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.detectors import DETECTORS
from engine.errors import UserError
from engine.feeding.project_data import ProjectData
from engine.inspecting.assignments import Pupil, example_of, lessons, lessons_on
from engine.inspecting.tracer import Tracer
from engine.project import annotations, images, runs
from engine.project.store import Project
from engine.tracing import files
from engine.tracing.stages import MaskTargets, Taught
from engine.tracing.trace import Origin, Trace


def untrained(project: Project, name: str) -> Pupil:
    """A network with random weights, its options as they suit a project."""
    data, cpu, detector = ProjectData(project), torch.device("cpu"), DETECTORS.get(name)
    torch.manual_seed(0)
    network = detector.build(detector.suggest(data.survey(), cpu, {}).options, len(data.class_names))
    names, ids = tuple(data.class_names.values()), tuple(data.class_names)
    origin = Origin(name, f"{detector.title}, untrained", names, ids, "cpu")
    return Pupil(network.eval().requires_grad_(False), cpu, origin)


def taught(trace: Trace) -> tuple[Taught, ...]:
    return trace.all(Taught)


def test_a_runs_network_is_taught_the_annotations_of_an_image(trained: Project) -> None:
    image = images.all_images(trained)[0]
    made = Tracer("cpu").lessons(trained, image.id)
    own = annotations.of_image(trained, image.id)
    assert (made.origin.run_id, made.origin.image_id, made.origin.image_name) == (1, image.id, image.name)
    assert made.input.size == (image.height, image.width)
    across, down = made.input.scale_xy
    truth = taught(made)[0]
    expected = np.array([each.shape.bounds for each in own]) * [across, down, across, down]
    np.testing.assert_allclose(truth.truth_boxes, expected, atol=1e-3)
    assert [made.origin.class_ids[at] for at in truth.truth_classes] == [each.class_id for each in own]


def test_lessons_are_kept_in_a_file(trained: Project, tmp_path: Path) -> None:
    made = Tracer("cpu").lessons(trained, images.all_ids(trained)[0], 1)
    files.save(made, tmp_path / "lessons.trace")
    again = files.load(tmp_path / "lessons.trace")
    assert [each.name for each in again.stages] == [each.name for each in made.stages]
    for before, after in zip(taught(made), taught(again), strict=True):
        np.testing.assert_array_equal(after.role, before.role)
        np.testing.assert_array_equal(after.is_chosen, before.is_chosen)
        assert (after.by, after.of) == (before.by, before.of)
    if DETECTORS.get(runs.get(trained, 1).network).has_masks:
        np.testing.assert_array_equal(again.first(MaskTargets).cells, made.first(MaskTargets).cells)


@pytest.mark.parametrize("name", ["yolo", "retinanet"])
def test_a_fresh_network_has_lessons_too(trained: Project, name: str, tmp_path: Path) -> None:
    made = lessons_on(trained, untrained(trained, name), images.all_images(trained)[0])
    assert made.origin.run_id is None
    assert made.origin.title.endswith(", untrained")
    assert (taught(made)[0].role == 1).any()
    files.save(made, tmp_path / "lessons.trace")
    again = taught(files.load(tmp_path / "lessons.trace"))[0]
    assert (again.bid_costs is None) == (taught(made)[0].bid_costs is None)


def test_faults_are_told(trained: Project) -> None:
    with pytest.raises(UserError, match="There is no image 9999"):
        Tracer("cpu").lessons(trained, 9999)
    with pytest.raises(UserError, match="There is no run 88"):
        Tracer("cpu").lessons(trained, images.all_ids(trained)[0], 88)
    image = images.all_images(trained)[0]
    pupil = untrained(trained, "yolo")
    example = example_of(trained, image, pupil.origin.class_ids)
    with pytest.raises(UserError, match="does not say what it is taught"):
        lessons(Pupil(torch.nn.Identity(), pupil.device, pupil.origin), example)  # type: ignore[arg-type]


def test_classes_that_the_network_does_not_know_teach_nothing(trained: Project) -> None:
    image = images.all_images(trained)[0]
    own = annotations.of_image(trained, image.id)
    least = min(each.class_id for each in own)
    known = example_of(trained, image, (least,))
    assert len(known.truth) == sum(each.class_id == least for each in own)
    assert len(known.annotations) == len(own)
