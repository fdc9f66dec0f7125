"""A run's network with the settings that were kept for it: what it detects is what a what-if of them shows.

Where the settings are more than numbers of the network's own code, every picture is watched, and the rules of the
settings choose from what its heads said: one mechanism with `engine.tracing.whatif`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from engine.detectors import Askable, Detected, Network, Settable, Traceable, Truth, Watched
from engine.nn.shares import WHOLE, LossSums, Share
from engine.tracing.selecting import Selected
from engine.tracing.stages import Floats, Ints, KeypointMaps, Masks, Scores, Selection, Stage
from engine.tracing.trace import Origin, Trace
from engine.tracing.whatif import Outcome, Settings, what_if

_NOBODY = Origin("", "", (), (), "")


def settled(network: Network, settings: Settings | None) -> Network:
    """The network with these settings; itself where there are none, or where it can go by them on its own."""
    if settings is None or not isinstance(network, Settable):
        return network
    is_all = network.settle(settings)
    return network if is_all else Settled(network, Settings(settings.rules))


def unsettled(network: Network) -> Network:
    """What there is inside, where something is: it can do all that the detector's networks can."""
    return network.inner if isinstance(network, Settled) else network


def anchor_scale(network: Network) -> float:
    """How many times as long as built the sides of a network's anchors are."""
    inner = unsettled(network)
    return inner.anchor_scale if isinstance(inner, Settable) else 1.0


class Settled(Network, Traceable):
    """A network around another one, whose rules are not the other's own."""

    def __init__(self, inner: Network, settings: Settings) -> None:
        """Around a network that can be watched."""
        super().__init__()
        assert isinstance(inner, Traceable)
        self.inner = inner
        self.settings = settings
        self.normalisation = inner.normalisation

    def scale(self, height: int, width: int) -> float:
        """The other's."""
        return self.inner.scale(height, width)

    def loss_sums(
        self, pictures_model: Sequence[Tensor], truths_model: Sequence[Truth], share: Share = WHOLE
    ) -> LossSums:
        """The other's: losses do not depend on these rules."""
        return self.inner.loss_sums(pictures_model, truths_model, share)

    def hold(self) -> None:
        """As the other does."""
        self.inner.hold()

    def detect(self, pictures: Sequence[Tensor]) -> list[Detected]:
        """What the rules leave on each picture."""
        return [self.watch(picture).detected for picture in pictures]

    def watch(self, picture: Tensor) -> Watched:
        """One pass of the other, and the rules at work on it."""
        assert isinstance(self.inner, Traceable)
        watched = self.inner.watch(picture)
        found = _Answer.of(watched, watched.stages(), self.settings)
        detected = found.detected(picture.device)
        if isinstance(watched, Askable):
            return _AskableSettled(watched, found, self.settings, detected)
        return _WatchedSettled(found, detected)


@dataclass(frozen=True, slots=True, eq=False)
class _Answer:
    """The stages of a pass under settings, and what they lead to."""

    stages: tuple[Stage, ...]
    outcome: Outcome

    @classmethod
    def of(cls, watched: Watched, stages: tuple[Stage, ...], settings: Settings) -> _Answer:
        """The heads are asked about what only these settings propose."""
        trace = Trace(_NOBODY, stages)
        outcome = what_if(trace, settings)
        if outcome.n_unasked and isinstance(watched, Askable):
            trace = _with_proposals(trace, watched, outcome)
            outcome = what_if(trace, settings)
        changed = [_kept(each, outcome) if isinstance(each, Selection) else each for each in trace.stages]
        more = _last(watched, outcome.found.boxes_model, outcome.found.class_indices)
        plain = [each for each in changed if not isinstance(each, Masks | KeypointMaps)]
        return cls((*plain, *more), outcome)

    def detected(self, device: torch.device) -> Detected:
        """As a network gives it."""
        found, seen = self.outcome.found, Trace(_NOBODY, self.stages).input
        columns = (found.boxes_image, found.scores, found.class_indices)
        detected = Detected(*(torch.from_numpy(np.array(each)).to(device) for each in columns))
        for stage in self.stages:
            if isinstance(stage, Masks):
                detected = replace(detected, masks=torch.from_numpy(np.array(stage.logits)).to(device).sigmoid())
            if isinstance(stage, KeypointMaps):
                ratios = np.array([1 / scale for scale in seen.scale_xy] + [1.0], dtype=np.float32)
                detected = replace(detected, keypoints=torch.from_numpy(stage.points * ratios).to(device))
        return detected


@dataclass(frozen=True, slots=True, eq=False)
class _WatchedSettled(Watched):
    """A pass of one stage."""

    answer: _Answer
    detected: Detected

    def stages(self) -> tuple[Stage, ...]:
        """With the settings' rules, and what they leave."""
        return self.answer.stages


@dataclass(frozen=True, slots=True, eq=False)
class _AskableSettled(Askable):
    """A pass of two stages."""

    watched: Askable
    answer: _Answer
    settings: Settings
    detected: Detected

    def stages(self) -> tuple[Stage, ...]:
        """With the settings' rules, and what they leave."""
        return self.answer.stages

    def asked_more(self) -> tuple[Stage, ...]:
        """The same with all candidates."""
        return _Answer.of(self.watched, self.watched.asked_more(), self.settings).stages

    def asked_about(self, boxes: Floats, parent: Ints) -> tuple[Stage, ...]:
        """As without settings."""
        return self.watched.asked_about(boxes, parent)

    def masks_of(self, boxes: Floats, class_indices: Ints) -> Masks | None:
        """As without settings."""
        return self.watched.masks_of(boxes, class_indices)

    def keypoints_of(self, boxes: Floats, class_indices: Ints) -> KeypointMaps | None:
        """As without settings."""
        return self.watched.keypoints_of(boxes, class_indices)


def _with_proposals(trace: Trace, watched: Askable, outcome: Outcome) -> Trace:
    """The trace with the heads asked about the proposals of an outcome, in their order."""
    proposals: Selected = outcome.selections["proposals"]
    kept = proposals.kept
    answers = {each.name: each for each in watched.asked_about(proposals.boxes[kept], proposals.rows[kept])}
    regions = answers["regions"]
    assert isinstance(regions, Scores)
    answers["regions"] = replace(regions, is_asked=None)
    return replace(trace, stages=tuple(answers.get(each.name, each) for each in trace.stages))


def _kept(stage: Selection, outcome: Outcome) -> Selection:
    """A selection as the outcome's rules make it."""
    found = outcome.selections[stage.name]
    kept = found.kept
    return replace(
        stage, rules=found.rules, kept_rows=found.rows[kept], kept_classes=found.classes[kept],
        kept_boxes=found.boxes[kept], kept_scores=found.scores[kept],
    )  # fmt: skip


def _last(watched: Watched, boxes: Floats, class_indices: Ints) -> list[Stage]:
    """What the heads for masks and keypoints say of these detections."""
    if not isinstance(watched, Askable):
        return []
    found = (watched.masks_of(boxes, class_indices), watched.keypoints_of(boxes, class_indices))
    return [each for each in found if each is not None]
