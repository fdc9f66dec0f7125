"""The cheat sheet: every command and tool with its keys on one page."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from studio.commands import all_menus
from studio.dialogs._frame import Frame
from studio.surroundings import Studio, Subject
from studio.theme import GAP
from studio.tools import TOOLS
from studio.widgets import role

COLUMNS = 3
SHORT = 14
POINTER = (
    ("Zoom at the pointer", "Wheel"),
    ("Move the picture", "Space + drag"),
    ("Cycle what lies under", "Click again"),
    ("Abandon", "Esc"),
    ("Nudge by 1 or 10", "Arrows, Shift"),
)


def open_keys(_: Studio, __: Subject, parent: QWidget) -> QDialog:
    """All keys, by menu."""
    dialog = Frame("Keys", parent, width=min(980, parent.width() - 2 * GAP))
    inner = QWidget()
    row = QHBoxLayout(inner)
    row.setContentsMargins(0, 0, 2 * GAP, 0)
    row.setSpacing(3 * GAP)
    columns = [QVBoxLayout() for _ in range(COLUMNS)]
    heights = [0] * COLUMNS
    for title, lines in sorted(_groups(), key=lambda group: -len(group[1])):
        at = heights.index(min(heights))
        columns[at].addWidget(_group(title, lines))
        heights[at] += len(lines) + 2
    for column in columns:
        column.setSpacing(2 * GAP)
        column.addStretch(1)
        row.addLayout(column, 1)
    area = QScrollArea()
    area.setWidget(inner)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setMinimumHeight(min(inner.sizeHint().height(), parent.height() - 20 * GAP))
    dialog.body.addWidget(area)
    dialog.add_button("Close", dialog.accept, is_default=True)
    return dialog


def _groups() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    yield "Tools", [(tool.title, _shown(tool.keys)) for _, tool in TOOLS]
    yield "Pointer", list(POINTER)
    for menu, commands in all_menus():
        lines = [(each.title.rstrip("…"), _shown(each.keys)) for each in commands if each.keys and each.look.in_menu]
        if any(not each.look.in_menu for each in commands):
            lines.append(("Class 1 to 9", "1 to 9"))
        if lines:
            yield menu.title, lines


def _shown(keys: tuple[str, ...]) -> str:
    """The first key; the second as well where both are short."""
    words = [QKeySequence(each).toString(QKeySequence.SequenceFormat.NativeText) for each in keys[:2]]
    return ", ".join(words) if sum(map(len, words)) <= SHORT else words[0]


def _group(title: str, lines: list[tuple[str, str]]) -> QWidget:
    group = QWidget()
    grid = QGridLayout(group)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setVerticalSpacing(4)
    grid.setHorizontalSpacing(2 * GAP)
    grid.addWidget(role(QLabel(title), "title"), 0, 0, 1, 2)
    for n, (words, keys) in enumerate(lines, 1):
        grid.addWidget(role(QLabel(words), "faint"), n, 0)
        grid.addWidget(QLabel(keys), n, 1, Qt.AlignmentFlag.AlignRight)
    grid.setColumnStretch(0, 1)
    return group


DIALOG = open_keys
