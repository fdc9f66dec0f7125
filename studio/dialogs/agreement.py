"""How far the people of this project agree, two by two."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QDialog, QProgressBar, QVBoxLayout, QWidget

from engine.evaluation.agreement import PairAgreement
from studio.dialogs._agreement_table import agreement_table
from studio.dialogs._frame import Frame, paragraph
from studio.orders import Task
from studio.surroundings import Studio, Subject
from studio.theme import GAP

WORDS = "Of the pictures that both have annotated, as the project stands now. Kappa is 1 where two always agree."
NOBODY = "No two people have annotated the same pictures. Merge another person's project to compare with theirs."


class AgreementDialog(Frame):
    """Works it out in a worker; then shows a pair at a time."""

    def __init__(self, studio: Studio, parent: QWidget) -> None:
        """Of the session's project."""
        super().__init__("Agreement between people", parent, width=600, words=WORDS)
        self.pairs: tuple[PairAgreement, ...] = ()
        self.choice = QComboBox()
        self.choice.setAccessibleName("Which two people")
        self.choice.hide()
        self.choice.activated.connect(self._show_pair)
        self._busy = QProgressBar()
        self._busy.setRange(0, 0)
        self._busy.setTextVisible(False)
        self._found = QVBoxLayout()
        self._found.setSpacing(GAP)
        for part in (self.choice, self._busy):
            self.body.addWidget(part)
        self.body.addLayout(self._found)
        self.body.addSpacing(2 * GAP)
        self.add_button("Close", self.accept, is_default=True)
        project = studio.session.project
        if project is not None:
            task = Task("Compare people", "files", "studio.errands:compare_people", project.path)
            self._job = studio.jobs.start(task, quiet=True)
            self._job.ended.connect(self._on_compared)
            self.finished.connect(lambda: studio.jobs.stop(self._job))

    def _on_compared(self) -> None:
        self._busy.hide()
        failure = self._job.failure
        if failure is not None:
            self._put(paragraph(f"{failure.words} {failure.hint}".strip(), "bad"))
        elif self._job.state == "done":
            self.pairs = self._job.result
            for pair in self.pairs:
                self.choice.addItem(f"{pair.a} and {pair.b}: {pair.agreement.images:,} pictures")
            self.choice.setVisible(bool(self.pairs))
            self._show_pair(0)
        self.fit_height()

    def _show_pair(self, row: int) -> None:
        while (item := self._found.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        if self.pairs:
            pair = self.pairs[row]
            self._put(agreement_table(pair.agreement, pair.a, pair.b))
        else:
            self._put(paragraph(NOBODY, "text"))
        self.fit_height()

    def _put(self, widget: QWidget) -> None:
        """Show it at once: what Qt shows by and by has no height yet when the dialog is fitted."""
        self._found.addWidget(widget)
        widget.show()


def open_agreement(studio: Studio, _: Subject, parent: QWidget) -> QDialog:
    """About the open project."""
    return AgreementDialog(studio, parent)


DIALOG = open_agreement
