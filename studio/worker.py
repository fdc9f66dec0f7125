"""Worker: the window's end of one worker process, and the thread that reads what it answers."""

from __future__ import annotations

import multiprocessing
import os
import threading
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from PySide6.QtCore import QObject, Signal

from studio.orders import LaneName, Order
from studio.serving import serve

_URGENT: tuple[LaneName, ...] = ("infer", "prompt", "inspect", "faces")
"""Lanes that someone waits for: they come before a training."""


class Worker(QObject):
    """A worker process and the thread that reads what it answers."""

    answered = Signal(object)
    """Began, Heard or Ended."""
    died = Signal(int)
    """The process is gone, with this exit code (negative: the signal that killed it)."""

    def __init__(self, lane: LaneName, parent: QObject | None = None) -> None:
        """A worker for a lane, without its process yet."""
        super().__init__(parent)
        spawn = multiprocessing.get_context("spawn")
        self._pipe, theirs = spawn.Pipe()
        threads = 1 if lane == "files" else max(1, (os.cpu_count() or 2) - 1)
        process = spawn.Process(target=serve, args=(theirs, threads, lane not in _URGENT), name=f"boxwright-{lane}")
        self._process: BaseProcess = process
        self._thread = threading.Thread(target=self._read, args=(theirs,), name=f"jobs-{lane}", daemon=True)

    def start(self) -> None:
        """Start the process in the background; orders given meanwhile wait in the pipe."""
        self._thread.start()

    @property
    def pid(self) -> int | None:
        """The process's id, once it is started."""
        return self._process.pid

    def order(self, order: Order) -> None:
        """Send an order; that a process is gone is told by `died` alone."""
        with suppress(OSError):
            self._pipe.send(order)

    def join(self, seconds: float) -> None:
        """Wait for the process to end; after `seconds` it is ended."""
        self._thread.join(max(0.0, seconds))
        if self._thread.is_alive():
            self._process.kill()
            self._thread.join()

    def _read(self, theirs: Connection) -> None:
        try:
            self._process.start()  # here, since it takes longer than a frame
            theirs.close()
            while True:
                self.answered.emit(self._pipe.recv())
        except (EOFError, OSError):
            theirs.close()
            if self._process.pid is not None:
                self._process.join()
            self._pipe.close()
            self.died.emit(self._process.exitcode if self._process.pid is not None else 1)
