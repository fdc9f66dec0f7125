"""The tools that read pixels and paint them, in milliseconds: strokes on a mask of 4096 x 4096 on the real canvas, the
live wire, the colour wand, and boxes to masks with their IoU on real nuclei where those are.

A frame is one pointer event and all that the window does until it waits again. The rows called CPU are the window's
thread alone, which other programs on the machine disturb less.
"""

import hashlib
import io
import json
import math
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from engine.geometry import masks
from engine.geometry.shapes import Box, Mask
from engine.geometry.shaping import moved
from engine.imaging import flood, scissors
from engine.imaging.grabcut import Wanted, mask_in, surroundings
from engine.imaging.patch import Patch, Pixels
from engine.project import annotations, classes, contents, images
from engine.project.edits import AddAnnotations
from engine.project.images import NewImage
from engine.project.records import Annotation
from engine.project.store import Project
from studio.canvas.view import Canvas
from studio.evenness import Evenness
from studio.reference import Reference
from studio.session import Session
from studio.view_state import Selection
from tests.bench._rows import Row, median, milliseconds, percentile, show
from tests.conftest import SHARED

SIDE, VIEW, FRAME_MS = 4096, (1600, 1000), 16.0
WINDOW = 512
Timed = tuple[float, float]
"""Milliseconds by the clock, and of the window's own CPU."""


def picture(side: int) -> Pixels:
    """Blobs of two colours with soft borders and noise."""
    y, x = np.mgrid[:side, :side].astype(np.float32)
    share = 1 / (1 + np.exp(-4 * (np.sin(x / 60) * np.cos(y / 50) + 0.2)))
    dark, bright = np.array([70, 60, 110]), np.array([190, 150, 120])
    noise = np.random.default_rng(0).normal(0, 4, (side, side, 1)).astype(np.float32)
    found: Pixels = np.clip(dark + share[..., None] * (bright - dark) + noise, 0, 255).astype(np.uint8)
    return found


def large_masks() -> Iterator[tuple[str, Mask]]:
    """A round one over nearly all of the picture, and one as ragged as a brush could ever leave it."""
    y, x = np.ogrid[:SIDE, :SIDE]
    disc = np.hypot(x - SIDE / 2, y - SIDE / 2) < 0.46 * SIDE
    yield "a disc", masks.from_bitmap(disc)
    yield "a disc with 4,000 holes", masks.from_bitmap(_punched(disc))


def _punched(disc: np.ndarray) -> np.ndarray:
    bitmap = disc.copy()
    y, x = np.ogrid[-9:10, -9:10]
    stamp = np.hypot(x, y) > 8
    for row, column in np.random.default_rng(1).integers(20, SIDE - 20, (4000, 2)):
        bitmap[row - 9 : row + 10, column - 9 : column + 10] &= stamp
    return bitmap


def make_project(path: Path, pixels: Pixels, mask: Mask) -> None:
    """A project of one picture with one mask on it."""
    data, thumbnail = io.BytesIO(), io.BytesIO()
    Image.fromarray(pixels).save(data, "JPEG", quality=80)
    Image.fromarray(pixels).resize((256, 256)).save(thumbnail, "JPEG")
    with Project.create(path) as project, project.atomic():
        content_id = contents.put(project, data.getvalue())
        sha256 = hashlib.sha256(data.getvalue()).hexdigest()
        image_id = images.add(project, NewImage("big.jpg", sha256, SIDE, SIDE, 1, content_id, thumbnail.getvalue()))
        class_id = classes.add(project, "cell")
        annotations.add(project, [Annotation(0, image_id, class_id, mask)])


def settle(canvas: Canvas) -> None:
    """Wait until everything in sight is painted."""
    for _ in range(3):
        while not canvas.is_complete:
            QApplication.processEvents()
            time.sleep(0.001)
        QApplication.processEvents()


def rest() -> None:
    """The moment that a person takes before the first stroke."""
    for _ in range(60):
        QApplication.processEvents()
        time.sleep(0.005)


def put_beside(canvas: Canvas, session: Session, mask: Mask) -> None:
    """An equally large one that all but covers it."""
    session.do(AddAnnotations((Annotation(0, 1, 1, moved(mask, 60, 40)),)))
    while session.n_settled != session.n_asked or len(canvas.annotations) < 2:
        QApplication.processEvents()
        time.sleep(0.001)
    settle(canvas)


def timed(act: Callable[[], None]) -> Timed:
    start, busy = time.perf_counter(), time.thread_time()
    act()
    QApplication.processEvents()
    return (time.perf_counter() - start) * 1000, (time.thread_time() - busy) * 1000


def strokes(canvas: Canvas, n: int) -> tuple[list[Timed], list[Timed]]:
    """Strokes of 30 events, adding and taking away in turn; the frames while moving, and those of press and release."""
    moves, ends = [], []
    for stroke in range(n):
        held = Qt.KeyboardModifier.AltModifier if stroke % 2 else Qt.KeyboardModifier.NoModifier
        turn = 2.4 * stroke
        x, y = 800 + 380 * math.cos(turn), 500 + 380 * math.sin(turn)
        ends.append(timed(lambda at=(x, y), held=held: mouse(canvas, QMouseEvent.Type.MouseButtonPress, at, held)))
        for step in range(30):
            at = (x + 4 * step * math.cos(turn + 1.8), y + 4 * step * math.sin(turn + 1.8))
            moves.append(timed(lambda at=at, held=held: mouse(canvas, QMouseEvent.Type.MouseMove, at, held)))
        ends.append(timed(lambda at=at, held=held: mouse(canvas, QMouseEvent.Type.MouseButtonRelease, at, held)))
        settle(canvas)
    return moves, ends


