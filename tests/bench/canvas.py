"""The canvas on 10,000 polygons of 24 vertices over 8192 x 8192 pixels: milliseconds a frame, beside a QGraphicsView.

A frame is one pointer event and all that the window does until it waits again: tiles, repaint. Both are antialiased,
both draw the same picture and the same shapes in a view of 1600 x 1000. The rows called CPU are the window's thread
alone, which other programs on the machine disturb less.
"""

import hashlib
import io
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QMouseEvent, QPainter, QPen, QPixmap, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QApplication, QGraphicsPolygonItem, QGraphicsScene, QGraphicsView

from engine.geometry.shapes import Polygon
from engine.project import annotations, classes, contents, images
from engine.project.images import NewImage
from engine.project.records import Annotation
from engine.project.store import Project
from studio.canvas.view import Canvas
from studio.session import Session
from studio.view_state import Selection
from tests.bench._rows import Row, percentile, show

SIDE, VIEW, N, N_VERTICES = 8192, (1600, 1000), 10_000, 24
FRAME_MS = 16.0
ZOOMS = (("all visible", None), ("25 %", 0.25), ("100 %", 1.0), ("300 %", 3.0))


def polygons() -> list[np.ndarray]:
    """Blobs that touch their neighbours, on a jittered grid."""
    rng = np.random.default_rng(0)
    turn = np.linspace(0, 2 * np.pi, N_VERTICES, endpoint=False)
    across = round(N**0.5)
    cells = (np.stack(np.meshgrid(np.arange(across), np.arange(across)), -1).reshape(-1, 2) + 0.5) * SIDE / across
    found = []
    for centre in cells + rng.uniform(-12, 12, cells.shape):
        radius = rng.uniform(24, 42) * rng.uniform(0.8, 1.2, N_VERTICES)
        ring = centre + np.stack([np.cos(turn), np.sin(turn)], -1) * radius[:, None]
        found.append(np.clip(ring, 0, SIDE))
    return found


def picture() -> bytes:
    """A JPEG with something on it."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    grey = (96 + 60 * np.sin(x / 90) * np.cos(y / 70)).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(np.stack([grey, grey // 2 + 40, 255 - grey], -1)).save(stream, "JPEG", quality=80)
    return stream.getvalue()


def make_project(path: Path, data: bytes, rings: list[np.ndarray]) -> None:
    """A project of that one picture."""
    with Project.create(path) as project, project.atomic():
        thumbnail = io.BytesIO()
        Image.new("RGB", (256, 256)).save(thumbnail, "JPEG")
        sha256 = hashlib.sha256(data).hexdigest()
        content_id = contents.put(project, data)
        image_id = images.add(project, NewImage("big.jpg", sha256, SIDE, SIDE, 1, content_id, thumbnail.getvalue()))
        ids = [classes.add(project, name) for name in ("cell", "nucleus", "vessel")]
        shapes = enumerate(map(Polygon.of, rings))
        annotations.add(project, [Annotation(0, image_id, ids[at % 3], shape) for at, shape in shapes])


@dataclass(frozen=True, slots=True)
class Frame:
    """Milliseconds of one frame: on the clock, and of the window's thread at work."""

    wall: float
    cpu: float


def frame(act: Callable[[], None]) -> Frame:
    """Time an act and all that follows from it until the event loop would wait."""
    wall, cpu = time.perf_counter(), time.thread_time()
    act()
    QApplication.processEvents()
    return Frame((time.perf_counter() - wall) * 1000, (time.thread_time() - cpu) * 1000)


def settle(canvas: Canvas) -> None:
    """Wait until everything in sight is painted."""
    for _ in range(3):
        while not canvas.is_complete:
            QApplication.processEvents()
            time.sleep(0.001)
        QApplication.processEvents()


