"""The training loop: a generator of events that knows no files, no project and no window.

Whoever runs it pulls events; between two of them nothing happens. It ends by itself when its budget is spent. It is
asked to stop by throwing `Stop` into it (`stopping` does): it then hands out a last checkpoint and ends. It is asked
for a last checkpoint by sending `Wish.CHECKPOINT` in answer to a StepDone or a Validating, and goes on after it.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from enum import Enum, auto
from typing import Literal, TypeAlias, cast

import msgspec
import torch
from torch import Tensor

from engine import checkpoints, hardware
from engine.feeding.batches import Batch
from engine.feeding.data import Data
from engine.feeding.varying import Phase
from engine.training.budget import BETTER_BY, Budget, Clock, Means, Pace, Stopwatch, eta, is_settled
from engine.training.events import (
    BatchHalved,
    CheckpointReady,
    Ended,
    EpochDone,
    Event,
    Started,
    StepDone,
    Validating,
    ValidationDone,
)
from engine.training.following import begin
from engine.training.ranks import ALONE, Ranks
from engine.training.recipe import Recipe
from engine.training.starting import Setup, prepare
from engine.training.validating import Tried, validate

SECONDS_BETWEEN_STEPS_TOLD = 0.1
SECONDS_BETWEEN_CHECKPOINTS = 120.0
_VALIDATION_SHARE = 0.1
"""Validations take about this share of the time, however slow they are."""


class Stop(Exception):  # noqa: N818  # it is no error
    """Thrown into a training to end it in good order."""


class Wish(Enum):
    """What whoever runs a training may answer to a StepDone or a Validating."""

    CHECKPOINT = auto()
    """Hand out a last checkpoint next."""


Training: TypeAlias = Generator[Event, Wish | None, None]


def stopping(training: Training) -> Iterator[Event]:
    """Ask a running training to stop; yields what it still has to say, its last checkpoint among it."""
    try:
        yield training.throw(Stop())
    except (StopIteration, Stop):
        return
    yield from training


def train(
    recipe: Recipe, data: Data, *, resume: bytes | None = None, clock: Clock = time.monotonic, ranks: Ranks = ALONE
) -> Training:
    """Train by a recipe, from its beginning or on from a 'last' checkpoint; as the first of `ranks`, lead the others.

    Raises UserError where the recipe cannot be followed, and when a loss is not a number.
    """
    setup = yield from prepare(recipe, data, resume, ranks)
    watch = Stopwatch(clock, setup.card.position.seconds)
    try:
        begin(data, setup, ranks)
        yield from _Training(recipe, data, setup, watch).run()
        ranks.dismiss()
    except GeneratorExit:  # between two steps; after an error in one, the others fail themselves or wait for no word
        ranks.dismiss()
        raise
    finally:
        setup.close()


class _Training:
    """One training under way."""

    def __init__(self, recipe: Recipe, data: Data, setup: Setup, watch: Stopwatch) -> None:
        self.recipe = recipe
        self.data = data
        self.setup = setup
        self.learner = setup.learner
        self.watch = watch
        self.budget = Budget(recipe, len(setup.batches))
        self.at = setup.card.position
        self.pace = Pace()
        self.saved_at = self.told_at = watch.seconds

    def run(self) -> Training:
        """Everything from the first event to the last."""
        reason: Literal["done", "stopped", "settled"] = "done"
        try:
            yield self._started()
            yield from self._learning()
            if self.is_settled:
                reason = "settled"
            elif self.at.validated_step != self.at.step:
                yield from self._validation()
        except Stop:
            reason = "stopped"
        yield self._last()
        yield self._ended(reason)

    def _learning(self) -> Training:
        if self.at.is_validating:
            yield from self._validation()
        while self.progress < 1 and not self.is_settled:
            yield from self._epoch()

    @property
    def is_settled(self) -> bool:
        """Whether it has long been getting no better."""
        return is_settled(self.recipe, self.at.n_no_better, self.progress)

    @property
    def progress(self) -> float:
        return self.budget.progress(self.at.step, self.watch.seconds, self.reserve)

    @property
    def reserve(self) -> float:
        """Seconds that a validation takes, or is guessed to take before the first one: as training on its pictures."""
        if self.at.validation_seconds is not None:
            return self.at.validation_seconds
        return self.pace.seconds_per_picture * len(self.data.val)

    def _epoch(self) -> Training:
        whole, lately = Means(), Means()
        for batch in self.setup.batches.epoch(self.at.epoch, self.at.batch, self._phase):
            yield from self._step(batch, whole, lately)
            if self.watch.seconds - self.told_at >= SECONDS_BETWEEN_STEPS_TOLD:
                yield from self._say(self._told(lately))
                lately = Means()
            if self.progress >= 1:
                break
            if self.watch.seconds - self.saved_at >= SECONDS_BETWEEN_CHECKPOINTS:
                yield self._last()
        if lately.n_steps:
            yield from self._say(self._told(lately))
        yield from self._epoch_end(whole)

    def _phase(self, number: int) -> Phase:
        """How far the training is when it comes to the batch of this number in the epoch."""
        step = self.at.step + number - self.at.batch
        return self.budget.phase(self.budget.progress(step, self.watch.seconds, self.reserve))

    def _say(self, event: Event) -> Training:
        """Yield an event whose hearer may wish for something."""
        wish = yield event
        if wish is Wish.CHECKPOINT:
            yield self._last()

    def _epoch_end(self, whole: Means) -> Training:
        if self.at.batch < len(self.setup.batches):
            return
        yield EpochDone(self.at.step, self.at.epoch, whole.losses)
        self.at = replace(self.at, epoch=self.at.epoch + 1, batch=0)
        if self.progress < 1 and self._is_validation_due():
            yield from self._validation()

    def _is_validation_due(self) -> bool:
        since_last = self.watch.seconds - self.at.validated_at
        return len(self.data.val) > 0 and since_last * _VALIDATION_SHARE >= self.reserve

    def _step(self, batch: Batch, whole: Means, lately: Means) -> Training:
        start = self.watch.seconds
        losses = self.learner.step(batch, self.at.step, self.budget.rate(self.at.step, self.progress))
        seconds = self.watch.seconds
        self.at = replace(self.at, step=self.at.step + 1, batch=self.at.batch + 1, seconds=seconds)
        for means in (whole, lately):
            means.add(losses, batch.n_whole, seconds - start)
        self.pace.add(batch.n_whole, seconds - start)
        n_at_once = self.learner.n_at_once
        if n_at_once is not None and n_at_once != self.at.n_at_once:
            self.at = replace(self.at, n_at_once=n_at_once)
            yield BatchHalved(self.at.step, n_at_once, self.learner.lack)

    def _validation(self) -> Training:
        """Try the average; the best so far becomes a checkpoint. Without validation pictures the newest is best."""
        self.at = replace(self.at, is_validating=True)
        start = self.watch.seconds
        tried = yield from self._validated()
        is_best = _score(tried.metrics) >= _score(self.at.best)
        self._note_validation(tried.metrics, self.watch.seconds - start)
        if tried.metrics:
            seconds = self.at.validation_seconds or 0.0
            yield ValidationDone(self.at.step, self.at.epoch, tried.metrics, seconds, is_best, tried.glimpses)
        if is_best:
            self.at = replace(self.at, best=tried.metrics)
            yield self._checkpoint("best", self.learner.average.network.state_dict(), tried.metrics)

    def _note_validation(self, metrics: Mapping[str, float | None], seconds: float) -> None:
        score = _score(metrics)
        is_better = score >= self.at.to_beat + BETTER_BY
        self.at = replace(
            self.at, validated_step=self.at.step, validated_at=self.watch.seconds, validation_seconds=seconds,
            is_validating=False, to_beat=score if is_better else self.at.to_beat,
            n_no_better=0 if is_better or not metrics else self.at.n_no_better + 1,
        )  # fmt: skip

    def _validated(self) -> Generator[Event, Wish | None, Tried]:
        if not len(self.data.val):
            return Tried({})
        learner = self.learner
        trying = validate(learner.average.network, self.data, learner.device, learner.precision)
        while True:
            try:
                n_done = next(trying)
            except StopIteration as end:
                return cast(Tried, end.value)
            yield from self._say(Validating(n_done, len(self.data.val)))

    def _last(self) -> CheckpointReady:
        self.saved_at = self.watch.seconds
        return self._checkpoint("last", self.learner.state(), {})

    def _checkpoint(
        self, kind: Literal["best", "last"], tensors: Mapping[str, Tensor], metrics: Mapping[str, float | None]
    ) -> CheckpointReady:
        card = replace(self.setup.card, position=self.at, metrics=metrics)
        held = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
        return CheckpointReady(kind, self.at.step, checkpoints.encode(held, card), card.to_json(), metrics)

    def _told(self, lately: Means) -> StepDone:
        progress = self.progress
        self.told_at = self.watch.seconds
        return StepDone(
            self.at.step, self.at.epoch, lately.losses, self.learner.rate, lately.pictures_per_second,
            progress, eta(self.at.seconds, progress),
            hardware.gpu_bytes(self.learner.device), hardware.process_bytes(),
        )  # fmt: skip

    def _ended(self, reason: Literal["done", "stopped", "settled"]) -> Ended:
        words = f"no better for {self.at.n_no_better} validations" if reason == "settled" else ""
        return Ended(reason, self.at.step, self.at.epoch, self.watch.seconds, self.at.best, words)

    def _started(self) -> Started:
        card, learner = self.setup.card, self.learner
        return Started(
            n_train=len(self.data.train), n_val=len(self.data.val), class_names=tuple(card.class_names.values()),
            weights=card.weights, device=str(learner.device), precision=learner.precision,
            n_threads=torch.get_num_threads(), n_parameters=sum(each.numel() for each in learner.network.parameters()),
            options=msgspec.json.encode(card.options).decode(), reasons=self.setup.reasons,
            resumed_at_step=self.at.step,
        )  # fmt: skip


def _score(metrics: Mapping[str, float | None]) -> float:
    """What makes one checkpoint better than another: AP of masks, or of boxes where there are none."""
    value = metrics.get("segm/AP", metrics.get("bbox/AP"))
    return -1.0 if value is None else value
