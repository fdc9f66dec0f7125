"""The stage view with 20,000 anchors drawn: what a frame of a pan takes from the window's thread, in milliseconds.

Beside it, drawing the same anchors in the frame. While the pan goes on, the next image of what is still is drawn in a
thread now and then; those frames count, too.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QApplication

from engine.tracing.stages import Anchors, Input
from engine.tracing.trace import Origin, Trace
from studio import app
from studio.inspector import view_of
from studio.inspector.drawing import Space, draw_boxes
from studio.inspector.stage_picture import StagePicture
from studio.settings import Settings
from tests.bench._rows import Row, milliseconds, percentile, show

SIDE, CELLS, K = 1024, 82, 3
VIEW = (1600, 1000)
FRAME_MS = 1000 / 60
N_FRAMES = 240


def trace() -> Trace:
    """A picture with 3 anchors in each of 82 x 82 cells: 20,172."""
    chance = np.random.default_rng(0)
    pixels = chance.integers(0, 255, (SIDE, SIDE, 3), dtype=np.uint8)
    seen = Input(
        name="input", picture=pixels, frame=(SIDE, SIDE), size=(SIDE, SIDE),
        mean=(0.0,) * 3, deviation=(1.0,) * 3, divisor=255.0, channels="RGB",
    )  # fmt: skip
    row, column, slot = (each.reshape(-1) for each in np.indices((CELLS, CELLS, K)))
    middles = np.stack([column, row], axis=1) * (SIDE / CELLS)
    sides = np.array([(22, 45), (32, 32), (45, 22)])[slot]
    anchors = Anchors(
        name="anchors", boxes=np.concatenate([middles - sides / 2, middles + sides / 2], axis=1).astype(np.float32),
        level=np.zeros(len(slot), np.int64), cell=np.stack([column, row], axis=1), slot=slot,
        grids=((CELLS, CELLS, K),), strides=(SIDE / CELLS,), called="anchors",
    )  # fmt: skip
    return Trace(Origin("retinanet", "RetinaNet", ("thing",), (1,), "cpu", image_name="noise"), (seen, anchors))


def rest(milliseconds: int) -> None:
    """Let the window work."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def panned(picture: StagePicture) -> list[float]:
    """Milliseconds of each frame of a pan to and fro, from the pointer's event to the painted frame."""
    found = []
    for at in range(N_FRAMES):
        start = time.perf_counter()
        step = 11 if at // 60 % 2 == 0 else -11
        picture.look(picture.viewport.panned(step, step / 2))
        picture.repaint()
        QApplication.processEvents()
        found.append((time.perf_counter() - start) * 1000)
        rest(4)
    return found


def main() -> int:
    """Print the rows."""
    with TemporaryDirectory() as folder:
        application = app.make_application(["bench"])
        window, studio = app.build(application, Settings(Path(folder) / "settings.ini"))
        of, made = studio.inspection, trace()
        picture = StagePicture(of, studio.theme)
        picture.resize(*VIEW)
        picture.show()
        of.take(made)
        of.show_stage("anchors")
        picture.show_input(made.input)
        view = view_of(made.named("anchors"))
        assert view is not None
        layer = view.layer(studio)
        picture.show_layer(layer)
        layer.choose(level=None, shows_all=True)  # type: ignore[attr-defined]
        rows = []
        for name, factor in (("fit", 1.0), ("3x", 3.0)):
            picture.zoom_to_fit()
            picture.zoom_by(factor)
            while not picture.is_settled:
                rest(10)
            frames = panned(picture)
            direct = percentile(milliseconds(lambda: direct_frame(picture, made), 5), 0.5)
            rows.append(
                Row(f"pan of {len(made.first(Anchors).boxes):,} anchors, {name}, p95", percentile(frames, 0.95), "ms",
                    direct, "drawn in the frame", FRAME_MS)
            )  # fmt: skip
        show(rows)
        window.close()
    return 0 if all(row.is_kept for row in rows) else 1


def direct_frame(picture: StagePicture, made: Trace) -> None:
    """The same anchors drawn as they are in sight."""
    image = QImage(*VIEW, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    boxes = Space.of(made.input).views(made.first(Anchors).boxes, replace(picture.viewport))
    draw_boxes(painter, boxes, QPen(QColor("#7aa7ff"), 1))
    painter.end()


if __name__ == "__main__":
    sys.exit(main())
