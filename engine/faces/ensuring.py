"""ensure_embedder: have an embedder in a project, by its name and where its weights are, ready to embed with.

What comes from outside is kept in the project as an imported checkpoint of a run, as it is with detectors: so the file
holds all that is needed to embed again.
"""

from __future__ import annotations

from dataclasses import replace

from engine.faces.bringing import Brought, FromOutside, bringing, has_trained
from engine.faces.choice import EmbedderChoice
from engine.faces.recipe import FaceRecipe
from engine.faces.recognising import Recogniser, embed, kind_of
from engine.progress import Work
from engine.project import embeddings, gallery, runs
from engine.project.gallery_edits import KeepGallerySettings
from engine.project.history import History
from engine.project.records import Checkpoint, EmbedderRecord
from engine.project.runs import NewCheckpoint
from engine.project.store import Project


def ensuring(project: Project, choice: EmbedderChoice) -> Work[int]:
    """Have an embedder in the project, its weights fetched where they have to be; returns its id.

    The same weights are the same embedder, however they came in. Raises UserError where they are not to be had.
    """
    brought = yield from bringing(project, choice)
    with project.atomic():
        return _kept(project, brought)


def borrowing(project: Project, choice: EmbedderChoice | None) -> Work[Recogniser]:
    """An embedder at work without anything written; `choice` None: the gallery's, or else the best there is.

    The record's id is 0 where the project does not know the embedder.
    """
    embedder_id = gallery.settings(project).embedder_id
    if choice is None and embedder_id is not None:
        return Recogniser.load(project, embedder_id)
    brought = yield from bringing(project, choice or best_choice(project))
    record = _record(brought, None if isinstance(brought.weights, FromOutside) else brought.weights)
    known = next((each for each in embeddings.embedders(project) if kind_of(each) == kind_of(record)), record)
    return Recogniser(known, brought.network.requires_grad_(False))


def best_choice(project: Project) -> EmbedderChoice:
    """What recognises best where the gallery does not say: what was trained here last, or else pixels."""
    return EmbedderChoice("siamese" if has_trained(project, "siamese") else "pixels")


def using(project: Project, choice: EmbedderChoice, author_id: int | None = None) -> Work[int]:
    """Have an embedder in the project, embed all faces with it, and let the gallery decide by it; returns its id.

    The gallery changes to it only once every face has its vector.
    """
    embedder_id = yield from ensuring(project, choice)
    yield from embed(project, embedder_id)
    use_embedder(project, embedder_id, author_id)
    return embedder_id


def use_embedder(project: Project, embedder_id: int, author_id: int | None = None) -> None:
    """Let the gallery decide by an embedder from now on, as a step to undo.

    A distance by one embedder means nothing by another: a threshold that was set by hand goes.
    """
    kept = gallery.settings(project)
    if kept.embedder_id != embedder_id:
        settings = replace(kept, embedder_id=embedder_id, threshold=None)
        History(project, author_id).do(KeepGallerySettings(settings))


def latest(project: Project, name: str) -> EmbedderRecord | None:
    """The newest of a project's embedders of a name."""
    return next((each for each in reversed(embeddings.embedders(project)) if each.name == name), None)


def _record(brought: Brought, checkpoint: Checkpoint | None) -> EmbedderRecord:
    kind = brought.network.kind(brought.name)
    return EmbedderRecord(
        id=0, name=brought.name, checkpoint_id=None if checkpoint is None else checkpoint.id,
        preprocessing_sha256=kind.preprocessing_sha256, weights_sha256=kind.weights_sha256,
        metric=kind.metric, dim=kind.dim,
    )  # fmt: skip


def _kept(project: Project, brought: Brought) -> int:
    """Note the embedder, with its weights where these are outside and not known yet."""
    found = brought.weights
    if isinstance(found, FromOutside):
        kind = brought.network.kind(brought.name)
        known = next((each.id for each in embeddings.embedders(project) if kind_of(each) == kind), None)
        if known is not None:
            return known
        found = _taken_in(project, brought.name, found)
    return embeddings.put_embedder(project, _record(brought, found))


def _taken_in(project: Project, name: str, outside: FromOutside) -> Checkpoint:
    run_id = runs.add(project, "embedder", name, FaceRecipe(embedder=name).to_json())
    runs.add_checkpoint(project, run_id, NewCheckpoint("imported", 0, outside.weights, outside.card))
    runs.set_state(project, run_id, "done", message=f"Weights of {outside.source}, not trained here.")
    return runs.checkpoint(project, run_id, "imported")
