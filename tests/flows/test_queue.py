"""A person works through the queue on the real window: one key mends, one key keeps, undo brings the question back."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListView, QTabBar
from pytestqt.qtbot import QtBot

from engine.geometry.shapes import Box
from engine.project import annotations, detections, runs, surveys
from engine.project.acceptance import acceptance, together
from engine.project.conflicts import Conflict, add
from engine.project.edits import AddAnnotations, RemoveAnnotations
from engine.project.records import Annotation, Detection
from engine.project.store import Project
from studio.panels.queue import QueuePanel
from studio.view_state import Selection
from tests.studio import projects
from tests.studio.windows import Opened

PLAIN, CONTROL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
PLACE, OTHER, ALONE = Box(20, 20, 60, 60), Box(90, 30, 130, 70), Box(70, 80, 90, 110)
CELL, NUCLEUS = 1, 2


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Three pictures: the second with a question of each kind, the third with one, the first with none."""
    path = projects.make(tmp_path / "queue.boxwright")
    with Project.open(path) as project, project.atomic():
        run = runs.add(project, "detector", "mask_rcnn", "{}")
        runs.set_state(project, run, "done")
        annotations.add(project, [Annotation(0, 1, CELL, PLACE)])
        detections.put(project, 1, run, [Detection(0, 1, CELL, 0.9, PLACE, run)])
        annotations.add(project, [Annotation(0, 2, CELL, box) for box in (PLACE, OTHER, ALONE, Box(5, 90, 25, 110))])
        found = [
            Detection(0, 2, CELL, 0.9, Box(20, 20, 60, 85), run),
            Detection(0, 2, NUCLEUS, 0.8, OTHER, run),
            Detection(0, 2, CELL, 0.7, Box(130, 90, 150, 110), run),
            Detection(0, 2, CELL, 0.95, Box(5, 90, 25, 110), run),
        ]
        detections.put(project, 2, run, found)
        detections.put(project, 3, run, [Detection(0, 3, CELL, 0.6, OTHER, run)])
        add(project, [Conflict(0, 2, CELL, Box(5, 90, 25, 105), 5, None, 0.75)])
    return path


def opened(seen: Opened, path: Path, qtbot: QtBot) -> QueuePanel:
    """The queue with its first question, reached by its key alone."""
    seen.open(path)
    seen.key(Qt.Key.Key_J, CONTROL)
    qtbot.waitUntil(lambda: seen.studio.queue.current is not None, timeout=10_000)
    seen.settle()
    panel = seen.window.docks["queue"].widget()
    assert isinstance(panel, QueuePanel)
    return panel


def kind(seen: Opened) -> str:
    question = seen.studio.queue.current
    return "" if question is None else question.about.kind


