"""Autopsies of one picture from its trace: the same as those of a split, under any settings, and without torch."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from engine.detecting.suggesting import predictor
from engine.inspecting.misses import AutopsyRequest
from engine.inspecting.picture_autopsy import PictureAutopsy, detected
from engine.inspecting.split_autopsy import autopsies
from engine.inspecting.tracing import Tracing, origin_of
from engine.progress import finish
from engine.project import annotations, images, runs
from engine.project.records import Annotation
from engine.project.store import Project
from engine.tiling import viewing
from engine.tracing.outlook import remedied
from engine.tracing.rules import Cut, LeastScore, Most, Nms, TopK
from engine.tracing.trace import Trace
from engine.tracing.verdicts import Asked
from engine.tracing.whatif import Settings, own, what_if


def traced(project: Project, image_id: int) -> Tracing:
    image = images.get(project, image_id)
    network = predictor(project, runs.get(project, 1), "cpu")
    return Tracing.of(network, viewing.seen(project, image).pixels, origin_of(network, 1, image))


def of(trace: Trace, truths: list[Annotation], asked: Asked, settings: Settings | None = None) -> PictureAutopsy:
    return PictureAutopsy.of(trace, what_if(trace, settings or own(trace)), truths, asked)


@pytest.mark.parametrize("iou", [0.5, 0.75])
def test_it_says_of_a_picture_what_that_of_the_split_says(trained: Project, iou: float) -> None:
    asked = Asked(iou, 0.1)
    made = finish(autopsies(trained, AutopsyRequest(1, "val", asked=asked, device="cpu")))
    for image in images.all_images(trained, "val"):
        tracing = traced(trained, image.id)
        own_autopsy = of(tracing.trace, annotations.of_image(trained, image.id), asked)
        misses = {each.annotation_id: each for each in made.misses if each.image_id == image.id}
        assert set(own_autopsy.missed) == set(misses)
        for annotation_id, miss in misses.items():
            verdict = own_autopsy.verdict(annotation_id)
            assert (verdict.loss, verdict.words) == (miss.loss, miss.words)


def test_remedies_bring_objects_back_or_name_the_next_cut(trained: Project) -> None:
    """Undone as what-if, with everything counted anew: it is found, or lost where the outlook says."""
    n_back = Counter[str | None]()
    for image in images.all_images(trained, "val"):
        trace, truths = traced(trained, image.id).asked_more(), annotations.of_image(trained, image.id)
        for strict in tightened(own(trace)):
            autopsy = of(trace, truths, Asked(0.5), strict)
            for annotation_id in autopsy.missed:
                verdict = autopsy.verdict(annotation_id)
                if not verdict.remedies or verdict.remedies[0].rule is None:
                    continue
                outlook = autopsy.outlook(annotation_id, verdict)
                again = of(trace, truths, Asked(0.5), remedied(strict, verdict.remedies[0]))
                after = again.verdict(annotation_id).outlook
                if outlook == "found":
                    n_back[verdict.loss] += after == "found"
                    assert after in ("found", "taken")  # another may be counted for its detection
                else:
                    assert after == outlook
    assert {"nms", "most", "proposals_top_k", "proposals_nms", "proposals_most"} <= set(n_back)
    assert {"background", "other_class", "score"} & set(n_back)


def tightened(settings: Settings) -> list[Settings]:
    """With one cut each that loses more."""
    strict: dict[type[Cut], Cut] = {
        LeastScore: LeastScore(0.4), Nms: Nms(0.02, "class"), Most: Most(1), TopK: TopK(3, "level")
    }  # fmt: skip
    return [
        Settings({**settings.rules, name: tuple(strict[kind] if isinstance(each, kind) else each for each in rules)})
        for name, rules in settings.rules.items()
        for kind in strict
    ]


def test_detections_of_other_settings_have_no_masks(trained: Project) -> None:
    tracing, truths = traced(trained, 1), annotations.of_image(trained, 1)
    trace = tracing.trace
    assert detected(trace, what_if(trace, own(trace)), truths).iou_type == "segm"
    loose = {**own(trace).rules, "detections": (LeastScore(0.0),)}
    assert detected(trace, what_if(trace, Settings(loose)), truths).iou_type == "bbox"


def test_its_masks_are_the_networks(trained: Project) -> None:
    tracing, truths = traced(trained, 1), annotations.of_image(trained, 1)
    found = detected(tracing.trace, what_if(tracing.trace, own(tracing.trace)), truths)
    image = images.get(trained, 1)
    theirs = predictor(trained, runs.get(trained, 1), "cpu").detections(viewing.seen(trained, image).pixels)
    assert [each.score for each in found.detections] == [each.score for each in theirs]
    areas = np.array([[one.shape.area, other.shape.area] for one, other in zip(found.detections, theirs, strict=True)])
    assert np.abs(areas[:, 0] - areas[:, 1]).max() <= 1  # a pixel whose probability is a half but for rounding


def test_no_network_is_needed() -> None:
    code = (
        "import sys, engine.inspecting.picture_autopsy, engine.inspecting.misses, engine.cli.missed\n"
        "assert not {'torch', 'torchvision'} & set(sys.modules)"
    )
    root = Path(__file__).resolve().parents[3]
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True)
