"""What holds for every embedder, also for one that is dropped in tomorrow."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine.embedders import EMBEDDERS, Carried, EmbedderCard, EmbeddingNetwork, decode, embedded, encode, rebuilt
from engine.embedders.latent import LatentOptions
from engine.embedders.pixels import PixelsOptions
from engine.embedders.siamese import SiameseOptions
from engine.errors import UserError
from engine.options import options_help

N_CUTS = 40


def own_network(folder: Path) -> Any:
    from tests.engine.embedders import test_onnx

    return test_onnx.written(folder, test_onnx.model())


SMALL: dict[str, Callable[[Path], Any]] = {
    "pixels": lambda _: PixelsOptions(height=8, width=6),
    "siamese": lambda _: SiameseOptions(dim=16, channels=4, height=24, width=20),
    "latent": lambda _: LatentOptions(classifier="resnet18", height=32, width=32),
    "onnx": own_network,
}
"""Options that make an embedder small enough for a test, or that it cannot do without; others have their usual ones."""


@pytest.fixture(params=EMBEDDERS.names())
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def options(name: str, tmp_path: Path) -> Any:
    return SMALL[name](tmp_path) if name in SMALL else EMBEDDERS.get(name).options()


@pytest.fixture
def network(name: str, options: Any) -> EmbeddingNetwork:
    torch.manual_seed(3)
    return EMBEDDERS.get(name).build(options).eval()


@pytest.fixture
def kept(name: str, options: Any, network: EmbeddingNetwork) -> tuple[bytes, str]:
    """What a project keeps of it: weights, and the card of those whose card is not among the weights."""
    drop_in = EMBEDDERS.get(name)
    if isinstance(drop_in, Carried):
        return drop_in.packed(options)
    return encode(network, EmbedderCard.of(name, options, network)), ""


def faces(n: int, seed: int = 0, height: int = 30, width: int = 25) -> list[NDArray[np.uint8]]:
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 256, (height, width, 3), dtype=np.uint8) for _ in range(n)]


def grey(crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.repeat(crop[..., :1], 3, axis=2)


def test_every_option_is_explained(name: str) -> None:
    assert all(sentence.endswith(".") for sentence in options_help(EMBEDDERS.get(name).options).values())


@pytest.mark.parametrize("n_crops", [0, 1, 300])
def test_crops_become_vectors_of_the_said_length(network: EmbeddingNetwork, n_crops: int) -> None:
    crops = faces(n_crops)
    found = embedded(network, [grey(crop) if number % 2 else crop for number, crop in enumerate(crops)])
    assert found.shape == (n_crops, network.dim)
    assert found.dtype == np.float32
    assert np.isfinite(found).all()
    if network.metric == "cosine":
        assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-4)
    assert len(np.unique(found, axis=0)) == n_crops


@pytest.mark.parametrize("light", [0, 127, 255])
def test_a_crop_without_any_contrast_has_a_vector_of_numbers(network: EmbeddingNetwork, light: int) -> None:
    assert np.isfinite(embedded(network, [np.full((30, 25, 3), light, np.uint8)])).all()


def test_a_vector_does_not_depend_on_which_crops_are_beside_it(network: EmbeddingNetwork) -> None:
    crops = faces(35)
    together = embedded(network, crops)
    alone = np.concatenate([embedded(network, [crops[number]]) for number in (0, 31, 32, 34)])
    assert np.allclose(together[[0, 31, 32, 34]], alone, atol=1e-5)


def test_crops_of_different_sizes_go_together(network: EmbeddingNetwork) -> None:
    crops = [*faces(1, 1, 40, 33), *faces(1, 2, 61, 50)]
    apart = np.concatenate([embedded(network, [crop]) for crop in crops])
    assert np.allclose(embedded(network, crops), apart, atol=1e-5)


def test_mirrored_crops_have_the_same_vector_where_mirrors_are_added(network: EmbeddingNetwork) -> None:
    crop = faces(1)[0]
    first, second = embedded(network, [crop, crop[:, ::-1]])
    assert np.allclose(first, second, atol=1e-4) == network.preprocessing.adds_mirror


def test_in_train_mode_nothing_is_embedded(network: EmbeddingNetwork) -> None:
    with pytest.raises(ValueError, match="train mode"):
        embedded(network.train(), faces(1))


def test_the_kind_of_vectors_is_the_same_only_for_the_same_weights(name: str, network: EmbeddingNetwork) -> None:
    kind = network.kind(name)
    kind.refuse_other(network.kind(name))
    assert (kind.embedder, kind.metric, kind.dim) == (name, network.metric, network.dim)
    first = next(network.parameters(), None)
    if first is None:
        return
    with torch.no_grad():
        first.view(-1)[0] += 1
    with pytest.raises(UserError, match="the weights differ"):
        kind.refuse_other(network.kind(name))


def test_what_a_project_keeps_is_rebuilt_and_gives_the_same_vectors(
    name: str, network: EmbeddingNetwork, kept: tuple[bytes, str]
) -> None:
    again = rebuilt(name, *kept)
    assert again.kind(name) == network.kind(name)
    assert np.array_equal(embedded(again, faces(3)), embedded(network, faces(3)))


def test_a_card_in_a_file_is_read_back_whole(name: str, options: Any, network: EmbeddingNetwork) -> None:
    if isinstance(EMBEDDERS.get(name), Carried):
        return  # its card is beside its file
    card = replace(EmbedderCard.of(name, options, network), identity_ids=(3, 5), metrics={"eer": 0.1})
    assert decode(encode(network, card))[1] == card


def test_weights_of_another_embedder_are_refused(name: str, kept: tuple[bytes, str]) -> None:
    is_foreign = isinstance(EMBEDDERS.get(name), Carried)
    for other in {"pixels", "siamese"} - {name}:
        with pytest.raises(UserError, match="no safetensors" if is_foreign else "These are weights of"):
            rebuilt(other, *kept)


def test_a_torn_file_is_refused(name: str, kept: tuple[bytes, str]) -> None:
    weights, card = kept
    for n_bytes in range(0, len(weights), -(-len(weights) // N_CUTS)):
        with pytest.raises(UserError):
            rebuilt(name, weights[:n_bytes], card)


def test_a_file_of_other_shapes_is_refused_before_memory_is_taken(
    name: str, kept: tuple[bytes, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    drop_in = EMBEDDERS.get(name)
    if isinstance(drop_in, Carried):
        return  # the format is not ours: held against its card in a test of its own
    built, build = list[EmbeddingNetwork](), drop_in.build

    def watched(options: Any) -> EmbeddingNetwork:
        built.append(build(options))
        return built[-1]

    monkeypatch.setattr(drop_in, "build", watched, raising=False)
    with pytest.raises(UserError, match="another network"):
        rebuilt(name, with_another_shape(kept[0]), "")
    assert len(built) == 1
    assert all(value.is_meta for value in built[0].state_dict().values())


def with_another_shape(weights: bytes) -> bytes:
    """The file with its first tensor said to be longer; where it has none, with one."""
    length = int.from_bytes(weights[:8], "little")
    header = json.loads(weights[8 : 8 + length])
    tensor = next((name for name in header if name != "__metadata__"), "another")
    entry = header.setdefault(tensor, {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]})
    entry["shape"] = [*entry["shape"], 1 << 40]
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + weights[8 + length :]
