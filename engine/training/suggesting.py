"""A run's network at work on a project: detections as suggestions in the file, or as numbers against the truth."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import UserError
from engine.evaluation.coco_tables import IouType, Judged, JudgedTables
from engine.evaluation.detection import Scores, evaluate
from engine.geometry.shapes import Box
from engine.progress import Progress, Work
from engine.project import annotations, classes, contents, detections, images, runs
from engine.project.records import Detection, ImageRecord, Run, Split
from engine.project.store import Project
from engine.tiling import viewing
from engine.training import hardware
from engine.training.predicting import Predictor

SECONDS_BETWEEN_COMMITS = 1.0


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


@dataclass(frozen=True, slots=True)
class SuggestReport:
    """What was detected."""

    run_id: int
    images: int
    detections: int


@dataclass(frozen=True, slots=True)
class JudgeReport:
    """How a run's detections compare with the annotations; numbers of masks where any annotation has one."""

    run_id: int
    images: int
    bbox: Scores
    segm: Scores | None
    tables: JudgedTables
    """What was compared, for whoever asks further."""
    max_detections: int


@dataclass(frozen=True, slots=True)
class Found:
    """The detections on one image are known."""

    image: ImageRecord
    detections: tuple[Detection, ...]
    progress: Progress


def suggest(project: Project, request: DetectRequest) -> Work[SuggestReport]:
    """Detect on images and keep what is found as suggestions; yields `Found` for each image.

    Stopping keeps what is found by then. Raises UserError when there is no such run or it has no checkpoint.
    """
    run = chosen_run(project, request.run_id)
    waiting: list[Found] = []
    n_images = n_detections = 0
    written_at = time.monotonic()
    try:
        for found in _found(project, run, request):
            waiting.append(found)
            n_images, n_detections = n_images + 1, n_detections + len(found.detections)
            if time.monotonic() - written_at >= SECONDS_BETWEEN_COMMITS:
                _keep(project, run, waiting)
                written_at = time.monotonic()
            yield found
    finally:
        _keep(project, run, waiting)
    return SuggestReport(run.id, n_images, n_detections)


def _keep(project: Project, run: Run, waiting: list[Found]) -> None:
    """Write what waits to be written, in one transaction."""
    if waiting:
        with project.atomic():
            for found in waiting:
                detections.put(project, found.image.id, run.id, found.detections)
        waiting.clear()


def judge(project: Project, request: DetectRequest) -> Work[JudgeReport]:
    """Detect on images and compare with their annotations; nothing is written. Yields `Found` for each image."""
    run = chosen_run(project, request.run_id)
    judged: list[Judged] = []
    for found in _found(project, run, request):
        image = found.image
        truth = annotations.of_image(project, image.id)
        judged.append(Judged(image.id, image.height, image.width, truth, found.detections))
        yield found
    yield Progress(len(judged), len(judged), "Comparing")
    return _report(project, run, judged)


def _report(project: Project, run: Run, judged: Sequence[Judged]) -> JudgeReport:
    tables = JudgedTables(judged, {each.id: each.name for each in classes.all_classes(project)})
    limit = max([100, *(len(each.detections) for each in judged)])
    has_masks = any(not isinstance(each.shape, Box) for picture in judged for each in picture.annotations)
    kinds: tuple[IouType, ...] = ("bbox", "segm") if has_masks else ("bbox",)
    scores = {kind: evaluate(tables, kind, limit) for kind in kinds}
    return JudgeReport(run.id, len(judged), scores["bbox"], scores.get("segm"), tables, limit)


def chosen_run(project: Project, run_id: int | None) -> Run:
    """The run asked for, or the newest one with a checkpoint; raises UserError when there is none."""
    return runs.latest(project) if run_id is None else runs.get(project, run_id)


def predictor(project: Project, run: Run, device: str) -> Predictor:
    """The network of a run's best checkpoint."""
    weights = contents.get(project, runs.checkpoint(project, run.id).content_id)
    return Predictor.load(weights, hardware.device(device))


def _found(project: Project, run: Run, request: DetectRequest) -> Work[None]:
    """Detect image by image."""
    chosen = _images(project, request)
    network = predictor(project, run, request.device)
    _check_classes(project, network)
    for done, image in enumerate(chosen, 1):
        seen = viewing.seen(project, image)
        found = tuple(viewing.scaled(each, seen.step) for each in network.detections(seen.pixels, image.id))
        yield Found(image, found, Progress(done, len(chosen), "Detecting"))


def _check_classes(project: Project, network: Predictor) -> None:
    gone = [name for id_, name in network.card.class_names.items() if int(id_) not in classes.by_id(project)]
    if gone:
        raise UserError(f"The run knows classes that the project has no more: {', '.join(gone)}.", "Train again.")


def _images(project: Project, request: DetectRequest) -> list[ImageRecord]:
    if request.image_ids is not None:
        return [images.get(project, image_id) for image_id in request.image_ids]
    found = images.all_images(project, request.split)
    if not found:
        where = f"the {request.split} split of {project.path}" if request.split else str(project.path)
        raise UserError(f"There are no images in {where}.")
    return found
