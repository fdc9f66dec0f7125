"""The welcome page: what was open before, and how to begin."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from studio import files
from studio.surroundings import Studio
from studio.theme import GAP
from studio.widgets import Elided, IconLabel, role

WIDTH = 720


class Welcome(QWidget):
    """Shown while no project is open."""

    def __init__(self, studio: Studio) -> None:
        """Lay out the page."""
        super().__init__()
        self._studio = studio
        outer = QVBoxLayout(self)
        outer.setContentsMargins(3 * GAP, 3 * GAP, 3 * GAP, 3 * GAP)
        body = QWidget()
        body.setMaximumWidth(WIDTH)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3 * GAP)
        column.addLayout(self._heading())
        column.addLayout(self._beginnings())
        column.addWidget(self._recent_card())
        column.addWidget(role(QLabel("Or drop a folder of pictures, an annotation file or a project here."), "faint"))
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(body, 100)
        middle.addStretch(1)
        outer.addStretch(1)
        outer.addLayout(middle)
        outer.addStretch(2)
        studio.session.project_opened.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what was open before; a file that is gone stays, in grey."""
        while (item := self._recent.takeAt(0)) is not None:
            if widget := item.widget():
                widget.deleteLater()
        paths = self._studio.settings.recent[:5]
        for path in paths:
            self._recent.addWidget(RecentRow(self._studio, path, self.refresh))
        if not paths:
            self._recent.addWidget(role(QLabel("Projects you open will be listed here."), "faint"))

    def _heading(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2 * GAP)
        row.addWidget(IconLabel("logo", 48, self._studio.theme, accent=True))
        words = QVBoxLayout()
        words.setSpacing(2)
        title = QLabel("Boxwright")
        font = QFont(title.font())
        font.setPointSizeF(font.pointSizeF() * 1.9)
        font.setWeight(QFont.Weight.DemiBold)
        title.setFont(font)
        words.addWidget(title)
        words.addWidget(role(QLabel("Draw, fine-tune with one click, look inside every detection."), "faint"))
        row.addLayout(words, 1)
        return row

    def _beginnings(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2 * GAP)
        for icon, title, words, act in (
            ("new", "New Project", "An empty project file", files.make_new),
            ("open", "Open Project", "A .boxwright file", _open),
            ("sample", "Try the Sample", "Drawn blood cells, annotated", files.make_sample),
        ):
            button = BeginButton(icon, title, words, self._studio)
            button.clicked.connect(lambda _=False, act=act: act(self._studio))
            row.addWidget(button)
        return row

    def _recent_card(self) -> QWidget:
        card = role(QFrame(), "card")
        column = QVBoxLayout(card)
        column.setContentsMargins(2 * GAP, 2 * GAP, 2 * GAP, GAP)
        column.setSpacing(GAP)
        column.addWidget(role(QLabel("Recent"), "title"))
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        column.addLayout(self._recent)
        return card


class BeginButton(QToolButton):
    """A large button with an icon, a title and a line of words."""

    def __init__(self, icon: str, title: str, words: str, studio: Studio) -> None:
        """Lay out the button."""
        super().__init__()
        self.setProperty("role", "begin")
        self.setAccessibleName(title)
        self.setMinimumSize(QSize(0, 104))
        self.setSizePolicy(self.sizePolicy().Policy.Expanding, self.sizePolicy().Policy.Fixed)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GAP, 2 * GAP, 2 * GAP, 2 * GAP)
        column.setSpacing(4)
        column.addWidget(IconLabel(icon, 28, studio.theme, accent=True))
        column.addStretch(1)
        column.addWidget(role(QLabel(title), "title"))
        column.addWidget(role(QLabel(words), "faint"))
        for label in self.findChildren(QLabel):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)


class RecentRow(QWidget):
    """One project that was open before."""

    def __init__(self, studio: Studio, path: Path, refresh: Callable[[], None]) -> None:
        """A row that opens the project, or takes it off the list where the file is gone."""
        super().__init__()
        is_there = path.is_file()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 2)
        row.setSpacing(2 * GAP)
        name = role(QPushButton(path.stem), "link")
        name.setEnabled(is_there)
        name.clicked.connect(lambda: files.open_project(studio, path))
        row.addWidget(name)
        row.addWidget(role(Elided(str(path.parent) if is_there else f"{path.parent} (not there any more)"), "faint"), 1)
        if not is_there:
            forget = QToolButton()
            forget.setIcon(studio.theme.icon("close"))
            forget.setToolTip("Take it off this list")
            forget.clicked.connect(lambda: studio.settings.forget(path))
            forget.clicked.connect(refresh)
            row.addWidget(forget)


def _open(studio: Studio) -> None:
    path = studio.ask.open_path("Open Project", (files.SUFFIX,))
    if path is not None:
        files.open_project(studio, path)
