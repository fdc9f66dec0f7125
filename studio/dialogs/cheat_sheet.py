"""The cheat sheet: all keys that are in force, by subject, on one page; also as text, to print it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.errors import UserError
from engine.writing import write_whole
from studio.bindables import bindables
from studio.dialogs._frame import Frame
from studio.keys import Keys
from studio.surroundings import Studio, Subject
from studio.theme import GAP
from studio.widgets import role, scrolling

Line = tuple[str, str]
"""What it does, and its keys."""
Group = tuple[str, list[Line]]
"""A subject with its lines."""
COLUMNS = 4
_SPACING = 3 * GAP
_WIDEST = 1360
_NUMBERED = "annotate.class_"
POINTER: tuple[Line, ...] = (
    ("Zoom at the pointer", "Wheel"),
    ("Move the picture", "Space + drag"),
    ("Cycle what lies under", "Click again"),
    ("Put in a vertex", "Drag an edge"),
    ("Take out a vertex", "Alt + click"),
    ("Snap to a neighbour", "Ctrl"),
    ("Abandon", "Esc"),
    ("Nudge by 1 or 10", "Arrows, Shift"),
)


class CheatSheet(Frame):
    """Follows the keys while it is open."""

    def __init__(self, studio: Studio, parent: QWidget) -> None:
        """All keys in force."""
        width = min(_WIDEST, parent.width() - 4 * GAP)
        super().__init__("Keys", parent, width=width)
        self._studio = studio
        self._room = parent.height() - 20 * GAP
        self._width = width - 6 * GAP
        self._area = scrolling()
        self.body.addWidget(self._area)
        self.add_button("Change Keys…", lambda: studio.ask.show("keys"))
        self.add_button("Copy as Text", self._copy)
        self.add_button("Save as Text…", self._save)
        self.add_button("Close", self.accept, is_default=True)
        studio.keys.changed.connect(self._fill)
        self._fill()

    def _fill(self) -> None:
        """As many columns as there is room for."""
        groups = subjects(self._studio.keys)
        shared = (_shared_out(groups, n) for n in range(COLUMNS, 0, -1))
        columns = next((each for each in shared if self._width_of(each) <= self._width), _shared_out(groups, 1))
        page = _page(columns)
        self._area.setWidget(page)
        self._area.setMinimumHeight(min(page.sizeHint().height(), self._room))

    def _width_of(self, columns: list[list[Group]]) -> int:
        """How wide the page will be, told from its words: it is made but once."""
        room = self.fontMetrics().horizontalAdvance
        widest = [max(room(words) + room(keys) for _, lines in groups for words, keys in lines) for groups in columns]
        return sum(widest) + len(columns) * (2 * GAP + _SPACING) + 2 * GAP

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(as_text(self._studio.keys))
        self._studio.session.said.emit("The keys are on the clipboard.")

    def _save(self) -> None:
        path = self._studio.ask.save_path("Save the keys as text", ".txt")
        if path is not None:
            try:
                write_whole(path, as_text(self._studio.keys).encode())
            except UserError as error:
                self._studio.ask.tell(error)


def subjects(keys: Keys) -> list[Group]:
    """What has keys, by subject, with the keys in force; the nine keys of classes as one line."""
    found: list[Group] = [("Pointer", list(POINTER))]
    for title, group in groupby(bindables(), key=lambda each: each.group):
        members = list(group)
        lines = [(e.title, keys.shown(e.name)) for e in members if keys.of(e.name) and not e.name.startswith(_NUMBERED)]
        numbered = [each for each in members if each.name.startswith(_NUMBERED) and keys.of(each.name)]
        if numbered:
            words = f"{keys.shown(numbered[0].name)} to {keys.shown(numbered[-1].name)}"
            lines.append((f"Class 1 to {len(numbered)}", words))
        if lines:
            found.append((title, lines))
    return found


def as_text(keys: Keys) -> str:
    """The same on lines of plain text, in two columns."""
    parts = ["Keys of Boxwright\n"]
    for title, lines in subjects(keys):
        width = max(len(words) for words, _ in lines)
        parts.append(
            "\n".join([title, "-" * len(title), *(f"{words:<{width}}  {shown}" for words, shown in lines), ""])
        )
    return "\n".join(parts)


def _shared_out(groups: list[Group], n_columns: int) -> list[list[Group]]:
    """The groups in columns of about one height, the longest first."""
    columns: list[list[Group]] = [[] for _ in range(n_columns)]
    heights = [0] * n_columns
    for group in sorted(groups, key=lambda group: -len(group[1])):
        at = heights.index(min(heights))
        columns[at].append(group)
        heights[at] += len(group[1]) + 2
    return columns


def _page(columns: list[list[Group]]) -> QWidget:
    inner = QWidget()
    row = QHBoxLayout(inner)
    row.setContentsMargins(0, 0, 2 * GAP, 0)
    row.setSpacing(_SPACING)
    for groups in columns:
        column = QVBoxLayout()
        column.setSpacing(2 * GAP)
        for title, lines in groups:
            column.addWidget(_group(title, lines))
        column.addStretch(1)
        row.addLayout(column, 1)
    return inner


def _group(title: str, lines: Iterable[Line]) -> QWidget:
    group = QWidget()
    grid = QGridLayout(group)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setVerticalSpacing(GAP // 2)
    grid.setHorizontalSpacing(2 * GAP)
    grid.addWidget(role(QLabel(title), "title"), 0, 0, 1, 2)
    # One label for all lines of a column: a widget for each of 300 would take two frames to be made and laid out.
    words, keys = (QLabel("\n".join(column)) for column in zip(*lines, strict=True))
    keys.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    grid.addWidget(role(words, "faint"), 1, 0)
    grid.addWidget(keys, 1, 1)
    grid.setColumnStretch(0, 1)
    return group


def open_cheat_sheet(studio: Studio, _: Subject, parent: QWidget) -> QDialog:
    """All keys, by subject."""
    return CheatSheet(studio, parent)


DIALOG = open_cheat_sheet
