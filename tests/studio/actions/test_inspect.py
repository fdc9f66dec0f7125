"""The way from what is selected to the page that tells how it came about, or why it was missed; no network is run."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu

from engine.geometry.shapes import Box
from engine.project import annotations, detections, runs
from engine.project.records import Annotation, Detection
from engine.project.runs import NewCheckpoint
from engine.project.store import Project
from engine.tracing import files
from engine.tracing.stages import Selection as Selected
from engine.tracing.trace import Trace
from studio.asker import Asker
from studio.commands import named, perform
from studio.inspection import NOT_THERE, Picked
from studio.inspector.segments import Segments
from studio.looks import LookAt, Looked
from studio.view_state import Selection
from tests.engine.tracing.lesson_traces import two_stage_lesson
from tests.engine.tracing.traces import two_stages
from tests.studio import projects
from tests.studio.windows import Opened


@pytest.fixture
def trace() -> Trace:
    """Of image 1 of the project, by run 1."""
    made = two_stages()
    return replace(made, origin=replace(made.origin, image_id=1))


def detection(trace: Trace, place: int) -> Detection:
    """As the project has it: in image pixels, whole."""
    stage = trace.all(Selected)[-1]
    x0, y0, x1, y1 = (np.array(stage.kept_boxes[place]) / np.array(trace.input.scale_xy * 2)).round().tolist()
    class_id = trace.origin.class_ids[stage.kept_classes[place]]
    return Detection(0, 1, class_id, float(stage.kept_scores[place]), Box(x0, y0, x1, y1), 1)


@pytest.fixture
def work(seen: Opened, tmp_path: Path, trace: Trace, monkeypatch: pytest.MonkeyPatch) -> Opened:
    """A window with a detection of the trace, one that the trace has not, and an annotation."""
    path = projects.make(tmp_path / "p.boxwright")
    with Project.open(path) as project, project.atomic():
        run_id = runs.add(project, "detector", "mask_rcnn", "{}")
        runs.set_state(project, run_id, "done")
        runs.add_checkpoint(project, run_id, NewCheckpoint("best", 1, b"weights", "{}"))
        away = Detection(0, 1, 1, 0.9, Box(0, 0, 2, 2), run_id)
        detections.put(project, 1, run_id, [detection(trace, 0), away])
        annotations.add(project, [Annotation(0, 1, 1, Box(10, 10, 40, 40))])
    monkeypatch.setattr(Asker, "_send", lambda *_: None)
    seen.open(path)
    return seen


def ask(work: Opened, name: str, chosen: Selection) -> None:
    work.session.select(chosen)
    (wanted,) = named(name)
    assert wanted.when(work.studio)
    perform(work.studio, wanted)
    assert work.session.page == "inspect"


def arrive(work: Opened, trace: Trace) -> None:
    """The network has looked."""
    work.studio.inspection._watching.stop()
    work.studio.inspection.take(trace)


def test_a_detection_is_found_in_the_trace_once_that_is_there(work: Opened, trace: Trace) -> None:
    ask(work, "inspect.how", Selection(detections=frozenset({1})))
    inspection, stage = work.studio.inspection, trace.all(Selected)[-1]
    assert inspection.is_busy
    assert inspection.picked is None
    arrive(work, trace)
    assert inspection.stage_name == "detections"
    assert inspection.picked == Picked("detections", int(stage.kept_rows[0]), int(stage.kept_classes[0]))


def test_a_detection_that_the_network_does_not_make_here_is_told(work: Opened, trace: Trace) -> None:
    told: list[str] = []
    work.session.said.connect(told.append)
    ask(work, "inspect.how", Selection(detections=frozenset({2})))
    arrive(work, trace)
    assert told == [NOT_THERE]
    assert work.studio.inspection.picked is None


def test_an_annotation_is_asked_about_at_once_where_there_is_a_trace(work: Opened, trace: Trace) -> None:
    wanted: list[str] = []
    work.studio.inspection.pane_wanted.connect(wanted.append)
    perform(work.studio, named("inspect.image")[0])
    arrive(work, trace)
    ask(work, "inspect.why_missed", Selection(frozenset({1})))
    assert work.studio.inspection.annotation_id == 1
    assert "why" in wanted


def test_a_trace_of_another_picture_is_not_what_was_asked_about(work: Opened, trace: Trace) -> None:
    ask(work, "inspect.how", Selection(detections=frozenset({1})))
    arrive(work, replace(trace, origin=replace(trace.origin, image_id=2)))
    assert work.studio.inspection.picked is None


def test_the_menu_of_what_is_selected_leads_there(work: Opened) -> None:
    x, y = work.view_point(20, 20)
    at = work.canvas.rect().topLeft()
    at.setX(x)
    at.setY(y)

    def menus() -> list[QMenu]:
        return work.canvas.findChildren(QMenu)

    def click() -> None:
        reason = QContextMenuEvent.Reason.Mouse
        event = QContextMenuEvent(reason, at, work.canvas.mapToGlobal(at), Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(work.canvas, event)

    click()
    assert not menus()
    work.session.select(Selection(frozenset({1})))
    click()
    (menu,) = menus()
    enabled = {action.text(): action.isEnabled() for action in menu.actions() if action.text()}
    by_title = {text.partition("\t")[0]: on for text, on in enabled.items()}
    assert by_title["Why Was It Missed?"]
    assert not by_title["How Did It Come About?"]
    menu.close()


def test_stages_are_gone_through_by_command(work: Opened, trace: Trace) -> None:
    inspection = work.studio.inspection
    perform(work.studio, named("inspect.image")[0])
    arrive(work, trace)
    names = [stage.name for stage in trace.stages]
    for name in names:
        assert inspection.stage_name == name
        perform(work.studio, named("inspect.next")[0])
    assert inspection.stage_name == names[-1]
    perform(work.studio, named("inspect.previous")[0])
    assert inspection.stage_name == names[-2]


def test_what_training_sees_is_asked_for_and_left_again(work: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[LookAt] = []
    monkeypatch.setattr(Asker, "_send", lambda _, look: asked.append(look))
    of = work.studio.inspection
    perform(work.studio, named("inspect.training")[0])
    assert of.sees_training
    assert asked[-1].is_lesson
    assert (asked[-1].image_id, asked[-1].run_id) == (1, 1)
    made = two_stage_lesson()
    of.take(replace(made, origin=replace(made.origin, image_id=1)))
    assert of.what_if.trace is None  # nothing was selected, so nothing can be selected otherwise
    of._watching.stop()  # it has come
    perform(work.studio, named("inspect.image")[0])
    assert not of.sees_training
    assert not asked[-1].is_lesson


def test_a_trace_that_comes_too_late_is_not_shown(
    work: Opened, trace: Trace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[LookAt] = []
    monkeypatch.setattr(Asker, "_send", lambda _, look: asked.append(look))
    of = work.studio.inspection
    perform(work.studio, named("inspect.image")[0])
    files.save(trace, asked[-1].path)
    perform(work.studio, named("inspect.training")[0])
    of._deliver(Looked(asked[0]))
    assert of.trace is None


def test_what_it_learns_is_chosen_on_the_page_and_left_again(work: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Asker, "_send", lambda *_: None)
    perform(work.studio, named("inspect.image")[0])
    of = work.studio.inspection
    finds, learns = work.window.pages.made["inspect"].findChild(Segments).buttons
    assert finds.isChecked()
    work.qtbot.mouseClick(learns, Qt.MouseButton.LeftButton)
    assert of.sees_training
    perform(work.studio, named("inspect.image")[0])
    work.qtbot.mouseClick(finds, Qt.MouseButton.LeftButton)
    assert not of.sees_training
    perform(work.studio, named("inspect.training")[0])
    assert learns.isChecked()
