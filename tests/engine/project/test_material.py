"""What there is to learn from is counted, and a split is proposed only where there is none."""

from pathlib import Path

import pytest

from engine.geometry.shapes import Box
from engine.project import annotations, classes, images
from engine.project.history import History
from engine.project.image_edits import SetImages
from engine.project.images import NewImage
from engine.project.material import material
from engine.project.records import Annotation
from engine.project.store import Project


def made(path: Path, n_annotated: int, n_bare: int = 0) -> Project:
    """A project of some images with two boxes each, and some without any."""
    project = Project.create(path)
    with project.atomic():
        class_ids = (classes.add(project, "cell"), classes.add(project, "ring"))
        for n in range(n_annotated + n_bare):
            source = path.parent / f"{n}.png"
            image_id = images.add(project, NewImage(source.name, f"{n:064x}", 20, 20, 1, source, b"jpeg"))
            boxes = [Annotation(0, image_id, class_id, Box(1, 1, 5, 5)) for class_id in class_ids]
            annotations.add(project, boxes if n < n_annotated else [])
    return project


@pytest.mark.parametrize(("n_annotated", "n_val"), [(0, 0), (1, 0), (2, 1), (4, 1), (20, 4)])
def test_some_are_kept_back_and_never_all(tmp_path: Path, n_annotated: int, n_val: int) -> None:
    with made(tmp_path / "p.boxwright", n_annotated, n_bare=3) as project:
        found = material(project)
        assert (found.n_train, found.n_val) == (n_annotated - n_val, n_val)
        assert (found.n_objects, found.keep_back is not None) == (2 * n_annotated, n_val > 0)


def test_the_proposal_is_an_edit_and_then_there_is_nothing_to_propose(tmp_path: Path) -> None:
    with made(tmp_path / "p.boxwright", 10, n_bare=3) as project:
        proposed = material(project).keep_back
        assert proposed is not None
        history = History(project)
        history.do(proposed)
        assert images.by_split(project) == {"": 3, "train": 8, "val": 2}
        again = material(project)
        assert (again.n_train, again.n_val, again.keep_back) == (8, 2, None)
        history.undo()
        assert images.by_split(project) == {"": 13}


def test_an_existing_validation_split_is_left_alone(tmp_path: Path) -> None:
    with made(tmp_path / "p.boxwright", 10) as project:
        History(project).do(SetImages((1,), split="val"))
        found = material(project)
        assert (found.n_train, found.n_val, found.keep_back) == (9, 1, None)
