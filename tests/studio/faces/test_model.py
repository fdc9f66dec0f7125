"""What the gallery workspace shows: read in the background, refreshed by changes, picked and decided."""

import io
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from engine.gallery.calibrating import calibrate
from engine.project import embeddings, gallery
from engine.project.gallery import GallerySettings
from engine.project.gallery_edits import (
    AddTemplates,
    KeepGallerySettings,
    NameTemplates,
    NewTemplate,
    RemoveTemplates,
    SetIdentity,
)
from engine.project.history import History
from engine.project.records import EmbedderRecord
from engine.project.store import Change, Project
from studio.faces.model import FacesModel
from tests.studio.windows import Opened

RNG_SEED = 7


def png(seed: int) -> bytes:
    """A crop that no other seed has."""
    pixels = np.random.default_rng(seed).integers(0, 255, (112, 112, 3), np.uint8)
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "PNG")
    return data.getvalue()


def enrolled(project: Project, n_people: int = 4, n_each: int = 3, n_unknown: int = 5) -> None:
    """People with faces, faces without a name, and vectors of all."""
    faces = [
        NewTemplate(
            png(10 * person + n), "confirmed", person=f"Person {person}", quality=0.9 - 0.1 * n, source=f"{n}.png"
        )
        for person in range(n_people)
        for n in range(n_each)
    ]
    faces += [NewTemplate(png(1000 + n), "unknown", source=f"u{n}.png") for n in range(n_unknown)]
    History(project).do(AddTemplates(tuple(faces)))
    with project.atomic():
        embedder_id = embeddings.put_embedder(project, EmbedderRecord(0, "pixels", None, "a", "b", "euclidean", 4))
        ids = [each.id for each in gallery.templates(project)]
        embeddings.store(project, embedder_id, ids, vectors(len(ids), n_people, n_each))
    History(project).do(KeepGallerySettings(GallerySettings(embedder_id, "nearest")))


