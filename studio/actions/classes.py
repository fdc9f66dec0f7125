"""The Classes menu: new classes, where the chosen one stands, and what becomes of it."""

from __future__ import annotations

from engine.project import class_tree
from engine.project.class_tree import MoveClass, NumberInOrder
from engine.project.edits import Edit
from engine.project.query_language import quoted
from engine.project.records import ClassRecord
from studio.commands import Look, Menu, command
from studio.conditions import can_write
from studio.surroundings import Studio

MENU = Menu("Classes", 55)


def _has_class(studio: Studio) -> bool:
    """A class is chosen, and can be changed."""
    return can_write(studio) and studio.session.class_id is not None


def _sees_class(studio: Studio) -> bool:
    """A class is chosen."""
    return studio.session.class_id is not None


@command("classes.new", "New Class…", ("Ctrl+Shift+N",), can_write, Look("plus"))
def new(studio: Studio) -> Edit | None:
    """Add a class: its name, its colour, and the class that it lies under."""
    studio.ask.show("class_details")
    return None


@command("classes.edit", "Edit Class…", (), _has_class)
def edit(studio: Studio) -> Edit | None:
    """Change the chosen class's name, colour, place and digit."""
    studio.ask.show("class_details", str(studio.session.class_id))
    return None


@command("classes.attributes", "Attributes…", (), _has_class)
def attributes(studio: Studio) -> Edit | None:
    """Say what annotations of the chosen class tell beside their shape: words, numbers, choices, yes or no."""
    studio.ask.show("attributes", str(studio.session.class_id))
    return None


@command("classes.skeleton", "Keypoints and Skeleton…", ("Shift+K",), _has_class)
def skeleton(studio: Studio) -> Edit | None:
    """Name the keypoints of the chosen class, and say which of them are joined by bones."""
    studio.ask.show("skeleton", str(studio.session.class_id))
    return None


@command("classes.find", "Find Pictures with Class", ("Alt+F",), _sees_class, Look("search"))
def find(studio: Studio) -> Edit | None:
    """List the pictures that have the chosen class, or one under it, on them."""
    record = studio.session.known.classes.get(studio.session.class_id or 0)
    if record is not None:
        studio.session.listing.find_text(f"class:{quoted(record.name)}")
    return None


@command("classes.up", "Move Class Up", ("Alt+Up",), _has_class, Look("", "place"))
def up(studio: Studio) -> Edit | None:
    """Put the chosen class before the one above it in the list."""
    record, siblings, at = _place(studio)
    return MoveClass(record.id, record.parent_id, siblings[at - 1].id) if record and at > 0 else None


@command("classes.down", "Move Class Down", ("Alt+Down",), _has_class, Look("", "place"))
def down(studio: Studio) -> Edit | None:
    """Put the chosen class behind the one below it in the list."""
    record, siblings, at = _place(studio)
    if record is None or at + 1 >= len(siblings):
        return None
    return MoveClass(record.id, record.parent_id, siblings[at + 2].id if at + 2 < len(siblings) else None)


@command("classes.into", "Move Class under the One Above", ("Alt+Right",), _has_class, Look("", "place"))
def into(studio: Studio) -> Edit | None:
    """Put the chosen class under the one above it, as its last."""
    record, siblings, at = _place(studio)
    return MoveClass(record.id, siblings[at - 1].id) if record and at > 0 else None


@command("classes.out", "Move Class Out", ("Alt+Left",), _has_class, Look("", "place"))
def out(studio: Studio) -> Edit | None:
    """Take the chosen class out of the one that it lies under."""
    record, _, _ = _place(studio)
    if record is None or record.parent_id is None:
        return None
    known = studio.session.known.classes
    above = known[record.parent_id]
    after = class_tree.children(known.values())[above.parent_id]
    at = next(n for n, each in enumerate(after) if each.id == above.id)
    return MoveClass(record.id, above.parent_id, after[at + 1].id if at + 1 < len(after) else None)


@command("classes.number", "Number Classes in Order", (), can_write, Look("", "place"))
def number(studio: Studio) -> Edit | None:
    """Give the classes the digits 1 to 9 in the order of their list again."""
    return NumberInOrder()


@command("classes.merge", "Merge Class into…", (), _has_class, Look("", "gone"))
def merge(studio: Studio) -> Edit | None:
    """Make everything of the chosen class be of another one, on all pictures."""
    studio.ask.show("class_merge", str(studio.session.class_id))
    return None


@command("classes.delete", "Delete Class…", (), _has_class, Look("delete", "gone"))
def delete(studio: Studio) -> Edit | None:
    """Delete the chosen class with everything of it, on all pictures; you are told first how much that is."""
    studio.ask.show("class_delete", str(studio.session.class_id))
    return None


def _place(studio: Studio) -> tuple[ClassRecord | None, list[ClassRecord], int]:
    """The chosen class, those beside it, and where it stands among them."""
    known = studio.session.known.classes
    record = known.get(studio.session.class_id or 0)
    siblings = class_tree.children(known.values())[record.parent_id] if record else []
    at = next((n for n, each in enumerate(siblings) if record and each.id == record.id), -1)
    return record, siblings, at
