"""A run's network at work on a project: detections as suggestions in the file, or as numbers against the truth."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from engine.detecting.project_images import DetectRequest, Found, asked_images, chosen_run, detecting, predictor
from engine.evaluation.coco_tables import IouType, Judged, JudgedTables
from engine.evaluation.detection import Scores, evaluate
from engine.geometry.shapes import Box
from engine.progress import Progress, Work
from engine.project import annotations, classes, detections
from engine.project.records import ImageRecord, Run
from engine.project.store import Project

__all__ = ["DetectRequest", "Found", "JudgeReport", "SuggestReport", "chosen_run", "judge", "predictor", "suggest"]

SECONDS_BETWEEN_COMMITS = 1.0


@dataclass(frozen=True, slots=True)
class SuggestReport:
    """What was detected."""

    run_id: int
    images: int
    detections: int
    n_left_out: int = 0
    """Images that were detected on before, where only missing ones were asked for."""


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


def suggest(project: Project, request: DetectRequest) -> Work[SuggestReport]:
    """Detect on images and keep what is found as suggestions; yields `Found` for each image, in no order.

    Stopping keeps what is found by then. Raises UserError when there is no such run or it has no checkpoint.
    """
    run = chosen_run(project, request.run_id)
    chosen = asked_images(project, request)
    missing = _missing(project, run, chosen) if request.is_only_missing else chosen
    waiting: list[Found] = []
    n_images = n_detections = 0
    written_at = time.monotonic()
    try:
        for event in detecting(project, run, request, missing):
            if isinstance(event, Found):
                waiting.append(event)
                n_images, n_detections = n_images + 1, n_detections + len(event.detections)
            if time.monotonic() - written_at >= SECONDS_BETWEEN_COMMITS:
                _keep(project, run, waiting)
                written_at = time.monotonic()
            yield event
    finally:
        _keep(project, run, waiting)
    return SuggestReport(run.id, n_images, n_detections, len(chosen) - len(missing))


def _missing(project: Project, run: Run, chosen: Sequence[ImageRecord]) -> list[ImageRecord]:
    done = detections.examined(project, run.id)
    return [image for image in chosen if image.id not in done]


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
    for event in detecting(project, run, request, asked_images(project, request)):
        if isinstance(event, Found):
            image = event.image
            truth = annotations.of_image(project, image.id)
            judged.append(Judged(image.id, image.height, image.width, truth, event.detections))
        yield event
    judged.sort(key=lambda each: each.image_id)
    yield Progress(len(judged), len(judged), "Comparing")
    return _report(project, run, judged)


def _report(project: Project, run: Run, judged: Sequence[Judged]) -> JudgeReport:
    tables = JudgedTables(judged, {each.id: each.name for each in classes.all_classes(project)})
    limit = max([100, *(len(each.detections) for each in judged)])
    has_masks = any(not isinstance(each.shape, Box) for picture in judged for each in picture.annotations)
    kinds: tuple[IouType, ...] = ("bbox", "segm") if has_masks else ("bbox",)
    scores = {kind: evaluate(tables, kind, limit) for kind in kinds}
    return JudgeReport(run.id, len(judged), scores["bbox"], scores.get("segm"), tables, limit)
