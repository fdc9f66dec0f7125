"""Error types and what they cost: against the counts that two independent tools agree on, and against plain loops."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings

from engine.evaluation.coco_files import read_files
from engine.evaluation.coco_tables import IouType, Judged
from engine.evaluation.comparison import comparison
from engine.evaluation.errors import KINDS, Errors, errors
from engine.geometry.shapes import Box
from engine.project.records import Annotation, Detection
from tests.engine.evaluation import made, naive

ORACLE = {"bbox": (83, 1, 0, 1, 0, 97), "segm": (76, 82, 7, 0, 4, 109)}
ONE = Box(0, 0, 40, 40)


@pytest.mark.parametrize("iou_type", ["bbox", "segm"])
def test_the_counts_of_the_oracle(shared: Path, iou_type: IouType) -> None:
    folder = shared / "data" / "coco_eval"
    results = folder / f"instances_val2014_fake{iou_type}100_results.json"
    found = errors(comparison(read_files(folder / "instances_val2014_100.json", results, iou_type), iou_type))
    assert tuple(found.counts[kind] for kind in KINDS) == ORACLE[iou_type]
    assert {kind: len(found.faults[kind]) for kind in KINDS} == found.counts
    assert found.ap == pytest.approx({"bbox": 0.6969727247299577, "segm": 0.5622883972521636}[iou_type], abs=1e-9)


@settings(max_examples=150, deadline=None)
@given(made.pictures())
def test_against_plain_loops(pictures: list[Judged]) -> None:
    found = errors(comparison(made.tables(pictures), "bbox"))
    known = naive.fates(pictures, 0.5)
    kinds, missed = naive.errors(pictures, known)
    for kind in KINDS[:-1]:
        columns = found.faults[kind]
        ours = dict(zip(columns.detection_ids.tolist(), columns.annotation_ids.tolist(), strict=True))
        assert ours == {id_: about or 0 for id_, (of_kind, about) in kinds.items() if of_kind == kind}
    assert sorted(found.faults["missed"].annotation_ids.tolist()) == sorted(missed)
    check_costs(found, pictures, known)


def check_costs(found: Errors, pictures: list[Judged], known: list[naive.Fate]) -> None:
    kinds, missed = naive.errors(pictures, known)
    truths = {each.id: each for picture in pictures for each in picture.annotations}
    before = naive.mean_ap(pictures, known)
    assert found.ap == pytest.approx(before)
    for kind in KINDS[:-1]:
        after = naive.mean_ap(pictures, naive.mended(known, kinds, kind, truths))
        assert found.cost[kind] == pytest.approx((after or 0) - (before or 0))
    if before is not None:
        after = naive.mean_ap(pictures, known, missed)
        assert found.cost["missed"] == pytest.approx((after or 0) - before)
        right = [each for each in known if each.found is not None]
        assert found.cost_false == pytest.approx((naive.mean_ap(pictures, right) or 0) - before)


def test_one_of_each() -> None:
    truths = [(0, 0, 1), (100, 0, 1), (200, 0, 1), (300, 0, 1), (400, 0, 1), (500, 0, 2), (600, 0, 1)]
    ours = [Annotation(at + 1, 11, class_id, Box(x, y, x + 40, y + 40)) for at, (x, y, class_id) in enumerate(truths)]
    seen = [
        (Box(0, 0, 40, 40), 1), (Box(0, 1, 40, 41), 1),  # right, and once more
        (Box(100, 0, 140, 40), 2),  # another class
        (Box(200, 20, 240, 60), 1),  # beside
        (Box(320, 0, 360, 40), 2),  # beside, and another class
        (Box(0, 200, 40, 240), 1),  # nothing there
    ]  # fmt: skip
    theirs = [Detection(at + 1, 11, class_id, 0.9 - at / 10, box) for at, (box, class_id) in enumerate(seen)]
    found = errors(comparison(made.tables([made.picture(ours, theirs)]), "bbox"))
    about = {kind: (each.detection_ids.tolist(), each.annotation_ids.tolist()) for kind, each in found.faults.items()}
    assert about == {
        "duplicate": ([2], [1]), "classification": ([3], [2]), "localisation": ([4], [3]), "both": ([5], [4]),
        "background": ([6], [0]), "missed": ([0] * 4, [4, 5, 6, 7]),
    }  # fmt: skip
    assert all(found.cost[kind] > 0 for kind in ("classification", "localisation", "missed"))


def test_without_truths_or_detections_nothing_is_an_error_of_something() -> None:
    empty = errors(comparison(made.tables([]), "bbox"))
    assert (empty.ap, set(empty.counts.values()), set(empty.cost.values())) == (None, {0}, {0.0})
    stray = errors(comparison(made.tables([made.picture([], [Detection(1, 11, 1, 0.5, ONE)])]), "bbox"))
    assert (stray.ap, stray.counts["background"], stray.cost["background"]) == (None, 1, 0.0)
    alone = errors(comparison(made.tables([made.picture([Annotation(1, 11, 1, ONE)], [])]), "bbox"))
    assert (alone.ap, alone.counts["missed"]) == (0.0, 1)
