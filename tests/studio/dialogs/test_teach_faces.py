"""What the dialogs say that train an embedder of faces, improve it, and put old beside new."""

import json
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from engine.evaluation.verification import Figure
from engine.faces.improved import Figures, Improved, ImproveRequest
from engine.faces.plan import FacePlan, FacePlanRequest
from engine.faces.recipe import FaceRecipe
from engine.project import embeddings, gallery
from engine.project.gallery import GallerySettings
from engine.project.gallery_edits import KeepGallerySettings, RejectTemplates
from engine.project.records import EmbedderRecord
from engine.project.store import Project
from engine.training.plan import Choosable
from studio.dialogs import improve_faces, teach_faces
from studio.dialogs._planning import Planning
from studio.dialogs.improve_faces import ImproveFacesDialog
from studio.dialogs.improved import ImprovedDialog
from studio.dialogs.teach_faces import TeachFacesDialog
from studio.errand_values import TeachFaces
from studio.jobs import Job
from studio.orders import Failure, Task
from tests.engine.faces.drawn_people import enrolled, faces
from tests.studio.windows import Opened

PLAN = FacePlan(
    "Siamese network", 40, 10, 2, 3, 4.0, ("Triplets: so.", "4 minutes: so."),
    (Choosable("dim", "whole", "Numbers.", 128),),
    (Choosable("loss", "choice", "What is taught.", "triplet", ("triplet", "pair")),
     Choosable("people", "whole", "In a batch.", 12)),
)  # fmt: skip
FIGURES = (
    Figures(0.9, 0.95, None, Figure(0.08, 0.02, 0.14, 90)), Figures(0.95, 0.97, None, Figure(0.05, 0.01, 0.1, 90)),
)  # fmt: skip


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[FacePlanRequest]:
    """What is asked instead of a worker."""
    found: list[FacePlanRequest] = []
    monkeypatch.setattr(Planning, "ask", lambda _, request, **__: found.append(request))
    return found


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """Three people, two embedders, and one rejected face."""
    path = tmp_path / "people.boxwright"
    with enrolled(path, n_people=3, n_each=2) as project, project.atomic():
        faces((1,), (8,), "suggested", of="Person 0").apply(project)
        RejectTemplates((7,)).apply(project)
        for name in ("siamese", "pixels"):
            embeddings.put_embedder(project, EmbedderRecord(0, name, None, "p", name, "cosine", 4))
    return path


def use(seen: Opened, qtbot: QtBot, embedder_id: int) -> None:
    seen.session.do(KeepGallerySettings(GallerySettings(embedder_id, threshold=0.3)))
    qtbot.waitUntil(lambda: seen.studio.faces.embedder is not None)


