"""The Annotate menu: the class to draw with, and what becomes of suggestions."""

from __future__ import annotations

from engine.project.attribute_edits import Group, Ungroup
from engine.project.edits import Edit
from studio.annotating import decide, use_class
from studio.commands import Command, Look, Menu, command
from studio.conditions import (
    can_annotate,
    can_answer,
    can_change_selection,
    can_decide,
    can_write,
    has_annotations,
)
from studio.surroundings import Studio

MENU = Menu("Annotate", 50)


@command("annotate.draw_again", "Draw Again", ("N",), can_annotate)
def draw_again(studio: Studio) -> Edit | None:
    """Take the drawing tool that was in hand last; again: go back to selecting."""
    session = studio.session
    session.use_tool(session.last_drawn_with if session.tool == "select" else "select")
    return None


@command("annotate.accept", "Accept Suggestion", ("Return", "Enter"), can_answer, Look("accept", in_toolbar=True))
def accept(studio: Studio) -> Edit | None:
    """Make the selected or the best suggestion an annotation, or do what the queue proposes; then go to the next."""
    decide(studio, "accepted")
    return None


@command("annotate.reject", "Reject Suggestion", ("Backspace",), can_answer, Look("reject", in_toolbar=True))
def reject(studio: Studio) -> Edit | None:
    """Reject the selected or the best suggestion, or keep what the queue asks about; then go to the next."""
    decide(studio, "rejected")
    return None


@command("annotate.accept_above", "Accept All above Score…", ("Shift+Return",), can_decide)
def accept_above(studio: Studio) -> Edit | None:
    """Accept every suggestion that is sure enough, on this picture or on all."""
    studio.ask.show("accept_above")
    return None


@command("annotate.search_class", "Choose Class…", ("Q",), can_write, Look("classes", "classes"))
def search_class(studio: Studio) -> Edit | None:
    """Find a class by typing some of its letters, to draw with or to give to what is selected."""
    studio.ask.show("class_search")
    return None


@command("annotate.attributes", "Attributes of Selected…", ("F4",), has_annotations, Look("", "tell"))
def attributes(studio: Studio) -> Edit | None:
    """See and set what the selected annotations tell beside their shape."""
    studio.ask.show("told_attributes")
    return None


def _can_group(studio: Studio) -> bool:
    """At least two annotations are selected, and can be changed."""
    return can_change_selection(studio) and len(studio.session.changeable) > 1


@command("annotate.group", "Group", ("Ctrl+G",), _can_group, Look("", "group"))
def group(studio: Studio) -> Edit | None:
    """Make the selected annotations one group, as the parts of one thing."""
    return Group(tuple(sorted(studio.session.changeable)))


@command("annotate.ungroup", "Ungroup", ("Ctrl+Shift+G",), can_change_selection, Look("", "group"))
def ungroup(studio: Studio) -> Edit | None:
    """Take the selected annotations out of their groups."""
    return Ungroup(tuple(sorted(studio.session.changeable)))


def _selects_groups(studio: Studio) -> bool:
    return studio.session.selects_groups


@command("annotate.whole_groups", "Select Whole Groups", (), look=Look("", "group", is_on=_selects_groups))
def whole_groups(studio: Studio) -> Edit | None:
    """Choose whether selecting one annotation of a group selects all of it."""
    studio.session.selects_groups = not studio.session.selects_groups
    studio.settings.keep_number("selects_groups", int(studio.session.selects_groups))
    return None


def _numbered(number: int) -> Command:
    def choose(studio: Studio) -> Edit | None:
        known = studio.session.known
        found = known.classes.get(known.numbers.get(number, 0))
        if found is None:
            studio.session.said.emit(f"There is no class {number} yet.")
            return None
        return use_class(studio, found)

    choose.__doc__ = f"Draw with the class of this digit ({number}) from now on, and give it to what is selected."
    look = Look("", "classes", in_menu=False)
    return command(f"annotate.class_{number}", f"Class {number}", (str(number),), can_write, look)(choose)


CLASSES = tuple(_numbered(number) for number in range(1, 10))
