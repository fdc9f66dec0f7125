"""The page Faces on 10,000 faces of 128 numbers each: what holds the window up, and what a frame of the map takes.

Held up is told twice: by the longest turn of the window's loop in milliseconds of its own CPU, and by how late a timer
of 1 ms comes, to which threads that work beside it add, and whatever else the machine does.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QElapsedTimer, QEvent, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from engine.project.gallery import GallerySettings
from engine.project.gallery_edits import ForgetTemplates, KeepGallerySettings
from engine.project.store import Project
from studio import app
from studio.faces.map_picture import MapPicture
from studio.settings import Settings
from studio.surroundings import Studio
from tests.bench import _big_gallery
from tests.bench._rows import Row, percentile, show
from tests.bench._turns import Turns

N_FACES, N_PEOPLE = 10_000, 1_000
EVERY_UNKNOWN = 2
"""Every so-manieth face waits for a name."""
FRAME_MS = 16.0
N_FRAMES = 200
REST_MS = 2500
"""Until all that a view works out beside the window is there."""
WAIT_MS = 15_000
VIEWS = ("people", "unknown", "identify", "compare", "map", "curves")


class Lateness:
    """How late a timer of 1 ms comes, while it runs."""

    def __init__(self) -> None:
        self.every: list[float] = []
        self._clock = QElapsedTimer()
        self._timer = QTimer(timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._note)

    def of(self, act: Callable[[], float]) -> tuple[float, list[float]]:
        """What an act returns, and the milliseconds the timer was late meanwhile."""
        self.every = []
        self._clock.start()
        self._timer.start(1)
        worst = act()
        self._timer.stop()
        return worst, self.every

    def _note(self) -> None:
        self.every.append(max(0.0, self._clock.nsecsElapsed() / 1e6 - 1))
        self._clock.restart()


def prepared(folder: Path) -> Path:
    """A copy of the cached project in which some faces wait for a name and an embedder is in use."""
    path = folder / "gallery.boxwright"
    shutil.copy(_big_gallery.cached(N_FACES, N_PEOPLE), path)
    with Project.open(path) as project, project.atomic():
        ForgetTemplates(tuple(range(EVERY_UNKNOWN, N_FACES + 1, EVERY_UNKNOWN))).apply(project)
        KeepGallerySettings(GallerySettings(1)).apply(project)
    return path


class Held:
    """What acts hold the window up with, as rows."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._turns, self._late = Turns(), Lateness()

    def wait(self, act: Callable[[], object]) -> None:
        """Do it, and wait until the threads beside the window have come to their ends, too."""
        self._turns.of(act, WAIT_MS)

    def note(self, what: str, act: Callable[[], object], limit: float | None = FRAME_MS) -> None:
        """Do it, wait until all is at rest, and keep the figures."""
        worst, late = self._late.of(lambda: self._turns.of(act, REST_MS))
        self.rows += [
            Row(f"{what}: the longest turn, CPU", worst, "ms", limit=limit),
            Row("... timer late, p95", percentile(late, 0.95), "ms"),
            Row("... timer late, at most", max(late), "ms"),
        ]


def view_of(window: QWidget, name: str) -> QWidget:
    """A view that was shown."""
    made: QWidget = window.pages.made["faces"].made[name]  # type: ignore[attr-defined]
    return made


def frames(act: Callable[[int], object], widget: QWidget) -> list[float]:
    """Milliseconds of each of many frames, from what is done to the painted widget."""
    found = []
    for n in range(N_FRAMES):
        start = time.perf_counter()
        act(n)
        widget.repaint()
        found.append((time.perf_counter() - start) * 1000)
        QApplication.processEvents()
    return found


def map_rows(picture: MapPicture) -> list[Row]:
    """Pan, zoom and hover over the map."""

    def pan(n: int) -> None:
        step = 11 if n // 40 % 2 == 0 else -11
        picture.look(picture.viewport.panned(step, step / 2))

    def hover(n: int) -> None:
        at = QPointF(7 * n % picture.width(), 5 * n % picture.height())
        nothing, none = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
        event = QMouseEvent(QEvent.Type.MouseMove, at, picture.mapToGlobal(at), nothing, nothing, none)
        QApplication.sendEvent(picture, event)

    acts = {
        "pan": pan,
        "zoom": lambda n: picture.zoom_by(1.1 if n // 20 % 2 == 0 else 1 / 1.1),
        "hover": hover,
    }
    rows = []
    for closer in (1.0, 12.0):
        picture.zoom_to_fit()
        picture.zoom_by(closer)
        for name, act in acts.items():
            taken = frames(act, picture)
            what = f"map, {closer:g}x, {name}"
            rows.append(Row(f"{what}: a frame, p95", percentile(taken, 0.95), "ms", limit=FRAME_MS))
            rows.append(Row("... at most", max(taken), "ms"))
    return rows


def measured(studio: Studio, window: QWidget, path: Path) -> list[Row]:
    """All of it."""
    held = Held()
    held.note("before a project is open: all is made ahead", lambda: None, None)
    held.note("open the project", lambda: studio.session.open(path), None)  # its own limit is in big_window
    for name in VIEWS:
        held.note(f"{name}, shown for the first time", partial(studio.faces.show_view, name))
    for name in VIEWS:
        held.note(f"{name}, shown again", partial(studio.faces.show_view, name))
    for at, name in enumerate(VIEWS):
        studio.faces.show_view(name)
        held.note(f"{name}, a face is another", partial(studio.session.do, ForgetTemplates((at + 1,))))
    studio.faces.show_view("unknown")
    held.note("unknown, all are chosen", view_of(window, "unknown").grid.selectAll)  # type: ignore[attr-defined]
    held.note("unknown, none is chosen any more", partial(studio.faces.select, ()))
    held.wait(partial(studio.faces.show_view, "map"))
    picture = view_of(window, "map").picture  # type: ignore[attr-defined]
    return held.rows + map_rows(picture)


def main() -> int:
    """Print the rows."""
    application = app.make_application(sys.argv[:1])
    with tempfile.TemporaryDirectory() as folder:
        window, studio = app.build(application, Settings(Path(folder) / "settings.ini"))
        window.resize(1440, 900)
        window.show()
        rows = measured(studio, window, prepared(Path(folder)))
        show(rows)
        window.close()
    return 0 if all(row.is_kept for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
