"""Where on their images objects of a class lie, as far as it tells whether the images may be mirrored."""

from __future__ import annotations

from dataclasses import dataclass

from engine.project.material import LEARNT_FROM
from engine.project.store import Project


@dataclass(frozen=True, slots=True)
class ClassSides:
    """On which side the objects of a class lie that there are to learn from."""

    name: str
    n_images: int
    share_left: float
    """Of the objects those whose middle is in the left half of their image."""


def class_sides(project: Project) -> list[ClassSides]:
    """The sides of every class that has objects, in the order of classes."""
    sql = (
        "SELECT c.name, COUNT(DISTINCT a.image_id), AVG(a.x0 + a.x1 < i.width) FROM annotations a "
        "JOIN images i ON i.id = a.image_id JOIN classes c ON c.id = a.class_id "
        f"WHERE {LEARNT_FROM} AND NOT a.is_crowd GROUP BY c.id ORDER BY c.position, c.id"
    )
    return [ClassSides(name, n_images, float(share)) for name, n_images, share in project.rows(sql)]
