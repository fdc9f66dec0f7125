"""What all commands have in common: exit codes, one line of complaint, one JSON object."""

import json
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
import pytest

from engine import cli
from engine.cli import _output
from engine.errors import UserError
from engine.progress import Progress


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Makes `boxwright trial` do something."""

    def install(body: Callable[[], object]) -> None:
        trial = click.Command("trial", callback=body)
        monkeypatch.setitem(cli.COMMANDS, "trial", cli.Entry(__name__, "TRIAL", "Try."))
        monkeypatch.setitem(globals(), "TRIAL", trial)

    return install


def raising(error: BaseException) -> Callable[[], None]:
    def body() -> None:
        raise error

    return body


@pytest.mark.parametrize(
    ("error", "code", "complaint"),
    [
        (UserError("a.png is\ncut off.", "Copy it again."), 2, "boxwright: a.png is cut off. Copy it again.\n"),
        (
            click.BadParameter("that is no number"),
            2,
            "boxwright: Invalid value: that is no number. Try: boxwright trial --help\n",
        ),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_the_worlds_faults_are_one_line_and_exit_code_2(
    command: Callable[[Callable[[], object]], None],
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
    complaint: str,
) -> None:
    command(raising(error))
    assert cli.main(["trial"]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.strip() == complaint.strip()


def test_our_own_faults_say_so_and_exit_with_1(
    command: Callable[[Callable[[], object]], None], capsys: pytest.CaptureFixture[str]
) -> None:
    command(raising(ZeroDivisionError("ours")))
    assert cli.main(["trial"]) == 1
    err = capsys.readouterr().err
    assert "Traceback" in err and "ZeroDivisionError: ours" in err
    assert err.splitlines()[-1] == "boxwright: this is a fault in Boxwright, not in what you did."


@pytest.mark.parametrize(("returned", "code"), [(None, 0), (0, 0), (2, 2)])
def test_what_a_command_returns_is_the_exit_code(
    command: Callable[[Callable[[], object]], None], returned: int | None, code: int
) -> None:
    command(lambda: returned)
    assert cli.main(["trial"]) == code


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["info"], ["info", "a", "b"], ["--nonsense"], ["new", "--x"]])
def test_wrong_use_is_one_line_that_says_where_help_is(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1 and err.endswith(" --help\n")


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(name in out and entry.summary[:30] in out for name, entry in cli.COMMANDS.items())


def test_json_is_one_object_on_one_line_and_undefined_numbers_are_null(capsys: pytest.CaptureFixture[str]) -> None:
    value = {"path": Path("a"), "ap": float("nan"), "n": np.int64(3), "iou": np.float32(0.5), "of": (1, 2)}
    _output.Output(is_json=True).emit(value, "text")
    out = capsys.readouterr().out
    assert json.loads(out) == {"path": "a", "ap": None, "n": 3, "iou": 0.5, "of": [1, 2]}
    assert out.count("\n") == 1


def test_text_is_for_people_and_progress_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    output = _output.Output(is_json=False)
    output.say("half")
    output.emit({}, "done")
    assert capsys.readouterr() == ("done\n", "half\n")


def test_a_value_without_a_place_in_json_is_our_bug() -> None:
    with pytest.raises(TypeError, match="object has no place"):
        _output.Output(is_json=True).emit({"x": object()}, "")


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress(3, 10, "Reading"), "Reading 3/10"),
        (Progress(3, None, "Reading"), "Reading"),
        (Progress(250, 1000, "Epoch 2", 90.4, is_counted=False), "Epoch 2 25%, 1:30 to go"),
        (Progress(250, 1000, "Epoch 2", is_counted=False), "Epoch 2 25%"),
    ],
)
def test_progress_is_a_count_or_a_share_with_the_time_that_is_left(progress: Progress, words: str) -> None:
    assert _output._in_words(progress) == words
