"""Layers: picture, tiles and live layer of the image that is shown, kept up to date within a budget per frame."""

from __future__ import annotations

from time import perf_counter

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QPainter

from engine.geometry.shapes import XY
from engine.project.edits import AddAnnotations, ChangeAnnotations, Edit
from engine.project.records import Annotation
from studio.canvas import paint
from studio.canvas.comparison import Comparison, compared
from studio.canvas.contents import Key
from studio.canvas.hand import Hand
from studio.canvas.holding import Difference
from studio.canvas.live import Live, Surface, paint_live
from studio.canvas.looks import Looks
from studio.canvas.overlay import Overlay
from studio.canvas.picture_tiles import PictureTiles
from studio.canvas.pyramid import Pyramid
from studio.canvas.shown import Shown
from studio.canvas.tile_painter import Guise
from studio.canvas.viewport import Viewport
from studio.session import Session
from studio.theme import DARK, Tones
from studio.tools import Preview

FRAME_S = 0.012
"""How long painting tiles and painting the view may take together; the rest of 16 ms is left to the event."""
_BUDGET_S = (0.003, 0.008)
"""How long tiles are painted between two frames, at least and at most."""
_SPARE_PAUSE_MS = 12
"""Tiles out of sight are painted with pauses."""
_MAX_AFTERGLOW = 64


class Layers(QObject):
    """What the canvas paints, and the painting of tiles ahead of it."""

    touched = Signal()
    """Something in sight looks different."""
    compared = Signal(object)
    """Comparison of the shape being drawn or dragged, or None."""

    def __init__(self, session: Session, shown: Shown, hand: Hand) -> None:
        """Follow what is shown and what the hand does."""
        super().__init__()
        self.with_names = False
        self.comparison: Comparison | None = None
        self._session, self._shown, self._hand = session, shown, hand
        self._picture = PictureTiles()
        self._overlay = Overlay()
        self._last_paint_s = 0.0
        self._looks = Looks({})
        self._view = Viewport((1, 1), (1, 1))
        self._afterglow: Preview | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.work)
        shown.opened.connect(self._on_opened)
        shown.differs.connect(self._on_differs)
        shown.pictured.connect(self.touched)
        hand.previewed.connect(self._on_previewed)
        hand.let_go.connect(self._on_let_go)
        session.selection_changed.connect(self.refresh)
        session.tool_changed.connect(self.touched)
        session.hiding_changed.connect(self.touched)
        self._on_opened()

    @property
    def looks(self) -> Looks:
        return self._looks

    def dress(self, tones: Tones = DARK, ratio: float = 1.0) -> None:
        """Paint in these tones on a screen of this device pixel ratio."""
        if (tones, ratio) != (self._looks.tones, self._looks.ratio):
            self._looks = Looks(self._shown.holding.classes, tones, ratio)
            self._overlay.restyle(self._looks)
            self.refresh()

    def look(self, view: Viewport) -> None:
        """Show this part of the picture from now on."""
        self._view = view
        self._overlay.show(view)
        self._go_on()

    def refresh(self) -> None:
        """Hide, select and name what is to be now."""
        preview, selection = self._hand.preview, self._session.selection
        selected: frozenset[Key] = selection.annotations | {-id_ for id_ in selection.detections}
        self._overlay.wear(Guise(preview.replaced | preview.carried, selected, self.with_names))
        self.work()

    def work(self) -> None:
        """Paint tiles for as long as a frame allows, and go on later with what is left."""
        was_complete = self._overlay.is_complete
        least, most = _BUDGET_S
        is_left = self._overlay.work(min(max(FRAME_S - self._last_paint_s, least), most))
        if self._overlay.is_complete:
            self._afterglow = None
        if not was_complete:
            self.touched.emit()
        if is_left:
            self._timer.start(_SPARE_PAUSE_MS if self._overlay.is_complete else 0)

    @property
    def is_complete(self) -> bool:
        """Whether everything in sight is painted as it is now."""
        return self._overlay.is_complete

    def stop(self) -> None:
        """Paint no more."""
        self._timer.stop()

    def paint(self, painter: QPainter, view: Viewport, pointer_view: XY | None) -> None:
        """Paint the picture and all that is on it, in view pixels."""
        start = perf_counter()
        if isinstance(picture := self._shown.picture, Pyramid):
            self._picture.paint(painter, picture, view)
        paint.frame(painter, view, self._looks)
        if not self._session.hides_shapes:
            self._paint_shapes(painter, view, pointer_view)
        self._last_paint_s = perf_counter() - start

    def _paint_shapes(self, painter: QPainter, view: Viewport, pointer_view: XY | None) -> None:
        self._overlay.paint(painter, view)
        surface = Surface(painter, view, self._looks, self._overlay.path)
        if self._afterglow is not None:
            paint_live(surface, self._live(self._afterglow, None, None))
        paint_live(surface, self._live(self._hand.preview, self._held(), pointer_view))

    def _on_opened(self) -> None:
        self._afterglow = self.comparison = None
        self._looks = Looks(self._shown.holding.classes, self._looks.tones, self._looks.ratio)
        self._overlay.begin(self._shown.holding, self._looks)
        self.touched.emit()

    def _on_differs(self, difference: Difference) -> None:
        if not self._looks.is_of(self._shown.holding.classes):
            self._looks = Looks(self._shown.holding.classes, self._looks.tones, self._looks.ratio)
            self._overlay.restyle(self._looks)
        self._overlay.invalidate(difference)
        self.work()

    def _on_previewed(self) -> None:
        preview = self._hand.preview
        is_measured = bool(preview.shapes) and not self._session.hides_shapes
        found = compared(self._shown.holding.suggestions, preview.shapes[0]) if is_measured else None
        if found != self.comparison:
            self.comparison = found
            self.compared.emit(found)
        self.refresh()
        self.touched.emit()

    def _on_let_go(self, edit: Edit) -> None:
        """Keep in sight what the edit makes until the tiles show it."""
        if isinstance(edit, (AddAnnotations, ChangeAnnotations)) and len(edit.annotations) <= _MAX_AFTERGLOW:
            ids = frozenset(annotation.id for annotation in edit.annotations) - {0}
            self._afterglow = Preview(tuple(annotation.shape for annotation in edit.annotations), ids)

    def _held(self) -> Annotation | None:
        """The annotation that offers its grips: the one that is selected alone, in the select tool's hand."""
        selection = self._session.selection
        if self._session.tool != "select" or len(selection.annotations) != 1 or selection.detections:
            return None
        return self._shown.holding.annotations.get(next(iter(selection.annotations)))

    def _live(self, preview: Preview, held: Annotation | None, pointer_view: XY | None) -> Live:
        items = self._shown.holding.items
        comparison = self.comparison if held is not None or preview is self._hand.preview else None
        changed = [items[id_] for id_ in preview.replaced if id_ in items]
        return Live(
            preview,
            changed[0].source.class_id if changed else self._session.class_id,
            None if preview.carried else held,
            tuple(items[id_] for id_ in preview.carried if id_ in items),
            comparison,
            items.get(-comparison.detection_id) if comparison else None,
            pointer_view,
        )

    def _go_on(self) -> None:
        if not self._timer.isActive():
            self._timer.start(0)
