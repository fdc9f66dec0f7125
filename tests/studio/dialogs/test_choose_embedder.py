"""Which embedder, and the file of its weights: what is asked for each kind, and what is then done."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from engine.faces.choice import EmbedderChoice
from studio.commands import named, perform
from studio.dialogs.choose_embedder import FILE, ChooseEmbedder
from studio.face_training import have_embedder
from studio.faces.embedders import ANOTHER, Embedders
from studio.jobs import Job
from studio.orders import Task
from tests.studio.windows import Opened


@pytest.fixture
def tasks(at_work: Opened, monkeypatch: pytest.MonkeyPatch) -> list[Task]:
    """What would be done."""
    found: list[Task] = []

    def start(task: Task, **_: object) -> Job:
        found.append(task)
        return Job(len(found), task, at_work.window)

    monkeypatch.setattr(at_work.studio.jobs, "start", start)
    return found


def dialog(at_work: Opened) -> ChooseEmbedder:
    perform(at_work.studio, named("faces.choose_embedder")[0])
    shown = at_work.dialog()
    assert isinstance(shown, ChooseEmbedder)
    return shown


def choose(shown: ChooseEmbedder, name: str) -> None:
    shown.kind.setCurrentIndex(shown.kind.findData(name))


def test_a_classifier_is_published_or_in_a_file(at_work: Opened, tasks: list[Task], tmp_path: Path) -> None:
    shown = dialog(at_work)
    assert shown.choice == EmbedderChoice("latent")
    assert shown.button.isEnabled()
    assert not shown.path.isVisible()
    shown.weights.setCurrentIndex(shown.weights.findData(FILE))
    assert shown.path.isVisible()
    assert not shown.button.isEnabled()
    at_work.answers.path = tmp_path / "net.pth"
    at_work.answers.path.write_bytes(b"")
    at_work.qtbot.mouseClick(shown.choose, Qt.MouseButton.LeftButton)
    at_work.qtbot.mouseClick(shown.button, Qt.MouseButton.LeftButton)
    (task,) = tasks
    assert task.function == "studio.face_errands:choose_embedder"
    assert task.arguments == (EmbedderChoice("latent", str(tmp_path / "net.pth")), at_work.session.author_id)
    again = dialog(at_work)
    again.weights.setCurrentIndex(again.weights.findData(FILE))
    assert again.path.text() == str(tmp_path / "net.pth")


@pytest.mark.parametrize(("name", "file"), [("siamese", "weights.safetensors"), ("onnx", "card.json")])
def test_what_nobody_publishes_needs_a_file(at_work: Opened, tmp_path: Path, name: str, file: str) -> None:
    shown = dialog(at_work)
    choose(shown, name)
    assert not shown.weights.isVisible()
    assert not shown.button.isEnabled()
    path = tmp_path / file
    path.write_bytes(b"")
    shown.path.setText(str(path))
    assert shown.button.isEnabled()
    expected = EmbedderChoice(name, card=str(path)) if name == "onnx" else EmbedderChoice(name, str(path))
    assert shown.choice == expected


def test_pixels_need_none(at_work: Opened) -> None:
    shown = dialog(at_work)
    choose(shown, "pixels")
    assert not shown.path.isVisible()
    assert shown.choice == EmbedderChoice("pixels")


def test_it_is_reached_from_where_an_embedder_is_chosen(at_work: Opened, tasks: list[Task]) -> None:
    embedders = Embedders(at_work.studio, at_work.window)
    assert [key for key, _ in embedders.choices] == ["pixels", "latent", ANOTHER]
    for key in (ANOTHER, "latent"):
        with at_work.qtbot.waitSignal(embedders.changed):
            embedders.use(key)
        shown = at_work.dialog()
        assert isinstance(shown, ChooseEmbedder)
        assert shown.kind.currentData() == "latent"
        shown.reject()
    assert tasks == []
    embedders.use("pixels")
    assert tasks[0].arguments[0] == EmbedderChoice("pixels")


def test_nothing_is_embedded_without_a_project(at_work: Opened, tasks: list[Task]) -> None:
    at_work.session.close()
    assert have_embedder(at_work.studio, EmbedderChoice("pixels")) is None
    assert tasks == []