def test_what_will_happen_is_said_and_all_of_it_is_asked_for(
    seen: Opened, people: Path, qtbot: QtBot, asked: list[FacePlanRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[TeachFaces] = []
    monkeypatch.setattr(teach_faces, "start_teaching", lambda _, wanted: started.append(wanted))
    seen.open(people)
    seen.studio.ask.show("teach_faces")
    dialog = seen.dialog()
    assert isinstance(dialog, TeachFacesDialog)
    assert asked == [FacePlanRequest()]
    assert not dialog.button.isEnabled()
    dialog._planning.planned.emit(PLAN)
    assert dialog._learns.text().startswith("8 people; 40 faces of 10 people are enrolled; 3 pairs")
    assert dialog._tried.text() == "2 people it never learns from"
    assert "recognises the faces" in dialog._then.text()
    assert dialog._why.text() == "Triplets: so. 4 minutes: so."
    assert dialog.button.text() == "Train for 4 minutes"
    qtbot.mouseClick(dialog._toggle, Qt.MouseButton.LeftButton)
    line = dialog.choices.steps.fields["people"].editor
    assert isinstance(line, QLineEdit)
    line.selectAll()
    qtbot.keyClicks(line, "6")
    assert asked[-1].recipe == {"people": 6}
    qtbot.mouseClick(dialog.button, Qt.MouseButton.LeftButton)
    (wanted,) = started
    assert wanted.recipe == {"loss": "triplet", "people": 6, "minutes": 4.0}
    recipe = FaceRecipe.from_json(wanted.to_json())
    assert (recipe.people, recipe.minutes, recipe.loss) == (6, 4.0, "triplet")


def test_what_cannot_be_is_said(seen: Opened, people: Path, asked: list[FacePlanRequest]) -> None:
    seen.open(people)
    seen.studio.ask.show("teach_faces")
    dialog = seen.dialog()
    assert isinstance(dialog, TeachFacesDialog)
    dialog._planning.refused.emit(Failure("No people have two confirmed faces.", "Enrol more faces."))
    assert dialog._wrong.text() == "No people have two confirmed faces. Enrol more faces."
    assert "two confirmed faces or more" in dialog._learns.text()
    assert not dialog.button.isEnabled()


@pytest.mark.parametrize(("embedder_id", "words"), [(1, "goes on from what it knows"), (2, "cannot learn")])
def test_improving_counts_clicks_and_says_what_is_trained(
    seen: Opened, people: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, embedder_id: int, words: str
) -> None:
    started: list[ImproveRequest] = []
    monkeypatch.setattr(improve_faces, "start_improving", lambda _, request: started.append(request))
    seen.open(people)
    use(seen, qtbot, embedder_id)
    seen.studio.ask.show("improve_faces")
    dialog = seen.dialog()
    assert isinstance(dialog, ImproveFacesDialog)
    qtbot.waitUntil(lambda: "0 pairs of faces that are one person's, 2 that are not" in dialog.clicks.text())
    assert words in dialog.how.text()
    qtbot.mouseClick(dialog.button, Qt.MouseButton.LeftButton)
    assert started == [ImproveRequest(1.0, None)]


def shown(seen: Opened, found: Any) -> ImprovedDialog:
    job = Job(5, Task("Compare embedders", "train", "nothing"), seen.window)
    job.result = found
    seen.studio.ask.show("improved", job)
    dialog = seen.dialog()
    assert isinstance(dialog, ImprovedDialog)
    return dialog


def settings_of(project: Project | None) -> GallerySettings:
    assert project is not None
    return gallery.settings(project)


def test_old_beside_new_and_only_a_person_switches(seen: Opened, people: Path, qtbot: QtBot) -> None:
    seen.open(people)
    use(seen, qtbot, 2)
    found = Improved(4, 2, 1, FIGURES[0], FIGURES[1], 5, 40, 1, 2, is_fair=True, is_afresh=False)
    dialog = shown(seen, found)
    assert [(line.name, line.words) for line in dialog.table.lines] == [
        ("Rank-1", ("90.0%", "95.0%")), ("Pairs in order", ("95.0%", "97.0%")),
        ("Equal error rate", ("8.0% (2.0 to 14.0)", "5.0% (1.0 to 10.0)")),
    ]  # fmt: skip
    assert dialog.switch.isDefault()
    assert "better" in dialog.words[1].text()
    qtbot.mouseClick(dialog.keep, Qt.MouseButton.LeftButton)
    assert settings_of(seen.session.project) == GallerySettings(2, threshold=0.3)
    dialog = shown(seen, found)
    qtbot.mouseClick(dialog.switch, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: settings_of(seen.session.project) == GallerySettings(1))


def test_of_a_worse_one_the_old_is_the_choice_at_hand(seen: Opened, people: Path) -> None:
    seen.open(people)
    dialog = shown(seen, Improved(4, 2, 1, FIGURES[1], FIGURES[0], 5, 40, 0, 2, is_fair=False, is_afresh=True))
    assert dialog.keep.isDefault()
    said = " ".join(each.text() for each in dialog.words)
    assert "believe it less" in said
    assert "not of both kinds" in said


def test_a_recipe_is_written_without_torch() -> None:
    wanted = TeachFaces({"loss": "pair", "epochs": 3}, {"dim": 32})
    assert json.loads(wanted.to_json()) == {"loss": "pair", "epochs": 3, "embedder_options": {"dim": 32}}
