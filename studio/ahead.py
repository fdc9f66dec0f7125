"""Ahead: what will be wanted is loaded and made before it is, in small steps, while the window has nothing to do.

The first time that something is shown its modules load, its widgets are made and given their looks: 20 to 60 ms for a
page, during which the window stands still. What is wanted before its turn came is made at once, as if nobody had
planned it; so a plan is only ever about time, and nothing waits for it.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QStackedWidget, QWidget

from studio.loading import loading

_REST_MS, _PAUSE_MS = 200, 5
"""Until the first step, and between two turns."""
_TURN_S = 0.003
"""No other step begins in a turn that took so long."""


@runtime_checkable
class HasParts(Protocol):
    """What can make its parts before they are shown."""

    def ahead(self) -> Iterator[None]:
        """Load and make one after the other; what is there already is left alone."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """What one of several widgets in one place is made by."""

    make: Callable[[], QWidget]
    module: str = ""
    """What making it loads, by its dotted name; empty where that is loaded already."""


class Parts(QStackedWidget):
    """Widgets in one place, each made when it is first shown, or ahead of that."""

    def __init__(self, parts: Mapping[str, Part]) -> None:
        """None of them is made yet."""
        super().__init__()
        self.made: dict[str, QWidget] = {}
        """Those that are there, by their names."""
        self._parts = parts

    def show_part(self, name: str) -> QWidget:
        """Show one of them; returns it."""
        part = self._made(name)
        self._place(part)
        self.setCurrentWidget(part)
        return part

    def ahead(self) -> Iterator[None]:
        """Make all of them, and the parts of each."""
        for name, part in self._parts.items():
            if part.module:
                yield from loading(part.module)
            made = self._made(name)
            yield
            self._place(made)  # a step of its own: all that is in it is dressed for this window
            yield
            if isinstance(made, HasParts):
                yield from made.ahead()

    def _made(self, name: str) -> QWidget:
        if name not in self.made:
            self.made[name] = self._parts[name].make()
        return self.made[name]

    def _place(self, part: QWidget) -> None:
        if self.indexOf(part) < 0:
            self.addWidget(part)


class Ahead(QObject):
    """Goes through plans one after the other, a few milliseconds in a turn, and never while somebody drags."""

    def __init__(self, parent: QObject | None = None) -> None:
        """Nothing is planned yet."""
        super().__init__(parent)
        self._plans: deque[Iterator[None]] = deque()
        self._timer = QTimer(self, singleShot=True, interval=_REST_MS)
        self._timer.timeout.connect(self._work)

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to be done."""
        return not self._plans

    def plan(self, steps: Iterator[None]) -> None:
        """Do this, too, each step being what lies between two yields. What a step raises ends its plan alone."""
        self._plans.append(steps)
        if not self._timer.isActive():
            self._timer.start(_REST_MS)

    def finish(self) -> None:
        """Leave the rest undone."""
        self._timer.stop()
        self._plans.clear()

    def _work(self) -> None:
        end = time.perf_counter() + _TURN_S
        try:
            while self._plans and QGuiApplication.mouseButtons() == Qt.MouseButton.NoButton:
                self._step()
                if time.perf_counter() >= end:
                    break
        finally:
            if self._plans:
                self._timer.start(_PAUSE_MS)

    def _step(self) -> None:
        steps = self._plans.popleft()
        for _ in steps:
            self._plans.appendleft(steps)
            return
