"""A mask for a box by a trained Mask R-CNN on a CPU: milliseconds from the box that is drawn to the mask that is there,
through the worker process as the window asks it, for a picture whose features are cached; and what the first box waits.

BOXWRIGHT_TRAINED may name a project with a trained run (it is copied); else one of the same size is made, whose network
is random: the times are the same.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from PySide6.QtWidgets import QApplication

from engine.detectors import DETECTORS
from engine.geometry.overlap import iou
from engine.geometry.shapes import Box, Mask, Polygon
from engine.nn.weights import WeightsReport
from engine.project import annotations, images, runs
from engine.project.records import ImageRecord
from engine.project.runs import NewCheckpoint
from engine.project.store import Project
from engine.training import checkpoints
from engine.training.prompting import Asked, Prompter
from studio.jobs import Jobs
from studio.prompting import Prompting
from studio.prompts import Prompt, Prompted
from studio.session import Session
from tests.bench._rows import Row, median, milliseconds, percentile, show
from tests.studio import projects

LIMIT_MS = 100.0
N_BOXES = 60


def project_at(folder: Path) -> Path:
    """A project with a Mask R-CNN of the size that is chosen for a CPU."""
    path = folder / "p.boxwright"
    if given := os.environ.get("BOXWRIGHT_TRAINED"):
        return Path(shutil.copy(given, path))
    projects.make(path)
    detector = DETECTORS.get("mask_rcnn")
    network = detector.build(detector.options(), 2)
    card = checkpoints.Card(
        detector="mask_rcnn", options={}, class_names={"1": "cell", "2": "nucleus"}, metrics={}, seed=0, threads=1,
        normalisation=network.normalisation, precision="float32", weights=WeightsReport("none"), adopted=(),
        position=checkpoints.Position(),
    )  # fmt: skip
    state = {name: value.contiguous() for name, value in network.state_dict().items()}
    with Project.open(path) as project, project.atomic():
        run_id = runs.add(project, "detector", "mask_rcnn", "{}")
        weights = checkpoints.encode(state, card)
        runs.add_checkpoint(project, run_id, NewCheckpoint("best", 0, weights, card.to_json()))
    return path


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
    drawn = iter([Prompt(image.id, (box,), (None,)) for box in boxes(image)])
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


def quality_rows(path: Path) -> Iterator[Row]:
    """How the masks lie on the annotated ones of pictures that the run was validated with, in their own boxes."""
    found: list[float] = []
    with Project.open(path, read_only=True) as project:
        prompter = Prompter("cpu")
        masker = prompter.masker(project)
        for image in images.all_images(project, "val"):
            known = [each for each in annotations.of_image(project, image.id) if isinstance(each.shape, Mask | Polygon)]
            every = tuple(Box(*each.shape.bounds) for each in known)
            answers = prompter.masks(project, masker, Asked(image.id, every, tuple(each.class_id for each in known)))
            found += [iou(answer.shape, each.shape) for answer, each in zip(answers, known, strict=True)]
    if found:
        yield Row(
            f"mask from the true box, {len(found)} objects of validation pictures, mean", float(np.mean(found)), "IoU"
        )


def main() -> None:
    app = QApplication.instance() or QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        path = project_at(Path(folder))
        with Project.open(path, read_only=True) as project:
            image = images.all_images(project)[0]
        show([*worker_rows(path, image), *network_rows(path, image), *quality_rows(path)])
    app.quit()


if __name__ == "__main__":
    main()
