"""How a training begins: detector, options and device chosen, network built, weights taken over or resumed."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import torch

from engine import checkpoints, hardware
from engine.checkpoints import Card, Position
from engine.detectors import DETECTORS, Detector, Network, ReadyMade, Suggestion, classes_chosen, options_help
from engine.errors import UserError
from engine.feeding.batches import Batches
from engine.feeding.data import Data
from engine.feeding.loading import Crew, Loaded, Making
from engine.nn import weights
from engine.nn.weights import WeightsReport
from engine.training import asked_batches
from engine.training.events import Downloading
from engine.training.fitting import Fit, fit_to_gpu
from engine.training.learner import Learner
from engine.training.ranks import ALONE, Ranks
from engine.training.recipe import Recipe
from engine.training.sharing import SharedLearner


@dataclass(frozen=True, slots=True, eq=False)
class Setup:
    """A training that is ready to take its first step."""

    learner: Learner
    batches: Batches | Loaded
    card: Card
    """As of now; checkpoints carry it with other positions and metrics."""
    reasons: tuple[str, ...]
    recipe: Recipe
    """With what was chosen."""

    def checkpoint(self) -> bytes:
        """As of now, for another process to go on from."""
        return checkpoints.encode(self.learner.state(), self.card)

    def close(self) -> None:
        """End the processes that read pictures, if there are any."""
        if isinstance(self.batches, Loaded):
            self.batches.close()


def prepare(
    recipe: Recipe, data: Data, resume: bytes | None = None, ranks: Ranks = ALONE
) -> Generator[Downloading, None, Setup]:
    """Set a training up, from its beginning or from where a 'last' checkpoint stands; yields downloads.

    Raises UserError when there is nothing to train on, or weights, options or device are not to be had.
    """
    refuse_nothing(data)
    if resume is not None:
        return resumed(recipe, data, resume, ranks)
    device = ranks.device(hardware.device(recipe.device))
    detector = DETECTORS.get(recipe.detector)
    suggestion = suggested(detector, recipe, data, device)
    torch.manual_seed(recipe.seed)
    network = detector.build(suggestion.options, len(data.class_names))
    start = _Start(detector, network, tuple(data.class_names.values()))
    report, adopted = yield from _pretrained(start, suggestion.options, recipe)
    fit = _fit(network, recipe, suggestion.batch, data, device)
    recipe = replace(recipe, batch=_batch_size(recipe, fit.batch, device, ranks))
    learner = _learner(network, recipe, frozenset(adopted), ranks)
    batches = _batches(recipe, data, learner, ranks, len(adopted))
    threads = _threads(recipe, device, ranks)
    card = Card(
        detector=recipe.detector, options=msgspec.to_builtins(suggestion.options),
        class_names={str(class_id): name for class_id, name in data.class_names.items()},
        normalisation=network.normalisation, metrics={}, seed=recipe.seed, threads=threads,
        precision=learner.precision, weights=report, adopted=adopted, position=Position(),
        batch=recipe.batch,
    )  # fmt: skip
    why = (*suggestion.reasons, *fit.reasons, *asked_batches.reasons(data, batches), *_warnings(data))
    return Setup(learner, _ahead(batches, data, card, recipe, ranks), card, why, recipe)


def refuse_nothing(data: Data) -> None:
    """Raise UserError where there is nothing to train on."""
    if not len(data.train) or not data.class_names:
        raise UserError("There is nothing to train on.", "Annotate some images and put them in the train split.")


def _warnings(data: Data) -> tuple[str, ...]:
    """What a person should know about the data."""
    if len(data.val):
        return ()
    return ("No image is in the val split: nothing is measured, and the weights of the end are kept.",)


def suggested(detector: Detector[Any], recipe: Recipe, data: Data, device: torch.device) -> Suggestion[Any]:
    """Options suggested by the data, except those that the recipe gives, or the weights it names."""
    known = options_help(detector.options)
    unknown = sorted(recipe.options.keys() - known.keys())
    if unknown:
        raise UserError(f"{detector.title} has no option {', '.join(unknown)}.", f"Known: {', '.join(known)}.")
    try:
        return detector.suggest(data.survey(), device, {**_asked(detector, recipe), **recipe.options})
    except msgspec.ValidationError as error:
        raise UserError(f"{detector.title} cannot be built so: {error}.") from error


_OF_THE_DATA = {"n_keypoints", "detections_per_image", "proposals_detect"}
"""Options that follow from classes and pictures, whatever weights were trained with."""


def _asked(detector: Detector[Any], recipe: Recipe) -> dict[str, Any]:
    """The options without which a file of weights does not fit."""
    if recipe.weights in ("auto", "none"):
        return {}
    own = checkpoints.card_in(Path(recipe.weights))
    if own is not None and own.detector == recipe.detector:
        known = options_help(detector.options).keys() - _OF_THE_DATA
        return {name: value for name, value in own.options.items() if name in known}
    return detector.asked_options(weights.read(Path(recipe.weights))) if isinstance(detector, ReadyMade) else {}


@dataclass(frozen=True, slots=True, eq=False)
class _Start:
    """A network that is to take over weights."""

    detector: Detector[Any]
    network: Network
    class_names: tuple[str, ...]

    def adopt(self, path: Path) -> tuple[WeightsReport, tuple[str, ...]]:
        """Take over what fits of the weights in a file: of known classes those rows that are for ours."""
        try:
            tensors = weights.read(path)
            return self.detector.adopt(self.network, classes_chosen(self.detector, tensors, self.class_names))
        except UserError as error:
            raise UserError(f"{path}: {error.message}", error.hint) from error


def _pretrained(
    start: _Start, options: Any, recipe: Recipe
) -> Generator[Downloading, None, tuple[WeightsReport, tuple[str, ...]]]:
    """Take over the weights the recipe names; the report, and the names of the tensors taken over."""
    official = start.detector.official(options) if recipe.weights == "auto" else None
    if recipe.weights == "none" or (recipe.weights == "auto" and official is None):
        return WeightsReport("none"), ()
    try:
        path = Path(recipe.weights) if official is None else (yield from _downloaded(official))
    except weights.UnreachableError as error:
        lack = f"{error.message} It needs many more pictures and much more time so; a file of weights helps."
        return WeightsReport("none", lack=lack), ()
    report, adopted = start.adopt(path)
    start.network.hold()
    source: weights.Source = "file" if official is None else "official"
    return replace(report, source=source, name=str(path) if official is None else official.name), adopted


def _downloaded(official: weights.Official) -> Generator[Downloading, None, Path]:
    fetching = weights.fetch(official, weights.cache_folder())
    while True:
        try:
            done, total = next(fetching)
        except StopIteration as end:
            return Path(end.value)
        yield Downloading(official.name, done, total)


def _fit(network: Network, recipe: Recipe, suggested_size: int | None, data: Data, device: torch.device) -> Fit:
    """Pictures in a step of one process: the recipe's, else the detector's; else on a GPU as many as suit it."""
    if recipe.batch or suggested_size or device.type != "cuda":
        return Fit(recipe.batch or suggested_size)
    return fit_to_gpu(network, data, device, hardware.precision(recipe.precision, device))


def _batch_size(recipe: Recipe, suggested_size: int | None, device: torch.device, ranks: Ranks) -> int | None:
    """Pictures in a step of all ranks together, as many for each of them as one process would take by itself."""
    size = recipe.batch or suggested_size
    if not ranks.are_several or recipe.batch:
        return size
    return ranks.count * (size or recipe.batch_on(device.type))


def _learner(network: Network, recipe: Recipe, adopted: frozenset[str], ranks: Ranks) -> Learner:
    device = ranks.device(hardware.device(recipe.device))
    if not ranks.are_several:
        return Learner(network, recipe, device, adopted)
    return SharedLearner(network, recipe, device, adopted, ranks)


def _batches(recipe: Recipe, data: Data, learner: Learner, ranks: Ranks, n_adopted: int) -> Batches:
    size = recipe.batch_on(learner.device.type)
    if size < ranks.count:
        raise UserError(
            f"A batch of {size} cannot be shared by {ranks.count} processes.", "Start fewer, or give a larger --batch."
        )
    plain = Batches(data.train, learner.network, recipe.augmentation, size, recipe.seed, ranks.rank, ranks.count)
    still = asked_batches.stillness(learner.network, recipe, learner.precision) if n_adopted else None
    return asked_batches.fed(plain, recipe, data, still)


def _ahead(batches: Batches, data: Data, card: Card, recipe: Recipe, ranks: Ranks) -> Batches | Loaded:
    """The batches as loaders make them, where there are to be any."""
    device = ranks.device(hardware.device(recipe.device))
    n_loaders = hardware.n_loaders(device, ranks.n_local) if recipe.loaders is None else recipe.loaders
    if n_loaders == 0:
        return batches
    making = Making.of(batches, data, card, Crew(n_loaders, n_loaders * ranks.n_local))
    return Loaded(batches, making, is_pinned=device.type == "cuda")


def _threads(recipe: Recipe, device: torch.device, ranks: Ranks) -> int:
    """The number of CPU threads, set: what the recipe says, or what is fastest; on a GPU the CPU hardly matters.

    Several processes would disturb each other's trying: torchrun gives each one thread, or as many as OMP_NUM_THREADS.
    """
    if recipe.threads is None and device.type == "cpu" and not ranks.are_several:
        return hardware.fastest_threads()
    torch.set_num_threads(recipe.threads or torch.get_num_threads())
    return torch.get_num_threads()


def resumed(recipe: Recipe, data: Data, resume: bytes, ranks: Ranks = ALONE) -> Setup:
    """A training where a 'last' checkpoint stands; raises UserError where classes or devices are other ones."""
    state, card = checkpoints.decode(resume)
    if card.class_ids != tuple(data.class_names):
        raise UserError("The project's classes changed since this run.", "Start a new run instead of resuming it.")
    network = checkpoints.rebuild(card)
    recipe = replace(recipe, batch=recipe.batch or card.batch)
    if card.weights.source != "none":
        network.hold()
    learner = _learner(network, recipe, frozenset(card.adopted), ranks)
    learner.restore(state)
    learner.n_at_once = card.position.n_at_once
    torch.set_num_threads(recipe.threads or (torch.get_num_threads() if ranks.are_several else card.threads))
    batches = _batches(recipe, data, learner, ranks, len(card.adopted))
    return Setup(learner, _ahead(batches, data, card, recipe, ranks), card, (), recipe)
