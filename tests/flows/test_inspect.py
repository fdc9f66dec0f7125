"""A person inspects a real picture: stage by stage, how a detection came about, why an object was missed, what if."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.detecting.ready_made import Foreign
from engine.interchange.importing import ImportRequest, import_into
from engine.progress import finish
from engine.project import classes, run_settings
from engine.project.store import Project
from engine.tracing.rules import Nms
from engine.tracing.stages import Selection
from engine.tracing.trace import Trace
from engine.training.imported_runs import import_run
from studio.inspector.selection_side import SelectionSide
from studio.pages.inspect import InspectPage
from tests.studio.windows import Opened

LEFT, CONTROL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier
PICTURE, MISSED = "000000001268.jpg", "cell phone"
"""A telephone in a hand, which the network finds twice: the surer one does not lie on the annotation well enough."""
FIRST_LOOK_MS = 120_000


@pytest.fixture(scope="module")
def file(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One picture of COCO with its annotations, and a run that has YOLOX-Nano's weights."""
    folder = tmp_path_factory.mktemp("inspected")
    _copy_one(shared / "data" / "coco_mini", folder / "one")
    path = folder / "p.boxwright"
    with Project.create(path) as project:
        finish(import_into(project, ImportRequest(folder / "one", split="val")))
        import_run(project, Foreign("yolo", shared / "weights" / "yolox_nano_coco.pth"))
    return path


def _copy_one(source: Path, target: Path) -> None:
    found = json.loads((source / "instances.json").read_text())
    (image,) = (each for each in found["images"] if each["file_name"].endswith(PICTURE))
    mine = [each for each in found["annotations"] if each["image_id"] == image["id"]]
    (target / "images").mkdir(parents=True)
    shutil.copy(next(source.rglob(PICTURE)), target / "images" / PICTURE)
    kept = {**found, "images": [image], "annotations": mine}
    (target / "instances.json").write_text(json.dumps(kept))


@pytest.fixture
def page(seen: Opened, file: Path, tmp_path: Path, qtbot: QtBot) -> Iterator[InspectPage]:
    """The page, once the network has looked and its detections are judged."""
    path = tmp_path / "mine.boxwright"
    shutil.copy(file, path)
    seen.open(path)
    seen.key(Qt.Key.Key_5, CONTROL)
    shown = seen.window.pages.made["inspect"]
    assert isinstance(shown, InspectPage)
    of = seen.studio.inspection
    qtbot.waitUntil(lambda: of.trace is not None and of.what_if.judged is not None, timeout=FIRST_LOOK_MS)
    yield shown


def click_image(page: InspectPage, qtbot: QtBot, x: float, y: float) -> None:
    """Click a point of the picture."""
    viewport = page.picture.viewport
    assert viewport is not None
    at = viewport.to_view.apply_one((x, y))
    ratio = page.picture.devicePixelRatioF()
    point = QPoint(round(at[0] / ratio), round(at[1] / ratio))
    qtbot.mouseMove(page.picture, point)
    qtbot.mouseClick(page.picture, LEFT, pos=point)


def click_tab(page: InspectPage, qtbot: QtBot, pane: QWidget) -> None:
    bar = page.tabs.tabBar()
    qtbot.mouseClick(bar, LEFT, pos=bar.tabRect(page.tabs.indexOf(pane)).center())
    qtbot.waitUntil(pane.isVisible, timeout=5_000)


def test_from_pixels_to_result_and_back(seen: Opened, page: InspectPage, qtbot: QtBot) -> None:
    trace = seen.studio.inspection.trace
    assert trace is not None
    assert trace.is_equal, [each.words for each in trace.checks]
    _walk(seen, page, qtbot, trace)
    _step_suppression(page, qtbot)
    _follow_a_detection(seen, page, qtbot)
    missed = _ask_why(seen, page, qtbot)
    _try_the_remedy(seen, page, qtbot, missed)
    _keep_and_undo(seen, page, qtbot, missed)


def _walk(seen: Opened, page: InspectPage, qtbot: QtBot, trace: Trace) -> None:
    """Along the strip by clicks, then back and on by keys; each stage is explained with numbers."""
    of = seen.studio.inspection
    click_tab(page, qtbot, page.explained)
    for stage in trace.stages:
        qtbot.mouseClick(page.strip.cards[stage.name], LEFT)
        assert of.stage_name == stage.name
        told = page.explained.explained.shown
        assert told is not None
        assert any(formula.numbers for formula in told.formulas)
    page.strip.setFocus()
    qtbot.keyClick(page.strip, Qt.Key.Key_Left)
    assert of.stage_name == trace.stages[-2].name
    qtbot.keyClick(page.strip, Qt.Key.Key_Right)
    assert of.stage_name == "detections"


def _step_suppression(page: InspectPage, qtbot: QtBot) -> None:
    """On, and back."""
    click_tab(page, qtbot, page.own)
    side = page.own.widget()
    assert isinstance(side, SelectionSide)
    side.mode.setFocus()
    qtbot.keyClick(side.mode, Qt.Key.Key_End)
    qtbot.waitUntil(side.player.isVisible, timeout=5_000)
    turn = side._layer.step_at
    qtbot.mouseClick(side.player.on, LEFT)
    assert side._layer.step_at != turn
    qtbot.mouseClick(side.player.back, LEFT)
    assert side._layer.step_at == turn
    qtbot.keyClick(side.mode, Qt.Key.Key_Home)


