"""SharedLearner: the learner of one of several processes that take the same steps, each on its share of a batch."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from engine import hardware
from engine.detectors import Network, Warmable
from engine.errors import UserError
from engine.feeding.batches import Batch, mixed
from engine.feeding.data import truth_of
from engine.feeding.varying import Phase
from engine.nn import shares
from engine.nn.scaling import FRAME_STEP, frame_size
from engine.nn.shared_norm import share_norms
from engine.nn.shares import LossSum, LossSums
from engine.training.gradients import Gradients
from engine.training.learner import Learner, refuse_nan
from engine.training.ranks import Ranks
from engine.training.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Step:
    """What rank 0 tells the others of each step."""

    number: int
    rate: float
    epoch: int
    batch: int
    """Its number in the epoch."""
    phase: Phase = "varied"


class SharedLearner(Learner):
    """Takes the steps that a single process would take on whole batches; see engine.training.ranks."""

    def __init__(  # a Learner's, and the ranks
        self, network: Network, recipe: Recipe, device: torch.device, adopted: frozenset[str], ranks: Ranks
    ) -> None:
        super().__init__(network, recipe, device, adopted)
        self._ranks = ranks
        self._norms = share_norms(self.network, ranks.total)
        self._gradients = Gradients(self.network.parameters())

    def step(self, batch: Batch, number: int, rate: float) -> dict[str, float]:
        """As a Learner's, with the loss terms of the whole batch. Rank 0 makes the others take it, too.

        Raises UserError in every rank when a loss is not a number, and when another process is gone.
        """
        if self._ranks.leads:
            self._ranks.tell(Step(number, rate, batch.epoch, batch.number, batch.phase))
        return super().step(batch, number, rate)

    def _learned(self, batch: Batch, number: int) -> dict[str, float]:
        try:
            return self._learned_together(batch, number)
        except (RuntimeError, MemoryError) as error:
            lack = hardware.out_of_memory(error)
            if lack is None:
                raise
            raise UserError(
                f"Process {self._ranks.rank} has not enough memory for its share of a batch: {lack}",
                "Go on with a smaller --batch, or with more processes.",
            ) from error

    def _learned_together(self, batch: Batch, number: int) -> dict[str, float]:
        torch.manual_seed(mixed(self.recipe.seed, number))
        sums = self._sums(batch, number)
        terms = shares.means(sums, self._ranks.total(shares.counts(sums)))
        own = torch.stack(list(terms.values()))
        self.scaler.backward(own.sum())
        self._gradients.settle()
        values = dict(zip(terms, self._ranks.total(own.detach()).tolist(), strict=True))
        self._refuse_nan(values, batch, number)
        return values

    def _sums(self, batch: Batch, number: int) -> LossSums:
        """Of this rank's share; of a blank picture, counted as nothing, where that is empty."""
        frame = self._ranks.largest(frame_size(batch.pictures, (0, 0), 1))
        is_idle = not batch.pictures
        for norm in self._norms:
            norm.is_idle = is_idle
        sums = self._sums_of(self._blank(batch) if is_idle else batch, frame, number)
        return {name: LossSum(0 * each.total, 0) for name, each in sums.items()} if is_idle else sums

    def _blank(self, batch: Batch) -> Batch:
        """A small picture without objects in the place of none, as far through the network as the others' are."""
        picture = torch.zeros((3, FRAME_STEP, FRAME_STEP), dtype=torch.uint8)
        blank = replace(batch, pictures=[picture], truths=[truth_of((), ())], places=(0,))
        if batch.phase != "still" or not isinstance(self.network, Warmable):
            return blank
        with torch.no_grad(), hardware.autocast(self.device, self.precision):
            return replace(blank, features=[self.network.features([picture.to(self.device)])])

    def _refuse_nan(self, values: dict[str, float], batch: Batch, number: int) -> None:
        """All ranks have the same values, so that all of them gather the names, or none does."""
        if not all(map(_is_finite, values.values())):
            names = tuple(name for said in self._ranks.gathered(batch.names) for name in said)
            refuse_nan(values, replace(batch, names=names), number)


def _is_finite(value: float) -> bool:
    return value - value == 0
