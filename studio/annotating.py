"""What a choice of class does, and what becomes of suggestions: asked for by keys, lists and dialogs alike."""

from __future__ import annotations

from collections.abc import Sequence

from engine.project import listings
from engine.project.edits import DecideDetections, Edit
from engine.project.listings import ListedShape
from engine.project.records import ClassRecord, Detection, DetectionState
from engine.project.retyping import RetypeAnnotations
from studio.surroundings import Studio
from studio.view_state import Selection


def use_class(studio: Studio, record: ClassRecord) -> Edit | None:
    """Draw with a class from now on, and give it to the annotations that are selected where they can be seen."""
    studio.session.use_class(record.id)
    chosen = studio.session.changeable if studio.session.is_on_canvas else frozenset[int]()
    return RetypeAnnotations(tuple(sorted(chosen)), record.id, record.name) if chosen else None


def decide(studio: Studio, state: DetectionState) -> None:
    """Decide the chosen suggestions, or the best where none is chosen, and choose the next.

    While the queue is at work, its question is answered instead, unless other suggestions are chosen than it is about.
    """
    session = studio.session
    if studio.queue.is_active and session.is_on_canvas and not studio.queue.is_left:
        studio.queue.answer("mend" if state == "accepted" else "dismiss")
        return
    if session.project is None or session.image_id is None:
        return
    shown: Sequence[Detection | ListedShape] | None = (
        studio.view.suggestions
    )  # the file may be in the midst of a commit
    if shown is None:
        shown = listings.suggestions_of(session.project, session.image_id, session.run_id, session.min_score)
    found = [each.id for each in shown if not session.visibility.hides(-each.id, each.class_id)]
    chosen = session.selection.detections.intersection(found) or frozenset(found[:1])
    if not chosen:
        session.said.emit("No suggestion is shown on this picture.")
        return
    at = max(found.index(id_) for id_ in chosen)
    rest = [id_ for id_ in (*found[at + 1 :], *found[:at]) if id_ not in chosen]
    session.do(DecideDetections(tuple(sorted(chosen)), state, session.author_id))
    session.select(Selection(detections=frozenset(rest[:1])))