def answered(seen: Opened, qtbot: QtBot, key: Qt.Key, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
    seen.key(key, modifiers)
    qtbot.waitUntil(lambda: seen.session.n_settled == seen.session.n_asked)
    seen.settle()


def on_picture(seen: Opened, image_id: int) -> list[tuple[int, object]]:
    project = seen.session.project
    assert project is not None
    return [(one.class_id, one.shape) for one in annotations.of_image(project, image_id)]


def test_each_question_is_mended_by_one_key_also_across_pictures(seen: Opened, path: Path, qtbot: QtBot) -> None:
    opened(seen, path, qtbot)
    assert seen.session.image_id == 2, "the picture with most to decide, not the first"
    asked = [question.about.kind for question in seen.studio.queue.questions]
    assert asked == ["conflict", "missed", "wrong_class", "extra", "poor_shape"]
    for expected in asked:
        assert kind(seen) == expected
        question = seen.studio.queue.current
        assert question is not None
        x0, y0, x1, y1 = question.about.bounds
        assert seen.canvas.viewport.visible[0] < x0 < x1 < seen.canvas.viewport.visible[2], "it is in sight"
        assert seen.canvas.viewport.visible[1] < y0 < y1 < seen.canvas.viewport.visible[3]
        answered(seen, qtbot, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: seen.session.image_id == 3 and kind(seen) == "extra")
    assert sorted(on_picture(seen, 2), key=str) == sorted(
        [
            (CELL, Box(20, 20, 60, 85)), (NUCLEUS, OTHER), (CELL, Box(130, 90, 150, 110)),
            (CELL, Box(5, 90, 25, 105)),
        ],
        key=str,
    )  # fmt: skip
    answered(seen, qtbot, Qt.Key.Key_Backspace)
    project = seen.session.project
    assert project is not None
    qtbot.waitUntil(lambda: seen.studio.queue.outlook is not None and not seen.studio.queue.outlook.queued.images)
    assert (seen.studio.queue.current, surveys.n_settled(project, 1)) == (None, 6)
    summed = together(acceptance(project, [1]))
    assert summed is not None and (summed.missed_deleted, summed.missed_confirmed) == (1, 0)


@pytest.mark.parametrize(("key", "deleted", "confirmed"), [
    (Qt.Key.Key_Return, 1, 0), (Qt.Key.Key_Delete, 1, 0), (Qt.Key.Key_Backspace, 0, 1),
])  # fmt: skip
def test_what_was_not_found_counts_however_it_is_answered_and_undo_takes_that_back(
    seen: Opened, path: Path, qtbot: QtBot, key: Qt.Key, deleted: int, confirmed: int
) -> None:
    panel = opened(seen, path, qtbot)
    click(qtbot, panel.question_view, 1)
    assert kind(seen) == "missed"
    project = seen.session.project
    assert project is not None
    before = on_picture(seen, 2)
    seen.canvas.setFocus()
    answered(seen, qtbot, key)
    (summed,) = [one for one in acceptance(project, [1]) if one.class_id == CELL]
    assert (summed.missed_deleted, summed.missed_confirmed) == (deleted, confirmed)
    assert surveys.n_settled(project, 1) == 1
    answered(seen, qtbot, Qt.Key.Key_Z, CONTROL)
    (summed,) = [one for one in acceptance(project, [1]) if one.class_id == CELL]
    assert (summed.missed_deleted, summed.missed_confirmed) == (0, 0)
    assert on_picture(seen, 2) == before and surveys.n_settled(project, 1) == 0


def test_what_is_kept_is_not_asked_again_but_undo_asks(seen: Opened, path: Path, qtbot: QtBot) -> None:
    opened(seen, path, qtbot)
    before = on_picture(seen, 2)
    for _ in range(5):
        answered(seen, qtbot, Qt.Key.Key_Backspace)
    qtbot.waitUntil(lambda: seen.session.image_id == 3 and kind(seen) == "extra")
    assert on_picture(seen, 2) == before
    seen.key(Qt.Key.Key_Z, CONTROL)
    qtbot.waitUntil(lambda: seen.session.image_id == 2 and kind(seen) == "poor_shape", timeout=10_000)
    seen.key(Qt.Key.Key_Z, CONTROL)
    qtbot.waitUntil(lambda: kind(seen) == "extra" and len(seen.studio.queue.questions) == 2, timeout=10_000)


def test_both_can_be_kept_and_questions_passed_over(seen: Opened, path: Path, qtbot: QtBot) -> None:
    opened(seen, path, qtbot)
    n = len(on_picture(seen, 2))
    answered(seen, qtbot, Qt.Key.Key_Backspace, SHIFT)
    assert len(on_picture(seen, 2)) == n + 1
    qtbot.waitUntil(lambda: [one.about.kind for one in seen.studio.queue.questions][:2] == ["missed", "missed"])
    assert kind(seen) == "missed"
    first = seen.studio.queue.current
    seen.key(Qt.Key.Key_Period)
    assert seen.studio.queue.current not in (None, first), "the version that was added is missed by the model too"
    seen.key(Qt.Key.Key_Period)
    assert kind(seen) == "wrong_class"
    seen.key(Qt.Key.Key_Comma)
    assert kind(seen) == "missed"
    answered(seen, qtbot, Qt.Key.Key_Backspace, SHIFT)
    assert len(on_picture(seen, 2)) == n + 1, "there is nothing beside it to keep"
    assert kind(seen) == "missed"


def test_the_pointer_alone_does_it_too(seen: Opened, path: Path, qtbot: QtBot) -> None:
    seen.open(path)
    bars = [(bar, n) for bar in seen.window.findChildren(QTabBar) for n in range(bar.count())]
    tabs, at = next((bar, n) for bar, n in bars if bar.tabText(n) == "Queue")
    qtbot.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=tabs.tabRect(at).center())
    panel = seen.window.docks["queue"].widget()
    assert isinstance(panel, QueuePanel)
    qtbot.waitUntil(lambda: panel.pictures.rowCount() == 2, timeout=10_000)
    click(qtbot, panel.picture_view, 1)
    qtbot.waitUntil(lambda: seen.session.image_id == 3 and kind(seen) == "extra")
    click(qtbot, panel.picture_view, 0)
    qtbot.waitUntil(lambda: seen.session.image_id == 2 and panel.questions.rowCount() == 5)
    click(qtbot, panel.question_view, 3)
    assert kind(seen) == "extra"
    assert panel.answers.mend.text() == "Accept it"
    assert not panel.answers.both.isVisible()
    qtbot.mouseClick(panel.answers.mend, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: (CELL, Box(130, 90, 150, 110)) in on_picture(seen, 2))
    qtbot.waitUntil(lambda: panel.questions.rowCount() == 4)
    assert kind(seen) == "poor_shape"


def test_a_shape_that_is_mended_by_hand_settles_its_question_and_stays_in_sight(
    seen: Opened, path: Path, qtbot: QtBot
) -> None:
    panel = opened(seen, path, qtbot)
    click(qtbot, panel.question_view, 4)
    assert (kind(seen), seen.session.selection.annotations) == ("poor_shape", frozenset({1 + 1}))
    seen.settle()
    seen.drag((40, 60), (40, 72), (40, 84))
    qtbot.waitUntil(lambda: len(seen.studio.queue.questions) == 4, timeout=10_000)
    assert seen.studio.queue.current is None, "it does not run away from under the hand"
    assert seen.session.image_id == 2
    seen.key(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: seen.studio.queue.current is not None)


