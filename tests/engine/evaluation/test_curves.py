"""Curves of precision and recall: against plain loops, and against COCO's own average precision."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from engine.evaluation.coco_files import read_files
from engine.evaluation.coco_tables import IouType, Judged
from engine.evaluation.comparison import comparison
from engine.evaluation.curves import curves
from engine.evaluation.detection import evaluate
from engine.evaluation.matching import COCO_IOUS, mean
from engine.geometry.shapes import Box
from engine.project.records import Annotation, Detection
from tests.engine.evaluation import made, naive


@pytest.mark.parametrize("iou_type", ["bbox", "segm"])
def test_their_average_precision_is_cocos(shared: Path, iou_type: IouType) -> None:
    folder = shared / "data" / "coco_eval"
    results = folder / f"instances_val2014_fake{iou_type}100_results.json"
    files = read_files(folder / "instances_val2014_100.json", results, iou_type)
    found, scores = curves(comparison(files, iou_type)), evaluate(files, iou_type)
    assert mean(each.ap for each in found) == pytest.approx(scores.AP, abs=1e-9)
    assert mean(each.ap for each in found if each.iou == 0.75) == pytest.approx(scores.AP75, abs=1e-9)
    for name in ("person", "car"):
        own = mean(each.ap for each in found if each.class_name == name)
        assert own == pytest.approx(scores.ap_by_class[name], abs=1e-9)


@settings(max_examples=80, deadline=None)
@given(made.pictures())
def test_every_point_is_a_detection_and_what_it_found(pictures: list[Judged]) -> None:
    found = {(each.class_id, each.iou): each for each in curves(comparison(made.tables(pictures), "bbox"), (0.5, 0.75))}
    for iou in (0.5, 0.75):
        known = sorted(naive.fates(pictures, iou), key=lambda each: -each.detection.score)
        for class_id in {class_id for class_id, _ in found}:
            own = [each for each in known if each.detection.class_id == class_id]
            wanted = {
                each.id
                for one in pictures
                for each in one.annotations
                if each.class_id == class_id and not each.is_crowd
            }
            curve = found[class_id, iou]
            assert curve.detection_ids.tolist() == [each.detection.id for each in own]
            assert curve.image_ids.tolist() == [each.detection.image_id for each in own]
            assert curve.annotation_ids.tolist() == [each.found.id if each.found else 0 for each in own]
            right = [sum(each.found is not None for each in own[: n + 1]) for n in range(len(own))]
            assert curve.precision.tolist() == pytest.approx([n / (at + 1) for at, n in enumerate(right)])
            assert curve.recall.tolist() == pytest.approx([n / max(len(wanted), 1) for n in right])
            assert set(curve.missed_ids.tolist()) == wanted - {each.found.id for each in own if each.found}
            pairs = [(each.detection.score, each.found is not None) for each in own]
            assert curve.ap == pytest.approx(naive.average_precision(pairs, len(wanted)))


def test_only_the_most_certain_of_a_class_on_a_picture_count() -> None:
    box = Box(0, 0, 20, 20)
    sure = [Detection(at, 11, 1, 1 - at / 10, Box(60, 60, 80, 80)) for at in (1, 2)]
    late = Detection(3, 11, 1, 0.1, box)
    judged = made.tables([made.picture([Annotation(1, 11, 1, box)], [late, *sure])])
    assert curves(comparison(judged, "bbox", 2), (0.5,))[0].ap == 0
    assert curves(comparison(judged, "bbox", 3), (0.5,))[0].ap == pytest.approx(1 / 3)


def test_coco_asks_at_ten_ious() -> None:
    assert np.allclose(COCO_IOUS, np.linspace(0.5, 0.95, 10))
