"""One pass of a network on one picture as a trace, and what was checked of it.

A picture is looked at as a whole here, as the network itself sees it, also where detecting looks at tiles or mirrors.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace

import numpy as np
import torch
from torch import Tensor

from engine.detecting.predicting import Picture, Predictor
from engine.detecting.settled import anchor_scale
from engine.detectors import DETECTORS, Askable, Detected, Traceable, Watched
from engine.errors import UserError
from engine.project.records import ImageRecord
from engine.tracing.paths import own_selections
from engine.tracing.selecting import Selected, is_own
from engine.tracing.stages import Floats, Input, Ints, Selection, Stage
from engine.tracing.trace import Check, Origin, Trace


@dataclass(frozen=True, slots=True, eq=False)
class Tracing:
    """A trace, and the pass that it is of while that is in memory: it can be asked more."""

    trace: Trace
    watched: Watched

    @classmethod
    def of(cls, predictor: Predictor, picture: Picture, origin: Origin, *, is_compared: bool = True) -> Tracing:
        """Watch a network on a (H, W, 3) picture; `is_compared`: it looks a second time, not watched.

        Raises UserError where the network cannot be watched.
        """
        network = predictor.network
        if not isinstance(network, Traceable):
            raise UserError(f"{origin.title} cannot be watched.", "Choose a run of another detector.")
        tensor = torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1).to(predictor.device)
        with torch.inference_mode():
            watched = network.watch(tensor)
            checks = (_untraced(watched.detected, predictor.network.detect([tensor])[0]),) if is_compared else ()
        trace = Trace(origin, watched.stages())
        return cls(replace(trace, checks=(*checks, *_replayed(trace))), watched)

    def on_image(self, size: tuple[int, int]) -> Tracing:
        """Of a picture of `size` (height, width), which was shrunk before the network saw it: in its own pixels."""
        return replace(self, trace=on_image(self.trace, size))

    def asked_more(self) -> Trace:
        """The trace with the heads asked about all candidates for proposals; the same one where there are none."""
        if not isinstance(self.watched, Askable):
            return self.trace
        with torch.inference_mode():
            stages = self.watched.asked_more()
        return replace(self.trace, stages=_with_input(stages, self.trace.input))

    def asked_about(self, boxes: Floats, parent: Ints) -> Trace:
        """The picture, and what the heads say of these boxes; raises LookupError where there are no such heads."""
        if not isinstance(self.watched, Askable):
            raise LookupError("it makes no proposals")
        with torch.inference_mode():
            stages = self.watched.asked_about(boxes, parent)
        return replace(self.trace, stages=(self.trace.input, *stages))


def origin_of(predictor: Predictor, run_id: int | None = None, image: ImageRecord | None = None) -> Origin:
    """What looks, and at which image of a project, if at one."""
    card = predictor.card
    return Origin(
        card.detector, DETECTORS.get(card.detector).title, tuple(card.class_names.values()), card.class_ids,
        predictor.device.type, run_id, image.id if image else None, image.name if image else "",
        anchor_scale(predictor.network),
    )  # fmt: skip


def on_image(trace: Trace, size: tuple[int, int]) -> Trace:
    """A trace of a picture of `size` (height, width), in whose pixels it is told from now on."""
    return replace(trace, stages=_with_input(trace.stages, replace(trace.input, size=size)))


def _with_input(stages: Iterable[Stage], seen: Input) -> tuple[Stage, ...]:
    return tuple(seen if isinstance(each, Input) else each for each in stages)


def _untraced(watched: Detected, plain: Detected) -> Check:
    """Whether watching changed what is found."""
    differing = [
        each.name.replace("_", " ") for each in fields(Detected)
        if not _are_equal(getattr(watched, each.name), getattr(plain, each.name))
    ]  # fmt: skip
    words = f"Watched and not watched, the network finds the same {len(plain.boxes)} objects, bit by bit."
    if differing:
        n_watched, n_plain = len(watched.boxes), len(plain.boxes)
        words = f"Watched, it finds {n_watched} objects, else {n_plain}; they differ in {', '.join(differing)}."
    return Check("untraced", not differing, words)


def _are_equal(a: Tensor | None, b: Tensor | None) -> bool:
    return torch.equal(a, b) if a is not None and b is not None else a is b


def _replayed(trace: Trace) -> tuple[Check, ...]:
    """Whether each selection, made again by its rules, is the network's own."""
    replays: Mapping[str, Selected] = own_selections(trace)
    return tuple(_replay(own, replays[own.name]) for own in trace.all(Selection))


def _replay(own: Selection, found: Selected) -> Check:
    n_own = len(own.kept_rows)
    if is_own(found, own):
        words = f"Made again by its rules, the network's own {n_own} {own.name} come out, bit by bit and in order."
        return Check(own.name, is_equal=True, words=words)
    n_same = len(_keys(own.kept_rows, own.kept_classes) & _keys(found.rows[found.kept], found.classes[found.kept]))
    words = (
        f"Made again by its rules, {len(found.kept)} {own.name} come out, the network itself kept {n_own}; "
        f"{n_same} are the same. What is shown as kept are the network's own."
    )
    return Check(own.name, is_equal=False, words=words)


def _keys(rows: np.ndarray, classes: np.ndarray) -> set[tuple[int, int]]:
    return set(zip(rows.tolist(), classes.tolist(), strict=True))
