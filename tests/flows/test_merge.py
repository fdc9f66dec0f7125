"""Two people have annotated the same pictures: their files are merged in the window, and the queue settles the rest."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog, QLabel, QPushButton, QTableWidget
from pytestqt.qtbot import QtBot

from engine.geometry.shapes import Box
from engine.project import annotations, authors, conflicts
from engine.project.records import Annotation
from engine.project.store import Project
from studio.dialogs.agreement import AgreementDialog
from studio.dialogs.merging import Merging
from tests.studio import projects
from tests.studio.windows import Opened, dialogs

SAME, MINE, THEIRS, ONLY = Box(10, 10, 50, 50), Box(90, 30, 130, 70), Box(90, 34, 130, 74), Box(60, 80, 90, 110)


@pytest.fixture
def paths(tmp_path: Path) -> tuple[Path, Path]:
    """Anna's file and bob's: one shape is the same, two are drawn differently, one only bob has."""
    found = []
    for name, drawn in (
        ("anna", (SAME, MINE, Box(5, 80, 45, 110))),
        ("bob", (SAME, THEIRS, Box(5, 84, 45, 112), ONLY)),
    ):
        path = projects.make(tmp_path / f"{name}.boxwright", 1)
        with Project.open(path) as project, project.atomic():
            author = authors.by_name(project, name)
            annotations.add(project, [Annotation(0, 1, 1, box, author_id=author) for box in drawn])
        found.append(path)
    return found[0], found[1]


def merged(seen: Opened, paths: tuple[Path, Path], qtbot: QtBot) -> None:
    """Merge bob's file into anna's by the menu's command, and go to the queue from the dialog that tells of it."""
    seen.open(paths[0])
    seen.answers.path = paths[1]
    trigger(seen, "file.merge")
    dialog = seen.dialog()
    assert isinstance(dialog, Merging)
    qtbot.waitUntil(dialog.button.isEnabled, timeout=30_000)
    words = " ".join(label.text() for label in dialog.findChildren(QLabel))
    for part in ("1 annotation added", "1 the same in both", "2 drawn differently: into the queue"):
        assert part in words
    table = dialog.findChildren(QTableWidget)[0]
    assert [item.text() for column in range(6) if (item := table.item(0, column))][3:] == ["3", "0", "1"]
    qtbot.mouseClick(dialog.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(
        lambda: any("Decide 2" in button.text() for each in dialogs() for button in buttons(each)), timeout=30_000
    )
    decide = next(button for button in buttons(seen.dialog()) if "Decide" in button.text())
    qtbot.mouseClick(decide, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: seen.studio.queue.current is not None, timeout=10_000)


def trigger(seen: Opened, command: str) -> None:
    """Choose a command in the menu."""
    action = seen.window.findChild(QAction, command)
    assert isinstance(action, QAction)
    assert action.isEnabled()
    action.trigger()


def buttons(dialog: QDialog) -> list[QPushButton]:
    return dialog.findChildren(QPushButton)


def project_of(seen: Opened) -> Project:
    assert isinstance(seen.session.project, Project)
    return seen.session.project


def drawn_by(seen: Opened) -> dict[object, str | None]:
    names = authors.names(project_of(seen))
    return {one.shape: names.get(one.author_id or 0) for one in annotations.of_image(project_of(seen), 1)}


def test_conflicts_are_settled_by_one_key_each(seen: Opened, paths: tuple[Path, Path], qtbot: QtBot) -> None:
    merged(seen, paths, qtbot)
    question = seen.studio.queue.current
    assert question is not None
    assert (question.about.kind, question.whose) == ("conflict", "bob")
    seen.key(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: conflicts.count_open(project_of(seen)) == 1)
    seen.key(Qt.Key.Key_Backspace)
    qtbot.waitUntil(lambda: conflicts.count_open(project_of(seen)) == 0)
    assert drawn_by(seen) == {SAME: "anna", THEIRS: "bob", Box(5, 80, 45, 110): "anna", ONLY: "bob"}
    for _ in range(3):
        qtbot.waitUntil(lambda: seen.session.n_settled == seen.session.n_asked)
        seen.session.undo()
    qtbot.waitUntil(lambda: len(annotations.of_image(project_of(seen), 1)) == 3, timeout=10_000)


def test_agreement_is_told_again_later(seen: Opened, paths: tuple[Path, Path], qtbot: QtBot) -> None:
    merged(seen, paths, qtbot)
    trigger(seen, "queue.agreement")
    dialog = seen.dialog()
    assert isinstance(dialog, AgreementDialog)
    qtbot.waitUntil(lambda: bool(dialog.pairs), timeout=30_000)
    (pair,) = dialog.pairs
    assert (pair.a, pair.b) == ("anna", "bob")
    assert (pair.agreement.paired, pair.agreement.only_a, pair.agreement.only_b) == (3, 0, 1)
    assert dialog.choice.itemText(0) == "anna and bob: 1 pictures"


def test_a_file_that_is_no_project_is_told_of(
    seen: Opened, paths: tuple[Path, Path], tmp_path: Path, qtbot: QtBot
) -> None:
    seen.open(paths[0])
    seen.studio.ask.show("merging", tmp_path / "none.boxwright")
    dialog = seen.dialog()
    assert isinstance(dialog, Merging)
    qtbot.waitUntil(
        lambda: any("none.boxwright" in label.text() for label in dialog.findChildren(QLabel)[2:]), timeout=30_000
    )
    assert not dialog.button.isEnabled()
