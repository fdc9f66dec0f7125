"""Commands of the Faces menu: what is enrolled, suggested and shown."""

from pathlib import Path

import pytest

from engine.faces.enrolling import EnrolReport, EnrolRequest
from engine.faces.sources import AnnotatedFaces, DetectedFaces, FaceFiles, FaceFolders
from engine.geometry.shapes import Box
from engine.project.edits import AddAnnotations
from engine.project.gallery_edits import AddTemplates, NewTemplate
from engine.project.records import Annotation
from studio.commands import named, perform
from studio.enrolling import enrol, sorted_out
from studio.jobs import Job
from studio.orders import Task
from studio.view_state import Selection
from tests.engine.project.pictures import png
from tests.studio import projects
from tests.studio.faces import gallery_window as faces
from tests.studio.windows import Opened


@pytest.fixture
def requests(at_work: Opened, monkeypatch: pytest.MonkeyPatch) -> list[EnrolRequest]:
    """What was asked to be enrolled; no job is done."""
    asked: list[EnrolRequest] = []

    def start(task: Task, **_: object) -> Job:
        assert task.function == "studio.face_errands:enrol_faces"
        asked.append(task.arguments[0])
        return Job(1, task, at_work.window)

    monkeypatch.setattr(at_work.studio.jobs, "start", start)
    return asked


def do(at_work: Opened, name: str) -> None:
    (wanted,) = named(name)
    assert wanted.when(at_work.studio), name
    perform(at_work.studio, wanted)


def test_selected_annotations_are_enrolled(at_work: Opened, requests: list[EnrolRequest]) -> None:
    session = at_work.session
    assert session.image_id is not None
    assert session.class_id is not None
    (wanted,) = named("faces.enrol_selected")
    assert not wanted.when(at_work.studio)
    session.do(AddAnnotations((Annotation(0, session.image_id, session.class_id, Box(2, 2, 20, 20)),)))
    at_work.qtbot.waitUntil(lambda: bool(session.selection.annotations))
    do(at_work, "faces.enrol_selected")
    (request,) = requests
    assert request.sources == (AnnotatedFaces(tuple(session.selection.annotations)),)
    assert request.author_id == session.author_id
    session.select(Selection())
    assert not wanted.when(at_work.studio)


def test_a_class_and_a_runs_detections_are_enrolled(at_work: Opened, requests: list[EnrolRequest]) -> None:
    do(at_work, "faces.enrol_class")
    assert requests[-1].sources == (AnnotatedFaces(None, at_work.session.class_id),)
    at_work.session.run_id = 7
    do(at_work, "faces.enrol_detections")
    assert requests[-1].sources == (DetectedFaces(7),)  # of the classes that mark faces
    do(at_work, "faces.enrol_detections_class")
    assert requests[-1].sources == (DetectedFaces(7, at_work.session.class_id),)


def test_folders_and_pictures_are_enrolled(at_work: Opened, requests: list[EnrolRequest], tmp_path: Path) -> None:
    anna = tmp_path / "people" / "Anna"
    anna.mkdir(parents=True)
    (anna / "1.png").write_bytes(png(1))
    at_work.answers.folder = tmp_path / "people"
    do(at_work, "faces.enrol_folder")
    assert requests[-1].sources == (FaceFolders(tmp_path / "people"),)
    at_work.answers.folder = anna
    do(at_work, "faces.enrol_folder")
    assert requests[-1].sources == (FaceFiles((anna / "1.png",), "Anna"),)
    at_work.answers.path = anna / "1.png"
    do(at_work, "faces.enrol_picture")
    assert at_work.dialog().windowTitle() == "Whose face is this?"
    at_work.dialog().reject()
    at_work.answers.paths = (anna / "1.png", anna / "2.png")
    do(at_work, "faces.enrol_picture")
    assert at_work.dialog().windowTitle() == "Whose are these 2 faces?"


def test_what_is_dropped_is_sorted_out(tmp_path: Path) -> None:
    people, anna, loose = tmp_path / "people", tmp_path / "people" / "Anna", tmp_path / "loose.jpg"
    anna.mkdir(parents=True)
    for path in (anna / "1.png", anna / ".hidden.png", anna / "notes.txt", loose):
        path.write_bytes(b"")
    found = sorted_out([people, loose, anna])
    assert found.sources == (FaceFolders(people), FaceFiles((anna / "1.png",), "Anna"))
    assert found.files == (loose,)


def test_names_are_suggested_only_where_somebody_is_near(at_work: Opened) -> None:
    model = faces.stock(at_work, {"Anna": 2, "Bert": 2}, {"Anna": 2, "Dora": 2})
    do(at_work, "faces.suggest")
    at_work.qtbot.waitUntil(lambda: sum(each.state == "suggested" for each in model.templates.values()) == 2)
    assert {each.source[:4] for each in model.templates.values() if each.state == "suggested"} == {"Anna"}
    said: list[str] = []
    at_work.session.said.connect(said.append)
    before = at_work.session.n_asked
    do(at_work, "faces.suggest")
    at_work.qtbot.waitUntil(lambda: bool(said))
    assert at_work.session.n_asked == before  # nothing new is said of anybody


def test_the_image_that_a_face_came_from_is_shown(at_work: Opened) -> None:
    model, image_id = at_work.studio.faces, at_work.session.image_ids[1]
    at_work.session.do(
        AddTemplates((NewTemplate(png(5), "unknown", image_id=image_id), NewTemplate(png(6), "unknown")))
    )
    at_work.qtbot.waitUntil(lambda: len(model.templates) == 2)
    cut, loose = sorted(model.templates)
    do(at_work, "faces.unknown")
    model.select({loose})
    (wanted,) = named("faces.show_source")
    assert not wanted.when(at_work.studio)
    model.select({cut})
    do(at_work, "faces.show_source")
    assert at_work.session.image_id == image_id
    assert at_work.session.is_on_canvas


def test_views_are_reached_by_commands(at_work: Opened) -> None:
    do(at_work, "faces.unknown")
    assert at_work.studio.faces.view == "unknown"
    do(at_work, "faces.people")
    assert at_work.studio.faces.view == "people"
    assert at_work.session.page == "faces"


def test_faces_are_named_and_grouped_by_commands(at_work: Opened) -> None:
    model = faces.stock(at_work, {"Anna": 2, "Bert": 1}, {"Dora": 3})
    pane = faces.view(at_work, "unknown")
    at_work.qtbot.waitUntil(lambda: bool(pane.grid.sections) and len(pane.grid.sections[0].ids) == 3)  # type: ignore[attr-defined]
    faces.click_tile(at_work, pane.grid, 1)  # type: ignore[attr-defined]
    do(at_work, "faces.choose_group")
    assert len(model.selection) == 3
    do(at_work, "faces.name")
    assert pane.bar.name.hasFocus()  # type: ignore[attr-defined]


def test_what_was_enrolled_is_told_in_its_own_project_only(
    at_work: Opened, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    jobs: list[Job] = []

    def start(task: Task, **_: object) -> Job:
        jobs.append(Job(1, task, at_work.window))
        return jobs[-1]

    monkeypatch.setattr(at_work.studio.jobs, "start", start)
    said: list[str] = []
    at_work.session.said.connect(said.append)
    for n, leaves in enumerate((False, True)):
        enrol(at_work.studio, EnrolRequest((DetectedFaces(1),)))
        if leaves:
            at_work.open(projects.make(tmp_path / "other.boxwright"))
        jobs[-1].result = EnrolReport()
        jobs[-1].turn("done")
        assert said == ["There was no face in it."], n
