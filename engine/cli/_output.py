"""How commands speak: one result on stdout, as text or as one JSON object; progress on stderr."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import msgspec
import numpy as np

from engine.progress import Progress, progress_of


@dataclass(frozen=True, slots=True)
class Output:
    """Where a command's words go. `--json` chooses what `emit` prints."""

    is_json: bool

    def emit(self, value: object, human: str) -> None:
        """Print the command's result, once: `value` (a dataclass or mapping of plain values) as JSON, or `human`.

        Numbers that are not finite become null.
        """
        click.echo(msgspec.json.encode(value, enc_hook=plain).decode() if self.is_json else human)

    def say(self, text: str) -> None:
        """Tell a person how it goes, on stderr, whatever stdout is for."""
        click.echo(text, err=True)

    def show(self, event: object) -> None:
        """Show how far some work is, in one line on stderr that is written over, where a person is watching."""
        progress = progress_of(event)
        if progress is not None and not self.is_json and sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{_in_words(progress)}")
            sys.stderr.flush()


def _in_words(progress: Progress) -> str:
    """'Reading pictures 3/10', or 'Epoch 2, 1.5 pictures a second 25 %, 1:30 to go'."""
    if progress.total is None:
        return progress.words
    if progress.is_counted:
        return f"{progress.words} {progress.done}/{progress.total}"
    share = f"{progress.words} {progress.done / progress.total:.0%}"
    if progress.seconds_left is None:
        return share
    minutes, seconds = divmod(round(progress.seconds_left), 60)
    return f"{share}, {minutes}:{seconds:02d} to go"


def plain(value: Any) -> Any:
    """What JSON has no word for, in words that it has."""
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} has no place in a command's result")


def _output(_context: click.Context, _parameter: click.Parameter, is_json: bool) -> Output:
    return Output(is_json)


json_option = click.option(
    "--json", "output", is_flag=True, callback=_output, help="Print one JSON object on stdout instead of text."
)
"""Gives a command the option --json, and its function the argument `output: Output`."""

project_argument = click.argument("path", metavar="PROJECT", type=click.Path(path_type=Path))
"""Gives a command its project file, and its function the argument `path: Path`."""
