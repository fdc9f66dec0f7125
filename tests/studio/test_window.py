"""The window says what is open and how, keeps its layout, opens what is dropped, and survives faults."""

import io
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QTabBar, QToolButton
from pytestqt.qtbot import QtBot

from engine.errors import UserError
from engine.geometry.shapes import Box
from engine.project import presence
from engine.project.edits import AddAnnotations
from engine.project.processes import Process
from engine.project.records import Annotation
from engine.project.store import Project
from studio import files
from studio.app import Faults
from studio.dialogs._frame import Frame
from studio.dialogs.importing import Importing
from studio.menus import submenu
from studio.orders import Task
from studio.panels import PANELS
from studio.window import Banner
from tests.studio import projects
from tests.studio.windows import Opened, opened


def words(dialog: Frame) -> str:
    return " ".join(label.text() for label in dialog.findChildren(QLabel))


def test_the_title_names_the_project(seen: Opened, tmp_path: Path) -> None:
    assert seen.window.windowTitle() == "Boxwright"
    seen.open(projects.make(tmp_path / "cells.boxwright"))
    assert seen.window.windowTitle() == "cells – Boxwright"
    seen.session.close()
    assert seen.window.windowTitle() == "Boxwright"


def test_saved_is_said_only_after_a_commit(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    seen.open(projects.make(tmp_path / "p.boxwright"))
    assert seen.window.status._saved.text() == "All edits saved"
    with qtbot.waitSignal(seen.session.saved):
        seen.session.do(AddAnnotations((Annotation(0, 1, 1, Box(1, 1, 9, 9)),)))
        assert "Saved" not in seen.window.status._saved.text()
    assert seen.window.status._saved.text().startswith("Saved ")


def test_every_panel_has_a_dock_that_the_view_menu_shows(seen: Opened) -> None:
    titles = {action.text() for action in submenu(seen.window.menus.by_title["View"], "Panels").actions()}
    for name, panel in PANELS:
        assert panel.title in titles
        assert seen.window.docks[name].objectName() == f"dock.{name}"


def test_the_layout_is_kept(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    path = projects.make(tmp_path / "p.boxwright")
    seen.open(path)
    seen.window.docks["runs"].show()
    seen.window.docks["classes"].hide()
    seen.window.close()
    with opened(qtbot, tmp_path / "settings.ini") as again:
        assert not any(dock.isVisible() for dock in again.window.docks.values())  # the welcome page stands alone
        again.open(path)
        assert again.window.docks["runs"].isVisible()
        assert not again.window.docks["classes"].isVisible()
        again.window.reset_layout()
        assert again.window.docks["classes"].isVisible()
        assert not again.window.docks["runs"].isVisible()


def test_a_wide_page_has_the_room_of_the_panels_at_the_right(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    seen.open(projects.make(tmp_path / "p.boxwright"))
    docks = seen.window.docks
    seen.session.show_page("inspect")
    assert [name for name in ("images", "classes", "annotations") if docks[name].isVisible()] == ["images"]
    kept = seen.window.arrangement()
    assert not docks["classes"].isVisible()
    seen.session.show_page("pictures")
    assert docks["classes"].isVisible()
    assert docks["annotations"].isVisible()
    docks["classes"].hide()
    assert seen.window.arrange(kept)
    assert docks["classes"].isVisible()  # what was kept is the layout without the page
    docks["classes"].hide()
    seen.session.show_page("inspect")
    seen.session.show_page("annotate")
    assert not docks["classes"].isVisible()  # what the person put away stays away
    seen.session.show_page("inspect")
    seen.window.close()
    with opened(qtbot, tmp_path / "settings.ini") as again:
        again.open(tmp_path / "p.boxwright")
        assert again.window.docks["annotations"].isVisible()


def test_a_read_only_project_says_so_and_lets_nothing_be_changed(seen: Opened, tmp_path: Path) -> None:
    path = projects.make_annotated(tmp_path / "p.boxwright")
    assert files.open_project(seen.studio, path, read_only=True)
    seen.settle()
    assert seen.window.findChild(Banner).isVisible()
    assert not seen.window.menus._tools["box"].isEnabled()
    for name in ("edit.delete", "train.fine_tune", "file.import_file", "annotate.accept"):
        action = next(each for each in seen.window.actions() if each.objectName() == name)
        assert not action.isEnabled(), name


def test_a_project_held_by_another_window_can_be_looked_at(
    seen: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = projects.make(tmp_path / "p.boxwright")
    with Project.open(path) as project:
        held = presence.Holder(Process.current(), "anna", "2025-01-01T10:00:00.000+00:00")
        monkeypatch.setattr(presence, "holder", lambda _: held)
        assert not files.open_project(seen.studio, path)
        dialog = seen.dialog()
        assert isinstance(dialog, Frame)
        assert "anna" in words(dialog).casefold()
        assert seen.session.project is None
        button = next(each for each in dialog.findChildren(type(dialog.add_button("", print))) if "only" in each.text())
        button.click()
        assert seen.session.project is not None
        assert not seen.session.can_write
        assert project.is_read_only is False


def test_a_file_that_cannot_be_opened_is_told_and_the_open_one_stays(seen: Opened, tmp_path: Path) -> None:
    seen.open(projects.make(tmp_path / "p.boxwright"))
    broken = tmp_path / "broken.boxwright"
    broken.write_bytes(b"no project at all, but longer than a header of a hundred bytes" * 4)
    files.take_dropped(seen.studio, [broken])
    dialog = seen.dialog()
    assert isinstance(dialog, Frame)
    assert "broken.boxwright" in words(dialog)
    assert seen.session.project is not None
    assert seen.session.project.path.name == "p.boxwright"


def test_a_project_that_is_dropped_opens(seen: Opened, tmp_path: Path) -> None:
    files.take_dropped(seen.studio, [projects.make(tmp_path / "p.boxwright")])
    assert seen.session.project is not None


def test_a_folder_dropped_on_the_welcome_page_gets_a_project_beside_it(
    seen: Opened, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "cats").mkdir()
    (tmp_path / "cats" / "a.png").write_bytes(projects.picture(1))
    seen.answers.path = tmp_path / "cats.boxwright"
    files.take_dropped(seen.studio, [tmp_path / "cats"])
    assert seen.session.project is not None
    assert seen.session.project.path == tmp_path / "cats.boxwright"
    dialog = seen.dialog()
    assert isinstance(dialog, Importing)
    qtbot.waitUntil(dialog.button.isEnabled, timeout=20_000)
    dialog.button.click()
    qtbot.waitUntil(lambda: seen.session.image_id is not None, timeout=20_000)


def test_a_new_project_in_place_of_an_old_file_keeps_the_old_one(seen: Opened, tmp_path: Path) -> None:
    projects.make(tmp_path / "p.boxwright")
    for _ in range(2):
        assert files.make_at(seen.studio, tmp_path / "p.boxwright")
        seen.session.close()
    kept = sorted(path.name for path in tmp_path.glob("*.boxwright"))
    assert kept == ["p.boxwright", "p.replaced-2.boxwright", "p.replaced.boxwright"]


def test_recent_projects_are_listed_and_missing_ones_are_grey(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    path = projects.make(tmp_path / "cells.boxwright")
    files.open_project(seen.studio, path)
    seen.studio.settings.opened(tmp_path / "gone.boxwright")
    seen.session.close()
    names = {button.text(): button for button in seen.window.findChildren(type(_button(seen)))}
    assert names["cells"].isEnabled()
    assert not names["gone"].isEnabled()
    names["cells"].click()
    assert seen.session.project is not None


def _button(seen: Opened):  # type: ignore[no-untyped-def]
    from PySide6.QtWidgets import QPushButton

    return seen.window.findChild(QPushButton)


def test_a_failed_job_is_told_with_its_reason(seen: Opened, qtbot: QtBot) -> None:
    seen.studio.jobs.start(Task("Import cats", "files", "tests.studio.works:refuse"))
    qtbot.waitUntil(lambda: bool(seen.window.findChildren(Frame)), timeout=20_000)
    dialog = seen.dialog()
    assert isinstance(dialog, Frame)
    assert "Import cats" in words(dialog)
    assert "cat.jpg is no picture." in words(dialog)


def test_the_running_job_is_in_the_status_bar(seen: Opened, qtbot: QtBot) -> None:
    line = seen.window.status._job
    assert not line.isVisible()
    seen.studio.jobs.start(Task("Count", "files", "tests.studio.works:count", None, (200, 0.01)))
    qtbot.waitUntil(line.isVisible)
    qtbot.mouseClick(line, Qt.MouseButton.LeftButton)
    assert seen.window.docks["jobs"].isVisible()
    stop = next(b for b in seen.window.docks["jobs"].findChildren(QToolButton) if b.accessibleName() == "Stop Count")
    qtbot.mouseClick(stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not seen.studio.jobs.active, timeout=20_000)
    qtbot.waitUntil(lambda: not line.isVisible())


def test_a_fault_of_the_program_is_written_down_and_told(
    seen: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log = io.StringIO()
    log.name = "boxwright.log"  # type: ignore[misc]
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr("threading.excepthook", print)
    faults = Faults(seen.studio, log)
    faults.watch()
    try:
        raise KeyError("our bug")
    except KeyError as error:
        sys.excepthook(KeyError, error, error.__traceback__)
    dialog = seen.dialog()
    assert isinstance(dialog, Frame)
    assert "Nothing is lost" in words(dialog)
    assert "our bug" in log.getvalue()
    assert "our bug" in capsys.readouterr().err


def test_an_edit_that_fails_is_told(seen: Opened, tmp_path: Path) -> None:
    seen.open(projects.make(tmp_path / "p.boxwright"))
    seen.session.failed.emit(UserError("The disk is full.", "Free some space."))
    dialog = seen.dialog()
    assert isinstance(dialog, Frame)
    assert "Free some space." in words(dialog)


def test_a_panel_says_what_it_is_where_no_tab_does(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    def titled() -> set[str]:
        return {name for name, dock in docks.items() if dock.isVisible() and dock.titleBarWidget() is None}

    seen.open(projects.make(tmp_path / "p.boxwright"))
    docks = seen.window.docks
    qtbot.waitUntil(lambda: titled() == {"classes", "annotations"})
    seen.window.raise_dock("jobs")
    qtbot.waitUntil(lambda: "jobs" in titled())
    seen.window.raise_dock("runs")
    docks["queue"].close()
    qtbot.waitUntil(lambda: titled() == {"classes", "annotations", "images"})


@pytest.mark.parametrize("size", [(800, 560), (1280, 800)])
@pytest.mark.parametrize("layout", ["Annotate", "Review"])
def test_tabs_lie_over_no_panel_and_tell_of_those_that_are_seen(
    at_work: Opened, size: tuple[int, int], layout: str
) -> None:
    seen = at_work
    seen.window.resize(*size)
    for shown in ("training", "jobs", "adjust"):
        seen.studio.layouts.take(layout)
        seen.window.raise_dock("runs")
        seen.window.raise_dock(shown)
        seen.qtbot.waitUntil(lambda: not strays(seen))
        seen.studio.layouts.take("Annotate")
        seen.qtbot.waitUntil(lambda: not strays(seen))


def strays(seen: Opened) -> list[str]:
    """Tabs in sight of panels that are hidden, and those that lie over a panel."""
    docks = {dock.windowTitle(): dock for dock in seen.window.docks.values()}
    inside = [
        bar
        for bar in seen.window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
        if bar.isVisible() and bar.geometry().intersects(seen.window.rect())
    ]
    hidden = [bar.tabText(n) for bar in inside for n in range(bar.count()) if docks[bar.tabText(n)].isHidden()]
    visible = [dock for dock in docks.values() if dock.isVisible()]
    under = [each.windowTitle() for bar in inside for each in visible if bar.geometry().intersects(each.geometry())]
    return hidden + under
