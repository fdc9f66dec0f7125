"""Every embedder and rule on people it never learned from: the table over random splits, with paired differences.

    python -m tests.bench.face_splits FOLDER [--splits 10] [--train 20] [--seconds 150] [--repeats 20] [--rows FILE]
        [--networks PLACE] [--embedders pixels,latent,classifier,siamese] [--centre SHARE]

FOLDER holds a folder of pictures for each person. Of every split, some people train what has to be trained (processor
seconds of one thread) and the others are judged by `engine.faces.protocol`: one template (K=1) or five (K=5), by each
rule; thresholds besides are set on the training people, and the rates that come of them are told. Each split's rows
are appended to FILE as they come, and trained networks are kept in the folder PLACE; one that is there already is not
trained again. `--centre 0.45` cuts, as the product does, the face in the middle of a larger picture out by a box of
that share of its shorter side.

In the table `+-` is the deviation over splits, [ ] what the mean is between when people are drawn anew, and ( ) what
siamese has more or less in the same split, with its deviation, and in how many splits it is better.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from engine import pictures
from engine.cropping import crop_of
from engine.embedders import EmbeddingNetwork, embedded
from engine.evaluation.verification import Statistic, mean_of, measured
from engine.faces.protocol import FIGURES, REALISED, Plan, Tried, tried
from engine.faces.training import Faces
from engine.gallery import Gallery, Rule
from engine.geometry.shapes import Box
from tests.bench._face_networks import EMBEDDERS_COMPARED, Learning, networks

CONDITIONS: tuple[tuple[int, Rule], ...] = (
    (1, "nearest"), (5, "nearest"), (5, "mean"), (5, "centroid"), (5, "nearest_few"),
)  # fmt: skip
LESS_IS_BETTER = {"eer", "fnir_at_fpir_10pct", "far", "fpir", "fnir"}
SHORT = {"tar_at_far_1pct": "tar@1%", "fnir_at_fpir_10pct": "fnir@10%"}
N_DRAWS = 400


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """What one embedder does on one split by one rule."""

    split: int
    embedder: str
    k: int
    rule: Rule
    tried: Tried

    def statistic(self, figure: str) -> Statistic | None:
        """One of the figures, or of the realised rates where there are any."""
        return self.tried.figures.get(figure) or self.tried.realised.get(figure)

    def plain(self) -> Mapping[str, object]:
        """The row as it is written down, in shares."""
        every = (*self.tried.figures.items(), *self.tried.realised.items())
        return {
            "split": self.split, "embedder": self.embedder, "k": self.k, "rule": self.rule,
            "people": self.tried.n_people, "probes": self.tried.n_probes, "set_on": self.tried.n_set_on,
            "figures": {name: each.value for name, each in every},
        }  # fmt: skip


def faces_in(folder: Path, centre: float | None = None) -> Faces:
    """Every person's pictures as the product crops them, people and pictures in the order of their names."""
    crops, people = [], []
    for person, place in enumerate(sorted(each for each in folder.iterdir() if each.is_dir())):
        for path in sorted(place.iterdir()):
            picture = pictures.decode(path)
            crops.append(crop_of(picture, None if centre is None else _middle(picture.shape, centre)).pixels)
            people.append(person)
    return Faces(crops, people)


def _middle(shape: tuple[int, ...], share: float) -> Box:
    height, width = shape[:2]
    half = share * min(height, width) / 2
    return Box(width / 2 - half, height / 2 - half, width / 2 + half, height / 2 + half)


def of_split(faces: Faces, split: int, learning: Learning, arguments: argparse.Namespace) -> Iterator[Row]:
    """All rows of one random split."""
    people = np.unique(_people(faces))
    order = np.random.default_rng(100 + split).permutation(len(people))
    learned, others = (_of(faces, set(each.tolist())) for each in np.split(order, [arguments.train]))
    for name, network in networks(learned, split, learning):
        judged, setting = _gallery(network, others), _gallery(network, learned)
        for k, rule in CONDITIONS:
            plan = Plan(k, rule, arguments.repeats, split)
            yield Row(split, name, k, rule, tried(judged, setting, plan, people))


def _people(faces: Faces) -> list[int]:
    return [each for each in faces.identity_ids if each is not None]


def _gallery(network: EmbeddingNetwork, faces: Faces) -> Gallery:
    people = np.array(_people(faces), np.int64)
    return Gallery(np.arange(len(people)), embedded(network, faces.crops), network.metric, people)


def _of(faces: Faces, people: set[int]) -> Faces:
    chosen = [row for row, person in enumerate(faces.identity_ids) if person in people]
    return Faces([faces.crops[row] for row in chosen], [faces.identity_ids[row] for row in chosen])


def table(found: Sequence[Row]) -> str:
    """A line for each condition and embedder, in per cent."""
    lines = []
    for k, rule in CONDITIONS:
        for name in dict.fromkeys(row.embedder for row in found):
            mine = [row for row in found if (row.embedder, row.k, row.rule) == (name, k, rule)]
            best = {row.split: row for row in found if (row.embedder, row.k, row.rule) == ("siamese", k, rule)}
            cells = [_cell(figure, mine, {} if name == "siamese" else best) for figure in (*FIGURES, *REALISED)]
            lines.append(f"K={k} {rule:12}{name:11}" + "  ".join(each for each in cells if each))
    return "\n".join(lines)


def _cell(figure: str, mine: Sequence[Row], best: Mapping[int, Row]) -> str:
    shown = [(row.split, each) for row in mine if (each := row.statistic(figure)) is not None and not each.reason]
    if not shown:
        return ""
    joined = measured(mean_of([each for _, each in shown]), n_draws=N_DRAWS)
    values = {split: 100 * (each.value or 0.0) for split, each in shown}
    gains = [
        100 * (other.value or 0.0) - values[split]
        for split in values
        if split in best and (other := best[split].statistic(figure)) is not None
    ]
    n_better = sum(each < 0 if figure in LESS_IS_BETTER else each > 0 for each in gains)
    gain = f" ({_spread(gains)}, {n_better}/{len(gains)})" if gains and figure in FIGURES else ""
    name = SHORT.get(figure, figure)
    return f"{name} {_spread(list(values.values()))} [{100 * joined.low:.1f}, {100 * joined.high:.1f}]{gain}"


def _spread(values: Sequence[float]) -> str:
    return f"{np.mean(values):.1f} +- {np.std(values, ddof=1) if len(values) > 1 else 0.0:.1f}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--splits", type=int, default=10)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--train", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=150.0)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--weights", type=Path, default=Path("../shared/weights/mobilenet_v2_imagenet.pth"))
    parser.add_argument("--rows", type=Path)
    parser.add_argument("--networks", type=Path)
    parser.add_argument("--embedders", default=",".join(EMBEDDERS_COMPARED))
    parser.add_argument("--centre", type=float)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    names = tuple(arguments.embedders.split(","))
    learning = Learning(arguments.seconds, arguments.weights, arguments.networks, names)
    faces, found = faces_in(arguments.folder, arguments.centre), list[Row]()
    for split in range(arguments.first, arguments.first + arguments.splits):
        for row in of_split(faces, split, learning, arguments):
            found.append(row)
            if arguments.rows is not None:
                with arguments.rows.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(row.plain()) + "\n")
    print(table(found))


if __name__ == "__main__":
    main()
