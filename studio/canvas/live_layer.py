"""LiveLayer: what the live layer is to show now, and where, so that only that part of the view is painted again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtGui import QRegion

from engine.geometry.shapes import XY, Bounds, Mask
from engine.geometry.spans import Spans
from engine.project.edits import AddAnnotations, ChangeAnnotations, Edit
from engine.project.records import Annotation
from studio.canvas.carried import MANY
from studio.canvas.comparing import Comparing
from studio.canvas.comparison import Told
from studio.canvas.contents import Item, Key
from studio.canvas.hand import Hand
from studio.canvas.live import Live, Surface, mask_dress, paint_live
from studio.canvas.live_extent import extent
from studio.canvas.live_mask import LiveMask
from studio.canvas.looks import Looks
from studio.canvas.mask_image import MANY_RUNS
from studio.canvas.partner import PartnerPainter
from studio.canvas.shown import Shown
from studio.canvas.viewport import Viewport
from studio.session import Session
from studio.tools import Preview

_MAX_GLOWING = 64
_PAINTING = ("brush", "eraser")
"""Tools that go on with the mask that is selected."""


class LiveLayer:
    """The preview of the tool in hand, the grips of the selection, and the afterglow of the last edit."""

    def __init__(self, session: Session, shown: Shown, hand: Hand, comparing: Comparing) -> None:
        self.with_crosshair = True
        """Whether lines follow the pointer where the tool asks for them."""
        self._session, self._shown, self._hand, self._comparing = session, shown, hand, comparing
        self._glow: Preview | None = None
        self._partner = PartnerPainter()
        self._mask = LiveMask(self._strips_of)

    def _strips_of(self, mask: Mask) -> Spans:
        return self._shown.holding.strips.of(mask)

    def glow(self, edit: Edit) -> None:
        """Keep in sight what an edit makes, until the tiles show it."""
        if isinstance(edit, (AddAnnotations, ChangeAnnotations)) and len(edit.annotations) <= _MAX_GLOWING:
            ids = frozenset(annotation.id for annotation in edit.annotations) - {0}
            self._glow = Preview(tuple(annotation.shape for annotation in edit.annotations), ids)

    def stop_glowing(self) -> None:
        """The tiles show it."""
        self._glow = None

    def paint(self, surface: Surface, pointer_view: XY | None) -> None:
        """Paint all of it."""
        lives = self._lives(pointer_view)
        self._take_mask(lives, surface.view, surface.looks)
        self._partner.paint(surface.painter, self._comparing.told.single, surface.view, surface.looks)
        for live in lives:
            paint_live(surface, live)

    def region(self, view: Viewport, looks: Looks, pointer_view: XY | None) -> QRegion:
        """Where it is, in view pixels; of masks and partner what of them is another than when this was asked last."""
        lives = self._lives(pointer_view)
        found = self._take_mask(lives, view, looks) + self._partner.take(self._comparing.told.single, view, looks)
        for live in lives:
            found += extent(live, view, looks)
        return found

    def prepare(self, view: Viewport, looks: Looks) -> bool:
        """Have the mask that can be painted on at hand; returns whether there is more to do."""
        chosen = self._session.selection
        if self._session.tool not in _PAINTING or len(chosen.annotations) != 1 or self._hand.is_busy:
            return False
        held = self._shown.holding.views.annotations.get(next(iter(chosen.annotations)))
        if held is None or not isinstance(held.shape, Mask) or len(held.shape.counts) <= MANY_RUNS:
            return False
        return self._mask.prepare(held.shape, view, mask_dress(looks, held.class_id))

    def _take_mask(self, lives: list[Live], view: Viewport, looks: Looks) -> QRegion:
        masks = [(each, live) for live in lives for each in live.preview.shapes if isinstance(each, Mask)]
        mask, live = masks[-1] if masks else (None, lives[0])
        return self._mask.take(mask, view, mask_dress(looks, live.class_id))

    def _lives(self, pointer_view: XY | None) -> list[Live]:
        now = self._live(self._hand.preview, self._held(), self._comparing.told, pointer_view)
        lives = [now] if self._glow is None else [self._live(self._glow, None, Told(), None), now]
        n_masks = sum(isinstance(shape, Mask) for live in lives for shape in live.preview.shapes)
        return lives if n_masks > 1 else [replace(live, mask=self._mask) for live in lives]

    def _live(self, preview: Preview, held: Annotation | None, told: Told, pointer_view: XY | None) -> Live:
        if not self.with_crosshair and preview.crosshair:
            preview = replace(preview, crosshair=False)
        items = self._shown.holding.items
        changed = [items[id_] for id_ in preview.replaced if id_ in items]
        return Live(
            preview,
            changed[0].source.class_id if changed else self._session.class_id,
            None if preview.carried else held,
            _few(items, preview),
            told,
            pointer_view,
            _anchor(items, preview),
        )

    def _held(self) -> Annotation | None:
        """The annotation that offers its grips: the one that is selected alone, in the select tool's hand."""
        selection = self._session.selection
        if self._session.tool != "select" or len(selection.annotations) != 1 or selection.detections:
            return None
        free = self._shown.seen.free(selection).annotations
        return self._shown.holding.views.annotations[next(iter(free))] if free else None


def _few(items: Mapping[Key, Item], preview: Preview) -> tuple[Item, ...]:
    """What a preview carries, unless it is so much that it has tiles of its own."""
    return tuple(items[id_] for id_ in preview.carried if id_ in items) if len(preview.carried) < MANY else ()


def _anchor(items: Mapping[Key, Item], preview: Preview) -> Bounds | None:
    """Where the shape that is compared lies."""
    if preview.shapes:
        return preview.shapes[0].bounds
    lead = None if preview.lead is None else items.get(preview.lead)
    if lead is None:
        return None
    (x0, y0, x1, y1), (dx, dy) = lead.bounds, preview.carried_by
    return (x0 + dx, y0 + dy, x1 + dx, y1 + dy)
