"""Plain pointer events for tools, and a scene to use them on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from engine.geometry.masks import from_bitmap
from engine.geometry.picking import PickIndex
from engine.geometry.shapes import XY, Bounds, Box, Mask, Polygon
from engine.imaging.patch import Patch
from engine.project.records import Annotation, ClassRecord, Detection
from studio.prompts import Prompt, Prompted
from studio.tools import Options, Outcome, Pointer, Preview, Scene, Tool

WIDTH, HEIGHT = 200, 150
OPTIONS = Options()
CLASSES: Mapping[int, ClassRecord] = {
    1: ClassRecord(1, "cell", "#3d7eff", 0),
    2: ClassRecord(2, "fish", "#ff7e3d", 1, None, ("nose", "fin", "tail"), ((0, 1), (1, 2))),
}


def scene(
    annotations: Iterable[Annotation] = (),
    detections: Iterable[Detection] = (),
    selected: Iterable[int] = (),
    class_id: int | None = 1,
    options: Options = OPTIONS,
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
        CLASSES,
        options,
        pixels,
    )


def _picture() -> np.ndarray:
    """A bright disc about (60, 60) and a square from (120, 40) to (170, 110) on dark ground, with a little noise."""
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    values = np.where(np.hypot(x - 60, y - 60) < 30, 180, 60)
    values[40:110, 120:170] = 140
    noisy = values[..., None] + np.random.default_rng(0).normal(0, 3, (HEIGHT, WIDTH, 3))
    return np.clip(noisy, 0, 255).astype(np.uint8)


PICTURE = _picture()


def pixels(window: Bounds, most: int) -> Patch | None:
    """What a canvas would answer: cut to the picture, every so manieth pixel where it would be too many."""
    x0, y0, x1, y1 = (round(max(value, 0)) for value in window)
    step = 1
    while max(window[2] - window[0], window[3] - window[1]) > most * step:
        step *= 2
    part = PICTURE[y0 : max(y1, 0) : step, x0 : max(x1, 0) : step]
    return Patch(part, x0, y0, step) if part.size else None


def box(id_: int, x0: float, y0: float, x1: float, y1: float) -> Annotation:
    return Annotation(id_, 7, 1, Box(x0, y0, x1, y1))


def polygon(id_: int, *points: XY) -> Annotation:
    return Annotation(id_, 7, 1, Polygon.of(points))


def press(x: float, y: float, **held: bool) -> Pointer:
    return Pointer("press", (x, y), "left", **held)


def right(x: float, y: float) -> Pointer:
    return Pointer("press", (x, y), "right")


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


def network(prompt: Prompt) -> Prompted:
    """What a network would answer: the pixels of every box but its outermost ones, as class 1."""
    return Prompted(prompt, tuple(Detection(0, 7, 1, 0.9, _inside(box), 1) for box in prompt.boxes))


def _inside(box: Box) -> Mask:
    width, height = max(int(box.width) - 2, 0), max(int(box.height) - 2, 0)
    return from_bitmap(np.ones((height, width), bool), int(box.x0) + 1, int(box.y0) + 1)


class Player:
    """A hand that works out at once what a tool asks for; its network answers at once, too."""

    def __init__(self, tool: Tool, on: Scene, network: Callable[[Prompt], Prompted] = network) -> None:
        self.gesture = tool.gesture(on)
        self.previews = [next(self.gesture)]
        self._asked: Callable[[], object] | None = None
        self._network, self._prompt = network, self.previews[-1].prompt
        if self._prompt is not None:
            self.previews.append(self.gesture.send(self._answer(self._prompt, (0.0, 0.0))))

    def send(self, event: Pointer) -> Preview:
        """Feed an event, and what was worked out after it; raises StopIteration as the gesture does."""
        self.previews.append(self.gesture.send(event))
        while (compute := self.previews[-1].compute) is not None and compute is not self._asked:
            self._asked = compute
            self.previews.append(self.gesture.send(Pointer("computed", event.xy_image, result=compute())))
        while (prompt := self.previews[-1].prompt) is not None and prompt is not self._prompt:
            self._prompt = prompt
            self.previews.append(self.gesture.send(self._answer(prompt, event.xy_image)))
        return self.previews[-1]

    def _answer(self, prompt: Prompt, xy: XY) -> Pointer:
        return Pointer("computed", xy, result=self._network(prompt))


def played(tool: Tool, on: Scene, *events: Pointer) -> tuple[Outcome, list[Preview]]:
    """Feed a gesture until it ends; what it came to, and what it showed on the way."""
    player = Player(tool, on)
    for event in events:
        try:
            player.send(event)
        except StopIteration as stop:
            return stop.value, player.previews
    player.gesture.close()
    raise UnfinishedError(player.previews[-1])


def unfinished(tool: Tool, on: Scene, *events: Pointer) -> Preview:
    """What a gesture that goes on shows last."""
    try:
        played(tool, on, *events)
    except UnfinishedError as last:
        preview: Preview = last.args[0]
        return preview
    raise AssertionError("the gesture ended")
