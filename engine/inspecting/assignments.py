"""Training seen from inside: which anchors and regions of a picture stand for which of its objects, and teach what.

The picture is as it is, without augmentation; what is sampled is sampled by one seed, as a training would for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from engine.detectors import Network, Teaching
from engine.errors import UserError
from engine.feeding.batches import plain
from engine.feeding.data import Example, truth_of
from engine.geometry.mirrors import mirror
from engine.inspecting.tracing import on_image
from engine.nn.holding import held_in_training
from engine.nn.shares import Share
from engine.project import annotations, classes
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


def lessons_on(project: Project, pupil: Pupil, image: ImageRecord) -> Trace:
    """What an image teaches a network; raises UserError where the picture cannot be read."""
    origin = replace(pupil.origin, image_id=image.id, image_name=image.name)
    made = lessons(replace(pupil, origin=origin), example_of(project, image, origin.class_ids))
    return on_image(made, (image.height, image.width))


def example_of(project: Project, image: ImageRecord, class_ids: Sequence[int]) -> Example:
    """An image as training sees it: of its annotations those of classes that the network knows are learned from."""
    seen = viewing.seen(project, image)
    found = tuple(viewing.scaled(each, 1 / seen.step) for each in annotations.of_image(project, image.id))
    known = classes.by_id(project)
    mirrors = tuple(mirror(known[class_id].keypoint_names if class_id in known else ()) for class_id in class_ids)
    return Example(image.id, image.name, seen.pixels, found, truth_of(found, tuple(class_ids), mirrors))
