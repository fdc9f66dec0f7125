"""The Annotate menu: the class to draw with, and what becomes of suggestions."""

from __future__ import annotations

from engine.project import classes, listings
from engine.project.edits import DecideDetections, Edit
from engine.project.records import ClassRecord, DetectionState
from engine.project.retyping import RetypeAnnotations
from studio.commands import Command, Look, Menu, command
from studio.conditions import can_decide, can_write
from studio.session import Selection
from studio.surroundings import Studio

MENU = Menu("Annotate", 50)


@command("annotate.accept", "Accept Suggestion", ("Return", "Enter"), can_decide, Look("accept", in_toolbar=True))
def accept(studio: Studio) -> Edit | None:
    """Make the selected suggestions annotations, or the best one where none is selected; then go to the next."""
    return _decide(studio, "accepted")


@command("annotate.reject", "Reject Suggestion", ("Backspace",), can_decide, Look("reject", in_toolbar=True))
def reject(studio: Studio) -> Edit | None:
    """Reject the selected suggestions, or the best one where none is selected; then go to the next."""
    return _decide(studio, "rejected")


@command("annotate.accept_above", "Accept All above a Score…", ("Ctrl+Shift+Return",), can_decide)
def accept_above(studio: Studio) -> Edit | None:
    """Accept every suggestion that is sure enough, on this picture or on all."""
    studio.ask.show("accept_above")
    return None


@command("annotate.search_class", "Choose Class…", ("Q",), can_write, Look("classes", "classes"))
def search_class(studio: Studio) -> Edit | None:
    """Find a class by typing some of its letters, to draw with or to give to what is selected."""
    studio.ask.show("class_search")
    return None


def use_class(studio: Studio, record: ClassRecord) -> Edit | None:
    """Draw with a class from now on, and give it to the annotations that are selected."""
    studio.session.use_class(record.id)
    chosen = studio.session.selection.annotations
    return RetypeAnnotations(tuple(sorted(chosen)), record.id, record.name) if chosen else None


def _numbered(number: int) -> Command:
    def choose(studio: Studio) -> Edit | None:
        project = studio.session.project
        found = classes.all_classes(project) if project else []
        if number > len(found):
            studio.session.said.emit(f"There is no class {number} yet.")
            return None
        return use_class(studio, found[number - 1])

    choose.__doc__ = f"Draw with class {number} from now on, and give it to what is selected."
    look = Look("", "classes", in_menu=False)
    return command(f"annotate.class_{number}", f"Class {number}", (str(number),), can_write, look)(choose)


CLASSES = tuple(_numbered(number) for number in range(1, 10))


def _decide(studio: Studio, state: DetectionState) -> Edit | None:
    """Decide the chosen suggestions and choose the next, so that one key after the other goes through all."""
    session = studio.session
    if session.project is None or session.image_id is None:
        return None
    if session.selection.annotations and not session.selection.detections:
        session.select(Selection())
    found = [each.id for each in listings.suggestions_of(session.project, session.image_id, session.run_id)]
    chosen = session.selection.detections.intersection(found) or frozenset(found[:1])
    if not chosen:
        session.said.emit("There is no suggestion on this picture.")
        return None
    at = max(found.index(id_) for id_ in chosen)
    rest = [id_ for id_ in (*found[at + 1 :], *found[:at]) if id_ not in chosen]
    session.do(DecideDetections(tuple(sorted(chosen)), state, session.author_id))
    session.select(Selection(detections=frozenset(rest[:1])))
    return None
