"""Faces brought into a project: from folders, pictures, annotations, detections; refused, warned of, undone at once."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from engine import pictures
from engine.cropping import Flaw, crop_of, decoded, judge
from engine.errors import UserError
from engine.faces.enrolling import EnrolRequest, enrol
from engine.faces.marked_faces import face_classes
from engine.faces.sources import AnnotatedFaces, DetectedFaces, FaceFiles, FaceFolders
from engine.geometry.shapes import Box, Keypoints, RotatedBox
from engine.progress import Progress
from engine.project import annotations, classes, detections, gallery, runs
from engine.project.edits import AddAnnotations, ChangeAnnotations
from engine.project.gallery_edits import IgnoreTemplates
from engine.project.history import History
from engine.project.image_edits import SetImages
from engine.project.records import Annotation, Detection
from engine.tiling import cache
from tests.engine.cropping.faces import drawn as formula
from tests.engine.cropping.faces import landmarks, similarity_of
from tests.engine.faces.enrolled import enrolled, enrolled_folders, folders, picture, put_image

PLACES = (similarity_of(10, 1.5, 40, 30), similarity_of(-25, 2, 250, 200))


def test_a_folder_for_each_person_enrols_them(project, tmp_path):
    report = enrolled_folders(project, tmp_path / "people")
    assert [each.name for each in report.people] == ["Anna", "Ben", "Cleo"]
    assert [len(each.template_ids) for each in report.people] == [2, 2, 2]
    assert report.refused == report.known == report.unknown_ids == ()
    found = gallery.templates(project)
    assert report.template_ids == tuple(each.id for each in found)
    assert {each.state for each in found} == {"confirmed"}
    assert [each.source for each in found[:2]] == ["Anna/0.png", "Anna/1.png"]


def test_a_crop_is_the_picture_and_its_quality_is_judged(project, tmp_path):
    file = picture(tmp_path / "a.png", 0, 0)
    report = enrolled(project, FaceFiles((file,), "Anna"))
    template = gallery.template(project, report.template_ids[0])
    pixels = decoded(gallery.crop(project, template.id))
    assert np.array_equal(pixels, np.array(Image.open(file)))
    quality = judge(crop_of(pixels, None))
    assert template.quality == pytest.approx(quality.score)
    assert template.flaws == tuple(map(str, quality.flaws))


def test_all_of_it_is_one_step_to_undo(project, tmp_path):
    enrolled_folders(project, tmp_path / "people")
    History(project).undo()
    assert gallery.templates(project) == gallery.identities(project) == ()
    History(project).redo()
    assert len(gallery.templates(project)) == 6


def test_faces_nobody_knows_wait_for_a_name(project, tmp_path):
    report = enrolled(project, FaceFiles((picture(tmp_path / "a.png", 0, 0),)))
    assert report.people == ()
    (template,) = gallery.templates(project)
    assert report.unknown_ids == (template.id,) and template.state == "unknown"


def test_the_same_crop_is_told_and_not_doubled(project, tmp_path):
    enrolled_folders(project, tmp_path / "people")
    again = enrolled(project, FaceFolders(tmp_path / "people"))
    assert again.people == () and len(again.known) == 6
    assert {each.person for each in again.known} == {"Anna", "Ben", "Cleo"}
    assert len(gallery.templates(project)) == 6
    file = picture(tmp_path / "b.png", 3, 3)
    twice = enrolled(project, FaceFiles((file, file), "Dora"))
    assert len(twice.template_ids) == 1
    assert [each.person for each in twice.known] == ["Dora"]


def test_a_face_of_somebody_else_is_left_to_them(project, tmp_path):
    file = picture(tmp_path / "a.png", 0, 0)
    enrolled(project, FaceFiles((file,), "Anna"))
    report = enrolled(project, FaceFiles((file,), "Ben"))
    assert [each.person for each in report.known] == ["Anna"]
    assert [each.name for each in gallery.identities(project)] == ["Anna"]


@pytest.mark.parametrize("is_ignored", [False, True])
def test_a_face_that_waits_takes_the_name_it_comes_with(project, tmp_path, is_ignored):
    file = picture(tmp_path / "a.png", 0, 0)
    (id_,) = enrolled(project, FaceFiles((file,))).unknown_ids
    if is_ignored:
        History(project).do(IgnoreTemplates((id_,)))
    report = enrolled(project, FaceFiles((file,), "Anna"))
    assert [(each.name, each.template_ids) for each in report.people] == [("Anna", (id_,))]
    assert gallery.template(project, id_).state == "confirmed"
    History(project).undo()
    assert gallery.template(project, id_).state == ("ignored" if is_ignored else "unknown")
    assert gallery.identities(project) == ()


def test_what_cannot_be_read_is_refused_with_its_reason_and_the_rest_goes_on(project, tmp_path):
    root = folders(tmp_path / "people", 2)
    (root / "Anna" / "2.png").write_bytes(b"no picture")
    (root / "Anna" / "3.png").write_bytes((root / "Anna" / "0.png").read_bytes()[:300])
    (root / "Anna" / ".hidden.png").write_bytes(b"")
    (root / "Zoe").mkdir()
    report = enrolled(project, FaceFolders(root))
    assert {each.source for each in report.refused} == {"Anna/2.png", "Anna/3.png", "Zoe"}
    assert all(each.why.endswith(".") for each in report.refused)
    assert [len(each.template_ids) for each in report.people] == [2, 2]
    assert enrolled(project, FaceFiles((tmp_path / "gone.png",), "Anna")).refused[0].why == "gone.png is missing."


def test_poor_crops_are_warned_of(project, tmp_path):
    file = picture(tmp_path / "small.png", 0, 0, scale=1)
    report = enrolled(project, FaceFiles((file,), "Anna"))
    (poor,) = report.poor
    assert Flaw.SMALL in poor.flaws and poor.quality < 0.5
    assert "few pixels" in poor.words
    assert "small" in gallery.template(project, poor.template_id).flaws


def test_consent_and_last_day_are_written_down_and_taken_back(project, tmp_path):
    root = folders(tmp_path / "people", 2)
    enrolled(project, FaceFolders(root), consent="signed", retain_until="2030-01-31")
    assert {(each.consent, each.retain_until) for each in gallery.identities(project)} == {("signed", "2030-01-31")}
    file = picture(tmp_path / "a.png", 0, 7)
    enrolled(project, FaceFiles((file,), "Anna"), retain_until="2031-01-31")
    anna = gallery.identity_named(project, "Anna")
    assert (anna.consent, anna.retain_until) == ("signed", "2031-01-31")
    History(project).undo()
    assert gallery.identity_named(project, "Anna").retain_until == "2030-01-31"


def test_a_day_that_is_none_changes_nothing(project, tmp_path):
    with pytest.raises(UserError, match="no day"):
        enrolled(project, FaceFiles((picture(tmp_path / "a.png", 0, 0),), "Anna"), retain_until="soon")
    assert gallery.templates(project) == gallery.identities(project) == ()
    assert project.value("SELECT COUNT(*) FROM contents") == 0


def test_a_folder_without_people_is_refused(project, tmp_path):
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "empty", tmp_path / "nowhere"):
        with pytest.raises(UserError):
            enrolled(project, FaceFolders(folder))


def test_stopped_before_it_is_written_nothing_is_there(project, tmp_path):
    work = enrol(project, EnrolRequest((FaceFolders(folders(tmp_path / "people")),)))
    events = [next(work) for _ in range(4)]
    assert [each.done for each in events if isinstance(each, Progress)] == [0, 1, 2, 3]
    work.close()
    assert gallery.templates(project) == ()


def group(project, tmp_path):
    """One picture with two faces, and what is at their places."""
    canvas = formula(PLACES[0], 600, 500)
    canvas[180:] = formula(PLACES[1], 600, 500)[180:]
    return put_image(project, tmp_path, canvas), canvas


def annotated(project, image_id, class_id, *shapes, **more):
    found = tuple(Annotation(0, image_id, class_id, shape, **more) for shape in shapes)
    History(project).do(AddAnnotations(found))
    return [each.id for each in annotations.of_image(project, image_id)]


def face_class(project, names=()):
    with project.atomic():
        return classes.add(project, "face", keypoint_names=names)


FIVE = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")


def test_annotated_landmarks_give_aligned_crops_whichever_way_sides_are_named(project, tmp_path):
    image_id, canvas = group(project, tmp_path)
    class_id = face_class(project, FIVE)
    points = landmarks(PLACES[1])
    own_sides = [points.points[at] for at in (1, 0, 2, 4, 3)]
    keypoints = Keypoints.of([(*each, 2) for each in own_sides])
    (id_,) = annotated(project, image_id, class_id, keypoints)
    (template_id,) = enrolled(project, AnnotatedFaces()).unknown_ids
    template = gallery.template(project, template_id)
    assert (template.image_id, template.annotation_id, template.source) == (image_id, id_, "group.png")
    wanted = crop_of(canvas, points).pixels
    assert np.abs(decoded(gallery.crop(project, template.id)).astype(int) - wanted).max() <= 2


def test_annotated_boxes_give_squares_around_them(project, tmp_path):
    image_id, canvas = group(project, tmp_path)
    shapes = (Box(40, 30, 180, 180), RotatedBox(320, 330, 150, 180, 20), Box(-90, 10, 60, 160))
    annotated(project, image_id, face_class(project), *shapes)
    report = enrolled(project, AnnotatedFaces())
    for template, shape in zip(gallery.templates(project), shapes, strict=True):
        found = decoded(gallery.crop(project, template.id)).astype(int)
        assert np.abs(found - crop_of(canvas, shape).pixels).max() <= 2
    assert len(report.unknown_ids) == 3


@pytest.mark.parametrize("split", ["none", "train", "val", "test"])
def test_annotated_faces_are_taken_whatever_split_their_picture_is_in(project, tmp_path, split):
    image_id, _ = group(project, tmp_path)
    annotated(project, image_id, face_class(project), Box(40, 30, 180, 180))
    History(project).do(SetImages((image_id,), split=split))
    assert len(enrolled(project, AnnotatedFaces()).unknown_ids) == 1


def test_whom_an_annotation_is_linked_with_it_is_of(project, tmp_path):
    image_id, _ = group(project, tmp_path)
    enrolled(project, FaceFiles((picture(tmp_path / "a.png", 0, 0),), "Anna"))
    anna = gallery.identity_named(project, "Anna")
    annotated(project, image_id, face_class(project), Box(40, 30, 180, 180), identity_id=anna.id)
    report = enrolled(project, AnnotatedFaces())
    assert [(each.name, len(each.template_ids)) for each in report.people] == [("Anna", 1)]


def test_an_annotation_has_one_face_also_when_its_box_is_mended(project, tmp_path):
    image_id, _ = group(project, tmp_path)
    annotated(project, image_id, face_class(project), Box(40, 30, 180, 180))
    (id_,) = enrolled(project, AnnotatedFaces()).unknown_ids
    (mended,) = annotations.of_image(project, image_id)
    History(project).do(ChangeAnnotations((replace(mended, shape=Box(42, 30, 180, 183)),)))
    report = enrolled(project, AnnotatedFaces())
    assert [each.template_id for each in report.known] == [id_] and report.template_ids == ()


def test_only_the_chosen_annotations_or_class_are_taken(project, tmp_path):
    image_id, _ = group(project, tmp_path)
    face_id = face_class(project)
    with project.atomic():
        dog_id = classes.add(project, "dog")
    ids = annotated(project, image_id, face_id, Box(40, 30, 180, 180), Box(250, 200, 400, 400))
    annotated(project, image_id, dog_id, Box(300, 20, 500, 180))
    assert [each.name for each in face_classes(project)] == ["face"]
    assert len(enrolled(project, AnnotatedFaces((ids[1],))).unknown_ids) == 1
    assert len(enrolled(project, AnnotatedFaces()).unknown_ids) == 1
    assert len(enrolled(project, AnnotatedFaces(class_id=dog_id)).unknown_ids) == 1


def test_places_that_are_no_faces_are_refused_and_the_rest_goes_on(project, tmp_path):
    image_id, _ = group(project, tmp_path)
    annotated(project, image_id, face_class(project), Box(5000, 5000, 5100, 5100), Box(40, 30, 180, 180))
    report = enrolled(project, AnnotatedFaces())
    assert len(report.unknown_ids) == 1
    assert [(each.source, each.why) for each in report.refused] == [("group.png", "A face lies beside its picture.")]


def test_a_damaged_picture_is_refused_and_the_others_are_taken(project, tmp_path):
    image_id, canvas = group(project, tmp_path)
    other_id = put_image(project, tmp_path, canvas[::-1].copy(), "other.png")
    class_id = face_class(project)
    for each in (image_id, other_id):
        annotated(project, each, class_id, Box(40, 30, 180, 180))
    with project.atomic():
        project.execute("UPDATE chunks SET bytes = x'00' WHERE content_id = 1")
    report = enrolled(project, AnnotatedFaces())
    assert len(report.unknown_ids) == 1
    assert "damaged" in report.refused[0].why


def test_detections_of_a_run_are_taken_unless_they_are_rejected_or_weak(project, tmp_path):
    image_id, canvas = group(project, tmp_path)
    class_id = face_class(project, FIVE)
    points = landmarks(PLACES[0])
    keypoints = Keypoints.of([(*each, 2) for each in points.points])
    with project.atomic():
        run_id = runs.add(project, "detector", "keypoint_rcnn", "{}")
        found = [
            Detection(0, image_id, class_id, 0.9, Box(40, 30, 190, 200), run_id, keypoints),
            Detection(0, image_id, class_id, 0.3, Box(240, 30, 390, 200), run_id),
            Detection(0, image_id, class_id, 0.9, Box(240, 230, 390, 400), run_id, state="rejected"),
        ]
        detections.put(project, image_id, run_id, found)
    (id_,) = enrolled(project, DetectedFaces(run_id)).unknown_ids
    assert np.abs(decoded(gallery.crop(project, id_)).astype(int) - crop_of(canvas, points).pixels).max() <= 2
    assert len(enrolled(project, DetectedFaces(run_id, min_score=0.2)).unknown_ids) == 1
    with pytest.raises(UserError, match="no such faces"):
        enrolled(project, DetectedFaces(run_id, image_ids=(image_id + 1,)))


def test_a_box_takes_over_the_landmarks_that_a_run_detected_there(project, tmp_path):
    image_id, canvas = group(project, tmp_path)
    class_id = face_class(project, FIVE)
    points = landmarks(PLACES[0])
    keypoints = Keypoints.of([(*each, 2) for each in points.points])
    near, far = Box(40, 30, 190, 200), Box(320, 330, 470, 480)
    with project.atomic():
        run_id = runs.add(project, "detector", "keypoint_rcnn", "{}")
        found = Detection(0, image_id, class_id, 0.9, Box(45, 40, 185, 195), run_id, keypoints)
        detections.put(project, image_id, run_id, [found])
    annotated(project, image_id, class_id, near, far)
    first, second = enrolled(project, AnnotatedFaces(landmarks_run_id=run_id)).unknown_ids
    for id_, place in ((first, points), (second, far)):
        assert np.abs(decoded(gallery.crop(project, id_)).astype(int) - crop_of(canvas, place).pixels).max() <= 2


def test_a_face_in_a_picture_too_large_for_memory_is_cut_at_full_resolution(project, tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "LARGE_PIXELS", 1000)
    monkeypatch.setattr(cache, "folder", lambda: tmp_path / "cache")
    image_id, canvas = group(project, tmp_path)
    box = Box(320, 300, 470, 480)
    annotated(project, image_id, face_class(project), box)
    (id_,) = enrolled(project, AnnotatedFaces()).unknown_ids
    assert np.abs(decoded(gallery.crop(project, id_)).astype(int) - crop_of(canvas, box).pixels).mean() < 4


def test_without_a_class_of_faces_it_is_said(project, tmp_path):
    with pytest.raises(UserError, match="no class of faces"):
        enrolled(project, AnnotatedFaces())
    face_class(project)
    with pytest.raises(UserError, match="no such annotations"):
        enrolled(project, AnnotatedFaces())
