"""What a question of the queue and its answers are called: in lists, on buttons and in menus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.evaluation.queue import Question
from engine.geometry.shapes import Box
from engine.project.records import ClassRecord

UNKNOWN = "?"


@dataclass(frozen=True, slots=True)
class Wording:
    """A question in words."""

    title: str
    details: str
    """Class, score and IoU, as far as there are any."""
    mend: str
    """What Enter does."""
    dismiss: str
    """What Backspace does."""
    both: str
    """What keeps both sides; nothing where there is but one."""


def wording(question: Question, classes: Mapping[int, ClassRecord]) -> Wording:
    """A question about a run or another person, in words."""
    about = question.about
    ours, other = _name(classes, about.class_id), _name(classes, about.other_class_id)
    parts = [other if about.kind == "extra" else ours]
    if about.score is not None:
        parts.append(f"{about.score:.2f}")
    if about.iou is not None:
        parts.append(f"IoU {about.iou:.2f}")
    details = " · ".join(parts)
    match about.kind:
        case "missed":
            return Wording("Missed by the model", details, "Delete mine", "Keep mine", "")
        case "extra":
            return Wording("Only the model sees it", details, "Accept it", "Reject it", "")
        case "wrong_class":
            return Wording(f"Class: {other}?", details, f"Change to {other}", f"Keep {ours}", "Keep both")
        case "poor_shape":
            what = "box" if question.ours is not None and isinstance(question.ours.shape, Box) else "shape"
            return Wording(f"Poor {what}?", details, f"Take its {what}", f"Keep my {what}", "Keep both")
        case "conflict":
            whose = question.whose or "the other"
            title = f"{whose} drew it otherwise" if ours == other else f"{whose}: {other}?"
            return Wording(title, details, f"Take {whose}'s", "Keep mine", "Keep both")


def _name(classes: Mapping[int, ClassRecord], class_id: int | None) -> str:
    record = classes.get(class_id) if class_id is not None else None
    return record.name if record else UNKNOWN
