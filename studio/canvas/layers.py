"""Layers: picture, tiles and live layer of the image that is shown, kept up to date within a budget per frame."""

from __future__ import annotations

from time import perf_counter

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QRegion

from engine.evaluation.queue import Question
from engine.geometry.shapes import XY
from engine.project.edits import Edit
from studio.canvas import paint
from studio.canvas.carried import Carried
from studio.canvas.comparing import Comparing
from studio.canvas.contents import Key
from studio.canvas.hand import Hand
from studio.canvas.holding import Difference
from studio.canvas.live import Surface
from studio.canvas.live_layer import LiveLayer
from studio.canvas.looks import Looks
from studio.canvas.overlay import Overlay
from studio.canvas.question import QuestionLayer
from studio.canvas.shown import Shown
from studio.canvas.tile_painter import Guise
from studio.canvas.viewport import Viewport
from studio.session import Session
from studio.theme import DARK, Tones
from studio.tools import Preview

FRAME_S = 0.008
"""How long painting tiles and painting the view may take together; the rest of 16 ms is left to the event."""
_BUDGET_S = (0.003, 0.008)
"""How long tiles are painted between two frames, at least and at most."""
_MANY_AREAS = 1000
"""To work out so many differences takes most of a frame; tiles are painted in the next."""
_SPARE_PAUSE_MS = 12
"""Tiles out of sight are painted with pauses."""


