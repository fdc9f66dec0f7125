"""The brush: paints one mask, stroke by stroke; goes on with the mask that is selected. Alt takes away.

[ and ] change its size, O makes it spare what other annotations cover, Enter begins the next object.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace

from engine.geometry import spans
from engine.geometry.shapes import Mask
from engine.imaging import brush
from engine.project.records import Annotation
from studio.tools import Gesture, Options, Outcome, Pointer, Preview, Scene, Select
from studio.tools._outcomes import added, reshaped
from studio.tools._painting import Others, covered, radius_of, resized, shown

_NO_CLASS = "Add a class first: every mask belongs to one."
_NEW = "Paint a new mask. [ ] size, O: {over}."
_ON = "Paint on. Alt takes away, [ ] size, O: {over}, Enter: next object."
_OVER = {False: "spare others", True: "paint over others"}
_ENDS = ("Return", "Enter")


@dataclass(frozen=True, slots=True)
class BrushTool:
    """Paints masks."""

    title: str = "Brush"
    icon: str = "brush"
    keys: tuple[str, ...] = ("B",)

    def gesture(self, scene: Scene) -> Gesture:
        """One stroke."""
        held = scene.held if scene.held and isinstance(scene.held.shape, Mask) else None
        event, options = yield from _waiting(scene, held)
        if event.kind == "key":
            return Select()
        return (yield from _painted(scene, held, event, options))


def _waiting(scene: Scene, held: Annotation | None) -> Generator[Preview, Pointer, tuple[Pointer, Options]]:
    """Show the circle and take keys until a stroke begins, or the object is done with."""
    options = scene.options
    event = yield Preview(hint=_hint(scene, held, options), keys=_keys(held))
    while True:
        if event.is_press and (held or scene.class_id is not None):
            return event, options
        if event.kind == "key" and event.key in _ENDS and held:
            return event, options
        options = resized(options, event)
        if event.kind == "key" and event.key == "O":
            options = replace(options, spares=not options.spares)
        event = yield shown(options, event, Preview(hint=_hint(scene, held, options), keys=_keys(held)))


def _painted(
    scene: Scene, held: Annotation | None, pressed: Pointer, options: Options
) -> Generator[Preview, Pointer, Outcome]:
    """Follow the pointer until the button is let go."""
    mask = held.shape if held and isinstance(held.shape, Mask) else spans.empty()
    strips = scene.strips(mask)
    others = Others(scene, held.id if held else None)
    erases, last, event = pressed.alt, pressed.xy_image, pressed
    replaced = frozenset({held.id}) if held else frozenset()
    while True:
        if event.is_press or event.is_drag:
            stroke = covered(scene, (last, event.xy_image), radius_of(options, event))
            if options.spares and not erases:
                reach = brush.reach(last, event.xy_image, radius_of(options, event))
                stroke = brush.spared(stroke, others.about(reach))
            strips = (brush.erase if erases else brush.paint)(strips, stroke)
            last, mask = event.xy_image, spans.to_mask(strips)
        if event.kind == "release" and event.button == "left":
            return reshaped(held, mask, "Erase" if erases else "Paint") if held else added(scene, mask)
        options = resized(options, event)
        shapes = () if mask.is_empty else (mask,)
        told = f"{mask.area:,.0f} px. Esc: leave."
        event = yield shown(options, event, Preview(shapes, replaced, strips=strips, hint=told))


def _keys(held: Annotation | None) -> frozenset[str]:
    return frozenset({"O", *(_ENDS if held else ())})


def _hint(scene: Scene, held: Annotation | None, options: Options) -> str:
    if held is None and scene.class_id is None:
        return _NO_CLASS
    return (_ON if held else _NEW).format(over=_OVER[options.spares])


TOOL = BrushTool()
