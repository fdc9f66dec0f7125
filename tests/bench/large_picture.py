"""A picture of 32,000 x 32,000 pixels: imported, seen, cut into tiles and annotated at full resolution in the window.

Every step runs in a process of its own, whose peak memory (resident) is told beside its seconds. The picture, a JPEG of
some hundred megabytes, is made by streaming and thrown away in the end. "First paint" is the preview over the whole
picture, as it is before there are tiles and while they are made; "sharp" is every tile in sight.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyvips
from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from engine.interchange.importing import ImportRequest, import_into
from engine.progress import finish
from engine.project import classes
from engine.project.store import Project
from engine.tiling.making import make_tiles
from studio import app
from studio.canvas.view import Canvas
from studio.settings import Settings
from studio.surroundings import Studio
from studio.view_state import Selection
from tests.bench._rows import Row, percentile, show

SIDE = int(os.environ.get("BOXWRIGHT_BENCH_SIDE", "32000"))
FIRST_PAINT_S, MEMORY_MB, FRAME_MS = 2.0, 1500.0, 16.0
Numbers = dict[str, float]


def make_picture(path: Path) -> None:
    """Texture and noise over a slow change of colour, streamed into a JPEG."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:2000, :2000].astype(np.float32) * (2 * np.pi / 2000)
    grey = 96 + 50 * np.sin(23 * x) * np.cos(17 * y) + rng.normal(0, 8, (2000, 2000))
    cell = pyvips.Image.new_from_array(np.stack([grey, grey / 2 + 40, 230 - grey], -1).astype(np.float32))
    many = -(-SIDE // 2000)
    place = pyvips.Image.xyz(SIDE, SIDE) * (40.0 / SIDE)
    slow = place.extract_band(0).bandjoin([place.extract_band(1), place.extract_band(0)])
    picture = (cell.replicate(many, many).crop(0, 0, SIDE, SIDE) + slow).cast("uchar").copy(interpretation="srgb")
    picture.jpegsave(str(path), Q=85)


def import_it(folder: Path) -> Numbers:
    """Take the picture in, embedded."""
    with Project.create(folder / "p.boxwright") as project:
        with project.atomic():
            classes.add(project, "cell")
        report = finish(import_into(project, ImportRequest(folder / "big.jpg")))
    return {"images": report.images}


def tile_it(folder: Path) -> Numbers:
    """Make its tiles, as a worker process of the window does."""
    path = finish(make_tiles(folder / "p.boxwright", 1))
    return {"disk": path.stat().st_size / 2**20}


def see_it(folder: Path) -> Numbers:
    """Open it before there are tiles: the preview."""
    window = _Window(folder)
    seconds = window.open()
    window.close()
    return {"first": seconds}


def annotate_it(folder: Path) -> Numbers:
    """Open it with its tiles, look at it closely, pan, draw a box and paint a mask."""
    window = _Window(folder)
    found = {"first": window.open()}
    found["sharp"] = window.settle()
    start = time.perf_counter()
    window.canvas.zoom_to_pixels()
    found["close"] = window.settle() + time.perf_counter() - start
    found["pan"] = percentile(window.pan(100), 0.95)
    window.draw_box()
    found["brush"] = percentile(window.paint_mask(), 0.95)
    found["annotations"] = len(window.canvas.annotations)
    window.close()
    return found


STEPS: dict[str, Callable[[Path], Numbers]] = {
    "import": import_it,
    "see": see_it,
    "tile": tile_it,
    "annotate": annotate_it,
}


class _Window(QObject):
    """The real window, and when its canvas first paints a picture."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._app = app.make_application(sys.argv[:1])
        self._path = folder / "p.boxwright"
        self.window, self.studio = app.build(self._app, Settings(folder / "settings.ini"))
        _start_no_tiles(self.studio)
        assert isinstance(self.studio.view, Canvas)
        self.canvas = self.studio.view
        self.window.resize(1600, 1000)
        self.window.show()
        self._turn()
        self._first: float | None = None
        self.canvas.installEventFilter(self)

    def eventFilter(self, _: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Paint and self._first is None and self.canvas._shown.layer.is_covered:
            self._first = time.perf_counter()
        return False

    def open(self) -> float:
        """Seconds until the canvas has painted the picture, possibly coarsely."""
        start = time.perf_counter()
        self.studio.session.open(self._path)
        while self._first is None:
            self._turn()
        return self._first - start

    def settle(self) -> float:
        """Seconds until everything in sight is sharp."""
        start = time.perf_counter()
        while not self.canvas.is_complete:
            self._turn()
        return time.perf_counter() - start

    def pan(self, n: int) -> list[float]:
        """Milliseconds of each frame of a drag over the picture."""
        self._mouse(QEvent.Type.MouseButtonPress, (400, 400), Qt.MouseButton.MiddleButton)
        move = QEvent.Type.MouseMove
        way = [(400 - 9 * at, 400 - 6 * at) for at in range(n)]
        found = [self._timed(lambda xy=xy: self._mouse(move, xy, Qt.MouseButton.MiddleButton)) for xy in way]
        self._mouse(QEvent.Type.MouseButtonRelease, way[-1], Qt.MouseButton.MiddleButton)
        self.settle()
        return found

    def draw_box(self) -> None:
        """Draw a box by hand and wait until it is stored."""
        self.studio.session.use_tool("box")
        self._drag([(200, 150), (260, 220), (420, 380)])
        while not self.canvas.annotations or max(self.canvas.annotations) > 1 << 40:
            self._turn()
        self.settle()

    def paint_mask(self) -> list[float]:
        """Milliseconds of each pointer event of three strokes on one mask."""
        self.studio.session.select(Selection())
        self.studio.session.use_tool("brush")
        found: list[float] = []
        for stroke in range(3):
            found += self._drag([(150 + 8 * at, 300 + 90 * stroke + at % 7) for at in range(60)])
            self.settle()
        return found

    def close(self) -> None:
        self.window.close()

    def _drag(self, way: list[tuple[int, int]]) -> list[float]:
        left = Qt.MouseButton.LeftButton
        self._mouse(QEvent.Type.MouseButtonPress, way[0], left)
        found = [self._timed(lambda xy=xy: self._mouse(QEvent.Type.MouseMove, xy, left)) for xy in way[1:]]
        self._mouse(QEvent.Type.MouseButtonRelease, way[-1], left)
        return found

    def _timed(self, act: Callable[[], None]) -> float:
        start = time.perf_counter()
        act()
        QApplication.processEvents()
        return (time.perf_counter() - start) * 1000

    def _mouse(self, kind: QEvent.Type, xy: tuple[int, int], button: Qt.MouseButton) -> None:
        buttons = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else button
        event = QMouseEvent(kind, QPointF(*xy), QPointF(*xy), button, buttons, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(self.canvas, event)

    def _turn(self) -> None:
        QApplication.processEvents()
        time.sleep(0.001)


def _start_no_tiles(studio: Studio) -> None:
    """The step that makes tiles is measured by itself."""
    assert isinstance(studio.view, Canvas)
    studio.view.tiles_wanted.disconnect()


def peak_mb() -> float:
    """This process's own peak. Linux tells that in one place alone: what getrusage tells is also the parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1024
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def step(name: str, folder: Path) -> Numbers:
    """Run a step in a process of its own; returns what it found, its seconds and its peak memory in MB."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "tests.bench.large_picture", name, str(folder)]
    ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=os.environ | {"XDG_CACHE_HOME": str(folder)})
    found: Numbers = json.loads(ran.stdout.splitlines()[-1])
    return found | {"seconds": time.perf_counter() - start}


def main(arguments: list[str]) -> None:
    """Make the picture, run the steps, print; or run the step named by the arguments."""
    if arguments:
        found = STEPS[arguments[0]](Path(arguments[1]))
        print(json.dumps(found | {"memory": peak_mb()}))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_picture(folder / "big.jpg")
        size = (folder / "big.jpg").stat().st_size / 2**20
        imported, seen, tiled, annotated = (step(name, folder) for name in STEPS)
        show(rows(size, imported, tiled, (seen, annotated)))


def rows(size: float, imported: Numbers, tiled: Numbers, windows: tuple[Numbers, Numbers]) -> list[Row]:
    """What each step took."""
    seen, annotated = windows
    return [
        Row(f"{SIDE:,}² JPEG", size, "MB"),
        Row("import, embedded and with preview", imported["seconds"], "s"),
        Row("import, peak memory", imported["memory"], "MB", limit=MEMORY_MB),
        Row("first paint, before there are tiles", seen["first"], "s", limit=FIRST_PAINT_S),
        Row("tiles made in a worker, once", tiled["seconds"], "s"),
        Row("tiles, peak memory of the worker", tiled["memory"], "MB", limit=MEMORY_MB),
        Row("tiles on the disk", tiled["disk"], "MB"),
        Row("first paint, with tiles", annotated["first"], "s", limit=FIRST_PAINT_S),
        Row("sharp as a whole, after first paint", annotated["sharp"], "s"),
        Row("sharp at 100 %, from the whole", annotated["close"], "s"),
        Row("pan at 100 %, p95", annotated["pan"], "ms", limit=FRAME_MS),
        Row("brush at full resolution, pointer event, p95", annotated["brush"], "ms", limit=FRAME_MS),
        Row("annotations drawn", annotated["annotations"], ""),
        Row("the window, peak memory", max(seen["memory"], annotated["memory"]), "MB", limit=MEMORY_MB),
    ]


if __name__ == "__main__":
    main(sys.argv[1:])
