"""What becomes of the shapes of selected annotations: worked out off the GUI thread, done, and told in words."""

from collections.abc import Callable, Sequence

from engine.geometry.combining import true_area
from engine.project import annotations
from engine.project.records import Annotation
from engine.project.shape_edits import Reshape
from studio.session import Selection
from studio.surroundings import Studio


def reshape(studio: Studio, work: Callable[[Sequence[Annotation]], Reshape]) -> None:
    """Have the shapes of the selected annotations worked out anew, the largest first, and done as one edit."""
    session, ids = studio.session, sorted(studio.session.selection.annotations)

    def do(edit: Reshape) -> None:
        if not edit.changed:
            session.said.emit("There is nothing to change.")
            return
        session.do(edit)
        session.select(Selection(annotations=frozenset(ids) - frozenset(edit.removed)))
        session.said.emit(in_words(edit))

    session.ask("reshape", lambda project: work(_largest_first(annotations.get(project, ids))), do)


def in_words(edit: Reshape) -> str:
    """What an edit does to the area, for the status bar."""
    before, after = (f"{round(area):,}" for area in (edit.area_before, edit.area_after))
    change = f"{100 * edit.area_change:+.1f} %".replace("-", "−")
    return f"{edit.title}: area {before} → {after} px ({change})." if before != after else f"{edit.title}: same area."


def _largest_first(found: Sequence[Annotation]) -> list[Annotation]:
    return sorted(found, key=lambda one: -true_area(one.shape))
