"""Faces: a gallery that knows people. Its views, one beside another, are questions about the same people and faces."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from studio.faces import in_order
from studio.inspector.segments import Segments
from studio.pages import Page
from studio.surroundings import Studio
from studio.theme import GAP


class FacesPage(QWidget):
    """The views as words at the top, and the one that is shown; each is made when it is first shown."""

    def __init__(self, studio: Studio) -> None:
        """Show the first view."""
        super().__init__()
        self._studio, self._model = studio, studio.faces
        self._views = in_order()
        self.segments = Segments([view.title for _, view in self._views], [view.help for _, view in self._views])
        for button, (name, _) in zip(self.segments.buttons, self._views, strict=True):
            button.setObjectName(f"faces_{name}")
        self.stack = QStackedWidget()
        self.made: dict[str, QWidget] = {}
        """Views by the names of their files."""
        self.name = ""
        """Of the view that is shown."""
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP, GAP // 2, GAP, GAP // 2)
        column.setSpacing(GAP)
        column.addWidget(self.segments)
        column.addWidget(self.stack, 1)
        self.segments.chosen.connect(lambda number: self.show_view(self._views[number][0]))
        self._model.view_wanted.connect(self.show_view)
        self.show_view(self._model.view or self._views[0][0])

    def sizeHint(self) -> QSize:
        """As much as there is."""
        return QSize(1000, 680)

    def show_view(self, name: str) -> None:
        """Show a view by the name of its file."""
        names = [each for each, _ in self._views]
        number = names.index(name)
        if name not in self.made:
            self.made[name] = self._views[number][1].widget(self._studio, self._model)
            self.stack.addWidget(self.made[name])
        self.name = self._model.view = name
        self.stack.setCurrentWidget(self.made[name])
        self.setFocusProxy(self.made[name])
        self.segments.show_chosen(number)


PAGE = Page(
    "Faces",
    "faces",
    6,
    FacesPage,
    "Know people by their faces: enrol, name and identify them.",
    "Drop pictures of a person, or a folder for each person, to enrol them.",
    is_wide=True,
)
