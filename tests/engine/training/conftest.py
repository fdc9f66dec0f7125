"""A small project of made-up scenes."""

import hashlib
import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from engine.progress import finish
from engine.project import annotations, classes, contents, images
from engine.project.records import Annotation, Split
from engine.project.store import Project
from engine.training.recipe import Recipe
from engine.training.recording import queue, train_run
from tests.engine.detectors.scenes import CLASS_NAMES, Scenes
from tests.engine.detectors.test_contract import SMALL

SETTINGS: dict[str, Any] = {
    "options": SMALL["mask_rcnn"], "weights": "none", "batch": 2, "precision": "float32", "device": "cpu", "threads": 1,
}  # fmt: skip
"""Of a recipe that is small enough for a test."""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Four scenes to train on and two to validate with."""
    with Project.create(tmp_path / "scenes.boxwright") as made:
        _fill(made)
        yield made


@pytest.fixture(scope="session")
def trained_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of such a project in which one run was carried out; for `trained` to copy."""
    path = tmp_path_factory.mktemp("trained") / "trained.boxwright"
    with Project.create(path) as made:
        _fill(made)
        finish(train_run(made, queue(made, Recipe(**SETTINGS, epochs=2))))
    return path


@pytest.fixture
def trained(trained_file: Path, tmp_path: Path) -> Iterator[Project]:
    """A project of its own, with one run done: its id is 1."""
    shutil.copy(trained_file, tmp_path / "copy.boxwright")
    with Project.open(tmp_path / "copy.boxwright") as opened:
        yield opened


def _fill(project: Project) -> None:
    scenes = Scenes(4, 2)
    splits: tuple[Split, ...] = ("train",) * 4 + ("val",) * 2
    with project.atomic():
        ids = {id_: classes.add(project, name) for id_, name in CLASS_NAMES.items()}
        for split, example in zip(splits, [*scenes.train, *scenes.val], strict=True):
            image_id = add_image(project, example.name, example.picture, split)
            found = [Annotation(0, image_id, ids[each.class_id], each.shape) for each in example.annotations]
            annotations.add(project, found)


def add_image(project: Project, name: str, picture: NDArray[np.uint8], split: Split | None) -> int:
    """Embed a picture as PNG, inside `atomic()`; returns the image's id."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    value = file.getvalue()
    height, width = picture.shape[:2]
    sha256 = hashlib.sha256(value).hexdigest()
    source = contents.put(project, value)
    return images.add(project, images.NewImage(name, sha256, width, height, 1, source, b"thumbnail", split))
