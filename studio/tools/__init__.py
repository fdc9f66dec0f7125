"""SEAM: one file per canvas tool. A tool is a generator: pointer events in, previews out, an outcome returned.

Its state is local variables; Escape is `close()`; no Qt in here, so a tool is tested with plain events. A gesture is
started anew after each outcome, so a tool stays in hand until another is taken.

    def gesture(self, scene: Scene) -> Gesture:
        event = yield Preview()
        while event.kind != "press":
            event = yield Preview()
        ...
        return AddAnnotations((Annotation(0, scene.image_id, scene.class_id, box),))

Work of more than a few milliseconds is never done in here: a tool yields a Preview with `compute`, a callable that the
hand runs on a thread of its own, and hears of what it returned by a Pointer of kind "computed". Escape drops it. So
it is with `prompt`, which is asked of the project's own network, in a process of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

from engine.geometry import spans
from engine.geometry.picking import Aim, Pick
from engine.geometry.shapes import XY, Bounds, Mask, Shape
from engine.geometry.spans import Spans
from engine.imaging.patch import Patch
from engine.project.edits import Edit
from engine.project.records import Annotation, ClassRecord, Detection
from engine.registry import Registry
from studio.prompts import Prompt

PointerKind: TypeAlias = Literal["press", "move", "release", "double", "key", "leave", "computed"]
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
    result: object = None
    """For kind 'computed': what the `compute` of a preview returned, or Prompted where its `prompt` was answered."""

    @property
    def is_press(self) -> bool:
        """Whether the left button went down; the second time within a double click as well."""
        return self.kind in ("press", "double") and self.button == "left"

    @property
    def is_drag(self) -> bool:
        """Whether the pointer moved with the left button held down."""
        return self.kind == "move" and self.button == "left"


@dataclass(frozen=True, slots=True)
class Options:
    """What a hand keeps from gesture to gesture, whichever tool it holds."""

    brush: float | None = None
    """The radius of brush and eraser in image pixels; None until someone chooses: then as large as suits the zoom."""
    spares: bool = False
    """Whether the brush leaves alone what other annotations cover."""
    tolerance: float = 12.0
    """How far in colour the wand reaches, in units of Lab."""
    as_polygon: bool = False
    """Whether the network's masks are kept as polygons."""


class Picks(Protocol):
    """What finds what is under the pointer: a PickIndex, or a part of one."""

    def all(self, aim: Aim) -> tuple[Pick, ...]:
        """The best pick of every annotation under the pointer, best first."""
        ...


def no_pixels(window: Bounds, most: int) -> Patch | None:
    """What `Scene.pixels` answers while there is no picture."""
    return None


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
    picks: Picks
    """What is seen: annotations by their id, and suggestions by minus their id."""
    bounds: Mapping[int, Bounds]
    """Of the same."""
    selected_annotations: frozenset[int] = frozenset()
    selected_detections: frozenset[int] = frozenset()
    classes: Mapping[int, ClassRecord] = field(default_factory=dict)
    """By id."""
    options: Options = Options()
    pixels: Callable[[Bounds, int], Patch | None] = no_pixels
    """The picture in a window, cut to it, as fine as it can be with at most so many pixels a side.

    None while it is being decoded, or where the window lies outside. Costs nothing: it is a view of what is there.
    """

    locked: frozenset[int] = frozenset()
    """Keys, as in `picks`, of what is seen and snapped to, but neither picked nor changed; never selected here."""
    strips: Callable[[Mask], Spans] = spans.of_mask
    """The strips of a mask, which may be known already."""

    def free_picks(self, aim: Aim) -> tuple[Pick, ...]:
        """What is under the pointer and not locked, best first."""
        return tuple(pick for pick in self.picks.all(aim) if pick.annotation_id not in self.locked)

    @property
    def held(self) -> Annotation | None:
        """The annotation that is selected alone."""
        if len(self.selected_annotations) != 1 or self.selected_detections:
            return None
        return self.annotations.get(next(iter(self.selected_annotations)))

    def within(self, xy: XY) -> XY:
        """The nearest point of the picture, to a hundredth of a pixel."""
        return round(min(max(xy[0], 0.0), self.width), 2), round(min(max(xy[1], 0.0), self.height), 2)


@dataclass(frozen=True, slots=True)
class Select:
    """A selection: what to select, or the outcome of a gesture that changes nothing else."""

    annotations: frozenset[int] = frozenset()
    detections: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Remark:
    """The outcome of a gesture that came to nothing, and why, for the status bar."""

    words: str


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
    lead: int | None = None
    """The one of those carried that the pointer holds: its live IoU is told in full, that of all in sum."""
    line: tuple[XY, ...] = ()
    """An open line through these points."""
    strips: Spans | None = None
    """Of the mask that is the first of `shapes`, where the tool has them at hand."""
    dots: tuple[XY, ...] = ()
    """Vertices placed so far."""
    dots_out: tuple[XY, ...] = ()
    """Points said to lie outside of what is wanted."""
    band: tuple[XY, XY] | None = None
    """Rubber band between two corners."""
    selects: Select | None = None
    """What is selected from now on, while the gesture goes on."""
    circle: tuple[XY, float] | None = None
    """The brush: where its middle is, and its radius in image pixels."""
    crosshair: bool = False
    """Whether lines through the pointer cross the view."""
    cursor: Cursor = "cross"
    hint: str = ""
    """One line for the status bar: what can be done next."""
    keys: frozenset[str] = frozenset()
    """Keys that the tool wants now, as Qt writes them, though they may be shortcuts at other times."""
    options: Options | None = None
    """What the hand keeps from now on."""
    compute: Callable[[], object] | None = None
    """What to work out on a thread; asked once for as long as it is the same object, the newest asked going first."""
    prompt: Prompt | None = None
    """What to ask the network; asked once for as long as it is the same object, the newest asked going first."""
    notice: str = ""
    """What keeps the tool from working, written over the picture."""
    snap: XY | None = None
    """The vertex or point of a border that the pointer has snapped to."""
    compares: bool = True
    """Whether live IoU is measured, of the first shape or of those carried: it costs time with large masks."""


Outcome: TypeAlias = Edit | Select | Remark | None
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
