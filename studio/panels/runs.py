"""The runs: what waits, what was trained, how it ended, how good it is; whose detections are shown."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from PySide6.QtCore import QAbstractTableModel, Qt, QTimer
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from engine.project import classes, embeddings, gallery, listings, run_queue, run_settings, runs
from engine.project.acceptance import Acceptance, acceptance, together
from engine.project.records import CheckpointKind, Run
from engine.project.run_settings import KeepSettings
from engine.project.store import Change, Project
from engine.tracing.rule_text import kept_words
from studio import runs as runs_acts
from studio.face_training import recognise_with
from studio.panels import Panel
from studio.session import Session
from studio.surroundings import Studio
from studio.theme import GAP, Theme
from studio.training import RESUMABLE, is_training, resume_training, show_run, start_detecting, start_queue
from studio.widgets import ROOT, Index, role

HEADINGS = ("Run", "State", "AP", "AP50", "Suggested", "Accepted", "Rejected", "Accept rate", "Edit distance", "Begun")
RATE, DISTANCE = 7, 8
_STATE_TONES = {"running": "accent_text", "done": "good", "failed": "bad", "interrupted": "warn", "stopped": "warn"}


@dataclass(frozen=True, slots=True)
class FaceRun:
    """What the list shows of a run that trains an embedder of faces."""

    can_recognise: bool
    """It has come so far as to have a network."""
    is_in_use: bool
    """It recognises the faces of the project."""
    rank1: float | None
    order: float | None
    has_erased: bool = False
    """It was trained with faces of somebody who was erased since."""

    @property
    def words(self) -> str:
        """How good it is, and what it is used for."""
        known = (("rank-1", self.rank1), ("pairs in order", self.order))
        parts = [f"{name} {value:.1%}" for name, value in known if value is not None]
        erased = ["trained with erased data"] if self.has_erased else []
        return ", ".join([*parts, *(["recognises the faces of this project"] if self.is_in_use else []), *erased])


@dataclass(frozen=True, slots=True)
class RunRow:
    """What the list shows of a run."""

    run: Run
    best: dict[str, float]
    """The best value of each validation metric."""
    decided: dict[str, int]
    has_checkpoint: bool
    became: tuple[tuple[str, Acceptance], ...] = ()
    """What became of its suggestions, by class name."""

    place: int = 0
    """In the queue, from 1; 0 where it does not wait."""
    n_waiting: int = 0
    """How many wait."""
    settings: str = ""
    """What was kept for it to detect with, in words; '' where it goes by its own."""
    faces: FaceRun | None = None
    """Of a run that trains an embedder of faces."""

    @property
    def summed(self) -> Acceptance | None:
        """The same of all classes."""
        return together(one for _, one in self.became)

    def score(self, name: str) -> str:
        """The best AP or AP50: of masks where there are any, else of boxes."""
        value = self.best.get(f"segm/{name}", self.best.get(f"bbox/{name}"))
        return "" if value is None else f"{value:.3f}"


class RunRows(QAbstractTableModel):
    """The runs, the newest first."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget) -> None:
        """The runs of the session's project."""
        super().__init__(parent)
        self._session = session
        self._theme = theme
        self.rows: list[RunRow] = []

    def load(self) -> None:
        """Ask for the runs, off the GUI thread."""
        self._session.ask("runs", _read, self._take)

    def _take(self, rows: list[RunRow]) -> None:
        if [row.run.id for row in rows] == [row.run.id for row in self.rows]:
            self.rows = rows
            if rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(HEADINGS) - 1))
        else:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()

    def rowCount(self, parent: Index = ROOT) -> int:
        """How many runs there are."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, _: Index = ROOT) -> int:
        """As many as headings."""
        return len(HEADINGS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The headings."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADINGS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows."""
        row, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words(row)[column]
        if role == Qt.ItemDataRole.ForegroundRole and column == 1:
            return QColor(getattr(self._theme.tones, _STATE_TONES.get(row.run.state, "faint")))
        is_shown = row.run.id == self._session.run_id or bool(row.faces and row.faces.is_in_use)
        if role == Qt.ItemDataRole.FontRole and is_shown and column == 0:
            font = QFont()
            font.setWeight(QFont.Weight.DemiBold)
            return font
        if role == Qt.ItemDataRole.ToolTipRole and column in (RATE, DISTANCE):
            return "\n".join(_class_words(name, one) for name, one in row.became) or None
        if role == Qt.ItemDataRole.ToolTipRole:
            told = row.run.message or f"{row.run.network} on {row.run.device or 'no device yet'}"
            if row.faces is not None:
                return "\n".join(part for part in (told, row.faces.words) if part)
            return f"{told}\nDetects with kept settings: {row.settings}" if row.settings else told
        return None

    def _words(self, row: RunRow) -> tuple[str, ...]:
        begun = datetime.fromisoformat(row.run.created).astimezone()
        decided = [str(row.decided.get(state, 0)) for state in ("suggested", "accepted", "rejected")]
        name = f"{row.run.id}  {row.run.name}{'  · settings kept' if row.settings else ''}"
        if row.faces is not None:
            name += "  · faces, in use" if row.faces.is_in_use else "  · faces"
            name += ", with erased data" if row.faces.has_erased else ""
            decided = [""] * len(decided)
        became = _rate_words(row.summed)
        state = f"waits, {row.place} of {row.n_waiting}" if row.place else row.run.state
        return (name, state, row.score("AP"), row.score("AP50"), *decided, *became, f"{begun:%d %b %H:%M}")


