"""What the live IoU is measured against: offered, chosen in the status bar or by a key, and remembered."""

from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.geometry.shapes import Box
from engine.project import annotations, authors
from engine.project.records import Annotation
from engine.project.store import Project
from studio.dialogs._picker import Picker
from studio.reference import Reference, offered
from studio.reference_button import ReferenceButton
from tests.studio import projects
from tests.studio.windows import Opened, opened


def shared(path: Path, *names: str) -> Path:
    """A project with a run's detections, and annotations by these people."""
    projects.make_annotated(path)
    with Project.open(path) as project, project.atomic():
        for name in names:
            by = authors.by_name(project, name)
            annotations.add(project, [Annotation(0, 1, 1, Box(5, 5, 30, 30), author_id=by)])
    return path


def button(seen: Opened) -> ReferenceButton:
    found = seen.window.findChild(ReferenceButton)
    assert isinstance(found, ReferenceButton)
    return found


def titles(seen: Opened) -> list[str]:
    menu = button(seen).menu()
    menu.aboutToShow.emit()
    return [action.text() for action in menu.actions() if action.text()]


def test_people_are_offered_where_there_are_any(seen: Opened, tmp_path: Path) -> None:
    seen.open(shared(tmp_path / "p.boxwright"))
    assert titles(seen) == ["Suggestions shown", "Neighbours", "Run 1, all detections", "Nothing"]
    with Project.open(shared(tmp_path / "q.boxwright", "Ada", "Grace"), read_only=True) as project:
        kinds = [(each.kind, each.name) for each in offered(project, None)]
    assert ("others", "") in kinds and {("author", "Ada"), ("author", "Grace")} <= set(kinds)


def test_a_layer_is_chosen_in_the_status_bar_and_by_a_key(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    seen.open(shared(tmp_path / "p.boxwright", "Ada"))
    titles(seen)
    next(each for each in button(seen).menu().actions() if each.text() == "Other people's shapes").trigger()
    assert seen.session.reference == Reference("others")
    assert button(seen).text() == "IoU: other people's shapes"
    seen.canvas.setFocus()
    seen.key(Qt.Key.Key_U)
    picker = seen.dialog()
    assert isinstance(picker, Picker)
    qtbot.keyClicks(picker.field, "run 1")
    qtbot.keyClick(picker.field, Qt.Key.Key_Return)
    assert seen.session.reference == Reference("run", 1)
    seen.open(shared(tmp_path / "other.boxwright"))
    assert seen.session.reference == Reference()  # a run is of its project alone


def test_the_choice_is_remembered(qtbot: QtBot, tmp_path: Path) -> None:
    path = shared(tmp_path / "p.boxwright")
    for expected in ("suggestions", "neighbours"):
        with opened(qtbot, tmp_path / "settings.ini") as seen:
            seen.open(path)
            assert seen.session.reference.kind == expected
            seen.session.compare_with(Reference("neighbours"))
