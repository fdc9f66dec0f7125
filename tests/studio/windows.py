"""The real window for tests: built as `app` builds it, with settings of its own; every question is answered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from studio import app
from studio.ahead import Ahead
from studio.asking import Asker
from studio.canvas.view import Canvas
from studio.settings import Settings
from studio.surroundings import Studio
from studio.window import Window


@dataclass
class Answers:
    """What the person answers to file dialogs and questions."""

    path: Path | None = None
    paths: tuple[Path, ...] = ()
    folder: Path | None = None
    confirms: bool = True
    told: list[Exception] = field(default_factory=list)


class Opened:
    """A window that is shown, and what a person sees of it."""

    def __init__(self, qtbot: QtBot, window: Window, studio: Studio, answers: Answers) -> None:
        self.qtbot = qtbot
        self.window = window
        self.studio = studio
        self.answers = answers
        assert isinstance(studio.view, Canvas)
        self.canvas = studio.view
        self.session = studio.session

    def open(self, path: Path) -> None:
        """Open a project and wait until its first picture is painted."""
        self.session.open(path)
        self.qtbot.waitUntil(lambda: self.session.author_id is not None, timeout=10_000)
        self.settle()

    def settle(self) -> None:
        """Wait until the picture and everything on it are painted."""
        if self.session.image_id is not None:
            self.qtbot.waitUntil(lambda: self.canvas.is_complete, timeout=10_000)

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key where the focus is."""
        if QApplication.activeWindow() is None:  # without a window manager nobody gives it back after a dialog
            self.window.activateWindow()
            self.qtbot.waitUntil(self.window.isActiveWindow)
        target = QApplication.focusWidget() or self.window
        self.qtbot.keyClick(target, key, modifiers)

    def drag(self, *way: tuple[float, float]) -> None:
        """Drag over the canvas with the left button, from point to point of the picture."""
        points = [QPoint(*self.view_point(*xy)) for xy in way]
        self.qtbot.mouseMove(self.canvas, points[0])
        self.qtbot.mousePress(self.canvas, Qt.MouseButton.LeftButton, pos=points[0])
        for point in points[1:]:
            self.qtbot.mouseMove(self.canvas, point)
        self.qtbot.mouseRelease(self.canvas, Qt.MouseButton.LeftButton, pos=points[-1])

    def dialog(self) -> QDialog:
        """The dialog that is open."""
        self.qtbot.waitUntil(lambda: bool(dialogs()), timeout=5_000)
        return dialogs()[-1]

    def view_point(self, x: float, y: float) -> tuple[int, int]:
        """Where a point of the picture is on the canvas, in logical pixels."""
        vx, vy = self.canvas.viewport.to_view.apply_one((x, y))
        ratio = self.canvas.devicePixelRatioF()
        return round(vx / ratio), round(vy / ratio)


def dialogs() -> list[QDialog]:
    """The dialogs that are open, the newest last."""
    return [each for each in QApplication.topLevelWidgets() if isinstance(each, QDialog) and each.isVisible()]


@contextmanager
def opened(qtbot: QtBot, settings: Path, *, works_ahead: bool = False) -> Iterator[Opened]:
    """The window as `app` builds it; closed at the end, with all its threads and processes.

    Unless it `works_ahead`, nothing is made before it is shown: that takes half a second of every test.
    """
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    window, studio = app.build(application, Settings(settings))
    if not works_ahead:
        window.findChild(Ahead).finish()
    answers = Answers()
    assert isinstance(studio.ask, Asker)
    studio.ask.open_path = lambda *_: answers.path  # type: ignore[method-assign]
    studio.ask.open_paths = lambda *_: answers.paths or ((answers.path,) if answers.path else ())  # type: ignore[method-assign]
    studio.ask.save_path = lambda *_: answers.path  # type: ignore[method-assign]
    studio.ask.folder = lambda *_: answers.folder  # type: ignore[method-assign]
    studio.ask.confirm = lambda *_: answers.confirms  # type: ignore[method-assign]
    window.resize(1280, 800)
    window.show()
    window.activateWindow()
    qtbot.waitExposed(window)
    try:
        yield Opened(qtbot, window, studio, answers)
    finally:
        for dialog in dialogs():
            dialog.close()
        window.close()
        window.deleteLater()
        QApplication.sendPostedEvents(
            window, QEvent.Type.DeferredDelete.value
        )  # else the next window is made beside it


def child(parent: QWidget, kind: type[QWidget], name: str) -> QWidget:
    """The child widget of a kind with this object name or accessible name."""
    return next(each for each in parent.findChildren(kind) if name in (each.objectName(), each.accessibleName()))
