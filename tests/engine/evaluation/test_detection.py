"""COCO's numbers: against the published oracle, against pycocotools, and in the corners."""

import contextlib
import copy
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from engine.errors import UserError
from engine.evaluation.coco_files import read_files
from engine.evaluation.coco_tables import IouType, Judged, JudgedTables
from engine.evaluation.detection import evaluate
from engine.geometry import masks
from engine.geometry.shapes import Box, Polygon, Shape
from engine.project.records import Annotation, Detection
from tests.engine.evaluation import rows

NAMES = ["AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10", "AR100", "ARs", "ARm", "ARl"]
ORACLE = {
    "bbox": [
        0.5045806987249628, 0.6969727247299577, 0.5729816669904824, 0.5856257209410443, 0.5193996948036719,
        0.5013978986347466, 0.38681277964578054, 0.5936795762842003, 0.595352982877607, 0.6398109626113442,
        0.5664205978994309, 0.5642905982905982,
    ],
    "segm": [
        0.3195452758576433, 0.5622883972521636, 0.29892653412086784, 0.3873740315997838, 0.31018272403369485,
        0.3269339071005138, 0.2682297225711534, 0.41544868114906375, 0.4168394992198818, 0.4694498622754236,
        0.37675922666197265, 0.3814715099715099,
    ],
}  # fmt: skip


@pytest.mark.parametrize("iou_type", ["bbox", "segm"])
def test_the_twelve_numbers_of_the_oracle(shared: Path, iou_type: IouType) -> None:
    folder = shared / "data" / "coco_eval"
    results = folder / f"instances_val2014_fake{iou_type}100_results.json"
    scores = evaluate(read_files(folder / "instances_val2014_100.json", results, iou_type), iou_type)
    assert list(scores.named()) == NAMES
    assert list(scores.named().values()) == pytest.approx(ORACLE[iou_type], abs=1e-9)
    assert scores.max_detections == 100


def annotation(shape: Shape, image_id: int = 1, class_id: int = 1, *, is_crowd: bool = False) -> Annotation:
    return Annotation(0, image_id, class_id, shape, is_crowd=is_crowd)


def detection(shape: Shape, score: float = 0.9, image_id: int = 1, class_id: int = 1) -> Detection:
    return Detection(0, image_id, class_id, score, shape)


def tables(truth: list[Annotation], found: list[Detection], names: dict[int, str] | None = None) -> JudgedTables:
    ids = {each.image_id for each in truth} | {each.image_id for each in found} or {1}
    pictures = [
        Judged(
            image_id, 200, 300,
            [each for each in truth if each.image_id == image_id],
            [each for each in found if each.image_id == image_id],
        )
        for image_id in sorted(ids)
    ]  # fmt: skip
    return JudgedTables(pictures, names or {1: "thing"})


coordinates = st.integers(0, 60)
boxes = st.builds(lambda x, y, w, h: Box(x, y, x + w, y + h), coordinates, coordinates, *[st.integers(1, 110)] * 2)
classes = st.sampled_from([1, 2, 5])
truths = st.lists(st.builds(annotation, boxes, st.integers(1, 3), classes, is_crowd=st.booleans()), max_size=8)
scores_seen = st.integers(0, 20).map(lambda tenth: tenth / 20)
found_things = st.lists(st.builds(detection, boxes, scores_seen, st.integers(1, 3), classes), min_size=1, max_size=12)


@settings(max_examples=60)
@given(truths, found_things, st.sampled_from(["bbox", "segm"]))
def test_the_same_numbers_as_pycocotools(truth: list[Annotation], found: list[Detection], iou_type: IouType) -> None:
    judged = tables(truth, found, {1: "a", 2: "b", 5: "never", 9: "nowhere"})
    wanted = pycocotools_numbers(judged, iou_type)
    ours = [-1.0 if value is None else value for value in evaluate(judged, iou_type).named().values()]
    assert ours == pytest.approx(wanted, abs=1e-12)


def pycocotools_numbers(judged: JudgedTables, iou_type: IouType) -> list[float]:
    with contextlib.redirect_stdout(io.StringIO()):
        truth, found = COCO(), COCO()
        truth.dataset, found.dataset = rows.truth(judged), rows.detected(judged, iou_type)
        truth.createIndex()
        found.createIndex()
        judge = COCOeval(truth, found, iou_type)
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return [float(value) for value in judge.stats]


def test_perfect_detections_score_one_and_classes_without_truth_are_undefined() -> None:
    shapes: list[Shape] = [
        Box(0, 0, 20, 20),
        masks.of_box(Box(50, 50, 90, 99)),
        Polygon.of([(100, 0), (199, 9), (110, 120)]),
    ]
    truth = [annotation(shape) for shape in shapes]
    scores = evaluate(tables(truth, [detection(shape) for shape in shapes], {1: "thing", 4: "none"}), "segm")
    assert pytest.approx(1) == scores.AP
    assert scores.APs == pytest.approx(1)
    assert scores.ap_by_class == {"thing": pytest.approx(1), "none": None}


def test_nothing_found_is_zero_and_nothing_to_find_is_undefined() -> None:
    assert evaluate(tables([annotation(Box(0, 0, 9, 9))], []), "bbox").AP == 0
    assert set(evaluate(tables([], [detection(Box(0, 0, 9, 9))]), "bbox").named().values()) == {None}
    assert set(evaluate(tables([], []), "bbox").named().values()) == {None}


