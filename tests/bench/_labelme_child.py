"""Runs inside labelme's own environment: opens a file in its real window, pans and drags a vertex, prints milliseconds.

    python _labelme_child.py FILE.json WIDTH HEIGHT        one line of JSON

labelme is only run: everything here goes through Qt's widgets and events, as a person's hand would.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time

os.environ["QT_QPA_PLATFORM"] = "offscreen"
sys.path.pop(0)  # this folder has a labelme of its own

from labelme.app import MainWindow  # type: ignore[import-not-found]
from PyQt5.QtCore import QEvent, QPoint, QPointF, Qt  # type: ignore[import-not-found]
from PyQt5.QtGui import QMouseEvent, QWheelEvent  # type: ignore[import-not-found]
from PyQt5.QtWidgets import QApplication, QScrollArea  # type: ignore[import-not-found]

N_FRAMES = 6
"""Few, since each takes seconds."""
LEFT, NONE = Qt.LeftButton, Qt.NoModifier


def timed(act):
    """Milliseconds of an act and all that follows from it until the event loop would wait."""
    start = time.perf_counter()
    act()
    QApplication.processEvents()
    return (time.perf_counter() - start) * 1000


class Theirs:
    """labelme's window on a file."""

    def __init__(self, path: str, view: tuple[int, int]) -> None:
        start = time.perf_counter()
        self.window = MainWindow(file_or_dir=path)
        self.window.show()
        while not (found := self._canvases()):
            QApplication.processEvents()
        self.canvas = found[0]
        QApplication.processEvents()
        self.opened = time.perf_counter() - start
        self.scroll = next(each for each in self.window.findChildren(QScrollArea) if each.isAncestorOf(self.canvas))
        room = self.scroll.viewport().size()
        self.window.resize(self.window.width() + view[0] - room.width(), self.window.height() + view[1] - room.height())
        for _ in range(5):
            QApplication.processEvents()

    def _canvases(self):
        """The widget that shows the picture, once it is as large as a picture."""
        scrolls = self.window.findChildren(QScrollArea)
        inner = [each.widget() for each in scrolls if each.widget() and type(each.widget()).__name__ == "Canvas"]
        return [each for each in inner if min(each.width(), each.height()) > 100]

    def zoom_to(self, scale: float) -> float:
        """Zoom by the wheel to about so many view pixels per picture pixel; returns to how many."""
        for _ in range(200):
            now = self.scale()
            if abs(now / scale - 1) < 0.06:
                break
            self._wheel(120 if now < scale else -120)
        bars = self.scroll.horizontalScrollBar(), self.scroll.verticalScrollBar()
        for bar in bars:
            bar.setValue(bar.maximum() // 2)
        QApplication.processEvents()
        return self.scale()

    def scale(self) -> float:
        return float(self.canvas.scale)

    def pan_frames(self, n: int) -> list[float]:
        across, down = self.scroll.horizontalScrollBar(), self.scroll.verticalScrollBar()

        def pan() -> None:
            across.setValue(across.value() + 14)
            down.setValue(down.value() + 6)

        return [timed(pan) for _ in range(n)]

    def drag_frames(self, xy_image: tuple[float, float], n: int) -> tuple[list[float], bool]:
        """Frames of a vertex drag, and whether the file became another by it."""
        before = self._points()
        x, y = xy_image[0] * self.scale(), xy_image[1] * self.scale()
        self._mouse(QEvent.MouseMove, (x, y), Qt.NoButton)
        self._mouse(QEvent.MouseButtonPress, (x, y), LEFT)
        way = [(x + 8 + at % 40, y + at % 25) for at in range(n)]
        found = [timed(lambda xy=xy: self._mouse(QEvent.MouseMove, xy, LEFT)) for xy in way]
        self._mouse(QEvent.MouseButtonRelease, way[-1], LEFT)
        QApplication.processEvents()
        return found, self._points() != before

    def _points(self) -> list[tuple[float, float]]:
        return [(point.x(), point.y()) for shape in self.canvas.shapes for point in shape.points]

    def _mouse(self, kind, xy: tuple[float, float], button) -> None:
        pressed = Qt.NoButton if kind == QEvent.MouseButtonRelease else button
        cause = Qt.NoButton if kind == QEvent.MouseMove else button
        QApplication.sendEvent(self.canvas, QMouseEvent(kind, QPointF(*xy), cause, pressed, NONE))

    def _wheel(self, turn: int) -> None:
        middle = QPointF(self.canvas.mapFrom(self.scroll.viewport(), self.scroll.viewport().rect().center()))
        event = QWheelEvent(
            middle, middle, QPoint(), QPoint(0, turn), Qt.NoButton, Qt.ControlModifier, Qt.NoScrollPhase, False
        )
        QApplication.sendEvent(self.canvas, event)
        QApplication.processEvents()


def nearest(path: str, xy: tuple[float, float]) -> tuple[float, float]:
    """The first vertex of the polygon nearest to a point of the picture."""
    with open(path, encoding="utf-8") as file:  # noqa: PTH123
        shapes = json.load(file)["shapes"]
    return min(
        (tuple(each["points"][0]) for each in shapes), key=lambda at: (at[0] - xy[0]) ** 2 + (at[1] - xy[1]) ** 2
    )


def main(path: str, view: tuple[int, int]) -> None:
    logging.disable(logging.CRITICAL)
    app = QApplication([])
    theirs = Theirs(path, view)
    found: dict[str, object] = {"opened": theirs.opened}
    for name, scale in (("25 %", 0.25), ("100 %", 1.0)):
        reached = theirs.zoom_to(scale)
        middle = theirs.canvas.mapFrom(theirs.scroll.viewport(), theirs.scroll.viewport().rect().center())
        vertex = nearest(path, (middle.x() / reached, middle.y() / reached))
        drag, is_moved = theirs.drag_frames(vertex, N_FRAMES)
        found[name] = {"scale": reached, "pan": theirs.pan_frames(N_FRAMES), "drag": drag, "moved": is_moved}
    app.processEvents()
    print(json.dumps(found))
    sys.stdout.flush()
    os._exit(0)  # its own questions about unsaved work would wait for an answer


if __name__ == "__main__":
    main(sys.argv[1], (int(sys.argv[2]), int(sys.argv[3])))
