"""How late the window's event loop is while a training runs in its worker, beside the same window idle.

A 10 ms timer ticks in the GUI thread, and what each tick comes late by is kept; meanwhile pictures are stepped through,
so that the window has something to do. The training is a real Mask R-CNN from scratch on the sample project.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop, Qt, QTimer

from engine.samples import create_sample
from studio import app
from studio.errand_values import FineTune
from studio.jobs import Job
from studio.settings import Settings
from studio.surroundings import Studio
from studio.training import start_training
from tests.bench._rows import Row, percentile, show

TICK_MS = 10
SECONDS = 25.0
STEP_MS = 250


def lateness(studio: Studio, until: Callable[[], bool], seconds: float) -> list[float]:
    """Milliseconds that each tick came late, until `seconds` have passed or something is over."""
    found: list[float] = []
    loop, ticks, steps = QEventLoop(), QTimer(), QTimer()
    ticks.setTimerType(Qt.TimerType.PreciseTimer)
    begun = last = time.perf_counter()

    def tick() -> None:
        nonlocal last
        now = time.perf_counter()
        found.append(max(0.0, (now - last) * 1000 - TICK_MS))
        last = now
        if now - begun > seconds or until():
            loop.quit()

    def step() -> None:
        ids, current = studio.session.image_ids, studio.session.image_id
        if ids and current is not None:
            studio.session.go_to(ids[(list(ids).index(current) + 1) % len(ids)])

    ticks.timeout.connect(tick)
    steps.timeout.connect(step)
    ticks.start(TICK_MS)
    steps.start(STEP_MS)
    loop.exec()
    return found


def wait(until: Callable[[], bool], seconds: float) -> None:
    """Let the window work until something is true."""
    loop, look, limit = QEventLoop(), QTimer(), time.perf_counter() + seconds
    look.timeout.connect(lambda: loop.quit() if until() or time.perf_counter() > limit else None)
    look.start(50)
    loop.exec()


def rows(name: str, late: list[float], beside: list[float], *, has_limits: bool) -> list[Row]:
    limits = (None, 33.0, 100.0) if has_limits else (None, None, None)
    return [
        Row(f"lateness {name}, {words}", percentile(late, share), "ms", percentile(beside, share), "idle", limit)
        for (words, share), limit in zip((("p50", 0.5), ("p99", 0.99), ("max", 1.0)), limits, strict=True)
    ]


def main() -> None:
    """Measure idle, while the worker loads torch and its first steps, and in the midst of training."""
    application = app.make_application(sys.argv[:1])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sample.boxwright"
        create_sample(path).close()
        window, studio = app.build(application, Settings(Path(folder) / "settings.ini"))
        window.resize(1440, 900)
        window.show()
        studio.session.open(path)
        wait(lambda: bool(studio.session.image_ids), 10)
        idle = lateness(studio, lambda: False, SECONDS)
        job = start_training(studio, FineTune("mask_rcnn", 30.0, None, "none", "cpu", 0))
        assert isinstance(job, Job)
        loading = lateness(studio, lambda: "Epoch" in job.progress.words or job.is_over, 180)
        training = lateness(studio, lambda: job.is_over, SECONDS)
        if job.is_over:
            raise AssertionError(f"the training ended early: {job.failure}")
        show(
            rows("while a training begins", loading, idle, has_limits=True)
            + rows("while training", training, idle, has_limits=True)
        )
        window.close()


if __name__ == "__main__":
    main()
