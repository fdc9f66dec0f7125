"""Accept every suggestion above a score, on this picture or on all; the count follows the slider."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QDialog, QHBoxLayout, QLabel, QRadioButton, QSlider, QWidget

from engine.project import listings
from engine.project.edits import DecideDetections
from studio.dialogs._frame import Frame, paragraph
from studio.surroundings import Studio, Subject


class AcceptAbove(Frame):
    """The slider, the scope and the button that says how many."""

    def __init__(self, studio: Studio, parent: QWidget) -> None:
        """Of the shown run."""
        words = "Every suggestion of the shown run that scores at least this much becomes an annotation."
        super().__init__("Accept all above a score", parent, width=440, words=words)
        self._session = studio.session
        self._ids: list[int] = []
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 100)
        self.slider.setValue(70)
        self._score = QLabel()
        self._score.setMinimumWidth(40)
        row = QHBoxLayout()
        row.addWidget(self.slider, 1)
        row.addWidget(self._score)
        self.body.addLayout(row)
        self.here, self.everywhere = QRadioButton("On this picture"), QRadioButton("On all pictures")
        self.here.setChecked(True)
        scope = QButtonGroup(self)
        for button in (self.here, self.everywhere):
            scope.addButton(button)
            self.body.addWidget(button)
        self.body.addWidget(paragraph("It is one step to undo."))
        self.add_button("Cancel", self.reject)
        self.button = self.add_button("Accept", self._accept_all, is_default=True)
        self.slider.valueChanged.connect(self._ask)
        scope.buttonToggled.connect(self._ask)
        self._ask()

    def _ask(self, *_: object) -> None:
        score, run_id = self.slider.value() / 100, self._session.run_id
        self._score.setText(f"{score:.2f}")
        image_id = self._session.image_id if self.here.isChecked() else None
        self._session.ask(
            "suggestions above",
            lambda project: listings.suggestions_above(project, score, run_id, image_id),
            self._take,
        )

    def _take(self, ids: list[int]) -> None:
        self._ids = ids
        self.button.setText(f"Accept {len(ids):,}")
        self.button.setEnabled(bool(ids))

    def _accept_all(self) -> None:
        self._session.do(DecideDetections(tuple(self._ids), "accepted", self._session.author_id))
        self.accept()


def open_accept_above(studio: Studio, _: Subject, parent: QWidget) -> QDialog:
    """About the shown run."""
    return AcceptAbove(studio, parent)


DIALOG = open_accept_above
