"""The live IoU against 10,000 shapes, in milliseconds: what it takes from the window's thread for a pointer event, and
when the answer is there. Shapes move over 8192 x 8192 pixels; the masks are as large as a brush paints them.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QApplication

from engine.geometry import masks
from engine.geometry.shapes import Box, Mask, Polygon, Shape
from engine.geometry.shaping import moved
from studio.canvas.comparing import Comparing
from studio.canvas.view import Canvas
from studio.reference import Reference
from studio.session import Session
from studio.tools import Preview
from tests.bench._rows import Row, median, percentile, show
from tests.bench.canvas import SIDE, make_project, picture, polygons, settle

LIMIT_MS = 1.0
N_EVENTS = 120


@dataclass(frozen=True, slots=True)
class Timed:
    """Milliseconds of one pointer event."""

    asked: float
    """Until the window's thread went on."""
    answered: float
    """Until the first answer was there."""
    complete: float
    """Until all of it was."""
    busy: float
    """That the window's thread worked itself until it went on."""
    worked: float
    """That other threads worked."""


def shapes() -> Mapping[str, Shape]:
    """What is moved."""
    middle = SIDE / 2
    turn = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    ring = middle + 900 * np.stack([np.cos(turn), np.sin(turn)], -1)
    return {
        "a box": Box(middle, middle, middle + 80, middle + 70),
        "a polygon of 24 vertices": Polygon.of(polygons()[5050]),
        "a polygon of 400 vertices over 400 shapes": Polygon.of(ring),
        "a mask of 80 x 80": disc(40),
        "a mask of 2000 x 2000": disc(1000),
    }


def disc(radius: int) -> Mask:
    y, x = np.ogrid[: 2 * radius, : 2 * radius]
    return masks.from_bitmap(np.hypot(x - radius, y - radius) < radius, SIDE // 2 - radius, SIDE // 2 - radius)


def rows(comparing: Comparing) -> Iterator[Row]:
    for name, shape in shapes().items():
        times = [event(comparing, Preview((moved(shape, 3 * at, at),))) for at in range(N_EVENTS)][5:]
        busy = percentile([each.busy for each in times], 0.95)
        yield Row(f"live IoU of {name}, the window's thread, p95 CPU", busy, "ms", limit=LIMIT_MS)
        yield Row(f"live IoU of {name}, the window's thread, median", median([each.asked for each in times]), "ms")
        yield Row(f"live IoU of {name}, answered after, median", median([each.answered for each in times]), "ms")


def together_rows(canvas: Canvas) -> Iterator[Row]:
    """Polygons that are dragged together over those that stay."""
    for n in (12, 400, 5000):
        ids = sorted(canvas.annotations)[: 2 * n : 2]
        carried = Preview(carried=frozenset(ids), lead=ids[n // 2])
        comparing = canvas._layers._comparing
        n_events = 20 if n > 1000 else N_EVENTS
        times = [event(comparing, replace(carried, carried_by=(3.0 * at, 1.0 * at))) for at in range(n_events)][5:]
        told = comparing.told.together
        assert told is not None and told.n == n and told.mean is not None
        name = f"live IoU of {n:,} polygons dragged together"
        yield Row(
            f"{name}, the window's thread, p95 CPU", percentile([t.busy for t in times], 0.95), "ms", limit=LIMIT_MS
        )
        yield Row(f"{name}, the one that is held answered after, median", median([t.answered for t in times]), "ms")
        yield Row(f"{name}, all answered after, median", median([t.complete for t in times]), "ms")
        yield Row(f"{name}, all answered: CPU of the thread", median([t.worked for t in times]), "ms")


def event(comparing: Comparing, preview: Preview) -> Timed:
    """One pointer event, and the wait for what it comes to."""
    heard: list[float] = []
    hear: Callable[[], None] = lambda: heard.append(time.perf_counter())  # noqa: E731
    comparing._computing.computed.connect(hear)
    every = time.process_time()
    start, busy = time.perf_counter(), time.thread_time()
    comparing.measure(preview)
    asked, worked = time.perf_counter(), time.thread_time()
    while not heard or not comparing._computing.is_idle:
        QApplication.processEvents()
        time.sleep(0.0002)
    others = time.process_time() - every - (time.thread_time() - busy)
    QApplication.processEvents()
    comparing._computing.computed.disconnect(hear)
    asked, first, last = ((moment - start) * 1000 for moment in (asked, heard[0], heard[-1]))
    return Timed(asked, first, last, (worked - busy) * 1000, others * 1000)


def main() -> None:
    app = QApplication.instance() or QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "p.boxwright"
        make_project(path, picture(), polygons())
        session = Session()
        session.open(path)
        canvas = Canvas(session)
        canvas.resize(1600, 1000)
        canvas.show()
        settle(canvas)
        session.compare_with(Reference("neighbours"))
        show([*rows(canvas._layers._comparing), *together_rows(canvas)])
        canvas.finish()
        session.close()
    app.quit()


if __name__ == "__main__":
    main()
