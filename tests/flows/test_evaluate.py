"""A person asks how good a run is, clicks on numbers, sees the pictures behind them, and opens one at its object."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from engine.cli.evaluation import evaluate
from engine.geometry.shapes import Box
from engine.project import annotations, detections, images, runs
from engine.project.edits import ChangeAnnotations, DecideDetections, RemoveAnnotations
from engine.project.history import History
from engine.project.image_edits import SetImages
from engine.project.records import Annotation, Detection
from engine.project.store import Project
from studio.charts.card import TITLE
from studio.charts.table import ROW
from studio.commands import named, perform
from studio.pages.evaluate import EvaluatePage
from tests.studio import projects
from tests.studio.windows import Opened

CONTROL = Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton
CELL, NUCLEUS = 1, 2
HERE, THERE, AWAY = Box(10, 10, 40, 40), Box(60, 10, 90, 40), Box(10, 70, 40, 100)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Five pictures in validation, of which the run has looked at four.

    1: a cell found, a cell taken for a nucleus; 2: a cell missed; 3: a nucleus where nothing is, of score 0.3; 4: bare.
    """
    path = projects.make(tmp_path / "p.boxwright", 5)
    with Project.open(path) as project:
        with project.atomic():
            run_id = runs.add(project, "detector", "yolo", "{}")
            runs.set_state(project, run_id, "done")
            annotations.add(project, [Annotation(0, 1, CELL, HERE), Annotation(0, 1, CELL, THERE)])
            annotations.add(project, [Annotation(0, 2, CELL, AWAY), Annotation(0, 3, NUCLEUS, HERE)])
            seen = [Detection(0, 1, CELL, 0.9, HERE, run_id), Detection(0, 1, NUCLEUS, 0.8, THERE, run_id)]
            detections.put(project, 1, run_id, seen)
            detections.put(project, 2, run_id, [])
            seen = [Detection(0, 3, NUCLEUS, 0.95, HERE, run_id), Detection(0, 3, NUCLEUS, 0.3, AWAY, run_id)]
            detections.put(project, 3, run_id, seen)
            detections.put(project, 4, run_id, [])
        History(project).do(SetImages(tuple(images.all_ids(project)), split="val"))
    return path


def page_of(seen: Opened, path: Path, qtbot: QtBot) -> EvaluatePage:
    """The page, once its numbers are there."""
    seen.open(path)
    seen.key(Qt.Key.Key_4, CONTROL)
    page = seen.window.pages.made["evaluate"]
    assert isinstance(page, EvaluatePage)
    found = seen.studio.evaluations
    qtbot.waitUntil(lambda: found.at_iou is not None and found.at_score is not None, timeout=30_000)
    return page


def behind(seen: Opened, page: EvaluatePage, qtbot: QtBot, words: str) -> list[tuple[int, int]]:
    """Image and number of cases of what is shown below, once its title begins so."""

    def is_shown() -> bool:
        found = seen.studio.evaluations.behind
        return found is not None and found.title.startswith(words)

    qtbot.waitUntil(is_shown, timeout=5_000)
    assert page.cases.isVisible()
    rows = page.cases.rows
    qtbot.waitUntil(lambda: all(rows.entry(row) is not None for row in range(rows.rowCount())), timeout=5_000)
    return [(one.image_id, len(one)) for one in rows.wishes]


def matrix_cell(page: EvaluatePage, row: int, column: int) -> QPoint:
    left, top, wide, high = page.charts.matrix._grid()
    return QPoint(int(left + (column + 0.5) * wide), int(top + (row + 0.5) * high))