def vectors(n: int, n_people: int, n_each: int) -> np.ndarray:
    """Faces of one person lie together, people apart."""
    rng = np.random.default_rng(RNG_SEED)
    middles = rng.normal(0, 5, (n, 4))
    whose = [min(row // n_each, n_people + row % 2) if row >= n_people * n_each else row // n_each for row in range(n)]
    return np.asarray(middles[whose] + rng.normal(0, 0.1, (n, 4)), np.float32)


@pytest.fixture
def model(at_work: Opened, qtbot: QtBot) -> FacesModel:
    """The model of a project with people in it."""
    assert at_work.session.project is not None
    with Project.open(at_work.session.project.path) as project:
        enrolled(project)
    at_work.session.announce(everything(at_work.session.project))
    qtbot.waitUntil(lambda: at_work.studio.faces.calibration is not None)
    return at_work.studio.faces


def everything(project: Project) -> Change:
    """What another process says that brought all faces in."""
    ids: Sequence[int] = [each.id for each in gallery.templates(project)]
    return Change(templates=frozenset(ids), identities=frozenset({1}), gallery=True)


def test_people_are_known_by_name_and_faces_by_id(model: FacesModel) -> None:
    assert [each.name for each in model.identities.values()] == [f"Person {n}" for n in range(4)]
    assert list(model.templates) == sorted(model.templates)
    assert len(model.templates) == 17
    assert len(model.vectors) == 17
    assert len(model.gallery) == 12
    assert model.embedder is not None
    assert model.embedder.name == "pixels"
    assert model.name(model.templates[1].identity_id) == "Person 0"
    assert model.name(None) == ""


def test_an_edit_is_seen_and_so_is_its_undoing(model: FacesModel, at_work: Opened, qtbot: QtBot) -> None:
    model.select({1, 2, 16})
    at_work.session.do(RemoveTemplates((1, 16)))
    qtbot.waitUntil(lambda: len(model.templates) == 15)
    assert model.selection == {2}
    at_work.session.undo()
    qtbot.waitUntil(lambda: len(model.templates) == 17)
    assert len(model.gallery) == 12


def test_the_threshold_is_automatic_until_it_is_set_by_hand(model: FacesModel, at_work: Opened, qtbot: QtBot) -> None:
    expected = calibrate(model.gallery, "nearest", 0.01)
    assert expected is not None
    assert model.threshold == expected.threshold
    at_work.session.do(KeepGallerySettings(GallerySettings(model.settings.embedder_id, "nearest", 0.5)))
    qtbot.waitUntil(lambda: model.threshold == 0.5)
    at_work.session.do(KeepGallerySettings(GallerySettings(model.settings.embedder_id, "mean")))
    qtbot.waitUntil(lambda: model.calibration is not None and model.calibration.rule == "mean")
    at_work.session.do(KeepGallerySettings(GallerySettings()))
    qtbot.waitUntil(lambda: model.embedder is None)
    assert math.isnan(model.threshold)


def test_a_calibration_is_not_worked_out_anew_for_a_new_consent(
    model: FacesModel, at_work: Opened, qtbot: QtBot
) -> None:
    before, person = model.calibration, next(iter(model.identities.values()))
    at_work.session.do(SetIdentity(type(person)(person.id, person.name, "By letter", None, person.created)))
    qtbot.waitUntil(lambda: model.identities[person.id].consent == "By letter")
    qtbot.wait(50)
    assert model.calibration is before


def test_a_crop_is_read_when_it_is_asked_for(model: FacesModel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(model.crop_ready) as told:
        assert model.crop(3) is None
    assert told.args == [3]
    crop = model.crop(3)
    assert crop is not None
    assert (crop.width(), crop.height()) == (112, 112)
    assert model.crop(999) is None


def test_another_project_knows_nobody_of_the_one_before(
    model: FacesModel, at_work: Opened, qtbot: QtBot, tmp_path: Path
) -> None:
    model.select({1})
    model.open_person(1)
    Project.create(tmp_path / "other.boxwright").close()
    at_work.session.open(tmp_path / "other.boxwright")
    assert not model.identities
    assert not model.templates
    assert not model.selection
    assert model.person_id is None
    assert math.isnan(model.threshold)


def test_a_view_is_shown_on_its_page(model: FacesModel, at_work: Opened, qtbot: QtBot) -> None:
    with qtbot.waitSignal(model.view_wanted) as told:
        model.show_view("people")
    assert told.args == ["people"]
    assert at_work.session.page == "faces"


def test_what_an_edit_left_alone_is_the_same_object_as_before(model: FacesModel, at_work: Opened, qtbot: QtBot) -> None:
    before, person = model.faces, next(iter(model.identities.values()))
    at_work.session.do(SetIdentity(type(person)(person.id, person.name, "By letter", None, person.created)))
    qtbot.waitUntil(lambda: model.identities[person.id].consent == "By letter")
    assert model.identities is not before.identities
    assert model.templates is before.templates
    assert model.rejected is before.rejected
    assert model.vectors is before.vectors
    assert model.gallery is before.gallery
    at_work.session.do(RemoveTemplates((17,)))
    qtbot.waitUntil(lambda: 17 not in model.templates)
    assert model.vectors is not before.vectors
    assert model.gallery is before.gallery  # nobody was enrolled by it


def test_nothing_is_told_where_nothing_is_different(model: FacesModel, at_work: Opened, qtbot: QtBot) -> None:
    told: list[int] = []
    model.changed.connect(lambda: told.append(1))
    at_work.session.announce(Change(templates=frozenset({1})))
    qtbot.wait(100)
    assert not told


def test_a_name_that_is_typed_is_of_whom_it_is_known_as(model: FacesModel) -> None:
    (first, *_) = model.identities.values()
    assert model.naming({3, 1}, f" {first.name.upper()} ") == NameTemplates((1, 3), first.id)
    assert model.naming({1}, "Zoe") == NameTemplates((1,), None, "Zoe")
    assert model.naming((), "Zoe") is None
    assert model.naming({1}, "  ") is None


def test_a_reading_that_failed_does_not_keep_other_crops_away(
    model: FacesModel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> bytes:
        raise OSError("the disk is away")

    with monkeypatch.context() as patched:
        patched.setattr(gallery, "crop", broken)
        with qtbot.waitSignal(model._session.failed):
            model.crop(3)
    with qtbot.waitSignal(model.crop_ready) as told:
        model.crop(4)
    assert told.args == [4]
