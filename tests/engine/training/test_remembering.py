"""What a run learned from, and what it found meanwhile, as the project keeps it."""

import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from engine.evaluation.coco_tables import Judged
from engine.feeding.project_data import ProjectData
from engine.geometry.packing import pack
from engine.geometry.shapes import Box, Keypoints
from engine.progress import finish
from engine.project import annotations, images, runs
from engine.project.records import Annotation, ClassRecord, Detection, ImageRecord
from engine.project.store import Project
from engine.training import glimpses
from engine.training.events import Event, StepDone, ValidationDone
from engine.training.glimpses import LEAST_SCORE, N_DETECTIONS, N_PICTURES, Glimpse, Moment, glimpsed
from engine.training.recipe import Recipe
from engine.training.recording import queue, train_run
from engine.training.remembering import (
    MOST_MOMENTS,
    Remembered,
    _row,
    _thinned,
    annotations_of,
    moments,
    packed,
    recall,
    remember,
    remember_moment,
    unpacked,
)
from tests.engine.detectors.scenes import Scenes
from tests.engine.training.conftest import SETTINGS

EYES = Keypoints(((1.0, 2.0, 2.0), (3.5, 2.0, 1.0)))
IMAGE = ImageRecord(8, "a.png", "0" * 64, None, None, 40, 30, 6, "train", "new")


def test_everything_of_an_annotation_that_is_learned_or_exported_is_kept() -> None:
    found = [
        Annotation(3, 8, 1, Box(0.5, 1, 2, 3), EYES, is_crowd=True, attributes={"occluded": True, "age": 3.5}),
        *(each for each in Scenes().train[0].annotations),
    ]
    classes = (ClassRecord(1, "face", "#ff0000", 0, None, ("left eye", "right eye"), ((0, 1),)),)
    again = unpacked(packed(Remembered(tuple(map(_row, found)), classes, IMAGE, ((5, 1, b"x"),))))
    assert annotations_of(again, 8) == [replace(each, image_id=8) for each in found]
    assert (again.classes, again.image, again.moments) == (classes, IMAGE, ((5, 1, b"x"),))


def test_what_an_older_program_kept_is_still_read() -> None:
    box = Box(1, 2, 3, 4)
    old = msgspec.msgpack.encode([(7, 2, "box", pack(box), False)])
    assert annotations_of(unpacked(old), 5) == [Annotation(7, 5, 2, box)]
    assert annotations_of(unpacked(msgspec.msgpack.encode([])), 5) == []


def test_runs_with_the_same_truth_share_what_is_kept(trained: Project) -> None:
    run_id = queue(trained, Recipe(**SETTINGS))
    with trained.atomic():
        remember(trained, run_id, ProjectData(trained))
    first, second = ({row[2] for row in runs.images_of(trained, each) if row[1] == "train"} for each in (1, run_id))
    assert first == second


def test_what_is_replaced_is_let_go(trained: Project) -> None:
    before = n_contents(trained)
    some = images.all_images(trained)[0]
    with trained.atomic():
        annotations.remove(trained, [annotations.of_image(trained, some.id)[0].id])
        remember(trained, 1, ProjectData(trained))
    assert n_contents(trained) == before
    assert len(recall(trained, 1)[some.id][1]) == 3
    assert len(moments(trained, 1)) > 0


def n_contents(project: Project) -> int:
    return int(project.value("SELECT COUNT(*) FROM contents"))


def test_a_run_keeps_what_it_found_at_each_validation(project: Project) -> None:
    heard: list[Event] = []
    run_id = queue(project, Recipe(**SETTINGS, epochs=2))
    finish(train_run(project, run_id), heard.append)
    told = [event for event in heard if isinstance(event, ValidationDone)]
    assert moments(project, run_id) == tuple(Moment(each.step, each.epoch, each.glimpses) for each in told)
    val_ids = [each.id for each in images.all_images(project, "val")]
    assert [each.image_id for each in told[-1].glimpses] == val_ids
    assert any(each.detections for each in told[-1].glimpses)
    assert isinstance(heard[1], StepDone)
    size = project.value(
        "SELECT SUM(size) FROM contents WHERE id IN (SELECT truth_content_id FROM run_images WHERE split = 'val')"
    )
    assert size < 100_000


