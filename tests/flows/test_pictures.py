"""A person who looks after the pictures: finds them by what is known of them, marks, tags and splits many at once."""

from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QMenu, QToolButton
from pytestqt.qtbot import QtBot

from engine.geometry.shapes import Box
from engine.project import annotations, images, runs, surveys
from engine.project.image_edits import SetImages, TagImages
from engine.project.records import Annotation, ReviewState, Split
from engine.project.store import Project
from engine.project.surveys import Survey
from studio.dialogs.assign_splits import AssignSplitsDialog
from studio.dialogs.tags import Tags
from studio.pages.pictures import PicturesPage
from studio.searching.field import QueryField
from tests.studio import projects
from tests.studio.windows import Opened

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton
FACTS: dict[int, tuple[Split | None, ReviewState, tuple[str, ...], int]] = {
    1: ("train", "done", ("night",), 3),
    2: ("train", "new", ("night", "rain"), 0),
    3: ("val", "new", (), 5),
    4: ("test", "needs_review", (), 1),
    5: (None, "in_progress", ("rain",), 2),
    6: (None, "new", (), 0),
}
"""Split, state, tags, and how many boxes; the first of every two boxes is a cell."""


def stocked(path: Path) -> Path:
    """Six pictures of which something is known; a run disagrees on the third and the fifth."""
    projects.make(path, n_images=6)
    with Project.open(path) as project, project.atomic():
        run_id = runs.add(project, "detector", "mask_rcnn", "{}")
        for id_, (split, state, tags, n) in FACTS.items():
            boxes = [Box(5 + 20 * k, 10, 20 + 20 * k, 40) for k in range(n)]
            stain = {"stain": "blurred blue"} if id_ == 3 else {}
            annotations.add(
                project, [Annotation(0, id_, 1 + k % 2, box, attributes=stain) for k, box in enumerate(boxes)]
            )
            SetImages((id_,), state, split or "none").apply(project)
            TagImages((id_,), tags).apply(project)
        runs.set_state(project, run_id, "done")
        weights = {1: 0.0, 3: 1.5, 5: 4.0}
        surveys.put(project, [Survey(id_, run_id, "s", int(w > 0), 0, 0, 0, w) for id_, w in weights.items()])
    return path


def page_of(seen: Opened, path: Path, n_images: int) -> PicturesPage:
    """The page of a project's pictures, opened by its key."""
    seen.open(path)
    seen.canvas.setFocus()
    seen.key(Qt.Key.Key_2, CONTROL)
    page = seen.window.pages.made["pictures"]
    assert isinstance(page, PicturesPage)
    finds(seen, *range(1, n_images + 1))
    return page


def finds(seen: Opened, *ids: int) -> None:
    seen.qtbot.waitUntil(lambda: list(seen.session.listing.ids) == list(ids))


def search(seen: Opened, text: str) -> None:
    """Ctrl+F, the query, Enter; what is offered meanwhile is let be."""
    seen.key(Qt.Key.Key_F, CONTROL)
    field = QApplication.focusWidget()
    assert isinstance(field, QueryField)
    seen.qtbot.keyClicks(field, text)
    seen.qtbot.keyClick(field, Qt.Key.Key_Return)
    field.popup.hide()
    assert field.text() == text


def click(page: PicturesPage, qtbot: QtBot, image_id: int, keys: Qt.KeyboardModifier) -> None:
    at: QPoint = page.grid.visualRect(page.rows.index(page.rows.row_of(image_id))).center()
    qtbot.mouseClick(page.grid.viewport(), LEFT, keys, at)


def known(seen: Opened) -> dict[int, tuple[Split | None, ReviewState, tuple[str, ...]]]:
    """Split, state and tags of every picture, as the file has them."""
    assert seen.session.project is not None
    rows = images.listed(seen.session.project, images.all_ids(seen.session.project))
    return {row.id: (row.split, row.state, row.tags) for row in rows}


SEARCHES: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("class:cell>2", (3,)),
    ("class:nucleus", (1, 3, 5)),
    ("objects>=2", (1, 3, 5)),
    ("objects=0", (2, 6)),
    ("width>100 height<=120", (1, 2, 3, 4, 5, 6)),
    ("pixels>100000", ()),
    ("split:val OR split:test", (3, 4)),
    ("state:needs_review", (4,)),
    ("-state:new", (1, 4, 5)),
    ("tag:night -tag:rain", (1,)),
    ("text:blurred", (3,)),
    ("name:004", (5,)),
    ("has:disagreement", (3, 5)),
    ("(tag:rain OR objects>4) -split:train", (3, 5)),
)


