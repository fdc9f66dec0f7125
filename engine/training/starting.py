"""How a training begins: detector, options and device chosen, network built, weights taken over or resumed."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import torch
from torch import Tensor

from engine.detectors import DETECTORS, Detector, Network, ReadyMade, Suggestion, options_help
from engine.errors import UserError
from engine.nn import weights
from engine.nn.weights import WeightsReport
from engine.training import checkpoints, hardware
from engine.training.batches import Batches
from engine.training.checkpoints import Card, Position
from engine.training.data import Data
from engine.training.events import Downloading
from engine.training.learner import Learner
from engine.training.recipe import Recipe


@dataclass(frozen=True, slots=True, eq=False)
class Setup:
    """A training that is ready to take its first step."""

    learner: Learner
    batches: Batches
    card: Card
    """As of now; checkpoints carry it with other positions and metrics."""
    reasons: tuple[str, ...]


def prepare(recipe: Recipe, data: Data, resume: bytes | None = None) -> Generator[Downloading, None, Setup]:
    """Set a training up, from its beginning or from where a 'last' checkpoint stands; yields downloads.

    Raises UserError when there is nothing to train on, or weights, options or device are not to be had.
    """
    if not len(data.train) or not data.class_names:
        raise UserError("There is nothing to train on.", "Annotate some images and put them in the train split.")
    device = hardware.device(recipe.device)
    if resume is not None:
        return _resumed(recipe, data, device, resume)
    detector = DETECTORS.get(recipe.detector)
    suggestion = suggested(detector, recipe, data, device)
    recipe = replace(recipe, batch=recipe.batch or suggestion.batch)
    torch.manual_seed(recipe.seed)
    network = detector.build(suggestion.options, len(data.class_names))
    start = _Start(detector, network, tuple(data.class_names.values()))
    report, adopted = yield from _pretrained(start, suggestion.options, recipe)
    learner = Learner(network, recipe, device, frozenset(adopted))
    batches = _batches(recipe, data, learner)
    threads = _threads(recipe, device)
    card = Card(
        detector=recipe.detector, options=msgspec.to_builtins(suggestion.options),
        class_names={str(class_id): name for class_id, name in data.class_names.items()},
        normalisation=network.normalisation, metrics={}, seed=recipe.seed, threads=threads,
        precision=learner.precision, weights=report, adopted=adopted, position=Position(),
        batch=recipe.batch,
    )  # fmt: skip
    return Setup(learner, batches, card, (*suggestion.reasons, *_warnings(data)))


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


def _asked(detector: Detector[Any], recipe: Recipe) -> dict[str, Any]:
    """The options without which a file of weights does not fit."""
    if recipe.weights in ("auto", "none") or not isinstance(detector, ReadyMade):
        return {}
    return detector.asked_options(weights.read(Path(recipe.weights)))


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


def classes_chosen(
    detector: Detector[Any], tensors: Mapping[str, Tensor], class_names: Sequence[str]
) -> Mapping[str, Tensor]:
    """The tensors for classes of these names, where it is known which classes they are for; else as they are."""
    known = detector.known_classes(tensors) if isinstance(detector, ReadyMade) else ()
    if not known or not isinstance(detector, ReadyMade):
        return tensors
    places = {plain_name(name): at for at, name in enumerate(known)}
    return detector.of_classes(tensors, [places.get(plain_name(name), -1) for name in class_names])


def plain_name(class_name: str) -> str:
    """What two names of the same class have in common, as 'Traffic_Light' and 'traffic light'."""
    return " ".join(class_name.casefold().replace("_", " ").replace("-", " ").split())


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


def _batches(recipe: Recipe, data: Data, learner: Learner) -> Batches:
    size = recipe.batch_on(learner.device.type)
    return Batches(data.train, learner.network, recipe.augmentation, size, recipe.seed)


def _threads(recipe: Recipe, device: torch.device) -> int:
    """The number of CPU threads, set: what the recipe says, or what is fastest; on a GPU the CPU hardly matters."""
    if recipe.threads is None and device.type == "cpu":
        return hardware.fastest_threads()
    torch.set_num_threads(recipe.threads or torch.get_num_threads())
    return torch.get_num_threads()


def _resumed(recipe: Recipe, data: Data, device: torch.device, resume: bytes) -> Setup:
    state, card = checkpoints.decode(resume)
    if card.class_ids != tuple(data.class_names):
        raise UserError("The project's classes changed since this run.", "Start a new run instead of resuming it.")
    network = checkpoints.rebuild(card)
    recipe = replace(recipe, batch=recipe.batch or card.batch)
    if card.weights.source != "none":
        network.hold()
    learner = Learner(network, recipe, device, frozenset(card.adopted))
    learner.restore(state)
    torch.set_num_threads(recipe.threads or card.threads)
    return Setup(learner, _batches(recipe, data, learner), card, ())
