"""The runs: what was trained, how it ended, how good it is; whose detections are shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from PySide6.QtCore import QAbstractTableModel, Qt, QTimer
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QVBoxLayout, QWidget

from engine.project import classes, listings, runs
from engine.project.acceptance import Acceptance, acceptance, together
from engine.project.records import Run
from engine.project.store import Change, Project
from studio.panels import Panel
from studio.session import Session
from studio.surroundings import Studio
from studio.theme import GAP, Theme
from studio.training import resume_training, start_detecting
from studio.widgets import ROOT, Index

HEADINGS = ("Run", "State", "AP", "AP50", "Suggested", "Accepted", "Rejected", "Accept rate", "Edit distance", "Begun")
RATE, DISTANCE = 7, 8
_STATE_TONES = {"running": "accent_text", "done": "good", "failed": "bad", "interrupted": "warn", "stopped": "warn"}


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
        if role == Qt.ItemDataRole.FontRole and row.run.id == self._session.run_id and column == 0:
            font = QFont()
            font.setWeight(QFont.Weight.DemiBold)
            return font
        if role == Qt.ItemDataRole.ToolTipRole and column in (RATE, DISTANCE):
            return "\n".join(_class_words(name, one) for name, one in row.became) or None
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.run.message or f"{row.run.network} on {row.run.device or 'no device yet'}"
        return None

    def _words(self, row: RunRow) -> tuple[str, ...]:
        begun = datetime.fromisoformat(row.run.created).astimezone()
        decided = [str(row.decided.get(state, 0)) for state in ("suggested", "accepted", "rejected")]
        name = f"{row.run.id}  {row.run.network}"
        became = _rate_words(row.summed)
        return (name, row.run.state, row.score("AP"), row.score("AP50"), *decided, *became, f"{begun:%d %b %H:%M}")


class RunPanel(QWidget):
    """The list of runs; the chosen one's detections are shown."""

    def __init__(self, studio: Studio) -> None:
        """List the runs of the session's project."""
        super().__init__()
        self._studio = studio
        self.rows = RunRows(studio.session, studio.theme, self)
        self.view = QTableView()
        self._prepare()
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP, 0, GAP, GAP)
        column.addWidget(self.view)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(300)
        self._later.timeout.connect(self.rows.load)
        session = studio.session
        session.project_opened.connect(self.rows.load)
        session.changed.connect(self._on_change)
        session.run_changed.connect(self._show_current)
        self.rows.modelReset.connect(self._show_current)
        self.rows.load()

    def _prepare(self) -> None:
        view = self.view
        view.setModel(self.rows)
        view.verticalHeader().hide()
        view.verticalHeader().setDefaultSectionSize(28)
        view.setShowGrid(False)
        view.setTabKeyNavigation(False)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.horizontalHeader().setHighlightSections(False)
        view.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        view.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        view.horizontalHeader().setStretchLastSection(True)
        view.clicked.connect(lambda index: self._studio.session.show_run(self.rows.rows[index.row()].run.id))
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(lambda at: self._menu(view.indexAt(at).row()))

    def _on_change(self, change: Change) -> None:
        if change.runs or change.detected:
            self._later.start()

    def _show_current(self) -> None:
        wanted = self._studio.session.run_id
        row = next((n for n, each in enumerate(self.rows.rows) if each.run.id == wanted), -1)
        self.view.clearSelection()
        if row >= 0:
            self.view.selectRow(row)

    def _menu(self, row: int) -> None:
        if row < 0:
            return
        chosen = self.rows.rows[row]
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        can_write = self._studio.session.can_write
        detect = menu.addAction("Detect on All Images", partial(start_detecting, self._studio, chosen.run.id, None))
        detect.setEnabled(can_write and chosen.has_checkpoint)
        resume = menu.addAction("Resume", partial(resume_training, self._studio, chosen.run.id))
        resume.setEnabled(can_write and chosen.run.state in ("stopped", "interrupted", "failed"))
        menu.popup(self.view.viewport().mapToGlobal(self.view.visualRect(self.rows.index(row, 0)).bottomLeft()))


def _read(project: Project) -> list[RunRow]:
    found = runs.all_runs(project)
    decided = listings.decided_counts(project, [run.id for run in found])
    best = listings.best_metrics(project, [run.id for run in found])
    learned = listings.runs_with_checkpoints(project)
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
        )
        for run in found
    ]


def _rate_words(one: Acceptance | None) -> tuple[str, str]:
    """Accept rate and edit distance; nothing where nothing is decided."""
    rate = "" if one is None or one.rate is None else f"{one.rate:.0%}"
    return rate, "" if one is None or one.edit_distance is None else f"{one.edit_distance:.2f}"


def _class_words(name: str, one: Acceptance) -> str:
    rate, distance = _rate_words(one)
    words = f"{name}: {rate or 'none'} of {one.accepted + one.rejected:,} accepted"
    return f"{words}, edit distance {distance}" if distance else words


PANEL = Panel("Runs", "runs", "bottom", 50, RunPanel, is_shown=False)
