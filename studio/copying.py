"""Copies: where they come to lie when they are pasted, and how they are carried on to other pictures."""

from collections.abc import Callable

from engine.geometry.shapes import XY
from engine.project import annotations, images
from engine.project.copy_edits import CopyAnnotations
from engine.project.records import Annotation, ImageRecord
from engine.project.store import Project
from studio.surroundings import Studio

OFFSET = 12.0
"""How far a copy lies beside its original where no better place is known, in image pixels."""
CARRY = "Copy"


def pasted(studio: Studio, originals: tuple[Annotation, ...], at: XY | None) -> CopyAnnotations | None:
    """Copies on the current picture: in the same place; on the originals' own picture at `at`, else beside them."""
    project, image_id = studio.session.project, studio.session.image_id
    if project is None or image_id is None or not originals:
        return None
    dx, dy = 0.0, 0.0
    if any(original.image_id == image_id for original in originals):
        dx, dy = beside(images.get(project, image_id), originals) if at is None else centred(originals, at)
    return CopyAnnotations(originals, (image_id,), dx, dy, studio.session.author_id)


def beside(record: ImageRecord, originals: tuple[Annotation, ...]) -> XY:
    """The whole-pixel move a little right and down that keeps as much as possible of all of them on the picture."""
    x0, y0, x1, y1 = _bounds(originals)
    dx = max(-x0, min(OFFSET, record.width - x1))
    dy = max(-y0, min(OFFSET, record.height - y1))
    if round(dx) == round(dy) == 0:  # they reach into the corner
        dx = dy = -OFFSET
    return round(dx), round(dy)


def centred(originals: tuple[Annotation, ...], at: XY) -> XY:
    """The whole-pixel move that brings the middle of all of them to a point."""
    x0, y0, x1, y1 = _bounds(originals)
    return round(at[0] - (x0 + x1) / 2), round(at[1] - (y0 + y1) / 2)


def chosen_or_all(studio: Studio) -> Callable[[Project], list[Annotation]]:
    """The question for what is selected, or else for all that is in sight on the current picture."""
    ids = sorted(studio.session.selection.annotations)
    return (lambda project: annotations.get(project, ids)) if ids else all_in_sight(studio)


def all_in_sight(studio: Studio) -> Callable[[Project], list[Annotation]]:
    """The question for the annotations of the current picture that are not hidden; locked ones may be copied."""
    session = studio.session
    image_id, seen, hides_all = session.image_id, session.visibility, session.hides_shapes

    def asked(project: Project) -> list[Annotation]:
        if image_id is None or hides_all:
            return []
        found = annotations.of_image(project, image_id)
        return [each for each in found if not seen.hides(each.id, each.class_id)]

    return asked


def carry_on(
    studio: Studio, what: Callable[[Project], list[Annotation]], image_ids: tuple[int, ...], go_to: int | None
) -> None:
    """Copy annotations to the same place on other pictures as one edit, and look at one of those."""
    session = studio.session

    def copy(found: list[Annotation]) -> None:
        if not found:
            session.said.emit("There is nothing in sight to copy on this picture.")
        else:
            session.do(CopyAnnotations(tuple(found), image_ids, author_id=session.author_id, verb=CARRY))
        if go_to is not None:
            session.go_to(go_to)

    session.ask("carry on", what, copy)


def _bounds(originals: tuple[Annotation, ...]) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = zip(*(each.shape.bounds for each in originals), strict=True)
    return min(x0), min(y0), max(x1), max(y1)