class RunPanel(QWidget):
    """The list of runs; the chosen one's detections are shown."""

    def __init__(self, studio: Studio) -> None:
        """List the runs of the session's project."""
        super().__init__()
        self._studio = studio
        self.rows = RunRows(studio.session, studio.theme, self)
        self.view = QTableView()
        self._prepare()
        self.start, self.compare = QPushButton("Start the Queue"), QPushButton("Compare…")
        self._queue_words = role(QLabel(), "faint")
        self._lay_out()
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(300)
        self._later.timeout.connect(self.rows.load)
        session = studio.session
        session.project_opened.connect(self.rows.load)
        session.changed.connect(self._on_change)
        session.training_changed.connect(self._show_current)
        session.writable_changed.connect(self._show_buttons)
        studio.jobs.listed.connect(self._show_buttons)
        studio.jobs.ended.connect(self._show_buttons)
        self.rows.modelReset.connect(self._show_current)
        self.rows.modelReset.connect(self._show_buttons)
        self.rows.dataChanged.connect(self._show_buttons)
        self.view.selectionModel().selectionChanged.connect(self._show_buttons)
        self.start.clicked.connect(lambda: start_queue(studio))
        self.compare.clicked.connect(lambda: runs_acts.compare(studio, self.selected))
        self.rows.load()
        self._show_buttons()

    @property
    def selected(self) -> list[int]:
        """The ids of the selected runs."""
        return [self.rows.rows[index.row()].run.id for index in self.view.selectionModel().selectedRows()]

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self._queue_words, 1)
        for button in (self.start, self.compare):
            button.setAutoDefault(False)
            row.addWidget(button)
        self.compare.setToolTip("Put the selected runs side by side; Ctrl+click selects another one.")
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP, 0, GAP, GAP)
        column.setSpacing(GAP // 2)
        column.addWidget(self.view)
        column.addLayout(row)

    def _show_buttons(self) -> None:
        n_waiting = self.rows.rows[0].n_waiting if self.rows.rows else 0
        is_busy = is_training(self._studio)
        self.start.setVisible(bool(n_waiting))
        self.start.setEnabled(self._studio.session.can_write and not is_busy)
        self.start.setToolTip("A training is under way: the next begins when it is done." if is_busy else "")
        self.compare.setEnabled(self._can_compare(self.selected))
        runs_wait = "1 run waits." if n_waiting == 1 else f"{n_waiting:,} runs wait."
        self._queue_words.setText(runs_wait if n_waiting else "")

    def _prepare(self) -> None:
        view = self.view
        view.setModel(self.rows)
        view.verticalHeader().hide()
        view.verticalHeader().setDefaultSectionSize(28)
        view.setShowGrid(False)
        view.setTabKeyNavigation(False)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        view.horizontalHeader().setHighlightSections(False)
        view.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        view.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        view.horizontalHeader().setStretchLastSection(True)
        view.clicked.connect(self._show_run)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(lambda at: self._menu(view.indexAt(at).row()))

    def _can_compare(self, run_ids: Sequence[int]) -> bool:
        """Several runs of detectors: of embedders other things are told."""
        of_faces = {row.run.id for row in self.rows.rows if row.faces is not None}
        return len(run_ids) > 1 and not of_faces.intersection(run_ids)

    def _on_change(self, change: Change) -> None:
        if change.runs or change.detected or change.gallery:
            self._later.start()

    def _show_current(self) -> None:
        wanted = self._studio.session.training_id
        row = next((n for n, each in enumerate(self.rows.rows) if each.run.id == wanted), -1)
        self.view.clearSelection()
        if row >= 0:
            self.view.selectRow(row)

    def _show_run(self, index: Index) -> None:
        """Show the detections of the run that is clicked; one of several that are selected is but selected."""
        if len(self.selected) < 2:
            show_run(self._studio, self.rows.rows[index.row()].run.id)

    def _menu(self, row: int) -> None:
        if row < 0:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill(menu, self.rows.rows[row])
        menu.popup(self.view.viewport().mapToGlobal(self.view.visualRect(self.rows.index(row, 0)).bottomLeft()))

    def fill(self, menu: QMenu, chosen: RunRow) -> None:
        """Offer what can be done with a run."""
        studio, run_id, can_write = self._studio, chosen.run.id, self._studio.session.can_write

        def offer(title: str, act: Callable[[], object], *, when: bool = True) -> None:
            menu.addAction(title, act).setEnabled(can_write and when)

        if chosen.place:
            offer("Move Earlier", partial(runs_acts.move, studio, run_id, -1), when=chosen.place > 1)
            offer("Move Later", partial(runs_acts.move, studio, run_id, 1), when=chosen.place < chosen.n_waiting)
            offer("Start the Queue", partial(start_queue, studio), when=not is_training(studio))
        elif chosen.faces is not None:
            can_use = chosen.faces.can_recognise and not chosen.faces.is_in_use
            offer("Recognise Faces with It", partial(recognise_with, studio, run_id), when=can_use)
            offer("Resume", partial(resume_training, studio, run_id), when=chosen.run.state in RESUMABLE)
        else:
            offer("Detect on All Images", partial(start_detecting, studio, run_id, None), when=chosen.has_checkpoint)
            offer("Resume", partial(resume_training, studio, run_id), when=chosen.run.state in RESUMABLE)
            if chosen.settings:
                offer("Back to Its Own Settings", partial(studio.session.do, KeepSettings(run_id, None)))
        menu.addSeparator()
        if chosen.faces is None:
            self._fill_of_detector(menu, chosen)
        offer("Rename…", partial(studio.ask.show, "rename_run", str(run_id)))
        menu.addSeparator()
        is_over = chosen.run.state != "running"
        offer(
            "Remove from the Queue" if chosen.place else "Delete…",
            partial(runs_acts.delete, studio, run_id),
            when=is_over,
        )

    def _fill_of_detector(self, menu: QMenu, chosen: RunRow) -> None:
        """Offer what can be done with a detector's run alone."""
        run_id, show = chosen.run.id, self._studio.ask.show
        others = [each for each in self.selected if each != run_id] or [
            each for each in (self._studio.session.run_id,) if each not in (None, run_id)
        ]
        compared = [run_id, *(each for each in others if each is not None)]
        menu.addAction("Compare…", partial(runs_acts.compare, self._studio, compared)).setEnabled(
            self._can_compare(compared)
        )
        has_begun = not chosen.place and chosen.run.started is not None
        menu.addAction("Export Training Set…", partial(show, "exporting", str(run_id))).setEnabled(has_begun)
        menu.addAction("Take Weights Away…", partial(show, "take_away", str(run_id))).setEnabled(chosen.has_checkpoint)


def _read(project: Project) -> list[RunRow]:
    found = runs.all_runs(project)
    decided = listings.decided_counts(project, [run.id for run in found])
    best = listings.best_metrics(project, [run.id for run in found])
    learned = listings.runs_with_checkpoints(project)
    in_use, erased = embeddings.run_in_use(project), gallery.runs_with_erased(project)
    waiting, settled = run_queue.waiting(project), run_settings.runs_with_settings(project)
    names = {id_: record.name for id_, record in classes.by_id(project).items()}
    became: dict[int, list[tuple[str, Acceptance]]] = {}
    for one in acceptance(project):
        became.setdefault(one.run_id, []).append((names.get(one.class_id, "?"), one))
    return [
        RunRow(
            run,
            best.get(run.id, {}),
            {str(k): n for k, n in decided.get(run.id, {}).items()},
            run.id in learned,
            tuple(became.get(run.id, ())),
            waiting.index(run.id) + 1 if run.id in waiting else 0,
            len(waiting),
            kept_words(run_settings.kept(project, run.id)) if run.id in settled else "",
            _of_faces(project, run, in_use, erased) if run.kind == "embedder" else None,
        )
        for run in found
    ]


def _of_faces(project: Project, run: Run, in_use: int | None, erased: Collection[int]) -> FaceRun:
    def last(name: str) -> float | None:
        found = (listings.last_value(project, run.id, f"{kind}/{name}") for kind in ("val", "train"))
        return next((each for each in found if each is not None), None)

    can_recognise = any(runs.has_checkpoint(project, run.id, kind) for kind in _WITH_NETWORK)
    return FaceRun(can_recognise, run.id == in_use, last("rank1"), last("order"), run.id in erased)


_WITH_NETWORK: tuple[CheckpointKind, ...] = ("best", "imported")


def _rate_words(one: Acceptance | None) -> tuple[str, str]:
    """Accept rate and edit distance; nothing where nothing is decided."""
    rate = "" if one is None or one.rate is None else f"{one.rate:.0%}"
    return rate, "" if one is None or one.edit_distance is None else f"{one.edit_distance:.2f}"


def _class_words(name: str, one: Acceptance) -> str:
    rate, distance = _rate_words(one)
    words = f"{name}: {rate or 'none'} of {one.accepted + one.rejected:,} accepted"
    return f"{words}, edit distance {distance}" if distance else words


PANEL = Panel("Runs", "runs", "bottom", 50, RunPanel, is_shown=False)
