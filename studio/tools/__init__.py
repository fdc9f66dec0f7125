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

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from engine.geometry.picking import PickIndex
from engine.geometry.shapes import XY, Bounds, Shape
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
    view_pixel: float = 1.0
    """The side of one logical pixel of the screen in image pixels, for tolerances that feel equal at every zoom."""

    @property
    def is_press(self) -> bool:
        """Whether the left button went down; the second time within a double click as well."""
        return self.kind in ("press", "double") and self.button == "left"

    @property
    def is_drag(self) -> bool:
        """Whether the pointer moved with the left button held down."""
        return self.kind == "move" and self.button == "left"


@dataclass(frozen=True, slots=True)
class Scene:
    """What a tool knows of the image it works on, as it is when a gesture begins."""

    image_id: int
    width: int
    height: int
    class_id: int | None
    author_id: int | None
    annotations: Mapping[int, Annotation]
    """By id."""
    detections: Mapping[int, Detection]
    """The shown suggestions by id."""
    picks: PickIndex
    """Annotations by their id, and suggestions by minus their id."""
    bounds: Mapping[int, Bounds]
    """Of the same."""
    selected_annotations: frozenset[int] = frozenset()
    selected_detections: frozenset[int] = frozenset()

    def within(self, xy: XY) -> XY:
        """The nearest point of the picture, to a hundredth of a pixel."""
        return round(min(max(xy[0], 0.0), self.width), 2), round(min(max(xy[1], 0.0), self.height), 2)


@dataclass(frozen=True, slots=True)
class Select:
    """A selection: what to select, or the outcome of a gesture that changes nothing else."""

    annotations: frozenset[int] = frozenset()
    detections: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Preview:
    """What the canvas shows of a gesture: painted on the live layer, never stored."""

    shapes: tuple[Shape, ...] = ()
    """Shapes as they would become, the first being the one compared for live IoU."""
    replaced: frozenset[int] = frozenset()
    """Annotations not to paint where they are stored, since `shapes` shows them otherwise."""
    carried: frozenset[int] = frozenset()
    """Annotations shown moved by `carried_by` from where they are stored: any number of them costs no more than one."""
    carried_by: XY = (0.0, 0.0)
    line: tuple[XY, ...] = ()
    """An open line through these points."""
    dots: tuple[XY, ...] = ()
    """Vertices placed so far."""
    band: tuple[XY, XY] | None = None
    """Rubber band between two corners."""
    selects: Select | None = None
    """What is selected from now on, while the gesture goes on."""
    crosshair: bool = False
    """Whether lines through the pointer cross the view."""
    cursor: Cursor = "cross"
    hint: str = ""
    """One line for the status bar: what can be done next."""


Outcome: TypeAlias = Edit | Select | None
Gesture: TypeAlias = Generator[Preview, Pointer, Outcome]


class Tool(Protocol):
    """One canvas tool. Each module of the seam holds one as `TOOL`."""

    @property
    def title(self) -> str: ...
    @property
    def icon(self) -> str:
        """Name of an SVG file in resources/icons, without the suffix."""
        ...

    @property
    def keys(self) -> tuple[str, ...]: ...

    def gesture(self, scene: Scene) -> Gesture:
        """One gesture from its first pointer event to its outcome; `close()` abandons it without an edit."""
        ...


TOOLS: Registry[Tool] = Registry("studio.tools", "TOOL")
