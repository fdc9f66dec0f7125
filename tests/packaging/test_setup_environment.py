"""The set-up: what it does is decided here without installing anything; `make test` itself is the rest of the test."""

import ast
import importlib.util
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "packaging" / "setup_environment.py"
Commands = list[tuple[str, ...]]


@pytest.fixture
def setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The script, at work on a checkout in a temporary folder that has no environment yet."""
    spec = importlib.util.spec_from_file_location("setup_environment", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "pins-dev.txt").write_text("click==8.5.1\n")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    environment = tmp_path / ".venv"
    paths = {"ROOT": tmp_path, "ENVIRONMENT": environment, "STAMP": environment / "stamp"}
    paths |= {"PYTHON": environment / "bin" / "python", "PINS": tmp_path / "pins-dev.txt"}
    for name, path in paths.items():
        monkeypatch.setattr(module, name, path)
    yield module


@pytest.fixture
def commands(setup: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Commands:
    """Every command the script would run; making an environment makes its Python's file."""
    ran: Commands = []

    def run(*command: str) -> None:
        ran.append(command)
        if "venv" in command:
            setup.PYTHON.parent.mkdir(parents=True)
            setup.PYTHON.touch()

    monkeypatch.setattr(setup, "run", run)
    monkeypatch.setattr(setup, "version_of", lambda python: (3, 11) if Path(python).exists() else (0, 0))
    return ran


def test_it_runs_on_an_old_python() -> None:
    ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 8))


def test_with_uv_everything_is_made_by_uv(
    setup: ModuleType, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "find_uv", lambda: "uv")
    setup.ensure_environment()
    assert [command[:3] for command in commands] == [
        ("uv", "venv", "--quiet"),
        ("uv", "pip", "install"),
        ("uv", "pip", "install"),
    ]
    assert str(setup.PINS) in commands[1] and "--no-deps" in commands[2]


def test_without_uv_python_and_pip_do(setup: ModuleType, commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "find_uv", lambda: None)
    monkeypatch.setattr(setup, "find_python", lambda: "python3.12")
    monkeypatch.setattr(setup, "succeeds", lambda *_: True)
    setup.ensure_environment()
    assert [command[:3] for command in commands] == [
        ("python3.12", "-m", "venv"),
        (str(setup.PYTHON), "-m", "pip"),
        (str(setup.PYTHON), "-m", "pip"),
    ]


def test_a_second_call_does_nothing(setup: ModuleType, commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "find_uv", lambda: "uv")
    setup.ensure_environment()
    commands.clear()
    setup.ensure_environment()
    assert commands == []


def test_other_pins_are_installed_into_the_same_environment(
    setup: ModuleType, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "find_uv", lambda: "uv")
    setup.ensure_environment()
    commands.clear()
    setup.PINS.write_text("click==9.0\n")
    setup.ensure_environment()
    assert [command[1] for command in commands] == ["pip", "pip"]


def test_a_set_up_that_was_cut_off_is_done_again(
    setup: ModuleType, commands: Commands, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*command: str) -> None:
        raise subprocess.CalledProcessError(1, command)

    monkeypatch.setattr(setup, "find_uv", lambda: "uv")
    monkeypatch.setattr(setup, "ensure_libraries", lambda: None)
    with monkeypatch.context() as cut_off:
        cut_off.setattr(setup, "run", fail)
        assert setup.main([]) == 2
        assert "Set-up stopped: 'uv venv" in capsys.readouterr().err
    assert setup.main([]) == 0
    assert len(commands) == 3


@pytest.mark.parametrize("version", [(3, 9), (3, 15), (0, 0)])
def test_no_python_that_will_do_is_one_line(
    version: tuple[int, int], setup: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(setup, "find_uv", lambda: None)
    monkeypatch.setattr(setup, "ensure_libraries", lambda: None)
    monkeypatch.setattr(setup, "version_of", lambda _: version)
    assert setup.main(["pytest"]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and "Python 3.11 to 3.14" in err


@pytest.mark.parametrize(
    ("is_root", "has_sudo", "expected"),
    [
        (True, False, [("apt-get", "update"), ("apt-get", "install")]),
        (False, True, [("sudo", "-n"), ("sudo", "-n")]),
        (False, False, None),
    ],
)
def test_missing_libraries_are_installed_where_that_is_allowed_else_named(
    setup: ModuleType,
    commands: Commands,
    monkeypatch: pytest.MonkeyPatch,
    is_root: bool,
    has_sudo: bool,
    expected: Commands | None,
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setattr(setup.sys, "platform", "linux")
    monkeypatch.setattr(setup.os, "geteuid", lambda: 0 if is_root else 1000)
    monkeypatch.setattr(setup.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(setup, "succeeds", lambda *command: has_sudo and command == ("sudo", "-n", "true"))
    monkeypatch.setattr(setup, "is_loadable", lambda library: library not in {"libEGL.so.1", "libxcb-cursor.so.0"})
    if expected is None:
        with pytest.raises(setup.SetupError, match=r"sudo apt-get install .*libegl1$"):
            setup.ensure_libraries()
    else:
        setup.ensure_libraries()
        assert [command[:2] for command in commands] == expected
        assert commands[-1][-1] == "libegl1"


def test_a_screen_needs_more_libraries(setup: ModuleType, commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(setup.sys, "platform", "linux")
    monkeypatch.setattr(setup.os, "geteuid", lambda: 0)
    monkeypatch.setattr(setup.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(setup, "is_loadable", lambda library: library != "libxcb-cursor.so.0")
    setup.ensure_libraries()
    assert commands[-1][-1] == "libxcb-cursor0"
