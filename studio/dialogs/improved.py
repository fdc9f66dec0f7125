"""Two embedders side by side, the one in use and a new one: a person says which recognises faces from now on."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QDialog, QWidget

from engine.faces.improved import Figures, Improved
from studio.charts.table import Heading, Line, Table
from studio.dialogs._frame import Frame, paragraph
from studio.face_training import switch
from studio.jobs import Job
from studio.surroundings import Studio, Subject

_HEADINGS = (Heading("In use"), Heading("New"))
_ROWS: tuple[tuple[str, str, Callable[[Figures], float | None]], ...] = (
    ("Rank-1", "How often the nearest other face is of the same person.", lambda each: each.rank1),
    ("Pairs in order", "How often one person's faces are nearer than two strangers'.", lambda each: each.order),
    ("Your clicks in order", "The same, of pairs that you clicked.", lambda each: each.order_of_clicked),
)


class ImprovedDialog(Frame):
    """Old beside new, with what to think of it."""

    def __init__(self, studio: Studio, found: Improved, parent: QWidget) -> None:
        """About a comparison."""
        super().__init__("Old embedder or new", parent, width=620)
        self._studio, self.found = studio, found
        self.table = Table(_whom(found), studio.theme)
        self.table.is_clickable = False
        self.table.show_lines(_HEADINGS, _lines(found))
        self.body.addWidget(self.table)
        self.words = [paragraph(each, "text" if n == 1 else "faint") for n, each in enumerate(found.words)]
        for each in self.words:
            self.body.addWidget(each)
        is_better = found.gain is not None and found.gain > 0
        self.keep = self.add_button("Keep Old", self.reject, is_default=not is_better)
        self.switch = self.add_button("Switch to New", self._switch, is_default=is_better)
        self.switch.setToolTip("Recognise faces with the new one; one step to undo.")

    def _switch(self) -> None:
        self.accept()
        switch(self._studio, self.found.new_embedder_id)
        self._studio.session.said.emit(f"Run {self.found.run_id} recognises faces from now on.")


def _whom(found: Improved) -> str:
    whom = "whom neither learned from" if found.is_fair else "whom they learned from"
    return f"{found.n_people} people {whom}"


def _lines(found: Improved) -> list[Line]:
    """Rows of which both figures are known."""
    lines = []
    for name, told, figure in _ROWS:
        values = (figure(found.old), figure(found.new))
        words = tuple("" if each is None else f"{each:.1%}" for each in values)
        if None not in values:
            lines.append(Line(name, words, values, (told, told)))
    return lines + _eer(found)


def _eer(found: Improved) -> list[Line]:
    """The equal error rates with what they are between: of few people that is much."""
    both = [each.eer for each in (found.old, found.new)]
    known = [each for each in both if each is not None and each.value is not None]
    if len(known) < len(both):
        return []
    words = tuple(f"{each.value or 0.0:.1%} ({100 * each.low:.1f} to {100 * each.high:.1f})" for each in known)
    told = tuple(f"Where as many strangers are accepted as people are refused, of {each.n:,} pairs." for each in known)
    return [Line("Equal error rate", words, tuple(each.value for each in known), told)]


def open_improved(studio: Studio, about: Subject, parent: QWidget) -> QDialog:
    """`about` is the Job of the comparison."""
    found = about.result if isinstance(about, Job) else None
    if not isinstance(found, Improved):
        return Frame("Old embedder or new", parent, words="There is nothing to compare.")
    return ImprovedDialog(studio, found, parent)


DIALOG = open_improved
