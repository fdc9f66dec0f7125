"""An embedder with its weights as one safetensors file: tensors, and a card of JSON that says how to rebuild it.

Nothing in such a file is ever executed. Before any tensor is read, the names, types and shapes that its header promises
are held against those of the network that the card describes, which takes no memory: a file that promises more than
that network has, or holds fewer bytes than it promises, is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec
import torch
import torchvision
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

import engine
from engine.embedders._seam import Carried, Embedder, EmbeddingNetwork
from engine.errors import UserError
from engine.gallery import Metric
from engine.registry import Registry

_MOST_HEADER_BYTES = 1 << 24
_LENGTH_BYTES = 8
_TYPE_NAMES = {
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.float64: "F64",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}


def _versions() -> dict[str, str]:
    torches = {"torch": str(torch.__version__), "torchvision": str(torchvision.__version__)}
    return {"boxwright": engine.__version__} | torches


@dataclass(frozen=True, slots=True)
class KeptHead:
    """The head of pairs that an embedder was trained with (engine.nn.pairs.PairHead).

    What a face is, is decided by the distance of vectors, which every embedder has. The head's own distance, the sum of
    the weighted differences, tells two faces apart as well: below `bias` they are rather one person's.
    """

    difference: Literal["absolute", "chi-squared"]
    weights: tuple[float, ...]
    """What the difference of each number of two vectors counts, 0 or more."""
    bias: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedderCard:
    """What a file of an embedder is: everything but the tensors."""

    embedder: str
    options: Mapping[str, Any]
    metric: Metric
    dim: int
    preprocessing_sha256: str
    identity_ids: tuple[int, ...] = ()
    """The people of the project that it was trained on, so that it is known when one of them is erased."""
    has_erased: bool = False
    """Whether somebody was erased since whom it was trained on: the list above is without them."""
    recipe: str = ""
    """How it was trained, as JSON; empty where it was not trained here."""
    metrics: Mapping[str, float | None] = field(default_factory=dict)
    head: KeptHead | None = None
    """Of an embedder that was trained with one."""
    versions: Mapping[str, str] = field(default_factory=_versions)

    def to_json(self) -> str:
        """The card as it is kept beside the tensors."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def of(cls, embedder: str, options: Any, network: EmbeddingNetwork) -> EmbedderCard:
        """The card of a network that was built with these options and not trained here."""
        return cls(
            embedder=embedder,
            options=msgspec.to_builtins(options),
            metric=network.metric,
            dim=network.dim,
            preprocessing_sha256=network.preprocessing.sha256,
        )


def encode(network: EmbeddingNetwork, card: EmbedderCard) -> bytes:
    """A network's weights and its card in one safetensors file."""
    tensors = {name: value.detach().cpu().contiguous() for name, value in network.state_dict().items()}
    return save(tensors, metadata={"card": card.to_json()})


def decode(weights: bytes, embedders: Registry[Embedder[Any]]) -> tuple[EmbeddingNetwork, EmbedderCard]:
    """The network in a file, in eval mode, and its card; raises UserError where the bytes are no such file."""
    header = _header(weights)
    card = _card(header)
    embedder = embedders.get(card.embedder)
    if isinstance(embedder, Carried):  # it would be built of whatever file the card names
        raise UserError(f"{embedder.title!r} is kept in a file of its own format, not in one of safetensors.")
    try:
        options = msgspec.convert(card.options, embedder.options)
    except msgspec.ValidationError as error:
        raise UserError(f"This is no file of {embedder.title!r}: {error}.") from error
    _check(header, len(weights), _imagined(embedder, options))
    network = embedder.build(options)
    network.load_state_dict(_tensors(weights))
    _refuse_other_treatment(network, card)
    return network.eval(), card


def has_card(weights: bytes) -> bool:
    """Whether bytes say of themselves which embedder they are of, as what `encode` gave does."""
    try:
        return bool(_card(_header(weights)).embedder)
    except UserError:
        return False


def _header(weights: bytes) -> dict[str, Any]:
    """The JSON in front of the tensors."""
    length = int.from_bytes(weights[:_LENGTH_BYTES], "little")
    if len(weights) < _LENGTH_BYTES or not 0 < length <= min(_MOST_HEADER_BYTES, len(weights) - _LENGTH_BYTES):
        raise UserError("This is no safetensors file.")
    try:
        return msgspec.json.decode(weights[_LENGTH_BYTES : _LENGTH_BYTES + length], type=dict[str, Any])
    except (ValueError, RecursionError) as error:  # of msgspec, of text that is none, of lists in lists without end
        raise UserError(f"This is no safetensors file: {error}.") from error


def _card(header: Mapping[str, Any]) -> EmbedderCard:
    metadata = header.get("__metadata__")
    text = metadata.get("card") if isinstance(metadata, dict) else None
    if not isinstance(text, str):
        raise UserError("These are weights without a card: nobody knows which embedder they are of.")
    try:
        return msgspec.json.decode(text, type=EmbedderCard)
    except (ValueError, RecursionError) as error:
        raise UserError(f"This is no embedder's card: {error}.") from error


def _imagined(embedder: Embedder[Any], options: Any) -> dict[str, Tensor]:
    """The tensors of a network as names, types and shapes, without memory for their numbers."""
    try:
        with torch.device("meta"):
            return dict(embedder.build(options).state_dict())
    except (RuntimeError, OverflowError, ValueError) as error:
        raise UserError(f"No {embedder.title!r} can be built as the card says: {error}.") from error


def _check(header: Mapping[str, Any], n_bytes: int, wanted: Mapping[str, Tensor]) -> None:
    """Raise UserError unless the header promises exactly the tensors that are wanted, in a file of their size."""
    promised = {name: entry for name, entry in header.items() if name != "__metadata__"}
    wrong = sorted(promised.keys() ^ wanted.keys())
    if wrong:
        raise UserError(f"These weights are of another network: {wrong[0]} is only in one of them.")
    for name, value in wanted.items():
        entry = promised[name]
        expected = {"dtype": _TYPE_NAMES.get(value.dtype), "shape": list(value.shape)}
        if not isinstance(entry, dict) or {key: entry.get(key) for key in expected} != expected:
            raise UserError(f"These weights are of another network: {name} is not {list(value.shape)}.")
    if sum(value.nbytes for value in wanted.values()) > n_bytes:
        raise UserError("This file of weights is cut off.")


def _tensors(weights: bytes) -> dict[str, Tensor]:
    try:
        return load(weights)
    except (SafetensorError, ValueError, KeyError) as error:
        raise UserError(f"This file of weights is damaged: {error}.") from error


def _refuse_other_treatment(network: EmbeddingNetwork, card: EmbedderCard) -> None:
    ours = (network.preprocessing.sha256, network.metric, network.dim)
    if ours != (card.preprocessing_sha256, card.metric, card.dim):
        raise UserError(
            "This embedder prepares crops in another way than the one it was saved by.", "Train it again here."
        )
