"""SEAM: one file per canvas tool. A tool is a generator: pointer events in, previews out, an outcome returned.

Its state is local variables; Escape is `close()`; no Qt in here, so a tool is tested with plain events. A gesture is
started anew after each outcome, so a tool stays in hand until another is taken.

    def gesture(self, scene: Scene) -> Gesture:
        event = yield Preview()
        while event.kind != "press":
            event = yield Preview()
        ...
        return AddAnnotations((Annotation(0, scene.image_id, scene.class_id, box),))
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from engine.geometry.shapes import XY, Shape
from engine.project.edits import Edit
from engine.project.records import Annotation, Detection
from engine.registry import Registry

PointerKind: TypeAlias = Literal["press", "move", "release", "double", "key", "leave"]
Button: TypeAlias = Literal["left", "middle", "right", "none"]
Cursor: TypeAlias = Literal["arrow", "cross", "move", "hand", "size_h", "size_v", "size_f", "size_b", "none"]


@dataclass(frozen=True, slots=True)
class Pointer:
    """One pointer or key event over the canvas."""

    kind: PointerKind
    xy_image: XY
    button: Button = "none"
    """The button that was pressed or released; during a move the one held down."""
    shift: bool = False
    ctrl: bool = False
    alt: bool = False
    key: str = ""
    """For kind 'key': the key as Qt writes it ('Return', 'Backspace', '[')."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What a tool knows of the image it works on; a new one is made whenever any of it changes."""

    image_id: int
    width: int
    height: int
    class_id: int | None
    author_id: int | None
    annotations: Sequence[Annotation]
    """In paint order, the last on top."""
    detections: Sequence[Detection]
    """The shown suggestions, by falling score."""
    selected_annotations: frozenset[int]
    selected_detections: frozenset[int]
    view_pixel: float
    """The side of one view pixel in image pixels, for tolerances that feel equal at every zoom."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What the canvas shows of a gesture: painted on the live layer, never stored."""

    shapes: tuple[Shape, ...] = ()
    """Shapes as they would become, the first being the one compared for live IoU."""
    replaced: frozenset[int] = frozenset()
    """Annotations not to paint where they are stored, since `shapes` shows them moved."""
    dots: tuple[XY, ...] = ()
    """Vertices placed so far."""
    band: tuple[XY, XY] | None = None
    """Rubber band between two corners."""
    cursor: Cursor = "cross"
    hint: str = ""
    """One line for the status bar: what can be done next."""


@dataclass(frozen=True, slots=True)
class Select:
    """Outcome of a gesture that changes the selection only."""

    annotations: frozenset[int] = frozenset()
    detections: frozenset[int] = frozenset()


Outcome: TypeAlias = Edit | Select | None
Gesture: TypeAlias = Generator[Preview, Pointer, Outcome]


class Tool(Protocol):
    """One canvas tool. Each module of the seam holds one as `TOOL`."""

    title: str
    icon: str
    """Name of an SVG file in resources/icons, without the suffix."""
    keys: tuple[str, ...]

    def gesture(self, scene: Scene) -> Gesture:
        """One gesture from its first pointer event to its outcome; `close()` abandons it without an edit."""
        ...


TOOLS: Registry[Tool] = Registry("studio.tools", "TOOL")
