"""Training seen from inside: which anchors and regions of a picture stand for which of its objects, and teach what.

The picture is as it is, without augmentation; what is sampled is sampled by one seed, as a training would for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from engine import hardware
from engine.detecting import suggesting
from engine.detectors import DETECTORS, Network, Teaching
from engine.errors import UserError
from engine.feeding.batches import plain
from engine.feeding.data import Example, truth_of
from engine.feeding.project_data import ProjectData
from engine.geometry.mirrors import mirror
from engine.inspecting.tracing import on_image, origin_of
from engine.nn.holding import held_in_training
from engine.nn.shares import Share
from engine.project import annotations, classes, images
from engine.project.records import ImageRecord
from engine.project.store import Project
from engine.tiling import viewing
from engine.tracing.trace import Origin, Trace


@dataclass(frozen=True, slots=True, eq=False)
class Pupil:
    """A network that says what it is taught, and whose it is."""

    network: Network
    device: torch.device
    origin: Origin


@dataclass(frozen=True, slots=True)
class Fresh:
    """A network before any training, with the options that suit a project."""

    detector: str


def lessons(pupil: Pupil, example: Example, seed: int = 0) -> Trace:
    """What one picture teaches a network in eval mode, by its own loss; a trace of the stages of 'training'.

    Raises UserError where the network cannot say so.
    """
    network = pupil.network
    if not isinstance(network, Teaching):
        raise UserError(f"{pupil.origin.title} does not say what it is taught.", "Choose a run of another detector.")
    batch = plain([example], network).to(pupil.device)
    with held_in_training(network):
        stages = network.lessons(batch.pictures[0], batch.truths[0], Share(seeds=(seed,)))
    height, width = example.picture.shape[:2]
    return on_image(Trace(pupil.origin, stages), (height, width))


def lessons_of_image(project: Project, image_id: int, whose: int | Fresh | None = None, device: str = "auto") -> Trace:
    """What an image teaches: a run's network as it is now, a fresh one, or the newest run's (None).

    Raises UserError where there is no such image, run or checkpoint, or the picture cannot be read.
    """
    image = images.get(project, image_id)
    pupil = fresh(project, whose, device) if isinstance(whose, Fresh) else _of_run(project, whose, device)
    return lessons_on(project, pupil, image)


def lessons_on(project: Project, pupil: Pupil, image: ImageRecord) -> Trace:
    """What an image teaches a network; raises UserError where the picture cannot be read."""
    origin = replace(pupil.origin, image_id=image.id, image_name=image.name)
    made = lessons(replace(pupil, origin=origin), example_of(project, image, origin.class_ids))
    return on_image(made, (image.height, image.width))


def fresh(project: Project, whose: Fresh, device: str) -> Pupil:
    """A network with random weights; raises UserError where the project has nothing to choose its options from."""
    detector, data, chosen = DETECTORS.get(whose.detector), ProjectData(project), hardware.device(device)
    if not data.class_names or not data.train_images:
        raise UserError(f"There is nothing to learn from in {project.path}.", "Draw some objects first.")
    options = detector.suggest(data.survey(), chosen, {}).options
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = detector.build(options, len(data.class_names))
    names, ids = tuple(data.class_names.values()), tuple(data.class_names)
    origin = Origin(whose.detector, f"{detector.title}, untrained", names, ids, chosen.type)
    return Pupil(network.to(chosen).eval().requires_grad_(False), chosen, origin)


def _of_run(project: Project, run_id: int | None, device: str) -> Pupil:
    run = suggesting.chosen_run(project, run_id)
    predictor = suggesting.predictor(project, run, device)
    return Pupil(predictor.network, predictor.device, origin_of(predictor, run.id))


def example_of(project: Project, image: ImageRecord, class_ids: Sequence[int]) -> Example:
    """An image as training sees it: of its annotations those of classes that the network knows are learned from."""
    seen = viewing.seen(project, image)
    found = tuple(viewing.scaled(each, 1 / seen.step) for each in annotations.of_image(project, image.id))
    known = classes.by_id(project)
    mirrors = tuple(mirror(known[class_id].keypoint_names if class_id in known else ()) for class_id in class_ids)
    return Example(image.id, image.name, seen.pixels, found, truth_of(found, tuple(class_ids), mirrors))
