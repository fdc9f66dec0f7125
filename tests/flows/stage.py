"""The real window with an open project, and how a dialog is brought up in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEventLoop, QTimer

from engine.project import annotations as drawn
from engine.project import classes
from engine.project.edits import Edit
from engine.project.store import Project
from studio.jobs import Job
from studio.orders import Task
from studio.surroundings import Studio, Subject
from studio.view_state import Selection
from studio.window import Window


def live(until: Callable[[], bool], seconds: float) -> None:
    """Let the window live until something holds, or the time is over."""
    for _ in range(round(seconds * 50)):
        if until():
            return
        loop = QEventLoop()
        QTimer.singleShot(20, loop.quit)
        loop.exec()


@dataclass(frozen=True)
class Opening:
    """A dialog, what it is about, and what is to be so before it opens."""

    dialog: str
    about: Callable[[Stage], Subject] = lambda _: None
    before: Callable[[Stage], None] = lambda _: None


@dataclass(frozen=True)
class Stage:
    """The real window with an open project."""

    window: Window
    studio: Studio
    theirs: Path | None

    def wait(self, until: Callable[[], bool], seconds: float = 20) -> None:
        """Let the window live until something holds, or the time is over."""
        live(until, seconds)

    def do(self, *edits: Edit) -> None:
        """Have edits done, and settled."""
        session = self.studio.session
        for edit in edits:
            session.do(edit)
        self.wait(lambda: session.n_settled == session.n_asked)

    @property
    def project(self) -> Project:
        project = self.studio.session.project
        assert project is not None
        return project

    @property
    def first_class(self) -> str:
        return str(classes.all_classes(self.project)[0].id)

    def select(self, n: int) -> None:
        """Select so many annotations of the first class on the picture."""
        image_id, class_id = self.studio.session.image_id, int(self.first_class)
        assert image_id is not None
        ids = [one.id for one in drawn.of_image(self.project, image_id) if one.class_id == class_id]
        self.studio.session.select(Selection(annotations=frozenset(ids[:n])))

    def done(self, result: Any, *arguments: Any) -> Job:
        """A job that ended with this."""
        job = Job(0, Task("Look", "files", "", None, arguments), self.window)
        job.state, job.result = "done", result
        return job
