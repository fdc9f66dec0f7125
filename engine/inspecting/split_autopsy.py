"""Why the annotations of a whole split were missed: image by image, and in a table of how many were lost where.

What counts as found is what an evaluation of the run counts at the same IoU, each picture looked at as a whole.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from engine.detecting import predicting, suggesting
from engine.detecting.predicting import Picture, Predictor
from engine.detecting.project_images import DetectRequest, asked_images
from engine.detectors import DETECTORS, Askable, Traceable, Watched
from engine.errors import UserError
from engine.evaluation.coco_tables import IouType
from engine.geometry.shapes import Box
from engine.inspecting.misses import AutopsyRequest, Begun, Examined, Miss, SplitAutopsy
from engine.inspecting.wanting import Found, own_keys, wanted
from engine.progress import Progress, Work
from engine.project import annotations, classes
from engine.project.records import Annotation, Detection, ImageRecord, Run
from engine.project.store import Project
from engine.tiling import viewing
from engine.tracing.autopsy import autopsy
from engine.tracing.outlook import Prospects
from engine.tracing.paths import own_selections
from engine.tracing.selecting import is_own
from engine.tracing.stages import FeatureMaps, Selection, Stage
from engine.tracing.trace import Origin, Trace
from engine.tracing.verdicts import Outlook, Verdict


def autopsies(project: Project, request: AutopsyRequest) -> Work[SplitAutopsy]:
    """Look into every annotation that a run misses; yields `Begun`, then `Examined` for each image.

    One picture is in memory at a time. Whoever stops it has the result of what was done by `Begun.done`. Raises
    UserError where there is no such run, no image, or a network that cannot be watched.
    """
    run = suggesting.chosen_run(project, request.run_id)
    chosen = asked_images(project, DetectRequest(run.id, request.split, request.image_ids))
    begun = Begun(run.id, request.split, _iou_type(project, run, chosen, request), request.asked, len(chosen))
    yield begun
    coroner = _Coroner(project, run, suggesting.predictor(project, run, request.device), begun)
    examined: list[Examined] = []
    for done, image in enumerate(chosen, 1):
        examined.append(coroner.examined(image, Progress(done, len(chosen), "Looking into what was missed")))
        yield examined[-1]
    return begun.done(examined)


def _iou_type(project: Project, run: Run, chosen: Sequence[ImageRecord], request: AutopsyRequest) -> IouType:
    if request.iou_type is not None or not DETECTORS.get(run.network).has_masks:
        return request.iou_type or "bbox"
    truths = (each for image in chosen for each in annotations.of_image(project, image.id))
    return "segm" if any(not isinstance(each.shape, Box) for each in truths) else "bbox"


@dataclass(frozen=True, slots=True, eq=False)
class _Coroner:
    """A run's network at work on what it misses."""

    project: Project
    run: Run
    predictor: Predictor
    begun: Begun

    def examined(self, image: ImageRecord, progress: Progress) -> Examined:
        """One image."""
        seen = viewing.seen(self.project, image)
        truths = [viewing.scaled(each, 1 / seen.step) for each in annotations.of_image(self.project, image.id)]
        look = _look(self.predictor, seen.pixels, self._origin(image))
        found = Found(look.detections(self.predictor), own_keys(look.trace), self.begun.iou_type)
        sought = wanted(look.trace, truths, found, self.begun.asked.iou)
        selections = own_selections(look.trace)
        is_replayed = all(is_own(selections[own.name], own) for own in look.trace.all(Selection))
        verdicts = {
            each: autopsy(look.trace, own, selections, self.begun.asked) for each, own in sought.items()
        }  # fmt: skip
        prospects = Prospects.of(look.widened(verdicts.values()))
        misses = tuple(
            self._miss(image, truth, verdict, prospects.outlook(sought[truth.id], verdict, self.begun.asked))
            for truth in truths
            if (verdict := verdicts.get(truth.id)) is not None and verdict.loss is not None
        )
        return Examined(image.id, len(sought), misses, is_replayed, progress)

    def _miss(self, image: ImageRecord, truth: Annotation, verdict: Verdict, then: Outlook | None) -> Miss:
        assert verdict.loss is not None
        remedy = verdict.remedies[0] if verdict.remedies else None
        name = classes.by_id(self.project)[truth.class_id].name
        return Miss(
            image.id, image.name, truth.id, truth.class_id, name, verdict.loss, verdict.words,
            remedy.setting if remedy else None, remedy.value if remedy else None, then,
        )  # fmt: skip

    def _origin(self, image: ImageRecord) -> Origin:
        card = self.predictor.card
        return Origin(
            card.detector, DETECTORS.get(card.detector).title, tuple(card.class_names.values()), card.class_ids,
            self.predictor.device.type, self.run.id, image.id, image.name,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """One watched pass, without its feature maps."""

    trace: Trace
    watched: Watched

    def detections(self, predictor: Predictor) -> list[Detection]:
        """What was found, in the pixels that the network was given."""
        found = self.watched.detected.cpu()
        return predicting.detections(found, 0, predictor.card.class_ids, self.trace.input.size)

    def widened(self, verdicts: Iterable[Verdict]) -> Trace:
        """With the heads asked about all proposals, where one of those was lost by a cut among them."""
        is_asked = any(each.stage == "proposals" and each.remedies for each in verdicts)
        if not is_asked or not isinstance(self.watched, Askable):
            return self.trace
        return replace(self.trace, stages=_without_maps(self.watched.asked_more()))


@torch.inference_mode()
def _look(predictor: Predictor, pixels: Picture, origin: Origin) -> _Look:
    network = predictor.network
    if not isinstance(network, Traceable):
        raise UserError(f"{origin.title} cannot be watched.", "Choose a run of another detector.")
    picture = torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1).to(predictor.device)
    watched = network.watch(picture)
    return _Look(Trace(origin, _without_maps(watched.stages())), watched)


def _without_maps(stages: Iterable[Stage]) -> tuple[Stage, ...]:
    return tuple(each for each in stages if not isinstance(each, FeatureMaps))
