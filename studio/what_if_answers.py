"""What comes of other settings on a trace, as it is worked out on the spot or by the reader: functions of values."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.inspecting.judging import Judged, Truths, judged, truths_of
from engine.inspecting.picture_autopsy import PictureAutopsy
from engine.project.records import Annotation
from engine.project.store import Project
from engine.tiling import viewing
from engine.tracing.stages import Scores
from engine.tracing.trace import Trace
from engine.tracing.verdicts import Asked, Verdict
from engine.tracing.whatif import Outcome, Settings, Trial

IOU = 0.5
"""From which overlap on an annotation counts as found."""


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What comes of settings, and how much of a processor's time it took to say so."""

    trial: Trial
    outcome: Outcome
    judged: Judged | None
    seconds: float


def answered(trial: Trial, settings: Settings, truths: Truths | None, regions: Scores | None) -> Answer:
    """What comes of settings; `regions` is what the heads said where anchors are scaled."""
    begun = time.thread_time()
    outcome = trial.outcome(settings, regions)
    beside = None if truths is None else judged(trial.trace.origin, outcome.found, truths, IOU)
    return Answer(trial, outcome, beside, time.thread_time() - begun)


def truths_seen(project: Project, trace: Trace) -> Truths:
    """The annotations of the traced image, in the pixels that the network was given."""
    image_id, (height, width) = trace.origin.image_id, trace.input.size
    assert image_id is not None
    found = truths_of(project, image_id)
    if found.width == width:
        return found
    shrunk = tuple(viewing.scaled(each, width / found.width) for each in found.annotations)
    return replace(found, annotations=shrunk, width=width, height=height)


def missed(trace: Trace, outcome: Outcome, truths: Truths) -> frozenset[int]:
    """The annotations that an outcome misses, as an evaluation counts."""
    return frozenset(PictureAutopsy.of(trace, outcome, truths.annotations, Asked(IOU)).missed)


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """What an autopsy looks at; `regions` is what the outcome was made of, where anchors are scaled."""

    trace: Trace
    outcome: Outcome
    truths: Sequence[Annotation]
    regions: Scores | None


def verdict_on(case: Case, asked_id: int) -> Verdict | None:
    """What became of an annotation; None where there is no such."""
    autopsy = PictureAutopsy.of(case.trace, case.outcome, case.truths, Asked(IOU), case.regions)
    return autopsy.told(asked_id) if asked_id in autopsy.wanted else None
