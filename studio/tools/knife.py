"""The knife: draw a line across shapes and each falls into pieces: what is selected, else all that the line divides.

The largest piece stays the annotation it was; the others become annotations of the same class.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

from engine.geometry.combining import pieces
from engine.geometry.shapes import XY, Keypoints, Shape
from engine.project.edits import AddAnnotations, ChangeAnnotations, Together
from engine.project.records import Annotation
from studio.tools import Gesture, Outcome, Pointer, Preview, Scene
from studio.tools._corners import DRAG_FROM

_START = "Draw a line across a shape: drag, or click its points and press Enter."
_GO_ON = "Enter or a double click cuts. Backspace: take back, Esc: cancel."


@dataclass(frozen=True, slots=True)
class KnifeTool:
    """Cuts shapes in pieces."""

    title: str = "Knife"
    icon: str = "knife"
    keys: tuple[str, ...] = ("C",)

    def gesture(self, scene: Scene) -> Gesture:
        """One line."""
        event = yield Preview(hint=_START)
        while not event.is_press:
            event = yield Preview(hint=_START)
        line = yield from _line(event)
        return _cut(scene, line) if len(line) > 1 else None


def _line(pressed: Pointer) -> Generator[Preview, Pointer, list[XY]]:
    """Follow the pointer until the line is done; less than two points where it was taken back."""
    line, event, is_drag = [pressed.xy_image], pressed, False
    while line:
        event = yield Preview(line=(*line, event.xy_image), dots=tuple(line), hint=_GO_ON)
        far = math.dist(event.xy_image, line[-1]) > DRAG_FROM * event.view_pixel
        is_drag = is_drag or (event.is_drag and far and len(line) == 1)
        if event.kind == "double" or (event.kind == "key" and event.key in ("Return", "Enter")):
            return line
        if event.kind == "release" and event.button == "left" and is_drag:
            return [*line, event.xy_image]
        if event.is_press and event.xy_image != line[-1]:
            line.append(event.xy_image)
        elif event.kind == "key" and event.key == "Backspace":
            line.pop()
    return line


def _cut(scene: Scene, line: Sequence[XY]) -> Outcome:
    xs, ys = zip(*line, strict=True)
    ids = scene.selected_annotations or frozenset(key for key in scene.bounds if key > 0) - scene.locked
    meant = [id_ for id_ in ids if _meets(scene, id_, (min(xs), min(ys), max(xs), max(ys)))]
    cut = [(scene.annotations[id_], _pieces(scene.annotations[id_].shape, line)) for id_ in sorted(meant)]
    changed = [(annotation, shapes) for annotation, shapes in cut if len(shapes) > 1]
    if not changed:
        return None
    first = ChangeAnnotations(tuple(replace(each, shape=shapes[0]) for each, shapes in changed), verb="Cut")
    rest = AddAnnotations(tuple(_new(each, piece) for each, shapes in changed for piece in shapes[1:]))
    return Together(first.title, (first, rest))


def _meets(scene: Scene, id_: int, bounds: tuple[float, float, float, float]) -> bool:
    x0, y0, x1, y1 = scene.bounds[id_]
    return x0 <= bounds[2] and bounds[0] <= x1 and y0 <= bounds[3] and bounds[1] <= y1


def _pieces(shape: Shape, line: Sequence[XY]) -> tuple[Shape, ...]:
    """What a shape falls into, the largest first; keypoints stay whole."""
    return (shape,) if isinstance(shape, Keypoints) else pieces(shape, line)


def _new(annotation: Annotation, piece: Shape) -> Annotation:
    return replace(
        annotation, id=0, shape=piece, keypoints=None, detection_id=None, confirmed_run_id=None, seconds=None
    )


TOOL = KnifeTool()