def test_from_a_cell_of_the_confusion_to_the_object(seen: Opened, path: Path, qtbot: QtBot) -> None:
    page = page_of(seen, path, qtbot)
    matrix = page.charts.matrix
    assert matrix.names == ("cell", "nucleus", "nothing")
    assert matrix.counts.tolist() == [[1, 1, 1], [0, 1, 0], [0, 0, 0]], "from score 0.5 on"
    qtbot.mouseClick(matrix, LEFT, pos=matrix_cell(page, 0, 1))
    assert behind(seen, page, qtbot, "cell, taken for nucleus") == [(1, 1)]
    view = page.cases.view
    first = view.visualRect(page.cases.rows.index(0)).center()
    titles = [action.text() for action in view.menu(0, QPointF(first)).actions()]
    assert titles == ["Open Picture", "How Did It Come About?", "Why Was It Missed?"]
    qtbot.mouseDClick(view.viewport(), LEFT, pos=first)
    assert (seen.session.page, seen.session.image_id) == ("annotate", 1)
    project = seen.session.project
    assert project is not None
    (ours,) = (each.id for each in annotations.of_image(project, 1) if each.shape == THERE)
    (theirs,) = (each.id for each in detections.of_image(project, 1) if each.shape == THERE)
    chosen = seen.session.selection
    assert (chosen.annotations, chosen.detections) == ({ours}, {theirs})
    seen.settle()
    qtbot.waitUntil(lambda: seen.session.part is None, timeout=5_000)
    x, y = seen.view_point(75, 25)
    assert abs(x - seen.canvas.width() / 2) < 20
    assert abs(y - seen.canvas.height() / 2) < 20


def test_what_scores_too_little_to_be_seen_is_seen_when_it_is_opened(seen: Opened, path: Path, qtbot: QtBot) -> None:
    page = page_of(seen, path, qtbot)
    page.charts.errors.setFocus()
    for key in (*[Qt.Key.Key_Down] * 5, Qt.Key.Key_Return):
        qtbot.keyClick(page.charts.errors, key)
    assert behind(seen, page, qtbot, "Nothing there") == [(3, 1)]
    page.cases.view.setFocus()
    qtbot.keyClick(page.cases.view, Qt.Key.Key_Home)
    qtbot.keyClick(page.cases.view, Qt.Key.Key_Return)
    assert (seen.session.page, seen.session.image_id, seen.session.min_score) == ("annotate", 3, 0.3)
    assert len(seen.session.selection.detections) == 1


def test_an_accepted_detection_is_opened_as_the_annotation_that_it_became(
    seen: Opened, path: Path, qtbot: QtBot
) -> None:
    with Project.open(path) as project:
        faint = detections.of_image(project, 3)[-1]
        History(project).do(DecideDetections((faint.id,), "accepted"))
        (made,) = (each for each in annotations.of_image(project, 3) if each.detection_id == faint.id)
        History(project).do(ChangeAnnotations((replace(made, class_id=CELL),)))  # so that the detection is wrong
    page = page_of(seen, path, qtbot)
    seen.studio.evaluations.believe_from(0.0)
    qtbot.mouseClick(page.charts.score.links["wrong"], LEFT)
    assert behind(seen, page, qtbot, "All classes: wrong") == [(1, 1), (3, 1)]
    page.cases.view.open(1, None)
    assert (seen.session.image_id, seen.session.selection.annotations) == (3, {made.id})


def test_every_number_leads_to_pictures(seen: Opened, path: Path, qtbot: QtBot) -> None:
    page = page_of(seen, path, qtbot)
    charts = page.charts
    columns = [each.title for each in charts.classes.headings]
    for column, expected in {
        "Objects": [(1, 2), (2, 1)], "Found": [(1, 1)], "AP": [(1, 1), (2, 1)], "Prec.": [], "Recall": [(1, 1), (2, 1)],
        "Small": [(1, 1), (2, 1)],
    }.items():  # fmt: skip
        charts.classes.cell_picked.emit(0, columns.index(column))
        assert behind(seen, page, qtbot, "cell:") == expected, column
        seen.studio.evaluations.show_behind(None)
    at = QPoint(int(charts.precisions._places()[1].center().x()), int(TITLE + 2.5 * ROW))
    qtbot.mouseClick(charts.precisions, LEFT, pos=at)
    assert behind(seen, page, qtbot, "AP50 of boxes") == [(1, 2), (3, 1), (2, 1)]
    charts.curves.pick(0)
    assert behind(seen, page, qtbot, "cell from score 0.90 on") == [(1, 1), (2, 1)]
    charts.reliability.pick(9)
    assert behind(seen, page, qtbot, "Detections with score 0.9") == [(1, 1), (3, 1)]
    charts.bowl.pick(0)
    assert behind(seen, page, qtbot, "Pictures by their DSB2018") == [(2, 1), (1, 1), (3, 1), (4, 1)]
    assert page.cases.rows.caption(0) == "DSB2018 0.000"
    qtbot.mouseClick(charts.score.links["missed"], LEFT)
    assert behind(seen, page, qtbot, "All classes: missed") == [(1, 1), (2, 1)]
    charts.recalls.cell_picked.emit(3, 0)
    assert behind(seen, page, qtbot, "ARs of boxes") == [(1, 1), (2, 1)]


