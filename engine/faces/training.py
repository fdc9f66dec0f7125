"""The training of an embedder: a generator of events that knows no files, no project and no window.

Whoever runs it pulls events; between two of them nothing happens. In answer to a FacesStepDone it is sent `Wish.STOP`,
to hand out a last checkpoint and end, or `Wish.CHECKPOINT`, to hand one out and go on.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any, TypeAlias

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from engine.embedders import (
    EMBEDDERS,
    Embedder,
    EmbedderCard,
    EmbeddingNetwork,
    Preprocessing,
    decode,
    encode,
)
from engine.errors import UserError
from engine.faces.clicked import ClickedPairs, FacePair, split
from engine.faces.events import (
    Collapsed,
    FaceEvent,
    FacesCheckpoint,
    FacesEnded,
    FacesStarted,
    FacesStepDone,
    FacesTried,
)
from engine.faces.face_set import FaceSet, shown_crops
from engine.faces.learner import FaceLearner
from engine.faces.recipe import FaceRecipe
from engine.faces.resting import Rested
from engine.faces.trying import COLLAPSED_BELOW, order_of_clicked, tried

SECONDS_BETWEEN_STEPS_TOLD = 0.1
_N_TRIALS = 10
"""So often in the whole training the network is tried."""


class Wish(Enum):
    """What whoever runs a training may answer to a FacesStepDone."""

    CHECKPOINT = auto()
    STOP = auto()


FaceTraining: TypeAlias = Generator[FaceEvent, Wish | None, None]


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """Crops of faces, each (H, W, 3) RGB of any size, and the identity that each is of."""

    crops: Sequence[NDArray[np.uint8]]
    identity_ids: Sequence[int | None]
    """None is a face of nobody known, which counts only in pairs."""
    pairs: Sequence[FacePair] = ()
    """What a person said of pairs of them."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceParts:
    """Faces as they are divided: to learn from, and to be tried on."""

    learned: FaceSet
    tried: FaceSet
    learned_pairs: ClickedPairs
    tried_pairs: ClickedPairs
    tried_rows: tuple[int, ...]
    """Faces that are never learned from."""

    @classmethod
    def of(
        cls, faces: Faces, recipe: FaceRecipe, preprocessing: Preprocessing, known: Collection[int] = ()
    ) -> FaceParts:
        """Divided by the recipe; nobody is tried on who is `known` to have been learned from before."""
        shown = shown_crops(faces.crops, preprocessing)
        every = FaceSet.of_shown(shown, faces.identity_ids)
        learned, tried_on = every.split(recipe.validation_share, recipe.seed, known)
        nobody = [row for row, identity_id in enumerate(faces.identity_ids) if identity_id is None]
        to_learn, to_try = split(faces.pairs, tried_on.rows, nobody, recipe.validation_share, recipe.seed)
        known_rows = {*learned.rows, *(row for pair in to_learn for row in (pair.first, pair.second))}
        tried_rows = tuple(row for row in range(len(faces.crops)) if row not in known_rows)
        return cls(learned, tried_on, ClickedPairs.of(shown, to_learn), ClickedPairs.of(shown, to_try), tried_rows)


