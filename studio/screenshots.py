"""Pictures of the real window, rendered without a screen: for `boxwright demo --headless`, the docs and our own eyes.

python -m studio.screenshots PROJECT FOLDER [--image ID] [--theme dark|light] [--size WIDTHxHEIGHT] [--dock NAME]
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from studio.surroundings import Studio
    from studio.window import Window

SETTLE_MS = 15_000


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture of the window."""

    name: str
    """Of the file, without its suffix."""
    image_id: int | None = None
    """None: the first."""
    theme: str = "dark"
    size: tuple[int, int] = (1280, 800)
    dock: str = ""
    """A dock to bring into sight."""
    dialog: str = ""
    """A dialog to open over the window."""


DEFAULT = (Shot("window-dark"), Shot("window-light", theme="light"))


def render(project: Path, folder: Path, shots: Sequence[Shot] = ()) -> tuple[Path, ...]:
    """Render these pictures of the window with a project into a folder (by default one dark, one light).

    Makes the application, without a screen unless QT_QPA_PLATFORM says otherwise; to be called once in a process.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from studio.app import build, make_application  # noqa: PLC0415
    from studio.settings import Settings  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    app = make_application(sys.argv[:1])
    with tempfile.TemporaryDirectory() as private:
        window, studio = build(app, Settings(Path(private) / "settings.ini"))
        window.show()
        studio.session.open(project.absolute(), anyway=True)
        try:
            return tuple(_shoot(window, studio, shot, folder) for shot in shots or DEFAULT)
        finally:
            window.close()


def _shoot(window: Window, studio: Studio, shot: Shot, folder: Path) -> Path:
    from PySide6.QtWidgets import QApplication, QDialog  # noqa: PLC0415

    studio.theme.choose("light" if shot.theme == "light" else "dark")
    window.resize(*shot.size)
    if shot.image_id is not None:
        studio.session.go_to(shot.image_id)
    if shot.dock:
        window.raise_dock(shot.dock)
    _wait(lambda: studio.session.image_id is None or bool(getattr(studio.view, "is_complete", True)))
    _rest(400)
    target: QWidget = window
    if shot.dialog:
        studio.ask.show(shot.dialog)
        _rest(1200)
        target = next(each for each in QApplication.topLevelWidgets() if isinstance(each, QDialog) and each.isVisible())
    path = folder / f"{shot.name}.png"
    target.grab().save(str(path))
    if target is not window:
        target.close()
    return path


def _wait(until: Callable[[], bool]) -> None:
    """Let the window work until something is true, at most for some seconds."""
    from PySide6.QtCore import QEventLoop, QTimer  # noqa: PLC0415

    loop, look, limit = QEventLoop(), QTimer(), QTimer()
    look.timeout.connect(lambda: loop.quit() if until() else None)
    limit.setSingleShot(True)
    limit.timeout.connect(loop.quit)
    look.start(20)
    limit.start(SETTLE_MS)
    loop.exec()


def _rest(milliseconds: int) -> None:
    from PySide6.QtCore import QEventLoop, QTimer  # noqa: PLC0415

    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


@click.command()
@click.argument("project", type=click.Path(exists=True, path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--image", "image_id", type=int)
@click.option("--theme", type=click.Choice(["dark", "light"]), default="dark", show_default=True)
@click.option("--size", default="1280x800", show_default=True)
@click.option("--dock", default="", help="A dock to bring into sight.")
@click.option("--dialog", default="", help="A dialog to open, and to picture instead of the window.")
@click.option("--name", default="window", show_default=True)
def main(project: Path, folder: Path, size: str, **options: str) -> None:
    """Render one picture of the window."""
    width, _, height = size.partition("x")
    image_id = options.pop("image_id")
    shot = Shot(options["name"], int(image_id) if image_id else None, options["theme"], (int(width), int(height)),
                options["dock"], options["dialog"])  # fmt: skip
    for path in render(project, folder, [shot]):
        click.echo(path)


if __name__ == "__main__":
    main()
