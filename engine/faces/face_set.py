"""FaceSet: faces with the people they are of; how it is split by person, and batches in which people weigh evenly.

Legend: N faces of C channels and h x w pixels, I people.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.embedders import Preprocessing, crop_tensor
from engine.errors import UserError


@dataclass(frozen=True, slots=True, eq=False)
class FaceSet:
    """Faces as a network is shown them, whoever they are of."""

    shown: Tensor
    """(N, C, h, w) float32, as `Preprocessing.shown` gives them."""
    person_of: Tensor
    """(N,) int64 in 0..I-1."""
    identity_ids: tuple[int, ...]
    """Of the I people."""
    rows: tuple[int, ...]
    """(N) which of the crops that were given each face is."""

    def __len__(self) -> int:
        return len(self.shown)

    @property
    def n_people(self) -> int:
        return len(self.identity_ids)

    @classmethod
    def of(
        cls, crops: Sequence[NDArray[np.uint8]], identity_ids: Sequence[int], preprocessing: Preprocessing
    ) -> FaceSet:
        """Crops, each (H, W, 3) RGB of any size, with the person that each is of."""
        if len(crops) != len(identity_ids):
            raise ValueError(f"{len(crops)} crops are not of {len(identity_ids)} people")
        return cls.of_shown(shown_crops(crops, preprocessing), identity_ids)

    @classmethod
    def of_shown(cls, shown: Tensor, identity_ids: Sequence[int | None]) -> FaceSet:
        """Faces as `shown` with the person that each is of; those of nobody known are left out."""
        people = sorted({each for each in identity_ids if each is not None})
        place = {identity_id: person for person, identity_id in enumerate(people)}
        rows = tuple(row for row, each in enumerate(identity_ids) if each is not None)
        person_of = torch.tensor([place[each] for each in identity_ids if each is not None], dtype=torch.int64)
        return cls(shown[list(rows)], person_of, tuple(people), rows)

    def of_people(self, people: Sequence[int]) -> FaceSet:
        """The faces of some of the people, who are numbered anew in this order."""
        faces = [torch.nonzero(self.person_of == person)[:, 0] for person in people]
        chosen = torch.cat([torch.zeros(0, dtype=torch.int64), *faces])
        number = torch.tensor([len(each) for each in faces], dtype=torch.int64)
        person_of = torch.arange(len(people)).repeat_interleave(number)
        ids = tuple(self.identity_ids[person] for person in people)
        return FaceSet(self.shown[chosen], person_of, ids, tuple(self.rows[face] for face in chosen.tolist()))

    def split(self, validation_share: float, seed: int, known: Collection[int] = ()) -> tuple[FaceSet, FaceSet]:
        """Those to learn from, and those of other people to try the network on: at least two of these, or nobody.

        Whom the network is tried on is drawn among people with more than one face; not among those, by identity, whom
        it is `known` to have learned from before. Raises UserError where fewer than two people are left to learn from.
        """
        counts = torch.bincount(self.person_of, minlength=self.n_people).tolist()
        order = np.random.default_rng(seed).permutation(self.n_people).tolist()
        is_new = [identity_id not in known for identity_id in self.identity_ids]
        triable = [person for person in order if counts[person] > 1 and is_new[person]]
        n_tried = 0 if validation_share == 0 else max(2, round(validation_share * self.n_people))
        if known and len(triable) >= _FEWEST_TRIED:
            n_tried = min(n_tried, len(triable))
        if n_tried > min(len(triable), self.n_people - 2):
            n_tried = 0
        tried = sorted(triable[:n_tried])
        learned = sorted(set(order) - set(tried))
        if len(learned) < 2 or max(counts) < 2:
            raise UserError(
                "A network learns who is alike from two people or more, one of them with two faces or more.",
                "Enrol more faces first.",
            )
        return self.of_people(learned), self.of_people(tried)


_FEWEST_TRIED = 2


def shown_crops(crops: Sequence[NDArray[np.uint8]], preprocessing: Preprocessing) -> Tensor:
    """(N, C, h, w) float32: crops, each (H, W, 3) RGB of any size, as a network is shown them."""
    shape = (0, preprocessing.n_channels, preprocessing.height, preprocessing.width)
    return torch.cat([torch.zeros(shape), *(preprocessing.shown(crop_tensor(each)) for each in crops)])


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Faces to learn from at once."""

    faces: Tensor
    """(B,) int64 indices of faces."""
    person_of: Tensor
    """(B,) int64: who each of them is; everyone and each warp of everyone has a number, see `n_appearances`."""


@dataclass(frozen=True, slots=True, eq=False)
class BalancedBatches:
    """Batches of as many faces from each of some people, however many faces somebody has."""

    person_of: Tensor
    n_appearances: int
    """As how many people everyone appears: person p as the numbers p * n_appearances and those after it."""
    people: int
    crops: int

    def drawn(self, generator: torch.Generator) -> Batch:
        """People without repetition where there are enough, and so are the faces of each."""
        n_people = (int(self.person_of.max()) + 1) * self.n_appearances
        chosen = torch.randperm(n_people, generator=generator)[: self.people]
        faces = [self._faces_of(int(each) // self.n_appearances, generator) for each in chosen]
        return Batch(torch.cat(faces), chosen.repeat_interleave(self.crops))

    def _faces_of(self, person: int, generator: torch.Generator) -> Tensor:
        """As many faces as are wanted; each once more, in another order, while somebody has too few."""
        own = torch.nonzero(self.person_of == person)[:, 0]
        rounds = [own[torch.randperm(len(own), generator=generator)] for _ in range(-(-self.crops // len(own)))]
        return torch.cat(rounds)[: self.crops]
