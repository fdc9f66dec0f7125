"""Which images to keep back for validation, so that every class is tried in proportion to how often it occurs.

Greedy: the next image is the one that brings the classes nearest to their shares, rare ones weighing as much as
common ones (after the idea of iterative stratification, Sechidis, Tsoumakas and Vlahavas 2011).
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from engine.project.edits import Together
from engine.project.image_edits import SetImages
from engine.project.store import Project

CANDIDATES = 200
"""Among so many images, drawn at random, the best is looked for: all of them where there are few, in time for many."""


@dataclass(frozen=True, slots=True)
class SplitProposal:
    """Images to train on and images to try on, by id; images without annotations are in neither."""

    train: tuple[int, ...]
    val: tuple[int, ...]

    def edit(self) -> Together:
        """The edit that makes it so."""
        return Together(
            f"Keep {len(self.val)} of {len(self.train) + len(self.val)} images for validation",
            (SetImages(self.train, split="train"), SetImages(self.val, split="val")),
        )


def needs_split(project: Project) -> bool:
    """Whether there is no validation image yet."""
    return project.value("SELECT 1 FROM images WHERE split = 'val' LIMIT 1") is None


def propose_split(project: Project, val_share: float = 0.2, seed: int = 0) -> SplitProposal:
    """Divide the annotated images of the train split, or of none, into training and validation."""
    classes_of: dict[int, Counter[int]] = {}
    rows = project.rows(
        "SELECT a.image_id, a.class_id, COUNT(*) FROM annotations a JOIN images i ON i.id = a.image_id "
        "WHERE i.split IS NULL OR i.split = 'train' GROUP BY a.image_id, a.class_id"
    )
    for image_id, class_id, n in rows:
        classes_of.setdefault(image_id, Counter())[class_id] = n
    val = stratified(classes_of, val_share, seed)
    return SplitProposal(tuple(sorted(classes_of.keys() - val)), tuple(sorted(val)))


def stratified(classes_of: Mapping[int, Mapping[int, int]], share: float, seed: int) -> frozenset[int]:
    """About `share` of the images, chosen so that each class has about that share of its objects among them.

    At least one image is left out and, where there are two or more, at least one is chosen.
    """
    chance = random.Random(seed)
    left = sorted(classes_of)
    chance.shuffle(left)
    if len(left) < 2:
        return frozenset()
    room = min(len(left) - 1, max(1, round(share * len(left))))
    wanted = Counter[int]()
    for image_id in left:
        for class_id, n in classes_of[image_id].items():
            wanted[class_id] += n
    lacking = {class_id: n * share for class_id, n in wanted.items()}
    chosen: list[int] = []
    while len(chosen) < room:
        candidates = left if len(left) <= CANDIDATES else chance.sample(left, CANDIDATES)
        best = max(candidates, key=lambda image_id: _gain(classes_of[image_id], lacking, wanted))
        left.remove(best)
        chosen.append(best)
        for class_id, n in classes_of[best].items():
            lacking[class_id] -= n
    return frozenset(chosen)


def _gain(held: Mapping[int, int], lacking: Mapping[int, float], wanted: Mapping[int, int]) -> float:
    """How much nearer to their shares the classes come by an image: by the part of each class that it brings."""
    return sum((abs(lacking[class_id]) - abs(lacking[class_id] - n)) / wanted[class_id] for class_id, n in held.items())


@dataclass(frozen=True, slots=True)
class Material:
    """What there is to learn from."""

    n_train: int
    """Annotated images to learn from."""
    n_val: int
    """Images to be tried on."""
    n_objects: int
    n_classes: int
    proposal: SplitProposal | None
    """Images to keep for validation, where there are none yet; they are counted in `n_val` already."""


def material(project: Project, val_share: float = 0.2) -> Material:
    """Count what there is to learn from, and propose a split where there is none."""
    n_train, n_objects, n_classes = project.row(
        "SELECT COUNT(DISTINCT a.image_id), COUNT(*), COUNT(DISTINCT a.class_id) FROM annotations a "
        "JOIN images i ON i.id = a.image_id WHERE i.split IS NULL OR i.split = 'train'"
    ) or (0, 0, 0)
    n_val = int(project.value("SELECT COUNT(*) FROM images WHERE split = 'val'"))
    proposal = propose_split(project, val_share) if needs_split(project) else None
    if proposal is not None and proposal.val:
        return Material(len(proposal.train), len(proposal.val), n_objects, n_classes, proposal)
    return Material(n_train, n_val, n_objects, n_classes, None)
