"""Writes docs/keys.md from the commands and tools themselves: `make keys`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "keys.md"
POINTER = """# Keys and pointer

Every key can be looked up in the window, too: F1.

## On the canvas

| to | do |
|---|---|
| pan | hold Space, or drag with the middle button |
| zoom at the pointer | turn the wheel |
| draw a box | drag, or click two corners; Shift makes it square |
| draw a polygon | click each vertex; Enter, a double-click or the first vertex closes it; Backspace takes one back |
| pick the shape under another | click again |
| insert a vertex, delete one | drag an edge, Alt+click the vertex |
| snap a vertex to a neighbour | hold Ctrl while placing or dragging it |
| cut a hole, add a part | begin the polygon with Alt, with Shift |
| make a mask of a box by the trained network | drag with Mask from Box; O keeps outlines instead |
| nudge what is selected | the arrows: 1 pixel, with Shift 10 |
| stop what is being drawn | Esc |
"""


def page() -> str:
    """The page as it should be."""
    from studio.commands import all_commands  # noqa: PLC0415  # Qt is wanted only here
    from studio.tools import TOOLS  # noqa: PLC0415

    parts = [POINTER, _table("Tools", ((tool.title, tool.keys) for _, tool in TOOLS))]
    for menu, commands in groupby(all_commands(), key=lambda command: command.name.split(".")[0]):
        parts.append(_table(menu.capitalize(), ((command.title, command.keys) for command in commands)))
    return "\n".join(part for part in parts if part)


def _table(title: str, rows: Iterable[tuple[str, tuple[str, ...]]]) -> str:
    """A section with what has keys; nothing where nothing has."""
    lines = [f"| {what.rstrip('…')} | {', '.join(keys)} |" for what, keys in rows if keys]
    return "\n".join([f"## {title}", "", "| | keys |", "|---|---|", *lines, ""]) if lines else ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.exit()
