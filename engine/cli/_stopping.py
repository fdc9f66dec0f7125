"""Ctrl-C during long work: the work ends at its next event, in good order, instead of anywhere."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeAlias

Heard: TypeAlias = Callable[[Any], None]


@contextmanager
def stoppable(heard: Heard) -> Iterator[Heard]:
    """A hearer of events that raises KeyboardInterrupt once Ctrl-C or a request to terminate has come.

    A second one has its usual effect at once. Threads other than the main one never hear of either.
    """
    if threading.current_thread() is not threading.main_thread():
        yield heard
        return
    asked: list[int] = []

    def remember(number: int, _: FrameType | None) -> None:
        asked.append(number)
        signal.signal(number, before[signal.Signals(number)])

    def hear(event: Any) -> None:
        heard(event)
        if asked:
            raise KeyboardInterrupt

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, remember)
    try:
        yield hear
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
