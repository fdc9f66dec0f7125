"""The training loop: a generator of events that knows no files, no project and no window.

Whoever runs it pulls events; between two of them nothing happens. It ends by itself when its budget is spent. It is
asked to stop by throwing `Stop` into it (`stopping` does): it then hands out a last checkpoint and ends.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from typing import Literal, cast

import msgspec
import torch
from torch import Tensor

from engine.training import checkpoints
from engine.training.batches import Batch
from engine.training.budget import Budget, Clock, Means, Pace, Stopwatch, eta
from engine.training.data import Data
from engine.training.events import (
    CheckpointReady,
    Ended,
    EpochDone,
    Event,
    Started,
    StepDone,
    Validating,
    ValidationDone,
)
from engine.training.recipe import Recipe
from engine.training.starting import Setup, prepare
from engine.training.validating import Tried, validate

SECONDS_BETWEEN_STEPS_TOLD = 0.1
SECONDS_BETWEEN_CHECKPOINTS = 120.0
_VALIDATION_SHARE = 0.1
"""Validations take about this share of the time, however slow they are."""


class Stop(Exception):  # noqa: N818  # it is no error
    """Thrown into a training to end it in good order."""


def stopping(training: Generator[Event, None, None]) -> Iterator[Event]:
    """Ask a running training to stop; yields what it still has to say, its last checkpoint among it."""
    try:
        yield training.throw(Stop())
    except (StopIteration, Stop):
        return
    yield from training


def train(
    recipe: Recipe, data: Data, *, resume: bytes | None = None, clock: Clock = time.monotonic
) -> Generator[Event, None, None]:
    """Train by a recipe, from its beginning or on from a 'last' checkpoint.

    Raises UserError where the recipe cannot be followed, and when a loss is not a number.
    """
    setup = yield from prepare(recipe, data, resume)
    watch = Stopwatch(clock, setup.card.position.seconds)
    yield from _Training(recipe, data, setup, watch).run()


class _Training:
    """One training under way."""

    def __init__(self, recipe: Recipe, data: Data, setup: Setup, watch: Stopwatch) -> None:
        self.data = data
        self.setup = setup
        self.learner = setup.learner
        self.watch = watch
        self.budget = Budget(recipe, len(setup.batches))
        self.at = setup.card.position
        self.pace = Pace()
        self.validation_seconds: float | None = None
        self.validated_at = self.saved_at = self.told_at = watch.seconds
        self.validated_step = -1

    def run(self) -> Iterator[Event]:
        """Everything from the first event to the last."""
        reason: Literal["done", "stopped"] = "done"
        try:
            yield self._started()
            while self.progress < 1:
                yield from self._epoch()
            if self.validated_step != self.at.step:
                yield from self._validation()
        except Stop:
            reason = "stopped"
        yield self._last()
        yield Ended(reason, self.at.step, self.at.epoch, self.watch.seconds, self.at.best)

    @property
    def progress(self) -> float:
        return self.budget.progress(self.at.step, self.watch.seconds, self.reserve)

    @property
    def reserve(self) -> float:
        """Seconds that a validation takes, or is guessed to take before the first one: as training on its pictures."""
        if self.validation_seconds is not None:
            return self.validation_seconds
        return self.pace.seconds_per_picture * len(self.data.val)

    def _epoch(self) -> Iterator[Event]:
        whole, lately = Means(), Means()
        for batch in self.setup.batches.epoch(self.at.epoch, self.at.batch):
            self._step(batch, whole, lately)
            if self.watch.seconds - self.told_at >= SECONDS_BETWEEN_STEPS_TOLD:
                yield self._told(lately)
                lately = Means()
            if self.progress >= 1:
                break
            if self.watch.seconds - self.saved_at >= SECONDS_BETWEEN_CHECKPOINTS:
                yield self._last()
        if lately.n_steps:
            yield self._told(lately)
        yield from self._epoch_end(whole)

    def _epoch_end(self, whole: Means) -> Iterator[Event]:
        if self.at.batch < len(self.setup.batches):
            return
        yield EpochDone(self.at.step, self.at.epoch, whole.losses)
        self.at = replace(self.at, epoch=self.at.epoch + 1, batch=0)
        if self.progress < 1 and self._is_validation_due():
            yield from self._validation()

    def _is_validation_due(self) -> bool:
        since_last = self.watch.seconds - self.validated_at
        return len(self.data.val) > 0 and since_last * _VALIDATION_SHARE >= self.reserve

    def _step(self, batch: Batch, whole: Means, lately: Means) -> None:
        start = self.watch.seconds
        losses = self.learner.step(batch, self.at.step, self.budget.rate(self.at.step, self.progress))
        seconds = self.watch.seconds
        self.at = replace(self.at, step=self.at.step + 1, batch=self.at.batch + 1, seconds=seconds)
        for means in (whole, lately):
            means.add(losses, len(batch.names), seconds - start)
        self.pace.add(len(batch.names), seconds - start)

    def _validation(self) -> Iterator[Event]:
        """Try the average; the best so far becomes a checkpoint. Without validation pictures the newest is best."""
        start = self.watch.seconds
        tried = yield from self._validated()
        metrics = tried.metrics
        is_best = _score(metrics) >= _score(self.at.best)
        self.validation_seconds = self.watch.seconds - start
        self.validated_at, self.validated_step = self.watch.seconds, self.at.step
        if metrics:
            yield ValidationDone(self.at.step, self.at.epoch, metrics, self.validation_seconds, is_best, tried.glimpses)
        if is_best:
            self.at = replace(self.at, best=metrics)
            yield self._checkpoint("best", self.learner.average.network.state_dict(), metrics)

    def _validated(self) -> Generator[Validating, None, Tried]:
        if not len(self.data.val):
            return Tried({})
        learner = self.learner
        trying = validate(learner.average.network, self.data, learner.device, learner.precision)
        while True:
            try:
                n_done = next(trying)
            except StopIteration as end:
                return cast(Tried, end.value)
            yield Validating(n_done, len(self.data.val))

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
        )  # fmt: skip

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
