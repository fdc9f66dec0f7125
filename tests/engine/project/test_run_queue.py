"""Runs that wait: their order, their names, and how they are forgotten."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import UserError
from engine.project import annotations, contents, detections, images, run_queue, runs
from engine.project.acceptance import acceptance
from engine.project.edits import DecideDetections
from engine.project.history import History
from engine.project.runs import NewCheckpoint
from engine.project.store import Change, Project
from tests.studio import projects


def fill(project: Project, names: Sequence[str]) -> list[int]:
    with project.atomic():
        return [runs.add(project, "detector", name, f'{{"detector": "{name}"}}') for name in names]


def order(project: Project) -> list[str]:
    return [runs.get(project, run_id).network for run_id in run_queue.waiting(project)]


def test_only_what_is_queued_waits_oldest_first(project: Project) -> None:
    first, second, third = fill(project, "abc")
    with project.atomic():
        runs.set_state(project, second, "done")
    assert run_queue.waiting(project) == (first, third)
    assert run_queue.first(project) == first
    with project.atomic():
        runs.set_state(project, first, "running")
        runs.set_state(project, third, "stopped")
    assert run_queue.first(project) is None


@settings(max_examples=25)
@given(st.integers(1, 6), st.lists(st.tuples(st.integers(0, 5), st.integers(-7, 7)), max_size=6))
def test_moving_is_that_of_a_list(n: int, moves: list[tuple[int, int]]) -> None:
    with TemporaryDirectory() as folder, Project.create(Path(folder) / "p.boxwright") as project:
        fill(project, "abcdef"[:n])
        expected = list("abcdef"[:n])
        for place, by in moves:
            at = place % n
            to = min(max(at + by, 0), n - 1)
            with project.atomic():
                moved = run_queue.move(project, run_queue.waiting(project)[at], by)
            expected.insert(to, expected.pop(at))
            assert order(project) == expected
            assert runs.get(project, moved).network == expected[to]
            assert expected[to] in runs.get(project, moved).recipe


def test_what_does_not_wait_is_neither_moved_nor_removed(project: Project) -> None:
    (run_id,) = fill(project, "a")
    with project.atomic():
        runs.set_state(project, run_id, "running")
    for act in (lambda: run_queue.move(project, run_id, 1), lambda: run_queue.remove(project, run_id)):
        with pytest.raises(UserError, match="does not wait"), project.atomic():
            act()
    with pytest.raises(UserError, match="is running"), project.atomic():
        runs.delete(project, run_id)


def test_a_run_is_called_what_a_person_calls_it(project: Project) -> None:
    (run_id,) = fill(project, ["ssd"])
    assert runs.get(project, run_id).name == "ssd"
    with project.atomic():
        runs.rename(project, run_id, "  with flips ")
    assert runs.get(project, run_id).name == "with flips"
    with project.atomic():
        runs.rename(project, run_id, " ")
    assert runs.get(project, run_id).name == "ssd"


def test_a_run_is_forgotten_with_all_that_is_its_own_and_nothing_else(tmp_path: Path) -> None:
    path = projects.make_annotated(tmp_path / "p.boxwright", 2, 3)
    with Project.open(path) as project:
        first, second = 1, fill(project, ["mask_rcnn"])[0]
        history = History(project)
        history.do(DecideDetections((detections.of_run(project, first)[0].id,), "accepted"))
        n_annotations = len(annotations.of_image(project, 1))
        with project.atomic():
            for run_id in (first, second):
                runs.add_metrics(project, run_id, 1, {"train/loss": 1.0})
                own = b"own" if run_id == first else b"other"
                runs.add_checkpoint(project, run_id, NewCheckpoint("best", 1, own, "{}"))
                shared = contents.put(project, b"truth of both")
                truth = contents.put(project, own + b" truth")
                runs.set_images(project, run_id, [(1, "train", shared), (2, "val", truth)])
        n_contents, heard = int(project.value("SELECT COUNT(*) FROM contents")), list[Change]()
        project.on_change(heard.append)
        with project.atomic():
            runs.delete(project, first)
        assert [run.id for run in runs.all_runs(project)] == [second]
        assert int(project.value("SELECT COUNT(*) FROM contents")) == n_contents - 2
        assert int(project.value("SELECT COUNT(*) FROM recipes")) == 1
        assert runs.metrics(project, second)
        assert len(runs.images_of(project, second)) == 2
        assert not detections.of_run(project, first)
        assert len(annotations.of_image(project, 1)) == n_annotations
        assert not acceptance(project)
        assert heard[-1].runs == {first}
        assert heard[-1].detected == set(images.all_ids(project))
        history.undo()
        history.redo()
