"""Improve matching: what clicks taught, and one button that trains the embedder in use further."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QPushButton, QWidget

from engine.faces.improved import ImproveRequest
from engine.project import gallery
from engine.project.store import Project
from studio.dialogs._frame import Frame, card_of, paragraph
from studio.dialogs._teaching_choices import Limit
from studio.surroundings import Studio, Subject
from studio.training import is_training, start_improving
from studio.widgets import role


class ImproveFacesDialog(Frame):
    """Says what is learned from, and starts it."""

    def __init__(self, studio: Studio, parent: QWidget) -> None:
        """About the embedder in use."""
        super().__init__("Improve matching", parent, width=560)
        self._studio = studio
        self.clicks, self.how, self.then = (paragraph("…", "text") for _ in range(3))
        self.limit = Limit(1)
        self.button = role(QPushButton("Improve"), "big")
        self.button.setDefault(True)
        self._lay_out()
        self.button.clicked.connect(self._start)
        self.limit.changed.connect(self._show)
        self.add_button("Cancel", self.reject)
        studio.session.ask("clicks on faces", _counted, self._take)
        self._show()

    def _lay_out(self) -> None:
        card, _ = card_of((("Your clicks", self.clicks), ("Trains", self.how), ("Then", self.then)))
        for each in (card, self.limit, self.button):
            self.body.addWidget(each)
        self.then.setText(
            "Old and new are compared on people whom neither learned from. "
            "Nothing is switched before you say so, and the vectors of both are kept."
        )

    def _take(self, counts: tuple[int, int]) -> None:
        n_same, n_different = counts
        told = f"{n_same:,} pairs of faces that are one person's, {n_different:,} that are not"
        none = "None yet: confirm or reject suggested faces, and it learns from that. It trains on the gallery alone."
        self.clicks.setText(told if n_same or n_different else none)
        self.fit_height()

    def _show(self) -> None:
        is_busy = is_training(self._studio)
        embedder = self._studio.faces.embedder
        can_learn = embedder is not None and embedder.name == "siamese"
        what = "The network in use goes on from what it knows" if can_learn else (
            "The embedder in use cannot learn: a siamese network is trained instead"
        )  # fmt: skip
        self.how.setText(f"{what}, for {self.limit.words}." + (" A training is under way." if is_busy else ""))
        self.button.setText(f"Improve for {self.limit.words}")
        self.button.setEnabled(embedder is not None and not is_busy)
        self.fit_height()

    def _start(self) -> None:
        given = self.limit.given
        self.accept()
        start_improving(self._studio, ImproveRequest(given.get("minutes"), given.get("epochs")))


def _counted(project: Project) -> tuple[int, int]:
    found = [each.is_same for each in gallery.pairs(project)]
    return sum(found), len(found) - sum(found)


def open_improve_faces(studio: Studio, _: Subject, parent: QWidget) -> QDialog:
    """About the embedder in use."""
    return ImproveFacesDialog(studio, parent)


DIALOG = open_improve_faces