def test_a_detection_on_a_crowd_counts_neither_way() -> None:
    one, crowd = Box(0, 0, 20, 20), Box(100, 100, 200, 180)
    truth = [annotation(one), annotation(crowd, is_crowd=True)]
    on_crowd = [detection(Box(110, 110, 130, 130), 0.99), detection(Box(150, 120, 170, 140), 0.98)]
    assert pytest.approx(1) == evaluate(tables(truth, [detection(one, 0.5), *on_crowd]), "bbox").AP
    stray = detection(Box(50, 100, 70, 120), 0.99)
    assert pytest.approx(0.5, abs=0.01) == evaluate(tables(truth, [detection(one, 0.5), stray]), "bbox").AP


def test_more_than_a_hundred_objects_are_only_seen_when_asked_for() -> None:
    shapes = [Box(x, y, x + 8, y + 8) for x in range(0, 200, 10) for y in range(0, 100, 10)]
    judged = tables([annotation(each) for each in shapes], [detection(each) for each in shapes])
    usual, all_seen = evaluate(judged, "bbox"), evaluate(judged, "bbox", 300)
    assert (usual.AR100, usual.max_detections) == (pytest.approx(0.5), 100)
    assert (all_seen.AR100, all_seen.AP, all_seen.max_detections) == (pytest.approx(1), pytest.approx(1), 300)


def written(folder: Path, **contents: Any) -> tuple[Path, Path]:
    judged = tables([annotation(Box(0, 0, 20, 20))], [detection(Box(0, 0, 20, 18))])
    values = {"truth": rows.truth(judged), "found": rows.detected(judged, "bbox")["annotations"]} | contents
    for name, value in values.items():
        (folder / f"{name}.json").write_text(value if isinstance(value, str) else json.dumps(value))
    return folder / "truth.json", folder / "found.json"


def test_files_give_what_their_values_give(tmp_path: Path) -> None:
    assert pytest.approx(0.9) == evaluate(read_files(*written(tmp_path), "bbox"), "bbox").AP
    assert evaluate(read_files(*written(tmp_path, found=[]), "bbox"), "bbox").AP == 0


TRUTH = rows.truth(tables([annotation(Box(0, 0, 20, 20))], []))
STRAY = {**TRUTH, "annotations": [{**TRUTH["annotations"][0], "image_id": 3}]}
FOUND: dict[str, Any] = {"image_id": 1, "category_id": 1, "bbox": [0, 0, 5, 5], "score": 0.5}
NO_BOX = {key: value for key, value in FOUND.items() if key != "bbox"}


def masked(segmentation: Any) -> dict[str, Any]:
    return {"found": [{**NO_BOX, "segmentation": segmentation}]}


@pytest.mark.parametrize(
    ("contents", "words"),
    [
        ({"truth": "{"}, "truth.json is no JSON"),
        ({"truth": []}, "truth.json is no COCO truth file"),
        ({"truth": {"images": []}}, "truth.json is no COCO truth file"),
        ({"truth": STRAY}, "truth.json: entry 1 is of a picture"),
        ({"found": {}}, "found.json is no COCO result file"),
        ({"found": [3]}, "found.json is no COCO result file"),
        ({"found": [FOUND, {**FOUND, "image_id": 99}]}, "found.json: entry 2 is of a picture"),
        ({"found": [NO_BOX]}, "entry 1 has neither"),
        ({"found": [{key: value for key, value in FOUND.items() if key != "score"}]}, "score"),
        ({"found": [{**FOUND, "bbox": [1, 2]}]}, r"\[\.\.\.\]\.bbox|bbox"),
        ({"found": [{**FOUND, "score": "high"}]}, "score"),
        (masked("zz"), "no COCO result file"),
        (masked({"size": [200, 300]}), "counts"),
        (masked({"size": [200, 300], "counts": "zzzz"}), "cut off or damaged"),
        (masked({"size": [200, 300], "counts": "0P"}), "cut off or damaged"),
        (masked({"size": [200, 300], "counts": ""}), "cut off or damaged"),
        (masked({"size": [200, 300], "counts": [5, 5]}), "do not fill"),
        (masked({"size": [200, 300], "counts": [-5, 60005]}), "do not fill"),
        (masked({"size": [300, 200], "counts": [60000]}), "unlike its picture"),
        (masked({"size": [10**9, 10**9], "counts": "0"}), "has a mask of"),
        (masked([[1, 1, 5, 5, 1, 5]]), "has to be run lengths"),
        (masked([[1, 1, 5]]), "three points"),
    ],
)
def test_files_that_are_not_what_they_should_be_are_refused_by_name(
    tmp_path: Path, contents: dict[str, Any], words: str
) -> None:
    with pytest.raises(UserError, match=words):
        read_files(*written(tmp_path, **contents), "bbox")


def test_uncompressed_run_lengths_and_polygons_in_the_truth_are_read(tmp_path: Path) -> None:
    counts = masks.to_coco(masks.of_box(Box(0, 0, 20, 20)), 200, 300)
    row = {**TRUTH["annotations"][0], "segmentation": {"size": [200, 300], "counts": counts}}
    polygon = {**row, "segmentation": [[0, 0, 20, 0, 20, 20, 0, 20]]}
    for each in (row, polygon):
        files = written(tmp_path, truth={**TRUTH, "annotations": [each]}, **masked(row["segmentation"]))
        assert pytest.approx(1) == evaluate(read_files(*files, "segm"), "segm").AP


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    truth, _ = written(tmp_path)
    with pytest.raises(UserError, match=r"gone\.json cannot be read"):
        read_files(truth, tmp_path / "gone.json", "bbox")


def test_evaluating_leaves_the_files_values_alone(tmp_path: Path) -> None:
    files = read_files(*written(tmp_path), "bbox")
    before = copy.deepcopy((files.truth_row, files.detection_rows))
    first, second = evaluate(files, "bbox"), evaluate(files, "bbox")
    assert first == second
    assert (files.truth_row, files.detection_rows) == before
    assert np.isfinite(first.AP or 0)
