"""Runs' networks at work on the images of a project, image by image, in the manner that is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine import hardware, pictures
from engine.detecting import predicting
from engine.detecting.looking import Looker
from engine.detecting.manner import USUAL, Manner
from engine.detecting.predicting import Predictor
from engine.detecting.tiles import Tiles
from engine.errors import UserError
from engine.geometry.mirrors import mirror
from engine.progress import Progress, Work
from engine.project import classes, contents, images, run_settings, runs
from engine.project.records import Detection, ImageRecord, Run, Split
from engine.project.store import Project
from engine.tiling import making, viewing
from engine.tracing import rule_text
from engine.tracing.whatif import Settings

_IMAGES_AHEAD, _PIXELS_AHEAD = 32, 1 << 26
"""Of pictures read before they are looked at, so that those of one size can go together."""


@dataclass(frozen=True, slots=True)
class DetectRequest:
    """What to detect on, and with which run."""

    run_id: int | None = None
    """None: the newest run that has a checkpoint."""
    split: Split | None = None
    """None: every image."""
    image_ids: tuple[int, ...] | None = None
    """Only these, where given."""
    device: str = "auto"
    manner: Manner = USUAL
    with_run_ids: tuple[int, ...] = ()
    """Other runs that look as well; what all of them find is fused, and kept as the first one's."""
    is_only_missing: bool = False
    """Leave out what the run has detected on already: so a detection that was stopped goes on."""


@dataclass(frozen=True, slots=True)
class Found:
    """The detections on one image are known."""

    image: ImageRecord
    detections: tuple[Detection, ...]
    progress: Progress


def chosen_run(project: Project, run_id: int | None) -> Run:
    """The run asked for, or the newest one with a checkpoint; raises UserError when there is none."""
    return runs.latest(project) if run_id is None else runs.detector(project, run_id)


def predictor(project: Project, run: Run, device: str) -> Predictor:
    """The network of a run's best checkpoint, with the settings that are kept for the run."""
    weights = contents.get(project, runs.checkpoint(project, run.id).content_id)
    return Predictor.load(weights, hardware.device(device), kept_settings(project, run.id))


def kept_settings(project: Project, run_id: int) -> Settings | None:
    """What a run detects with in place of its own; raises UserError where that cannot be read."""
    text = run_settings.kept(project, run_id)
    return None if text is None else rule_text.settings(text)


def looker(project: Project, run: Run, request: DetectRequest) -> Looker:
    """The networks of a request, the run's own first, and how they look at pictures."""
    every = [run, *(runs.detector(project, run_id) for run_id in request.with_run_ids if run_id != run.id)]
    predictors = tuple(predictor(project, each, request.device) for each in every)
    for each in predictors:
        _check_classes(project, each)
    mirrors = {each.id: mirror(each.keypoint_names) for each in classes.all_classes(project)}
    return Looker(predictors, request.manner, usual_side(project, run.id), mirrors)


def usual_side(project: Project, run_id: int) -> int | None:
    """The usual shorter side of the pictures that a run learned from; None where none of them is there."""
    learned = {image_id for image_id, split, _ in runs.images_of(project, run_id) if split == "train"}
    sides = [min(each.width, each.height) for each in images.all_images(project) if each.id in learned]
    return int(np.median(sides)) if sides else None


def detecting(project: Project, run: Run, request: DetectRequest, chosen: Sequence[ImageRecord]) -> Work[None]:
    """Detect on images: `Found` for each, those looked at as a whole and of one size together."""
    if not chosen:
        return
    looks = looker(project, run, request)
    done = 0
    for group in _groups(chosen):
        plans = {image.id: looks.tiles_of(image.width, image.height) for image in group}
        for image in group:
            plan = plans[image.id]
            if plan is not None:
                done += 1
                found = yield from _on_tiles(project, looks, image, plan)
                yield Found(image, found, Progress(done, len(chosen), "Detecting"))
        for image, found in _as_wholes(project, looks, [image for image in group if plans[image.id] is None]):
            done += 1
            yield Found(image, found, Progress(done, len(chosen), "Detecting"))


def _groups(chosen: Sequence[ImageRecord]) -> Iterator[list[ImageRecord]]:
    """Images in their order, as many as are read ahead."""
    group: list[ImageRecord] = []
    n_pixels = 0
    for image in chosen:
        n_pixels += image.width * image.height
        if group and (len(group) == _IMAGES_AHEAD or n_pixels > _PIXELS_AHEAD):
            yield group
            group, n_pixels = [], image.width * image.height
        group.append(image)
    yield group


def _as_wholes(
    project: Project, looks: Looker, group: Sequence[ImageRecord]
) -> Iterator[tuple[ImageRecord, tuple[Detection, ...]]]:
    seen = [viewing.seen(project, image) for image in group]
    first = looks.predictors[0]
    sizes = [each.pixels.shape[:2] for each in seen]
    for places in predicting.batches(first.network, sizes, first.device, looks.manner.batch):
        for at, found in zip(places, looks.at([seen[at].pixels for at in places]), strict=True):
            placed = (replace(viewing.scaled(each, seen[at].step), image_id=group[at].id) for each in found)
            yield group[at], tuple(placed)


def _on_tiles(project: Project, looks: Looker, image: ImageRecord, plan: Tiles) -> Work[tuple[Detection, ...]]:
    if pictures.is_large(image.width, image.height):
        yield from making.make_tiles(project.path, image.id)
    with viewing.windows(project, image) as windows:
        found = yield from looks.on_tiles(windows, plan)
    return tuple(replace(each, image_id=image.id) for each in found)


def _check_classes(project: Project, network: Predictor) -> None:
    gone = [name for id_, name in network.card.class_names.items() if int(id_) not in classes.by_id(project)]
    if gone:
        raise UserError(f"The run knows classes that the project has no more: {', '.join(gone)}.", "Train again.")


def asked_images(project: Project, request: DetectRequest) -> list[ImageRecord]:
    if request.image_ids is not None:
        return [images.get(project, image_id) for image_id in request.image_ids]
    found = images.all_images(project, request.split)
    if not found:
        where = f"the {request.split} split of {project.path}" if request.split else str(project.path)
        raise UserError(f"There are no images in {where}.")
    return found
