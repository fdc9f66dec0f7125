"""A run judged by the detections that the project keeps; the command line and written reports say the same."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from engine.cli.evaluation import evaluate
from engine.errors import UserError
from engine.evaluation.analysis import Wanted
from engine.evaluation.report import as_json, report, write_report
from engine.evaluation.stored import Evaluation, evaluate_run
from engine.geometry.shapes import Box
from engine.progress import finish
from engine.project import annotations, detections, images
from engine.project.history import History
from engine.project.image_edits import SetImages
from engine.project.records import Annotation, Detection
from engine.project.store import Project
from tests.studio import projects

ALL = Wanted(errors=True, curves=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Three annotated pictures in validation, detected on by run 1, and a fourth it has not looked at."""
    path = projects.make_annotated(tmp_path / "p.boxwright")
    with Project.open(path) as project:
        with project.atomic():
            projects.add_picture(project, 9)
        History(project).do(SetImages(tuple(images.all_ids(project)), split="val"))
    return path


def judged(path: Path) -> Evaluation:
    with Project.open(path) as project:
        return finish(evaluate_run(project, 1, "val"))


def test_what_takes_part_is_told(path: Path) -> None:
    found = judged(path)
    assert (found.image_ids, found.waiting_ids, found.bare_ids) == ((1, 2, 3), (4,), ())
    assert (found.n_annotations, found.n_detections, found.max_detections) == (12, 12, 100)
    assert [each.iou_type for each in found.judgements] == ["bbox"], "boxes were detected"
    with Project.open(path) as project:
        assert finish(evaluate_run(project, 1, "train")).image_ids == ()
        with pytest.raises(UserError, match="no run 7"):
            finish(evaluate_run(project, 7))


def test_accepted_and_rejected_detections_count_like_others(path: Path) -> None:
    before = judged(path)
    with Project.open(path) as project, project.atomic():
        first, second, *_ = detections.of_image(project, 1, 1)
        detections.set_state(project, [first.id], "accepted")
        detections.set_state(project, [second.id], "rejected")
    assert judged(path).judgement("bbox").scores == before.judgement("bbox").scores


def test_what_was_decided_on_and_is_found_again_counts_once(path: Path) -> None:
    before = judged(path)
    with Project.open(path) as project, project.atomic():
        seen = detections.of_image(project, 1, 1)
        detections.set_state(project, [seen[0].id], "accepted")
        detections.put(project, 1, 1, [Detection(0, 1, each.class_id, each.score, each.shape, 1) for each in seen])
        assert len(detections.of_image(project, 1, 1)) == len(seen) + 1
    after = judged(path)
    assert (after.n_detections, after.judgement("bbox").scores) == (12, before.judgement("bbox").scores)


def test_pictures_that_nothing_is_annotated_on_are_named(path: Path) -> None:
    with Project.open(path) as project, project.atomic():
        detections.put(project, 4, 1, [Detection(0, 4, 1, 0.9, Box(0, 0, 9, 9), 1)])
    assert judged(path).bare_ids == (4,)


def test_masks_are_judged_where_both_sides_have_some(path: Path) -> None:
    with Project.open(path) as project, project.atomic():
        shape = next(each.shape for each in annotations.of_image(project, 1) if not isinstance(each.shape, Box))
        detections.put(project, 1, 1, [Detection(0, 1, 1, 0.99, shape, 1)])
    found = judged(path)
    assert [each.iou_type for each in found.judgements] == ["bbox", "segm"]
    assert found.judgement("segm").iou_type == "segm"
    assert found.judgement("segm").scores.AP != found.judgement("bbox").scores.AP


def told(path: Path, *options: str) -> dict[str, Any]:
    result = CliRunner().invoke(
        evaluate, [str(path), "--stored", "--errors", "--curves", "--run", "1", *options, "--json"]
    )
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.mark.parametrize("at", [(0.5, 0.5), (0.75, 0.3)])
def test_the_command_line_and_a_written_report_say_the_same(
    path: Path, tmp_path: Path, at: tuple[float, float]
) -> None:
    iou, score = at
    wanted = Wanted(errors=True, curves=True, iou=iou, score=score)
    shown = json.loads(as_json(report(judged(path), wanted)))
    assert told(path, "--iou", str(iou), "--score", str(score)) == shown
    with Project.open(path) as project:
        target = finish(write_report(project, tmp_path / "report.json", 1, "val", wanted))
        assert json.loads(target.read_text()) == shown
        table = finish(write_report(project, tmp_path / "report.csv", 1, "val", wanted))
    with table.open() as file:
        rows = {(row["number"], row["class"], row["iou"]): row["value"] for row in csv.DictReader(file)}
    assert float(rows["AP", "", ""]) == shown["bbox"]["AP"]
    assert float(rows["AP50", "cell", ""]) == shown["bbox"]["sizes"]["cell"]["AP50"]
    assert int(rows["errors: missed", "", f"{iou:g}"]) == shown["bbox"]["errors"]["counts"]["missed"]
    assert float(rows["AP", "cell", "0.5"]) == pytest.approx(shown["bbox"]["sizes"]["cell"]["AP50"])


def test_all_images_can_be_judged_whatever_their_split(path: Path) -> None:
    with Project.open(path) as project:
        History(project).do(SetImages((1,), split="none"))
    found = told(path, "--split", "all")
    assert (found["split"], found["images"]) == (None, told(path)["images"] + 1)


def test_a_run_that_has_not_looked_is_named(path: Path) -> None:
    result = CliRunner().invoke(evaluate, [str(path), "--stored", "--run", "1", "--split", "test"])
    assert isinstance(result.exception, UserError)
    assert "Run 1 has not looked at any image of test" in result.exception.message


def test_a_report_that_cannot_be_written_leaves_what_was_there(path: Path, tmp_path: Path) -> None:
    (tmp_path / "taken.json").mkdir()
    with Project.open(path) as project, pytest.raises(UserError, match=r"taken\.json cannot be written"):
        finish(write_report(project, tmp_path / "taken.json", 1, "val", ALL))
    assert sorted(each.name for each in tmp_path.iterdir()) == ["p.boxwright", "taken.json"]


def test_annotations_with_ids_are_behind_every_number(path: Path) -> None:
    with Project.open(path) as project:
        ours = {each.id: each for image_id in (1, 2, 3) for each in annotations.of_image(project, image_id)}
        theirs = {each.id: each for each in detections.of_run(project, 1)}
    found = report(judged(path), ALL)["bbox"]
    for faults in found["errors"].faults.values():
        assert set(faults.annotation_ids.tolist()) <= {0, *ours}
        assert set(faults.detection_ids.tolist()) <= {0, *theirs}
    assert isinstance(next(iter(ours.values())), Annotation)
