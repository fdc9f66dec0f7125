"""The window on 100,000 pictures and 1,000,000 annotations: opening to the first picture painted, and the next ones."""

import sys
import tempfile
import time
from pathlib import Path

import psutil
from PySide6.QtCore import QEventLoop, QTimer

from studio import app
from studio.canvas.view import Canvas
from studio.commands import named, perform
from studio.settings import Settings
from studio.surroundings import Studio
from tests.bench._big_project import cached
from tests.bench._rows import Row, median, percentile, show

N_NEXT = 60


def painted(studio: Studio) -> float:
    """Wait until the picture and everything on it are painted; returns the moment."""
    canvas = studio.view
    assert isinstance(canvas, Canvas)
    loop, look = QEventLoop(), QTimer()

    def ask() -> None:
        if canvas.is_complete:
            loop.quit()

    look.timeout.connect(ask)
    look.start(1)
    loop.exec()
    return time.perf_counter()


def rest(milliseconds: int) -> None:
    """Let the window do what it likes."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def main() -> None:
    """Open, then step through pictures with the command that D asks for."""
    path = cached()
    application = app.make_application(sys.argv[:1])
    process = psutil.Process()
    with tempfile.TemporaryDirectory() as folder:
        window, studio = app.build(application, Settings(Path(folder) / "settings.ini"))
        window.resize(1440, 900)
        window.show()
        rest(300)
        before = process.memory_info().rss
        begun = time.perf_counter()
        studio.session.open(path)
        in_open = time.perf_counter() - begun
        opened = painted(studio) - begun
        listed = time.perf_counter()
        while len(studio.session.image_ids) < 100_000:
            rest(5)
        listing = time.perf_counter() - listed
        (step,) = named("image.next")
        taken = []
        for _ in range(N_NEXT):
            rest(150)
            start = time.perf_counter()
            perform(studio, step)
            taken.append((painted(studio) - start) * 1000)
        memory = (process.memory_info().rss - before) / 2**20
        show(
            [
                Row("open 100,000 pictures to the first painted", opened * 1000, "ms", limit=1000),
                Row("of which in the GUI thread's open", in_open * 1000, "ms"),
                Row("and until the list has all its rows", listing * 1000, "ms"),
                Row("next picture, median", median(taken), "ms"),
                Row("next picture, p95", percentile(taken, 0.95), "ms", limit=60),
                Row("memory the project takes", memory, "MiB"),
            ]
        )
        window.close()


if __name__ == "__main__":
    main()
