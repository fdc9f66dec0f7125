"""Where the training of an embedder stands, with its whole state as bytes to go on from exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import msgspec
from safetensors import SafetensorError
from safetensors.torch import load, save

from engine.errors import UserError
from engine.faces.learner import FaceLearner
from engine.faces.recipe import FaceRecipe


@dataclass(frozen=True, slots=True)
class Rested:
    """Steps taken, and the seconds of the training that they took."""

    step: int
    seconds: float
    best: Mapping[str, float | None] = field(default_factory=dict)
    """What the best network so far was like; nothing where none was tried yet."""
    highest: float = -1.0
    """The best order of pairs so far, which need not be that of the best network."""
    n_threads: int = 0
    """Of the CPU, for sums in another order differ; 0 where it is not known."""

    def with_state(self, recipe: FaceRecipe, learner: FaceLearner) -> bytes:
        """A file of safetensors: the learner's state, and in front how it is trained and how far it is."""
        metadata = {
            "recipe": recipe.to_json(),
            "people": _json(learner.faces.identity_ids),
            "rested": _json(self),
        }
        return save(learner.state(), metadata=metadata)

    @classmethod
    def of(cls, state: bytes, recipe: FaceRecipe, learner: FaceLearner) -> Rested:
        """Put a state into a learner; where its training stood. Raises UserError where it is of another training."""
        try:
            length = int.from_bytes(state[:8], "little")
            header = msgspec.json.decode(state[8 : 8 + length])
            metadata = msgspec.convert(header["__metadata__"], dict[str, str])
            rested = msgspec.json.decode(metadata["rested"], type=cls)
            _refuse_others(metadata, recipe, learner)
            learner.restore(load(state))
        except (msgspec.DecodeError, SafetensorError, KeyError, TypeError) as error:
            raise UserError(f"This is no checkpoint of a training with faces: {error}.") from error
        return rested


def _refuse_others(metadata: dict[str, str], recipe: FaceRecipe, learner: FaceLearner) -> None:
    """Raise UserError where a training was by another recipe or with other people.

    How long it is to be may be another, and how many threads it takes.
    """
    before = FaceRecipe.from_json(metadata["recipe"])
    if replace(before, minutes=recipe.minutes, epochs=recipe.epochs, threads=recipe.threads) != recipe:
        raise UserError("This checkpoint was trained by another recipe.", "Begin a new training.")
    if metadata["people"] != _json(learner.faces.identity_ids):
        raise UserError("This checkpoint was trained on other people.", "Begin a new training.")


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
