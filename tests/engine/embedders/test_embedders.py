"""What each embedder is, and that their vectors never mix; what holds for all of them is in test_contract."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine.embedders import EMBEDDERS, crop_tensor, embedded, rebuilt
from engine.embedders.latent import LatentOptions
from engine.embedders.pixels import PixelsOptions
from engine.embedders.siamese import SiameseOptions
from engine.errors import UserError
from engine.nn.spread import evening_out
from engine.nn.weights import read

SMALL: dict[str, Any] = {
    "pixels": PixelsOptions(height=8, width=6),
    "siamese": SiameseOptions(dim=16, channels=4, height=24, width=20),
    "latent": LatentOptions(classifier="resnet18", height=32, width=32),
}


def faces(n: int, seed: int = 0, height: int = 30, width: int = 25) -> list[NDArray[np.uint8]]:
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 256, (height, width, 3), dtype=np.uint8) for _ in range(n)]


def test_there_are_four() -> None:
    assert EMBEDDERS.names() == ["latent", "onnx", "pixels", "siamese"]


def test_vectors_of_different_embedders_are_never_compared() -> None:
    kinds = [EMBEDDERS.get(each).build(options).kind(each) for each, options in SMALL.items()]
    for first in kinds:
        for second in kinds:
            if first is not second:
                with pytest.raises(UserError, match="cannot be compared: the embedders differ"):
                    first.refuse_other(second)
    with pytest.raises(UserError, match="prepared differently"):
        kinds[0].refuse_other(replace(kinds[0], preprocessing_sha256="other"))


def test_an_embedder_without_weights_is_as_its_options_usually_are() -> None:
    assert rebuilt("pixels", None, "").kind("pixels") == EMBEDDERS.get("pixels").build(PixelsOptions()).kind("pixels")


def test_pixels_are_apart_by_the_distance_of_standardised_crops() -> None:
    network = EMBEDDERS.get("pixels").build(PixelsOptions(height=30, width=25)).eval()
    crops = faces(2)
    first, second = embedded(network, crops)
    greys = [crop.astype(np.float64) @ np.array([0.299, 0.587, 0.114]) / 255 for crop in crops]
    standardised = [(grey - grey.mean()) / grey.std() for grey in greys]
    wanted = np.sqrt(np.mean((standardised[0] - standardised[1]) ** 2))
    assert np.linalg.norm(first - second) == pytest.approx(wanted, rel=1e-4)
    assert np.allclose(np.linalg.norm([first, second], axis=1), 1, atol=1e-4)


def test_latent_features_are_what_the_classifier_decides_by(shared: Path) -> None:
    from torchvision.models import mobilenet_v2

    tensors = read(shared / "weights" / "mobilenet_v2_imagenet.pth")
    embedder = EMBEDDERS.get("latent")
    network = embedder.build(LatentOptions(height=64, width=64)).eval()
    report = embedder.adopt(network, tensors)
    assert report.n_matched == report.n_wanted == len(network.state_dict())
    assert all(name.startswith("classifier.") for name in report.unused)

    whole = mobilenet_v2()
    whole.load_state_dict(tensors)
    crop = torch.from_numpy(np.stack(faces(2, 1, 64, 64))).permute(0, 3, 1, 2)
    pictures = network.preprocessing.normalised(network.preprocessing.shown(crop))
    with torch.inference_mode():
        scores = whole.eval().classifier(network.features(pictures))
        assert torch.allclose(scores, whole(pictures), atol=1e-4)


def test_weights_of_another_network_are_refused() -> None:
    embedder = EMBEDDERS.get("latent")
    with pytest.raises(UserError, match="another network"):
        embedder.adopt(embedder.build(SMALL["latent"]), {"features.0.weight": torch.zeros(3)})


def test_pixels_take_no_weights() -> None:
    embedder = EMBEDDERS.get("pixels")
    with pytest.raises(UserError, match="no weights"):
        embedder.adopt(embedder.build(SMALL["pixels"]), {"a": torch.zeros(1)})


@pytest.mark.parametrize(
    "make",
    [
        lambda: PixelsOptions(height=0),
        lambda: LatentOptions(height=31),
        lambda: SiameseOptions(dim=0),
        lambda: SiameseOptions(members=0),
        lambda: SiameseOptions(dim=10, members=4),
        lambda: SiameseOptions(dropout=1.0),
    ],
)
def test_options_that_cannot_be_followed_are_refused(make: Any) -> None:
    with pytest.raises(UserError):
        make()


@pytest.mark.parametrize("size", [(1, 1), (7, 9), (56, 48)])
def test_a_siamese_network_can_be_of_any_size(size: tuple[int, int]) -> None:
    options = SiameseOptions(height=size[0], width=size[1], channels=2, dim=5, members=1)
    assert embedded(EMBEDDERS.get("siamese").build(options).eval(), faces(2)).shape == (2, 5)


def test_a_siamese_networks_vector_is_that_of_its_members_joined() -> None:
    network = EMBEDDERS.get("siamese").build(SiameseOptions(dim=12, members=3, channels=2, height=16, width=16)).eval()
    crops = torch.cat([crop_tensor(face) for face in faces(4)])
    with torch.inference_mode():
        joined = network(crops)
        shown = network.preprocessing.shown(crops)
        parts = [network.member_vectors(number, shown) for number in range(3)]
    assert [tuple(part.shape) for part in parts] == [(4, 4)] * 3
    assert torch.allclose(torch.linalg.norm(joined, dim=1), torch.ones(4), atol=1e-5)
    for part in parts:
        assert torch.allclose(torch.linalg.norm(part, dim=1), torch.ones(4), atol=1e-5)
    assert not torch.allclose(parts[0], parts[1], atol=1e-3)
    assert torch.allclose(joined, torch.cat(parts, dim=1) / 3**0.5)


def test_a_siamese_network_evens_its_vectors_out_once_it_knows_how_people_spread() -> None:
    options = SiameseOptions(dim=12, members=3, channels=2, height=16, width=16, dropout=0.0)
    network = EMBEDDERS.get("siamese").build(options).eval()
    shown = network.preprocessing.shown(torch.cat([crop_tensor(face) for face in faces(6)]))
    people = torch.tensor([0, 0, 0, 1, 1, 1])
    with torch.inference_mode():
        joined, before = network.joined(shown), network.vectors(shown)
        network.learn_spread(joined, people)
        centre, matrix = evening_out(joined, people)
        found = network.vectors(shown)
    assert torch.allclose(before, joined, atol=1e-6)
    assert torch.allclose(found, torch.nn.functional.normalize((joined - centre) @ matrix, dim=1), atol=1e-5)
    assert not torch.allclose(found, before, atol=1e-2)
    assert torch.allclose(network.train().joined(shown), network.vectors(shown))
