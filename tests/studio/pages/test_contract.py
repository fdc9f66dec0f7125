"""Every page has words, an icon, a place and a key of its own, and is left for the canvas."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton

from studio.commands import named
from studio.pages import PAGES, in_order
from studio.switcher import Switcher
from studio.theme import RESOURCES
from studio.view_state import FIRST_PAGE
from tests.studio import projects
from tests.studio.windows import Opened

NAMES = PAGES.names()
OTHERS = [name for name in NAMES if name != FIRST_PAGE]
CONTROL = Qt.KeyboardModifier.ControlModifier


def test_the_first_page_is_the_canvas_and_places_are_digits() -> None:
    pages = in_order()
    assert pages[0][0] == FIRST_PAGE
    positions = [page.position for _, page in pages]
    assert positions == sorted(set(positions))
    assert set(positions) <= set(range(1, 10))


@pytest.mark.parametrize("name", NAMES)
def test_a_page_has_words_an_icon_and_a_command(name: str) -> None:
    page = PAGES.get(name)
    assert page.title
    assert page.help.endswith(".")
    assert (RESOURCES / "icons" / f"{page.icon}.svg").is_file()
    (command,) = named(f"view.page_{name}")
    assert command.keys == (f"Ctrl+{page.position}",)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_shown_by_its_key_and_by_its_button(seen: Opened, tmp_path: Path, name: str) -> None:
    seen.open(projects.make(tmp_path / "p.boxwright"))
    pages = seen.window.pages
    seen.key(Qt.Key(Qt.Key.Key_0 + PAGES.get(name).position), CONTROL)
    assert seen.session.page == name
    assert pages.currentWidget() is pages.made[name]
    assert pages.made[name].isVisible()
    buttons = seen.window.findChild(Switcher).buttons
    assert buttons[name].isChecked()
    seen.qtbot.mouseClick(buttons[FIRST_PAGE], Qt.MouseButton.LeftButton)
    assert seen.session.page == FIRST_PAGE
    assert seen.canvas.isVisible()
    assert seen.window.docks["images"].isVisible()
    seen.qtbot.mouseClick(buttons[name], Qt.MouseButton.LeftButton)
    seen.session.open_image(2)
    assert (seen.session.page, seen.session.image_id) == (FIRST_PAGE, 2)


def test_what_is_said_of_the_canvas_is_said_only_while_it_is_seen(seen: Opened, tmp_path: Path) -> None:
    seen.open(projects.make(tmp_path / "p.boxwright"))
    status = seen.window.status
    on_canvas = status._hint.text()
    seen.session.show_page("pictures")
    assert status._hint.text() == PAGES.get("pictures").hint != on_canvas
    assert not status._zoom.isVisible()
    tools = [action for action in seen.window.menus._tools.values() if action.isEnabled()]
    assert tools == []
    seen.session.show_page(FIRST_PAGE)
    assert status._hint.text() == on_canvas
    assert status._zoom.isVisible()


def test_another_project_opens_on_the_canvas(seen: Opened, tmp_path: Path) -> None:
    seen.open(projects.make(tmp_path / "a.boxwright"))
    seen.session.show_page(NAMES[-1])
    seen.open(projects.make(tmp_path / "b.boxwright"))
    assert seen.session.page == FIRST_PAGE
    assert seen.canvas.isVisible()


def test_the_switcher_keeps_the_words_of_the_shown_page_where_there_is_no_room(seen: Opened, tmp_path: Path) -> None:
    seen.open(projects.make(tmp_path / "p.boxwright"))
    switcher = seen.window.findChild(Switcher)
    words = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
    assert all(button.toolButtonStyle() == words for button in switcher.buttons.values())
    switcher.resize(switcher.minimumSizeHint().width(), switcher.height())
    shown = {name for name, button in switcher.buttons.items() if button.toolButtonStyle() == words}
    assert shown == {FIRST_PAGE}
    assert all(isinstance(button, QToolButton) and button.toolTip() for button in switcher.buttons.values())
