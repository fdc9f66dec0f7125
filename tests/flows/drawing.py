"""A person who never stops: opens a project in the real window and draws box after box by pointer events.

Writes the number of annotations that the window has said are saved, one line for each save. The victim of
`test_killed`: python -m tests.flows.drawing PROJECT SETTINGS
"""

import sys
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest

from engine.project import annotations
from studio import app
from studio.canvas.view import Canvas
from studio.settings import Settings
from studio.surroundings import Studio


class Person:
    """Draws the next box as soon as the last one is saved."""

    def __init__(self, studio: Studio) -> None:
        assert isinstance(studio.view, Canvas)
        self._canvas = studio.view
        self._session = studio.session
        assert self._session.project is not None
        self._n = annotations.count(self._session.project)
        self._session.saved.connect(self._saved)
        self._session.use_tool("box")

    def draw(self) -> None:
        """One box, the way a hand does it: press, move, release."""
        if not self._canvas.is_complete:
            QTimer.singleShot(5, self.draw)
            return
        start = QPoint(200 + 40 * (self._n % 10), 120 + 30 * (self._n // 10 % 10))
        end = start + QPoint(30, 20)
        left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        QTest.mouseMove(self._canvas, start)
        QTest.mousePress(self._canvas, left, none, start)
        QTest.mouseMove(self._canvas, end)
        QTest.mouseRelease(self._canvas, left, none, end)

    def _saved(self, _: object) -> None:
        self._n += 1
        print(self._n, flush=True)
        QTimer.singleShot(0, self.draw)


def main(path: Path, settings: Path) -> None:
    """Draw until killed."""
    application = app.make_application(sys.argv[:1])
    window, studio = app.build(application, Settings(settings))
    window.resize(1280, 800)
    window.show()
    studio.session.open(path)
    person = Person(studio)
    QTimer.singleShot(0, person.draw)
    application.exec()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
