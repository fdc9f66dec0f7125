"""One click means one click: how an embedder is trained, chosen from the enrolled faces, with reasons in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

import msgspec

from engine import hardware
from engine.embedders import EMBEDDERS
from engine.errors import UserError
from engine.faces.gathering import Taken, refuse_too_few, taken
from engine.faces.plan import FacePlan, FacePlanRequest
from engine.faces.recipe import FaceRecipe
from engine.project import listings, runs
from engine.project.store import Project
from engine.training.plan import choosables

_USUAL_MINUTES, _MOST_MINUTES = 3.0, 60.0
_FACES_OF_USUAL = 300
"""So many faces are learned in the usual time."""
_FEW_PEOPLE, _MANY_PEOPLE = 50, 200
_FEWEST_TO_SPARE = 8
"""Of fewer people nobody is kept back: whom it learns from is then worth more than knowing how well it does."""
_MOST_PEOPLE, _MOST_CROPS = 12, 4
_NOT_OFFERED = frozenset({"embedder", "minutes", "epochs"})


@dataclass(frozen=True, slots=True)
class Chosen:
    """A value of the recipe and why."""

    name: str
    value: Any
    reason: str


def planned_faces(project: Project, request: FacePlanRequest) -> FacePlan:
    """What a training would be, around what is decided already.

    Raises UserError where that cannot be, or where too few people are enrolled.
    """
    recipe, reasons = decided_faces(project, _asked(request), request.recipe.keys())
    found = taken(project, recipe.identity_ids)
    embedder = EMBEDDERS.get(recipe.embedder)
    options = msgspec.convert(recipe.embedder_options, embedder.options)
    return FacePlan(
        title=embedder.title,
        n_faces=found.n_faces,
        n_people=found.n_people,
        n_tried_people=_n_tried(found, recipe.validation_share),
        n_pairs=len(found.pairs),
        minutes=recipe.budget_minutes,
        reasons=reasons,
        options=choosables(embedder.options, options),
        recipe=tuple(each for each in choosables(FaceRecipe, recipe) if each.name not in _NOT_OFFERED),
    )


def decided_faces(project: Project, recipe: FaceRecipe, given: Collection[str]) -> tuple[FaceRecipe, tuple[str, ...]]:
    """A recipe with what is not `given` by name chosen from the project, and why.

    Raises UserError where too few people are enrolled to learn from.
    """
    found = taken(project, recipe.identity_ids)
    refuse_too_few(found)
    counts = sorted(Counter(each for each in found.identity_by_template.values() if each is not None).values())
    chosen = (
        _loss(recipe),
        *_pairs(found),
        *(_minutes(project, recipe, found) if recipe.epochs is None else ()),
        _warped(found),
        _validation(found),
        *_batch(found, counts),
        Chosen("threads", None, f"Threads are found out at the start: this machine has {hardware.n_cores()} cores."),
    )
    news = {each.name: each.value for each in chosen if each.name in _FIELDS and each.name not in given}
    reasons = tuple(each.reason for each in chosen if each.reason and each.name not in given)
    return replace(recipe, **news), reasons


_FIELDS = frozenset(FaceRecipe.__dataclass_fields__)


def _asked(request: FacePlanRequest) -> FaceRecipe:
    try:
        return msgspec.convert({**request.recipe, "embedder_options": request.options}, FaceRecipe)
    except msgspec.ValidationError as error:
        raise UserError(f"This training cannot be: {error}.") from error


def _loss(recipe: FaceRecipe) -> Chosen:
    why = (
        "Triplets: the farthest own face and the nearest stranger of each, after telling people apart by angle."
        if recipe.start_checkpoint_id is None
        else "Triplets: the farthest own face and the nearest stranger of each; it goes on from what it knows."
    )
    return Chosen("loss", "triplet", why)


def _pairs(found: Taken) -> tuple[Chosen, ...]:
    if not found.pairs:
        return ()
    n = len(found.pairs)
    what = (
        "pair of faces that you confirmed or rejected counts"
        if n == 1
        else "pairs that you confirmed or rejected count"
    )
    return (Chosen("clicked", None, f"{n:,} {what} beside it."),)


def _minutes(project: Project, recipe: FaceRecipe, found: Taken) -> tuple[Chosen, ...]:
    """Three minutes, and more in proportion where there are very many faces."""
    wanted = _USUAL_MINUTES * found.n_faces / _FACES_OF_USUAL
    minutes = float(min(max(round(wanted), _USUAL_MINUTES), _MOST_MINUTES))
    rate = _rate(project, recipe.embedder)
    shown = recipe.minutes if recipe.minutes is not None else minutes
    if rate is None:
        why = f"{minutes:.0f} minutes for {found.n_faces:,} faces, as a beginning: none was trained here before."
    else:
        views = shown * 60 * rate / max(found.n_faces, 1)
        why = f"{minutes:.0f} minutes: at {rate:.0f} faces a second, as last time, each is seen {views:,.0f} times."
    return (Chosen("minutes", minutes, why),)


def _rate(project: Project, embedder: str) -> float | None:
    """Faces a second of the newest run of the embedder."""
    like = (each for each in runs.all_runs(project) if each.kind == "embedder" and each.network == embedder)
    rates = (listings.last_value(project, each.id, "train/faces_per_second") for each in like)
    return next((rate for rate in rates if rate), None)


def _n_warped(found: Taken) -> int:
    return 3 if found.n_people < _FEW_PEOPLE else 1 if found.n_people < _MANY_PEOPLE else 0


def _warped(found: Taken) -> Chosen:
    n = _n_warped(found)
    if not n:
        return Chosen("n_warped", 0, f"{found.n_people:,} people are enough as they are: nobody is warped.")
    more = f"{n} further people" if n > 1 else "another person"
    return Chosen("n_warped", n, f"{found.n_people} people are few, so everyone appears as {more} too, by warps.")


def _validation(found: Taken) -> Chosen:
    if found.n_people < _FEWEST_TO_SPARE:
        why = "All are learned from, as they are so few: how well it does on others is not known then."
        return Chosen("validation_share", 0.0, why)
    n = _n_tried(found, 0.2)
    return Chosen("validation_share", 0.2, f"{n} people are kept back, never learned from, to try it on.")


def _n_tried(found: Taken, share: float) -> int:
    """As `FaceSet.split` takes them: everybody here has two faces or more."""
    n = 0 if share == 0 else max(2, round(share * found.n_people))
    return n if n <= found.n_people - 2 else 0


def _batch(found: Taken, counts: list[int]) -> tuple[Chosen, ...]:
    """How many people make a step, warped ones included, and how many faces of each."""
    people = min(_MOST_PEOPLE, found.n_people * (1 + _n_warped(found)))
    crops = min(_MOST_CROPS, max(2, int(median(counts))))
    few = "" if crops == _MOST_CROPS else ", as most have no more"
    return Chosen("people", people, f"{people} people make a step, with {crops} faces each{few}."), Chosen(
        "crops", crops, ""
    )
