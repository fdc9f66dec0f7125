"""A mask for a box by a trained Mask R-CNN on a CPU: milliseconds from the box that is drawn to the mask that is there,
through the worker process as the window asks it, for a picture whose features are cached; and what the first box waits.

BOXWRIGHT_TRAINED may name a project with a trained run (it is copied); else the sample project is made and a network
trained on it for a minute. What was used is said first: times depend on the network's size alone, the IoU on how it was
trained.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PySide6.QtWidgets import QApplication

from engine.detecting.prompting import Asked, Prompter
from engine.geometry.overlap import iou
from engine.geometry.shapes import Box, Mask, Polygon
from engine.project import annotations, images
from engine.project.records import ImageRecord
from engine.project.store import Project
from engine.samples.project import create_sample
from studio.jobs import Jobs
from studio.prompting import Prompting
from studio.prompts import Prompt, Prompted
from studio.session import Session
from tests.bench._rows import Row, median, milliseconds, percentile, show

LIMIT_MS = 100.0
N_BOXES = 60
MINUTES = 1.0
"""Of training where no trained project is given."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A project with a network, and what kind of training that has had."""

    path: Path
    words: str


def project_in(folder: Path) -> Trained:
    """A project with a Mask R-CNN of the size that is chosen for a CPU."""
    path = folder / "p.boxwright"
    if given := os.environ.get("BOXWRIGHT_TRAINED"):
        return Trained(Path(shutil.copy(given, path)), "a project of one's own")
    create_sample(path).close()
    command = [sys.executable, "-m", "engine", "train", str(path), "--detector", "mask_rcnn", "--device", "cpu"]
    subprocess.run([*command, "--minutes", str(MINUTES)], check=True, stdout=subprocess.DEVNULL)
    return Trained(path, f"the sample project, {MINUTES:g} min of training")


def boxes(image: ImageRecord) -> list[Box]:
    """Boxes of all sizes on the picture, the way a box grows while it is dragged."""
    random = np.random.default_rng(0)
    corners = random.uniform(0, 0.6, (N_BOXES, 2))
    sides = random.uniform(0.05, 0.4, (N_BOXES, 2))
    scale = (image.width, image.height)
    return [Box(*(at * scale), *((at + side) * scale)) for at, side in zip(corners, sides, strict=True)]


def worker_rows(path: Path, image: ImageRecord) -> Iterator[Row]:
    """What a person waits: the window asks, the worker process answers."""
    session, jobs = Session(), Jobs()
    session.open(path)
    class_id = session.class_id
    prompting, heard = Prompting(session, jobs), list[Prompted]()
    prompting.answered.connect(lambda _, prompted: heard.append(prompted))

    def ask(prompt: Prompt) -> None:
        heard.clear()
        prompting.ask(1, prompt)
        while not heard:
            QApplication.processEvents()
            time.sleep(0.0002)
        if heard[0].refusal is not None:
            raise RuntimeError(heard[0].refusal.words)

    (first,) = milliseconds(lambda: ask(Prompt(image.id)), 1)
    # As the tool asks: the box as the class in hand, and as whichever suits it.
    drawn = iter([Prompt(image.id, (box, box), (class_id, None)) for box in boxes(image)])
    times = milliseconds(lambda: ask(next(drawn)), N_BOXES)
    yield Row("mask from box, cached picture, median", median(times), "ms", limit=LIMIT_MS)
    yield Row("mask from box, cached picture, p95", percentile(times, 0.95), "ms", limit=LIMIT_MS)
    yield Row("mask from box, first picture: process, torch, network and features", first / 1000, "s")
    jobs.finish()
    session.close()


def network_rows(path: Path, image: ImageRecord) -> Iterator[Row]:
    """The network alone, on one thread."""
    torch.set_num_threads(1)
    with Project.open(path, read_only=True) as project:
        prompter = Prompter("cpu")
        masker = prompter.masker(project)
        others = [each for each in images.all_images(project) if each.id != image.id][:5]
        looks = [milliseconds(lambda each=each: prompter.look(project, masker, each.id), 1)[0] for each in others]
        yield Row(f"features of a picture of {image.width} x {image.height}, median", median(looks), "ms")
        every = tuple(boxes(image))
        busy = []
        for box in every:
            start = time.thread_time()
            prompter.masks(project, masker, Asked(image.id, (box,), (None,)))
            busy.append((time.thread_time() - start) * 1000)
        yield Row("mask from box, the network alone, median CPU", median(busy[1:]), "ms", limit=LIMIT_MS)
        many = milliseconds(lambda: prompter.masks(project, masker, Asked(image.id, every, (None,) * len(every))), 3)
        yield Row(f"masks of {len(every)} boxes at once", median(many), "ms")


def quality_rows(trained: Trained) -> Iterator[Row]:
    """How the masks lie on the annotated ones of pictures that the run was validated with, in their own boxes."""
    found: list[float] = []
    with Project.open(trained.path, read_only=True) as project:
        prompter = Prompter("cpu")
        masker = prompter.masker(project)
        for image in images.all_images(project, "val"):
            known = [each for each in annotations.of_image(project, image.id) if isinstance(each.shape, Mask | Polygon)]
            every = tuple(Box(*each.shape.bounds) for each in known)
            answers = prompter.masks(project, masker, Asked(image.id, every, tuple(each.class_id for each in known)))
            found += [iou(answer.shape, each.shape) for answer, each in zip(answers, known, strict=True)]
    if found:
        yield Row(
            f"mask from the true box, {len(found)} objects of validation pictures, mean ({trained.words})",
            float(np.mean(found)),
            "IoU",
        )


def main() -> None:
    app = QApplication.instance() or QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        trained = project_in(Path(folder))
        path = trained.path
        print(f"Network: Mask R-CNN of {trained.words}.")
        with Project.open(path, read_only=True) as project:
            image = images.all_images(project)[0]
        show([*worker_rows(path, image), *network_rows(path, image), *quality_rows(trained)])
    app.quit()


if __name__ == "__main__":
    main()
