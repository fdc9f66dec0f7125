"""Evenness: keeps Python itself from holding the window up, whatever its threads do.

Two things do. A collection of all garbage stops every thread for 40 to 250 ms, as it goes through all that was ever
made; and a thread that works keeps the interpreter for 5 ms while the window's waits, several times an event.
"""

from __future__ import annotations

import gc
import sys

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication

_SWITCH_S = 0.0005
"""For so long a thread keeps the interpreter while another waits for it."""
_YOUNG, _MIDDLE, _NEVER = 2000, 10, 1 << 30
"""New objects between two collections of the youngest; how many of those until the next generation: 2 ms or so."""
_PAUSE_MS = 10_000
_LEAST = 3
"""Collections of the middle generation, below which there is nothing to do."""


class Evenness(QObject):
    """From its making to `finish` garbage is collected little by little, all of it only while nobody is looking.

    What is alive is set aside now and then, so that the next collection goes through what is new alone. What was set
    aside and has become garbage since is found when the window is left for another.
    """

    def __init__(self, application: QGuiApplication, parent: QObject | None = None) -> None:
        """Set aside what there is, and begin."""
        super().__init__(parent)
        self._before = (gc.get_threshold(), sys.getswitchinterval())
        sys.setswitchinterval(_SWITCH_S)
        gc.set_threshold(_YOUNG, _MIDDLE, _NEVER)
        gc.freeze()
        self._timer = QTimer(self)
        self._timer.setInterval(_PAUSE_MS)
        self._timer.timeout.connect(self._collect)
        self._timer.start()
        self._application = application
        application.applicationStateChanged.connect(self._on_state)

    def sweep(self) -> None:
        """Collect all garbage; the window is held up for a moment."""
        gc.unfreeze()
        gc.collect()
        gc.freeze()

    def finish(self) -> None:
        """Leave Python as it was; once is enough."""
        if not self._timer.isActive():
            return
        self._timer.stop()
        self._application.applicationStateChanged.disconnect(self._on_state)
        gc.unfreeze()
        thresholds, interval = self._before
        gc.set_threshold(*thresholds)
        sys.setswitchinterval(interval)

    def _collect(self) -> None:
        """Collect what became garbage of what is new."""
        is_held = self._application.mouseButtons() != Qt.MouseButton.NoButton
        if gc.get_count()[2] >= _LEAST and not is_held:
            gc.collect()
            gc.freeze()

    def _on_state(self, state: Qt.ApplicationState) -> None:
        if state == Qt.ApplicationState.ApplicationInactive:
            self.sweep()