def test_pictures_are_found_by_what_is_known_of_them(seen: Opened, tmp_path: Path) -> None:
    page = page_of(seen, stocked(tmp_path / "p.boxwright"), 6)
    for text, expected in SEARCHES:
        search(seen, text)
        finds(seen, *expected)
        assert page.bar.count.text() == str(len(expected))
        assert not page.bar.problem.isVisible()


ORDERS: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("Most objects", (3, 1, 5, 4, 2, 6)),
    ("Most disagreement", (5, 3, 1, 2, 4, 6)),
    ("By name", (1, 2, 3, 4, 5, 6)),
)


def test_pictures_are_sorted_and_gone_through_in_that_order(seen: Opened, tmp_path: Path) -> None:
    page = page_of(seen, stocked(tmp_path / "p.boxwright"), 6)
    for title, expected in ORDERS:
        seen.session.show_page("pictures")
        next(action for action in page.bar.order.menu().actions() if action.text() == title).trigger()
        finds(seen, *expected)
        page.grid.setFocus()
        seen.key(Qt.Key.Key_Home)
        seen.key(Qt.Key.Key_Return)
        assert (seen.session.page, seen.session.image_id) == ("annotate", expected[0])
        for following in expected[1:]:
            seen.key(Qt.Key.Key_D)
            assert seen.session.image_id == following


def test_three_are_tagged_marked_and_split_and_all_is_taken_back(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    page = page_of(seen, stocked(tmp_path / "p.boxwright"), 6)
    before = known(seen)
    for image_id, keys in ((2, Qt.KeyboardModifier.NoModifier), (3, CONTROL), (6, CONTROL)):
        click(page, qtbot, image_id, keys)
    qtbot.waitUntil(lambda: seen.session.listing.subjects == (2, 3, 6))
    assert page._chosen.text() == "3 chosen"

    seen.key(Qt.Key.Key_L, CONTROL)
    dialog = seen.dialog()
    assert isinstance(dialog, Tags)
    qtbot.waitUntil(lambda: dialog.list.count() == 2)
    qtbot.keyClicks(dialog.field, "week 2")
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    with qtbot.waitSignal(seen.session.saved):
        qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    with qtbot.waitSignal(seen.session.saved):
        seen.key(Qt.Key.Key_Return, CONTROL | SHIFT)
    menu = next(b for b in page.findChildren(QToolButton) if b.text() == "Split").menu()
    assert isinstance(menu, QMenu)
    menu.aboutToShow.emit()
    with qtbot.waitSignal(seen.session.saved):
        next(each for each in menu.actions() if each.text() == "Keep for Testing").trigger()
    changed = {id_: ("test", "needs_review", tuple(sorted((*before[id_][2], "week 2")))) for id_ in (2, 3, 6)}
    assert known(seen) == before | changed

    for _ in range(3):
        with qtbot.waitSignal(seen.session.saved):
            seen.key(Qt.Key.Key_Z, CONTROL)
    assert known(seen) == before
    assert seen.session.page == "pictures"


def test_splits_are_assigned_from_the_menu_in_proportion(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    path = projects.make_annotated(tmp_path / "p.boxwright", n_images=10)
    page = page_of(seen, path, 10)
    menu = next(b for b in page.findChildren(QToolButton) if b.text() == "Split").menu()
    assert isinstance(menu, QMenu)
    menu.aboutToShow.emit()
    next(each for each in menu.actions() if each.text() == "Assign Splits…").trigger()
    dialog = seen.dialog()
    assert isinstance(dialog, AssignSplitsDialog)
    qtbot.waitUntil(dialog.button.isEnabled)
    assert dialog.button.text() == "Assign 10"
    with qtbot.waitSignal(seen.session.saved):
        qtbot.mouseClick(dialog.button, LEFT)
    assert seen.session.project is not None
    assert images.by_split(seen.session.project) == {"train": 7, "val": 2, "test": 1}
    search(seen, "split:val")
    qtbot.waitUntil(lambda: page.rows.rowCount() == 2)
    with qtbot.waitSignal(seen.session.saved):
        page.grid.setFocus()
        seen.key(Qt.Key.Key_Z, CONTROL)
    finds(seen)
    assert images.by_split(seen.session.project) == {"": 10}
