"""Marks: what each person has marked on an image, as far as the file knows: for comparing two people.

Those are the annotations in their name, and the versions of theirs that stand beside another person's annotation: in
conflict with it, or given up for it, or like it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.geometry.shapes import Shape
from engine.project import annotations, conflicts
from engine.project.store import Project

_MARKED = (
    "SELECT DISTINCT author_id, image_id FROM annotations WHERE author_id IS NOT NULL "
    "UNION SELECT author_id, image_id FROM conflicts WHERE author_id IS NOT NULL AND state IN ('open', 'ours')"
)


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that a person has marked."""

    class_id: int
    shape: Shape


@dataclass(frozen=True, slots=True)
class SharedBy:
    """Two people who have marked something on the same images."""

    a: int
    b: int
    """Ids of authors; `a` is the lesser."""
    n_images: int


def pairs(project: Project) -> list[SharedBy]:
    """Every two people who share images, those who share the most first."""
    sql = (
        f"WITH m AS ({_MARKED}) SELECT x.author_id, y.author_id, COUNT(*) AS n FROM m x JOIN m y "
        "ON y.image_id = x.image_id AND y.author_id > x.author_id GROUP BY 1, 2 ORDER BY n DESC, 1, 2"
    )
    return [SharedBy(*row) for row in project.rows(sql)]


def shared_images(project: Project, a: int, b: int) -> list[int]:
    """The ids of the images that both have marked something on."""
    sql = (
        f"WITH m AS ({_MARKED}) SELECT x.image_id FROM m x JOIN m y ON y.image_id = x.image_id "
        "WHERE x.author_id = ? AND y.author_id = ? ORDER BY 1"
    )
    return [image_id for (image_id,) in project.rows(sql, (a, b))]


def of_image(project: Project, image_id: int, author_id: int) -> list[Mark]:
    """What a person has marked on an image, crowds left out."""
    return list(_of_image(project, image_id, author_id))


def _of_image(project: Project, image_id: int, author_id: int) -> Iterator[Mark]:
    for one in annotations.of_image(project, image_id):
        if one.author_id == author_id and not one.is_crowd:
            yield Mark(one.class_id, one.shape)
    for other in conflicts.of_image(project, image_id):
        if other.author_id == author_id and other.state in ("open", "ours") and not other.is_crowd:
            yield Mark(other.class_id, other.shape)
