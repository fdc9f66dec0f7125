"""Both sides of a question are painted on the canvas while it is asked, each with its tag, and then no more."""

from pathlib import Path

import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from engine.evaluation.queue import Question, asked
from engine.geometry.shapes import Box
from engine.project import annotations, classes, conflicts
from engine.project.conflicts import Conflict
from engine.project.records import Annotation
from engine.project.store import Project
from studio.canvas.looks import Looks
from studio.canvas.question import THEIRS, surroundings, words
from tests.studio import projects
from tests.studio.windows import Opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = projects.make(tmp_path / "p.boxwright", 1)
    with Project.open(path) as project, project.atomic():
        annotations.add(project, [Annotation(0, 1, 1, Box(40, 40, 80, 80))])
        conflicts.add(project, [Conflict(0, 1, 2, Box(44, 44, 90, 90), 1, None, 0.6)])
    return path


def question_of(seen: Opened) -> Question:
    assert seen.session.project is not None
    (found,) = asked(seen.session.project, 1, None, "disagreement")
    return found


def n_yellow(seen: Opened) -> int:
    image = seen.canvas.grab().toImage()
    wanted = QColor(THEIRS)
    near = 0
    for x in range(image.width()):
        for y in range(image.height()):
            colour = image.pixelColor(x, y)
            near += abs(colour.red() - wanted.red()) + abs(colour.green() - wanted.green()) < 30 and colour.blue() < 120
    return near


def test_both_sides_are_shown_and_the_view_goes_there(seen: Opened, path: Path, qtbot: QtBot) -> None:
    seen.open(path)
    seen.canvas.resize(400, 300)
    seen.canvas.zoom_by(3.0)
    before, whole = n_yellow(seen), seen.canvas.viewport
    question = question_of(seen)
    seen.session.ask_about(question)
    seen.settle()
    assert n_yellow(seen) > before + 100
    x0, y0, x1, y1 = seen.canvas.viewport.visible
    assert x0 < 40 and y0 < 40 and x1 > 90 and y1 > 90
    assert seen.canvas.viewport.scale == pytest.approx(whole.fit_scale), "never smaller than the whole picture"
    seen.session.ask_about(None)
    seen.settle()
    assert n_yellow(seen) < 20


def test_tags_say_whose_it_is(seen: Opened, path: Path, qtbot: QtBot) -> None:
    seen.open(path)
    assert seen.session.project is not None
    looks = Looks(classes.by_id(seen.session.project))
    assert words(question_of(seen), looks) == ("yours: cell", "the other: nucleus")


def test_small_things_are_shown_with_what_lies_around_them() -> None:
    assert surroundings((100, 100, 102, 104)) == (76, 76, 126, 128)
    assert surroundings((0, 0, 200, 100)) == (-50, -25, 250, 125)
