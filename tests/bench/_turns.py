"""How long the window's thread is busy in one turn of its loop, in CPU of its own."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QAbstractEventDispatcher, QEventLoop, QTimer

REST_MS = 400


class Turns:
    """How much the window's thread works between two times that its loop sleeps, which costs no CPU itself."""

    def __init__(self) -> None:
        self.worst = 0.0
        self._slept = time.thread_time()
        dispatcher = QAbstractEventDispatcher.instance()
        assert dispatcher is not None
        dispatcher.aboutToBlock.connect(self._sleep)

    def of(self, act: Callable[[], object], rest_ms: int = REST_MS) -> float:
        """Milliseconds of the longest turn from an act, which is a turn of its own, until all is at rest."""
        loop = QEventLoop()
        QTimer.singleShot(rest_ms, loop.quit)
        self.worst = 0.0
        begun = time.thread_time()
        act()
        acted = 1000 * (time.thread_time() - begun)
        self._slept = time.thread_time()
        loop.exec()
        self._sleep()  # the loop may end without a pause after a long turn
        return max(acted, self.worst)

    def _sleep(self) -> None:
        self.worst = max(self.worst, 1000 * (time.thread_time() - self._slept))
        self._slept = time.thread_time()
