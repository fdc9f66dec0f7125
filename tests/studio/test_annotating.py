"""Deciding one suggestion after the other: quicker than the file, and never the same twice."""

from pathlib import Path

from pytestqt.qtbot import QtBot

from engine.geometry.shapes import Box
from engine.project import detections, images, runs
from engine.project.records import Detection
from engine.project.store import Project
from engine.samples import create_sample
from studio.canvas.view import Canvas
from studio.commands import named, perform
from tests.studio.windows import Opened

N = 8


def with_suggestions(path: Path) -> Path:
    with create_sample(path) as project, project.atomic():
        run_id = runs.add(project, "detector", "mask_rcnn", "{}")
        runs.set_state(project, run_id, "done")
        first = images.all_ids(project)[0]
        found = [Detection(0, first, 1, 0.9 - 0.02 * n, Box(n, n, n + 9, n + 9), run_id) for n in range(N)]
        detections.put(project, first, run_id, found)
    return path


def test_keys_pressed_faster_than_the_file_decide_one_suggestion_each(
    seen: Opened, tmp_path: Path, qtbot: QtBot
) -> None:
    seen.studio.session.open(with_suggestions(tmp_path / "p.boxwright"))
    seen.settle()
    session, canvas = seen.studio.session, seen.studio.view
    assert isinstance(canvas, Canvas)
    qtbot.waitUntil(lambda: len(canvas.suggestions or ()) == N)
    assert [each.score for each in canvas.suggestions or ()] == [0.9 - 0.02 * n for n in range(N)]
    accept, reject = named("annotate.accept", "annotate.reject")
    for command in (accept, reject, accept):
        perform(seen.studio, command)
    qtbot.waitUntil(lambda: session.n_settled == session.n_asked)
    assert session.project is not None
    rows = session.project.rows("SELECT state FROM detections ORDER BY score DESC")
    assert [state for (state,) in rows] == ["accepted", "rejected", "accepted"] + ["suggested"] * (N - 3)


def test_a_press_before_anything_is_read_asks_the_file(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    path = with_suggestions(tmp_path / "p.boxwright")
    seen.studio.session.open(path)
    qtbot.waitUntil(lambda: seen.studio.session.author_id is not None)
    seen.studio.session.show_from_score(0.0)
    perform(seen.studio, *named("annotate.reject"))
    session = seen.studio.session
    qtbot.waitUntil(lambda: session.n_settled == session.n_asked)
    with Project.open(path, read_only=True) as project:
        assert project.value("SELECT COUNT(*) FROM detections WHERE state = 'rejected'") == 1
