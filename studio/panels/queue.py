"""The queue: pictures on which model and annotations, or two people, disagree, and the questions of the current one."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QSignalBlocker, Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDockWidget,
    QHBoxLayout,
    QLabel,
    QListView,
    QProgressBar,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from engine.evaluation.queue import Ordering, Outlook
from engine.project import classes, runs
from engine.project.acceptance import Acceptance, acceptance, together
from engine.project.records import ClassRecord, Run
from engine.project.store import Change, Project
from studio.commands import Command, named, perform
from studio.panels import Panel
from studio.panels._answers import AnswerButtons
from studio.panels._queue_rows import PICTURE_HEIGHT, QUESTION_HEIGHT, PictureRows, QuestionRows, RowDelegate
from studio.question_words import wording
from studio.surroundings import Studio
from studio.theme import GAP
from studio.view_state import FIRST_PAGE
from studio.widgets import Elided, role

ORDERINGS: tuple[tuple[Ordering, str], ...] = (
    ("disagreement", "Most disagreement first"),
    ("uncertainty", "Least sure first"),
)
_PAUSE_MS = 800
"""Accept rate and runs are read again so long after the last edit."""


class QueuePanel(QWidget):
    """Order and run; how much is left; pictures, questions, answers."""

    def __init__(self, studio: Studio) -> None:
        """The queue of the session's project; it works while this is in sight."""
        super().__init__()
        self._studio = studio
        self._queue = studio.queue
        self.order, self.run = QComboBox(), QComboBox()
        self._left, self._rate, self._bar = Elided(), Elided(), QProgressBar()
        self._hint = role(QLabel(), "faint")
        self._hint.setWordWrap(True)
        self.pictures, self.questions = PictureRows(self), QuestionRows(self)
        self.picture_view, self.question_view = QListView(), QListView()
        self.answers = AnswerButtons(studio)
        self._dock: QDockWidget | None = None
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_PAUSE_MS)
        self._later.timeout.connect(self._read)
        self._prepare()
        self._lay_out()
        self._listen()
        self._load()

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to ask, and follow the dock that this is in: behind another tab it is out of sight, but not hidden."""
        super().showEvent(event)
        if self._dock is None and (dock := _dock_around(self)) is not None:
            self._dock = dock
            dock.visibilityChanged.connect(self._queue.activate)
        self._queue.activate(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Ask no more."""
        super().hideEvent(event)
        if not event.spontaneous():
            self._queue.activate(False)

    def _prepare(self) -> None:
        theme = self._studio.theme
        for ordering, title in ORDERINGS:
            self.order.addItem(title, ordering)
        for combo, name in ((self.order, "Order of the queue"), (self.run, "Run to compare with")):
            combo.setAccessibleName(name)
            combo.setToolTip(name)
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.setMinimumContentsLength(8)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(4)
        parts = (
            (self.picture_view, self.pictures, PICTURE_HEIGHT, "Pictures of the queue"),
            (self.question_view, self.questions, QUESTION_HEIGHT, "Questions on this picture"),
        )
        for view, model, height, name in parts:
            view.setModel(model)
            view.setItemDelegate(RowDelegate(theme, height, view))
            view.setUniformItemSizes(True)
            view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
            view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
            view.setAccessibleName(name)
            view.setMinimumHeight(48)
            theme.changed.connect(view.viewport().update)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP, GAP, GAP, GAP)
        column.setSpacing(GAP)
        for widget in (self.run, self.order):
            column.addWidget(widget)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self._left, 1)
        for each in named("queue.previous", "queue.next"):
            row.addWidget(self._button(each))
        self._counter = QToolButton()
        self._counter.clicked.connect(self._on_counter)
        row.addWidget(self._counter)
        column.addLayout(row)
        column.addWidget(self._bar)
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.setChildrenCollapsible(False)
        parts.addWidget(self.picture_view)
        parts.addWidget(self.question_view)
        parts.setSizes([200, 300])
        column.addWidget(self._hint)
        column.addWidget(parts, 1)
        column.addWidget(self.answers)
        column.addWidget(role(self._rate, "faint"))

    def _button(self, command: Command) -> QToolButton:
        button = QToolButton()
        button.setIcon(self._studio.theme.icon(command.look.icon))
        button.setAccessibleName(command.title)
        keys = self._studio.keys
        keys.changed.connect(lambda: button.setToolTip(keys.tip(command.name, command.title)))
        button.setToolTip(keys.tip(command.name, command.title))
        button.clicked.connect(lambda _=False: perform(self._studio, command))
        return button

    def _listen(self) -> None:
        session = self._studio.session
        self._queue.listed.connect(self._show_list)
        self._queue.asked.connect(self._show_questions)
        session.project_opened.connect(self._load)
        session.run_changed.connect(self._load)
        session.image_changed.connect(self._show_image)
        session.changed.connect(self._on_change)
        self.order.activated.connect(lambda row: self._queue.order_by(self.order.itemData(row)))
        self.run.activated.connect(lambda row: session.show_run(self.run.itemData(row)))
        self.picture_view.clicked.connect(self._on_picture)
        self.question_view.clicked.connect(self._on_question)

    def _load(self) -> None:
        self._read()
        self._show_list()
        self._show_questions()

    def _take(self, found: tuple[list[Run], dict[int, ClassRecord], list[Acceptance]]) -> None:
        known, self.questions.classes, accepted = found
        session = self._studio.session
        with QSignalBlocker(self.run):
            self.run.clear()
            for run in known:
                self.run.addItem(f"Run {run.id}, {run.network}", run.id)
            self.run.setCurrentIndex(self.run.findData(session.run_id))
        self.run.setVisible(bool(known))
        self._rate.show_text(_rate_words(accepted))
        self._show_questions()

    def _on_change(self, change: Change) -> None:
        if self.isVisible() and (change.runs or change.classes or change.detected):
            self._later.start()

    def _read(self) -> None:
        run_id = self._studio.session.run_id
        self._studio.session.ask("queue panel", lambda project: _read(project, run_id), self._take)

    def _show_list(self) -> None:
        queue, seen = self._queue, self._queue.outlook
        is_unsure = queue.ordering == "uncertainty"
        with QSignalBlocker(self.order):
            self.order.setCurrentIndex(self.order.findData(queue.ordering))
        self.pictures.show(seen.queued.images if seen else (), is_unsure=is_unsure)
        self._show_image()
        self._show_progress()
        icon, words = ("stop", "Stop counting") if queue.counting.job else ("redo", "Count again what changed")
        self._counter.setIcon(self._studio.theme.icon(icon))
        self._counter.setToolTip(words)
        self._counter.setAccessibleName(words)
        self._counter.setVisible(queue.counting.job is not None or bool(seen and seen.n_uncounted))

    def _show_progress(self) -> None:
        queue, seen = self._queue, self._queue.outlook
        if queue.counting.job is not None:
            progress = queue.counting.job.progress
            self._left.show_text(
                "Counting…" if not progress.total else f"Counted {progress.done:,} of {progress.total:,}"
            )
            self._bar.setRange(0, progress.total or 0)
            self._bar.setValue(progress.done)
            return
        self._bar.setRange(0, max(1, seen.n_settled + seen.n_left) if seen else 1)
        self._bar.setValue(seen.n_settled + queue.n_answered if seen else 0)
        self._left.show_text(*_left_words(seen.n_left - queue.n_answered, seen.queued.n_images) if seen else ("",))
        hint = _hint(seen, self._studio.session.run_id) if seen else ""
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))

    def _show_image(self) -> None:
        row = self.pictures.row_of(self._studio.session.image_id)
        self.picture_view.clearSelection()
        if row >= 0:
            self.picture_view.setCurrentIndex(self.pictures.index(row))

    def _show_questions(self) -> None:
        queue = self._queue
        self.questions.show(queue.questions)
        index = self.questions.index(queue.place) if queue.current is not None else QModelIndex()
        self.question_view.setCurrentIndex(index)
        if not index.isValid():
            self.question_view.clearSelection()
        self._show_progress()
        self.answers.show_answers(None if queue.current is None else wording(queue.current, self.questions.classes))

    def _on_picture(self, index: QModelIndex) -> None:
        self._studio.session.open_image(self.pictures.rows[index.row()].id)

    def _on_question(self, index: QModelIndex) -> None:
        self._studio.session.show_page(FIRST_PAGE)
        self._queue.look_at(index.row())

    def _on_counter(self) -> None:
        if self._queue.counting.job is not None:
            self._queue.counting.stop()
        else:
            self._queue.counting.start()


