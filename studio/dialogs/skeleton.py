"""The keypoints of a class and the bones between them: names as lines of text, bones as a figure; one edit."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QDialog, QHBoxLayout, QMenu, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from engine.project import classes
from engine.project.class_edits import SetSkeleton
from engine.project.records import ClassRecord
from engine.project.skeletons import KNOWN, KnownSkeleton, in_use, renamed
from studio.dialogs._concerned import counted
from studio.dialogs._frame import Frame, paragraph
from studio.dialogs._skeleton_figure import SkeletonFigure
from studio.surroundings import Studio, Subject
from studio.theme import GAP

_WORDS = "One keypoint a line, in the order they are clicked in. Two clicks in the figure make a bone."


class SkeletonDialog(Frame):
    """Names at the left, the figure at the right."""

    def __init__(self, studio: Studio, record: ClassRecord, parent: QWidget) -> None:
        """About a class."""
        super().__init__(f"Keypoints of “{record.name}”", parent, width=680, words=_WORDS)
        self._session, self._record = studio.session, record
        self._n_in_use = 0
        self.text = QPlainTextEdit("\n".join(record.keypoint_names))
        self.text.setAccessibleName("Names of the keypoints")
        self.text.setPlaceholderText("nose\nleft eye\nright eye")
        self.text.setTabChangesFocus(True)
        self.figure = SkeletonFigure(studio.theme, record.colour)
        self.figure.show_skeleton(record.keypoint_names, record.skeleton)
        self._known = QPushButton("Start from")
        self._known.setAutoDefault(False)
        self._fault = paragraph("", "bad")
        self._lay_out()
        self.add_button("Cancel", self.reject)
        self.button = self.add_button("Change", self._apply, is_default=True)
        self.text.textChanged.connect(self._on_text)
        self._session.ask("keypoints", lambda project: in_use(project, record.id), self._take_in_use)
        self._check()
        self.text.setFocus()

    @property
    def lines(self) -> tuple[str, ...]:
        """As they are written now; one that is being retyped may be empty."""
        return tuple(line.strip() for line in self.text.toPlainText().splitlines())

    @property
    def names(self) -> tuple[str, ...]:
        """Of the keypoints that there would be."""
        return tuple(filter(None, self.lines))

    def _lay_out(self) -> None:
        menu = QMenu(self._known)
        for known in KNOWN:
            menu.addAction(known.title).triggered.connect(partial(self._start_from, known))
        self._known.setMenu(menu)
        left = QVBoxLayout()
        left.setSpacing(GAP)
        left.addWidget(self.text, 1)
        left.addWidget(self._known)
        row = QHBoxLayout()
        row.setSpacing(2 * GAP)
        row.addLayout(left, 2)
        row.addWidget(self.figure, 3)
        self.body.addLayout(row, 1)
        self.body.addWidget(self._fault)

    def _start_from(self, known: KnownSkeleton, _: bool = False) -> None:
        self.text.setPlainText("\n".join(known.names))
        self.figure.show_skeleton(known.names, known.bones)
        self._check()

    def _on_text(self) -> None:
        lines = self.lines
        self.figure.show_skeleton(lines, renamed(self.figure.names, lines, self.figure.bones))
        self._check()

    def _take_in_use(self, n_in_use: int) -> None:
        self._n_in_use = n_in_use
        self._check()

    def _check(self) -> None:
        names, n_before = self.names, len(self._record.keypoint_names)
        fault = ""
        if len(set(names)) < len(names):
            fault = "Every keypoint needs a name of its own."
        elif self._n_in_use and len(names) < n_before:
            where = counted(self._n_in_use, "annotation")
            fault = (
                f"{where} of this class have {n_before} keypoints: names may change, and more may follow, not fewer."
            )
        self._fault.setText(fault)
        self._fault.setVisible(bool(fault))
        self.button.setEnabled(not fault)

    def _apply(self) -> None:
        names = self.names
        bones = renamed(self.lines, names, self.figure.bones)
        if (names, bones) != (self._record.keypoint_names, self._record.skeleton):
            self._session.do(SetSkeleton(self._record.id, names, bones))
        self.accept()


def open_skeleton(studio: Studio, subject: Subject, parent: QWidget) -> QDialog:
    """About the class of this id."""
    project = studio.session.project
    assert project is not None and isinstance(subject, str), "commands open it about a class"
    return SkeletonDialog(studio, classes.by_id(project)[int(subject)], parent)


DIALOG = open_skeleton
