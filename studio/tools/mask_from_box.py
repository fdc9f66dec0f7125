"""Mask from box by the project's own network: while a box is drawn, the mask of what is in it appears.

The box is the network's region of interest. Letting go, a second click or Enter keeps the mask, or its outline where O
was pressed. It gets the class in hand, whatever the network would call it; the network paints its own class of that
name where it knows one, else the class that suits the box best. Where it is much surer of another class, it says so,
and Y takes that one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from engine.geometry.shapes import XY, Box, Mask, Shape
from engine.geometry.views import smooth_outline
from engine.project.records import Detection
from studio.orders import Failure
from studio.prompts import Prompt, Prompted
from studio.tools import Gesture, Options, Outcome, Pointer, Preview, Remark, Scene
from studio.tools._corners import cornered
from studio.tools._outcomes import added

_LEAST_SIDE = 2.0
_CHOICE, _OTHER_CLASS = "O", "Y"
MARGIN = 0.2
"""By how much more probable another class must be than the one in hand to be offered."""
_NO_CLASS = "Add a class first: every mask belongs to one."
_LOADING = "The network is looking at the picture …"
_START = "Drag a box around an object: its mask appears. {kept}"
_END = "Let go to keep. {kept} Shift: square, Esc: cancel."
_KEPT = {False: "O: keep outlines.", True: "O: keep masks."}
_NOTHING = "The network finds nothing in that box."


@dataclass(frozen=True, slots=True)
class MaskFromBoxTool:
    """Makes masks of boxes by the project's own network."""

    title: str = "Mask from Box"
    icon: str = "mask_from_box"
    keys: tuple[str, ...] = ("J",)

    def gesture(self, scene: Scene) -> Gesture:
        """From the first corner of the box until its mask is kept."""
        asked = _Asked(scene, scene.options)
        event = yield asked.waiting()
        while not (event.is_press and scene.class_id is not None and asked.refusal is None):
            asked.hear(event)
            if event.is_press:
                asked.ask_again()
            event = yield asked.waiting()
        box, event = yield from cornered(scene, event, asked.preview, asked.hear)
        if min(box.width, box.height) < _LEAST_SIDE:
            return None
        while not asked.is_answered(box) and asked.refusal is None:
            asked.hear((yield asked.preview((box.x0, box.y0), box)))
        return asked.outcome()


@dataclass(slots=True)
class _Asked:
    """What the network was asked last, and what it has answered so far."""

    scene: Scene
    options: Options
    prompt: Prompt = field(init=False)
    answered: Prompted | None = None
    refusal: Failure | None = None
    takes_other: bool = False
    """Whether the class that the network is surer of is taken, for as long as there is one."""

    def __post_init__(self) -> None:
        self.prompt = Prompt(self.scene.image_id)

    def hear(self, event: Pointer) -> bool:
        """Take an answer or a key; returns whether that keeps the box as it is."""
        if isinstance(event.result, Prompted):
            self.refusal = event.result.refusal
            self.answered = event.result
        elif event.kind == "key" and event.key == _CHOICE:
            self.options = replace(self.options, as_polygon=not self.options.as_polygon)
        elif event.kind == "key" and event.key == _OTHER_CLASS and self.other is not None:
            self.takes_other = not self.takes_other
        return event.kind == "key" and event.key in ("Return", "Enter")

    def ask_again(self) -> None:
        """Where the network was not there before, it may be now."""
        self.prompt = Prompt(self.scene.image_id)

    def is_answered(self, box: Box) -> bool:
        """Whether the mask of just this box is there."""
        return self.answered is not None and self.answered.prompt.boxes[:1] == (box,)

    @property
    def known(self) -> Detection | None:
        """What is in the box, taken for the class in hand where the network knows that."""
        return self.answered.found[0] if self.answered and self.answered.found else None

    @property
    def other(self) -> Detection | None:
        """The same taken for another class of the project, where the network is much surer of that."""
        best = self.answered.found[-1] if self.answered and self.answered.found else None
        if self.known is None or best is None or best.class_id == self.scene.class_id:
            return None
        score = self.known.score if self.known.class_id == self.scene.class_id else 0.0
        is_surer = best.class_id in self.scene.classes and best.score >= score + MARGIN
        return best if is_surer else None

    @property
    def found(self) -> Detection | None:
        """What would be kept."""
        return self.other if self.takes_other and self.other is not None else self.known

    @property
    def mask(self) -> Mask | None:
        """As far as it is known: of the box as it is, or as it was a moment ago."""
        mask = self.found.shape if self.found else None
        return mask if isinstance(mask, Mask) and not mask.is_empty else None

    def waiting(self) -> Preview:
        """Before the first corner: whether the network is there, and has looked."""
        kept = _KEPT[self.options.as_polygon]
        if self.refusal is not None:
            words = f"{self.refusal.words} {self.refusal.hint}"
            notice = f"{self.refusal.words}\n{self.refusal.hint}"
            return Preview(hint=words, notice=notice, prompt=self.prompt)
        if self.scene.class_id is None:
            return Preview(crosshair=True, hint=_NO_CLASS)
        hint = _LOADING if self.answered is None else _START.format(kept=kept)
        return self._shown(Preview(crosshair=True, hint=hint))

    def preview(self, _: XY, box: Box) -> Preview:
        """The box, and the mask in it."""
        if not box.is_empty and self.prompt.boxes[:1] != (box,):
            self.prompt = self._about(box)
        shapes: tuple[Shape, ...] = () if self.mask is None else (self.mask,)
        band = (box.x0, box.y0), (box.x1, box.y1)
        hint = f"{self._told()}  {_END.format(kept=_KEPT[self.options.as_polygon])}"
        return self._shown(Preview(shapes, band=band, crosshair=not shapes, hint=hint))

    def outcome(self) -> Outcome:
        """The mask or its outline as an annotation; else why there is none."""
        if self.refusal is not None:
            return Remark(f"{self.refusal.words} {self.refusal.hint}")
        if self.mask is None:
            return Remark(_NOTHING)
        takes = self.found is not None and self.found is self.other
        scene = replace(self.scene, class_id=self.found.class_id) if self.found and takes else self.scene
        return added(scene, smooth_outline(self.mask) if self.options.as_polygon else self.mask)

    def _about(self, box: Box) -> Prompt:
        """The box as the class in hand and, where there are others, as whichever suits it best."""
        class_ids = (self.scene.class_id, None) if len(self.scene.classes) > 1 else (self.scene.class_id,)
        return Prompt(self.scene.image_id, (box,) * len(class_ids), class_ids)

    def _told(self) -> str:
        """What it is taken for, and what it could be instead."""
        if self.found is None:
            return _LOADING
        told, other = self._named(self.found), self.other
        if other is None:
            return f"{told}."
        instead = self._in_hand() if self.takes_other else self._named(other)
        return f"{told}. {_OTHER_CLASS}: as {instead}."

    def _named(self, found: Detection) -> str:
        record = self.scene.classes.get(found.class_id)
        return f"{record.name if record else 'Unknown'} {found.score:.2f}"

    def _in_hand(self) -> str:
        record = self.scene.classes.get(self.scene.class_id or 0)
        return record.name if record else "the class in hand"

    def _shown(self, preview: Preview) -> Preview:
        keys = {_CHOICE} if self.other is None else {_CHOICE, _OTHER_CLASS}
        return replace(preview, prompt=self.prompt, options=self.options, keys=frozenset(keys))


TOOL = MaskFromBoxTool()