def _dock_around(widget: QWidget) -> QDockWidget | None:
    parent = widget.parentWidget()
    while parent is not None and not isinstance(parent, QDockWidget):
        parent = parent.parentWidget()
    return parent


def _left_words(n_left: int, n_images: int) -> tuple[str, str]:
    """In full, and for where that is too long."""
    if not n_images:
        return "Nothing to decide", "Nothing left"
    left = f"{max(0, n_left):,} left"
    return f"{left} on {n_images:,} picture{'' if n_images == 1 else 's'}", left


def _hint(seen: Outlook, run_id: int | None) -> str:
    """What to do where there is nothing to decide."""
    if seen.queued.images:
        return ""
    if run_id is None:
        return "Here you are asked about what a model sees differently than you: fine-tune one first."
    if not seen.totals.images + seen.n_uncounted:
        return "The shown run has looked at no picture yet: let it detect on all images."
    return "" if seen.n_uncounted else "The shown run and the annotations agree on every picture it has looked at."


def _rate_words(accepted: list[Acceptance]) -> str:
    """What became so far of what a run suggested, and of what it did not find."""
    summed = together(accepted)
    if summed is None:
        return ""
    words = []
    if summed.rate is not None:
        words.append(f"{summed.rate:.0%} of {summed.accepted + summed.rejected:,} accepted")
    if summed.edit_distance is not None:
        words.append(f"edit distance {summed.edit_distance:.2f}")
    if answered := summed.missed_deleted + summed.missed_confirmed:
        words.append(f"{summed.missed_deleted:,} of {answered:,} not found deleted")
    return ", ".join(words)


def _read(project: Project, run_id: int | None) -> tuple[list[Run], dict[int, ClassRecord], list[Acceptance]]:
    known = [run for run in runs.all_runs(project) if run.kind == "detector"]
    return known, classes.by_id(project), acceptance(project, () if run_id is None else (run_id,))


PANEL = Panel("Queue", "queue", "left", 15, QueuePanel)
