"""Splits assigned at random so that every class is in each split in proportion: exact numbers, the same for one seed.

Iterative stratification (Sechidis, Tsoumakas and Vlahavas 2011): the rarest class chooses first, each of its images
goes to the split that lacks most of that class. How many images a split gets is exact, whatever the classes are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.errors import UserError
from engine.project.records import SPLITS, Split
from engine.project.restoring import Restore, Rows
from engine.project.store import Change, Project

Places: TypeAlias = NDArray[np.int64]
"""(N,) or (S,) whole numbers."""
NOWHERE = -1


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """How images are to be divided."""

    shares: Mapping[Split, float] = field(default_factory=lambda: {"train": 0.8, "val": 0.2})
    """Of each split; only their ratio counts. A split that is not named gets nothing."""
    seed: int = 0
    keep_assigned: bool = False
    """Leave images where they are that are in a split already; the others make up the shares as far as they can."""
    ids: tuple[int, ...] | None = None
    """The images to divide; None: all."""


@dataclass(frozen=True, slots=True)
class SplitProposal:
    """Which image goes where, and what that gives: for a preview."""

    split_by_image: Mapping[int, Split]
    n_images: Mapping[Split, int]
    n_images_of_class: Mapping[int, Mapping[Split, int]]
    """By class id: how many images of each split have one."""


@dataclass(frozen=True, slots=True)
class AssignSplits:
    """Divide images into splits by a plan."""

    plan: SplitPlan
    title: str = "Assign splits"

    def apply(self, project: Project) -> Restore:
        """Divide them; the inverse holds where they were. Raises UserError where the plan has no shares."""
        wanted = propose(project, self.plan).split_by_image
        marks = json.dumps(list(wanted))
        sql = "SELECT id, split FROM images WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"
        before = tuple((id_, split) for id_, split in project.rows(sql, (marks,)) if split != wanted[id_])
        project.execute_many("UPDATE images SET split = ? WHERE id = ?", ((wanted[id_], id_) for id_, _ in before))
        project.note(Change(images=frozenset(id_ for id_, _ in before)))
        return Restore((Rows("images", ("id", "split"), changed=before),))


def propose(project: Project, plan: SplitPlan) -> SplitProposal:
    """What a plan gives; raises UserError where it has no shares."""
    shares = np.array([plan.shares.get(split, 0.0) for split in SPLITS])
    if not np.isfinite(shares).all() or shares.min() < 0 or shares.sum() <= 0:
        raise UserError("At least one split needs a share, and none a negative one.")
    marks = None if plan.ids is None else json.dumps(list(plan.ids))
    asked = "(?1 IS NULL OR {} IN (SELECT value FROM json_each(?1)))"
    rows = project.rows(f"SELECT id, split FROM images WHERE {asked.format('id')} ORDER BY id", (marks,))
    sql = f"SELECT DISTINCT image_id, class_id FROM annotations WHERE {asked.format('image_id')}"
    ids = [id_ for id_, _ in rows]
    class_ids, presence = _presence(ids, project.rows(sql, (marks,)))
    fixed = [SPLITS.index(split) if split and plan.keep_assigned else NOWHERE for _, split in rows]
    places = stratified(presence, shares, np.array(fixed, dtype=np.int64), plan.seed)
    counts = [np.bincount(places[presence[:, k]], minlength=len(SPLITS)).tolist() for k in range(len(class_ids))]
    return SplitProposal(
        {id_: SPLITS[place] for id_, place in zip(ids, places.tolist(), strict=True)},
        dict(zip(SPLITS, np.bincount(places, minlength=len(SPLITS)).tolist(), strict=True)),
        {id_: dict(zip(SPLITS, count, strict=True)) for id_, count in zip(class_ids, counts, strict=True)},
    )


def stratified(presence: NDArray[np.bool_], shares: NDArray[np.float64], fixed: Places, seed: int = 0) -> Places:
    """The split (0 to S - 1) of each of N images with K classes, given (N, K) which has which, and (S,) shares.

    `fixed` (N,) is a split that an image keeps, or NOWHERE. Each split gets its share of N to the image, by largest
    remainder, unless fixed images alone are more.
    """
    rng = np.random.default_rng(seed)
    share = shares / shares.sum()
    places = fixed.copy()
    held = places[places != NOWHERE]
    room = _shared_out(share * len(places) - np.bincount(held, minlength=len(share)), int((places == NOWHERE).sum()))
    wanted = share[:, None] * presence.sum(axis=0)[None, :]
    for split in range(len(share)):
        wanted[split] -= presence[places == split].sum(axis=0)
    left = presence & (places == NOWHERE)[:, None]
    n_left = left.sum(axis=0)
    while (n_left > 0).any():
        rarest = int(np.argmin(np.where(n_left > 0, n_left, np.iinfo(np.int64).max)))
        for image in rng.permutation(np.flatnonzero(left[:, rarest])):
            has = presence[image]
            split = _neediest(wanted[:, rarest], room, rng)
            places[image] = split
            room[split] -= 1
            wanted[split, has] -= 1
            n_left[has] -= 1
            left[image] = False
    bare = rng.permutation(np.flatnonzero(places == NOWHERE))
    places[bare] = np.repeat(np.arange(len(room)), room)
    return places


def _neediest(wanted: NDArray[np.float64], room: Places, rng: np.random.Generator) -> int:
    """The split with room that lacks most of a class; of equals the one with most room, then any."""
    rank = np.lexsort((rng.random(len(room)), room, np.round(wanted, 9), room > 0))
    return int(rank[-1])


def _shared_out(wanted: NDArray[np.float64], n: int) -> Places:
    """Whole numbers near `wanted` that sum up to n, by largest remainder; less than nothing counts as none."""
    positive = np.maximum(wanted, 0)
    exact = positive * (n / positive.sum()) if positive.sum() > 0 else positive
    whole = np.floor(exact + 1e-9).astype(np.int64)
    for at in np.argsort(whole - exact, kind="stable")[: n - int(whole.sum())]:
        whole[at] += 1
    return whole


def _presence(ids: Sequence[int], pairs: Sequence[tuple[int, int]]) -> tuple[list[int], NDArray[np.bool_]]:
    """The classes in use, and (N, K) which image has which."""
    class_ids = sorted({class_id for _, class_id in pairs})
    row, column = ({id_: n for n, id_ in enumerate(of)} for of in (ids, class_ids))
    presence = np.zeros((len(ids), len(class_ids)), dtype=np.bool_)
    for image_id, class_id in pairs:
        presence[row[image_id], column[class_id]] = True
    return class_ids, presence
