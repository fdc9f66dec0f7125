"""An embedder is trained in the window: one click, the hardest pairs as pictures, stop and resume; clicks improve it,
old and new are compared, and a person switches."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from engine.project import gallery, runs
from engine.project.gallery_edits import ConfirmTemplates, RejectTemplates
from engine.project.store import Project
from studio.dialogs.improve_faces import ImproveFacesDialog
from studio.dialogs.improved import ImprovedDialog
from studio.dialogs.teach_faces import TeachFacesDialog
from studio.panels.runs import RunPanel
from studio.panels.training import TrainingPanel
from tests.engine.faces.drawn_people import enrolled, faces
from tests.studio.windows import Opened

pytestmark = pytest.mark.slow
LONG = 150_000
GRABS = os.environ.get("BOXWRIGHT_GRABS", "")
"""A folder for pictures of the window on the way, where one is named."""


def grab(seen: Opened, name: str) -> None:
    if GRABS:
        shown = seen.window if not name.startswith("dialog") else seen.dialog()
        shown.grab().save(str(Path(GRABS) / f"{name}.png"))


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """Ten people with four faces each, and six faces that wait for a word."""
    path = tmp_path / "people.boxwright"
    with enrolled(path, n_people=10) as project, project.atomic():
        faces(range(6), (8,), "suggested", of="Person 0").apply(project)
    return path


def until(qtbot: QtBot, condition: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=LONG)


def test_train_stop_resume_improve_compare_switch(seen: Opened, people: Path, qtbot: QtBot) -> None:
    seen.open(people)
    project = seen.session.project
    assert isinstance(project, Project)
    panel = start(seen, qtbot)
    stopped_and_resumed(seen, panel, qtbot)
    until(qtbot, lambda: gallery.settings(project).embedder_id is not None)
    until(qtbot, lambda: seen.studio.faces.embedder is not None)
    assert runs.get(project, 1).state == "done"
    grab(seen, "trained")
    told_in_the_runs_panel(seen, qtbot)
    clicked(seen, qtbot)
    improved(seen, qtbot)


def start(seen: Opened, qtbot: QtBot) -> TrainingPanel:
    """Open the dialog, choose a long training, and press the big button; watch it move."""
    seen.studio.ask.show("teach_faces")
    dialog = seen.dialog()
    assert isinstance(dialog, TeachFacesDialog)
    until(qtbot, lambda: dialog.plan is not None)
    assert "8 people" in dialog._learns.text()
    assert dialog._tried.text() == "2 people it never learns from"
    until(qtbot, dialog.button.isEnabled)
    grab(seen, "dialog_teach")
    qtbot.mouseClick(dialog._toggle, Qt.MouseButton.LeftButton)
    assert {"loss", "mining", "clicks_weight"} <= dialog.choices.steps.fields.keys()
    dialog.choices.limit.kind.setCurrentIndex(1)
    dialog.choices.limit.epochs.setValue(40)
    until(qtbot, lambda: not dialog._planning.is_waiting)
    grab(seen, "dialog_teach_details")
    assert dialog.button.text() == "Train for 40 epochs"
    qtbot.mouseClick(dialog.button, Qt.MouseButton.LeftButton)
    seen.window.raise_dock("training")
    until(qtbot, lambda: isinstance(seen.window.docks["training"].widget(), TrainingPanel))
    panel = seen.window.docks["training"].widget()
    assert isinstance(panel, TrainingPanel)
    return panel


def stopped_and_resumed(seen: Opened, panel: TrainingPanel, qtbot: QtBot) -> None:
    until(qtbot, lambda: "faces/s" in panel.how.toolTip())
    until(qtbot, lambda: panel.hardest.isVisible() and panel.hardest.pairs)
    assert seen.session.run_id is None  # there is nothing to detect with
    assert panel.title.text() == "Run 1"
    until(qtbot, lambda: {"sum", "angles", "strangers apart"} <= set(panel.losses.lines))
    until(qtbot, lambda: {"rank-1", "order of pairs"} <= set(panel.scores.lines))
    until(qtbot, lambda: seen.studio.faces.crop(panel.hardest.pairs[0].first_template_id) is not None)
    grab(seen, "training")
    qtbot.mouseClick(panel.stop, Qt.MouseButton.LeftButton)
    until(qtbot, lambda: not seen.studio.jobs.active)
    until(qtbot, lambda: panel.pause.text() == "Resume")
    assert "resumed exactly" in panel.how.toolTip()
    assert gallery.settings(project_of(seen)).embedder_id is None
    qtbot.mouseClick(panel.pause, Qt.MouseButton.LeftButton)


def told_in_the_runs_panel(seen: Opened, qtbot: QtBot) -> None:
    seen.window.raise_dock("runs")
    until(qtbot, lambda: isinstance(seen.window.docks["runs"].widget(), RunPanel))
    panel = seen.window.docks["runs"].widget()
    assert isinstance(panel, RunPanel)
    until(qtbot, lambda: panel.rows.rows and panel.rows.rows[0].faces and panel.rows.rows[0].faces.is_in_use)
    grab(seen, "runs")


def clicked(seen: Opened, qtbot: QtBot) -> None:
    """One of the suggested faces is right, five are wrong."""
    ids = [each.id for each in seen.studio.faces.templates.values() if each.state == "suggested"]
    seen.session.do(ConfirmTemplates((ids[0],)))
    seen.session.do(RejectTemplates(tuple(ids[1:])))
    until(qtbot, lambda: seen.session.n_settled == seen.session.n_asked)


def improved(seen: Opened, qtbot: QtBot) -> None:
    """Nothing changes before the person switches; then the new one decides, and one step takes it back."""
    project = project_of(seen)
    before = gallery.settings(project)
    seen.studio.ask.show("improve_faces")
    dialog = seen.dialog()
    assert isinstance(dialog, ImproveFacesDialog)
    until(qtbot, lambda: "that are not" in dialog.clicks.text())
    dialog.limit.kind.setCurrentIndex(1)
    dialog.limit.epochs.setValue(2)
    grab(seen, "dialog_improve")
    qtbot.mouseClick(dialog.button, Qt.MouseButton.LeftButton)
    until(qtbot, lambda: not seen.studio.jobs.active and isinstance(seen.dialog(), ImprovedDialog))
    compared = seen.dialog()
    assert isinstance(compared, ImprovedDialog)
    assert compared.found.is_fair
    assert gallery.settings(project) == before
    grab(seen, "dialog_improved")
    press(compared.switch, qtbot)
    until(qtbot, lambda: gallery.settings(project).embedder_id == compared.found.new_embedder_id)
    seen.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    until(qtbot, lambda: gallery.settings(project) == before)


def press(button: QPushButton, qtbot: QtBot) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def project_of(seen: Opened) -> Project:
    assert seen.session.project is not None
    return seen.session.project
