"""FaceRecipe: how a siamese network is trained. The defaults suit twenty people, ten faces each, and a CPU.

First the network learns to tell the training's people apart (softmax over angles), then also what pairs or triplets
teach. Each person appears as a few more people besides, by warps of the face that stay the same throughout: more people
to tell apart is what few people lack most.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import msgspec

from engine.errors import UserError
from engine.nn.triplets import Mining
from engine.options import option

Loss: TypeAlias = Literal["triplet", "contrastive", "contrastive-squared", "pair", "pair-chi-squared"]

_MARGINS: Mapping[Loss, float] = {"triplet": 0.3, "contrastive": 1.0, "contrastive-squared": 1.0}
_MINUTES = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceRecipe:
    """One training of an embedder."""

    embedder: str = option("siamese", "The network that is trained.")
    embedder_options: Mapping[str, Any] = field(default_factory=dict)
    """Its options, by name."""
    loss: Literal["triplet", "contrastive", "contrastive-squared", "pair", "pair-chi-squared"] = option(
        "triplet", "What pairs or triplets of faces teach."
    )
    mining: Literal["batch-hard", "semi-hard", "all"] = option("batch-hard", "Which triplets of a batch are used.")
    margin: float | None = option(
        None, "How far apart strangers should be; empty is 0.3 for triplets and 1 for contrastive pairs."
    )
    loss_weight: float = option(4.0, "What pairs or triplets count, where telling people apart by angle counts 1.")
    clicks_weight: float = option(
        1.0, "What pairs count of which a person said that they are one person's or not, beside the rest."
    )
    classify_first: float = option(0.3, "Share of the training in which people are only told apart by angle.")
    minutes: float | None = option(None, "How long to train; empty is 3 minutes where no epochs are given.")
    epochs: int | None = option(None, "How often every face is seen, instead of minutes.")
    people: int = option(12, "People in a batch.")
    crops: int = option(4, "Faces of each of them.")
    n_warped: int = option(3, "As how many further people everyone appears, warped; 0 is none.")
    warp: float = option(0.12, "How far a warp moves parts of a face, as a share of half its size.")
    variation: float = option(1.0, "How much faces are turned, moved, lit and covered; 0 shows them as they are.")
    learning_rate: float = option(2e-3, "The highest learning rate.")
    weight_decay: float = option(5e-2, "How strongly weights are kept small.")
    averaging: float = option(0.995, "How slowly the averaged network, which is kept, follows the trained one.")
    validation_share: float = option(0.2, "Share of the people whom the network never learns from, to try it on.")
    threads: int | None = option(None, "CPU threads; empty tries which number is fastest at the start.")
    seed: int = option(0, "The same seed and epochs give the same training again.")
    identity_ids: tuple[int, ...] | None = None
    """Whom of a project it may learn from or be tried on; None is everybody."""
    start_checkpoint_id: int | None = None
    """The weights of a project that it starts from; None starts from nothing."""

    def __post_init__(self) -> None:
        """Raises UserError for a recipe that cannot be followed."""
        if self.epochs is not None and self.minutes is not None:
            raise UserError("A training is limited by epochs or by minutes, not by both.")
        if not (self.epochs if self.epochs is not None else self.budget_minutes) > 0:
            raise UserError("A training needs at least one epoch, or more than no minutes.")
        if self.people < 2 or self.crops < 2:
            raise UserError("A batch needs at least two people, and two faces of each.")
        if self.clicks_weight < 0 or self.loss_weight < 0:
            raise UserError("What a loss counts is not below 0.")
        if self.threads is not None and self.threads < 1:
            raise UserError("A training needs at least one thread.")
        if self.n_warped < 0:
            raise UserError("There cannot be fewer than no warped people.")
        if not 0 <= self.validation_share < 1 or not 0 <= self.classify_first <= 1:
            raise UserError("A share is at least 0 and at most 1, and somebody has to be left to learn from.")
        if not self.learning_rate > 0:
            raise UserError("A learning rate is above 0.")
        if self.margin is not None and not self.margin > 0:
            raise UserError("A margin is above 0.")

    @property
    def budget_minutes(self) -> float:
        return _MINUTES if self.minutes is None else self.minutes

    @property
    def margin_used(self) -> float:
        """Pair heads have no margin; theirs is 0."""
        return _MARGINS.get(self.loss, 0.0) if self.margin is None else self.margin

    def to_json(self) -> str:
        """The recipe as it is kept in a Run."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def from_json(cls, text: str) -> FaceRecipe:
        """The recipe of a Run; raises UserError when it is none."""
        try:
            return msgspec.json.decode(text, type=cls)
        except msgspec.DecodeError as error:
            raise UserError(f"This is no recipe for faces: {error}.") from error


__all__ = ["FaceRecipe", "Loss", "Mining"]
