"""The training of the demo: short, on top of official weights where they can be had, else from scratch.

It is limited by epochs, not by minutes, so that what it shows does not depend on how busy the machine is.
"""

from __future__ import annotations

from functools import partial
from urllib.request import urlopen

from engine.cli._output import Output
from engine.detecting import suggesting
from engine.detecting.suggesting import DetectRequest
from engine.detectors import DETECTORS
from engine.errors import UserError
from engine.feeding.augment import Augmentation
from engine.nn.weights import cache_folder, fetch
from engine.progress import finish
from engine.project import images
from engine.project.store import Project
from engine.training import recording
from engine.training.events import Downloading, Started, ValidationDone
from engine.training.recipe import Recipe

SLIDES = Augmentation(flip_vertical=0.5)
"""Under a microscope nothing is upside down."""

FROM_SCRATCH = {"min_side": 256, "regions_per_image": 64, "proposals_train": 200}
"""Options of the detector that make many quick steps: what a network without pretrained weights needs most."""

SECONDS_TO_CONNECT = 5.0


def train_shortly(project: Project, weights: str, output: Output) -> None:
    """Train on the project, then suggest where nothing is annotated; `weights` as a recipe has them."""
    recipe = recipe_for(weights, output)
    output.say(f"Training for {recipe.epochs} epochs, a minute or two where nothing else runs; Ctrl-C ends it.")
    run_id = recording.queue(project, recipe)
    finish(recording.train_run(project, run_id), lambda event: _tell(event, output))
    shown = images.listed(project, images.all_ids(project))
    ids = tuple(row.id for row in shown if not row.n_annotations)
    finish(suggesting.suggest(project, DetectRequest(run_id, image_ids=ids)), output.show)


def recipe_for(weights: str, output: Output) -> Recipe:
    """How to train: a few epochs on pretrained weights, more of them from scratch."""
    if weights == "auto" and not _official_can_be_had(output):
        weights = "none"
    if weights != "none":
        return Recipe(weights=weights, epochs=6, augmentation=SLIDES)
    return Recipe(
        weights="none", epochs=14, options=FROM_SCRATCH, augmentation=SLIDES, learning_rate=2e-3, averaging=0.9
    )


def _official_can_be_had(output: Output) -> bool:
    """Whether the official weights are in this user's cache, fetching them where there is a network."""
    detector = DETECTORS.get("mask_rcnn")
    official = detector.official(detector.options())
    if official is None:
        return False
    fetching = fetch(official, cache_folder(), partial(urlopen, timeout=SECONDS_TO_CONNECT))
    try:
        for done, total in fetching:
            output.show(Downloading(official.name, done, total))
    except UserError as error:
        output.say(f"{error.message} Training from scratch instead, which takes longer and finds less.")
        return False
    return True


def _tell(event: object, output: Output) -> None:
    output.show(event)
    if isinstance(event, Started):
        output.say(f"{event.weights}, {event.n_train} pictures, {event.device}")
    if isinstance(event, ValidationDone):
        box, mask = (event.metrics.get(f"{kind}/AP50") or 0.0 for kind in ("bbox", "segm"))
        output.say(f"step {event.step}: AP50 of boxes {box:.2f}, of masks {mask:.2f}")
