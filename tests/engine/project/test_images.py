"""Images: embedded or linked, each once, in splits and with tags; removed for good with all that is on them."""

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import UserError
from engine.geometry.shapes import Box
from engine.project import annotations, classes, contents, detections, images, runs
from engine.project.records import Annotation, Detection
from engine.project.store import Change, Project
from tests.engine.project.pictures import add_image, jpeg, link_image, png


def test_an_embedded_picture_comes_back_byte_for_byte(project: Project) -> None:
    with project.atomic():
        image_id = add_image(project, "a.png", 1, "train")
    image = images.get(project, image_id)
    assert images.read(project, image) == png(1)
    assert images.thumbnail(project, image_id) == jpeg(1)
    assert (image.name, image.split, image.state, image.link) == ("a.png", "train", "new", None)
    assert images.find(project, hashlib.sha256(png(1)).hexdigest()) == image
    assert images.named(project, "a.png") == image
    with pytest.raises(ValueError, match="embedded"):
        images.linked_path(project, image)


def test_the_same_picture_is_stored_once(project: Project) -> None:
    with project.atomic():
        first = add_image(project, "a.png", 1)
        assert add_image(project, "b.png", 1) == first
        assert add_image(project, "c.png", 2) != first
    assert images.count(project) == 2
    assert project.value("SELECT COUNT(*) FROM contents") == 2


def test_what_is_not_there(project: Project) -> None:
    assert images.find(project, "0" * 64) is None
    assert images.named(project, "a.png") is None
    assert images.thumbnail(project, 1) is None
    with pytest.raises(UserError, match="no image 1"):
        images.get(project, 1)


def test_a_linked_picture_moves_with_its_project(tmp_path: Path) -> None:
    (tmp_path / "here" / "pictures").mkdir(parents=True)
    picture = tmp_path / "here" / "pictures" / "a.png"
    picture.write_bytes(png(1))
    with Project.create(tmp_path / "here" / "a.boxwright") as project, project.atomic():
        image_id = link_image(project, picture, 1)
        assert project.value("SELECT COUNT(*) FROM contents") == 0
        assert images.get(project, image_id).link == "pictures/a.png"
    shutil.move(tmp_path / "here", tmp_path / "there")
    with Project.open(tmp_path / "there" / "a.boxwright") as project:
        image = images.get(project, image_id)
        assert images.read(project, image) == png(1)
        moved = images.linked_path(project, image)
        moved.write_bytes(b"another")
        with pytest.raises(UserError, match="is not the one that was imported"):
            images.read(project, image)
        moved.unlink()
        with pytest.raises(UserError, match="cannot be read"):
            images.read(project, image)


def test_lists_splits_and_tags(project: Project) -> None:
    with project.atomic():
        ids = [add_image(project, f"{n}.png", n, split) for n, split in enumerate(("train", "train", "val", None))]
        images.tag(project, ids[0], ["b", "a", "b"])
        images.tag(project, ids[0], ["a"])
        class_id = classes.add(project, "cell")
        annotations.add(project, [Annotation(0, ids[1], class_id, Box(0, 0, n + 1, 1)) for n in range(3)])
    assert images.all_ids(project) == ids
    assert [image.id for image in images.all_images(project)] == ids
    assert [image.id for image in images.all_images(project, "train")] == ids[:2]
    assert images.by_split(project) == {"train": 2, "val": 1, "": 1}
    assert images.tags(project, ids[0]) == ("a", "b")
    assert images.tags(project, ids[1]) == ()
    assert [(row.id, row.n_annotations, row.n_suggestions) for row in images.listed(project, ids[:2])] == [
        (ids[0], 0, 0),
        (ids[1], 3, 0),
    ]


def test_removing_an_image_takes_all_that_is_on_it_and_its_bytes(project: Project, path: Path) -> None:
    heard: list[Change] = []
    with project.atomic():
        gone, kept = add_image(project, "gone.png", 1), add_image(project, "kept.png", 2)
        images.tag(project, gone, ["a"])
        class_id = classes.add(project, "cell")
        run_id = runs.add(project, "detector", "mask_rcnn", "{}")
        for image_id in (gone, kept):
            annotations.add(project, [Annotation(0, image_id, class_id, Box(0, 0, 1, 1))])
            detections.put(project, image_id, run_id, [Detection(0, image_id, class_id, 0.5, Box(0, 0, 1, 1))])
    project.on_change(heard.append)
    with project.atomic():
        images.remove(project, [gone])
    assert heard == [Change(images=frozenset({gone}), annotated=frozenset({gone}), detected=frozenset({gone}))]
    assert images.all_ids(project) == [kept]
    for table in ("annotations", "detections", "thumbnails", "contents"):
        assert project.value(f"SELECT COUNT(*) FROM {table}") == 1, table
    assert project.value("SELECT COUNT(*) FROM image_tags") == 0
    assert contents.get(project, images.get(project, kept).content_id or 0) == png(2)
    project.close()
    assert png(1)[100:400] not in path.read_bytes()


def test_an_image_needs_bytes_or_a_link(project: Project) -> None:
    new = images.NewImage("a.png", "0" * 64, 1, 1, 1, 99, b"")
    with pytest.raises(UserError, match="no longer in"), project.atomic():
        images.add(project, new)
    with pytest.raises(Exception, match="CHECK"), project.atomic():
        images.add(project, replace(new, width=0, source=Path("a.png")))
    assert images.count(project) == 0
