"""People: everybody whom the project knows."""

from __future__ import annotations

from PySide6.QtWidgets import QListWidget

from studio.faces import FacesView
from studio.faces.model import FacesModel
from studio.surroundings import Studio


class People(QListWidget):
    """Names."""

    def __init__(self, _: Studio, model: FacesModel) -> None:
        """Of the model's people."""
        super().__init__()
        self._model = model
        model.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        self.clear()
        self.addItems([each.name for each in self._model.identities.values()])


VIEW = FacesView("People", 10, People, "Whom does the project know, and by which pictures?")
