"""ensure_embedder: have an embedder in a project, by its name and where its weights are, ready to embed with.

Weights come from a run that was trained here, from those that somebody publishes, or from a file. What comes from
outside is kept in the project as an imported checkpoint of a run, as it is with detectors: so the file holds all that
is needed to embed again, and nothing in it is ever executed.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
from engine.faces.recipe import FaceRecipe
from engine.faces.recognising import kind_of
from engine.nn import weights
from engine.progress import Progress, Work, finish
from engine.project import contents, embeddings, runs
from engine.project.records import Checkpoint, EmbedderRecord
from engine.project.runs import NewCheckpoint
from engine.project.store import Project


@dataclass(frozen=True, slots=True, eq=False)
class _Brought:
    """A network from outside, and its weights as they are kept."""

    network: EmbeddingNetwork
    weights: bytes
    card: str
    source: str


def ensure_embedder(project: Project, name: str, weights: str = "auto", card: str = "") -> int:
    """Have an embedder in the project; returns its id. Raises UserError as `ensuring` does."""
    return finish(ensuring(project, EmbedderChoice(name, weights, card)))


def ensuring(project: Project, choice: EmbedderChoice) -> Work[int]:
    """Have an embedder in the project, its weights fetched where they have to be; returns its id.

    The same weights are the same embedder, however they came in. Raises UserError where they are not to be had.
    """
    if choice.run_id is not None:
        return _of_run(project, choice.run_id)
    drop_in = EMBEDDERS.get(choice.name)
    yield Progress(0, None, "Loading the embedder")
    if choice.weights == "auto" and not isinstance(drop_in, Carried):
        if drop_in.is_trainable:
            return _trained(project, choice.name)
        if drop_in.official(drop_in.options()) is None:
            return _kept(project, choice.name, rebuilt(choice.name, None, ""), None)
    brought = yield from _brought(drop_in, choice)
    return _taken_in(project, choice.name, brought)


def latest(project: Project, name: str) -> EmbedderRecord | None:
    """The newest of a project's embedders of a name."""
    return next((each for each in reversed(embeddings.embedders(project)) if each.name == name), None)


def _trained(project: Project, name: str) -> int:
    """The newest run of a network that is trained here."""
    for run in runs.all_runs(project):
        if run.kind == "embedder" and run.network == name and _has_weights(project, run.id):
            return _of_run(project, run.id)
    raise UserError(f"No {name!r} was trained in {project.path} yet.", "Train one, or give a file of weights.")


def _has_weights(project: Project, run_id: int) -> bool:
    return runs.has_checkpoint(project, run_id, "best") or runs.has_checkpoint(project, run_id, "imported")


def _of_run(project: Project, run_id: int) -> int:
    run = runs.get(project, run_id)
    if run.kind != "embedder" or not _has_weights(project, run_id):
        raise UserError(f"Run {run_id} of {project.path} has no embedder's weights.")
    checkpoint = runs.checkpoint(project, run_id)
    network = rebuilt(run.network, contents.get(project, checkpoint.content_id), checkpoint.card)
    return _kept(project, run.network, network, checkpoint)


def _kept(project: Project, name: str, network: EmbeddingNetwork, checkpoint: Checkpoint | None) -> int:
    kind = network.kind(name)
    record = EmbedderRecord(
        id=0, name=name, checkpoint_id=None if checkpoint is None else checkpoint.id,
        preprocessing_sha256=kind.preprocessing_sha256, weights_sha256=kind.weights_sha256,
        metric=kind.metric, dim=kind.dim,
    )  # fmt: skip
    with project.atomic():
        return embeddings.put_embedder(project, record)


def _brought(drop_in: Embedder[Any], choice: EmbedderChoice) -> Generator[Any, Any, _Brought]:
    if isinstance(drop_in, Carried):
        content, text = drop_in.packed(drop_in.options(card=choice.card))
        return _Brought(drop_in.unpacked(content, text), content, text, Path(choice.card).name)
    path = Path(choice.weights)
    if choice.weights == "auto":
        path = yield from _fetched(drop_in)
    elif own := _own_file(path, choice.name):
        return own
    network = drop_in.build(drop_in.options()).eval()
    report = drop_in.adopt(network, weights.read(path))
    if report.n_matched < report.n_wanted:
        raise UserError(f"{path} is not whole: {report.n_matched} of {report.n_wanted} tensors.")
    card = EmbedderCard.of(choice.name, drop_in.options(), network)
    return _Brought(network, encode(network, card), card.to_json(), path.name)


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


def _own_file(path: Path, name: str) -> _Brought | None:
    """An embedder that was trained in some project, as it was written out; None where the file says nothing of it."""
    content = path.read_bytes() if path.is_file() else b""
    if not has_card(content):
        return None
    network, card = decode(content)
    if card.embedder != name:
        raise UserError(f"{path} holds weights of {card.embedder!r}, not of {name!r}.")
    return _Brought(network, content, card.to_json(), path.name)


def _taken_in(project: Project, name: str, brought: _Brought) -> int:
    """Keep what came from outside, unless the project has just these weights."""
    kind = brought.network.kind(name)
    known = next((each.id for each in embeddings.embedders(project) if kind_of(each) == kind), None)
    if known is not None:
        return known
    with project.atomic():
        run_id = runs.add(project, "embedder", name, FaceRecipe(embedder=name).to_json())
        runs.add_checkpoint(project, run_id, NewCheckpoint("imported", 0, brought.weights, brought.card))
        runs.set_state(project, run_id, "done", message=f"Weights of {brought.source}, not trained here.")
        return _kept(project, name, brought.network, runs.checkpoint(project, run_id, "imported"))
