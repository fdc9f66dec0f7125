"""Why the annotations of a whole split were missed: image by image, and in a table of how many were lost where.

What counts as found is what an evaluation of the run counts at the same IoU, each picture looked at as a whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.detecting import predicting, suggesting
from engine.detecting.looking import Looker
from engine.detecting.predicting import Predictor
from engine.detecting.project_images import DetectRequest, asked_images, usual_side
from engine.detectors import DETECTORS
from engine.evaluation.coco_tables import IouType
from engine.geometry.shapes import Box
from engine.inspecting.misses import AutopsyRequest, Begun, Examined, Miss, SplitAutopsy
from engine.inspecting.tracing import Tracing, origin_of
from engine.inspecting.wanting import Found, own_keys, wanted
from engine.progress import Progress, Work
from engine.project import annotations, classes
from engine.project.records import Annotation, Detection, ImageRecord, Run
from engine.project.store import Project
from engine.tiling import viewing
from engine.tracing.autopsy import autopsy
from engine.tracing.outlook import Prospects
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
    network = suggesting.predictor(project, run, request.device)
    looker = Looker((network,), usual_side=usual_side(project, run.id))
    coroner = _Coroner(project, run, network, looker, begun)
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
    looker: Looker
    """How pictures are looked at when detecting."""
    begun: Begun

    def examined(self, image: ImageRecord, progress: Progress) -> Examined:
        """One image."""
        seen = viewing.seen(self.project, image)
        truths = [viewing.scaled(each, 1 / seen.step) for each in annotations.of_image(self.project, image.id)]
        origin = origin_of(self.predictor, self.run.id, image)
        look = Tracing.of(self.predictor, seen.pixels, origin, is_compared=False)
        found = Found(self._detections(look), own_keys(look.trace), self.begun.iou_type)
        sought = wanted(look.trace, truths, found, self.begun.asked.iou)
        prospects = Prospects(look.trace)
        selections = prospects.selections()
        verdicts = {each: autopsy(look.trace, own, selections, self.begun.asked) for each, own in sought.items()}
        if any(each.stage == "proposals" and each.remedies for each in verdicts.values()):
            prospects = Prospects(look.asked_more())
        misses = tuple(
            self._miss(image, each, verdict, prospects.outlook(sought[each.id], verdict, self.begun.asked))
            for each in truths
            if (verdict := verdicts.get(each.id)) is not None and verdict.loss is not None
        )
        is_tiled = self.looker.tiles_of(image.width, image.height) is not None
        return Examined(image.id, len(sought), misses, look.trace.is_equal, is_tiled, progress)

    def _miss(self, image: ImageRecord, truth: Annotation, verdict: Verdict, then: Outlook | None) -> Miss:
        assert verdict.loss is not None
        remedy = verdict.remedies[0] if verdict.remedies else None
        name = classes.by_id(self.project)[truth.class_id].name
        return Miss(
            image.id, image.name, truth.id, truth.class_id, name, verdict.loss, verdict.words,
            remedy.setting if remedy else None, remedy.value if remedy else None, then,
        )  # fmt: skip

    def _detections(self, look: Tracing) -> list[Detection]:
        """In the pixels that the network was given."""
        found, size = look.watched.detected.cpu(), look.trace.input.size
        return predicting.detections(found, 0, self.predictor.card.class_ids, size)
