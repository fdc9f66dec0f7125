"""The Image menu: pictures found, gone through, marked, split, tagged; from object to object.

What is done to pictures is done to all that are chosen in the list or the grid, or else to the one that is looked at.
"""

from __future__ import annotations

from engine.project import listings
from engine.project.edits import Edit
from engine.project.image_edits import RemoveImages, SetImages
from engine.project.records import ReviewState, Split
from studio.commands import Command, Look, Menu, command
from studio.conditions import can_change_images, has_image, is_open, sees_image
from studio.surroundings import Studio
from studio.view_state import Selection
from studio.visibility import free_ids

MENU = Menu("Image", 40)


@command("image.find", "Find Pictures", ("Ctrl+F",), is_open, Look("search", "find"))
def find(studio: Studio) -> Edit | None:
    """Search by name, class, count, size, split, state, tag or text."""
    studio.session.listing.search_wanted.emit()
    return None


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


@command("image.next_object", "Next Object", ("Tab",), sees_image, Look("", "objects"))
def next_object(studio: Studio) -> Edit | None:
    """Select the next annotation of this picture, and after the last one the suggestions."""
    _step_object(studio, 1)
    return None


@command("image.previous_object", "Previous Object", ("Shift+Tab",), sees_image, Look("", "objects"))
def previous_object(studio: Studio) -> Edit | None:
    """Select the annotation before, or suggestion."""
    _step_object(studio, -1)
    return None


@command(
    "image.done", "Mark Done", ("Ctrl+Return", "Ctrl+Enter"), can_change_images, Look("done", "state", in_toolbar=True)
)
def mark_done(studio: Studio) -> Edit | None:
    """Mark this picture done and go to the next, or mark all chosen pictures done."""
    subjects = studio.session.listing.subjects
    _tell(studio, subjects, "marked done")
    studio.session.do(SetImages(subjects, state="done"))
    if len(subjects) == 1:
        _step(studio, 1)
    return None


def _state(state: ReviewState, title: str, key: str, sentence: str) -> Command:
    def mark(studio: Studio) -> Edit | None:
        subjects = studio.session.listing.subjects
        _tell(studio, subjects, f"marked {state.replace('_', ' ')}")
        return SetImages(subjects, state=state)

    mark.__doc__ = sentence
    return command(f"image.state_{state}", title, (key,), can_change_images, Look("", "state"))(mark)


STATES = (
    _state(
        "needs_review", "Mark as Needing Review", "Ctrl+Shift+Return",
        "Mark this picture, or the chosen ones, to be looked at by another person.",
    ),
    _state(
        "in_progress", "Mark in Progress", "Ctrl+Alt+Return", "Mark this picture, or the chosen ones, as begun.",
    ),
    _state("new", "Mark New", "Ctrl+Alt+Backspace", "Mark this picture, or the chosen ones, as not begun."),
)  # fmt: skip


def _split(split: Split | None, title: str, sentence: str) -> Command:
    def put(studio: Studio) -> Edit | None:
        subjects = studio.session.listing.subjects
        _tell(studio, subjects, f"put into {split or 'no split'}")
        return SetImages(subjects, split=split or "none")

    put.__doc__ = sentence
    return command(f"image.split_{split or 'none'}", title, (), can_change_images, Look("", "split"))(put)


SPLITS = (
    _split("train", "Use for Training", "Put this picture, or the chosen ones, into the training split."),
    _split("val", "Use for Validation", "Put this picture, or the chosen ones, into the validation split."),
    _split("test", "Keep for Testing", "Put this picture, or the chosen ones, into the test split."),
    _split(None, "Take out of Its Split", "Put this picture, or the chosen ones, into no split."),
)


@command("image.assign_splits", "Assign Splits…", (), can_change_images, Look("", "split"))
def assign_splits(studio: Studio) -> Edit | None:
    """Divide pictures at random into training, validation and test, every class in proportion."""
    studio.ask.show("assign_splits")
    return None


@command("image.tags", "Tags…", ("Ctrl+L",), can_change_images, Look("tag", "tags"))
def tags(studio: Studio) -> Edit | None:
    """Give tags to this picture, or to the chosen ones, and take tags away."""
    studio.ask.show("tags")
    return None


@command("image.remove", "Remove from Project…", ("Ctrl+Del",), can_change_images, Look("delete", "remove"))
def remove(studio: Studio) -> Edit | None:
    """Take this picture, or the chosen ones, out of the project, with everything on them."""
    listing = studio.session.listing
    subjects = listing.subjects
    what, its = ("this picture", "its") if len(subjects) == 1 else (f"these {len(subjects):,} pictures", "their")
    question = f"Remove {what} from the project, with all {its} annotations? You can undo it."
    if not studio.ask.confirm(question, "Remove"):
        return None
    rest = listing.rest_beside(frozenset(subjects))
    if rest is not None and studio.session.image_id in subjects:
        listing.choose(())
        studio.session.go_to(rest)
    return RemoveImages(subjects)


def _tell(studio: Studio, subjects: tuple[int, ...], what: str) -> None:
    """What was done to several pictures is said: not all of them are in sight."""
    if len(subjects) > 1:
        studio.session.said.emit(f"{len(subjects):,} pictures {what}.")


def _step(studio: Studio, by: int) -> None:
    """Go on in the list; from an image that the list does not show, to the one that would follow."""
    image_id = studio.session.listing.beyond(by)
    if image_id is not None:
        studio.session.go_to(image_id)
    else:
        studio.session.said.emit("That was the last picture." if by > 0 else "That was the first picture.")


def _go_to_row(studio: Studio, row: int) -> None:
    ids = studio.session.image_ids
    if 0 <= row < len(ids):
        studio.session.go_to(ids[row])


def _step_object(studio: Studio, by: int) -> None:
    project, image_id, run_id = studio.session.project, studio.session.image_id, studio.session.run_id
    if project is None or image_id is None:
        return
    seen = studio.session.visibility
    found = [("annotations", each) for each in free_ids(project, image_id, seen)]
    if run_id is not None:
        shown = listings.suggestions_of(project, image_id, run_id, studio.session.min_score)
        found += [("detections", each.id) for each in shown if not seen.hides(-each.id, each.class_id)]
    if not found:
        return
    chosen = studio.session.selection
    at = [n for n, (kind, id_) in enumerate(found) if id_ in getattr(chosen, kind)]
    start = (max(at) if by > 0 else min(at)) if at else (-1 if by > 0 else 0)
    kind, id_ = found[(start + by) % len(found)]
    studio.session.select(Selection(**{kind: frozenset({id_})}))
