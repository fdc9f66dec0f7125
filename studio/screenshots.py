"""The real window drawn into pictures, for where there is no screen; also how its looks are reviewed.

python -m studio.screenshots PROJECT FOLDER [--theme light] [--size 1000x640] [--dock runs] [--dialog fine_tune]
python -m studio.screenshots PROJECT FOLDER --stage anchors [--cursor 120,80]
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import click
from PySide6.QtCore import QEventLoop, QSize, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from engine.errors import UserError
from engine.project.store import Project
from studio import app
from studio.settings import Settings
from studio.surroundings import Studio
from studio.window import Window

SIZE = QSize(1440, 900)
MS_BETWEEN_LOOKS, MS_AT_MOST = 300, 20_000
MS_TO_WATCH = 180_000
"""How long a network may take to be loaded and watched."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture of the window."""

    name: str
    """Of the file, without its suffix."""
    look: Literal["dark", "light"] = "dark"
    size: QSize = SIZE
    image_id: int | None = None
    """The image to look at; None: the one that is looked at."""
    dock: str = ""
    """A dock to bring into sight."""
    page: str = ""
    """A page to show in the middle of the window."""
    dialog: str = ""
    """A dialog to open, and to draw instead of the window."""
    stage: str = ""
    """A stage of the Inspect page to look at, by its name."""
    cursor: tuple[float, float] | None = None
    """Where on the picture the linked cursor is then, in image pixels."""


DARK_AND_LIGHT = (Shot("window-dark"), Shot("window-light", "light"))


def render(path: Path, folder: Path, shots: Sequence[Shot] = DARK_AND_LIGHT) -> tuple[Path, ...]:
    """Open a project in a window of its own and save what it shows as PNG files; returns their paths.

    The user's settings are neither read nor changed. Raises UserError when a picture cannot be written.
    """
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        application = app.make_application(["boxwright"])
    with tempfile.TemporaryDirectory() as settings:
        window, studio = app.build(application, Settings(Path(settings) / "settings.ini"))
        window.show()
        try:
            studio.session.open(path)
            if studio.session.project is not None and (shown := first_suggested(studio.session.project)):
                studio.session.go_to(shown)
            return tuple(_shoot(window, studio, shot, folder) for shot in shots)
        finally:
            window.close()


def first_suggested(project: Project) -> int | None:
    """The first image with a suggestion that nobody has decided on; None where there is none."""
    found: int | None = project.value("SELECT MIN(image_id) FROM detections WHERE state = 'suggested'")
    return found


def _shoot(window: Window, studio: Studio, shot: Shot, folder: Path) -> Path:
    studio.theme.choose(shot.look)
    window.resize(shot.size)
    if shot.image_id is not None:
        studio.session.go_to(shot.image_id)
    if shot.page:
        studio.session.show_page(shot.page)
    if shot.stage:
        _inspect(studio, shot)
    if shot.dock:
        window.raise_dock(shot.dock)
    target: QWidget = window
    if shot.dialog:
        studio.ask.show(shot.dialog)
        target = next(each for each in QApplication.topLevelWidgets() if isinstance(each, QDialog) and each.isVisible())
    path = _save(settled(target), folder / f"{shot.name}.png")
    if target is not window:
        target.close()
    return path


_OF_TRAINING = ("taught_", "mask_targets")
"""What stages are called that are of what a picture teaches."""


def _inspect(studio: Studio, shot: Shot) -> None:
    """Wait for the network to have looked, and go to a stage."""
    studio.inspection.see_training(shot.stage.startswith(_OF_TRAINING))
    studio.session.show_page("inspect")
    inspection, waited = studio.inspection, 0
    while inspection.is_busy and waited < MS_TO_WATCH:
        _wait()
        waited += MS_BETWEEN_LOOKS
    if inspection.trace is None:
        raise UserError(inspection.words.replace("\n", " ") or "The network has not looked in time.")
    try:
        inspection.show_stage(shot.stage)
    except KeyError:
        names = ", ".join(stage.name for stage in inspection.trace.stages)
        raise UserError(f"There is no stage {shot.stage!r}.", f"There are {names}.") from None
    inspection.point_at(shot.cursor)


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
    _wait()
    return widget.grab().toImage()


def _wait() -> None:
    loop = QEventLoop()
    QTimer.singleShot(MS_BETWEEN_LOOKS, loop.quit)
    loop.exec()


def _save(image: QImage, path: Path) -> Path:
    if not image.save(str(path)):
        raise UserError(f"{path} cannot be written.", "Check that its folder exists and may be written to.")
    return path


@click.command()
@click.argument("project", type=click.Path(exists=True, path_type=Path))
@click.argument("folder", type=click.Path(file_okay=False, exists=True, path_type=Path))
@click.option("--name", default="window", show_default=True)
@click.option("--theme", type=click.Choice(["dark", "light"]), default="dark", show_default=True)
@click.option("--size", default="1440x900", show_default=True)
@click.option("--image", "image_id", type=int)
@click.option("--dock", default="", help="A dock to bring into sight.")
@click.option("--page", default="", help="A page to show in the middle of the window.")
@click.option("--dialog", default="", help="A dialog to draw instead of the window.")
@click.option("--stage", default="", help="A stage of the Inspect page to look at, as 'anchors'.")
@click.option("--cursor", default="", help="Where on the picture the cursor is then, in image pixels, as 120,80.")
def main(project: Path, folder: Path, **given: str) -> None:
    """Draw one picture of the window."""
    width, _, height = given["size"].partition("x")
    shot = Shot(
        given["name"],
        "light" if given["theme"] == "light" else "dark",
        QSize(int(width), int(height)),
        int(given["image_id"]) if given["image_id"] else None,
        given["dock"],
        given["page"],
        given["dialog"],
        given["stage"],
        _point(given["cursor"]) if given["cursor"] else None,
    )
    for path in render(project, folder, [shot]):
        click.echo(path)


def _point(text: str) -> tuple[float, float]:
    x, _, y = text.partition(",")
    return float(x), float(y)


if __name__ == "__main__":
    main()
