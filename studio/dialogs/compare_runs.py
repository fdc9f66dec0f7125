"""Runs side by side: scores and losses overlaid, only those options that differ, AP by class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from engine.project import listings, runs
from engine.project.listings import Series
from engine.project.store import Project
from engine.training.compared import ClassAp, Difference, RunsCompared
from studio.charts.curves import Curves
from studio.charts.table import Heading, Line, Table
from studio.dialogs._frame import Frame, paragraph
from studio.jobs import Job
from studio.orders import Task
from studio.surroundings import Studio, Subject
from studio.theme import GAP
from studio.widgets import scrolling

_SCORES = ("segm/AP", "bbox/AP")
_LOSS = "train/loss"
_CHARTS_HEIGHT = 200


class CompareRunsDialog(Frame):
    """Two or more runs."""

    def __init__(self, studio: Studio, run_ids: tuple[int, ...], parent: QWidget) -> None:
        """Compare these runs of the open project."""
        super().__init__("Compare runs", parent, width=760)
        self._studio = studio
        self._run_ids = run_ids
        self._job: Job | None = None
        self.scores = Curves("AP on validation pictures", studio.theme, limits=(0.0, 1.0))
        self.losses = Curves("Loss", studio.theme)
        self.options = Table("What differs", studio.theme)
        self.classes = Table("AP by class", studio.theme)
        self._told = paragraph("Reading the runs…")
        self._lay_out()
        self._ask()

    def _lay_out(self) -> None:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, GAP, 0)
        column.setSpacing(GAP)
        charts = QHBoxLayout()
        charts.setSpacing(GAP)
        for chart in (self.scores, self.losses):
            chart.setFixedHeight(_CHARTS_HEIGHT)
            charts.addWidget(chart)
        column.addLayout(charts)
        for table in (self.options, self.classes):
            table.is_clickable = False
            column.addWidget(table)
        column.addStretch(1)
        self.body.addWidget(self._told)
        self.body.addWidget(scrolling(inner), 1)
        self.add_button("Close", self.accept, is_default=True)

    def fit_height(self) -> None:
        """As high as the window that it lies over."""
        window = self.parentWidget()
        self.resize(self.width(), min(760, window.height() - 2 * GAP) if window else 640)

    def _ask(self) -> None:
        project, run_ids = self._studio.session.project, self._run_ids
        if project is None:
            return
        self._studio.session.ask("curves of runs", lambda found: _curves(found, run_ids), self._take_curves)
        task = Task("Compare runs", "infer", "studio.errands:compare_runs", project.path, (run_ids,))
        self._job = job = self._studio.jobs.start(task, quiet=True)
        job.ended.connect(self._on_end)
        self.finished.connect(self._leave)

    def _leave(self) -> None:
        if self._job is not None:
            self._job.ended.disconnect(self._on_end)
            self._studio.jobs.stop(self._job)
            self._job = None

    def _take_curves(self, found: _Points) -> None:
        for chart, lines in ((self.scores, found.scores), (self.losses, found.losses)):
            for line in lines:
                chart.extend(line.name, line.steps, line.values)

    def _on_end(self) -> None:
        job = self._job
        if job is None:
            return
        if isinstance(job.result, RunsCompared):
            self.show_compared(job.result)
        elif job.failure is not None:
            self._told.setText(job.failure.words)

    def show_compared(self, found: RunsCompared) -> None:
        """Show what a worker has put together."""
        headings = [Heading(_name(run_id)) for run_id in found.run_ids]
        alike = f"{found.n_alike} more are the same"
        self.options.show_lines(headings, [_option_line(each) for each in found.differences], alike)
        rows = [found.ap, *found.by_class] if len(found.by_class) > 1 else [found.ap]
        self.classes.show_lines(headings, [_class_line(each) for each in rows], f"by {found.judged_by}")
        self._told.setText(_told(found))


def _name(run_id: int) -> str:
    return f"Run {run_id}"


def _option_line(each: Difference) -> Line:
    return Line(each.title, each.values, (None,) * len(each.values), (each.help,) * len(each.values))


def _class_line(each: ClassAp) -> Line:
    words = tuple("none yet" if value is None else f"{value:.3f}" for value in each.values)
    return Line(each.class_name, words, each.values)


def _told(found: RunsCompared) -> str:
    if not any(found.n_pictures):
        return "Let the runs detect on all images to see AP by class: none has looked at the validation pictures."
    lacking = [_name(run_id) for run_id, n in zip(found.run_ids, found.n_pictures, strict=True) if not n]
    words = "AP is of what each run has detected on the validation pictures, beside the annotations as they are now."
    return f"{words} Still to detect there: {', '.join(lacking)}." if lacking else words


@dataclass(frozen=True, slots=True)
class _Points:
    """Of the curves."""

    scores: list[Series]
    losses: list[Series]


def _curves(project: Project, run_ids: tuple[int, ...]) -> _Points:
    """AP by masks where every run has them, else by boxes, and the sum of the losses; named by their runs."""
    found = {run_id: {each.name: each for each in listings.series(project, run_id)} for run_id in run_ids}
    kind = _SCORES[0] if all(_SCORES[0] in each for each in found.values()) else _SCORES[1]
    return _Points(_named(found, kind), _named(found, _LOSS))


def _named(found: Mapping[int, Mapping[str, Series]], name: str) -> list[Series]:
    return [replace(each[name], name=_name(run_id)) for run_id, each in found.items() if name in each]


def open_compare_runs(studio: Studio, about: Subject, parent: QWidget) -> QDialog:
    """About the runs with these ids, in words; without any about the two newest."""
    project = studio.session.project
    chosen = tuple(int(each) for each in about) if isinstance(about, tuple) else ()
    if not chosen and project is not None:
        begun = [each.id for each in runs.all_runs(project) if each.kind == "detector" and each.state != "queued"]
        chosen = tuple(sorted(begun[:2]))
    return CompareRunsDialog(studio, chosen, parent)


DIALOG = open_compare_runs
