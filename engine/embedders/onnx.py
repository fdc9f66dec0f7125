"""Somebody's own face network as an ONNX file, described by a small card of JSON beside it.

The card names the file and says what the network wants and gives::

    {"network": "faces.onnx", "height": 112, "width": 112, "channels": "BGR", "divisor": 1,
     "mean": [127.5, 127.5, 127.5], "deviation": [127.5, 127.5, 127.5], "dim": 512, "metric": "cosine"}

An ONNX file is data, no program, as long as it keeps to the standard's own operators and holds its own weights: one
that does not is refused. It needs the optional packages onnx and onnxruntime.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
import numpy as np
import torch
from torch import Tensor

from engine.embedders._preprocessing import Preprocessing
from engine.embedders._seam import EmbeddingNetwork
from engine.errors import UserError
from engine.gallery import Metric
from engine.nn.weights import Official, WeightsReport
from engine.options import option

if TYPE_CHECKING:
    from onnx import FunctionProto, GraphProto, NodeProto

    _Nodes: TypeAlias = GraphProto | FunctionProto

_STANDARD = {"", "ai.onnx"}
_MOST_BYTES = 1 << 31
"""Of one ONNX file: more than this the format itself does not hold."""


@dataclass(frozen=True, slots=True)
class OnnxOptions:
    """What can be chosen."""

    card: str = option("", "The card (a JSON file) that describes the network beside it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class OnnxCard(Preprocessing):
    """What has to be known of an ONNX network of faces: what it sees of a crop, and these."""

    network: str
    """The file's name, in the card's folder."""
    dim: int
    metric: Metric

    def preprocessing(self) -> Preprocessing:
        """What it says of crops, and nothing else."""
        return Preprocessing(**{each.name: getattr(self, each.name) for each in fields(Preprocessing)})


class _Onnx(EmbeddingNetwork):
    """A session of onnxruntime behind the face of a network."""

    def __init__(self, card: OnnxCard, content: bytes, called: str) -> None:
        """Raises UserError, by what the file is called, where card or network cannot be used."""
        super().__init__()
        self.preprocessing = card.preprocessing()
        self.dim, self.metric = card.dim, card.metric
        self._called = called
        self._sha256 = hashlib.sha256(content).hexdigest()
        self._session = _session(content, called)
        self._is_single = self._checked_shapes(card)

    def features(self, pictures: Tensor) -> Tensor:
        parts = [each[None] for each in pictures] if self._is_single else [pictures]
        return torch.cat([self._ran(part) for part in parts]) if len(pictures) else pictures.new_zeros(0, self.dim)

    def weights_sha256(self) -> str:
        return self._sha256

    def _ran(self, pictures: Tensor) -> Tensor:
        given = pictures.detach().cpu().numpy()
        try:
            found: Any = self._session.run([self._session.get_outputs()[0].name], {self._input_name: given})[0]
            vectors = np.asarray(found, dtype=np.float32)
        except Exception as error:  # its errors share no class of their own
            raise UserError(f"{self._called} fails on {len(given)} crops: {_first_line(error)}.") from error
        if vectors.shape != (len(pictures), self.dim):
            raise UserError(f"{self._called} gives {vectors.shape}, where its card says ({len(pictures)}, {self.dim}).")
        return torch.from_numpy(vectors).to(pictures.device)

    def _checked_shapes(self, card: OnnxCard) -> bool:
        """Raise UserError where the network is not as its card says; whether it takes one crop at a time."""
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        wanted = (self.preprocessing.n_channels, card.height, card.width)
        if len(inputs) != 1 or inputs[0].type != "tensor(float)" or not _fits(inputs[0].shape[1:], wanted):
            raise UserError(f"{self._called} does not take one batch of crops {wanted}, as its card says.")
        if not _fits(outputs[0].shape[1:], (card.dim,)):
            raise UserError(f"{self._called} does not give vectors of {card.dim} numbers, as its card says.")
        self._input_name = inputs[0].name
        n_at_once = inputs[0].shape[0]
        if isinstance(n_at_once, int) and n_at_once != 1:
            raise UserError(f"{self._called} takes exactly {n_at_once} crops at once; it has to take 1 or any number.")
        return bool(n_at_once == 1)


def _fits(shape: list[Any], wanted: tuple[int, ...]) -> bool:
    """Whether a declared shape, with names where any size will do, allows the one that is wanted."""
    pairs = zip(shape, wanted, strict=False)
    return len(shape) == len(wanted) and all(size == ours for size, ours in pairs if isinstance(size, int))


def _chosen(options: OnnxOptions) -> tuple[OnnxCard, Path]:
    """The card that is named, and where its network is."""
    if not options.card:
        raise UserError("An ONNX network needs its card.", "Choose the JSON file that describes it.")
    card = _card_in(Path(options.card))
    return card, Path(options.card).parent / card.network


def _card_in(path: Path) -> OnnxCard:
    """The card in a file; raises UserError where it is none, or names a file outside its folder."""
    try:
        card = _card(path.read_bytes(), str(path))
    except OSError as error:
        raise UserError(f"{path} is no card of a face network: {error}.") from error
    if Path(card.network).name != card.network or "\\" in card.network or not card.network.isprintable():
        raise UserError(f"{path} names {card.network!r}; the network has to lie beside its card.")
    return card


def _card(text: str | bytes, called: str) -> OnnxCard:
    try:
        card = msgspec.json.decode(text, type=OnnxCard)
    except (ValueError, RecursionError) as error:  # of msgspec, of text that is none, of lists in lists without end
        raise UserError(f"{called} is no card of a face network: {error}.") from error
    if card.dim < 1:
        raise UserError(f"{called}: a vector has at least one number.")
    return card


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size >= _MOST_BYTES:
            raise UserError(f"{path} is too large for an ONNX file.")
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from error


def _session(content: bytes, called: str) -> Any:
    """A session on the CPU; raises UserError where the packages are missing or the network is not plain ONNX."""
    if find_spec("onnxruntime") is None or find_spec("onnx") is None:
        raise UserError("ONNX networks need the packages onnx and onnxruntime.", "Install them, and open it again.")
    import onnxruntime  # noqa: PLC0415  # optional, and slow to load

    _refuse_foreign(content, called)
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = torch.get_num_threads()
    try:
        return onnxruntime.InferenceSession(content, settings, providers=["CPUExecutionProvider"])
    except Exception as error:  # its errors share no class of their own
        raise UserError(f"{called} cannot be used: {_first_line(error)}.") from error


def _refuse_foreign(content: bytes, called: str) -> None:
    """Raise UserError for operators that the standard does not have, and for weights in other files."""
    import onnx  # noqa: PLC0415  # optional, and slow to load

    try:
        model = onnx.load_model_from_string(content)
    except Exception as error:  # protobuf's, which comes with onnx
        raise UserError(f"{called} is no ONNX file: {_first_line(error)}.") from error
    tops: list[_Nodes] = [model.graph, *model.functions]
    own = {(function.domain, function.name) for function in model.functions}
    foreign = {node.domain for node in _nodes(tops) if (node.domain, node.op_type) not in own} - _STANDARD
    if foreign:
        raise UserError(f"{called} uses operators that are not ONNX's own ({', '.join(sorted(foreign))}).")
    if any(each.data_location == onnx.TensorProto.EXTERNAL for each in _tensors(tops)):
        raise UserError(f"{called} keeps its weights in other files.", "Save it as one file.")


def _graphs(tops: Iterable[_Nodes]) -> Iterator[_Nodes]:
    """Graphs and functions, and all that lie inside their nodes, as the branches of a condition do."""
    for top in tops:
        yield top
        for node in top.node:
            for attribute in node.attribute:
                yield from _graphs((*attribute.graphs, *((attribute.g,) if attribute.HasField("g") else ())))


def _nodes(tops: Iterable[_Nodes]) -> Iterator[NodeProto]:
    return (node for each in _graphs(tops) for node in each.node)


def _tensors(tops: Iterable[_Nodes]) -> Iterator[Any]:
    """Every tensor that a file gives: initial values, sparse ones, and those in attributes."""
    for each in _graphs(tops):
        for sparse in getattr(each, "sparse_initializer", ()):
            yield from (sparse.values, sparse.indices)
        yield from getattr(each, "initializer", ())
        for node in each.node:
            for attribute in node.attribute:
                sparse = attribute.sparse_tensor
                yield from (attribute.t, *attribute.tensors, sparse.values, sparse.indices)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


class _OnnxEmbedder:
    """A user's own network."""

    title = "Own network (ONNX)"
    options = OnnxOptions
    is_trainable = False

    def build(self, options: OnnxOptions) -> EmbeddingNetwork:
        card, path = _chosen(options)
        return _Onnx(card, _content(path), str(path))

    def official(self, options: OnnxOptions) -> Official | None:
        return None

    def adopt(self, network: EmbeddingNetwork, tensors: Mapping[str, Tensor]) -> WeightsReport:
        raise UserError("The weights of an ONNX network are in its file.")

    def packed(self, options: OnnxOptions) -> tuple[bytes, str]:
        """The bytes of the ONNX file, and the card that says how they are used."""
        card, path = _chosen(options)
        return _content(path), msgspec.json.encode(card).decode()

    def unpacked(self, weights: bytes, card: str) -> EmbeddingNetwork:
        described = _card(card, "What is kept beside an ONNX network")
        return _Onnx(described, weights, described.network).eval()


EMBEDDER = _OnnxEmbedder()
