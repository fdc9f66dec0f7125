"""The Edit menu: undo and redo, and what is selected."""

from dataclasses import replace

from engine.project import annotations
from engine.project.edits import DecideDetections, Edit, RemoveAnnotations
from engine.project.records import Annotation
from studio.commands import Look, Menu, command
from studio.conditions import can_annotate, can_write, has_annotations, has_selection, sees_image
from studio.copying import carry_on, chosen_or_all, pasted
from studio.surroundings import Studio
from studio.view_state import Selection
from studio.visibility import free_ids

MENU = Menu("Edit", 20)


def _can_undo(studio: Studio) -> bool:
    """There is an edit to take back."""
    return can_write(studio) and studio.session.next_undo is not None


def _can_redo(studio: Studio) -> bool:
    """There is an edit to do again."""
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
    """The canvas shows an image, and something was copied."""
    return can_annotate(studio) and bool(studio.session.copied)


@command("edit.paste", "Paste", ("Ctrl+V",), _can_paste, Look("paste", "clipboard"))
def paste(studio: Studio) -> Edit | None:
    """Put copies on this picture: in the same place, or where the pointer is if that is the originals' picture."""
    return pasted(studio, studio.session.copied, studio.view.pointer_image)


def _can_duplicate(studio: Studio) -> bool:
    """Annotations are selected, and the image can be annotated."""
    return can_annotate(studio) and has_annotations(studio)


@command("edit.duplicate", "Duplicate", ("Ctrl+D",), _can_duplicate)
def duplicate(studio: Studio) -> Edit | None:
    """Put a copy of the selected annotations beside them."""
    session, ids = studio.session, sorted(studio.session.selection.annotations)

    def add(found: list[Annotation]) -> None:
        if edit := pasted(studio, tuple(found), None):
            session.do(replace(edit, verb="Duplicate"))

    session.ask("duplicate", lambda project: annotations.get(project, ids), add)
    return None


def _has_next(studio: Studio) -> bool:
    """The canvas shows an image, and another follows it in the list."""
    return can_annotate(studio) and studio.session.listing.beyond(1) is not None


def _propagate(studio: Studio, *, goes: bool) -> None:
    next_id = studio.session.listing.beyond(1)
    if next_id is not None:
        carry_on(studio, chosen_or_all(studio), (next_id,), next_id if goes else None)


@command("edit.propagate", "Copy to Next Image", ("Ctrl+B",), _has_next, Look("", "propagate"))
def propagate(studio: Studio) -> Edit | None:
    """Put copies of what is selected, or of all in sight, on the next picture; none is put there twice."""
    _propagate(studio, goes=False)
    return None


@command("edit.propagate_and_go", "Copy to Next Image and Go", ("Ctrl+Shift+B",), _has_next, Look("", "propagate"))
def propagate_and_go(studio: Studio) -> Edit | None:
    """Put copies of what is selected, or of all in sight, on the next picture, and go there."""
    _propagate(studio, goes=True)
    return None


@command("edit.copy_on", "Copy to Images…", ("Ctrl+Alt+B",), can_annotate, Look("", "propagate"))
def copy_on(studio: Studio) -> Edit | None:
    """Put copies on many pictures at once: those that follow, or those that are chosen."""
    studio.ask.show("copy_on")
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
    about = session.question.about if session.question else None
    if about is not None and about.kind == "missed" and ids == {about.annotation_id}:
        return about.mend(session.author_id)  # so that the answer counts as the one it is
    return RemoveAnnotations(tuple(sorted(ids))) if ids else None


@command("edit.select_all", "Select All", ("Ctrl+A",), sees_image, Look("", "selection"))
def select_all(studio: Studio) -> Edit | None:
    """Select every annotation of this picture that is in sight and not locked."""
    session, image_id, seen = studio.session, studio.session.image_id, studio.session.visibility
    if image_id is not None:
        session.ask("select all", lambda project: free_ids(project, image_id, seen), lambda ids: _all(studio, ids))
    return None


@command("edit.select_none", "Select Nothing", ("Ctrl+Shift+A",), has_selection, Look("", "selection"))
def select_none(studio: Studio) -> Edit | None:
    """Select nothing."""
    studio.session.select(Selection())
    return None


@command("edit.your_name", "Your Name…", (), look=Look("", "person"))
def your_name(studio: Studio) -> Edit | None:
    """Choose the name that is kept with what you draw."""
    studio.ask.show("your_name")
    return None


def _all(studio: Studio, ids: list[int]) -> None:
    studio.session.select(Selection(annotations=frozenset(ids)))
