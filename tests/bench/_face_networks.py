"""The embedders that `face_splits` compares: ready ones, and those that learn from a split's training people.

`classifier` is what the lectures put between pixels and a learnt distance, made from the same few people as the siamese
network: a small torchvision ResNet that learns to tell the training people apart; its features before the last layer
are the vectors.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torchvision.models.resnet import BasicBlock, ResNet

from engine.embedders import EMBEDDERS, EmbeddingNetwork, Metric, Preprocessing, decode
from engine.faces.events import FacesCheckpoint
from engine.faces.face_set import FaceSet
from engine.faces.recipe import FaceRecipe
from engine.faces.training import Faces, train
from engine.faces.varying import varied, warps
from engine.nn.weights import read

EMBEDDERS_COMPARED = ("pixels", "latent", "classifier", "siamese")


@dataclass(frozen=True, slots=True)
class Learning:
    """What is spent on learning, and where what was learned is kept."""

    seconds: float
    """Of the processor, one thread."""
    weights: Path
    """Of the classifier of things."""
    networks: Path | None
    names: tuple[str, ...] = EMBEDDERS_COMPARED

    def kept(self, name: str, split: int) -> Path | None:
        """Where the weights of a split are, or are to be."""
        return None if self.networks is None else self.networks / f"{name}_{split}.safetensors"


def networks(learned: Faces, split: int, learning: Learning) -> Iterator[tuple[str, EmbeddingNetwork]]:
    """Every embedder that is asked for, ready to embed; latent only where its weights are there."""
    if "pixels" in learning.names:
        pixels = EMBEDDERS.get("pixels")
        yield "pixels", pixels.build(pixels.options()).eval()
    if "latent" in learning.names and learning.weights.is_file():
        latent = EMBEDDERS.get("latent")
        network = latent.build(latent.options()).eval()
        latent.adopt(network, read(learning.weights))
        yield "latent", network
    if "classifier" in learning.names:
        yield "classifier", _classifier(learned, split, learning)
    if "siamese" in learning.names:
        yield "siamese", decode(_siamese(learned, split, learning))[0]


def _siamese(learned: Faces, split: int, learning: Learning) -> bytes:
    """The weights of a siamese network that learned from these people, or those that an earlier call has kept."""
    kept = learning.kept("siamese", split)
    if kept is not None and kept.is_file():
        return kept.read_bytes()
    recipe = FaceRecipe(minutes=learning.seconds / 60, validation_share=0.0, seed=split)
    done = [each for each in train(recipe, learned, clock=time.process_time) if isinstance(each, FacesCheckpoint)]
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(done[-1].weights)
    return done[-1].weights


class PeopleClassifier(EmbeddingNetwork):
    """torchvision's ResNet with one block a stage, for grey crops; its last layer tells the training people apart."""

    metric: Metric = "cosine"
    dim = 512

    def __init__(self, n_people: int) -> None:
        super().__init__()
        self.preprocessing = Preprocessing(
            height=112, width=96, channels="grey", is_standardised=True, adds_mirror=True
        )
        self.body = ResNet(BasicBlock, [1, 1, 1, 1])
        self.body.conv1 = nn.Conv2d(1, 64, 7, 2, 3, bias=False)
        self.body.fc = nn.Identity()
        self.people = nn.Linear(self.dim, n_people)

    def features(self, pictures: Tensor) -> Tensor:
        found: Tensor = self.body(pictures)
        return found


def _classifier(learned: Faces, split: int, learning: Learning) -> EmbeddingNetwork:
    """Cross-entropy over the training people, in the time that the siamese network has, with the same variation."""
    torch.manual_seed(split)
    faces = FaceSet.of(learned.crops, _known(learned), PeopleClassifier(1).preprocessing)
    network = PeopleClassifier(faces.n_people)
    kept = learning.kept("classifier", split)
    if kept is not None and kept.is_file():
        network.load_state_dict(read(kept))
        return network.eval()
    _taught(network, faces, learning.seconds, torch.Generator().manual_seed(split))
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        save_file(network.state_dict(), kept)
    return network.eval()


def _known(learned: Faces) -> list[int]:
    return [each for each in learned.identity_ids if each is not None]


def _taught(network: PeopleClassifier, faces: FaceSet, seconds: float, generator: torch.Generator) -> None:
    optimizer = torch.optim.AdamW(network.parameters(), 1e-3, weight_decay=5e-2)
    began = time.process_time()
    while (spent := time.process_time() - began) < seconds:
        for group in optimizer.param_groups:
            group["lr"] = 1e-3 * (1 - spent / seconds)
        rows = torch.randint(len(faces), (32,), generator=generator)
        seen = varied(faces.shown[rows], warps(len(rows), 0, 0.0, generator), 1.0, generator)
        shown = network.preprocessing.normalised(seen)
        loss = nn.functional.cross_entropy(network.people(network.features(shown)), faces.person_of[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
