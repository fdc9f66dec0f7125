"""FaceLearner: an embedder being trained, what it learns by, and its average; one step at a time, and its whole state.

Every step seeds all chance from the recipe's seed and the step's number: nothing random has to be saved, and a training
that goes on is the training that was not interrupted.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn

from engine.embedders import EmbeddingNetwork
from engine.errors import UserError
from engine.faces.clicked import ClickedPairs
from engine.faces.face_set import BalancedBatches, FaceSet
from engine.faces.recipe import FaceRecipe
from engine.faces.teaching import Taught, Teaching, together
from engine.faces.varying import varied, warps

_WARM_SHARE = 0.05
_FLOOR = 5e-4
"""The learning rate's share that is left at the end."""
_LONGEST_GRADIENT = 10.0
_FACES_TO_EVEN_OUT = 600
"""So many, or up to twice as many, show how vectors spread."""
_NETWORK, _AVERAGE, _TEACHING, _OPTIMIZER = "network.", "average.", "teaching.", "optimizer."


class FaceLearner:
    """Takes steps on batches of faces."""

    def __init__(
        self, network: EmbeddingNetwork, faces: FaceSet, recipe: FaceRecipe, clicked: ClickedPairs | None = None
    ) -> None:
        self.recipe = recipe
        self.faces = faces
        self.clicked = clicked if clicked is not None and len(clicked) and recipe.clicks_weight > 0 else None
        n_appearances = 1 + recipe.n_warped
        self._batches = BalancedBatches(faces.person_of, n_appearances, recipe.people, recipe.crops)
        self._warps = [
            warps(faces.n_people, recipe.n_warped, recipe.warp, _generator(recipe.seed, -1 - member))
            for member in range(network.n_members)
        ]
        torch.manual_seed(recipe.seed)
        self.network = network.to(memory_format=torch.channels_last).train()
        self.teaching = Teaching(faces.n_people * n_appearances, network, recipe)
        self.average = copy.deepcopy(network).eval().requires_grad_(False)
        self._trained = {
            prefix + name: value
            for prefix, module in ((_NETWORK, self.network), (_TEACHING, self.teaching))
            for name, value in module.named_parameters()
        }
        decay = recipe.weight_decay
        self.optimizer = torch.optim.AdamW(self._trained.values(), recipe.learning_rate, weight_decay=decay)

    @property
    def n_at_once(self) -> int:
        """Faces of a step."""
        return min(self.recipe.people, self.faces.n_people * (1 + self.recipe.n_warped)) * self.recipe.crops

    def step(self, number: int, progress: float) -> dict[str, float]:
        """One step when so much (0 to 1) of the training is done; returns the loss terms and what they say of vectors.

        Raises UserError when a loss is not a number; the network is then as before.
        """
        generator = _generator(self.recipe.seed, 1 + number)
        torch.manual_seed(int(torch.randint(2**62, (), generator=generator)))
        taught = together([self._taught(member, progress, generator) for member in range(self.network.n_members)])
        self._follow_down(taught.loss, self._rate(progress), number)
        self._follow(number)
        return dict(taught.told)

    def _taught(self, member: int, progress: float, generator: torch.Generator) -> Taught:
        """What a batch of its own teaches a member, and beside it some of the pairs that a person clicked."""
        batch, teaching = self._batches.drawn(generator), self.teaching.of_member(member)
        faces, warped = self.faces.shown[batch.faces], self._warps[member][batch.person_of]
        if self.clicked is None:
            seen = varied(faces, warped, self.recipe.variation, generator)
            return teaching.forward(self.network.member_vectors(member, seen), batch.person_of, progress)
        clicked = self.clicked.drawn(generator)
        unwarped = warped.new_zeros((len(clicked.shown), *warped.shape[1:]))
        moves = torch.cat([warped, unwarped])
        seen = varied(torch.cat([faces, clicked.shown]), moves, self.recipe.variation, generator)
        both = self.network.member_vectors(member, seen)
        vectors, of_clicked = both.split([len(faces), len(clicked.shown)])  # type: ignore[no-untyped-call]
        taught = teaching.forward(vectors, batch.person_of, progress)
        said = teaching.of_clicked(of_clicked, clicked.pairs)
        told = {**taught.told, "clicked": float(said.detach())}
        return Taught(taught.loss + self.recipe.clicks_weight * said, told)

    @torch.no_grad()
    def begin_from_vectors(self) -> None:
        """Point everyone's direction to where the network puts their faces already, for it knows something."""
        self.network.eval()
        for member, warped in enumerate(self._warps):
            for appearance in range(len(warped)):
                person = appearance // (1 + self.recipe.n_warped)
                faces = self.faces.shown[self.faces.person_of == person]
                moves = warped[appearance].expand(len(faces), -1, -1, -1)
                seen = varied(faces, moves, 0.0, _generator(self.recipe.seed))
                self.teaching.of_member(member).begin_from(appearance, self.network.member_vectors(member, seen))
        self.network.train()

    def _follow_down(self, loss: Tensor, rate: float, number: int) -> None:
        if not math.isfinite(float(loss.detach())):
            raise UserError(
                f"Step {number} gave a loss that is not a number.", "Train with a lower learning rate, or other faces."
            )
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._trained.values(), _LONGEST_GRADIENT)
        self.optimizer.step()

    def _rate(self, progress: float) -> float:
        """Up for a short while, then down along a cosine."""
        warm = min(1.0, progress / _WARM_SHARE + 1e-3)
        return self.recipe.learning_rate * warm * (_FLOOR + (1 - _FLOOR) * (1 + math.cos(math.pi * progress)) / 2)

    @torch.no_grad()
    def _follow(self, number: int) -> None:
        """Move the average, statistics of norms included; a young one moves faster, to forget the random start."""
        keep = min(self.recipe.averaging, (2 + number) / (11 + number)) if number else 0.0
        pairs = zip(self.average.state_dict().values(), self.network.state_dict().values(), strict=True)
        for held, seen in pairs:
            if held.is_floating_point():
                held.lerp_(seen, 1 - keep)
            else:
                held.copy_(seen)

    @torch.no_grad()
    def even_out(self) -> None:
        """Have the average take in how the vectors of the training's people spread; a head of pairs weighs vectors by
        itself, and is of them as they are."""
        if self.teaching.kept_head() is not None:
            return
        rows = torch.arange(0, len(self.faces), max(1, len(self.faces) // _FACES_TO_EVEN_OUT))
        parts = self.faces.shown[rows].split(self.n_at_once)  # type: ignore[no-untyped-call]
        joined = torch.cat([self.average.joined(part) for part in parts])
        self.average.learn_spread(joined, self.faces.person_of[rows])

    def state(self) -> dict[str, Tensor]:
        """Everything that is needed to go on exactly."""
        modules = {_NETWORK: self.network, _AVERAGE: self.average, _TEACHING: self.teaching}
        tensors: dict[str, Tensor] = {}
        for prefix, module in modules.items():
            tensors |= {prefix + name: value for name, value in module.state_dict().items()}
        for name, parameter in self._trained.items():
            tensors |= {f"{_OPTIMIZER}{key}.{name}": value for key, value in self.optimizer.state[parameter].items()}
        return {name: value.detach().cpu().clone().contiguous() for name, value in tensors.items()}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Take up a state that `state` gave; raises UserError where it is that of another training."""
        try:
            self.network.load_state_dict(_under(state, _NETWORK))
            self.average.load_state_dict(_under(state, _AVERAGE))
            self.teaching.load_state_dict(_under(state, _TEACHING))
            for name, parameter in self._trained.items():
                moments = {key: state[f"{_OPTIMIZER}{key}.{name}"].clone() for key in _MOMENTS}
                self.optimizer.state[parameter] = moments
        except (RuntimeError, KeyError) as error:
            raise UserError(
                "This checkpoint is of another training: of other people, or by another recipe.", "Begin a new one."
            ) from error


_MOMENTS = ("step", "exp_avg", "exp_avg_sq")


def _under(state: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}


def _generator(*seeds: int) -> torch.Generator:
    """Chance that is far apart for neighbouring seeds."""
    word = int(np.random.SeedSequence([each % 2**32 for each in seeds]).generate_state(1, np.uint64)[0])
    return torch.Generator().manual_seed(word >> 1)
