"""Enrolling one person by a face crop on a CPU: milliseconds until the template and its vector are in the file, what of
it is what, by embedder; and a face by landmarks out of a photograph of 12 megapixels. Networks are loaded before, as a
window keeps them; a siamese network here has random weights, on which no time depends.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from engine.cropping import Landmarks, crop_of, judge
from engine.embedders import EMBEDDERS, EmbedderCard, encode
from engine.faces.choice import EmbedderChoice
from engine.faces.enrolling import EnrolRequest, enrol
from engine.faces.ensuring import ensuring
from engine.faces.picture_faces import one_of_file
from engine.faces.recognising import Recogniser, embed
from engine.faces.sources import FaceFiles
from engine.progress import finish
from engine.project.store import Project
from tests.bench._rows import Row, median, milliseconds, percentile, show

LIMIT_MS = 200.0
N_FACES = 40
N_THERE = 400
"""Templates that the project has before."""


def main() -> None:
    """Print the table."""
    print(f"Torch computes with {torch.get_num_threads()} thread(s); crops of 92 x 112 pixels.")
    with tempfile.TemporaryDirectory(prefix="boxwright-") as folder:
        show([*cutting_rows(Path(folder)), *(row for name in ("siamese", "latent", "pixels")
                                             for row in enrolling_rows(Path(folder), name))])  # fmt: skip


def pictures(folder: Path, n: int, seed: int) -> list[Path]:
    """Crops of faces: blots with grain, which compress no better than faces do."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    made = []
    for at in range(n):
        blots = Image.fromarray(rng.integers(0, 256, (8, 7, 3), dtype=np.uint8)).resize(
            (92, 112), Image.Resampling.BICUBIC
        )
        grain = np.asarray(blots) + rng.normal(0, 4, (112, 92, 3))
        made.append(folder / f"{at}.png")
        Image.fromarray(grain.clip(0, 255).astype(np.uint8)).save(made[-1])
    return made


def cutting_rows(folder: Path) -> Iterator[Row]:
    """What becomes of a picture before any network sees it."""
    (file,) = pictures(folder / "one", 1, 0)
    crop = one_of_file(file).crop
    photograph = np.random.default_rng(0).integers(0, 256, (3000, 4000, 3), dtype=np.uint8)
    eyes = Landmarks((1700.0, 1300.0), (2200.0, 1420.0), (1900.0, 1650.0), (1680.0, 1880.0), (2060.0, 1960.0))
    aligned = crop_of(photograph, eyes)
    for what, run in (
        ("decode a crop", lambda: one_of_file(file)),
        ("judge it", lambda: judge(crop)),
        ("write it as a PNG", crop.png),
        ("cut and align a face of 12 megapixels, decoded", lambda: crop_of(photograph, eyes)),
        ("write an aligned crop as a PNG (noise, the worst case)", aligned.png),
    ):
        yield Row(what, median(milliseconds(run, N_FACES)), "ms")


def enrolling_rows(folder: Path, name: str) -> Iterator[Row]:
    """One face after the other, each in a transaction of its own, with its vector."""
    with Project.create(folder / f"{name}.boxwright") as project:
        finish(enrol(project, EnrolRequest((FaceFiles(tuple(pictures(folder / "there", N_THERE, 1)), "Somebody"),))))
        embedder_id = finish(ensuring(project, EmbedderChoice(name, weights_of(folder, name))))
        recogniser = Recogniser.load(project, embedder_id)
        finish(embed(project, embedder_id, recogniser=recogniser))
        files = iter(pictures(folder / "new", N_FACES, 2))
        numbers = iter(range(N_FACES))
        crop = one_of_file(folder / "there" / "0.png").crop.pixels

        def brought_in() -> None:
            person = f"Person {next(numbers)}"
            finish(enrol(project, EnrolRequest((FaceFiles((next(files),), person),))))

        def embedded() -> None:
            finish(embed(project, embedder_id, recogniser=recogniser))

        enrolling, embedding = [], []
        for _ in range(N_FACES):
            enrolling += milliseconds(brought_in, 1)
            embedding += milliseconds(embedded, 1)
        together = [sum(both) for both in zip(enrolling, embedding, strict=True)]
        yield Row(
            f"{name}: the vector of one crop", median(milliseconds(lambda: recogniser.vectors([crop]), N_FACES)), "ms"
        )
        yield Row(f"{name}: a person enrolled, committed", median(enrolling), "ms")
        yield Row(f"{name}: their vector made and committed", median(embedding), "ms")
        yield Row(f"{name}: both, p95", percentile(together, 0.95), "ms", limit=LIMIT_MS)


def weights_of(folder: Path, name: str) -> str:
    """A file of random weights; 'auto' where none are needed."""
    drop_in = EMBEDDERS.get(name)
    torch.manual_seed(0)
    network = drop_in.build(drop_in.options()).eval()
    if not network.state_dict():
        return "auto"
    path = folder / f"{name}.safetensors"
    path.write_bytes(encode(network, EmbedderCard.of(name, drop_in.options(), network)))
    return str(path)


if __name__ == "__main__":
    main()
