"""Edits of very much at once, in the real window: 10,000 polygons of 24 vertices deleted and brought back, and classes
of 50,000 annotations merged and deleted.

Shown means that all of the canvas is painted as it is then. The rows called CPU are what the program's threads worked
for it together, which other programs on the machine disturb less; lateness is how much later than it should a timer of
the window's thread fires meanwhile, at worst.
"""

import io
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QEventLoop, QTimer

from engine.geometry.shapes import Box
from engine.project import annotations, classes, contents, images
from engine.project.class_edits import MergeClasses, RemoveClass
from engine.project.history import History
from engine.project.images import NewImage
from engine.project.records import Annotation
from engine.project.store import Project
from studio import app
from studio.canvas.view import Canvas
from studio.commands import named, perform
from studio.session import Session
from studio.settings import Settings
from studio.surroundings import Studio
from tests.bench import canvas as pictures
from tests.bench._rows import Row, show

LIMIT_MS = 300.0
ROUNDS = 3
N_IMAGES, ON_EACH = 500, 200
N_OF_CLASS = N_IMAGES * ON_EACH // 2
"""Half of what is on them is of the class that is merged."""


def main() -> None:
    """Delete, undo, redo; then the classes."""
    with tempfile.TemporaryDirectory() as folder:
        show(_in_window(Path(folder)))
        show(_of_classes(Path(folder)))


def _in_window(folder: Path) -> Iterator[Row]:
    pictures.make_project(folder / "many.boxwright", pictures.picture(), pictures.polygons())
    with Project.create(folder / "classes.boxwright") as project:
        _fill(project)
    application = app.make_application(sys.argv[:1])
    window, studio = app.build(application, Settings(folder / "settings.ini"))
    window.resize(1440, 900)
    window.show()
    studio.session.open(folder / "many.boxwright")
    _wait(lambda: _is_shown(studio, pictures.N))
    yield from _polygons(studio)
    studio.session.open(folder / "classes.boxwright")
    _wait(lambda: studio.session.author_id is not None and _is_shown(studio, ON_EACH))
    for what, edit in (("merged", MergeClasses(1, 2)), ("deleted", RemoveClass(2))):
        timed = _Timed(studio.session)
        studio.session.do(edit)
        _wait(lambda: studio.session.n_settled == studio.session.n_asked)
        yield Row(f"window while {N_OF_CLASS:,} are {what}: lateness at worst", timed.stop(), "ms")
    window.close()


def _polygons(studio: Studio) -> Iterator[Row]:
    """The last of some rounds, when everything is warm."""
    for n in range(ROUNDS):
        rows: list[Row] = []
        timed = _Timed(studio.session)
        _ask(studio, "edit.select_all")
        _wait(lambda: len(studio.session.selection.annotations) == pictures.N and _is_shown(studio, pictures.N))
        rows += timed.rows(f"select {pictures.N:,} polygons", timed.milliseconds, limit=None)
        for name, left in (("edit.delete", 0), ("edit.undo", pictures.N), ("edit.redo", 0), ("edit.undo", pictures.N)):
            timed = _Timed(studio.session)
            _ask(studio, name)
            _wait(lambda left=left: _is_shown(studio, left))
            shown = timed.milliseconds
            _wait(lambda: studio.session.n_settled == studio.session.n_asked)
            rows += timed.rows(f"{name.removeprefix('edit.')} {pictures.N:,} polygons", shown)
            _wait(lambda left=left: _is_shown(studio, left))  # what was saved has been read again
        if n == ROUNDS - 1:
            yield from rows


class _Timed:
    """How long something takes, and how late the window's timer fires meanwhile."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._begun, self._cpu = time.perf_counter(), time.process_time()
        self._last = self._begun
        self._late = 0.0
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)
        self._timer.start(5)

    @property
    def milliseconds(self) -> float:
        return (time.perf_counter() - self._begun) * 1000

    def stop(self) -> float:
        """End; returns how late the timer was at worst."""
        self._timer.stop()
        self._tick()
        return self._late

    def rows(self, what: str, shown: float, limit: float | None = LIMIT_MS) -> Iterator[Row]:
        cpu = (time.process_time() - self._cpu) * 1000
        settled = self.milliseconds
        yield Row(f"{what}: shown", shown, "ms", limit=limit)
        yield Row("... saved", settled, "ms")
        yield Row("... CPU of all threads", cpu, "ms")
        yield Row("... lateness at worst", self.stop(), "ms")

    def _tick(self) -> None:
        now = time.perf_counter()
        self._late = max(self._late, (now - self._last) * 1000 - 5)
        self._last = now


def _ask(studio: Studio, name: str) -> None:
    perform(studio, named(name)[0])


def _is_shown(studio: Studio, n: int) -> bool:
    canvas = studio.view
    assert isinstance(canvas, Canvas)
    return len(canvas.annotations) == n and canvas.is_complete


def _wait(reached: Callable[[], bool]) -> None:
    """Let the window work until it is so."""
    loop, look = QEventLoop(), QTimer()

    def ask() -> None:
        if reached():
            loop.quit()

    look.timeout.connect(ask)
    look.start(2)
    loop.exec()


def _of_classes(folder: Path) -> Iterator[Row]:
    with Project.create(folder / "own.boxwright") as project:
        _fill(project)
        history = History(project)
        for what, edit in (("merge", MergeClasses(1, 2)), ("delete", RemoveClass(1))):
            acts = (("", partial(history.do, edit)), (", undo", history.undo), (", redo", history.redo))
            for verb, act in acts:
                wall, cpu = time.perf_counter(), time.thread_time()
                act()
                wall, cpu = time.perf_counter() - wall, time.thread_time() - cpu
                yield Row(f"{what} a class of {N_OF_CLASS:,}{verb}", wall * 1000, "ms", limit=1000.0)
                yield Row("... CPU", cpu * 1000, "ms")
            history.undo()


def _fill(project: Project) -> None:
    """Pictures that are not there, with boxes of two classes by turns."""
    with project.atomic():
        ids = [classes.add(project, name) for name in ("cell", "nucleus")]
        thumbnail = io.BytesIO()
        Image.new("RGB", (64, 48)).save(thumbnail, "JPEG")
        content_id = contents.put(project, thumbnail.getvalue())
        for n in range(N_IMAGES):
            new = NewImage(f"{n}.jpg", f"{n:064x}", 64, 48, 1, content_id, thumbnail.getvalue())
            boxes = (Box(x % 55, 0, x % 55 + 9, 9) for x in range(ON_EACH))
            image_id = images.add(project, new)
            annotations.add(project, [Annotation(0, image_id, ids[at % 2], box) for at, box in enumerate(boxes)])


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    main()
