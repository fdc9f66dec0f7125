"""Dialogs do what their button says, and say beforehand what it will do."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QRadioButton
from pytestqt.qtbot import QtBot

from engine.project import annotations, images
from engine.project.store import Project
from studio.dialogs import DIALOGS
from studio.dialogs._picker import Picker
from studio.dialogs.accept_above import AcceptAbove
from studio.dialogs.exporting import Exporting
from studio.dialogs.fine_tune import FineTuneDialog
from studio.dialogs.importing import Importing
from studio.view_state import Selection
from tests.studio import projects
from tests.studio.windows import Opened, dialogs


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return projects.make_annotated(tmp_path / "p.boxwright")


def project_of(seen: Opened) -> Project:
    assert isinstance(seen.session.project, Project)
    return seen.session.project


def words(seen: Opened) -> str:
    return " ".join(label.text() for label in seen.dialog().findChildren(QLabel))


@pytest.mark.parametrize(
    "name",
    ["palette", "keys", "about", "recent", "class_search", "accept_above", "exporting", "agreement", "your_name"],
)
def test_a_dialog_opens_and_escape_closes_it(seen: Opened, path: Path, name: str, qtbot: QtBot) -> None:
    assert name in DIALOGS.names()
    seen.open(path)
    seen.studio.ask.show(name)
    qtbot.keyClick(seen.dialog(), Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not dialogs())


def test_a_list_without_rows_says_why(seen: Opened, path: Path, qtbot: QtBot) -> None:
    seen.studio.ask.show("recent")
    dialog = seen.dialog()
    assert isinstance(dialog, Picker)
    assert dialog.nothing.isVisible()
    assert dialog.nothing.text() == "No project was opened yet. Ctrl+O opens one."
    dialog.reject()
    qtbot.waitUntil(lambda: not dialogs())
    seen.open(path)
    seen.studio.ask.show("palette")
    dialog = seen.dialog()
    assert isinstance(dialog, Picker)
    assert not dialog.nothing.isVisible()
    qtbot.keyClicks(dialog.field, "zzz")
    assert dialog.nothing.isVisible()
    assert dialog.nothing.text() == "Nothing is called “zzz”."
    dialog.reject()


def test_every_suggestion_above_a_score_is_accepted_as_one_step(seen: Opened, path: Path, qtbot: QtBot) -> None:
    seen.open(path)
    before = annotations.count(project_of(seen))
    seen.studio.ask.show("accept_above")
    dialog = seen.dialog()
    assert isinstance(dialog, AcceptAbove)
    dialog.slider.setValue(80)
    qtbot.waitUntil(lambda: dialog.button.text() == "Accept 2")
    dialog.findChildren(QRadioButton)[1].click()
    qtbot.waitUntil(lambda: dialog.button.text() == "Accept 6")
    with qtbot.waitSignal(seen.session.saved):
        dialog.button.click()
    assert annotations.count(project_of(seen)) == before + 6
    with qtbot.waitSignal(seen.session.saved):
        seen.session.undo()
    assert annotations.count(project_of(seen)) == before


def test_a_class_is_found_by_its_letters_and_given_to_the_selection(seen: Opened, path: Path, qtbot: QtBot) -> None:
    seen.open(path)
    seen.session.select(Selection(annotations=frozenset({1})))
    seen.canvas.setFocus()
    seen.key(Qt.Key.Key_Q)
    dialog = seen.dialog()
    assert isinstance(dialog, Picker)
    qtbot.keyClicks(dialog.field, "ncl")
    with qtbot.waitSignal(seen.session.saved):
        qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    (changed,) = annotations.get(project_of(seen), [1])
    assert changed.class_id == seen.session.class_id == 2


def test_an_export_is_proven_and_comes_back_by_import(seen: Opened, path: Path, tmp_path: Path, qtbot: QtBot) -> None:
    seen.open(path)
    seen.studio.ask.show("exporting")
    dialog = seen.dialog()
    assert isinstance(dialog, Exporting)
    folder = Path(dialog.folder.text())
    assert folder == tmp_path / "p-export"
    dialog.button.click()
    qtbot.waitUntil(lambda: bool(dialogs()) and "Exported" in words(seen), timeout=30_000)
    assert "Proven" in words(seen)
    seen.dialog().close()

    seen.open(projects.make(tmp_path / "q.boxwright", n_images=1))
    seen.studio.ask.show("importing", folder)
    importing = seen.dialog()
    assert isinstance(importing, Importing)
    qtbot.waitUntil(importing.button.isEnabled, timeout=20_000)
    assert "12 annotations" in words(seen)
    importing.split.setCurrentIndex(importing.split.findData("val"))
    importing.button.click()
    qtbot.waitUntil(lambda: annotations.count(project_of(seen)) == 12, timeout=20_000)
    assert images.by_split(project_of(seen)) == {"val": 3}
    qtbot.waitUntil(lambda: seen.session.next_undo is not None)
    assert "Import" in str(seen.session.next_undo)


def test_what_cannot_be_imported_is_said_and_not_begun(seen: Opened, path: Path, tmp_path: Path, qtbot: QtBot) -> None:
    seen.open(path)
    (tmp_path / "letter.txt").write_text("Dear all")
    seen.studio.ask.show("importing", tmp_path / "letter.txt")
    dialog = seen.dialog()
    assert isinstance(dialog, Importing)
    qtbot.waitUntil(lambda: "neither pictures nor annotations" in words(seen), timeout=20_000)
    assert not dialog.button.isEnabled()


def test_fine_tuning_says_what_it_will_do(seen: Opened, path: Path, qtbot: QtBot) -> None:
    seen.open(path)
    seen.studio.ask.show("fine_tune")
    dialog = seen.dialog()
    assert isinstance(dialog, FineTuneDialog)
    qtbot.waitUntil(dialog.button.isEnabled)
    assert "2 annotated pictures; 12 objects of 2 classes" in words(seen)
    assert "1 picture, kept back now" in words(seen)
    assert dialog.button.text() in ("Fine-tune for 10 minutes", "Fine-tune Mask R-CNN for 10 minutes")
    dialog.choices.weights.setCurrentIndex(dialog.choices.weights.findData("none"))
    assert "From scratch" in words(seen)
    dialog.choices.weights.setCurrentIndex(dialog.choices.weights.findData("file"))
    assert not dialog.button.isEnabled()
    wanted = dialog.wanted
    assert (wanted.minutes, wanted.epochs, wanted.device) == (10.0, None, "auto")
    assert wanted.keep_back is not None
    assert set(wanted.keep_back.plan.shares) == {"train", "val"}
    dialog.reject()


@pytest.mark.slow
def test_every_detector_can_be_fine_tuned(seen: Opened, path: Path, qtbot: QtBot) -> None:
    seen.open(path)
    seen.studio.ask.show("fine_tune")
    dialog = seen.dialog()
    assert isinstance(dialog, FineTuneDialog)
    qtbot.waitUntil(lambda: dialog.choices.detector.findData("yolo") >= 0, timeout=60_000)
    assert "Official weights" in words(seen)
    dialog.choices.detector.setCurrentIndex(dialog.choices.detector.findData("yolo"))
    assert dialog.button.text() == "Fine-tune YOLO for 10 minutes"
    assert dialog.wanted.detector == "yolo"
    qtbot.waitUntil(lambda: "there are no official weights for it" in words(seen), timeout=60_000)
    dialog.reject()


def test_there_is_nothing_to_fine_tune_on_without_annotations(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    seen.open(projects.make(tmp_path / "empty.boxwright"))
    seen.studio.ask.show("fine_tune")
    dialog = seen.dialog()
    assert isinstance(dialog, FineTuneDialog)
    qtbot.waitUntil(lambda: "annotate some pictures first" in words(seen))
    assert not dialog.button.isEnabled()
    dialog.reject()
