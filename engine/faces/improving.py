"""Clicks teach: the embedder in use is trained further on the gallery and on what people confirmed and rejected.

The result is a new embedder, a run of its own, with vectors of all faces. It is compared with the old one on people
whom neither learned from and on clicked pairs that were kept back; only a person switches, by KeepGallerySettings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.embedders import EMBEDDERS, EmbedderCard
from engine.errors import UserError
from engine.evaluation.verification import Figure, Trials, eer, measured, order
from engine.faces.choice import EmbedderChoice
from engine.faces.choosing import decided_faces
from engine.faces.ensuring import ensuring
from engine.faces.events import FacesRunBegan
from engine.faces.improved import Figures, Improved, ImproveRequest
from engine.faces.recipe import FaceRecipe
from engine.faces.recognising import embed
from engine.faces.recording import queue_faces, train_faces
from engine.gallery import distances
from engine.progress import Work
from engine.project import embeddings, gallery, run_faces, runs
from engine.project.gallery_edits import KeepGallerySettings
from engine.project.records import EmbedderRecord, TemplateState
from engine.project.store import Project

_MINUTES = 1.0
_GENTLE_RATE = 5e-4
"""A quarter of the usual learning rate: what is known is to be kept."""
_NAMED: tuple[TemplateState, ...] = ("confirmed",)


def improve(project: Project, request: ImproveRequest, embedder_id: int | None = None) -> Work[Improved]:
    """Train an embedder of the project (None: the one in use) further, and compare; yields the training's events.

    Raises UserError where there is none, or too little to learn from. Stopping keeps the run, which can be resumed as
    any other, and changes nothing about the gallery.
    """
    old = in_use(project, embedder_id)
    recipe = improving_recipe(project, old, request)
    run_id = queue_faces(project, recipe)
    yield FacesRunBegan(run_id)
    yield from train_faces(project, run_id)
    return (yield from compared(project, old.id, run_id))


def switched(project: Project, embedder_id: int) -> KeepGallerySettings:
    """The edit after which the gallery decides by an embedder.

    A threshold set by hand is given up: a distance by one embedder means nothing by another.
    """
    return KeepGallerySettings(replace(gallery.settings(project), embedder_id=embedder_id, threshold=None))


def improving_recipe(project: Project, old: EmbedderRecord, request: ImproveRequest) -> FaceRecipe:
    """How an embedder is trained further, or afresh where it cannot learn.

    Raises UserError where too few people are enrolled.
    """
    minutes, given = request.minutes, {"threads", "minutes"} if request.minutes is not None else {"threads"}
    recipe = FaceRecipe(epochs=request.epochs, seed=request.seed, threads=request.threads)
    if _can_learn(old):
        recipe = replace(
            recipe, embedder=old.name, start_checkpoint_id=old.checkpoint_id, classify_first=0.0,
            learning_rate=_GENTLE_RATE, embedder_options=_card(project, old).options,
        )  # fmt: skip
        minutes, given = minutes or _MINUTES, given | {"minutes"}
    limited = recipe if request.epochs is not None else replace(recipe, minutes=minutes)
    return decided_faces(project, limited, given)[0]


def compared(project: Project, old_id: int, run_id: int) -> Work[Improved]:
    """A run's network as an embedder with vectors of all faces, beside the old one.

    Raises UserError where the run has no network yet.
    """
    run = runs.get(project, run_id)
    new_id = yield from ensuring(project, EmbedderChoice(run.network, run_id=run_id))
    for embedder_id in (new_id, old_id):
        yield from embed(project, embedder_id)
    old = embeddings.embedder(project, old_id)
    trial = _Trial.of(project, run_id)
    is_afresh = FaceRecipe.from_json(run.recipe).start_checkpoint_id is None
    return Improved(
        run_id, old_id, new_id,
        trial.figures(project, old_id), trial.figures(project, new_id),
        len(set(trial.person_of.values())), len(trial.person_of),
        sum(is_same for _, _, is_same in trial.clicked), sum(not is_same for _, _, is_same in trial.clicked),
        trial.is_kept_back and not (_known_to(project, old) & set(trial.person_of.values())), is_afresh,
    )  # fmt: skip


def in_use(project: Project, embedder_id: int | None = None) -> EmbedderRecord:
    """An embedder, or the one that decides; raises UserError where none does."""
    chosen = gallery.settings(project).embedder_id if embedder_id is None else embedder_id
    if chosen is None:
        raise UserError(f"No embedder is in use in {project.path} yet.", "Choose one, or train one.")
    return embeddings.embedder(project, chosen)


def _can_learn(record: EmbedderRecord) -> bool:
    return record.checkpoint_id is not None and EMBEDDERS.get(record.name).is_trainable


def _card(project: Project, record: EmbedderRecord) -> EmbedderCard:
    """The card of an embedder that can learn."""
    text = runs.checkpoint_with_id(project, record.checkpoint_id or 0).card
    try:
        return msgspec.json.decode(text, type=EmbedderCard)
    except msgspec.DecodeError as error:
        raise UserError(f"This is no embedder's card: {error}.") from error


def _known_to(project: Project, record: EmbedderRecord) -> set[int]:
    """Whom an embedder learned from."""
    return set(run_faces.learned_from(project, record.checkpoint_id))


@dataclass(frozen=True, slots=True, eq=False)
class _Trial:
    """What two embedders are compared on."""

    person_of: dict[int, int]
    """By template: faces of people who were kept back, or where nobody was, of all."""
    clicked: tuple[tuple[int, int, bool], ...]
    """Pairs of templates that were kept back, and whether both are of one person."""
    is_kept_back: bool

    @classmethod
    def of(cls, project: Project, run_id: int) -> _Trial:
        """What a run was tried on and never learned from."""
        kept = run_faces.of_run(project, run_id)
        learned = {each.template_id for each in kept if each.split == "train"}
        confirmed = {each.id: each.identity_id for each in gallery.templates(project, states=_NAMED)}
        people = {each.identity_id for each in kept if each.split == "val"} - {None}
        tried = {id_: person for id_, person in confirmed.items() if person is not None and person in people}
        every = {id_: person for id_, person in confirmed.items() if person is not None}
        pairs = tuple(
            (pair.template_a_id, pair.template_b_id, pair.is_same)
            for pair in gallery.pairs(project)
            if not {pair.template_a_id, pair.template_b_id} <= learned
        )
        return cls(tried or every, pairs, bool(tried))

    def figures(self, project: Project, embedder_id: int) -> Figures:
        ids = sorted({*self.person_of, *(end for first, second, _ in self.clicked for end in (first, second))})
        found = embeddings.vectors_of(project, embedder_id, ids)
        row = {int(template_id): at for at, template_id in enumerate(found.template_ids)}
        between = distances(found, found.vectors).astype(np.float64)
        faces = [each for each in self.person_of if each in row]
        at = np.array([row[each] for each in faces], dtype=np.intp)
        person_of = np.array([self.person_of[each] for each in faces], dtype=np.int64)
        among = between[np.ix_(at, at)]
        rank1, ordered = _of_people(among, person_of)
        return Figures(rank1, ordered, _of_clicked(between, row, self.clicked), _eer(among, person_of))


def _of_people(between: NDArray[np.float64], person_of: NDArray[np.int64]) -> tuple[float | None, float | None]:
    is_same = person_of[:, None] == person_of
    is_pair = np.triu(np.ones(between.shape, dtype=bool), k=1)
    has_other = is_same.sum(axis=1) > 1
    others = np.where(np.eye(len(between), dtype=bool), np.inf, between)
    ordered = order(between[is_same & is_pair], between[~is_same & is_pair])
    if not has_other.any():
        return None, ordered
    return float(np.mean(person_of[others.argmin(axis=1)][has_other] == person_of[has_other])), ordered


def _eer(between: NDArray[np.float64], person_of: NDArray[np.int64]) -> Figure:
    once = np.where(np.triu(np.ones(between.shape, dtype=bool), k=1), between, np.nan)
    return measured(eer(Trials.of(once, person_of, person_of)))


def _of_clicked(
    between: NDArray[np.float64], row: dict[int, int], clicked: Sequence[tuple[int, int, bool]]
) -> float | None:
    apart = {kind: [between[row[a], row[b]] for a, b, same in clicked if same is kind and a in row and b in row]
             for kind in (True, False)}  # fmt: skip
    return order(np.array(apart[True], dtype=np.float64), np.array(apart[False], dtype=np.float64))
