"""The colour wand: press on an object, drag right for more, left for less; what looks alike and is joined is the mask.

Ctrl takes all that looks alike in sight, joined or not. Shift adds to the selected mask, Alt takes away from it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from functools import partial

from engine.geometry import masks
from engine.geometry.shapes import XY, Bounds, Mask
from engine.imaging import flood
from engine.imaging.flood import ColourField
from engine.imaging.patch import Patch
from engine.project.records import Annotation
from studio.tools import Gesture, Options, Outcome, Pointer, Preview, Scene
from studio.tools._neighbours import changed, target
from studio.tools._outcomes import added, reshaped

_REACH = 700.0
"""Logical pixels around the pointer that are looked at: about what is in sight."""
_MOST = 1536
_PER_PIXEL = 0.15
"""Units of Lab for a logical pixel of dragging."""
_WIDEST = 120.0
_HOLES = 0.02
"""Holes of at most this share of a region are filled: they are noise."""
_NO_CLASS = "Add a class first: every mask belongs to one."
_START = "Press on an object and drag right for more. Ctrl: all in sight, Shift adds, Alt takes away."
_NO_PICTURE = "The picture is still being read."


@dataclass(frozen=True, slots=True)
class WandTool:
    """Makes masks of what looks alike."""

    title: str = "Colour Wand"
    icon: str = "wand"
    keys: tuple[str, ...] = ("M",)

    def gesture(self, scene: Scene) -> Gesture:
        """One press, held until the mask is right."""
        hint = _START if scene.class_id is not None else _NO_CLASS
        while True:
            event = yield Preview(hint=hint)
            if event.is_press and scene.class_id is not None:
                at = scene.within(event.xy_image)
                patch = scene.pixels(_about(at, event.view_pixel), _MOST)
                if patch is not None:
                    return (yield from _tuned(scene, _Wand(patch, at, event.ctrl), event))
                hint = _NO_PICTURE


@dataclass(frozen=True, slots=True)
class _Found:
    """The mask for a tolerance."""

    tolerance: float
    mask: Mask


@dataclass(slots=True)
class _Wand:
    """What is pressed on. Masks are worked out on the hand's thread, which alone touches the field."""

    patch: Patch
    xy: XY
    everywhere: bool
    _field: ColourField | None = field(default=None)

    def mask(self, tolerance: float) -> _Found:
        """What is within the tolerance."""
        self._field = self._field or flood.colour_field(self.patch, self.xy)
        return _Found(tolerance, flood.region(self._field, tolerance, contiguous=not self.everywhere, hole=_HOLES))


def _tuned(scene: Scene, wand: _Wand, pressed: Pointer) -> Generator[Preview, Pointer, Outcome]:
    """Follow the drag, then wait for the mask of where it ended."""
    options, found, is_over, event = scene.options, None, False, pressed
    compute: Callable[[], object] = partial(wand.mask, options.tolerance)
    while not is_over or found is None or found.tolerance != options.tolerance:
        event = yield _preview(options, found, compute)
        if event.kind == "computed" and isinstance(event.result, _Found):
            found = event.result
        elif event.is_drag and not is_over and (wanted := _dragged(scene.options, pressed, event)) != options.tolerance:
            options = replace(options, tolerance=wanted)
            compute = partial(wand.mask, wanted)
        is_over = is_over or (event.kind == "release" and event.button == "left")
    return _outcome(scene, target(scene, pressed), found.mask, pressed)


def _preview(options: Options, found: _Found | None, compute: Callable[[], object]) -> Preview:
    shapes = () if found is None or found.mask.is_empty else (found.mask,)
    size = f", {found.mask.area:,.0f} px" if found else ""
    hint = f"Tolerance {options.tolerance:.0f}{size}.  Drag right for more, left for less; let go to keep."
    return Preview(shapes, hint=hint, compute=compute, options=options)


def _dragged(options: Options, pressed: Pointer, event: Pointer) -> float:
    way = (event.xy_image[0] - pressed.xy_image[0]) - (event.xy_image[1] - pressed.xy_image[1])
    return round(min(max(options.tolerance + way / event.view_pixel * _PER_PIXEL, 0.0), _WIDEST) * 2) / 2


def _about(xy: XY, view_pixel: float) -> Bounds:
    (x, y), reach = xy, _REACH * view_pixel
    return (x - reach, y - reach, x + reach, y + reach)


def _outcome(scene: Scene, onto: Annotation | None, mask: Mask, pressed: Pointer) -> Outcome:
    mask = masks.clip(mask, scene.height, scene.width)
    if onto is None:
        return added(scene, mask)
    return reshaped(onto, changed(onto.shape, mask, subtracts=pressed.alt), "Erase" if pressed.alt else "Extend")


TOOL = WandTool()
