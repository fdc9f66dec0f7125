"""SEAM: one file per face embedder (crops in, vectors out).

An embedder knows crops of faces as tensors: no files but weights, no project, no people. What is common to all of them
is in `_seam` (the values and the protocol), `_preprocessing` (what is done to a crop first), `_weights_file` (a network
with its card as bytes) and `_embedding` (many crops to vectors).

pixels    crops compared pixel by pixel: the baseline
latent    features of a classifier of things
siamese   a small network that learns how alike faces are
onnx      somebody's own network, described by a card
"""

from typing import Any

from engine.embedders._embedding import crop_tensor, embedded
from engine.embedders._preprocessing import Channels, Preprocessing
from engine.embedders._seam import Carried, Embedder, EmbeddingNetwork, VectorKind
from engine.embedders._weights_file import EmbedderCard, KeptHead, encode, has_card
from engine.embedders._weights_file import decode as _decode
from engine.errors import UserError
from engine.gallery import Metric
from engine.registry import Registry

EMBEDDERS: Registry[Embedder[Any]] = Registry("engine.embedders", "EMBEDDER")


def decode(weights: bytes) -> tuple[EmbeddingNetwork, EmbedderCard]:
    """The network in a file of weights, in eval mode, and its card; raises UserError where the bytes are no such file.

    Shapes are checked before any memory is taken for them.
    """
    return _decode(weights, EMBEDDERS)


def rebuilt(embedder: str, weights: bytes | None, card: str) -> EmbeddingNetwork:
    """The network of what a project keeps of an embedder, in eval mode; `weights` is None for one that has none.

    Raises UserError where the bytes are not those of this embedder.
    """
    drop_in = EMBEDDERS.get(embedder)
    if weights is None:
        return drop_in.build(drop_in.options()).eval()
    if isinstance(drop_in, Carried):
        return drop_in.unpacked(weights, card)
    network, written = decode(weights)
    if written.embedder != embedder:
        raise UserError(f"These are weights of {written.embedder!r}, not of {embedder!r}.")
    return network


__all__ = [
    "EMBEDDERS",
    "Carried",
    "Channels",
    "Embedder",
    "EmbedderCard",
    "EmbeddingNetwork",
    "KeptHead",
    "Metric",
    "Preprocessing",
    "VectorKind",
    "crop_tensor",
    "decode",
    "embedded",
    "encode",
    "has_card",
    "rebuilt",
]
