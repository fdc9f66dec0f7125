"""Import as a user meets it: once, twice, over edits, with broken pictures among good ones, ended half way."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from engine.errors import UserError
from engine.geometry.shapes import Box, Polygon
from engine.interchange.importing import ImportReport, ImportRequest, import_into
from engine.interchange.merging import ConflictPolicy
from engine.progress import finish
from engine.project import annotations, classes, images
from engine.project.edits import ChangeAnnotations, RemoveAnnotations
from engine.project.history import History
from engine.project.records import Annotation
from engine.project.store import Project
from tests.engine.interchange.conftest import HEIGHT, RING, WIDTH, coco_folder, picture


def take(project: Project, path: Path, policy: ConflictPolicy = "ours") -> ImportReport:
    return finish(import_into(project, ImportRequest(path, on_conflict=policy)))


def all_annotations(project: Project) -> list[Annotation]:
    return [one for image in images.all_images(project) for one in annotations.of_image(project, image.id)]


def rows(project: Project) -> list[object]:
    tables = ("images", "annotations", "origins", "classes", "contents", "thumbnails")
    return [project.rows(f"SELECT * FROM {table} ORDER BY 1") for table in tables]


def test_pictures_classes_and_shapes_arrive(project: Project, tmp_path: Path) -> None:
    report = take(project, coco_folder(tmp_path / "in"))
    assert (report.format, report.images, report.annotations, report.skipped) == ("coco", 3, 4, ())
    assert [record.name for record in classes.all_classes(project)] == ["ring", "cell"]
    shapes = [one.shape for one in all_annotations(project)]
    assert shapes.count(Box(2, 3, 22, 23)) == 3
    assert sum(isinstance(shape, Polygon) and shape.area == RING.area for shape in shapes) == 1
    assert all((image.width, image.height) == (WIDTH, HEIGHT) for image in images.all_images(project))
    assert all(images.thumbnail(project, image.id) for image in images.all_images(project))


def test_importing_twice_changes_nothing(project: Project, tmp_path: Path) -> None:
    folder = coco_folder(tmp_path / "in")
    take(project, folder)
    before = rows(project)
    again = take(project, folder)
    assert (again.images, again.annotations, again.updated, again.same) == (0, 0, 0, 4)
    assert rows(project) == before


def test_embedded_bytes_are_the_file_and_linked_ones_stay_outside(project: Project, tmp_path: Path) -> None:
    folder = coco_folder(tmp_path / "in", n_pages=1)
    take(project, folder)
    image = images.all_images(project)[0]
    assert images.read(project, image) == next((folder / "images").iterdir()).read_bytes()
    with Project.create(tmp_path / "linked.boxwright") as linked:
        finish(import_into(linked, ImportRequest(folder, link=True)))
        assert linked.value("SELECT COUNT(*) FROM contents") == 0
        assert images.read(linked, images.all_images(linked)[0]) == images.read(project, image)
        next((folder / "images").iterdir()).write_bytes(b"changed")
        with pytest.raises(UserError, match="not the one that was imported"):
            images.read(linked, images.all_images(linked)[0])


def edited(project: Project, shape: Box) -> Annotation:
    first = next(one for one in all_annotations(project) if isinstance(one.shape, Box))
    History(project).do(ChangeAnnotations((dataclasses.replace(first, shape=shape),)), first.image_id)
    return first


@pytest.mark.parametrize(("policy", "expected"), [("ours", {0.0}), ("theirs", {1.0}), ("both", {0.0, 1.0})])
def test_conflicts_are_decided_by_the_policy(
    project: Project, tmp_path: Path, policy: ConflictPolicy, expected: set[float]
) -> None:
    take(project, coco_folder(tmp_path / "in", n_pages=1))
    first = edited(project, Box(0, 3, 20, 23))
    report = take(project, coco_folder(tmp_path / "newer", n_pages=1, nudge=-1), policy)
    assert (report.theirs, report.both, report.images) == (0, 1, 0)
    here = [one.shape.x0 for one in annotations.of_image(project, first.image_id) if isinstance(one.shape, Box)]
    assert set(here) == expected
    after = rows(project)
    take(project, tmp_path / "newer", policy)
    assert rows(project) == after


def test_newer_annotations_reach_those_nobody_touched(project: Project, tmp_path: Path) -> None:
    take(project, coco_folder(tmp_path / "in"))
    edited(project, Box(0, 3, 20, 23))
    report = take(project, coco_folder(tmp_path / "newer", nudge=1.0))
    assert (report.updated, report.theirs, report.both, report.annotations) == (2, 2, 1, 0)


def test_what_was_deleted_here_does_not_come_back(project: Project, tmp_path: Path) -> None:
    folder = coco_folder(tmp_path / "in")
    take(project, folder)
    History(project).do(RemoveAnnotations((all_annotations(project)[0].id,)))
    report = take(project, folder)
    assert (report.annotations, report.ours, report.same) == (0, 1, 3)


def test_an_import_can_be_undone_redone_and_done_again(project: Project, tmp_path: Path) -> None:
    folder = coco_folder(tmp_path / "in")
    take(project, folder)
    before, history = all_annotations(project), History(project)
    assert history.undo() is not None
    assert all_annotations(project) == []
    assert history.redo() is not None
    assert all_annotations(project) == before
    history.undo()
    assert take(project, folder).annotations == len(before)


def test_the_same_picture_is_stored_once(project: Project, tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        picture(tmp_path / "in" / name, seed=1)
    report = take(project, tmp_path / "in")
    assert (report.format, report.images) == ("pictures", 1)
    assert [one.what for one in report.skipped] == ["b.png"]
    assert "a.png" in report.skipped[0].why


def test_two_pictures_of_one_name_get_two_names(project: Project, tmp_path: Path) -> None:
    for n, folder in enumerate(("one", "two")):
        take(project, picture(tmp_path / folder / "a.png", seed=n))
    assert [image.name for image in images.all_images(project)] == ["a.png", "a-2.png"]


@pytest.mark.parametrize("broken", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + bytes(40)])
def test_a_broken_picture_is_skipped_by_name_and_the_rest_arrives(
    project: Project, tmp_path: Path, broken: bytes
) -> None:
    picture(tmp_path / "in" / "good.png", seed=1)
    (tmp_path / "in" / "bad.png").write_bytes(broken)
    whole = picture(tmp_path / "in" / "short.png", seed=2)
    whole.write_bytes(whole.read_bytes()[:-200])
    report = take(project, tmp_path / "in")
    assert report.images == 1
    assert sorted(one.what for one in report.skipped) == ["bad.png", "short.png"]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied_to_size_and_thumbnail(project: Project, tmp_path: Path, orientation: int) -> None:
    take(project, picture(tmp_path / "a.jpg", seed=1, orientation=orientation, size=(60, 40)))
    image = images.all_images(project)[0]
    assert (image.width, image.height) == ((40, 60) if orientation >= 5 else (60, 40))
    thumbnail = images.thumbnail(project, image.id)
    (tmp_path / "t.jpg").write_bytes(thumbnail or b"")
    assert Image.open(tmp_path / "t.jpg").size == (image.width, image.height)


def test_an_import_that_is_stopped_leaves_nothing(project: Project, tmp_path: Path) -> None:
    for n in range(40):
        picture(tmp_path / "in" / f"{n}.png", seed=n)
    before = rows(project)
    work: Iterator[object] = import_into(project, ImportRequest(tmp_path / "in"))
    for _ in range(3):
        next(work)
    assert project.value("SELECT COUNT(*) FROM contents") > 0
    work.close()  # type: ignore[attr-defined]
    assert rows(project) == before


def test_an_import_that_fails_leaves_nothing(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = coco_folder(tmp_path / "in")
    before = rows(project)

    def fails(*_: object) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr(images, "tag", fails)
    with pytest.raises(RuntimeError, match="in the middle"):
        take(project, folder)
    assert rows(project) == before


def test_annotations_alone_reach_images_by_name(project: Project, tmp_path: Path) -> None:
    take(project, picture(tmp_path / "pictures" / "0.png", seed=0).parent)
    folder = coco_folder(tmp_path / "in", n_pages=1)
    for file in (folder / "images").iterdir():
        file.unlink()
    report = take(project, folder)
    assert (report.images, report.annotations) == (0, 2)


def test_nothing_there_is_a_sentence(project: Project, tmp_path: Path) -> None:
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "notes.txt").write_text("nothing")
    with pytest.raises(UserError, match="nothing at"):
        take(project, tmp_path / "absent")
    with pytest.raises(UserError, match="neither pictures nor annotations"):
        take(project, tmp_path / "text")
