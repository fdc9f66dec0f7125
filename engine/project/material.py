"""What a project has to learn from, and which images to keep back for validation where none are yet."""

from __future__ import annotations

from dataclasses import dataclass

from engine.geometry.shapes import ShapeKind
from engine.project.splits import AssignSplits, SplitPlan, propose
from engine.project.store import Project

LEARNT_FROM = "(i.split IS NULL OR i.split = 'train')"
"""In SQL, of the images `i` those that are learned from."""


@dataclass(frozen=True, slots=True)
class Material:
    """What there is to learn from."""

    n_train: int
    """Annotated images to learn from."""
    n_val: int
    """Images to be tried on."""
    n_objects: int
    n_classes: int
    keep_back: AssignSplits | None
    """The edit that keeps images for validation, where there are none yet; they are counted in `n_val` already."""


def material(project: Project, val_share: float = 0.2) -> Material:
    """Count what there is to learn from, and propose a split where there is none."""
    n_train, n_objects, n_classes = project.row(
        "SELECT COUNT(DISTINCT a.image_id), COUNT(*), COUNT(DISTINCT a.class_id) FROM annotations a "
        f"JOIN images i ON i.id = a.image_id WHERE {LEARNT_FROM}"
    ) or (0, 0, 0)
    n_val = int(project.value("SELECT COUNT(*) FROM images WHERE split = 'val'"))
    if n_val or n_train < 2:
        return Material(n_train, n_val, n_objects, n_classes, None)
    sql = f"SELECT DISTINCT a.image_id FROM annotations a JOIN images i ON i.id = a.image_id WHERE {LEARNT_FROM}"
    share = max(val_share, 1 / n_train)  # at least one image, however few there are
    plan = SplitPlan({"train": 1 - share, "val": share}, ids=tuple(id_ for (id_,) in project.rows(sql)))
    n_images = propose(project, plan).n_images
    edit = AssignSplits(plan, f"Keep {n_images['val']} of {n_train} images for validation")
    return Material(n_images["train"], n_images["val"], n_objects, n_classes, edit)


def kinds_of_shapes(project: Project) -> dict[ShapeKind, int]:
    """How many objects there are to learn from, by the kind of their shape."""
    sql = (
        "SELECT a.kind, COUNT(*) FROM annotations a JOIN images i ON i.id = a.image_id "
        f"WHERE {LEARNT_FROM} AND NOT a.is_crowd GROUP BY a.kind"
    )
    return dict(project.rows(sql))
