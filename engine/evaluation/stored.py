"""The detections that a project keeps of a run, beside its annotations: no network is needed, and every id is there."""

from collections.abc import Iterable
from dataclasses import dataclass

from engine.evaluation.coco_tables import IouType, Judged, JudgedTables
from engine.evaluation.comparison import Comparison, comparison
from engine.evaluation.detection import LEAST_LIMIT, Scores, scores
from engine.geometry.shapes import Box
from engine.progress import Progress, Work, finish
from engine.project import annotations, classes, detections, images, runs, surveys
from engine.project.records import Detection, ImageRecord, Split
from engine.project.store import Project

USUAL_LIMIT = 100
"""Of detections on a picture, as COCO has it; more count where there are more."""


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """A run beside the annotations, by boxes or by masks."""

    iou_type: IouType
    scores: Scores
    compared: Comparison


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """What a run detected on the pictures of a split, compared with the annotations."""

    run_id: int
    split: Split | None
    """None: all pictures."""
    image_ids: tuple[int, ...]
    """The pictures that the run has looked at."""
    waiting_ids: tuple[int, ...]
    """Those it has not: they take no part."""
    bare_ids: tuple[int, ...]
    """Those of `image_ids` that nothing is annotated on: all that is detected there counts as wrong."""
    n_annotations: int
    n_detections: int
    max_detections: int
    judgements: tuple[Judgement, ...]
    """By boxes; also by masks where both sides have some."""

    def judgement(self, iou_type: IouType) -> Judgement:
        """The one by boxes or by masks; by boxes where there are no masks."""
        return next((each for each in self.judgements if each.iou_type == iou_type), self.judgements[0])


def evaluate_run(project: Project, run_id: int, split: Split | None = None) -> Work[Evaluation]:
    """Compare what the project keeps of a run with its annotations; accepted and rejected detections count like others.

    Raises UserError where there is no such run.
    """
    runs.detector(project, run_id)
    chosen = images.all_images(project, split)
    judged = yield from _judged(project, run_id, chosen)
    limit = max([USUAL_LIMIT, *(len(each.detections) for each in judged)])
    tables = JudgedTables(judged, {each.id: each.name for each in classes.all_classes(project)})
    found = []
    for iou_type in _kinds(judged):
        yield Progress(len(judged), len(judged), "Comparing masks" if iou_type == "segm" else "Comparing boxes")
        compared = comparison(tables, iou_type, max(limit, LEAST_LIMIT))
        found.append(Judgement(iou_type, scores(compared, limit), compared))
    seen = {each.image_id for each in judged}
    return Evaluation(
        run_id,
        split,
        tuple(each.image_id for each in judged),
        tuple(each.id for each in chosen if each.id not in seen),
        tuple(each.image_id for each in judged if not each.annotations),
        sum(len(each.annotations) for each in judged),
        sum(len(each.detections) for each in judged),
        limit,
        tuple(found),
    )


def tables_of_run(project: Project, run_id: int, split: Split | None = None) -> JudgedTables:
    """What a run detected on the images of a split (None: all) that it has looked at, rejected detections too."""
    judged = finish(_judged(project, run_id, images.all_images(project, split)))
    return JudgedTables(judged, {each.id: each.name for each in classes.all_classes(project)})


def _judged(project: Project, run_id: int, chosen: list[ImageRecord]) -> Work[list[Judged]]:
    judged = []
    for done, image in enumerate(chosen):
        if done % 50 == 0:
            yield Progress(done, len(chosen), "Reading")
        if surveys.has_looked_at(project, run_id, image.id):
            truth = annotations.of_image(project, image.id)
            found = _once(detections.of_image(project, image.id, run_id))
            judged.append(Judged(image.id, image.height, image.width, truth, found))
    return judged


def _once(found: Iterable[Detection]) -> list[Detection]:
    """Each detection once: one that a person has decided on is there again where the run has looked again."""
    known: dict[tuple[object, ...], Detection] = {}
    for each in found:
        key = (each.class_id, each.score, each.shape.bounds, each.shape.area)
        if key not in known or known[key].state != "suggested":
            known[key] = each
    return list(known.values())


def _kinds(judged: list[Judged]) -> tuple[IouType, ...]:
    """A detector of boxes is judged by boxes, whatever is annotated."""
    has_masks = any(not isinstance(each.shape, Box) for picture in judged for each in picture.annotations) and any(
        not isinstance(each.shape, Box) for picture in judged for each in picture.detections
    )
    return ("bbox", "segm") if has_masks else ("bbox",)
