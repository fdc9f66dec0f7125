"""`boxwright`: which words open the window, and where there is none to open."""

import subprocess
import sys
from pathlib import Path

import pytest

from engine import cli
from studio import __main__ as program


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What was asked for: a path (or None) for the window, or the words for the command line."""
    found: list[object] = []

    def open_window(_: program.Window, path: Path | None) -> int:
        found.append(path)
        return 0

    def run_command(words: list[str], window: object) -> int:
        assert isinstance(window, program.Window)
        found.append(words)
        return 0

    monkeypatch.setattr(program.Window, "open", open_window)
    monkeypatch.setattr(cli, "main", run_command)
    return found


def test_no_words_open_the_window(asked: list[object]) -> None:
    program.main([])
    assert asked == [None]


def test_a_file_opens_in_the_window(asked: list[object], tmp_path: Path) -> None:
    path = tmp_path / "mine.boxwright"
    path.touch()
    program.main([str(path)])
    assert asked == [path]


@pytest.mark.parametrize("words", [["info", "x"], ["--help"], ["nonsense"], ["no_such_file.boxwright"], ["a", "b"]])
def test_everything_else_is_for_the_command_line(asked: list[object], words: list[str]) -> None:
    program.main(words)
    assert asked == [words]


def test_a_command_is_a_command_even_where_a_file_is_called_so(
    asked: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "demo").mkdir()
    program.main(["demo"])
    assert asked == [["demo"]]


@pytest.mark.parametrize(
    ("platform", "variables", "has_screen"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("linux", {"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, False),
        ("darwin", {}, True),
        ("win32", {}, True),
        ("win32", {"QT_QPA_PLATFORM": "minimal"}, False),
    ],
)
def test_where_there_is_a_screen(
    monkeypatch: pytest.MonkeyPatch, platform: str, variables: dict[str, str], has_screen: bool
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    assert program.Window().has_screen is has_screen


def test_without_a_screen_the_window_says_so_in_one_line() -> None:
    variables = {"PATH": "", "HOME": str(Path.home())}
    command = [sys.executable, "-m", "studio"]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    if sys.platform.startswith("linux"):
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1 and "no screen" in done.stderr
