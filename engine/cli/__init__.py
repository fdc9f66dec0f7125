"""The command line: everything the studio does, without a window. One file per command group.

`COMMANDS` says which module holds which command, so that naming them imports none: `boxwright info --help` is quick
and never loads torch. What every command has in common:

- `--json` prints exactly one JSON object on stdout; otherwise text for a person. Progress goes to stderr (`_output`).
- A UserError or a wrong use is one line on stderr and exit code 2. Ctrl-C is 130. Anything else is our bug: 1.
"""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import click

from engine import __version__
from engine.cli._window import Window
from engine.errors import UserError

OUR_BUG, WRONG_USE, INTERRUPTED = 1, 2, 130


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a command is, and what it does in one line."""

    module: str
    attribute: str
    summary: str


COMMANDS: dict[str, Entry] = {
    "new": Entry("engine.cli.projects", "new", "Make a new, empty project file."),
    "info": Entry("engine.cli.projects", "info", "Say what a project holds."),
    "import": Entry(
        "engine.cli.interchange",
        "import_",
        "Take pictures and annotations into a project: a file, or a folder of any known format.",
    ),
    "export": Entry(
        "engine.cli.interchange", "export", "Write pictures and annotations into a new folder, in another format."
    ),
    "merge": Entry(
        "engine.cli.joining", "merge", "Take in another person's project; what differs goes into the queue."
    ),
    "agreement": Entry(
        "engine.cli.agreement", "agreement", "Say how far people agree: within one project, or between two files."
    ),
    "statistics": Entry(
        "engine.cli.statistics", "statistics", "Say what a project's annotations are like, in numbers."
    ),
    "check": Entry("engine.cli.projects", "check", "Verify every hash, key and page of a project file."),
    "train": Entry("engine.cli.training", "train", "Fine-tune a detector on a project's annotations."),
    "pause": Entry("engine.cli.pausing", "pause", "Have a training rest that another process carries out."),
    "go-on": Entry("engine.cli.pausing", "go_on", "Have a paused training go on."),
    "predict": Entry(
        "engine.cli.detecting",
        "predict",
        "Detect on a project's images and keep what is found as suggestions, or on picture files.",
    ),
    "evaluate": Entry(
        "engine.cli.evaluation",
        "evaluate",
        "Measure detections against annotations: COCO's average precision and recall.",
    ),
    "trace": Entry(
        "engine.cli.inspecting",
        "trace",
        "Say how a network's detections on one picture came about, stage by stage, and check that nothing was changed.",
    ),
    "whatif": Entry(
        "engine.cli.whatif",
        "whatif",
        "Say what other thresholds would have found on a traced picture, without looking at it again.",
    ),
    "autopsy": Entry(
        "engine.cli.missed",
        "autopsy",
        "Say of every annotation that a run's network missed which stage lost it, and what would have kept it.",
    ),
    "export-weights": Entry(
        "engine.cli.taking_away",
        "export_weights",
        "Write a run's weights into a folder, for use elsewhere: safetensors with a card, and ONNX.",
    ),
    "faces": Entry("engine.cli.faces", "faces", "Enrol people, say who a face is, and erase people again."),
    "demo": Entry("engine.cli.demo", "demo", "A sample project, a short fine-tune, and the window on it."),
}


class LazyGroup(click.Group):
    """A group that knows its commands by name, and imports the one that is asked for."""

    def __init__(self, *arguments: Any, entries: Mapping[str, Entry], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._entries = entries

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(self._entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, imported now; None when there is none."""
        entry = self._entries.get(cmd_name)
        if entry is None:
            return None
        return cast(click.Command, getattr(importlib.import_module(entry.module), entry.attribute))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List names and summaries from the table, importing nothing."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in self._entries.items()])


@click.group(
    cls=LazyGroup,
    entries=COMMANDS,
    no_args_is_help=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="boxwright")
def boxwright() -> None:
    """Draw boxes and masks, fine-tune a detector with one click, and look inside every detection.

    `boxwright [PROJECT]` opens the window. Everything else is a command:
    """


def main(argv: Sequence[str] | None = None, window: Window | None = None) -> int:
    """Run one command line (without the program's name; default: this process's); returns its exit code.

    `window` is what `demo` opens at its end, where the caller has one.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        code = boxwright.main(arguments, prog_name="boxwright", standalone_mode=False, obj=window)
    except UserError as error:
        return _complain(str(error))
    except click.ClickException as error:
        return _complain(_wrong_use(error))
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except Exception:
        traceback.print_exc()
        print("boxwright: this is a fault in Boxwright, not in what you did.", file=sys.stderr)
        return OUR_BUG
    return code if isinstance(code, int) else 0


def _complain(message: str) -> int:
    print("boxwright: " + " ".join(message.split()), file=sys.stderr)
    return WRONG_USE


def _wrong_use(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    hint = f" Try: {context.command_path} --help" if context else ""
    return error.format_message().rstrip(".") + "." + hint
