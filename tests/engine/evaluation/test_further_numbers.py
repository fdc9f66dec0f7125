"""Confusion, calibration and the score of the Data Science Bowl 2018: against plain loops, and in the corners."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings

from engine.evaluation.analysis import Analysis, Wanted, analysed
from engine.evaluation.bowl import bowl_score
from engine.evaluation.calibration import calibration
from engine.evaluation.coco_tables import Judged
from engine.evaluation.comparison import comparison
from engine.evaluation.confusion import confusion
from engine.geometry.overlap import iou
from engine.geometry.shapes import Box
from engine.project.records import Annotation, Detection
from tests.engine.evaluation import made, naive

ONE, OTHER = Box(0, 0, 40, 40), Box(60, 60, 100, 100)


@settings(max_examples=80, deadline=None)
@given(made.pictures())
def test_every_truth_and_every_certain_detection_is_in_one_cell(pictures: list[Judged]) -> None:
    found = confusion(comparison(made.tables(pictures), "bbox"), score=0.4)
    truths = {each.id: each for one in pictures for each in one.annotations if not each.is_crowd}
    seen = {each.id: each for one in pictures for each in one.detections if each.score >= 0.4}
    cases = [
        (cell, *each)
        for cell in found.cells
        for each in zip(cell.image_ids.tolist(), cell.annotation_ids.tolist(), cell.detection_ids.tolist(), strict=True)
    ]
    assert Counter(ours for _, _, ours, _ in cases if ours) == Counter(truths.keys())
    used = Counter(theirs for *_, theirs in cases if theirs)
    assert set(used.values()) <= {1}
    for cell, image_id, annotation_id, detection_id in cases:
        ours, theirs = truths.get(annotation_id), seen.get(detection_id)
        assert cell.truth_class_id == (ours.class_id if ours else None)
        assert cell.found_class_id == (theirs.class_id if theirs else None)
        assert {each.image_id for each in (ours, theirs) if each} == {image_id}
        assert not (ours and theirs) or iou(ours.shape, theirs.shape) >= 0.5
    left = [seen[id_] for id_ in seen.keys() - used.keys()]
    crowds = [each for one in pictures for each in one.annotations if each.is_crowd]
    assert all(any(naive.overlap(crowd, each) >= 0.5 for crowd in crowds) for each in left)


def test_the_own_class_is_paired_first() -> None:
    ours = [Annotation(1, 11, 1, ONE), Annotation(2, 11, 2, OTHER)]
    theirs = [
        Detection(1, 11, 2, 0.9, ONE),
        Detection(2, 11, 1, 0.8, Box(0, 4, 40, 44)),
        Detection(3, 11, 5, 0.7, OTHER),
    ]
    found = confusion(comparison(made.tables([made.picture(ours, theirs)]), "bbox"))
    assert {(cell.truth_class_id, cell.found_class_id): len(cell) for cell in found.cells} == {
        (1, 1): 1, (2, 5): 1, (None, 2): 1,
    }  # fmt: skip
    assert (found.count(1, 1), found.count(1, 2)) == (1, 0)


@settings(max_examples=80, deadline=None)
@given(made.pictures())
def test_calibration_against_plain_loops(pictures: list[Judged]) -> None:
    found = calibration(comparison(made.tables(pictures), "bbox"), n_bins=4)
    known = naive.fates(pictures, 0.5)
    apart = 0.0
    for number, each in enumerate(found.bins):
        own = [fate for fate in known if number / 4 <= fate.detection.score < (number + 1) / 4]
        assert set(each.right_ids) == {fate.detection.id for fate in own if fate.found}
        assert set(each.wrong_ids) == {fate.detection.id for fate in own if not fate.found}
        if own:
            mean = sum(fate.detection.score for fate in own) / len(own)
            share = len(each.right_ids) / len(own)
            assert (each.mean_score, each.share_right) == (pytest.approx(mean), pytest.approx(share))
            apart += len(own) * abs(mean - share)
    assert found.error == (pytest.approx(apart / len(known)) if known else None)


@settings(max_examples=80, deadline=None)
@given(made.pictures())
def test_the_bowls_score_against_plain_loops(pictures: list[Judged]) -> None:
    found = bowl_score(comparison(made.tables(pictures), "bbox"), 0.3)
    assert [each.image_id for each in found.pictures] == [each.image_id for each in pictures]
    for one, each in zip(pictures, found.pictures, strict=True):
        if not any(annotation.is_crowd for annotation in one.annotations):
            assert each.score == pytest.approx(plain_bowl(one, 0.3))
    total = sum(each.score for each in found.pictures)
    assert found.score == (pytest.approx(total / len(pictures)) if pictures else None)


def plain_bowl(picture: Judged, least: float) -> float:
    seen = [each for each in picture.detections if each.score >= least]
    rated = [(iou(a.shape, b.shape), -b.score, a.id, b.id) for a in picture.annotations for b in seen]
    ours, theirs, ious = set[int](), set[int](), []
    for value, _, a, b in sorted(rated, key=lambda each: (-each[0], each[2], each[1])):
        if value > 0.5 and a not in ours and b not in theirs:
            ours.add(a)
            theirs.add(b)
            ious.append(value)
    scores = []
    for step in range(10):
        right = sum(value > 0.5 + 0.05 * step for value in ious)
        together = len(picture.annotations) + len(seen) - right
        scores.append(right / together if together else 1.0)
    return sum(scores) / 10


def test_a_picture_rightly_left_empty_is_perfect() -> None:
    assert bowl_score(comparison(made.tables([made.picture([], [])]), "bbox")).score == 1
    assert bowl_score(comparison(made.tables([made.picture([Annotation(1, 11, 1, ONE)], [])]), "bbox")).score == 0
    half = [Annotation(1, 11, 1, ONE), Annotation(2, 11, 2, OTHER)]
    seen = [Detection(1, 11, 2, 0.9, ONE)]
    assert bowl_score(comparison(made.tables([made.picture(half, seen)]), "bbox")).score == pytest.approx(0.5)


def test_masks_are_compared_by_their_pixels() -> None:
    ours, theirs = [Annotation(7, 11, 1, ONE)], [Detection(9, 11, 1, 0.9, Box(0, 0, 40, 30))]
    found = analysed(comparison(made.tables([made.picture(ours, theirs)]), "segm"))
    assert found.dsb2018 is not None
    assert found.dsb2018.score == pytest.approx(0.5)  # IoU 0.75 is above five of the ten thresholds
    assert found.curves is not None
    assert [each.annotation_ids.tolist() for each in found.curves[:6]] == [[7]] * 6


def test_only_what_is_wanted_is_looked_into() -> None:
    judged = comparison(made.tables([made.picture([Annotation(1, 11, 1, ONE)], [])]), "bbox")
    assert analysed(judged, Wanted(errors=False, curves=False)) == Analysis()
    assert analysed(judged, Wanted(curves=False)).curves is None
    assert analysed(judged, Wanted(errors=False)).errors is None
