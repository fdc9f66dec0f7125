"""Builds everything once, in order; nothing else does wiring. Faults of the program end up here, and in a log file."""

from __future__ import annotations

import faulthandler
import sys
import threading
import traceback
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO

from PySide6.QtCore import QObject, Qt, QThreadPool, QTimer, Signal
from PySide6.QtGui import QFont, QImageReader
from PySide6.QtWidgets import QApplication

import engine
from studio import files
from studio.ahead import Ahead
from studio.asking import Asker
from studio.bindables import default_keys
from studio.canvas.tile_jobs import TileJobs
from studio.canvas.view import Canvas
from studio.evaluations import Evaluations
from studio.evenness import Evenness
from studio.identifying import Identifying
from studio.inspection import Inspection
from studio.jobs import Job, Jobs
from studio.keys import Keys
from studio.known_faces import FacesModel
from studio.layouts import Layouts
from studio.menus import TypingGuard
from studio.prompting import Prompting
from studio.queue import Queue
from studio.reference import PLAIN, Reference
from studio.session import Session
from studio.settings import Settings, user_folder
from studio.surroundings import Studio
from studio.theme import Theme
from studio.training import TRAININGS
from studio.welcome import Welcome
from studio.window import Window

_MS_TO_DRAW = 2_000
"""How long to wait at the end for what is being drawn."""


def main(path: Path | None = None) -> int:
    """Open the window, with a project if one is given; returns the exit code when it was closed."""
    app = make_application(sys.argv)
    log = _log_file()
    window, studio = build(app, Settings())
    Faults(studio, log).watch()
    window.show()
    if path is not None:
        QTimer.singleShot(0, window, lambda: files.take_dropped(studio, [path]))
    return app.exec()


def make_application(arguments: list[str]) -> QApplication:
    """The application with its name and font."""
    app = QApplication(arguments)
    app.setApplicationName("Boxwright")
    app.setApplicationVersion(engine.__version__)
    app.setDesktopFileName("boxwright")
    QImageReader.setAllocationLimit(0)  # thumbnails alone are read by Qt; pictures go through engine.pictures
    font = QFont(app.font())
    font.setPointSizeF(max(font.pointSizeF(), 9.5))
    app.setFont(font)
    return app


def build(app: QApplication, settings: Settings) -> tuple[Window, Studio]:
    """The window with everything in it, not yet shown."""
    window = Window()
    evenness = Evenness(app, window)
    theme = Theme(app, settings.theme, window)
    session, jobs = Session(settings.person), Jobs(window)
    window.setWindowIcon(theme.icon("logo"))
    prompting = Prompting(session, jobs, window)
    _remember_reference(session, settings)
    session.selects_groups = bool(settings.number_of("selects_groups", 1))
    canvas = Canvas(session, theme.tones, prompting)
    theme.changed.connect(lambda: canvas.use_tones(theme.tones))
    canvas.failed.connect(session.failed)
    TileJobs(session, jobs, canvas)
    window.closing.connect(canvas.finish)
    keys = Keys(default_keys(), settings, window)
    canvas.take_habits(settings.habits)
    canvas.know_keys_by(keys.drawn)
    ask = Asker(window, settings)
    faces = FacesModel(session, window)
    studio = Studio(
        session,
        jobs,
        settings,
        theme,
        canvas,
        ask,
        Queue(session, jobs, window),
        prompting,
        keys,
        Layouts(window, settings),
        Evaluations(session, jobs, window),
        Inspection(session, jobs, window),
        faces,
        Identifying(session, jobs, faces, window),
    )
    ask.serve(studio)
    TypingGuard(app, window)
    window.furnish(studio, canvas, Welcome(studio))
    _connect(studio, window)
    window.closing.connect(evenness.finish)
    ahead = Ahead(window)
    ahead.plan(window.ahead())
    window.closing.connect(ahead.finish)
    window.closing.connect(ask.finish)
    return window, studio


def _connect(studio: Studio, window: Window) -> None:
    session, jobs = studio.session, studio.jobs
    session.failed.connect(studio.ask.tell, Qt.ConnectionType.QueuedConnection)
    jobs.changed.connect(lambda path, change: _announce(session, path, change))
    jobs.ended.connect(lambda job: _tell_end(studio, job))
    jobs.listed.connect(lambda: _show_training(studio, window))
    studio.queue.wanted.connect(lambda: window.raise_dock("queue"))
    window.dropped.connect(lambda paths: QTimer.singleShot(0, window, lambda: files.take_dropped(studio, paths)))
    window.closing.connect(lambda: _end(studio))


def _remember_reference(session: Session, settings: Settings) -> None:
    """Measure the live IoU as the last time; runs and people are of one project alone."""
    session.compare_with(Reference.of(settings.reference))

    def keep() -> None:
        if session.reference.kind in PLAIN:
            settings.reference = session.reference.kind

    session.reference_changed.connect(keep)


def _announce(session: Session, path: Path, change: object) -> None:
    if session.project is not None and session.project.path == path:
        session.announce(change)  # type: ignore[arg-type]


def _tell_end(studio: Studio, job: Job) -> None:
    if job.has_died and job.task.lane == "train":
        studio.session.mark_interrupted()
    if job.state == "failed" and not job.is_quiet:
        studio.ask.show("job_failed", job)


def _show_training(studio: Studio, window: Window) -> None:
    """The chart comes into sight when a training begins."""
    newest = studio.jobs.all[-1:]
    if any(not job.is_over and job.task.function in TRAININGS for job in newest):
        window.raise_dock("training")


def _end(studio: Studio) -> None:
    studio.jobs.finish()
    studio.session.close()
    studio.settings.sync()
    drawing = QThreadPool.globalInstance()  # what is drawn there is told to widgets that go now
    drawing.clear()
    drawing.waitForDone(_MS_TO_DRAW)


def _log_file() -> IO[str]:
    log = (user_folder() / "boxwright.log").open("a", encoding="utf-8")
    faulthandler.enable(log)
    return log


class Faults(QObject):
    """Writes faults of the program down and says so; nothing is lost by them, since every edit is committed."""

    _happened = Signal(str)

    def __init__(self, studio: Studio, log: IO[str]) -> None:
        """Write into `log`."""
        super().__init__()
        self._studio = studio
        self._log = log
        self._is_shown = False
        self._happened.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def watch(self) -> None:
        """Hear of every exception that nothing caught, on any thread."""
        sys.excepthook = self._hook
        threading.excepthook = lambda args: self._hook(
            args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback
        )

    def _hook(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        text = "".join(traceback.format_exception(kind, error, trace))
        self._log.write(f"\n{datetime.now().isoformat(timespec='seconds')} Boxwright {engine.__version__}\n{text}")
        self._log.flush()
        sys.stderr.write(text)
        if not issubclass(kind, KeyboardInterrupt):
            self._happened.emit(text)

    def _show(self, text: str) -> None:
        self._studio.ask.show("fault", (text, self._log.name))
