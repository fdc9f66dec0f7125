"""What is behind a number, and what follows from a score: against plain loops over truths and detections."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.evaluation import cases, matching
from engine.evaluation.cases import Among, Cases
from engine.evaluation.coco_tables import Judged
from engine.evaluation.comparison import comparison
from engine.evaluation.look import at_iou, at_score
from engine.evaluation.operating import operating
from engine.geometry.shapes import Box
from engine.project.records import Annotation, Detection
from tests.engine.evaluation import made, naive

SCORES = st.sampled_from([0.0, 0.2, 0.5, 0.8, 1.0])
CLASSES = st.sampled_from([None, *made.NAMES])
AREAS = st.sampled_from([cases.EVERYTHING, (0.0, 32.0**2), (32.0**2, 96.0**2)])


def pairs(found: Cases) -> set[tuple[int, int, int]]:
    columns = (found.image_ids, found.annotation_ids, found.detection_ids)
    return set(zip(*(each.tolist() for each in columns), strict=True))


@settings(max_examples=150, deadline=None)
@given(made.pictures(), SCORES, CLASSES, AREAS)
def test_cases_are_those_of_plain_loops(
    pictures: list[Judged], score: float, class_id: int | None, areas: tuple[float, float]
) -> None:
    compared = comparison(made.tables(pictures), "bbox")
    matched, among = matching.match(compared, 0.5), Among(class_id, score, areas)

    def is_in(each: object) -> bool:
        return class_id in (None, each.class_id) and areas[0] <= each.shape.area <= areas[1]  # type: ignore[attr-defined]

    known = [each for each in naive.fates(pictures, 0.5) if each.detection.score >= score]
    truths = [each for picture in pictures for each in picture.annotations if not each.is_crowd]
    found = {each.found.id for each in known if each.found is not None}
    right = {
        (each.found.image_id, each.found.id, each.detection.id)
        for each in known
        if each.found is not None and is_in(each.found)
    }
    wrong = {
        (each.detection.image_id, 0, each.detection.id)
        for each in known
        if each.found is None and is_in(each.detection)
    }
    missed = {(each.image_id, each.id, 0) for each in truths if each.id not in found and is_in(each)}
    assert pairs(cases.right(compared, matched, among)) == right
    assert pairs(cases.wrong(compared, matched, among)) == wrong
    assert pairs(cases.missed(compared, matched, among)) == missed
    assert pairs(cases.mistakes(compared, matched, among)) == wrong | missed
    assert pairs(cases.truths(compared, matched, among)) == {
        (each.image_id, each.id, 0) for each in truths if is_in(each)
    }
    if areas == cases.EVERYTHING:
        both = pairs(cases.detected(compared, matched, among))
        assert {each[2] for each in both} == {each[2] for each in right | wrong}


@settings(max_examples=100, deadline=None)
@given(made.pictures(), SCORES, CLASSES)
def test_a_threshold_counts_what_is_behind_it(pictures: list[Judged], score: float, class_id: int | None) -> None:
    compared = comparison(made.tables(pictures), "bbox")
    matched = matching.match(compared, 0.5)
    thresholds, among = operating(compared, matched, class_id), Among(class_id, score)
    point = thresholds.at(score)
    assert point.n_right == len(cases.right(compared, matched, among))
    assert point.n_wrong == len(cases.wrong(compared, matched, among))
    assert point.n_missed == len(cases.missed(compared, matched, among))
    best = thresholds.best()
    assert (best is None) == (len(thresholds.scores) == 0)
    if best is not None:
        assert best.f1 == max(thresholds.at(each).f1 or 0.0 for each in thresholds.scores.tolist())


def test_equal_scores_are_one_threshold() -> None:
    places = [Box(x, 0, x + 40, 40) for x in range(0, 300, 60)]
    ours = [Annotation(1, 11, 1, places[0]), Annotation(2, 11, 1, places[1])]
    scores = [0.9, 0.5, 0.5, 0.5, 0.5]
    seen = [Detection(at + 1, 11, 1, score, places[at]) for at, score in enumerate(scores)]
    compared = comparison(made.tables([made.picture(ours, seen)]), "bbox")
    matched = matching.match(compared, 0.5)
    thresholds = operating(compared, matched)
    best = thresholds.best()
    assert best is not None
    assert (best.score, best.n_right, best.n_wrong) == (0.9, 1, 0), "both right ones bring three wrong ones along"
    assert (thresholds.at(0.5).n_right, thresholds.at(0.5).n_wrong) == (2, 3)
    assert len(cases.missed(compared, matched, Among(score=0.5))) == 0
    assert len(cases.missed(compared, matched, Among(score=0.51))) == 1


@settings(max_examples=30, deadline=None)
@given(made.pictures(), CLASSES)
def test_what_is_looked_at_agrees_with_itself(pictures: list[Judged], class_id: int | None) -> None:
    compared = comparison(made.tables(pictures), "bbox")
    found, scored = at_iou(compared, 0.5, class_id), at_score(compared, 0.5, 0.0)
    assert [one.iou for one in found.curves if one.class_id == class_id] == (
        [] if class_id is None else [round(each, 2) for each in matching.COCO_IOUS]
    )
    n_truths = sum(each.n_truths for each in found.by_class.values())
    assert n_truths == sum(not each.is_crowd for picture in pictures for each in picture.annotations)
    cells = Cases.of(*scored.confusion.cells)
    assert np.count_nonzero(cells.annotation_ids) == n_truths
    ious = scored.bowl.by_iou
    assert list(ious) == sorted(ious, reverse=True)
    assert len(ious) == (10 if pictures else 0)