def mouse(canvas: Canvas, kind: QMouseEvent.Type, xy: tuple[float, float], held: Qt.KeyboardModifier) -> None:
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    buttons = none if kind == QMouseEvent.Type.MouseButtonRelease else left
    at = QPointF(*xy)
    QApplication.sendEvent(canvas, QMouseEvent(kind, at, at, none if kind == kind.MouseMove else left, buttons, held))


def brush_rows() -> Iterator[Row]:
    pixels = picture(SIDE)
    for name, mask, beside in ((*each, beside) for each in large_masks() for beside in (False, True)):
        with tempfile.TemporaryDirectory() as folder:
            make_project(Path(folder) / "p.boxwright", pixels, mask)
            session = Session()
            session.open(Path(folder) / "p.boxwright")
            canvas = Canvas(session)
            canvas.resize(*VIEW)
            canvas.show()
            settle(canvas)
            held = frozenset(canvas.annotations)
            if beside:
                put_beside(canvas, session, mask)
            session.compare_with(Reference("neighbours" if beside else "off"))
            session.select(Selection(annotations=held))
            session.use_tool("brush")
            settle(canvas)
            rest()
            moves, ends = strokes(canvas, 8)
            for event, frames, limit in (("pointer event", moves, FRAME_MS), ("press and release", ends, FRAME_MS)):
                wall, busy = zip(*frames, strict=True)
                what = f"brush on 4096² {name}{' beside another' if beside else ''}, {event}, p95"
                yield Row(what, percentile(wall, 0.95), "ms", limit=limit)
                yield Row(f"{what} CPU", percentile(busy, 0.95), "ms")
            canvas.finish()
            session.close()


def scissors_rows() -> Iterator[Row]:
    patch = Patch(picture(WINDOW))
    middle = (WINDOW / 2, WINDOW / 2)
    wire = scissors.tied(patch, middle)
    ends = iter(np.random.default_rng(0).uniform(0, WINDOW, (200, 2)).tolist())
    steps = milliseconds(lambda: wire.to(tuple(next(ends))), 200)
    yield Row("scissors, pointer moved in a 512² window, p95", percentile(steps, 0.95), "ms", limit=FRAME_MS)
    near = Patch(patch.pixels[192:320, 192:320], 192, 192)
    yield Row(
        "scissors, wire tied, near window (thread)", median(milliseconds(lambda: scissors.tied(near, middle), 5)), "ms"
    )
    yield Row(
        "scissors, wire tied, 512² window (thread)", median(milliseconds(lambda: scissors.tied(patch, middle), 5)), "ms"
    )


def wand_rows() -> Iterator[Row]:
    for side in (1024, SIDE):
        patch = Patch(picture(side))
        at = (side / 2, side / 2)
        field = flood.colour_field(patch, at)
        pressed = milliseconds(lambda patch=patch, at=at: flood.colour_field(patch, at), 3)
        dragged = milliseconds(lambda field=field: flood.region(field, 14), 5)
        yield Row(f"wand, pressed in {side}² (thread)", median(pressed), "ms", limit=1000 if side == SIDE else None)
        yield Row(f"wand, tolerance dragged in {side}² (thread)", median(dragged), "ms", limit=1000)


def grabcut_rows() -> Iterator[Row]:
    folder = SHARED / "data" / "nuclei" / "val"
    if not folder.is_dir():
        print("Boxes to masks were not measured: ../shared/data/nuclei is not here.")
        return
    told = json.loads((folder / "instances.json").read_text(encoding="utf-8"))
    names = {image["id"]: image["file_name"] for image in told["images"]}
    ious, times = [], []
    for one in told["annotations"]:
        counts, size = one["segmentation"]["counts"], one["segmentation"]["size"]
        truth = masks.from_coco(masks.decompress(counts) if isinstance(counts, str) else counts, *size)
        with Image.open(folder / "images" / names[one["image_id"]]) as opened:
            patch, box = window(np.asarray(opened.convert("RGB")), Box(*truth.bounds)), Box(*truth.bounds)
        start = time.perf_counter()
        found = mask_in(patch, Wanted(box))
        times.append((time.perf_counter() - start) * 1000)
        ious.append(masks.iou(found, truth))
    yield Row(f"box to mask, {len(times)} nuclei, median (thread)", median(times), "ms")
    yield Row("box to mask, mean IoU", float(np.mean(ious)), "IoU")
    yield Row("box to mask, share with IoU of at least 0.7", float(np.mean(np.array(ious) >= 0.7)), "")


def window(pixels: Pixels, box: Box) -> Patch:
    """The part of a picture that is looked at for a box."""
    x0, y0, x1, y1 = surroundings(box)
    left, top = max(0, int(x0)), max(0, int(y0))
    return Patch(pixels[top : math.ceil(y1), left : math.ceil(x1)], left, top)


def main() -> None:
    app = QApplication([])
    evenness = Evenness(app)
    show([*brush_rows(), *scissors_rows(), *wand_rows(), *grabcut_rows()])
    evenness.finish()
    app.quit()


if __name__ == "__main__":
    main()
