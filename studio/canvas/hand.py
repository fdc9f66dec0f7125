"""Hand: holds the tool. Feeds its gesture with pointer events, shows its preview, does what it comes to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from time import monotonic

from PySide6.QtCore import QObject, Signal

from engine.geometry.shapes import XY, Mask
from engine.project.edits import AddAnnotations, Edit
from engine.project.records import AttributeValue
from studio.canvas.computing import Computed, Computing
from studio.canvas.contents import Key
from studio.canvas.padlocks import Padlocks
from studio.canvas.shown import Shown
from studio.canvas.sight import SeenPicks
from studio.grouping import whole
from studio.prompting import Prompting
from studio.prompts import Prompt, Prompted
from studio.session import Session
from studio.tools import TOOLS, Gesture, Options, Outcome, Pointer, Preview, Remark, Scene, Select
from studio.view_state import Selection

_RESTING = Preview(cursor="arrow")
_UNLOCKS = "Click the padlock to unlock."


class Hand(QObject):
    """One tool at a time; a new gesture begins when the last has ended or when what it would work on has changed."""

    previewed = Signal()
    """`preview` is another."""
    let_go = Signal(object)
    """The edit that a gesture came to, before it is asked for."""

    def __init__(self, session: Session, shown: Shown, prompting: Prompting | None = None) -> None:
        """Hold the session's tool over the image that is shown. Whoever paints calls `renew` when that differs.

        Without `prompting` no prompt of a tool is answered.
        """
        super().__init__()
        self.preview = _RESTING
        self._session = session
        self._shown = shown
        self._gesture: Gesture | None = None
        self._is_busy = self._is_feeding = False
        self._began = 0.0
        self._last_move: Pointer | None = None
        self._last = Pointer("move", (0.0, 0.0))
        self._options = Options()
        self._n_gestures = 0
        self._asked: Callable[[], object] | None = None
        self._prompt: Prompt | None = None
        self._padlocks = Padlocks()
        self._prompting = prompting
        if prompting is not None:
            prompting.answered.connect(self._on_prompted)
        self._computing = Computing()
        self._computing.computed.connect(self._on_computed)
        session.tool_changed.connect(self.cancel)
        session.selection_changed.connect(self.renew)
        session.class_changed.connect(self.renew)
        session.author_changed.connect(self.renew)
        session.hiding_changed.connect(self._on_hiding)
        shown.opened.connect(self.cancel)

    @property
    def is_busy(self) -> bool:
        """Whether something is being drawn or dragged."""
        return self._is_busy

    @property
    def is_feeding(self) -> bool:
        """Whether a press or release is being dealt with just now."""
        return self._is_feeding

    @property
    def pointer(self) -> XY:
        """Where the pointer was last, in image pixels."""
        return self._last.xy_image

    def feed(self, event: Pointer) -> None:
        """Pass an event to the tool."""
        if self._shown.image is None:
            return
        if self._gesture is None:
            self._begin()
        if event.kind == "move":
            self._last_move = event
        self._last = event
        if (locked := self._padlock_under(event)) is not None and event.is_press:
            self._session.see(self._session.visibility.unlocking(self._with_its_group(locked)))
            return
        if event.is_press and not self._is_busy:
            self._is_busy = True
            self._began = monotonic()
        self._is_feeding = event.kind in ("press", "double", "release")
        try:
            self._send(event)
        finally:
            self._is_feeding = False
        if locked is not None and event.kind == "move":
            self._show(replace(self.preview, cursor="hand", hint=_UNLOCKS))

    def cancel(self) -> None:
        """Abandon what is being drawn or dragged, without an edit."""
        self._end()
        self._begin()

    def renew(self) -> None:
        """Look at the scene anew, unless something is being drawn or dragged."""
        if not self._is_busy:
            self._end()
            self._begin()
            if self._last_move is not None and self._gesture is not None:
                self._send(replace(self._last_move, button="none"))

    def finish(self) -> None:
        """Work out nothing more, and end the thread."""
        self._computing.finish()

    def _padlock_under(self, event: Pointer) -> Key | None:
        """The locked item whose padlock is under the pointer; none while something is drawn, or could be."""
        if self._is_busy or self._session.tool != "select" or event.kind not in ("press", "double", "move"):
            return None
        return self._padlocks.under(self._shown.seen, event.xy_image, event.view_pixel)

    def _with_its_group(self, key: Key) -> frozenset[Key]:
        """As it was locked: a group whole, where groups are selected whole."""
        if key < 0 or not self._session.selects_groups:
            return frozenset({key})
        return whole(frozenset({key}), frozenset(), self._shown.seen.views.annotations)

    def _begin(self) -> None:
        self._n_gestures += 1
        self._asked = self._prompt = None
        self._computing.forget()
        scene = self._scene()
        if scene is None:
            self._show(_RESTING)
            return
        self._gesture = TOOLS.get(self._session.tool).gesture(scene)
        self._show(next(self._gesture))

    def _end(self) -> None:
        self._is_busy = False
        if self._gesture is not None:
            self._gesture.close()
            self._gesture = None

    def _send(self, event: Pointer) -> None:
        if self._gesture is None:
            return
        try:
            preview = self._gesture.send(event)
        except StopIteration as stop:
            self._gesture, self._is_busy = None, False
            self._come_to(stop.value)
            if self._gesture is None:
                self.renew()
        else:
            self._show(preview)

    def _come_to(self, outcome: Outcome) -> None:
        if isinstance(outcome, Select):
            self._select(outcome)
        elif isinstance(outcome, Remark):
            self._session.said.emit(outcome.words)
        elif outcome is not None:
            edit = self._timed(outcome)
            self.let_go.emit(edit)
            self._shown.do(edit)

    def _on_hiding(self) -> None:
        """What is out of sight is selected no more, and cannot be taken hold of."""
        hidden, chosen = self._shown.seen.hidden, self._session.selection
        if hidden:
            detections = frozenset(id_ for id_ in chosen.detections if -id_ not in hidden)
            self._session.select(Selection(chosen.annotations - hidden, detections))
        self.renew()

    def _timed(self, edit: Edit) -> Edit:
        """The edit with how long it took to draw what it adds."""
        if not isinstance(edit, AddAnnotations):
            return edit
        seconds = round(monotonic() - self._began, 2)
        drawn = (replace(each, attributes=each.attributes or self._presets(each.class_id)) for each in edit.annotations)
        return AddAnnotations(tuple(replace(each, seconds=seconds) for each in drawn))

    def _presets(self, class_id: int) -> Mapping[str, AttributeValue]:
        """What a new annotation of a class tells at first."""
        return self._session.known.presets.get(class_id, {})

    def _select(self, selected: Select) -> None:
        chosen, session = selected.annotations, self._session
        if session.selects_groups:
            known = self._shown.seen.views.annotations
            chosen = whole(chosen, session.selection.annotations, known, takes_out=self._last.shift)
        session.select(Selection(chosen, selected.detections))

    def _show(self, preview: Preview) -> None:
        before, self.preview = self.preview, preview
        if preview.strips is not None and preview.shapes and isinstance(mask := preview.shapes[0], Mask):
            self._shown.holding.strips.put(mask, preview.strips)
        if preview.selects is not None and preview.selects is not before.selects:
            self._select(preview.selects)
        self._options = preview.options or self._options
        if preview.compute is not None and preview.compute is not self._asked:
            self._asked = preview.compute
            self._computing.ask(self._n_gestures, preview.compute)
        if preview.prompt is not None and preview.prompt is not self._prompt and self._prompting is not None:
            self._prompt = preview.prompt
            self._prompting.ask(self._n_gestures, preview.prompt)
        self.previewed.emit()

    def _on_computed(self, computed: Computed) -> None:
        if computed.error is not None:
            self._session.failed.emit(computed.error)
        elif computed.ticket == self._n_gestures:
            self._tell(computed.value)

    def _on_prompted(self, ticket: int, prompted: Prompted) -> None:
        if ticket == self._n_gestures:
            self._tell(prompted)

    def _tell(self, result: object) -> None:
        self._send(replace(self._last, kind="computed", button="none", key="", result=result))

    def _scene(self) -> Scene | None:
        image, holding, session = self._shown.image, self._shown.holding, self._session
        if image is None or holding.is_behind:
            return None
        seen = self._shown.seen
        views, chosen = seen.views, seen.free(session.selection)
        return Scene(
            image.id,
            image.width,
            image.height,
            session.class_id,
            session.author_id,
            views.annotations,
            views.detections,
            SeenPicks(holding.picks, seen.hidden) if seen.hidden else holding.picks,
            views.bounds,
            chosen.annotations,
            chosen.detections,
            holding.classes,
            self._options,
            self._shown.pixels,
            seen.locked,
            holding.strips.of,
        )