class Ours:
    """The canvas under real pointer events."""

    def __init__(self, path: Path) -> None:
        self.session = Session()
        self.session.open(path)
        self.canvas = Canvas(self.session)
        self.canvas.resize(*VIEW)
        self.canvas.show()
        settle(self.canvas)

    def zoom_to(self, scale: float | None) -> None:
        self.canvas.zoom_to_fit()
        if scale is not None:
            self.canvas.zoom_by(scale / self.canvas.viewport.scale)
        settle(self.canvas)

    def pan_frames(self, n: int) -> list[Frame]:
        self._mouse(QMouseEvent.Type.MouseButtonPress, (800, 500), Qt.MouseButton.MiddleButton)
        found = []
        for at in range(n):
            xy = (800 - 14 * at, 500 - 6 * at)
            found.append(frame(lambda xy=xy: self._mouse(QMouseEvent.Type.MouseMove, xy, Qt.MouseButton.MiddleButton)))
            time.sleep(0.002)
        self._mouse(QMouseEvent.Type.MouseButtonRelease, (0, 0), Qt.MouseButton.MiddleButton)
        return found

    def zoom_frames(self, n: int) -> list[Frame]:
        turns = [120] * (n // 2) + [-120] * (n // 2)
        return [frame(lambda turn=turn: self._wheel(turn)) for turn in turns]

    def drag_frames(self, n: int) -> list[Frame]:
        view = self.canvas.viewport
        middle = view.to_image.apply_one((800, 500))
        held = min(self.canvas.annotations.values(), key=lambda each: _distance(each.shape.parts[0].outer[0], middle))
        self.session.select(Selection(annotations=frozenset({held.id})))
        settle(self.canvas)
        x, y = view.to_view.apply_one(held.shape.parts[0].outer[0])
        self._mouse(QMouseEvent.Type.MouseButtonPress, (x, y), Qt.MouseButton.LeftButton)
        way = [(x + 8 + at % 40, y + at % 25) for at in range(n)]
        move = QMouseEvent.Type.MouseMove
        found = [frame(lambda xy=xy: self._mouse(move, xy, Qt.MouseButton.LeftButton)) for xy in way]
        self.canvas.cancel_gesture()
        self._mouse(QMouseEvent.Type.MouseButtonRelease, way[-1], Qt.MouseButton.LeftButton)
        settle(self.canvas)
        return found

    def close(self) -> None:
        self.canvas.finish()
        self.session.close()

    def _mouse(self, kind: QMouseEvent.Type, xy: tuple[float, float], button: Qt.MouseButton) -> None:
        buttons = Qt.MouseButton.NoButton if kind == QMouseEvent.Type.MouseButtonRelease else button
        at = QPointF(*xy)
        none = Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(self.canvas, QMouseEvent(kind, at, at, button, buttons, none))

    def _wheel(self, turn: int) -> None:
        at, none = QPointF(800, 500), Qt.KeyboardModifier.NoModifier
        buttons, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
        event = QWheelEvent(at, at, QPoint(), QPoint(0, turn), buttons, none, phase, False)
        QApplication.sendEvent(self.canvas, event)


class Other:
    """A QGraphicsView with an item for every polygon."""

    def __init__(self, data: bytes, rings: list[np.ndarray]) -> None:
        self.scene = QGraphicsScene(0, 0, SIDE, SIDE)
        image = QImage()
        image.loadFromData(data)
        self.scene.addPixmap(QPixmap.fromImage(image))
        pen = QPen(QColor("#3d7eff"), 1.5)
        pen.setCosmetic(True)
        brush = QBrush(QColor(61, 126, 255, 46))
        self.items = []
        for ring in rings:
            item = QGraphicsPolygonItem(QPolygonF([QPointF(x, y) for x, y in ring]))
            item.setPen(pen)
            item.setBrush(brush)
            self.scene.addItem(item)
            self.items.append(item)
        self.view = QGraphicsView(self.scene)
        self.view.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        self.view.resize(*VIEW)
        self.view.show()
        QApplication.processEvents()

    def zoom_to(self, scale: float | None) -> None:
        self.view.resetTransform()
        fit = min(VIEW) / SIDE * 0.96
        self.view.scale(scale or fit, scale or fit)
        self.view.centerOn(SIDE / 2, SIDE / 2)
        QApplication.processEvents()

    def pan_frames(self, n: int) -> list[Frame]:
        across, down = self.view.horizontalScrollBar(), self.view.verticalScrollBar()

        def pan() -> None:
            across.setValue(across.value() + 14)
            down.setValue(down.value() + 6)
            self.view.viewport().update()

        return [frame(pan) for _ in range(n)]

    def zoom_frames(self, n: int) -> list[Frame]:
        factors = [1.2] * (n // 2) + [1 / 1.2] * (n // 2)
        return [frame(lambda factor=factor: self.view.scale(factor, factor)) for factor in factors]

    def drag_frames(self, n: int) -> list[Frame]:
        middle = self.view.mapToScene(self.view.viewport().rect().center())
        item = min(self.items, key=lambda each: (each.polygon().first() - middle).manhattanLength())

        def pull() -> None:
            points = item.polygon().toList()
            points[0] += QPointF(1, 0.5)
            item.setPolygon(QPolygonF(points))

        return [frame(pull) for _ in range(n)]


def _distance(xy: np.ndarray, other: tuple[float, float]) -> float:
    return float(np.hypot(xy[0] - other[0], xy[1] - other[1]))


def compare(ours: Ours, other: Other) -> list[Row]:
    """Rows of medians and 95th percentiles."""
    rows = []
    for name, scale in ZOOMS:
        ours.zoom_to(scale)
        other.zoom_to(scale)
        rows += _rows(f"pan, {name}", ours.pan_frames(100), other.pan_frames(8))
        ours.zoom_to(scale)
        rows += _rows(f"drag a vertex, {name}", ours.drag_frames(60), other.drag_frames(8))
    ours.zoom_to(None)
    other.zoom_to(None)
    rows += _rows("zoom by the wheel", ours.zoom_frames(40), other.zoom_frames(10))
    return rows


def _rows(what: str, ours: list[Frame], other: list[Frame]) -> list[Row]:
    (wall, cpu), (other_wall, other_cpu) = _columns(ours), _columns(other)
    name = "QGraphicsView"
    return [
        Row(f"{what}, p50", percentile(wall, 0.5), "ms", percentile(other_wall, 0.5), name),
        Row(f"{what}, p95", percentile(wall, 0.95), "ms", percentile(other_wall, 0.95), name, FRAME_MS),
        Row(f"{what}, p95 CPU", percentile(cpu, 0.95), "ms", percentile(other_cpu, 0.95), name, FRAME_MS),
    ]


def _columns(frames: list[Frame]) -> tuple[list[float], list[float]]:
    return [each.wall for each in frames], [each.cpu for each in frames]


def main() -> None:
    """Build the picture, run both, print."""
    app = QApplication([])
    rings, data = polygons(), picture()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "big.boxwright"
        make_project(path, data, rings)
        start, memory = time.perf_counter(), psutil.Process().memory_info().rss
        cpu = time.process_time()
        ours = Ours(path)
        opened, cpu = time.perf_counter() - start, time.process_time() - cpu
        held = (psutil.Process().memory_info().rss - memory) / 2**20
        rows = [Row("open to everything painted", opened, "s"), Row("the same, CPU of all threads", cpu, "s")]
        rows.append(Row("memory for it", held, "MB"))
        rows += compare(ours, Other(data, rings))
        ours.close()
    show(rows)
    app.quit()


if __name__ == "__main__":
    main()
