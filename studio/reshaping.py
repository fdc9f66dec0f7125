"""What becomes of the shapes of selected annotations: worked out off the GUI thread, done, and told in words."""

from collections.abc import Callable, Sequence

from engine.errors import UserError
from engine.geometry.combining import true_area
from engine.geometry.shapes import Box
from engine.project import annotations
from engine.project.records import Annotation, Detection
from engine.project.shape_edits import Reshape, give
from studio.prompts import Prompt, Prompted
from studio.surroundings import Studio
from studio.view_state import Selection


def reshape(studio: Studio, work: Callable[[Sequence[Annotation]], Reshape]) -> None:
    """Have the shapes of the selected annotations worked out anew, the largest first, and done as one edit."""
    _reshape(studio, sorted(studio.session.selection.annotations), work)


def mask_boxes(studio: Studio) -> None:
    """Have the network say which pixels of the selected boxes are the objects, and make them masks as one edit."""
    session, ids = studio.session, sorted(studio.session.selection.annotations)

    def ask(found: Sequence[Annotation]) -> None:
        boxes = {one.id: (one.shape, one.class_id) for one in found if isinstance(one.shape, Box)}
        if not boxes:
            session.said.emit("None of the selected annotations is a box.")
            return
        shapes, class_ids = zip(*boxes.values(), strict=True)
        session.said.emit("The network is looking at the picture …")
        prompt = Prompt(found[0].image_id, shapes, class_ids)
        studio.prompting.ask_surely(prompt, lambda prompted: _give_masks(studio, tuple(boxes), prompted))

    session.ask("boxes", lambda project: annotations.get(project, ids), ask)


def in_words(edit: Reshape) -> str:
    """What an edit does to the area, for the status bar."""
    before, after = (f"{round(area):,}" for area in (edit.area_before, edit.area_after))
    change = f"{100 * edit.area_change:+.1f} %".replace("-", "−")
    return f"{edit.title}: area {before} → {after} px ({change})." if before != after else f"{edit.title}: same area."


def _reshape(studio: Studio, ids: Sequence[int], work: Callable[[Sequence[Annotation]], Reshape]) -> None:
    session = studio.session

    def do(edit: Reshape) -> None:
        if not edit.changed:
            session.said.emit("There is nothing to change.")
            return
        session.do(edit)
        session.select(Selection(annotations=frozenset(ids) - frozenset(edit.removed)))
        session.said.emit(in_words(edit))

    session.ask("reshape", lambda project: work(_largest_first(annotations.get(project, ids))), do)


def _give_masks(studio: Studio, ids: Sequence[int], prompted: Prompted) -> None:
    """Make masks of the boxes that are still there, and still as they were when the network was asked."""
    if prompted.refusal is not None:
        studio.session.failed.emit(UserError(prompted.refusal.words, prompted.refusal.hint))
        return
    asked = dict(zip(ids, zip(prompted.prompt.boxes, prompted.found, strict=True), strict=True))
    _reshape(studio, ids, lambda found: _masked([one for one in found if one.shape == asked[one.id][0]], asked))


def _masked(boxes: Sequence[Annotation], asked: dict[int, tuple[Box, Detection]]) -> Reshape:
    title = "Make mask of box" if len(boxes) == 1 else f"Make masks of {len(boxes)} boxes"
    return give(title, boxes, [asked[one.id][1].shape for one in boxes])


def _largest_first(found: Sequence[Annotation]) -> list[Annotation]:
    return sorted(found, key=lambda one: -true_area(one.shape))
