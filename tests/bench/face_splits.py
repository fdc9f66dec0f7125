"""Every embedder on people it never learned from: the table over random splits, with paired differences.

    python -m tests.bench.face_splits FOLDER [--splits 10] [--train 20] [--seconds 150] [--repeats 40] [--rows FILE]
        [--networks PLACE]

FOLDER holds a folder of pictures for each person. Of every split, some people train the siamese network (processor
seconds of one thread) and the others are enrolled with one template each (K=1) or five (K=5). Rank 1, EER and TAR at
1 % FAR are of all of them; FNIR at 10 % FPIR (ISO/IEC 19795-1) where half of them were never enrolled. Templates are
drawn anew for each repeat; distances are Euclidean. Every split's rows are appended to FILE as they come, and its
trained network is kept in the folder PLACE; one that is there already is not trained again.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from engine.embedders import EMBEDDERS, EmbeddingNetwork, decode, embedded
from engine.faces.events import FacesCheckpoint
from engine.faces.recipe import FaceRecipe
from engine.faces.training import Faces, train
from engine.nn.weights import read

Floats = NDArray[np.float64]
FIGURES = ("rank1", "eer", "tar_at_far_1pct", "fnir_at_fpir_10pct")
RULES: Mapping[str, Callable[..., Floats]] = {"nearest": np.min, "mean": np.mean}
CONDITIONS = ((1, "nearest"), (5, "nearest"), (5, "mean"))


@dataclass(frozen=True, slots=True)
class Row:
    """What one embedder does on one split, in per cent."""

    split: int
    embedder: str
    k: int
    rule: str
    figures: Mapping[str, float]


def faces_in(folder: Path) -> Faces:
    """Every person's pictures, people and pictures in the order of their names."""
    crops, people = [], []
    for person, place in enumerate(sorted(each for each in folder.iterdir() if each.is_dir())):
        for path in sorted(place.iterdir()):
            crops.append(np.asarray(Image.open(path).convert("RGB")))
            people.append(person)
    return Faces(crops, people)


def enrolled(distance: Floats, person_of: NDArray[np.int64], k: int, rule: str, rng: np.random.Generator) -> Figures:
    """Distances of all other faces (rows) to the templates of every person (columns), and whose faces they are."""
    people = np.unique(person_of)
    templates = [rng.permutation(np.flatnonzero(person_of == person))[:k] for person in people]
    probes = np.setdiff1d(np.arange(len(person_of)), np.concatenate(templates))
    columns = [RULES[rule](distance[np.ix_(probes, own)], axis=1) for own in templates]
    return Figures(np.stack(columns, axis=1), np.searchsorted(people, person_of[probes]), rng)


