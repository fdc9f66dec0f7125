"""Faces: a gallery that knows people. Its views, one beside another, are questions about the same people and faces."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from PySide6.QtCore import QSize
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.ahead import Part, Parts
from studio.faces import in_order
from studio.inspector.segments import Segments
from studio.pages import Page
from studio.surroundings import Studio
from studio.theme import GAP


class FacesPage(QWidget):
    """The views as words at the top, and the one that is shown."""

    def __init__(self, studio: Studio) -> None:
        """Show no view before the page itself is shown."""
        super().__init__()
        self._studio, self._model = studio, studio.faces
        self._views = in_order()
        self.segments = Segments([view.title for _, view in self._views], [view.help for _, view in self._views])
        for button, (name, _) in zip(self.segments.buttons, self._views, strict=True):
            button.setObjectName(f"faces_{name}")
        self.stack = Parts(
            {name: Part(partial(view.widget, studio, self._model), view.module) for name, view in self._views}
        )
        self.made = self.stack.made
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

    def sizeHint(self) -> QSize:
        """As much as there is."""
        return QSize(1000, 680)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin with the view that was wanted last, or else the first."""
        super().showEvent(event)
        if not self.name:
            self.show_view(self._model.view or self._views[0][0])

    def ahead(self) -> Iterator[None]:
        """Make the views from left to right."""
        yield from self.stack.ahead()

    def show_view(self, name: str) -> None:
        """Show a view by the name of its file."""
        number = [each for each, _ in self._views].index(name)
        self.name = self._model.view = name
        self.setFocusProxy(self.stack.show_part(name))
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
