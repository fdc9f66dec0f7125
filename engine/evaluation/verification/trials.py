"""Trials: faces compared with faces or people, one comparison each (1:1), sorted by distance.

Legend: P probes, C columns (people, or single templates), n comparisons, T distinct distances, I people, B draws.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.verification.drawing import ratio
from engine.gallery import LeftOut
from engine.gallery.distances import Floats
from engine.gallery.people import Ids


@dataclass(frozen=True, slots=True, eq=False)
class Trials:
    """Comparisons in the order of their distances."""

    distances: Floats
    """(n,) ascending."""
    is_genuine: NDArray[np.bool_]
    """(n,) whether both are of one person."""
    people_rows: tuple[Ids, Ids]
    """(n,) whose the probe is, and whom it was compared with, as rows of `people`."""
    people: Ids
    """(I,) ascending."""
    _latest: list[tuple[Floats, tuple[Floats, Floats]]] = field(default_factory=list, repr=False)
    """Of the latest draws their errors: several statistics of the same draws ask for them."""

    @classmethod
    def of(cls, distances: Floats, probe_people: Ids, column_people: Ids, people: Ids | None = None) -> Trials:
        """From (P, C) distances, NaN where nothing was compared, and whose the probes and the columns are.

        `people` are those who are drawn anew, ascending, where they are more than these.
        """
        people = np.union1d(probe_people, column_people) if people is None else people
        probes, columns = np.nonzero(~np.isnan(distances))
        apart = distances[probes, columns]
        order = np.argsort(apart, kind="stable")
        probes, columns = probes[order], columns[order]
        whose = np.searchsorted(people, probe_people)[probes], np.searchsorted(people, column_people)[columns]
        return cls(apart[order], whose[0] == whose[1], whose, people)

    @classmethod
    def of_gallery(cls, trials: LeftOut) -> Trials:
        """A gallery's own: every template tried against the others."""
        return cls.of(trials.distances, trials.person_ids, trials.column_ids)

    @property
    def genuine(self) -> Floats:
        """Distances within people, ascending."""
        return self.distances[self.is_genuine]

    @property
    def impostor(self) -> Floats:
        """Distances between different people, ascending."""
        return self.distances[~self.is_genuine]

    @property
    def n_genuine(self) -> int:
        return int(self.is_genuine.sum())

    @property
    def n_impostor(self) -> int:
        return len(self.is_genuine) - self.n_genuine

    @property
    def ends(self) -> Ids:
        """(T,) the last comparison at each distinct distance: ties are accepted together."""
        return np.flatnonzero(np.append(self.distances[1:] != self.distances[:-1], True)[: len(self.distances)])

    def weights(self, people: Floats) -> Floats:
        """(B, n) how often each comparison counts where each person is drawn (B, I) times.

        One of two people counts as often as both were drawn together, one within a person as often as that person.
        """
        a, b = self.people_rows
        return np.asarray(people[:, a] * np.where(self.is_genuine, 1.0, people[:, b]), np.float64)

    def errors(self, people: Floats) -> tuple[Floats, Floats]:
        """(B, 1 + T) false accepts and (B, 1 + T) false rejects, first where nothing is accepted, then at each
        distinct distance as the threshold."""
        if self._latest and self._latest[0][0] is people:
            return self._latest[0][1]
        weights = self.weights(people)
        impostor = np.cumsum(weights * ~self.is_genuine, axis=1)
        genuine = np.cumsum(weights * self.is_genuine, axis=1)
        nothing, ends = np.zeros((len(weights), 1)), self.ends
        far, found = (
            ratio(np.hstack([nothing, each[:, ends]]), each[:, -1:] + nothing) for each in (impostor, genuine)
        )
        self._latest[:] = [(people, (far, 1 - found))]
        return far, 1 - found
