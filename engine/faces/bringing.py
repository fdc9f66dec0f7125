"""An embedder's network from wherever its weights are: a run trained here, what somebody publishes, a file.

Nothing is written to the project here, and nothing that is read is ever executed.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from engine.embedders import (
    EMBEDDERS,
    Carried,
    Embedder,
    EmbedderCard,
    EmbeddingNetwork,
    decode,
    encode,
    has_card,
    rebuilt,
)
from engine.errors import UserError
from engine.faces.choice import EmbedderChoice
from engine.nn import weights
from engine.progress import Progress
from engine.project import contents, runs
from engine.project.records import Checkpoint
from engine.project.store import Project


@dataclass(frozen=True, slots=True)
class FromOutside:
    """Weights that the project does not hold."""

    weights: bytes
    card: str
    source: str
    """The name of the file."""


@dataclass(frozen=True, slots=True, eq=False)
class Brought:
    """A network in eval mode, and where its weights are: in a checkpoint, outside, or nowhere as there are none."""

    name: str
    network: EmbeddingNetwork
    weights: Checkpoint | FromOutside | None


Bringing: TypeAlias = Generator[Any, Any, Brought]


def bringing(project: Project, choice: EmbedderChoice) -> Bringing:
    """Find the weights and load the network. Raises UserError where they are not to be had."""
    if choice.run_id is not None:
        return _of_run(project, choice.run_id)
    drop_in = EMBEDDERS.get(choice.name)
    yield Progress(0, None, "Loading the embedder")
    if isinstance(drop_in, Carried):
        content, text = drop_in.packed(drop_in.options(card=choice.card))
        return Brought(choice.name, drop_in.unpacked(content, text), FromOutside(content, text, Path(choice.card).name))
    if choice.weights == "auto":
        if drop_in.is_trainable:
            return _trained(project, choice.name)
        if drop_in.official(drop_in.options()) is None:
            return Brought(choice.name, rebuilt(choice.name, None, ""), None)
        path = yield from _fetched(drop_in)
        return _foreign(drop_in, choice.name, path)
    path = Path(choice.weights)
    return _own_file(path, choice.name) or _foreign(drop_in, choice.name, path)


def has_trained(project: Project, name: str) -> bool:
    """Whether a network that is trained here has weights."""
    return _newest_run(project, name) is not None


def _newest_run(project: Project, name: str) -> int | None:
    every = (run.id for run in runs.all_runs(project) if run.kind == "embedder" and run.network == name)
    return next((run_id for run_id in every if _has_weights(project, run_id)), None)


def _trained(project: Project, name: str) -> Brought:
    run_id = _newest_run(project, name)
    if run_id is None:
        raise UserError(f"No {name!r} was trained in {project.path} yet.", "Train one, or give a file of weights.")
    return _of_run(project, run_id)


def _has_weights(project: Project, run_id: int) -> bool:
    return runs.has_checkpoint(project, run_id, "best") or runs.has_checkpoint(project, run_id, "imported")


def _of_run(project: Project, run_id: int) -> Brought:
    run = runs.get(project, run_id)
    if run.kind != "embedder" or not _has_weights(project, run_id):
        raise UserError(f"Run {run_id} of {project.path} has no embedder's weights.")
    checkpoint = runs.checkpoint(project, run_id)
    network = rebuilt(run.network, contents.get(project, checkpoint.content_id), checkpoint.card)
    return Brought(run.network, network, checkpoint)


def _fetched(drop_in: Embedder[Any]) -> Generator[Any, Any, Path]:
    official = drop_in.official(drop_in.options())
    if official is None:
        raise UserError(f"Nobody publishes weights of {drop_in.title!r} that are known here.", "Give a file of them.")
    fetching = weights.fetch(official, weights.cache_folder())
    try:
        while True:
            done, total = next(fetching)
            yield Progress(done, total, f"Fetching {official.name}", is_counted=False)
    except StopIteration as end:
        path: Path = end.value
        return path
    finally:
        fetching.close()


def _foreign(drop_in: Embedder[Any], name: str, path: Path) -> Brought:
    """Tensors of the network that an embedder is made of."""
    network = drop_in.build(drop_in.options()).eval()
    report = drop_in.adopt(network, weights.read(path))
    if report.n_matched < report.n_wanted:
        raise UserError(f"{path} is not whole: {report.n_matched} of {report.n_wanted} tensors.")
    card = EmbedderCard.of(name, drop_in.options(), network)
    return Brought(name, network, FromOutside(encode(network, card), card.to_json(), path.name))


def _own_file(path: Path, name: str) -> Brought | None:
    """An embedder that was trained in some project, as it was written out; None where the file says nothing of it."""
    content = path.read_bytes() if path.is_file() else b""
    if not has_card(content):
        return None
    network, card = decode(content)
    if card.embedder != name:
        raise UserError(f"{path} holds weights of {card.embedder!r}, not of {name!r}.")
    return Brought(name, network, FromOutside(content, card.to_json(), path.name))
