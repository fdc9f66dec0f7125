"""boxwright statistics, and what info says of accepted suggestions."""

from pathlib import Path

import pytest

from engine import cli
from engine.geometry.shapes import Box
from engine.project import annotations, authors, classes, detections, runs
from engine.project.edits import DecideDetections
from engine.project.history import History
from engine.project.records import Annotation, Detection
from engine.project.store import Project
from tests.engine.cli.test_projects import answer
from tests.engine.project.pictures import add_image


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Two pictures; three cells of which one is anna's, and a run of whose two suggestions one is accepted."""
    path = tmp_path / "p.boxwright"
    with Project.create(path) as project:
        with project.atomic():
            cell, _ = classes.add(project, "cell"), classes.add(project, "dirt")
            image_id = add_image(project, "a.png", 1, "train")
            add_image(project, "b.png", 2)
            anna = authors.by_name(project, "anna")
            sides = ((10, None), (40, anna), (100, None))
            placed = [
                Annotation(0, image_id, cell, Box(0, 0, side, side), author_id=author, seconds=2.0)
                for side, author in sides
            ]
            annotations.add(project, placed)
            run_id = runs.add(project, "detector", "mask_rcnn", "{}")
            found = [Detection(0, image_id, cell, score, Box(0, 0, 5, 5), run_id) for score in (0.9, 0.8)]
            detections.put(project, image_id, run_id, found)
        history = History(project)
        history.do(DecideDetections((1,), "accepted"))
        history.do(DecideDetections((2,), "rejected"))
    return path


def test_statistics(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = answer(capsys, "statistics", path)
    assert (told["annotations"], told["images"], told["images_without_annotations"]) == (4, 2, 1)
    assert told["sizes"] == {"small": 2, "medium": 1, "large": 1}
    assert told["classes"]["cell"] == {
        "annotations": 4, "by_split": {"train": 4, "val": 0, "test": 0, "none": 0}, "median_seconds": 2.0
    }  # fmt: skip
    assert told["classes"]["dirt"]["median_seconds"] is None
    assert told["hours"] == pytest.approx(6 / 3600)
    for histogram in told["histograms"].values():
        assert len(histogram["edges"]) == len(histogram["counts"]) + 1
    assert sum(told["histograms"]["size_pixels"]["counts"]) == 4


@pytest.mark.parametrize(
    ("arguments", "n"),
    [(("--author", "anna"), 1), (("--class", "dirt"), 0), (("--split", "train"), 4), (("--split", "none"), 0)],
)
def test_statistics_narrowed(
    path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, str], n: int
) -> None:
    assert answer(capsys, "statistics", path, *arguments)["annotations"] == n


def test_what_is_not_there_is_said_with_what_is(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["statistics", str(path), "--class", "cat"]) == 2
    assert "There are: cell, dirt" in capsys.readouterr().err


def test_statistics_in_words(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["statistics", str(path)]) == 0
    assert "4 annotations on 2 images, 1 of them without any" in capsys.readouterr().out


def test_info_says_what_became_of_suggestions(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (run,) = answer(capsys, "info", path)["run_list"]
    assert (run["accepted"], run["rejected"], run["accept_rate"], run["edit_distance"]) == (1, 1, 0.5, 0.0)
    assert run["classes"] == {"cell": {"accepted": 1, "rejected": 1, "accept_rate": 0.5, "edit_distance": 0.0}}
    assert cli.main(["info", str(path)]) == 0
    assert "50% of 2 suggestions accepted, edit distance 0.00" in capsys.readouterr().out
