"""A run whose training set changed goes on with it as it is now and says so; another one goes on exactly."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.geometry.shapes import Box
from engine.interchange.exporting import ExportRequest
from engine.progress import finish
from engine.project import annotations, images, runs
from engine.project.edits import SetImages
from engine.project.records import Annotation, ImageRecord, Split
from engine.project.store import Project
from engine.training import loop, set_changes
from engine.training.events import Event, SetChanged, Started, StepDone
from engine.training.rebuilding import export_training_set
from engine.training.recipe import Recipe
from engine.training.recording import queue, train_run
from engine.training.remembering import Remembered, Row, recall
from engine.training.set_changes import SetChanges, between
from tests.engine.training.conftest import SETTINGS

IMAGE = ImageRecord(8, "a.png", "0" * 64, None, None, 40, 30, 6, "train", "new")
ROW = Row(1, 2, "box", b"shape", False)


@pytest.fixture(autouse=True)
def every_step_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """However fast the machine is."""
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_STEPS_TOLD", 0.0)


def stopped(project: Project) -> int:
    """A run that was stopped after its first step; returns its id."""
    run_id = queue(project, Recipe(**SETTINGS, epochs=9))
    work = train_run(project, run_id)
    next(event for event in work if isinstance(event, StepDone))
    work.close()
    return run_id


def resumed(project: Project, run_id: int) -> list[Event]:
    """What the run says when it goes on, up to its first step."""
    heard: list[Event] = []
    work = train_run(project, run_id)
    while not (heard and isinstance(heard[-1], StepDone)):
        heard.append(next(work))
    work.close()
    return heard


def test_a_run_goes_on_with_changed_annotations_and_says_so(trained: Project, tmp_path: Path) -> None:
    run_id = stopped(trained)
    edited, moved, other, *_, tried = images.all_images(trained)
    with trained.atomic():
        annotations.remove(trained, [annotations.of_image(trained, edited.id)[0].id])
        class_id = annotations.of_image(trained, tried.id)[0].class_id
        annotations.add(trained, [Annotation(0, tried.id, class_id, Box(1, 1, 9, 9))])
        SetImages((moved.id,), split="val").apply(trained)
        SetImages((other.id,), split="test").apply(trained)
    heard = resumed(trained, run_id)
    started, changed = heard[:2]
    assert isinstance(started, Started)
    assert isinstance(changed, SetChanged)
    assert changed == SetChanged(
        1,
        "Before it went on at step 1, 3 images to learn from (1 annotated otherwise, 2 not learned from any more) and "
        "2 images to be tried on had changed: it goes on with them as they are now. 1 image it is tried on was learned "
        "from before: its scores look better than they are.",
    )
    assert set_changes.kept(trained, run_id) == ((1, SetChanges(1, 0, 2, 2, 1)),)
    assert len(recall(trained, run_id)[edited.id][1]) == 3
    report = finish(export_training_set(trained, run_id, ExportRequest(tmp_path / "set", "coco")))
    assert report.export.images == 6  # it did learn from the one that is gone now
    assert not any(isinstance(event, SetChanged) for event in resumed(trained, run_id))  # it is told once


def test_a_run_whose_training_set_is_the_same_says_nothing(trained: Project) -> None:
    run_id = stopped(trained)
    first = images.all_images(trained)[0]
    with trained.atomic():
        trained.execute("UPDATE images SET name = 'x' || name")
        trained.execute("UPDATE classes SET name = 'x' || name, colour = '#123456'")
        SetImages((first.id,), state="done").apply(trained)
    heard = resumed(trained, run_id)
    assert isinstance(heard[0], Started)
    assert not any(isinstance(event, SetChanged) for event in heard)
    assert set_changes.kept(trained, run_id) == ()


def test_a_run_that_begins_anew_says_nothing(trained: Project) -> None:
    run_id = stopped(trained)
    first = images.all_images(trained)[0]
    with trained.atomic():
        annotations.remove(trained, [annotations.of_image(trained, first.id)[0].id])
        runs.remove_checkpoint(trained, run_id, "last")
    assert not any(isinstance(event, SetChanged) for event in resumed(trained, run_id))


@pytest.mark.parametrize(
    ("change", "makes_a_difference"),
    [
        ({"rows": (replace(ROW, shape=b"other"),)}, True),
        ({"rows": (replace(ROW, class_id=3),)}, True),
        ({"rows": (replace(ROW, is_crowd=True),)}, True),
        ({"rows": (replace(ROW, keypoints=b"points"),)}, True),
        ({"rows": ()}, True),
        ({"image": replace(IMAGE, sha256="1" * 64)}, True),
        ({"rows": (replace(ROW, id=9, attributes={"occluded": True}),)}, False),
        ({"image": replace(IMAGE, name="b.png", state="done")}, False),
        ({"image": None}, False),
        ({"moments": ((1, 1, b"x"),)}, False),
    ],
)
def test_what_a_network_does_not_see_makes_no_difference(change: dict[str, object], makes_a_difference: bool) -> None:
    was = Remembered((ROW,), (), IMAGE)
    now = replace(was, **change)  # type: ignore[arg-type]
    assert between({8: ("train", was)}, {8: ("train", now)}) == SetChanges(n_edited=int(makes_a_difference))
    assert between({8: ("val", was)}, {8: ("val", now)}) == SetChanges(n_tried=int(makes_a_difference))
    assert bool(between({8: ("train", was)}, {8: ("train", now)})) == makes_a_difference


SETS = st.dictionaries(st.integers(1, 8), st.tuples(st.sampled_from(["train", "val"]), st.binary(max_size=1)))


@given(SETS, SETS, st.sets(st.integers(1, 8)))
def test_changes_are_counted_image_by_image(
    before: dict[int, tuple[Split, bytes]], now: dict[int, tuple[Split, bytes]], gone: set[int]
) -> None:
    """As one counts who looks at each image by itself."""
    counts = dict.fromkeys(("n_edited", "n_added", "n_gone", "n_tried", "n_leaked"), 0)
    for image_id in range(1, 9):
        was = before.get(image_id) if image_id not in gone else None
        new = now.get(image_id)
        splits = (was[0] if was else None, new[0] if new else None)
        is_edited = was is not None and new is not None and was[1] != new[1]
        counts["n_edited"] += splits == ("train", "train") and is_edited
        counts["n_added"] += splits[1] == "train" != splits[0]
        counts["n_gone"] += splits[0] == "train" != splits[1]
        counts["n_tried"] += (splits == ("val", "val") and is_edited) or (splits.count("val") == 1)
        counts["n_leaked"] += splits == ("train", "val")
    held = {id_: (split, replace(holding(shape), is_gone=id_ in gone)) for id_, (split, shape) in before.items()}
    assert between(held, {id_: (split, holding(shape)) for id_, (split, shape) in now.items()}) == SetChanges(**counts)


def holding(shape: bytes) -> Remembered:
    return Remembered((replace(ROW, shape=shape),))


def test_words_say_only_what_happened() -> None:
    assert SetChanges(n_added=1200).in_words(3000) == (
        "Before it went on at step 3,000, 1,200 images to learn from (1,200 added) had changed: "
        "it goes on with them as they are now."
    )
    assert SetChanges(n_tried=1).in_words(3) == (
        "Before it went on at step 3, 1 image to be tried on had changed: it goes on with them as they are now."
    )
