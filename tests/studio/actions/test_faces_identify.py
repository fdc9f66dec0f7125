"""The commands that ask who faces are: each does what its title says, and only where it can."""

from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication, QImage
from pytestqt.qtbot import QtBot

from engine.project import gallery
from studio.commands import all_menus, named, perform
from studio.faces.saving import NOTHING
from studio.identifying import Identifying
from tests.studio.faces.people_at_work import N_EACH, N_PEOPLE, answer_here, file_of, make
from tests.studio.windows import Opened

N_FACES = N_PEOPLE * N_EACH + 1


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make(tmp_path_factory.mktemp("people") / "p.boxwright").read_bytes()


@pytest.fixture
def opened(seen: Opened, made: bytes, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Opened:
    path = tmp_path / "p.boxwright"
    path.write_bytes(made)
    answer_here(monkeypatch, seen)
    seen.open(path)
    qtbot.waitUntil(lambda: seen.studio.faces.calibration is not None, timeout=10_000)
    return seen


def do(opened: Opened, name: str) -> None:
    (command,) = named(name)
    assert command.when(opened.studio), name
    perform(opened.studio, command)


def asked(opened: Opened, qtbot: QtBot, n: int) -> Identifying:
    probes = opened.studio.identifying
    qtbot.waitUntil(lambda: len(probes.all) == n, timeout=10_000)
    return probes


def settle(opened: Opened, qtbot: QtBot) -> None:
    probes, session = opened.studio.identifying, opened.session
    qtbot.waitUntil(
        lambda: session.n_settled == session.n_asked and all(each.settles_at is None for each in probes.all),
        timeout=5_000,
    )


def test_they_stand_in_the_menu_of_faces() -> None:
    (commands,) = [commands for menu, commands in all_menus() if menu.title == "Faces"]
    names = [each.name for each in commands]
    assert names.index("faces.people") < names.index("faces.identify") < names.index("faces.probe_clear")


@pytest.mark.parametrize("view", ["identify", "compare", "map", "curves"])
def test_views_are_shown(opened: Opened, view: str) -> None:
    do(opened, f"faces.{view}")
    assert opened.session.page == "faces"
    assert opened.studio.faces.view == view


def test_nothing_is_asked_without_an_embedder_or_a_probe(seen: Opened) -> None:
    every = named(*(f"faces.probe_{name}" for name in ("file", "paste", "confirm", "next", "clear")))
    assert not any(each.when(seen.studio) for each in every)


def test_a_file_and_a_folder_are_asked_about(opened: Opened, qtbot: QtBot, tmp_path: Path) -> None:
    opened.answers.path = file_of(tmp_path, 1, 5)
    do(opened, "faces.probe_file")
    probes = asked(opened, qtbot, 1)
    folder = tmp_path / "some"
    folder.mkdir()
    file_of(folder, 2, 5)
    file_of(folder, 3, 5)
    (folder / "notes.txt").write_text("no picture")
    opened.answers.folder = folder
    do(opened, "faces.probe_folder")
    asked(opened, qtbot, 3)
    assert [each.face.source for each in probes.all] == ["1_5.png", "2_5.png", "3_5.png"]


def test_several_files_are_asked_about_at_once(opened: Opened, qtbot: QtBot, tmp_path: Path) -> None:
    opened.answers.paths = (file_of(tmp_path, 1, 5), file_of(tmp_path, 2, 5))
    do(opened, "faces.probe_file")
    probes = asked(opened, qtbot, 2)
    assert [each.face.source for each in probes.all] == ["1_5.png", "2_5.png"]


def test_what_views_draw_is_saved(opened: Opened, qtbot: QtBot, tmp_path: Path) -> None:
    (command,) = named("faces.save_charts")
    do(opened, "faces.people")
    assert not command.when(opened.studio)
    do(opened, "faces.curves")
    opened.answers.folder = tmp_path
    with qtbot.waitSignal(opened.session.said) as said:
        do(opened, "faces.save_charts")
    assert said.args == [NOTHING]
    pane = opened.window.pages.made["faces"].made["curves"]  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: bool(pane.judged) and pane.is_settled, timeout=20_000)
    with qtbot.waitSignal(opened.session.said) as said:
        do(opened, "faces.save_charts")
    assert said.args == [f"12 charts are saved in {tmp_path}."]
    opened.answers.path = file_of(tmp_path, 1, 5)
    do(opened, "faces.probe_file")
    qtbot.waitUntil(lambda: opened.studio.identifying.candidate is not None, timeout=10_000)
    with qtbot.waitSignal(opened.session.said) as said:
        do(opened, "faces.save_charts")
    assert said.args == [f"4 charts are saved in {tmp_path}."]
    written = {each.stem for each in tmp_path.glob("*.svg")}
    assert written == {"roc", "det", "ranks", "sizes", "distances", "figures", "decision"}
    assert "<svg" in (tmp_path / "decision.svg").read_text(encoding="utf-8")
    assert not QImage(str(tmp_path / "decision.png")).isNull()


def test_what_was_copied_is_asked_about(opened: Opened, qtbot: QtBot, tmp_path: Path) -> None:
    QGuiApplication.clipboard().setImage(QImage(str(file_of(tmp_path, 1, 5))))
    do(opened, "faces.probe_paste")
    asked(opened, qtbot, 1)
    QGuiApplication.clipboard().setText("no picture")
    with qtbot.waitSignal(opened.session.said) as said:
        do(opened, "faces.probe_paste")
    assert said.args == ["There is no picture in the clipboard."]


def test_chosen_faces_are_asked_about_and_gone_through(opened: Opened, qtbot: QtBot) -> None:
    opened.studio.faces.select([1, 5, N_FACES])
    do(opened, "faces.probe_selected")
    probes = asked(opened, qtbot, 3)
    seen = []
    for name in ("next", "next", "next", "previous"):
        do(opened, f"faces.probe_{name}")
        seen.append(probes.current.template_id)
    assert seen == [5, N_FACES, N_FACES, 5]
    do(opened, "faces.probe_clear")
    assert not probes.all


def test_chosen_faces_are_compared(opened: Opened, qtbot: QtBot) -> None:
    do(opened, "faces.map")
    opened.studio.faces.select([1, 4])
    do(opened, "faces.compare_selected")
    assert opened.studio.faces.view == "compare"
    pane = opened.window.pages.made["faces"].made["compare"]  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: [place.name for place in pane.places] == ["Person 0", "Person 1"], timeout=5_000)


def test_answers_are_given(opened: Opened, qtbot: QtBot, tmp_path: Path) -> None:
    opened.answers.path = file_of(tmp_path, 1, 5)
    do(opened, "faces.probe_file")
    probes = asked(opened, qtbot, 1)
    qtbot.waitUntil(lambda: probes.candidate is not None, timeout=5_000)
    first = probes.candidate
    do(opened, "faces.probe_reject")
    settle(opened, qtbot)
    qtbot.waitUntil(lambda: probes.candidate not in (None, first), timeout=5_000)
    second = probes.candidate
    do(opened, "faces.probe_confirm")
    settle(opened, qtbot)
    newest = gallery.templates(opened.session.project)[-1]
    assert (newest.state, newest.identity_id) == ("confirmed", second)
    assert gallery.rejected(opened.session.project)[newest.id] == {first}
    do(opened, "faces.probe_ignore")
    settle(opened, qtbot)
    assert gallery.template(opened.session.project, newest.id).state == "ignored"
    assert not probes.all