def test_pictures_behind_a_number_become_a_search(seen: Opened, path: Path, qtbot: QtBot) -> None:
    page = page_of(seen, path, qtbot)
    qtbot.mouseClick(page.charts.score.links["missed"], LEFT)
    behind(seen, page, qtbot, "All classes: missed")
    perform(seen.studio, *named("evaluate.list"))
    assert (seen.session.page, seen.session.listing.search.text) == ("pictures", "id:1..2")
    qtbot.waitUntil(lambda: list(seen.session.listing.ids) == [1, 2], timeout=5_000)


def test_the_score_is_dragged_and_everything_follows(seen: Opened, path: Path, qtbot: QtBot) -> None:
    page = page_of(seen, path, qtbot)
    found, score = seen.studio.evaluations, page.charts.score
    assert [score.links[each].text() for each in ("right", "wrong", "missed")] == ["2 right", "1 wrong", "2 missed"]
    score.slider.setValue(40)
    qtbot.waitUntil(lambda: found.at_score is not None and found.at_score.score == 0.2, timeout=5_000)
    assert [score.links[each].text() for each in ("right", "wrong", "missed")] == ["2 right", "2 wrong", "2 missed"]
    assert page.charts.matrix.counts.tolist() == [[1, 1, 1], [0, 1, 0], [0, 1, 0]]
    qtbot.mouseClick(score.best, LEFT)
    assert found.choice.score == 0.9
    assert "precision 1.000" in score._shares.toolTip()


def test_an_edit_makes_the_numbers_out_of_date_until_they_are_asked_for_again(
    seen: Opened, path: Path, qtbot: QtBot
) -> None:
    page = page_of(seen, path, qtbot)
    found = seen.studio.evaluations
    assert not found.is_stale
    assert "has not looked at 1" in page.head._warning.text()
    project = seen.session.project
    assert project is not None
    before = found.judgement.scores.AP50 if found.judgement else None
    (missed,) = (each.id for each in annotations.of_image(project, 2))
    seen.session.do(RemoveAnnotations((missed,)))
    qtbot.waitUntil(lambda: found.is_stale, timeout=5_000)
    assert "have changed since" in page.head._warning.text()
    qtbot.mouseClick(page.head.now, LEFT)
    qtbot.waitUntil(lambda: not found.is_stale and not found.is_busy, timeout=30_000)
    assert found.judgement is not None
    assert before != found.judgement.scores.AP50
    assert found.result is not None
    assert found.result.bare_ids == (2, 4)


def test_reports_and_charts_are_what_the_command_line_says(
    seen: Opened, path: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    page_of(seen, path, qtbot)
    for suffix in (".json", ".csv"):
        seen.answers.path = tmp_path / f"report{suffix}"
        perform(seen.studio, *named(f"evaluate.export_{suffix[1:]}"))
        qtbot.waitUntil((tmp_path / f"report{suffix}").exists, timeout=30_000)
    arguments = [str(path), "--stored", "--errors", "--curves", "--json"]
    said = CliRunner().invoke(evaluate, [*arguments, "--run", "1"])
    assert json.loads((tmp_path / "report.json").read_text()) == json.loads(said.stdout)
    seen.answers.folder = tmp_path / "charts"
    seen.answers.folder.mkdir()
    perform(seen.studio, *named("evaluate.save_charts"))
    qtbot.waitUntil(lambda: len(list((tmp_path / "charts").iterdir())) == 18, timeout=10_000)
    assert not QImage(str(tmp_path / "charts" / "confusion.png")).isNull()


def test_a_run_that_has_looked_at_nothing_says_so(seen: Opened, path: Path, qtbot: QtBot) -> None:
    page = page_of(seen, path, qtbot)
    found = seen.studio.evaluations
    page.head.splits.setCurrentIndex(page.head.splits.findText("Test"))
    page.head.splits.activated.emit(page.head.splits.currentIndex())
    qtbot.waitUntil(lambda: found.result is not None and found.result.split == "test", timeout=30_000)
    assert page._nothing.isVisible()
    assert "no such pictures" in page._nothing.text()
    page.head.splits.setCurrentIndex(0)
    page.head.splits.activated.emit(0)
    assert found.judgement is not None, "what was worked out before is kept"
    assert not page._nothing.isVisible()
