"""Faces found in picture files by a detector's network, which a stand-in plays here but for one."""

from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image

from engine.checkpoints import Card, Position
from engine.cropping import crop_of
from engine.detectors import Normalisation
from engine.errors import UserError
from engine.faces.choice import DecideRequest, EmbedderChoice
from engine.faces.finders import finders
from engine.faces.finding import Finder
from engine.faces.identifying import identify_files, verify_files
from engine.faces.picture_faces import faces_of_file, finder_of, one_of_file
from engine.faces.sources import FaceFiles, FaceFolders
from engine.geometry.shapes import Box, Keypoints
from engine.nn.weights import WeightsReport
from engine.progress import finish
from engine.project import classes, gallery, runs
from engine.project.class_edits import SetClass
from engine.project.classes import by_id
from engine.project.gallery import GallerySettings
from engine.project.gallery_edits import KeepGallerySettings
from engine.project.history import History
from engine.project.records import ClassRecord, Detection
from engine.project.runs import NewCheckpoint
from engine.project.store import Change
from tests.engine.cropping.faces import drawn, landmarks, similarity_of
from tests.engine.faces.enrolled import enrolled, enrolled_folders
from tests.engine.training.conftest import trained, trained_file

__all__ = ["trained", "trained_file"]

PLACE = similarity_of(15, 1.5, 60, 40)
POINTS = Keypoints.of([(*each, 2) for each in landmarks(PLACE).points])
FACE, DOG = 1, 2
KINDS = {FACE: ClassRecord(FACE, "face", "#000000", 0, keypoint_names=("left_eye", "right_eye", "nose", "ml", "mr"))}
FIRST, SECOND = Box(20, 30, 190, 230), Box(300, 50, 420, 200)


class Network:
    """Finds what it is told."""

    def __init__(self, *found: Detection) -> None:
        self._found = list(found)

    def detections(self, picture):
        return self._found


def detection(box, score=0.9, class_id=FACE, keypoints=None):
    return Detection(0, 0, class_id, score, box, keypoints=keypoints)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "group.png"
    Image.fromarray(drawn(PLACE, 500, 300)).save(path)
    return path


@pytest.fixture
def found_by(monkeypatch):
    """Have every run's network find just this."""

    def of(*found):
        monkeypatch.setattr(Finder, "load", lambda project, run_id: Finder(Network(*found), KINDS))

    return of


def test_faces_are_those_of_its_class_that_are_certain_enough(file):
    found = [detection(FIRST), detection(SECOND, 0.4), detection(SECOND, class_id=DOG), detection(SECOND, 0.6)]
    faces = faces_of_file(file, Finder(Network(*found), KINDS))
    assert [each.bounds for each in faces] == [FIRST.bounds, SECOND.bounds]
    assert np.array_equal(faces[1].crop.pixels, crop_of(drawn(PLACE, 500, 300), SECOND).pixels)


def test_landmarks_that_a_network_finds_align_the_crop(file):
    (face,) = faces_of_file(file, Finder(Network(detection(FIRST, keypoints=POINTS)), KINDS))
    picture = drawn(PLACE, 500, 300)
    assert face.crop.landmarks is not None
    points = face.crop.landmarks
    assert np.array_equal(face.crop.pixels, crop_of(picture, points).pixels)
    assert points.left_eye == pytest.approx(landmarks(PLACE).left_eye)


def test_landmarks_in_one_point_are_passed_over(file):
    squashed = Keypoints.of([(5, 5, 2)] * 5)
    (face,) = faces_of_file(file, Finder(Network(detection(FIRST, keypoints=squashed)), KINDS))
    assert face.crop.landmarks is None


def test_without_a_finder_the_picture_is_the_crop(file):
    (face,) = faces_of_file(file)
    assert face.bounds is None and face.crop.pixels.shape == (134, 224, 3)