class Figures:
    """What can be said of (P, I) distances of probes to people, and of who each probe is."""

    def __init__(self, distance: Floats, own: NDArray[np.int64], rng: np.random.Generator) -> None:
        self.distance, self.own, self.rng = distance, own, rng
        is_own = np.arange(distance.shape[1]) == own[:, None]
        self.genuine, self.impostor = distance[is_own], np.sort(distance[~is_own])

    @property
    def rank1(self) -> float:
        return float(np.mean(self.distance.argmin(axis=1) == self.own))

    @property
    def eer(self) -> float:
        """Where false accepts and false rejects are as many, or nearest to it."""
        thresholds = np.unique(np.concatenate([self.genuine, self.impostor]))
        far = np.searchsorted(self.impostor, thresholds, side="right") / len(self.impostor)
        frr = 1 - np.searchsorted(np.sort(self.genuine), thresholds, side="right") / len(self.genuine)
        nearest = np.abs(far - frr).argmin()
        return float((far[nearest] + frr[nearest]) / 2)

    @property
    def tar_at_far_1pct(self) -> float:
        """At the loosest threshold that accepts no more than one impostor in a hundred."""
        limit = self.impostor[int(0.01 * len(self.impostor))]
        return float(np.mean(self.genuine < limit))

    @property
    def fnir_at_fpir_10pct(self) -> float:
        """Half of the people, drawn anew, are strangers; no more than one in ten of their searches finds anybody."""
        known = self.rng.permutation(self.distance.shape[1])[: self.distance.shape[1] // 2]
        is_known = np.isin(self.own, known)
        among = self.distance[:, known]
        strangers = np.sort(among[~is_known].min(axis=1))
        limit = strangers[int(0.1 * len(strangers))]
        found = among[is_known]
        is_right = (known[found.argmin(axis=1)] == self.own[is_known]) & (found.min(axis=1) < limit)
        return float(1 - is_right.mean())


def rows(split: int, embedder: str, vectors: NDArray[np.float32], people: Sequence[int], n: int) -> Iterator[Row]:
    """Figures of an embedder, means over `n` draws of templates."""
    distance = np.linalg.norm(vectors[:, None].astype(np.float64) - vectors, axis=2)
    for k, rule in CONDITIONS:
        rng = np.random.default_rng([split, k])  # the same templates for every embedder
        draws = [enrolled(distance, np.asarray(people), k, rule, rng) for _ in range(n)]
        means = {name: 100 * float(np.mean([getattr(each, name) for each in draws])) for name in FIGURES}
        yield Row(split, embedder, k, rule, means)


def networks(learned: Faces, seed: int, arguments: argparse.Namespace) -> Iterator[tuple[str, EmbeddingNetwork]]:
    """Every embedder that needs nobody's files but the classifier's weights, ready to embed."""
    for name in ("pixels", "latent"):
        embedder = EMBEDDERS.get(name)
        network = embedder.build(embedder.options()).eval()
        if name == "latent":
            if not arguments.weights.is_file():
                continue
            embedder.adopt(network, read(arguments.weights))
        yield name, network
    kept = arguments.networks / f"siamese_{seed}.safetensors" if arguments.networks is not None else None
    yield "siamese", decode(trained(learned, seed, arguments.seconds, kept))[0]


def trained(learned: Faces, seed: int, seconds: float, kept: Path | None) -> bytes:
    """The weights of a siamese network that learned from these people, or those that an earlier call has kept."""
    if kept is not None and kept.is_file():
        return kept.read_bytes()
    recipe = FaceRecipe(minutes=seconds / 60, validation_share=0.0, seed=seed)
    done = [each for each in train(recipe, learned, clock=time.process_time) if isinstance(each, FacesCheckpoint)]
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(done[-1].weights)
    return done[-1].weights


def of_split(faces: Faces, split: int, arguments: argparse.Namespace) -> Iterator[Row]:
    """All rows of one random split."""
    order = np.random.default_rng(100 + split).permutation(len(set(faces.identity_ids)))
    learned, others = (_of(faces, set(each.tolist())) for each in np.split(order, [arguments.train]))
    for name, network in networks(learned, split, arguments):
        yield from rows(split, name, embedded(network, others.crops), others.identity_ids, arguments.repeats)


def _of(faces: Faces, people: set[int]) -> Faces:
    chosen = [row for row, person in enumerate(faces.identity_ids) if person in people]
    return Faces([faces.crops[row] for row in chosen], [faces.identity_ids[row] for row in chosen])


def table(found: Sequence[Row]) -> str:
    """Mean and deviation over the splits, and what siamese is better by, split by split."""
    lines = []
    for k, rule in CONDITIONS:
        for name in dict.fromkeys(row.embedder for row in found):
            mine = {row.split: row.figures for row in found if (row.embedder, row.k, row.rule) == (name, k, rule)}
            best = {row.split: row.figures for row in found if (row.embedder, row.k, row.rule) == ("siamese", k, rule)}
            cells = []
            for figure in FIGURES:
                values = [each[figure] for each in mine.values()]
                gains = [best[split][figure] - each[figure] for split, each in mine.items() if split in best]
                gain = "" if name == "siamese" or not gains else f" ({_spread(gains)})"
                cells.append(f"{figure} {_spread(values)}{gain}")
            lines.append(f"K={k} {rule:8}{name:9}" + "  ".join(cells))
    return "\n".join(lines)


def _spread(values: Sequence[float]) -> str:
    return f"{np.mean(values):.1f} +- {np.std(values, ddof=1) if len(values) > 1 else 0.0:.1f}"


def main() -> None:
    """Print the table, in brackets what siamese's figures are more or less by in the same split."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--splits", type=int, default=10)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--train", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=150.0)
    parser.add_argument("--repeats", type=int, default=40)
    parser.add_argument("--weights", type=Path, default=Path("../shared/weights/mobilenet_v2_imagenet.pth"))
    parser.add_argument("--rows", type=Path)
    parser.add_argument("--networks", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    faces, found = faces_in(arguments.folder), list[Row]()
    for split in range(arguments.first, arguments.first + arguments.splits):
        for row in of_split(faces, split, arguments):
            found.append(row)
            if arguments.rows is not None:
                with arguments.rows.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(row)) + "\n")
    print(table(found))


if __name__ == "__main__":
    main()
