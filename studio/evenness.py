"""Evenness: keeps Python itself from holding the window up, whatever its threads do.

Three things do. A collection of all garbage stops every thread for 40 to 250 ms, as it goes through all that was ever
made; a thread that works keeps the interpreter for 5 ms while the window's waits, several times an event; and garbage
is collected by whichever thread happens to make a new object: one that so destroys what belongs to Qt may wait for a
lock of Qt's, which the GUI thread holds while it waits for the interpreter.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication

_SWITCH_S = 0.0005
"""For so long a thread keeps the interpreter while another waits for it."""
_YOUNG, _MIDDLE = 2000, 10
"""New objects between two collections of the youngest; how many of those until the next generation: 2 ms or so."""
_MANY = 20_000
"""More than these of the middle generation are not gone through in one turn, at 7 ms or so, but set aside."""
_TURN_MS, _PAUSE_MS = 50, 10_000
_LEAST = 3
"""Collections of the middle generation, below which there is nothing to do."""


class Evenness(QObject):
    """From its making to `finish` the GUI thread alone collects garbage: little by little, all while nobody is looking.

    What is alive is set aside now and then, so that the next collection goes through what is new alone. What was set
    aside and has become garbage since is found when the window is left for another.
    """

    def __init__(self, application: QGuiApplication, parent: QObject | None = None) -> None:
        """Set aside what there is, and begin."""
        super().__init__(parent)
        self._before = (gc.isenabled(), sys.getswitchinterval())
        sys.setswitchinterval(_SWITCH_S)
        gc.disable()
        gc.freeze()
        self._timers = (self._timer(_TURN_MS, self._tidy), self._timer(_PAUSE_MS, self._collect))
        self._application = application
        application.applicationStateChanged.connect(self._on_state)

    def sweep(self) -> None:
        """Collect all garbage; the window is held up for a moment."""
        gc.unfreeze()
        gc.collect()
        gc.freeze()

    def finish(self) -> None:
        """Leave Python as it was; once is enough."""
        if not self._timers[0].isActive():
            return
        for timer in self._timers:
            timer.stop()
        self._application.applicationStateChanged.disconnect(self._on_state)
        gc.unfreeze()
        was_enabled, interval = self._before
        if was_enabled:
            gc.enable()
        sys.setswitchinterval(interval)

    def _timer(self, every_ms: int, act: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setInterval(every_ms)
        timer.timeout.connect(act)
        timer.start()
        return timer

    def _tidy(self) -> None:
        """What Python would have done by itself since the last turn, in whatever thread."""
        n_new, n_young, _ = gc.get_count()
        if n_new < _YOUNG:
            return
        is_due = n_young >= _MIDDLE
        are_many = is_due and len(gc.get_objects(generation=1)) > _MANY
        gc.collect(1 if is_due and not are_many else 0)
        if are_many:
            gc.freeze()

    def _collect(self) -> None:
        """Collect what became garbage of what is new."""
        is_held = self._application.mouseButtons() != Qt.MouseButton.NoButton
        if gc.get_count()[2] >= _LEAST and not is_held:
            gc.collect()
            gc.freeze()

    def _on_state(self, state: Qt.ApplicationState) -> None:
        if state == Qt.ApplicationState.ApplicationInactive:
            self.sweep()
