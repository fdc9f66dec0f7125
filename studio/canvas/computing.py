"""Computing: what tools ask to be worked out, on a thread of its own, so that the pointer is never kept waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import thread_time

from PySide6.QtCore import QObject, Signal

_SHORT_S, _LONGEST_REST_S = 0.003, 0.1


@dataclass(frozen=True, slots=True)
class Computed:
    """What came of it."""

    ticket: int
    """As it was asked with."""
    value: object
    error: Exception | None = None


class Computing(QObject):
    """One thread, begun when first asked. What is asked while it works takes the place of what waits."""

    computed = Signal(object)
    """Computed, on the receiver's thread."""

    def __init__(self, *, rests: bool = False) -> None:
        """Where it `rests`, it pauses after what took long, lest the window wait for the interpreter time and again."""
        super().__init__()
        self._rests = rests
        self._waiting: tuple[int, Callable[[], object]] | None = None
        self._is_over = self._is_busy = False
        self._turn = threading.Condition()
        self._thread: threading.Thread | None = None

    @property
    def is_idle(self) -> bool:
        """Whether all that was asked is worked out; its answers may be on their way."""
        with self._turn:
            return self._waiting is None and not self._is_busy

    def ask(self, ticket: int, compute: Callable[[], object]) -> None:
        """Have something worked out in place of what has not begun.

        An iterator is told of step by step, and gone through no farther once something newer is asked.
        """
        with self._turn:
            self._waiting = (ticket, compute)
            self._turn.notify()
        if self._thread is None and not self._is_over:
            self._thread = threading.Thread(target=self._work, name="computing", daemon=True)
            self._thread.start()

    def forget(self) -> None:
        """Drop what waits."""
        with self._turn:
            self._waiting = None

    def finish(self) -> None:
        """Drop what waits, let what runs come to its end unheard, and end the thread."""
        with self._turn:
            self._waiting, self._is_over = None, True
            self._turn.notify()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        while (asked := self._next()) is not None:
            ticket, compute = asked
            begun = thread_time()
            try:
                answer = compute()
                for step in answer if isinstance(answer, Iterator) else (answer,):
                    self._tell(Computed(ticket, step))
                    if self._waiting is not None or self._is_over:
                        break
            except Exception as error:  # our own fault, told where all of them are
                self._tell(Computed(ticket, None, error))
            if self._rests:
                self._rest(thread_time() - begun)

    def _rest(self, worked_s: float) -> None:
        """As long as the work took."""
        with self._turn:
            self._is_busy = self._waiting is not None
            if worked_s > _SHORT_S:
                self._turn.wait_for(lambda: self._is_over, min(worked_s, _LONGEST_REST_S))

    def _tell(self, answer: Computed) -> None:
        with self._turn:
            is_over = self._is_over
        if not is_over:
            self.computed.emit(answer)

    def _next(self) -> tuple[int, Callable[[], object]] | None:
        with self._turn:
            self._is_busy = False
            while self._waiting is None and not self._is_over:
                self._turn.wait()
            asked, self._waiting = self._waiting, None
            self._is_busy = asked is not None
            return asked
