"""Annotations copied to other images, or pasted elsewhere on their own: clipped to the picture they come to lie on."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.errors import UserError
from engine.geometry.combining import clipped
from engine.geometry.shapes import Keypoints
from engine.geometry.shaping import moved
from engine.project import annotations
from engine.project.attribute_edits import next_group
from engine.project.records import Annotation
from engine.project.restoring import Restore, removal
from engine.project.store import Project


@dataclass(frozen=True, slots=True)
class CopyAnnotations:
    """Copy annotations to images, moved by (dx, dy), in the name of an author.

    Copies keep class, attributes and identity; groups become groups of their own on each image. What lies on a picture
    already, of equal shape and class, is not put there twice, so that propagating again adds nothing.
    """

    annotations: tuple[Annotation, ...]
    image_ids: tuple[int, ...]
    dx: float = 0.0
    dy: float = 0.0
    author_id: int | None = None
    verb: str = "Paste"

    @property
    def title(self) -> str:
        n = len(self.annotations)
        what = "annotation" if n == 1 else f"{n} annotations"
        return f"{self.verb} {what}" + (f" to {len(self.image_ids)} images" if len(self.image_ids) > 1 else "")

    def apply(self, project: Project) -> Restore:
        """Add the copies; the inverse drops them. Raises UserError where none would lie on any of the pictures."""
        marks = json.dumps(list(self.image_ids))
        sizes = project.rows(
            "SELECT id, width, height FROM images WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id", (marks,)
        )
        landing = {image_id: self._on(image_id, width, height) for image_id, width, height in sizes}
        if not any(landing.values()):
            raise UserError("Nothing of it would lie on the picture.")
        copies = [one for image_id, found in landing.items() for one in _without_there(project, image_id, found)]
        return Restore((removal("annotations", annotations.add(project, _regrouped(project, copies))),))

    def _on(self, image_id: int, width: int, height: int) -> Sequence[Annotation]:
        """The copies as far as they lie on a picture of this size."""
        found = []
        for one in self.annotations:
            shape = clipped(moved(one.shape, self.dx, self.dy), width, height)
            if shape is not None:
                points = one.keypoints and clipped(moved(one.keypoints, self.dx, self.dy), width, height)
                found.append(
                    replace(
                        one,
                        id=0,
                        image_id=image_id,
                        shape=shape,
                        keypoints=points if isinstance(points, Keypoints) else None,
                        author_id=self.author_id,
                        detection_id=None,
                        confirmed_run_id=None,
                        seconds=None,
                    )
                )
        return found


def _without_there(project: Project, image_id: int, copies: Sequence[Annotation]) -> list[Annotation]:
    there = {(one.class_id, one.shape) for one in annotations.of_image(project, image_id)}
    return [one for one in copies if (one.class_id, one.shape) not in there]


def _regrouped(project: Project, copies: Sequence[Annotation]) -> list[Annotation]:
    """The copies in groups of their own, one on each image for each group that they were in."""
    first, new = next_group(project), dict[tuple[int, int], int]()
    for one in copies:
        if one.group_id is not None:
            new.setdefault((one.image_id, one.group_id), first + len(new))
    return [one if one.group_id is None else replace(one, group_id=new[one.image_id, one.group_id]) for one in copies]
