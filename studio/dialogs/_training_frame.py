"""What dialogs that train have in common: facts in words, one big button, and all that can be chosen folded away."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from studio.dialogs._frame import Frame, card_of, fold_button, paragraph
from studio.dialogs._planning import told
from studio.dialogs._training_choices import HEIGHT, LEAST_HEIGHT
from studio.orders import Failure
from studio.theme import GAP
from studio.widgets import role


class TrainingFrame(Frame):
    """A card of facts, what is wrong, the button, and the details."""

    def __init__(self, title: str, parent: QWidget) -> None:
        """Empty until `lay_out`."""
        super().__init__(title, parent, width=600)
        self.button = role(QPushButton("Start"), "big")
        self.button.setDefault(True)
        self._wrong = paragraph("", "bad")
        self._toggle = fold_button()
        self._details: QWidget = QWidget()

    def lay_out(self, rows: Sequence[tuple[str, QLabel]], details: QWidget) -> None:
        """Facts as titles and words; the last of them are reasons, which give way to the details."""
        card, titles = card_of(rows)
        self._details, reasons = details, (rows[-1][1], titles[-1])
        for each in (card, self._wrong, self.button, self._toggle):
            self.body.addWidget(each)
        self.body.addWidget(details, 1)
        details.hide()
        self.add_button("Cancel", self.reject)
        self._toggle.toggled.connect(details.setVisible)
        for each in reasons:
            self._toggle.toggled.connect(each.setHidden)
        self._toggle.toggled.connect(lambda _: self.fit_height())

    def show_faults(self, failure: Failure | None, faults: Sequence[str], *, is_told: bool = True) -> None:
        """What is wrong with what is chosen, if anything."""
        words = ([told(failure)] if failure is not None else []) + list(faults)
        self._wrong.setText(" ".join(words))
        self._wrong.setVisible(bool(words) and is_told)

    def fit_words(self) -> None:
        """The words are others; unfolded details keep their room."""
        if self._details.isHidden():
            self.fit_height()

    def fit_height(self) -> None:
        """As high as its words need; details take what the window has room for."""
        super().fit_height()
        window = self.parentWidget()
        if window is not None and not self._details.isHidden():
            closed = self.height() - self._details.height()
            highest = min(closed + HEIGHT, window.height() - 2 * GAP)
            self.resize(self.width(), max(closed + LEAST_HEIGHT, highest))