def _follow_a_detection(seen: Opened, page: InspectPage, qtbot: QtBot) -> None:
    """Clicked on the picture, its path is told, back to the cell that it began with."""
    of = seen.studio.inspection
    outcome, side = of.what_if.outcome, page.own.widget()
    assert outcome is not None
    assert isinstance(side, SelectionSide)
    areas = np.prod(outcome.found.boxes_image[:, 2:] - outcome.found.boxes_image[:, :2], axis=1)
    x0, y0, x1, y1 = (float(each) for each in outcome.found.boxes_image[int(areas[:10].argmin())])
    click_image(page, qtbot, (x0 + x1) / 2, (y0 + y1) / 2)
    assert of.picked is not None
    assert side.path.isVisible()


def _ask_why(seen: Opened, page: InspectPage, qtbot: QtBot) -> int:
    """Click the missed annotation on the picture, read why, and go there; returns its id."""
    of = seen.studio.inspection
    click_tab(page, qtbot, page.why)
    (asked,) = (each for each in of.what_if.annotations if _name(seen.session.project, each.class_id) == MISSED)
    assert asked.id not in of.what_if.found_ids
    left, top, right, bottom = asked.shape.bounds
    click_image(page, qtbot, (left + right) / 2, (top + bottom) / 2)
    assert of.annotation_id == asked.id
    qtbot.waitUntil(lambda: of.what_if.verdict is not None, timeout=10_000)
    verdict = of.what_if.verdict
    assert verdict is not None
    assert verdict.loss == "nms"
    view = page.why.one.verdict
    qtbot.waitUntil(view.isVisible, timeout=5_000)
    qtbot.mouseClick(view.show_stage, LEFT)
    assert of.stage_name == "detections"
    assert of.picked is not None
    assert of.picked.row == verdict.row
    return asked.id


def _try_the_remedy(seen: Opened, page: InspectPage, qtbot: QtBot, missed: int) -> None:
    """The button brings it back, and the numbers say so."""
    tried = seen.studio.inspection.what_if
    (remedy,) = page.why.one.verdict.remedies
    qtbot.mouseClick(remedy, LEFT)
    qtbot.waitUntil(lambda: missed in tried.found_ids, timeout=10_000)
    qtbot.waitUntil(lambda: tried.verdict is not None and tried.verdict.loss is None, timeout=10_000)
    click_tab(page, qtbot, page.what_if)
    assert tried.trace is not None
    rules = tried.trace.all(Selection)[-1].rules
    at, own = next((at, rule) for at, rule in enumerate(rules) if isinstance(rule, Nms))
    assert page.what_if.rows["detections", at, "iou"].field.value() > own.iou
    assert tried.judged is not None
    assert tried.own_judged is not None
    assert missed in tried.own_judged.missed_ids
    assert missed not in tried.judged.missed_ids
    assert page.what_if.outcomes.numbers["missed"].text() == str(tried.judged.n_missed)
    more = len(tried.judged.is_right) - len(tried.own_judged.is_right)
    assert page.what_if.outcomes.differences["found"].text() == f"+{more}"


def _keep_and_undo(seen: Opened, page: InspectPage, qtbot: QtBot, missed: int) -> None:
    """Kept, the settings are the run's from now on; undone, they are not."""
    tried, project = seen.studio.inspection.what_if, seen.session.project
    assert project is not None
    assert tried.trace is not None
    run_id = tried.trace.origin.run_id
    assert run_id is not None
    qtbot.mouseClick(page.what_if.keep, LEFT)
    qtbot.waitUntil(lambda: tried.kept is not None, timeout=10_000)
    assert tried.kept == tried.settings
    assert run_settings.kept(project, run_id) is not None
    assert not page.what_if.keep.isEnabled()
    seen.key(Qt.Key.Key_Z, CONTROL)
    qtbot.waitUntil(lambda: tried.kept is None and tried.is_own, timeout=10_000)
    assert run_settings.kept(project, run_id) is None
    qtbot.waitUntil(lambda: missed not in tried.found_ids, timeout=10_000)


@pytest.mark.slow
def test_a_split_is_looked_into_and_each_miss_leads_to_its_picture(
    seen: Opened, page: InspectPage, qtbot: QtBot
) -> None:
    of = seen.studio.inspection
    click_tab(page, qtbot, page.why)
    qtbot.mouseClick(page.why.segments.buttons[1], LEFT)
    split = page.why.split
    assert split.isVisible()
    qtbot.mouseClick(split.begin, LEFT)
    qtbot.waitUntil(lambda: split.misses.found is not None and not split.misses.is_busy, timeout=FIRST_LOOK_MS)
    found = split.misses.found
    assert found is not None
    assert found.n_images == 1
    assert found.n_truths == found.n_found + sum(found.lost.values())
    table = split.table
    rows = {table.miss(row).class_name: row for row in range(table.shown.rowCount())}
    table.setFocus()
    table.selectRow(rows[MISSED])
    qtbot.keyClick(table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: of.annotation_id == table.miss(rows[MISSED]).annotation_id, timeout=10_000)
    qtbot.waitUntil(lambda: of.what_if.verdict is not None, timeout=10_000)
    assert page.why.one.isVisible(), "it is told there"


def _name(project: Project | None, class_id: int) -> str:
    assert project is not None
    return next(each.name for each in classes.all_classes(project) if each.id == class_id)