def test_a_picture_of_a_named_person_has_to_show_one_face(project, file, found_by, tmp_path):
    found_by(detection(FIRST), detection(SECOND))
    report = enrolled(project, FaceFiles((file,), "Anna", find_run_id=1))
    assert report.people == () and "shows 2 faces" in report.refused[0].why
    assert len(enrolled(project, FaceFiles((file,), find_run_id=1)).unknown_ids) == 2
    found_by()
    (tmp_path / "people" / "Ben").mkdir(parents=True)
    (tmp_path / "people" / "Ben" / "a.png").write_bytes(file.read_bytes())
    report = enrolled(project, FaceFolders(tmp_path / "people", find_run_id=1))
    assert "No face was found in a.png." in report.refused[0].why
    found_by(detection(SECOND))
    report = enrolled(project, FaceFolders(tmp_path / "people", find_run_id=1))
    assert [(each.name, len(each.template_ids)) for each in report.people] == [("Ben", 1)]  # it had waited for a name


def test_every_face_in_a_picture_is_identified(project, file, found_by, tmp_path):
    enrolled_folders(project, tmp_path / "people")
    found_by(detection(FIRST), detection(SECOND))
    request = DecideRequest(EmbedderChoice("pixels"), threshold=9.0, find_run_id=1)
    report = finish(identify_files(project, (file, tmp_path / "gone.png"), request))
    assert [each.bounds for each in report.found] == [FIRST.bounds, SECOND.bounds, None]
    assert all(each.decision.identity_id is not None for each in report.found[:2])
    assert "missing" in report.found[2].refusal
    with pytest.raises(UserError, match="shows 2 faces"):
        finish(verify_files(project, (file, file), request))
    found_by(detection(FIRST))
    assert finish(verify_files(project, (file, file), request)).is_same
    assert len(gallery.templates(project)) == 6


def card_of(class_ids: Sequence[int]) -> str:
    """A checkpoint's card as trainings write it, of a network that knows these classes."""
    names = {str(each): "" for each in class_ids}
    return Card(
        detector="yolo", options={}, class_names=names, normalisation=Normalisation("RGB", 255.0, (), ()), metrics={},
        seed=0, threads=1, precision="float32", weights=WeightsReport("none"), adopted=(), position=Position(),
    ).to_json()  # fmt: skip


def test_runs_that_know_faces_can_find_them_and_a_deleted_one_is_none(project):
    with project.atomic():
        face, dog = classes.add(project, "face"), classes.add(project, "dog")
        for kind, known in (("detector", (dog,)), ("detector", (dog, face)), ("embedder", (face,)), ("detector", ())):
            run_id = runs.add(project, kind, "yolo", "{}")
            if known:
                runs.add_checkpoint(project, run_id, NewCheckpoint("best", 1, b"weights", card_of(known)))
        runs.add_checkpoint(project, runs.add(project, "detector", "ssd", "{}"), NewCheckpoint("best", 1, b"w", "no"))
    assert [each.id for each in finders(project)] == [2]
    History(project).do(KeepGallerySettings(GallerySettings(find_run_id=2)))
    assert gallery.settings(project).find_run_id == 2
    told: list[Change] = []
    project.on_change(told.append)
    with project.atomic():
        runs.delete(project, 2)
    assert any(change.gallery for change in told)  # whoever shows the choice asks again
    assert gallery.settings(project).find_run_id is None and finders(project) == ()


@pytest.mark.slow
def test_a_run_of_the_project_finds_faces_once_its_class_is_called_so(trained, tmp_path):
    assert finders(trained) == ()
    with pytest.raises(UserError, match="knows no class of faces"):
        finder_of(trained, 1)
    first = next(iter(by_id(trained)))
    record = by_id(trained)[first]
    History(trained).do(SetClass(first, "face", record.colour))
    assert [each.id for each in finders(trained)] == [1]
    finder = finder_of(trained, 1)
    assert isinstance(finder, Finder) and set(finder.kinds) == {first}
    assert isinstance(finder.faces(drawn(PLACE, 120, 100)), tuple)
    with pytest.raises(UserError, match="no run 9"):
        finder_of(trained, 9)
    assert finder_of(trained, None) is None
    with pytest.raises(UserError, match="is a folder"):
        one_of_file(tmp_path)
