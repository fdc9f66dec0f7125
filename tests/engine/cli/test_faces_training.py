"""The commands faces train and faces improve, as a person calls them."""

import json
import signal
from pathlib import Path
from typing import Any, get_args

import pytest

from engine import cli
from engine.cli._output import Output
from engine.faces import training
from engine.faces.choice import EmbedderChoice
from engine.faces.ensuring import ensuring
from engine.faces.events import FacesStepDone
from engine.faces.recipe import FaceRecipe, Loss
from engine.progress import finish
from engine.project import embeddings, gallery, runs
from engine.project.gallery import GallerySettings
from engine.project.gallery_edits import KeepGallerySettings
from engine.project.store import Project
from tests.engine.faces.drawn_people import enrolled


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.boxwright"
    with enrolled(path, n_people=8, n_each=3):
        pass
    return path


def answer(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    """What a command says with --json; nothing else may be on stdout."""
    code = cli.main(["faces", *map(str, arguments), "--json"])
    out, err = capsys.readouterr()
    assert code == 0, err
    said: dict[str, Any] = json.loads(out)
    return said


def complaint(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert cli.main(["faces", *map(str, arguments)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    return err


def test_train_says_whom_it_learned_from_and_how_good_it_is(people: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = answer(capsys, "train", people, "--epochs", 2, "--seed", 3, "--threads", 1)
    assert (said["run"], said["state"], said["faces"], said["threads"]) == (1, "done", 18, 1)
    assert said["people"] == {"train": 6, "val": 2}
    assert set(said["metrics"]) == {"val/rank1", "val/order", "val/apart"}
    assert any("Triplets" in each for each in said["chosen"])


def test_the_first_that_is_trained_decides_from_then_on_and_later_ones_only_where_told(
    people: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert answer(capsys, "train", people, "--epochs", 1, "--threads", 1)["used"] is True
    with Project.open(people) as project:
        first = gallery.settings(project).embedder_id
        assert first is not None
        assert embeddings.embedder(project, first).name == "siamese"
        assert embeddings.missing(project, first) == ()
    assert answer(capsys, "train", people, "--epochs", 1, "--threads", 1, "--seed", 5)["used"] is False
    assert cli.main(["faces", "train", str(people), "--epochs", "1", "--threads", "1", "--seed", "6"]) == 0
    assert f"faces embed {people} --embedder siamese --run 3 --use" in capsys.readouterr().out
    with Project.open(people) as project:
        assert gallery.settings(project).embedder_id == first


@pytest.mark.parametrize("loss", get_args(Loss))
def test_every_loss_can_be_asked_for(people: Path, capsys: pytest.CaptureFixture[str], loss: str) -> None:
    said = answer(capsys, "train", people, "--epochs", 1, "--threads", 1, "--loss", loss, "--queue")
    assert (said["state"], said["waiting"]) == ("queued", 1)
    with Project.open(people) as project:
        recipe = FaceRecipe.from_json(runs.get(project, said["run"]).recipe)
    assert (recipe.loss, recipe.epochs) == (loss, 1)


def test_some_people_alone_by_name(people: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = "Person 1, Person 2,Person 3"
    said = answer(capsys, "train", people, "--epochs", 1, "--threads", 1, "--identities", names)
    assert said["people"] == {"train": 3, "val": 0}
    assert set(said["metrics"]) == {"train/rank1", "train/order", "train/apart"}
    assert "names nobody" in complaint(capsys, "train", people, "--identities", " , ")
    assert "called 'Nobody'" in complaint(capsys, "train", people, "--identities", "Person 1,Nobody")
    assert "2 people have two" in complaint(capsys, "train", people, "--identities", "Person 1,Person 2")


@pytest.mark.slow
def test_an_interrupt_ends_it_in_good_order_and_it_can_be_resumed(
    people: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def show(_: Output, event: object) -> None:
        if isinstance(event, FacesStepDone) and event.step == 2:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Output, "show", show)
    monkeypatch.setattr(training, "SECONDS_BETWEEN_STEPS_TOLD", 0.0)
    asked = ["faces", "train", str(people), "--epochs", "6", "--threads", "1"]
    assert cli.main(asked) == cli.INTERRUPTED
    with Project.open(people) as project:
        assert runs.get(project, 1).state == "stopped"
        assert runs.checkpoint(project, 1, "last").step == 2
    monkeypatch.undo()
    capsys.readouterr()
    said = answer(capsys, "train", people, "--resume", "latest")
    assert (said["run"], said["state"], said["steps"]) == (1, "done", 6)
    assert "stopped or interrupted" in complaint(capsys, "train", people, "--resume", "latest")
    assert "an embedder of faces, not a detector" in _plain_complaint(capsys, "train", people, "--resume", "1")


def _plain_complaint(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert cli.main([*map(str, arguments)]) == 2
    return capsys.readouterr().err


@pytest.mark.parametrize("command", ["evaluate", "predict", "export-weights", "autopsy"])
def test_no_command_of_detectors_takes_an_embedder(
    people: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    with Project.open(people) as project, project.atomic():
        runs.add(project, "embedder", "siamese", "{}")
    more = ["--out", str(people.parent / "out")] if command == "export-weights" else []
    assert "trained an embedder of faces: it detects nothing" in _plain_complaint(
        capsys, command, people, *more, "--run", 1
    )


@pytest.mark.slow
def test_improve_compares_and_switches_only_when_it_is_told_to(
    people: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "No embedder is in use" in complaint(capsys, "improve", people)
    answer(capsys, "train", people, "--epochs", 2, "--threads", 1)
    with Project.open(people) as project, project.atomic():
        KeepGallerySettings(GallerySettings(finish(ensuring(project, EmbedderChoice("siamese"))))).apply(project)
    said = answer(capsys, "improve", people, "--epochs", 1, "--threads", 1)
    assert (said["run"], said["people"], said["faces"], said["fair"], said["switched"]) == (2, 2, 6, True, False)
    assert said["old"]["order"] is not None
    with Project.open(people) as project:
        assert gallery.settings(project).embedder_id == said["old"]["embedder"]
    assert cli.main(["faces", "improve", str(people), "--epochs", "1", "--threads", "1", "--switch"]) == 0
    assert "decides from now on" in capsys.readouterr().out
    with Project.open(people) as project:
        assert gallery.settings(project).embedder_id not in (said["old"]["embedder"], None)
