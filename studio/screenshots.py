"""The real window drawn into pictures, for where there is no screen; also how its looks are reviewed."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QEventLoop, QSize, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from engine.errors import UserError
from engine.project import images
from engine.project.store import Project
from studio import app
from studio.settings import Settings

SIZE = QSize(1440, 900)
LOOKS: tuple[Literal["dark", "light"], ...] = ("dark", "light")
MS_BETWEEN_LOOKS, MS_AT_MOST = 300, 20_000


def render(path: Path, folder: Path) -> tuple[Path, ...]:
    """Open a project in a window of its own, dark and light, and save what it shows as PNG files; returns their paths.

    The user's settings are neither read nor changed. Raises UserError when a picture cannot be written.
    """
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        application = app.make_application(["boxwright"])
    with tempfile.TemporaryDirectory() as settings:
        window, studio = app.build(application, Settings(Path(settings) / "settings.ini"))
        window.resize(SIZE)
        window.show()
        studio.session.open(path)
        if studio.session.project is not None and (shown := most_suggested(studio.session.project)):
            studio.session.go_to(shown)
        drawn = []
        for look in LOOKS:
            studio.theme.choose(look)
            drawn.append(_save(settled(window), folder / f"window-{look}.png"))
        window.close()
    return tuple(drawn)


def most_suggested(project: Project) -> int | None:
    """The image with the most open suggestions; None where there is no image."""
    rows = images.listed(project, images.all_ids(project))
    return max(rows, key=lambda row: row.n_suggestions).id if rows else None


def settled(widget: QWidget) -> QImage:
    """What a widget shows once that changes no more: pictures are decoded and tiles drawn in the background."""
    shown, waited = _later(widget), MS_BETWEEN_LOOKS
    while waited < MS_AT_MOST:
        before, shown = shown, _later(widget)
        waited += MS_BETWEEN_LOOKS
        if shown == before:
            break
    return shown


def _later(widget: QWidget) -> QImage:
    """What a widget shows after its events had some time."""
    loop = QEventLoop()
    QTimer.singleShot(MS_BETWEEN_LOOKS, loop.quit)
    loop.exec()
    return widget.grab().toImage()


def _save(image: QImage, path: Path) -> Path:
    if not image.save(str(path)):
        raise UserError(f"{path} cannot be written.", "Check that its folder exists and may be written to.")
    return path