def train(
    recipe: FaceRecipe,
    faces: Faces,
    *,
    start: bytes | None = None,
    resume: bytes | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> FaceTraining:
    """Train an embedder on faces: from nothing, from the weights of `start`, or on from a checkpoint's `state`.

    Raises UserError where the recipe cannot be followed, or a checkpoint is of another training.
    """
    embedder = EMBEDDERS.get(recipe.embedder)
    if not embedder.is_trainable:
        raise UserError(f"{embedder.title!r} learns nothing.", "Train a siamese network.")
    if recipe.threads is not None:
        torch.set_num_threads(recipe.threads)
    torch.manual_seed(recipe.seed)
    network, card = _first(recipe, embedder) if start is None else _begun(recipe, start)
    parts = FaceParts.of(faces, recipe, network.preprocessing, card.identity_ids)
    learner = FaceLearner(network, parts.learned, recipe, parts.learned_pairs)
    if start is not None and resume is None:
        learner.begin_from_vectors()
    at = Rested.of(resume, recipe, learner) if resume is not None else Rested(0, 0.0)
    if at.n_threads and recipe.threads is None:
        torch.set_num_threads(at.n_threads)
    known = {*card.identity_ids, *parts.learned.identity_ids}
    card = replace(card, identity_ids=tuple(sorted(known)), recipe=recipe.to_json())
    yield from _Training(learner, parts, card, _Watch(clock, at.seconds)).run(at)


def _first(recipe: FaceRecipe, embedder: Embedder[Any]) -> tuple[EmbeddingNetwork, EmbedderCard]:
    """A network that knows nothing yet."""
    options = _options(recipe, embedder.options)
    network = embedder.build(options)
    return network, EmbedderCard.of(recipe.embedder, options, network)


def _begun(recipe: FaceRecipe, start: bytes) -> tuple[EmbeddingNetwork, EmbedderCard]:
    """A network that knows something."""
    network, card = decode(start)
    if card.embedder != recipe.embedder:
        raise UserError(f"These are weights of {card.embedder!r}, not of {recipe.embedder!r}.")
    return network, replace(card, metrics={}, head=None)


def _options(recipe: FaceRecipe, wanted: type[Any]) -> Any:
    try:
        return msgspec.convert(recipe.embedder_options, wanted)
    except msgspec.ValidationError as error:
        raise UserError(f"The options of the network cannot be followed: {error}.") from error


class _Watch:
    """Seconds of a training, those before a resume included."""

    def __init__(self, clock: Callable[[], float], before: float) -> None:
        self._clock, self._zero = clock, clock() - before

    @property
    def seconds(self) -> float:
        return self._clock() - self._zero


class _Told:
    """What was not told yet: sums of loss terms since the last FacesStepDone."""

    def __init__(self, seconds: float) -> None:
        self.since = seconds
        self._sums: dict[str, float] = {}
        self._counts: dict[str, int] = {}
        self._n_steps = 0

    def add(self, losses: dict[str, float]) -> None:
        self._n_steps += 1
        for name, value in losses.items():
            self._sums[name] = self._sums.get(name, 0.0) + value
            self._counts[name] = self._counts.get(name, 0) + 1

    @property
    def losses(self) -> dict[str, float]:
        return {name: value / self._counts[name] for name, value in self._sums.items()}

    def faces_per_second(self, n_faces: int, seconds: float) -> float:
        passed = seconds - self.since
        return self._n_steps * n_faces / passed if passed > 0 else 0.0


class _Training:
    """One training under way."""

    def __init__(self, learner: FaceLearner, parts: FaceParts, card: EmbedderCard, watch: _Watch) -> None:
        self._learner, self._parts, self._card, self._watch = learner, parts, card, watch
        self._recipe = learner.recipe
        self._n_at_once = learner.n_at_once
        self._has_others = bool(len(parts.tried))
        self._tried_on = parts.tried if len(parts.tried) else learner.faces
        self._steps = math.ceil(len(learner.faces) / self._n_at_once)
        self._metrics: dict[str, float | None] = {}
        self._best: Mapping[str, float | None] = {}
        self._is_best = True
        self._highest = -1.0
        self._is_collapse_told = False

    def run(self, at: Rested) -> FaceTraining:
        """All steps from here on."""
        step, self._best, self._highest = at.step, at.best, at.highest
        yield self._started(step)
        told, n_trials = _Told(self._watch.seconds), self._trial(step)
        reason: Any = "done"
        while (progress := self._progress(step)) < 1:
            losses = self._learner.step(step, progress)
            step += 1
            told.add(losses)
            if self._watch.seconds - told.since >= SECONDS_BETWEEN_STEPS_TOLD:
                wish = yield self._step_done(step, told)
                told = _Told(self._watch.seconds)
                if wish is Wish.STOP:
                    reason = "stopped"
                    break
                if wish is Wish.CHECKPOINT:
                    self._is_best = not self._best
                    yield self._checkpoint(step)
            if losses["apart"] < COLLAPSED_BELOW and not self._is_collapse_told:
                yield self._collapsed(step, losses["apart"])
            if self._trial(step) > n_trials and self._progress(step) < 1:
                n_trials = self._trial(step)
                yield self._tried(step)
                yield self._checkpoint(step)
        yield self._tried(step)
        yield self._checkpoint(step)
        yield FacesEnded(reason, step, self._watch.seconds, self._best)

    def _started(self, step: int) -> FacesStarted:
        n_parameters = sum(each.numel() for each in self._learner.network.parameters())
        n_others = self._tried_on.n_people if self._has_others else 0
        learned = self._learner.faces
        return FacesStarted(
            len(learned), learned.n_people, n_others, n_parameters, torch.get_num_threads(), step,
            len(self._parts.learned_pairs), len(self._parts.tried_pairs), self._parts.tried_rows,
        )  # fmt: skip

    def _progress(self, step: int) -> float:
        """The spent share of the training."""
        if self._recipe.epochs is not None:
            return min(step / (self._recipe.epochs * self._steps), 1.0)
        return min(self._watch.seconds / (60 * self._recipe.budget_minutes), 1.0)

    def _trial(self, step: int) -> int:
        """How many trials are due by now."""
        return int(self._progress(step) * _N_TRIALS)

    def _step_done(self, step: int, told: _Told) -> FacesStepDone:
        seconds, share = self._watch.seconds, self._progress(step)
        left = seconds * (1 - share) / share if share > 0 else math.inf
        return FacesStepDone(step, told.losses, told.faces_per_second(self._n_at_once, seconds), share, left)

    def _collapsed(self, step: int, apart: float) -> Collapsed:
        self._is_collapse_told = True
        words = "All faces have become nearly one to the network: it has collapsed. Train with a lower learning rate."
        return Collapsed(step, apart, words)

    def _tried(self, step: int) -> FacesTried:
        head = self._learner.teaching.kept_head()
        self._learner.even_out()
        found = tried(self._learner.average, self._tried_on, head=head)
        kind = "val" if self._has_others else "train"
        self._metrics = {f"{kind}/rank1": found.rank1, f"{kind}/order": found.order, f"{kind}/apart": found.apart}
        if head is not None:
            self._metrics[f"{kind}/order_of_head"] = found.order_of_head
        if len(self._parts.tried_pairs):
            self._metrics["val/order_of_clicked"] = order_of_clicked(self._learner.average, self._parts.tried_pairs)
        self._is_best = _order(self._metrics) >= self._highest - _AS_GOOD
        self._highest = max(self._highest, _order(self._metrics))
        if self._is_best:
            self._best = self._metrics
        return FacesTried(step, self._metrics, found.hardest)

    def _checkpoint(self, step: int) -> FacesCheckpoint:
        card = replace(self._card, metrics=self._metrics, head=self._learner.teaching.kept_head())
        self._learner.even_out()
        weights = encode(self._learner.average, card)
        rested = Rested(step, self._watch.seconds, self._best, self._highest, torch.get_num_threads())
        state = rested.with_state(self._recipe, self._learner)
        return FacesCheckpoint(step, weights, card.to_json(), state, self._metrics, self._is_best)


_AS_GOOD = 0.005
"""A later network is preferred where it orders pairs nearly as well: its steps have become finer since."""


def _order(metrics: Mapping[str, float | None]) -> float:
    """How well a network orders pairs of people it never learned from; below all others where that is not known."""
    found = metrics.get("val/order")
    return -1.0 if found is None else found
