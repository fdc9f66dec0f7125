"""The training set of a past run, made again after the project went on."""

from pathlib import Path

import pytest

from engine.errors import UserError
from engine.formats import FORMATS
from engine.interchange.exporting import ExportRequest, export_from
from engine.progress import finish
from engine.project import annotations, classes, contents, images, runs
from engine.project.store import Project
from engine.training.rebuilding import export_training_set, training_set
from engine.training.recipe import Recipe
from engine.training.recording import queue
from tests.engine.training.conftest import SETTINGS


def files(folder: Path) -> dict[str, bytes]:
    return {each.relative_to(folder).as_posix(): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def spoil(project: Project) -> None:
    """Rename a class and an image, change splits, redraw and delete annotations."""
    every = images.all_images(project)
    with project.atomic():
        project.execute("UPDATE classes SET name = 'renamed ' || name, position = 9 - position")
        project.execute("UPDATE images SET name = 'x' || name, split = 'test'")
        for image in every[:2]:
            annotations.remove(project, [each.id for each in annotations.of_image(project, image.id)])
        other = classes.add(project, "another")
        project.execute("UPDATE annotations SET class_id = ?", (other,))


@pytest.mark.parametrize("format_", ["coco", "yolo", "voc"])
def test_the_training_set_is_exported_as_it_was(trained: Project, tmp_path: Path, format_: str) -> None:
    """The same files, byte by byte, as an export when the run had begun."""
    assert format_ in FORMATS.names()
    finish(export_from(trained, ExportRequest(tmp_path / "then", format_)))
    spoil(trained)
    report = finish(export_training_set(trained, 1, ExportRequest(tmp_path / "again", format_, proof=True)))
    assert report.lost == ()
    assert report.export.proof is not None
    assert report.export.proof.is_kept
    assert (report.export.images, report.export.annotations) == (6, 24)
    assert files(tmp_path / "again") == files(tmp_path / "then")


def test_a_split_of_it_is_the_split_of_then(trained: Project, tmp_path: Path) -> None:
    spoil(trained)
    report = finish(export_training_set(trained, 1, ExportRequest(tmp_path / "val", "coco", "val")))
    assert report.export.images == 2


def test_a_deleted_image_is_had_as_long_as_its_bytes_are_there_and_named_when_they_are_gone(
    trained: Project, tmp_path: Path
) -> None:
    first = images.all_images(trained)[0]
    held = contents.get(trained, first.content_id or 0)
    with trained.atomic():
        trained.execute("DELETE FROM images WHERE id = ?", (first.id,))
    kept = training_set(trained, 1)
    assert next(each.record.id for each in kept.images) == first.id
    assert kept.lost == ()
    with trained.atomic():
        contents.release(trained)
    gone = training_set(trained, 1)
    assert gone.lost == (first.name,)
    assert len(gone.images) == 5
    report = finish(export_training_set(trained, 1, ExportRequest(tmp_path / "rest", "coco")))
    assert (report.lost, report.export.images) == ((first.name,), 5)
    with trained.atomic():
        content_id = contents.put(trained, held)
        new = images.NewImage("anew.png", first.sha256, first.width, first.height, 1, content_id, b"thumbnail", None)
        images.add(trained, new)
    again = training_set(trained, 1)
    assert again.lost == ()
    assert [each.record.name for each in again.images if each.record.sha256 == first.sha256] == [first.name]


def test_classes_are_in_the_order_of_the_network_also_those_without_an_object(trained: Project) -> None:
    before = [each.name for each in classes.all_classes(trained)]
    spoil(trained)
    assert [each.name for each in training_set(trained, 1).class_by_id.values()] == before


def test_what_an_older_program_remembered_is_rebuilt_with_the_records_of_now(trained: Project) -> None:
    import msgspec

    from engine.geometry.packing import pack

    with trained.atomic():
        for image_id, split, _ in runs.images_of(trained, 1):
            found = annotations.of_image(trained, image_id)
            rows = [(each.id, each.class_id, each.shape.kind, pack(each.shape), False) for each in found]
            runs.set_images(trained, 1, [(image_id, split, contents.put(trained, msgspec.msgpack.encode(rows)))])
    again = training_set(trained, 1)
    assert [each.record.name for each in again.images] == [each.name for each in images.all_images(trained)]
    assert sum(len(each.annotations) for each in again.images) == 24


def test_a_run_that_never_began_has_none(trained: Project) -> None:
    run_id = queue(trained, Recipe(**SETTINGS))
    with pytest.raises(UserError, match="has not begun"):
        training_set(trained, run_id)
    with pytest.raises(UserError, match="no run 77"):
        training_set(trained, 77)
