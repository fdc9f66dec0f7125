"""Keypoints: click the class's named points one after the other.

V says that the next one is hidden, a right click leaves it out, Backspace takes one back, Enter leaves out the rest.
The points join the selected annotation of the same class, where it has none; else they are an annotation of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.geometry.shapes import Keypoints
from engine.project.edits import AddAnnotations, ChangeAnnotations
from engine.project.records import Annotation
from studio.tools import Gesture, Outcome, Pointer, Preview, Scene

_NO_CLASS = "Add a class first: keypoints belong to one."
_NO_NAMES = "This class has no keypoints yet: name them in the menu Classes, Keypoints and Skeleton…"
_KEYS = frozenset({"V", "Backspace"})
_MISSING, _HIDDEN, _VISIBLE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class KeypointsTool:
    """Places keypoints."""

    title: str = "Keypoints"
    icon: str = "keypoints"
    keys: tuple[str, ...] = ("K",)

    def gesture(self, scene: Scene) -> Gesture:
        """From the first point to the last."""
        names = _names(scene)
        points: list[tuple[float, float, int]] = []
        hides, event = False, Pointer("leave", (0.0, 0.0))
        while len(points) < len(names) or not names:
            event = yield _preview(scene, names, points, event, hides)
            if not names:
                continue
            x, y = scene.within(event.xy_image)
            if event.is_press:
                points.append((x, y, _HIDDEN if hides else _VISIBLE))
                hides = False
            elif event.kind == "press" and event.button == "right":
                points.append((0.0, 0.0, _MISSING))
            elif event.kind == "key" and event.key == "V":
                hides = not hides
            elif event.kind == "key" and event.key == "Backspace" and points:
                points.pop()
            elif event.kind == "key" and event.key in ("Return", "Enter") and points:
                break
        return _outcome(scene, Keypoints((*points, *[(0.0, 0.0, _MISSING)] * (len(names) - len(points)))))


def _names(scene: Scene) -> tuple[str, ...]:
    record = scene.classes.get(scene.class_id) if scene.class_id is not None else None
    return record.keypoint_names if record else ()


def _preview(
    scene: Scene, names: Sequence[str], points: Sequence[tuple[float, float, int]], event: Pointer, hides: bool
) -> Preview:
    if not names:
        return Preview(hint=_NO_CLASS if scene.class_id is None else _NO_NAMES)
    hint = f"{names[len(points)]} ({len(points) + 1} of {len(names)})"
    hint += f"{', hidden' if hides else ''}.  V: hidden, right click: not there, Backspace: take back, Enter: done."
    here = () if event.kind == "leave" else ((*scene.within(event.xy_image), _HIDDEN if hides else _VISIBLE),)
    shown = Keypoints((*points, *here))
    keys = _KEYS | ({"Return", "Enter"} if points else set())
    return Preview(() if shown.is_empty else (shown,), crosshair=True, hint=hint, keys=keys, compares=False)


def _outcome(scene: Scene, points: Keypoints) -> Outcome:
    if points.is_empty or scene.class_id is None:
        return None
    held = scene.held
    if held and held.class_id == scene.class_id and held.keypoints is None and not isinstance(held.shape, Keypoints):
        return ChangeAnnotations((replace(held, keypoints=points),), verb="Add keypoints to")
    return AddAnnotations((Annotation(0, scene.image_id, scene.class_id, points, author_id=scene.author_id),))


TOOL = KeypointsTool()
