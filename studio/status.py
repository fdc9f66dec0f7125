"""The status bar: what can be done next, the running job, where the pointer is, the zoom, and when it was saved."""

from __future__ import annotations

import math
from datetime import datetime

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QStatusBar, QToolButton, QWidget

from engine.geometry.shapes import XY
from studio.canvas.view import Canvas
from studio.jobs import Job
from studio.pace import in_words
from studio.pages import PAGES
from studio.reference_button import ReferenceButton
from studio.surroundings import Studio
from studio.view_state import FIRST_PAGE
from studio.widgets import Elided

REMARK_MS = 6000
_ROOMY = 1200
"""Logical pixels from which on there is room for the live IoU beside the hint."""


class StatusBar(QStatusBar):
    """Shows what the session, the canvas and the jobs say."""

    jobs_wanted = Signal()
    """The running job was clicked."""

    def __init__(self, studio: Studio, canvas: Canvas, parent: QWidget) -> None:
        """Listen to all of them."""
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._studio, self._canvas = studio, canvas
        self._hint, self._canvas_hint = Elided(mode=Qt.TextElideMode.ElideRight), ""
        self._job = JobLine(studio, self)
        self._job.clicked.connect(self.jobs_wanted)
        self._overlap, self._where, self._zoom, self._saved = QLabel(), QLabel(), QLabel(), QLabel()
        self._reference = ReferenceButton(studio, self)
        self.addWidget(self._hint, 1)
        for widget in (self._job, self._overlap, self._reference, self._where, self._zoom, self._saved):
            self.addPermanentWidget(widget)
        self._listen(canvas)

    def _listen(self, canvas: Canvas) -> None:
        session = self._studio.session
        session.said.connect(lambda words: self.showMessage(words, REMARK_MS))
        session.saved.connect(self._show_saved)
        session.project_opened.connect(self._on_open)
        session.page_changed.connect(self._show_page)
        self._studio.keys.changed.connect(self._show_page)
        canvas.hint_changed.connect(self._keep_hint)
        canvas.cursor_moved.connect(self._show_where)
        canvas.zoom_changed.connect(self._show_zoom)
        canvas.overlap_changed.connect(self._show_overlap)
        self._on_open()

    def _keep_hint(self, words: str) -> None:
        self._canvas_hint = words
        self._show_page()

    def _show_page(self) -> None:
        """What can be done on the page that is shown; what is said of the canvas, only while it is seen."""
        page = self._studio.session.page
        words = self._studio.keys.reworded(self._canvas_hint)
        self._hint.show_text(words if page == FIRST_PAGE else PAGES.get(page).hint)
        for widget in (self._reference, self._where, self._zoom):
            widget.setVisible(page == FIRST_PAGE)
        self._show_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's: in a narrow window the hint is worth more than what the badge on the canvas tells too."""
        super().resizeEvent(event)
        self._show_room()

    def _show_room(self) -> None:
        self._overlap.setVisible(self._studio.session.page == FIRST_PAGE and self.width() >= _ROOMY)

    def _on_open(self) -> None:
        project = self._studio.session.project
        self._saved.setText("" if project is None else "Read-only" if project.is_read_only else "All edits saved")
        for label in (self._overlap, self._where, self._zoom):
            label.clear()
        self._hint.show_text("")

    def _show_saved(self, moment: datetime) -> None:
        self._saved.setText(f"Saved {moment:%H:%M:%S}")

    def _show_where(self, xy_image: XY | None) -> None:
        if xy_image is None:
            self._where.setText("")
            return
        colour = self._canvas.colour_at(xy_image)
        values = "" if colour is None else f"   {_in_words(colour)}"
        self._where.setText(f"{math.floor(xy_image[0])}, {math.floor(xy_image[1])}{values}")

    def _show_overlap(self, words: str) -> None:
        """The value and its word; the badge beside the shape tells the rest, and here it would hide the hint."""
        self._overlap.setText(words.partition(";")[0])
        self._overlap.setToolTip(words)

    def _show_zoom(self, per_cent: float) -> None:
        self._zoom.setText(f"{per_cent:.0f} %" if self._studio.session.image_id is not None else "")


def _in_words(colour: tuple[int, int, int]) -> str:
    """The values of a pixel; a single one where it is grey."""
    return str(colour[0]) if len(set(colour)) == 1 else " ".join(map(str, colour))


class JobLine(QToolButton):
    """The job that runs, as a short line with its bar; hidden while there is none."""

    def __init__(self, studio: Studio, parent: QWidget) -> None:
        """Follow the jobs."""
        super().__init__(parent)
        self._studio = studio
        self._words, self._bar = QLabel(), QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(96)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(8)
        row.addWidget(self._words)
        row.addWidget(self._bar)
        self.setToolTip("Show the jobs")
        self._timer = QTimer(self)
        self._timer.setInterval(250)
        self._timer.timeout.connect(self._show)
        studio.jobs.listed.connect(self._show)
        studio.jobs.ended.connect(self._show)
        self._show()

    def _show(self, *_: object) -> None:
        active = self._studio.jobs.active
        self.setVisible(bool(active))
        if not active:
            self._timer.stop()
            return
        self._timer.start()
        self._show_job(active[0], len(active))

    def _show_job(self, job: Job, n_active: int) -> None:
        progress, left = job.progress, in_words(job.seconds_left)
        more = f" (+{n_active - 1})" if n_active > 1 else ""
        self._words.setText(f"{job.task.title}{f', {left} left' if left else ''}{more}")
        self._bar.setRange(0, progress.total or 0)
        self._bar.setValue(progress.done)
        self.setFixedWidth(self._words.sizeHint().width() + 128)
