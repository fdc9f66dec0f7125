"""The Edit menu: undo and redo, and what is selected."""

from dataclasses import replace

from engine.geometry.shapes import Keypoints
from engine.geometry.spaces import Affine, transform
from engine.project import annotations, images, listings
from engine.project.edits import AddAnnotations, DecideDetections, Edit, RemoveAnnotations
from engine.project.records import Annotation, ImageRecord
from studio.commands import Look, Menu, command
from studio.conditions import can_annotate, can_write, has_annotations, sees_image
from studio.session import Selection
from studio.surroundings import Studio

MENU = Menu("Edit", 20)
OFFSET = 12.0
"""How far a duplicate lies beside its original, in image pixels."""


def _can_undo(studio: Studio) -> bool:
    return can_write(studio) and studio.session.next_undo is not None


def _can_redo(studio: Studio) -> bool:
    return can_write(studio) and studio.session.next_redo is not None


def _can_remove(studio: Studio) -> bool:
    """Something is selected that is not locked."""
    return can_annotate(studio) and bool(studio.session.changeable or studio.session.selection.detections)


@command("edit.undo", "Undo", ("Ctrl+Z",), _can_undo, Look("undo", in_toolbar=True))
def undo(studio: Studio) -> Edit | None:
    """Take back the last edit, also after another picture or a restart."""
    studio.view.cancel_gesture()
    studio.session.undo()
    return None


@command("edit.redo", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), _can_redo, Look("redo", in_toolbar=True))
def redo(studio: Studio) -> Edit | None:
    """Do again what was undone."""
    studio.view.cancel_gesture()
    studio.session.redo()
    return None


@command("edit.copy", "Copy", ("Ctrl+C",), has_annotations, Look("copy", "clipboard"))
def copy(studio: Studio) -> Edit | None:
    """Copy the selected annotations, to paste them on any picture."""
    session, ids = studio.session, sorted(studio.session.selection.annotations)

    def keep(found: list[Annotation]) -> None:
        session.copied = tuple(found)
        session.said.emit(f"Copied {len(found)}.")
        session.selection_changed.emit()  # pasting is possible now

    session.ask("copy", lambda project: annotations.get(project, ids), keep)
    return None


def _can_paste(studio: Studio) -> bool:
    return can_annotate(studio) and bool(studio.session.copied)


@command("edit.paste", "Paste", ("Ctrl+V",), _can_paste, Look("paste", "clipboard"))
def paste(studio: Studio) -> Edit | None:
    """Put copies on this picture: in the same place, or beside their originals."""
    return _placed(studio, studio.session.copied)


@command("edit.duplicate", "Duplicate", ("Ctrl+D",), lambda s: can_annotate(s) and has_annotations(s))
def duplicate(studio: Studio) -> Edit | None:
    """Put a copy of the selected annotations beside them."""
    session, ids = studio.session, sorted(studio.session.selection.annotations)

    def add(found: list[Annotation]) -> None:
        if edit := _placed(studio, tuple(found)):
            session.do(edit)

    session.ask("duplicate", lambda project: annotations.get(project, ids), add)
    return None


@command("edit.delete", "Delete", ("Del",), _can_remove, Look("delete"))
def delete(studio: Studio) -> Edit | None:
    """Delete the selected annotations, and reject the selected suggestions."""
    session = studio.session
    chosen, ids = session.selection, session.changeable
    if chosen.detections:
        session.do(DecideDetections(tuple(sorted(chosen.detections)), "rejected", session.author_id))
    if stay := chosen.annotations - ids:
        session.said.emit(f"{len(stay)} locked {'annotation stays' if len(stay) == 1 else 'annotations stay'}.")
    session.select(Selection(annotations=stay))
    return RemoveAnnotations(tuple(sorted(ids))) if ids else None


@command("edit.select_all", "Select All", ("Ctrl+A",), sees_image, Look("", "selection"))
def select_all(studio: Studio) -> Edit | None:
    """Select every annotation of this picture."""
    session, image_id = studio.session, studio.session.image_id
    if image_id is not None:
        session.ask(
            "select all", lambda project: listings.annotation_ids(project, image_id), lambda ids: _all(studio, ids)
        )
    return None


@command(
    "edit.select_none", "Select Nothing", ("Ctrl+Shift+A",), lambda s: bool(s.session.selection), Look("", "selection")
)
def select_none(studio: Studio) -> Edit | None:
    """Select nothing."""
    studio.session.select(Selection())
    return None


def _all(studio: Studio, ids: list[int]) -> None:
    studio.session.select(Selection(annotations=frozenset(ids)))


def _placed(studio: Studio, originals: tuple[Annotation, ...]) -> Edit | None:
    """New annotations of these on the current picture, beside those that lie on it already, and within it."""
    project, image_id = studio.session.project, studio.session.image_id
    if project is None or image_id is None or not originals:
        return None
    record = images.get(project, image_id)
    is_here = any(original.image_id == image_id for original in originals)
    shift = _within(record, originals, OFFSET if is_here else 0.0)
    author_id = studio.session.author_id
    return AddAnnotations(tuple(_moved(each, image_id, shift, author_id) for each in originals))


def _within(record: ImageRecord, originals: tuple[Annotation, ...], offset: float) -> Affine:
    """The whole-pixel move by `offset` that keeps as much as possible of all of them on the picture."""
    x0, y0, x1, y1 = zip(*(each.shape.bounds for each in originals), strict=True)
    dx = max(-min(x0), min(offset, record.width - max(x1)))
    dy = max(-min(y0), min(offset, record.height - max(y1)))
    return Affine.translate(round(dx), round(dy))


def _moved(original: Annotation, image_id: int, shift: Affine, author_id: int | None) -> Annotation:
    points = None if original.keypoints is None else transform(original.keypoints, shift)
    return replace(
        original,
        id=0,
        image_id=image_id,
        shape=transform(original.shape, shift),
        keypoints=points if isinstance(points, Keypoints) else None,
        author_id=author_id,
        detection_id=None,
        group_id=None,
    )
