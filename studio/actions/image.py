"""The Image menu: from picture to picture, from object to object; review state and split."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from engine.project import listings
from engine.project.edits import Edit
from engine.project.image_edits import RemoveImages, SetImages
from engine.project.records import ReviewState, Split
from studio.commands import Command, Look, Menu, command
from studio.conditions import can_annotate, has_image
from studio.session import Selection
from studio.surroundings import Studio

MENU = Menu("Image", 40)


@command("image.previous", "Previous Image", ("A",), has_image, Look("previous", in_toolbar=True))
def previous_image(studio: Studio) -> Edit | None:
    """Go to the picture before in the list."""
    _step(studio, -1)
    return None


@command("image.next", "Next Image", ("D",), has_image, Look("next", in_toolbar=True))
def next_image(studio: Studio) -> Edit | None:
    """Go to the next picture of the list."""
    _step(studio, 1)
    return None


@command("image.first", "First Image", ("Ctrl+Home",), has_image)
def first_image(studio: Studio) -> Edit | None:
    """Go to the first picture of the list."""
    _go_to_row(studio, 0)
    return None


@command("image.last", "Last Image", ("Ctrl+End",), has_image)
def last_image(studio: Studio) -> Edit | None:
    """Go to the last picture of the list."""
    _go_to_row(studio, len(studio.session.image_ids) - 1)
    return None


@command("image.next_object", "Next Object", ("Tab",), has_image, Look("", "objects"))
def next_object(studio: Studio) -> Edit | None:
    """Select the next annotation of this picture, and after the last one the suggestions."""
    _step_object(studio, 1)
    return None


@command("image.previous_object", "Previous Object", ("Shift+Tab",), has_image, Look("", "objects"))
def previous_object(studio: Studio) -> Edit | None:
    """Select the annotation before, or suggestion."""
    _step_object(studio, -1)
    return None


@command("image.done", "Mark Done", ("Ctrl+Return", "Ctrl+Enter"), can_annotate, Look("done", "state", in_toolbar=True))
def mark_done(studio: Studio) -> Edit | None:
    """Mark this picture done, and go to the next."""
    if studio.session.image_id is not None:
        studio.session.do(SetImages((studio.session.image_id,), state="done"))
    _step(studio, 1)
    return None


def _state(state: ReviewState, title: str, sentence: str) -> Command:
    def mark(studio: Studio) -> Edit | None:
        image_id = studio.session.image_id
        return None if image_id is None else SetImages((image_id,), state=state)

    mark.__doc__ = sentence
    return command(f"image.state_{state}", title, (), can_annotate, Look("", "state"))(mark)


STATES = (
    _state("needs_review", "Mark as Needing Review", "Mark this picture to be looked at by another person."),
    _state("in_progress", "Mark in Progress", "Mark this picture begun."),
    _state("new", "Mark New", "Mark this picture as not begun."),
)


def _split(split: Split | None, title: str, sentence: str) -> Command:
    def put(studio: Studio) -> Edit | None:
        image_id = studio.session.image_id
        return None if image_id is None else SetImages((image_id,), split=split or "none")

    put.__doc__ = sentence
    return command(f"image.split_{split or 'none'}", title, (), can_annotate, Look("", "split"))(put)


SPLITS = (
    _split("train", "Use for Training", "Put this picture into the training split."),
    _split("val", "Use for Validation", "Put this picture into the validation split."),
    _split("test", "Keep for Testing", "Put this picture into the test split."),
    _split(None, "Take out of Its Split", "Put this picture into no split."),
)


@command("image.remove", "Remove Image…", (), can_annotate, Look("delete", "remove"))
def remove(studio: Studio) -> Edit | None:
    """Take this picture out of the project, with everything on it."""
    image_id = studio.session.image_id
    question = "Remove this picture from the project, with all its annotations? You can undo it."
    if image_id is None or not studio.ask.confirm(question, "Remove"):
        return None
    _leave(studio, image_id)
    return RemoveImages((image_id,))


def _step(studio: Studio, by: int) -> None:
    """Go on in the list; from an image that the list does not show, to the one that would follow."""
    ids, current = studio.session.image_ids, studio.session.image_id
    if current is None:
        return
    row = bisect_right(ids, current) if by > 0 else bisect_left(ids, current) - 1
    if 0 <= row < len(ids):
        studio.session.go_to(ids[row])
    else:
        studio.session.said.emit("That was the last picture." if by > 0 else "That was the first picture.")


def _go_to_row(studio: Studio, row: int) -> None:
    ids = studio.session.image_ids
    if 0 <= row < len(ids):
        studio.session.go_to(ids[row])


def _leave(studio: Studio, image_id: int) -> None:
    """Look at a neighbour of an image that will go."""
    ids = studio.session.image_ids
    row = bisect_left(ids, image_id)
    rest = [other for other in (*ids[row + 1 : row + 2], *ids[max(0, row - 1) : row]) if other != image_id]
    if rest:
        studio.session.go_to(rest[0])


def _step_object(studio: Studio, by: int) -> None:
    project, image_id, run_id = studio.session.project, studio.session.image_id, studio.session.run_id
    if project is None or image_id is None:
        return
    found = [("annotations", each) for each in listings.annotation_ids(project, image_id)]
    if run_id is not None:
        shown = listings.suggestions_of(project, image_id, run_id, studio.session.min_score)
        found += [("detections", each.id) for each in shown]
    if not found:
        return
    chosen = studio.session.selection
    at = [n for n, (kind, id_) in enumerate(found) if id_ in getattr(chosen, kind)]
    start = (max(at) if by > 0 else min(at)) if at else (-1 if by > 0 else 0)
    kind, id_ = found[(start + by) % len(found)]
    studio.session.select(Selection(**{kind: frozenset({id_})}))
