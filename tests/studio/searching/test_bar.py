"""The query box finds while one types, offers what can be typed, says errors in words, and keeps searches."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from engine.errors import UserError
from engine.project.image_edits import TagImages
from engine.project.queries import ORDERS
from engine.project.query_language import parse
from studio.dialogs.save_search import SaveSearch
from studio.panels.images import ImagePanel
from studio.searching import presets
from studio.searching.bar import ORDER_TITLES, SearchBar
from studio.settings import Settings
from tests.studio import projects
from tests.studio.windows import Opened, dialogs

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def bar(seen: Opened, tmp_path: Path, qtbot: QtBot) -> SearchBar:
    """Of a window with five annotated pictures."""
    seen.open(projects.make_annotated(tmp_path / "p.boxwright", n_images=5))
    qtbot.waitUntil(lambda: len(seen.session.listing.ids) == 5)
    return seen.window.findChild(ImagePanel).bar


def actions(menu: QMenu) -> dict[str, QAction]:
    menu.aboutToShow.emit()
    found = {}
    for action in menu.actions():
        inner = [each for each in menu.findChildren(QMenu) if each.menuAction() is action]
        found.update({each.text(): each for each in (inner[0].actions() if inner else [action])})
    return found


def found(seen: Opened, *ids: int) -> None:
    seen.qtbot.waitUntil(lambda: list(seen.session.listing.ids) == list(ids))


def test_control_f_leads_to_the_box_and_typing_finds(seen: Opened, bar: SearchBar, qtbot: QtBot) -> None:
    seen.canvas.setFocus()
    seen.key(Qt.Key.Key_F, CONTROL)
    assert bar.field.hasFocus()
    qtbot.keyClicks(bar.field, "name:002")
    found(seen, 3)
    assert bar.count.text() == "1"
    assert seen.session.image_id == 1  # letters of the box were no commands


def test_names_are_offered_and_taken_with_arrows_and_enter(seen: Opened, bar: SearchBar, qtbot: QtBot) -> None:
    bar.field.setFocus()
    qtbot.keyClicks(bar.field, "cl")
    qtbot.waitUntil(bar.field.popup.isVisible)
    assert [each.text for each in bar.field.offered.found] == ["class:"]
    qtbot.keyClick(bar.field.popup, Qt.Key.Key_Down)
    qtbot.keyClick(bar.field.popup, Qt.Key.Key_Return)
    assert bar.field.text() == "class:"
    qtbot.waitUntil(lambda: [each.text for each in bar.field.offered.found] == ["cell", "nucleus"])
    qtbot.keyClicks(bar.field.popup, "n")
    qtbot.waitUntil(lambda: [each.text for each in bar.field.offered.found] == ["nucleus"])
    assert bar.field.text() == "class:n"
    qtbot.keyClick(bar.field.popup, Qt.Key.Key_Down)
    qtbot.keyClick(bar.field.popup, Qt.Key.Key_Return)
    assert bar.field.text() == "class:nucleus"
    qtbot.waitUntil(lambda: not bar.field.popup.isVisible())
    qtbot.keyClicks(bar.field, ">2")
    found(seen)


def test_escape_clears_and_so_shows_everything(seen: Opened, bar: SearchBar, qtbot: QtBot) -> None:
    bar.field.setFocus()
    qtbot.keyClicks(bar.field, "zzz")
    found(seen)
    qtbot.keyClick(bar.field, Qt.Key.Key_Escape)
    found(seen, 1, 2, 3, 4, 5)


def test_an_error_is_said_under_the_box_and_not_while_one_types(seen: Opened, bar: SearchBar, qtbot: QtBot) -> None:
    bar.field.setFocus()
    qtbot.keyClicks(bar.field, "class:nobody")
    qtbot.waitUntil(lambda: seen.session.listing.error is not None)
    assert not bar.problem.isVisible()
    qtbot.waitUntil(bar.problem.isVisible)
    assert "There is no class 'nobody'." in bar.problem.text()
    assert "cell, nucleus" in bar.problem.text()
    bar.field.clear()
    qtbot.waitUntil(lambda: not bar.problem.isVisible())


def test_enter_says_an_error_at_once(seen: Opened, bar: SearchBar, qtbot: QtBot) -> None:
    bar.field.setFocus()
    bar.field.setText("objects>")
    qtbot.keyClick(bar.field, Qt.Key.Key_Return)
    qtbot.waitUntil(bar.problem.isVisible, timeout=500)
    assert seen.answers.told == []


def test_a_common_search_is_one_click(seen: Opened, bar: SearchBar) -> None:
    with seen.qtbot.waitSignal(seen.session.saved):
        seen.session.do(TagImages((2,), ("night",)))
    assert bar.kind.text() == "All pictures"
    actions(bar.kind.menu())["In no split"].trigger()
    assert bar.field.text() == "split:none"
    actions(bar.kind.menu())["With suggestions"].trigger()
    found(seen, 1, 2, 3, 4, 5)
    assert actions(bar.kind.menu())["With suggestions"].isChecked()
    seen.session.listing.find_text("tag:night")
    found(seen, 2)
    assert bar.field.text() == "tag:night"


def save_as(seen: Opened, bar: SearchBar, name: str) -> None:
    actions(bar.kind.menu())["Save This Search As…"].trigger()
    dialog = seen.dialog()
    assert isinstance(dialog, SaveSearch)
    dialog.name.clear()
    seen.qtbot.keyClicks(dialog.name, name)
    seen.qtbot.keyClick(dialog.name, Qt.Key.Key_Return)


def test_searches_are_saved_under_names_remembered_and_removed(seen: Opened, bar: SearchBar, qtbot: QtBot) -> None:
    bar.field.setFocus()
    bar.field.setText("objects>1")
    qtbot.keyClick(bar.field, Qt.Key.Key_Return)
    assert bar.kind.text() == "Own search"
    save_as(seen, bar, "  Crowded &  full ")
    qtbot.waitUntil(lambda: not dialogs())
    assert bar.kind.text().startswith("Crowded"), "as much as there is room for"
    assert bar.kind.toolTip().startswith("Crowded & full\n")
    assert seen.studio.settings.words_of("recent searches") == ["objects>1"]
    actions(bar.kind.menu())["All pictures"].trigger()
    next(each for each in bar.kind.menu().actions() if each.text() == "Crowded && full").trigger()
    assert bar.field.text() == "objects>1"
    save_as(seen, bar, "Many")
    qtbot.waitUntil(lambda: not dialogs())
    seen.studio.settings.sync()
    assert Settings(seen.studio.settings.path).searches == {"Many": "objects>1"}, "one search, one name"
    actions(bar.kind.menu())  # fills it
    removing = next(each for each in bar.kind.menu().findChildren(QMenu) if each.title() == "Remove")
    {each.text(): each for each in removing.actions()}["Many"].trigger()
    assert seen.studio.settings.searches == {}
    assert bar.kind.text() == "Own search"


def test_a_search_cannot_take_the_name_of_one_of_the_program(seen: Opened, bar: SearchBar, qtbot: QtBot) -> None:
    seen.session.listing.find_text("objects>3")
    save_as(seen, bar, "Done")
    dialog = seen.dialog()
    assert isinstance(dialog, SaveSearch)
    assert dialog.isVisible() and "Choose another name" in dialog.problem.text()
    assert seen.studio.settings.searches == {}


def test_another_search_under_a_name_takes_the_place_of_the_first(seen: Opened) -> None:
    kept = presets.Presets(seen.studio.settings)
    kept.save("Mine", "objects>1")
    kept.save("Other", "objects>2")
    kept.save("Mine", "objects>3")
    assert kept.saved == {"Other": "objects>2", "Mine": "objects>3"}
    with pytest.raises(UserError):
        kept.save("Broken", "objects>")
    with pytest.raises(UserError):
        kept.save("  ", "objects>1")


def test_orders_are_chosen_and_reversed(seen: Opened, bar: SearchBar) -> None:
    menu = actions(bar.order.menu())
    assert {order: title for order, title in ORDER_TITLES.items() if title in menu}.keys() == set(ORDERS)
    menu["By name"].trigger()
    menu["Backwards"].trigger()
    found(seen, 5, 4, 3, 2, 1)
    assert "by name, backwards" in bar.order.toolTip()


@pytest.mark.parametrize("text", [text for section in presets.COMMON for _, text in section])
def test_every_common_search_is_a_query(text: str) -> None:
    parse(text)


@pytest.mark.parametrize("name", [None, "red cell", "a>b"])
def test_every_example_is_a_query(name: str | None) -> None:
    for text, meaning in presets.examples(name):
        parse(text)
        assert meaning


def test_only_the_newest_searches_are_kept(seen: Opened) -> None:
    kept = presets.Presets(seen.studio.settings)
    for n in range(20):
        kept.remember(f"objects>{n}")
    kept.remember("objects>15")
    kept.remember("split:train")  # common
    kept.remember("objects>")  # no query
    assert kept.recent[:2] == ["objects>15", "objects>19"]
    assert len(kept.recent) == presets.MAX_RECENT
