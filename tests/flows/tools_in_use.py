"""Every tool in use on the real window, as pictures: the way its looks are reviewed.

python -m tests.flows.tools_in_use PROJECT FOLDER [--theme light] [--size 1000x640] [--only box --only brush]

The project's first picture needs annotations to draw beside; mask_from_box shows more where a run was trained. The
project is copied first, for the tools leave what they drew.
"""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.geometry.shapes import XY, Bounds
from engine.project import classes
from engine.project.class_edits import SetSkeleton
from studio import app
from studio.canvas.view import Canvas
from studio.reference import Reference
from studio.screenshots import settled
from studio.settings import Settings
from studio.surroundings import Studio
from studio.tools import TOOLS
from studio.view_state import Selection
from studio.window import Window
from tests.flows.stage import live

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NONE, SHIFT, CTRL, ALT = (
    Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier,
)  # fmt: skip


@dataclass(frozen=True)
class Hands:
    """Pointer and keys on the canvas of a real window, in points of the picture."""

    window: Window
    studio: Studio
    canvas: Canvas

    def at(self, xy: XY) -> QPoint:
        """Where a point of the picture is on the canvas."""
        x, y = self.canvas.viewport.to_view.apply_one(xy)
        ratio = self.canvas.devicePixelRatioF()
        return QPoint(round(x / ratio), round(y / ratio))

    def move(self, xy: XY) -> None:
        QTest.mouseMove(self.canvas, self.at(xy))
        QApplication.sendPostedEvents()

    def press(self, xy: XY, held: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT) -> None:
        self.move(xy)
        QTest.mousePress(self.canvas, button, held, self.at(xy))

    def let_go(self, xy: XY, held: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT) -> None:
        QTest.mouseRelease(self.canvas, button, held, self.at(xy))

    def click(self, xy: XY, held: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT) -> None:
        self.press(xy, held, button)
        self.let_go(xy, held, button)

    def drag(self, *points: XY, held: Qt.KeyboardModifier = NONE) -> None:
        """Press at the first and go through the others, without letting go."""
        self.press(points[0], held)
        for point in points[1:]:
            self.move(point)

    def key(self, key: Qt.Key) -> None:
        QTest.keyClick(self.canvas, key)

    def wait(self, until: Callable[[], bool], seconds: float = 60) -> None:
        """Let the window live until something holds, or the time is over."""
        live(until, seconds)

    def settle(self) -> None:
        self.wait(lambda: self.canvas.is_complete and self.studio.session.n_settled == self.studio.session.n_asked)

    @property
    def object(self) -> Bounds:
        """The bounds of the largest annotation on the picture."""
        shapes = [each.shape.bounds for each in self.canvas.annotations.values()]
        return max(shapes, key=lambda bounds: (bounds[2] - bounds[0]) * (bounds[3] - bounds[1]))

    def around(self, n: int, share: float = 1.0, of: float = 1.0) -> list[XY]:
        """Points on the ellipse in the object's bounds, grown by `share`; `of` a whole turn."""
        x0, y0, x1, y1 = self.object
        cx, cy, a, b = (x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0) / 2 * share, (y1 - y0) / 2 * share
        turns = [2 * math.pi * of * k / n for k in range(n)]
        return [(cx + a * math.cos(turn), cy + b * math.sin(turn)) for turn in turns]


def select(hands: Hands) -> None:
    """A vertex pulled, with the live IoU against the neighbours that it grows into."""
    id_ = next(key for key, one in hands.canvas.annotations.items() if one.shape.bounds == hands.object)
    hands.studio.session.select(Selection(annotations=frozenset({id_})))
    x0, y0, x1, y1 = hands.object
    hands.drag(((x0 + x1) / 2, (y0 + y1) / 2), ((x0 + x1) / 2 + 2, (y0 + y1) / 2), (x0 + 0.7 * (x1 - x0), y1))


def box(hands: Hands) -> None:
    x0, y0, x1, y1 = hands.object
    hands.drag((x0 - 2, y0 - 2), (x0 + 9, y0 + 9), (x1 + 1, y1 + 1))


def rotated_box(hands: Hands) -> None:
    x0, y0, x1, y1 = hands.object
    hands.click((x0, y0 + 3))
    hands.click((x1, y0 - 3))
    hands.move((x1, y1))


def extreme_points(hands: Hands) -> None:
    x0, y0, x1, y1 = hands.object
    for point in (((x0 + x1) / 2, y0), (x0, (y0 + y1) / 2), ((x0 + x1) / 2, y1)):
        hands.click(point)
    hands.move((x1, (y0 + y1) / 2))


def polygon(hands: Hands) -> None:
    points = hands.around(9, 1.05)
    for point in points[:-2]:
        hands.click(point)
    QTest.mouseMove(hands.canvas, hands.at(points[-2]))


def brush(hands: Hands) -> None:
    hands.drag(*hands.around(30, 0.6, 0.8))


