"""What became of improving an embedder: old beside new, as values for a window that needs no torch to read them."""

from __future__ import annotations

from dataclasses import dataclass

from engine.evaluation.verification import Figure


@dataclass(frozen=True, slots=True)
class ImproveRequest:
    """How to improve the embedder in use."""

    minutes: float | None = None
    """Empty is one minute where no epochs are given."""
    epochs: int | None = None
    seed: int = 0
    threads: int | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """How well an embedder tells the faces apart that neither the old one nor the new one learned from."""

    rank1: float | None
    """Share of faces whose nearest other face is of the same person; None where nobody is known by two faces."""
    order: float | None
    """How often two faces of one person are nearer than two of strangers: the area under the ROC curve."""
    order_of_clicked: float | None
    """The same among pairs that a person confirmed or rejected; None where they are not of both kinds."""
    eer: Figure | None = None
    """The equal error rate, with what it is between, as people are drawn anew; None where nothing was tried."""


@dataclass(frozen=True, slots=True)
class Improved:
    """A new embedder beside the old one; nothing is switched yet, and the vectors of both are kept."""

    run_id: int
    old_embedder_id: int
    new_embedder_id: int
    old: Figures
    new: Figures
    n_people: int
    """Whom the figures are of."""
    n_faces: int
    n_same: int
    """Pairs of clicks that were kept back from learning: of one person, and of two."""
    n_different: int
    is_fair: bool
    """Whether neither embedder ever learned from these people: else their figures say little about others."""
    is_afresh: bool
    """Whether the new one began from nothing, as the old one cannot learn."""

    @property
    def gain(self) -> float | None:
        """By how much the new one orders pairs better; None where that cannot be told."""
        if self.old.order is None or self.new.order is None:
            return None
        return self.new.order - self.old.order

    @property
    def words(self) -> tuple[str, ...]:
        """What to think of it, in sentences."""
        n = f"{self.n_people} people, {self.n_faces} faces"
        whom = (
            f"Both were tried on {n} that neither learned from."
            if self.is_fair
            else f"They were tried on {n} that they learned from, as no others have two faces: believe it less."
        )
        how = "It was trained afresh, as the old one cannot learn. " if self.is_afresh else ""
        return (f"{how}{whom}", self._verdict(), self._of_clicked())

    def _verdict(self) -> str:
        if self.gain is None:
            return "There are too few pairs to compare the two."
        if abs(self.gain) < _NOTHING:
            return "They do about equally well."
        return "The new one tells people apart better." if self.gain > 0 else "The old one tells people apart better."

    def _of_clicked(self) -> str:
        n = self.n_same + self.n_different
        if not n:
            return "No pair that you confirmed or rejected was kept back to compare them on."
        if not (self.n_same and self.n_different):
            return f"Of your own clicks {_pairs(n)} were kept back, but not of both kinds: they compare nothing."
        return f"Of your own clicks {_pairs(self.n_same)} of one person and {self.n_different} of two were kept back."


def _pairs(n: int) -> str:
    return "1 pair" if n == 1 else f"{n} pairs"


_NOTHING = 0.002
"""A difference in order that means nothing among some thousand pairs."""
