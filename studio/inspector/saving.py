"""What is looked at as files: a stage as PNG or SVG, steps of a suppression as GIF, the whole trace."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QBuffer, QObject, QRect, QSize
from PySide6.QtGui import QColor, QImage, QPaintDevice, QPainter
from PySide6.QtSvg import QSvgGenerator

from engine.inspecting.animating import Animated, Animation
from engine.tracing import files
from engine.tracing.stages import Selection
from engine.tracing.trace import Trace
from engine.tracing.whatif import Settings, own
from engine.writing import write_whole
from studio.canvas.viewport import MAX_SCALE, Viewport
from studio.inspector import Layer
from studio.inspector.selection_layer import SelectionLayer
from studio.inspector.stage_picture import StagePicture
from studio.inspector.stage_words import title
from studio.orders import Task
from studio.qt_pictures import as_image, png
from studio.surroundings import Studio

SIDE = 1600
"""Pixels of the longer side of a stage as a file."""


def stage_image(trace: Trace, layer: Layer) -> QImage:
    """The whole picture with a stage on it."""
    viewport = whole(trace)
    image = QImage(*viewport.view, QImage.Format.Format_RGB32)
    _draw(image, trace, layer, viewport)
    return image


def stage_svg(trace: Trace, layer: Layer, words: str) -> bytes:
    """The same, its shapes as shapes."""
    viewport, buffer = whole(trace), QBuffer()
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(QSize(*viewport.view))
    generator.setViewBox(QRect(0, 0, *viewport.view))
    generator.setTitle(words)
    _draw(generator, trace, layer, viewport)
    return bytes(buffer.data().data())


def whole(trace: Trace) -> Viewport:
    """All of the picture, as large as files have it."""
    height, width = trace.input.size
    scale = min(SIDE / max(height, width), MAX_SCALE)
    return Viewport((width, height), (max(1, round(width * scale)), max(1, round(height * scale))), scale)


def _draw(device: QPaintDevice, trace: Trace, layer: Layer, viewport: Viewport) -> None:
    painter = QPainter(device)
    painter.fillRect(QRect(0, 0, *viewport.view), QColor("#000000"))
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(QRect(0, 0, *viewport.view), as_image(trace.input.picture))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    still = layer.still()
    if still is not None:
        painter.save()
        still(painter, viewport)
        painter.restore()
    painter.save()
    layer.paint_live(painter, viewport)
    painter.restore()
    painter.end()


class StageSaver(QObject):
    """Saves what the Inspect page shows, wherever it is asked to; files are written off the GUI thread."""

    def __init__(self, studio: Studio, picture: StagePicture) -> None:
        """Of that picture."""
        super().__init__(picture)
        self._studio, self._of, self._picture = studio, studio.inspection, picture
        self._folder: TemporaryDirectory[str] | None = None
        self._numbers = count(1)
        self._of.saving_wanted.connect(self.save)

    def save(self, path: Path) -> None:
        """As what the path's suffix says."""
        trace, layer, stage = self._of.trace, self._picture.layer, self._of.stage
        if trace is None or layer is None or stage is None:
            return
        match path.suffix:
            case ".png":
                image = stage_image(trace, layer)
                self._write(path, lambda: png(image))
            case ".svg":
                data = stage_svg(trace, layer, f"{title(stage)} of {trace.origin.image_name}")
                self._write(path, lambda: data)
            case ".trace":
                self._studio.session.ask(f"save {path}", lambda _: _saved(trace, path), self._studio.session.said.emit)
            case ".gif" if isinstance(stage, Selection):
                self._animate(trace, stage.name, path)

    def _write(self, path: Path, data: Callable[[], bytes]) -> None:
        """By its path: of two questions of one key only the newer is heard, but every file is wanted."""
        self._studio.session.ask(f"save {path}", lambda _: _written(path, data()), self._studio.session.said.emit)

    def _animate(self, trace: Trace, name: str, path: Path) -> None:
        """The trace into a file first, which the worker reads."""
        self._folder = self._folder or TemporaryDirectory(prefix="boxwright-", ignore_cleanup_errors=True)
        copy = Path(self._folder.name) / f"{next(self._numbers)}.trace"
        settings, layer = self._of.what_if.settings or own(trace), getattr(self._picture.layer, "inside", None)
        group = layer.group if isinstance(layer, SelectionLayer) else None
        self._studio.session.ask(
            f"save {copy}",
            lambda _: files.save(trace, copy),
            lambda _: self._start(copy, settings, name, Animation(path, group)),
        )

    def _start(self, copy: Path, settings: Settings, name: str, wanted: Animation) -> None:
        task = Task(
            f"Save {wanted.path.name}", "files", "engine.inspecting.animating:write_steps",
            arguments=(copy, settings, name, wanted),
        )  # fmt: skip
        job = self._studio.jobs.start(task)
        job.ended.connect(lambda: self._tell(job.result))

    def _tell(self, result: object) -> None:
        if isinstance(result, Animated):
            self._studio.session.said.emit(f"{result.n_frames} frames are saved in {result.path}.")


def _written(path: Path, data: bytes) -> str:
    write_whole(path, data)
    return f"The stage is saved in {path}."


def _saved(trace: Trace, path: Path) -> str:
    files.save(trace, path)
    return f"The trace is saved in {path}."