class Layers(QObject):
    """What the canvas paints, and the painting of tiles ahead of it."""

    touched = Signal()
    """Something in sight looks different."""
    touched_in = Signal(object)
    """QRegion in view pixels: only there."""
    compared = Signal(object)
    """Told: the live IoU of what is being drawn or dragged; false where there is none."""

    def __init__(self, session: Session, shown: Shown, hand: Hand) -> None:
        """Follow what is shown and what the hand does."""
        super().__init__()
        self.with_names = False
        self.progress = ""
        """What is being made ready, in words."""
        self.pointer_view: XY | None = None
        """Where the pointer is, in view pixels."""
        self._session, self._shown, self._hand = session, shown, hand
        self._overlay = Overlay()
        self._carried = Carried(self._overlay)
        self._kept: Preview | None = None
        self._comparing = Comparing(session, shown)
        self._comparing.changed.connect(self._on_compared)
        self._live = LiveLayer(session, shown, hand, self._comparing)
        self._questions = QuestionLayer()
        self._looks = Looks({})
        self._view = Viewport((1, 1), (1, 1))
        self._last_paint_s = self._last_work = 0.0
        self._painted_live = QRegion()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.work)
        self._turn = QTimer(self)
        """Active from the first painting of tiles in a turn of the event loop until the next turn."""
        self._turn.setSingleShot(True)
        shown.opened.connect(self._on_opened)
        shown.differs.connect(self._on_differs)
        shown.pictured.connect(self.touched)
        shown.layer.touched.connect(self.touched)
        hand.previewed.connect(self._on_previewed)
        hand.let_go.connect(self._on_let_go)
        session.selection_changed.connect(self.refresh)
        session.tool_changed.connect(self.touched)
        session.hiding_changed.connect(self.refresh)
        session.hiding_changed.connect(self.touched)
        session.question_changed.connect(self.touched)
        self._on_opened()

    @property
    def is_complete(self) -> bool:
        """Whether everything in sight is painted as it is now."""
        return self._overlay.is_complete and self._carried.is_complete

    def dress(self, tones: Tones = DARK, ratio: float = 1.0) -> None:
        """Paint in these tones on a screen of this device pixel ratio."""
        if (tones, ratio) != (self._looks.tones, self._looks.ratio):
            self._looks = Looks(self._shown.holding.classes, tones, ratio)
            self._overlay.restyle(self._looks)
            self.refresh()

    def look(self, view: Viewport) -> None:
        """Show this part of the picture from now on."""
        self._view = view
        self._shown.layer.look(view)
        self._overlay.show(view)
        self._carried.follow(self._kept or self._hand.preview, view)
        self._go_on()

    def show_crosshair(self, shown: bool) -> None:
        """Have lines follow the pointer where the tool asks for them, or never."""
        self._live.with_crosshair = shown
        self.touched.emit()

    def refresh(self) -> None:
        """Hide, select and name what is to be now."""
        selection = self._session.selection
        preview = (self._kept if self._shown.holding.is_behind else None) or self._hand.preview
        selected: frozenset[Key] = selection.annotations | {-id_ for id_ in selection.detections}
        shown, moved = self._shown.seen, preview.replaced | preview.carried
        hidden = frozenset[Key]() if self._session.hides_shapes else shown.hidden
        guise = Guise(moved, selected, self.with_names, veiled=hidden, locked=shown.locked)
        if self._overlay.wear(guise) > _MANY_AREAS:
            self._turn.start(0)
        self._carried.follow(self._kept or preview, self._view)
        self._work_soon()
        self._touch_live()

    def work(self) -> None:
        """Paint tiles for as long as a frame allows, and go on later with what is left."""
        was_complete = self.is_complete
        least, most = _BUDGET_S
        budget = min(max(FRAME_S - self._last_paint_s, least), most)
        start = perf_counter()
        self._last_work = start
        self._carried.work(budget)
        is_left = self._overlay.work(max(budget - (perf_counter() - start), least / 2))
        if self._overlay.is_complete and not self._shown.holding.is_behind:
            self._let_go()
        if not was_complete:
            self.touched.emit()
        is_left = is_left or (self.is_complete and self._live.prepare(self._view, self._looks))
        if is_left or not self.is_complete:
            self._timer.start(_SPARE_PAUSE_MS if self.is_complete else 0)

    def _work_soon(self) -> None:
        """Paint what is missing in sight at once, but only once a turn of the event loop however much that sets off.

        A press or release has enough to do: the old tiles stay for the blink until the next turn of the loop.
        """
        is_due = perf_counter() - self._last_work > FRAME_S and not self._turn.isActive()
        if is_due and not self.is_complete and not self._hand.is_feeding:
            self._turn.start(0)
            self.work()
        else:
            self._go_on()

    def _go_on(self) -> None:
        if not self._timer.isActive():
            self._timer.start(_SPARE_PAUSE_MS if self.is_complete else 0)

    def stop(self) -> None:
        """Paint no more."""
        self._timer.stop()
        self._turn.stop()
        self._comparing.finish()

    def paint(self, painter: QPainter) -> None:
        """Paint the picture and all that is on it, in view pixels."""
        start = perf_counter()
        picture = self._shown.layer
        colour = QColor(self._looks.tones.canvas)
        paint.ground(painter, self._view, colour, is_covered=picture.is_covered)
        picture.paint(painter, self._view)
        paint.frame(painter, self._view, self._looks)
        surface = Surface(painter, self._view, self._looks, self._overlay.path)
        if not self._session.hides_shapes:
            self._overlay.paint(painter, self._view)
            self._carried.paint(painter)
            if (question := self._question()) is not None:
                self._questions.paint(surface, question)
        if self._hand.is_busy or not self._session.hides_shapes:
            self._live.paint(surface, self.pointer_view)
        if words := self.progress or self._remarks():
            paint.progress(painter, words, self._view, self._looks)
        self._painted_live = self._live.region(self._view, self._looks, self.pointer_view)
        self._last_paint_s = perf_counter() - start

    def tells_of_hidden_at(self, xy_view: XY) -> bool:
        """Whether the words that shapes are hidden are there, which a click takes as a wish to see them."""
        if self.progress or self._session.hides_shapes or not self._shown.seen.hidden:
            return False
        return paint.progress_rect(self._remarks(), self._view, self._looks).contains(*xy_view)

    def _remarks(self) -> str:
        """What keeps the picture from being shown as it is, lest it be forgotten."""
        n_hidden = 0 if self._session.hides_shapes else len(self._shown.seen.hidden)
        hidden = f"{n_hidden:,} hidden" if n_hidden else ""
        return "  ·  ".join(filter(None, (self._adjusted(), hidden)))

    def _adjusted(self) -> str:
        """That the picture is not shown as it is, lest it be forgotten."""
        words = self._session.levels.words
        return f"Shown with {words}" if words else ""

    def _question(self) -> Question | None:
        """What is asked about this very picture, unless something is being drawn or dragged."""
        question, image = self._session.question, self._shown.image
        is_here = question is not None and image is not None and question.about.image_id == image.id
        return question if is_here and not self._hand.is_busy else None

    def _on_opened(self) -> None:
        self._let_go()
        self._looks = Looks(self._shown.holding.classes, self._looks.tones, self._looks.ratio)
        self._overlay.begin(self._shown.holding, self._looks)
        self.touched.emit()

    def _on_differs(self, difference: Difference) -> None:
        if not self._looks.is_of(self._shown.holding.classes):
            self._looks = Looks(self._shown.holding.classes, self._looks.tones, self._looks.ratio)
            self._overlay.restyle(self._looks)
        self._overlay.invalidate(difference)
        if len(difference.areas) > _MANY_AREAS:
            self._turn.start(0)
        # Between the two: tiles painted before it would hide what an ended gesture had carried.
        self._hand.renew()
        self._work_soon()

    def _on_let_go(self, edit: Edit) -> None:
        """Keep in sight what a gesture showed, until the tiles show what came of it."""
        self._live.glow(edit)
        self._kept = self._hand.preview if self._hand.preview.carried else None

    def _let_go(self) -> None:
        self._live.stop_glowing()
        if self._kept is not None:
            self._kept = None
            self._carried.follow(self._hand.preview, self._view)

    def _on_previewed(self) -> None:
        self._comparing.measure(self._hand.preview)
        self.refresh()

    def _on_compared(self) -> None:
        self.compared.emit(self._comparing.told)
        self._touch_live()

    def _touch_live(self) -> None:
        """Have painted anew where the live layer was and where it is."""
        self.touched_in.emit(self._painted_live + self._live.region(self._view, self._looks, self.pointer_view))
