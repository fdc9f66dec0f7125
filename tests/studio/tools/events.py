"""Plain pointer events for tools, and a scene to use them on."""

from collections.abc import Iterable

from engine.geometry.picking import PickIndex
from engine.geometry.shapes import XY, Box, Polygon
from engine.project.records import Annotation, Detection
from studio.tools import Outcome, Pointer, Preview, Scene, Tool

WIDTH, HEIGHT = 200, 150


def scene(
    annotations: Iterable[Annotation] = (),
    detections: Iterable[Detection] = (),
    selected: Iterable[int] = (),
    class_id: int | None = 1,
) -> Scene:
    by_id = {annotation.id: annotation for annotation in annotations}
    suggested = {detection.id: detection for detection in detections}
    shapes = {key: each.shape for key, each in by_id.items()} | {-key: each.shape for key, each in suggested.items()}
    return Scene(
        7,
        WIDTH,
        HEIGHT,
        class_id,
        3,
        by_id,
        suggested,
        PickIndex(shapes),
        {key: shape.bounds for key, shape in shapes.items()},
        frozenset(key for key in selected if key > 0),
        frozenset(-key for key in selected if key < 0),
    )


def box(id_: int, x0: float, y0: float, x1: float, y1: float) -> Annotation:
    return Annotation(id_, 7, 1, Box(x0, y0, x1, y1))


def polygon(id_: int, *points: XY) -> Annotation:
    return Annotation(id_, 7, 1, Polygon.of(points))


def press(x: float, y: float, **held: bool) -> Pointer:
    return Pointer("press", (x, y), "left", **held)


def move(x: float, y: float, **held: bool) -> Pointer:
    return Pointer("move", (x, y), "none", **held)


def drag(x: float, y: float, **held: bool) -> Pointer:
    return Pointer("move", (x, y), "left", **held)


def release(x: float, y: float, **held: bool) -> Pointer:
    return Pointer("release", (x, y), "left", **held)


def double(x: float, y: float) -> Pointer:
    return Pointer("double", (x, y), "left")


def key(name: str, **held: bool) -> Pointer:
    return Pointer("key", (0.0, 0.0), key=name, **held)


def click(x: float, y: float, **held: bool) -> tuple[Pointer, Pointer]:
    return press(x, y, **held), release(x, y, **held)


class UnfinishedError(Exception):
    """The gesture wants more events."""


def played(tool: Tool, on: Scene, *events: Pointer) -> tuple[Outcome, list[Preview]]:
    """Feed a gesture until it ends; what it came to, and what it showed on the way."""
    gesture = tool.gesture(on)
    previews = [next(gesture)]
    for event in events:
        try:
            previews.append(gesture.send(event))
        except StopIteration as stop:
            return stop.value, previews
    gesture.close()
    raise UnfinishedError(previews[-1])
