"""A run's weights in a folder: what is there, that it goes back in with its classes, and that nothing is half done."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine import cli, hardware
from engine.checkpoints import Card, card_in
from engine.detecting import ready_made, suggesting
from engine.detecting.predicting import Predictor
from engine.detecting.ready_made import Foreign
from engine.detecting.suggesting import DetectRequest
from engine.errors import UserError
from engine.progress import finish
from engine.project import classes, contents, images, runs
from engine.project.store import Project
from engine.taking_away import onnx_writing, weights_folder
from engine.taking_away.weights_folder import CARD_FILE, WEIGHTS_FILE, TakeAwayRequest, take_away
from engine.training import recording
from engine.training.imported_runs import import_run
from engine.training.recipe import Recipe
from tests.engine.detectors.scenes import CLASS_NAMES, Scenes
from tests.engine.training.conftest import SETTINGS

NAMES = list(CLASS_NAMES.values())


def taken(project: Project, folder: Path) -> Path:
    finish(take_away(project, TakeAwayRequest(folder)))
    return folder / WEIGHTS_FILE


def test_the_folder_says_what_it_is(trained: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "new" / "taken"
    assert cli.main(["export-weights", str(trained.path), "--out", str(folder), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report == {
        "run": 1, "out": str(folder), "files": sorted([WEIGHTS_FILE, CARD_FILE]), "likeness": None
    }  # fmt: skip
    card: dict[str, Any] = json.loads((folder / CARD_FILE).read_text())
    assert list(card["checkpoint"]["class_names"].values()) == NAMES
    assert card["checkpoint"]["normalisation"]["channels"] == "RGB"
    assert card["checkpoint"]["metrics"].keys() >= {"bbox/AP", "segm/AP50"}
    assert (card["provenance"]["n_train"], card["provenance"]["n_val"]) == (4, 2)
    assert card["provenance"]["recipe"]["detector"] == "mask_rcnn"
    assert "from scratch" in card["licence"]


def test_what_was_taken_away_detects_as_the_run_does(trained: Project, tmp_path: Path) -> None:
    path = taken(trained, tmp_path / "taken")
    own = Predictor.load(contents.get(trained, runs.checkpoint(trained, 1).content_id), hardware.device("cpu"))
    other = ready_made.predictor(Foreign(None, path), hardware.device("cpu"))
    picture = Scenes(0, 1).val[0].picture
    assert [replace(each, class_id=0) for each in own.detections(picture)] == [
        replace(each, class_id=0) for each in other.detections(picture)
    ]
    assert list(other.card.class_names.items()) == [("0", NAMES[0]), ("1", NAMES[1])]


def test_it_becomes_a_run_of_another_project_with_its_classes(trained: Project, tmp_path: Path) -> None:
    path = taken(trained, tmp_path / "taken")
    with Project.create(tmp_path / "other.boxwright") as other:
        run_id = import_run(other, Foreign(None, path))
        assert [each.name for each in classes.all_classes(other)] == NAMES
        assert runs.get(other, run_id).network == "mask_rcnn"
        assert import_run(other, Foreign("mask_rcnn", path)) == run_id
    with Project.create(tmp_path / "third.boxwright") as third:
        with third.atomic():
            classes.add(third, "cat")
            for name in reversed(NAMES):
                classes.add(third, name)
        run = runs.checkpoint(third, import_run(third, Foreign(None, path)))
        names = json.loads(run.card)["class_names"]
        assert names == {str(each.id): each.name for each in classes.all_classes(third) if each.name in NAMES}
        assert list(names.values()) == NAMES


def test_a_class_that_is_not_there_and_another_detector_are_refused(trained: Project, tmp_path: Path) -> None:
    path = taken(trained, tmp_path / "taken")
    with pytest.raises(UserError, match="is for mask_rcnn"):
        ready_made.predictor(Foreign("yolo", path), hardware.device("cpu"))
    with Project.create(tmp_path / "other.boxwright") as other:
        with other.atomic():
            classes.add(other, NAMES[0])
        with pytest.raises(UserError, match=NAMES[1]):
            import_run(other, Foreign(None, path))


def test_predict_takes_it_without_being_told_the_detector(
    trained: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = taken(trained, tmp_path / "taken")
    command = ["predict", str(trained.path), "--weights", str(path), "--split", "val", "--device", "cpu", "--json"]
    assert cli.main(command) == 0
    found = json.loads(capsys.readouterr().out)
    again = finish(suggesting.suggest(trained, DetectRequest(1, "val", device="cpu")))
    assert (found["run"], found["detections"]) == (2, again.detections)
    assert card_in(path) is not None


def test_onnx_is_written_and_compared(trained: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "taken"
    assert cli.main(["export-weights", str(trained.path), "--out", str(folder), "--onnx", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert {"boxes.onnx", "masks.onnx", "network.onnx", "detect.py", WEIGHTS_FILE, CARD_FILE} <= set(report["files"])
    assert report["likeness"]["detections"] > 0
    card = json.loads((folder / CARD_FILE).read_text())
    assert card["portable"]["class_names"] == NAMES
    assert card["likeness"] == report["likeness"]
    picture = Scenes(0, 1).val[0].picture
    from engine.portable.model import Model

    found = Model.load(folder).detect(picture)
    own = ready_made.predictor(Foreign(None, folder / WEIGHTS_FILE), hardware.device("cpu")).detections(picture)
    assert found.scores.tolist() == pytest.approx([each.score for each in own], abs=1e-4)
    assert images.all_images(trained)


def test_onnx_that_is_not_equal_is_not_kept(trained: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compared = onnx_writing.compared
    monkeypatch.setattr(weights_folder, "compared", lambda *given: replace(compared(*given), score=0.5))
    with pytest.raises(UserError, match="would not give what torch gives"):
        finish(take_away(trained, TakeAwayRequest(tmp_path / "taken", has_onnx=True)))
    assert not [path for path in tmp_path.iterdir() if path.is_dir()]


def test_what_is_missing_for_onnx_is_named(trained: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_writing, "find_spec", lambda name: None)
    with pytest.raises(UserError, match="onnx, onnxruntime is not installed") as told:
        finish(take_away(trained, TakeAwayRequest(tmp_path / "taken", has_onnx=True)))
    assert "pip install" in told.value.hint
    assert not (tmp_path / "taken").exists()


def test_a_folder_that_holds_something_is_left_alone(trained: Project, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "mine.txt").write_text("mine")
    with pytest.raises(UserError, match="not empty"):
        taken(trained, tmp_path / "taken")
    assert [path.name for path in (tmp_path / "taken").iterdir()] == ["mine.txt"]


def test_a_training_begins_from_it_with_the_options_it_was_made_with(trained: Project, tmp_path: Path) -> None:
    path = taken(trained, tmp_path / "taken")
    given = {name: value for name, value in SETTINGS.items() if name != "options"}
    run_id = recording.queue(trained, Recipe(**given | {"weights": str(path), "epochs": 1}))
    finish(recording.train_run(trained, run_id))
    first, second = (Card.from_json(runs.checkpoint(trained, each).card) for each in (1, run_id))
    assert second.weights.n_matched == second.weights.n_wanted > 0
    assert second.options["anchor_sides"] == first.options["anchor_sides"]
    assert second.options["pyramid_channels"] == first.options["pyramid_channels"]