def test_an_image_that_was_deleted_meanwhile_is_passed_over(trained: Project) -> None:
    stranger = Moment(9, 9, (Glimpse(777, 10, 10, ()),))
    before = moments(trained, 1)
    with trained.atomic():
        remember_moment(trained, 1, stranger)
    assert moments(trained, 1) == before


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=120, unique=True))
def test_thinned_moments_keep_both_ends_and_lie_evenly(steps: list[int]) -> None:
    """Added one after the other, as a run does."""
    kept: tuple[tuple[int, int, bytes], ...] = ()
    for step in sorted(steps):
        kept = _thinned((*kept, (step, 0, b"")))
    held = [step for step, _, _ in kept]
    assert len(held) == min(len(steps), MOST_MOMENTS)
    assert held == sorted(held)
    assert (held[0], held[-1]) == (min(steps), max(steps))


def test_moments_of_a_steady_run_have_no_wide_gap() -> None:
    kept: tuple[tuple[int, int, bytes], ...] = ()
    for step in range(200):
        kept = _thinned((*kept, (step, 0, b"")))
    held = [step for step, _, _ in kept]
    assert max(b - a for a, b in pairwise(held)) <= 4 * 200 / MOST_MOMENTS


def judged(image_id: int, n_objects: int, scores: tuple[float, ...] = ()) -> Judged:
    truths = [Annotation(0, image_id, 7, Box(0, 0, 1, 1))] * n_objects
    found = [Detection(0, image_id, 7, score, Box(0, 0, 1, 1)) for score in scores]
    return Judged(image_id, 30, 40, truths, found)


@given(st.lists(st.integers(0, 40), max_size=30))
def test_the_same_pictures_are_watched_whatever_is_found(counts: list[int]) -> None:
    bare = glimpsed([judged(n + 1, count) for n, count in enumerate(counts)])
    rich = glimpsed([judged(n + 1, count, (0.9, 0.2)) for n, count in enumerate(counts)])
    ids = [each.image_id for each in bare]
    assert ids == sorted(set(ids)) == [each.image_id for each in rich]
    with_objects = [n + 1 for n, count in enumerate(counts) if count]
    assert len(ids) == min(N_PICTURES, len(with_objects))
    assert set(ids) <= set(with_objects)
    if ids:
        assert max(counts) == max(counts[image_id - 1] for image_id in ids)


def test_a_glimpse_has_the_best_detections_and_is_bounded() -> None:
    scores = tuple(n / 500 for n in range(500))
    (one,) = glimpsed([judged(4, 2, scores)])
    assert [each.score for each in one.detections] == sorted(scores, reverse=True)[:N_DETECTIONS]
    (few,) = glimpsed([judged(4, 2, (0.01, LEAST_SCORE, 0.7))])
    assert [each.score for each in few.detections] == [0.7, LEAST_SCORE]
    assert (few.image_id, few.width, few.height) == (4, 40, 30)


def test_packed_glimpses_come_back_equal() -> None:
    shapes = [each.shape for each in Scenes().train[0].annotations]
    found = tuple(Detection(0, 4, 7, 0.25, shape, keypoints=points) for shape in shapes for points in (None, EYES))
    glimpse = Glimpse(4, 96, 90, found)
    assert glimpses.unpacked(glimpses.packed(glimpse), 4) == glimpse


def test_glimpses_and_events_need_no_torch() -> None:
    """The window reads them."""
    program = "import sys, engine.training.events, engine.training.glimpses; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False, cwd=Path.cwd()).returncode == 0
