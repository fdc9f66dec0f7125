"""The sample project: whole, always the same, its outlines true to its pixels."""

from pathlib import Path

import numpy as np
import pytest

from engine import pictures
from engine.errors import UserError
from engine.geometry import masks
from engine.project import annotations, classes, images
from engine.project.store import Project
from engine.samples import create_sample
from engine.samples import project as sample_project
from engine.samples.smear import draw


def test_the_sample_project_holds_three_classes_and_pictures_left_to_annotate(tmp_path: Path) -> None:
    with create_sample(tmp_path / "sample.boxwright") as project:
        assert images.by_split(project) == {"train": 16, "val": 4, "": 4}
        names = {record.id: record.name for record in classes.all_classes(project)}
        counts = {names[class_id]: n for class_id, n in classes.counts(project).items()}
        assert list(counts) == ["red cell", "white cell", "platelet"]
        assert min(counts.values()) >= 20
        for image in images.all_images(project):
            assert pictures.decode(images.read(project, image)).shape == (image.height, image.width, 3)
            assert bool(annotations.of_image(project, image.id)) == (image.split is not None)
            assert images.thumbnail(project, image.id)


def test_a_picture_follows_from_its_seed() -> None:
    once, again, other = (draw(np.random.default_rng(seed), 320, 256) for seed in (1, 1, 2))
    assert np.array_equal(once.pixels, again.pixels)
    assert not np.array_equal(once.pixels, other.pixels)


@pytest.mark.parametrize("seed", range(5))
def test_outlines_lie_on_the_picture_apart_from_each_other_and_part_dark_from_light(seed: int) -> None:
    smear = draw(np.random.default_rng(seed), 320, 256)
    covered = np.zeros((256, 320), dtype=int)
    for cell in smear.cells:
        polygon = cell.outline.polygon(64)
        x0, y0, x1, y1 = polygon.bounds
        assert x0 >= 0 and y0 >= 0 and x1 <= 320 and y1 <= 256
        covered += masks.paint(masks.of_polygon(polygon), 256, 320)
    assert covered.max() == 1
    green = smear.pixels[..., 1].astype(float)
    background = np.median(green[covered == 0])
    is_cell = np.abs(green - background) > 20
    common = np.logical_and(is_cell, covered == 1).sum() / np.logical_or(is_cell, covered == 1).sum()
    assert common > 0.9


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "mine.boxwright"
    path.write_text("mine")
    with pytest.raises(UserError, match="already exists"):
        create_sample(path)
    assert path.read_text() == "mine"


def test_a_sample_that_cannot_be_finished_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(project: Project, *_: object) -> None:
        raise UserError("The disk is full.")

    monkeypatch.setattr(sample_project, "_add", fail)
    with pytest.raises(UserError):
        create_sample(tmp_path / "sample.boxwright")
    assert not list(tmp_path.iterdir())