def test_what_a_person_selects_and_how_close_they_look_stays(seen: Opened, path: Path, qtbot: QtBot) -> None:
    panel = opened(seen, path, qtbot)
    click(qtbot, panel.question_view, 2)
    seen.canvas.zoom_by(1.5)
    scale = seen.canvas.viewport.scale
    seen.session.select(Selection(annotations=frozenset({5})))
    seen.session.do(RemoveAnnotations((2,)))
    qtbot.waitUntil(lambda: all(one.about.annotation_id != 2 for one in seen.studio.queue.questions), timeout=10_000)
    assert kind(seen) == "wrong_class"
    assert seen.session.selection == Selection(annotations=frozenset({5}))
    assert seen.canvas.viewport.scale == scale


def test_out_of_sight_the_keys_decide_suggestions(seen: Opened, path: Path, qtbot: QtBot) -> None:
    opened(seen, path, qtbot)
    seen.window.raise_dock("images")
    qtbot.waitUntil(lambda: not seen.studio.queue.is_active)
    assert seen.session.question is None
    seen.key(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(on_picture(seen, 2)) == 5)


def test_many_pictures_are_counted_in_the_background(
    seen: Opened, path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.counting.AT_ONCE", 1)
    panel = opened(seen, path, qtbot)
    (job,) = [job for job in seen.studio.jobs.all if job.task.function.endswith("count_disagreements")]
    qtbot.waitUntil(lambda: job.is_over, timeout=60_000)
    assert job.state == "done", job.failure
    assert job.result.missed == 1
    qtbot.waitUntil(lambda: panel.pictures.rowCount() == 2, timeout=10_000)


def click(qtbot: QtBot, view: QListView, row: int) -> None:
    """Click a row of a list."""
    place = view.visualRect(view.model().index(row, 0)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)


def ahead(panel_of: Opened, qtbot: QtBot, image_id: int) -> None:
    """Wait until all that is asked and seen on a picture was read before anyone looks at it."""
    shown, foresight = panel_of.canvas._shown, panel_of.studio.queue._foresight

    def is_read() -> bool:
        known = foresight.known(image_id, "disagreement")
        return bool(known) and shown._ahead is not None and shown._ahead.head.image.id == image_id

    qtbot.waitUntil(is_read, timeout=10_000)


def test_the_next_picture_was_read_while_this_one_is_looked_at(path: Path, seen: Opened, qtbot: QtBot) -> None:
    """With the last answer the next question stands there, before anything is read or written."""
    opened(seen, path, qtbot)
    queue = seen.studio.queue
    assert seen.session.image_id == 2
    ahead(seen, qtbot, 3)
    queue.travel(1)
    assert seen.session.image_id == 3 and queue.current is not None and queue.current.about.image_id == 3
    assert len(seen.canvas._shown.holding.views.detections) == 1
    assert seen.canvas._shown.image is not None and seen.canvas._shown.image.id == 3
    seen.settle()
    seen.canvas.grab()


def test_what_changed_meanwhile_is_read_again(path: Path, seen: Opened, qtbot: QtBot) -> None:
    opened(seen, path, qtbot)
    ahead(seen, qtbot, 3)
    before = seen.canvas._shown._ahead
    seen.session.do(AddAnnotations((Annotation(0, 3, CELL, ALONE),)))
    qtbot.waitUntil(lambda: seen.session.n_settled == seen.session.n_asked)
    qtbot.waitUntil(lambda: seen.canvas._shown._ahead not in (None, before), timeout=10_000)
    ahead(seen, qtbot, 3)
    seen.studio.queue.travel(1)
    assert [each.shape for each in seen.canvas.annotations.values()] == [ALONE]
    assert {question.about.kind for question in seen.studio.queue.questions} == {"missed", "extra"}
    seen.settle()


def test_another_picture_than_the_expected_one_is_read_when_it_is_looked_at(
    path: Path, seen: Opened, qtbot: QtBot
) -> None:
    opened(seen, path, qtbot)
    ahead(seen, qtbot, 3)
    seen.session.go_to(1)
    qtbot.waitUntil(lambda: len(seen.canvas.annotations) == 1, timeout=10_000)
    assert seen.canvas._shown.image is not None and seen.canvas._shown.image.id == 1
    seen.settle()


def test_a_run_or_score_chosen_meanwhile_counts(path: Path, seen: Opened, qtbot: QtBot) -> None:
    opened(seen, path, qtbot)
    ahead(seen, qtbot, 3)
    seen.session.show_from_score(0.99)
    seen.studio.queue.travel(1)
    qtbot.waitUntil(lambda: seen.canvas._shown.is_current, timeout=10_000)
    assert not seen.canvas._shown.holding.views.detections
    seen.settle()