def eraser(hands: Hands) -> None:
    x0, y0, x1, y1 = hands.object
    hands.drag(((x0 + x1) / 2, (y0 + y1) / 2), ((x0 + x1) / 2, y1))


def wand(hands: Hands) -> None:
    x0, y0, x1, y1 = hands.object
    hands.drag(((x0 + x1) / 2, (y0 + y1) / 2), ((x0 + x1) / 2 + 8, (y0 + y1) / 2))
    hands.wait(lambda: bool(hands.canvas._hand.preview.shapes), 10)


def scissors(hands: Hands) -> None:
    points = hands.around(8)
    for point in points[:4]:
        hands.click(point)
        hands.wait(lambda: False, 0.4)
    hands.move(points[4])


def grabcut(hands: Hands) -> None:
    x0, y0, x1, y1 = hands.object
    hands.drag((x0 - 3, y0 - 3), (x1, y1), (x1 + 3, y1 + 3))
    hands.let_go((x1 + 3, y1 + 3))
    hands.wait(lambda: bool(hands.canvas._hand.preview.shapes), 10)
    hands.click((x0 - 1, y0 - 1), button=RIGHT)
    hands.wait(lambda: False, 1)


def mask_from_box(hands: Hands) -> None:
    x0, y0, x1, y1 = hands.object
    preview = lambda: hands.canvas._hand.preview  # noqa: E731
    hands.wait(lambda: bool(preview().notice) or preview().hint.startswith("Drag"))
    hands.drag((x0 - 2, y0 - 2), (x1, y1), (x1 + 2, y1 + 2))
    hands.wait(lambda: bool(preview().shapes) or bool(preview().notice), 20)


def knife(hands: Hands) -> None:
    x0, y0, x1, y1 = hands.object
    hands.drag((x0 - 5, y0 - 2), ((x0 + x1) / 2, (y0 + y1) / 2), (x1 + 5, y1 + 2))


def keypoints(hands: Hands) -> None:
    project = hands.studio.session.project
    assert project is not None
    first = classes.all_classes(project)[0]
    hands.studio.session.do(SetSkeleton(first.id, ("top", "left", "bottom", "right"), ((0, 1), (1, 2), (2, 3), (3, 0))))
    hands.settle()
    x0, y0, x1, y1 = hands.object
    for point in (((x0 + x1) / 2, y0), (x0, (y0 + y1) / 2), ((x0 + x1) / 2, y1)):
        hands.click(point)
    hands.move((x1, (y0 + y1) / 2))


USES: Mapping[str, Callable[[Hands], None]] = {
    use.__name__: use
    for use in (
        select, box, rotated_box, extreme_points, polygon, brush, eraser, wand, scissors, grabcut, mask_from_box,
        knife, keypoints,
    )
}  # fmt: skip
"""How each tool is used up to where it shows most of what it does; nothing is let go."""


def use(hands: Hands, name: str) -> None:
    """Take a tool and use it on the largest object in sight."""
    hands.canvas.cancel_gesture()
    hands.studio.session.select(Selection())
    hands.studio.session.use_tool(name)
    hands.canvas.setFocus()
    USES[name](hands)


def shoot(path: Path, folder: Path, names: Sequence[str], look: str, size: QSize) -> list[Path]:
    """Use the tools on a copy of a project and save what the window shows."""
    application = QApplication.instance() or app.make_application(["boxwright"])
    assert isinstance(application, QApplication)
    made = []
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(shutil.copy(path, Path(temporary) / path.name))
        window, studio = app.build(application, Settings(Path(temporary) / "settings.ini"))
        assert isinstance(studio.view, Canvas)
        window.resize(size)
        window.show()
        studio.theme.choose("light" if look == "light" else "dark")
        studio.session.open(copy)
        studio.session.compare_with(Reference("neighbours"))
        hands = Hands(window, studio, studio.view)
        hands.wait(lambda: studio.session.author_id is not None and hands.canvas.is_complete)
        x0, y0, x1, y1 = hands.object
        reach = 1.2 * max(x1 - x0, y1 - y0)
        hands.canvas.zoom_to((x0 - reach, y0 - reach, x1 + reach, y1 + reach))
        hands.settle()
        for name in names:
            use(hands, name)
            target = folder / f"{name}-{look}.png"
            settled(window).save(str(target))
            made.append(target)
        window.close()
    return made


@click.command()
@click.argument("project", type=click.Path(exists=True, path_type=Path))
@click.argument("folder", type=click.Path(file_okay=False, exists=True, path_type=Path))
@click.option("--theme", type=click.Choice(["dark", "light"]), default="dark")
@click.option("--size", default="1280x800")
@click.option("--only", multiple=True, type=click.Choice(TOOLS.names()))
def main(project: Path, folder: Path, theme: str, size: str, only: tuple[str, ...]) -> None:
    """Save a picture of every tool in use."""
    width, _, height = size.partition("x")
    for made in shoot(project, folder, only or list(USES), theme, QSize(int(width), int(height))):
        click.echo(made)


if __name__ == "__main__":
    main()
