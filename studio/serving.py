"""What runs inside a worker process: one long work after another, its events sent to the window. No Qt here.

The process is started by spawn, opens the project file itself, and knows of the window only a pipe: orders come in,
answers go out. When the pipe ends, the window is gone, and so is the worker.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
import time
import traceback
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from pickle import PicklingError
from typing import Any

from engine.errors import UserError
from engine.progress import Progress, Work, progress_of
from engine.project.store import Change, Project
from studio.orders import Answer, Began, Ended, Failure, Heard, Listening, Order, Quit, Start, Stop, Task, Tell

IDLE_SECONDS = 180.0
"""A worker without work ends after this long, and with it the memory of torch and of the GPU."""
NICENESS = 5
"""Enough for the window to come first, and little enough to get on where other programs are busy too."""
MIN_GAP_SECONDS = 0.05
"""Mere progress is sent at most this often."""


class WindowGoneError(Exception):
    """Nobody is there any more to hear of the work."""


def _send(pipe: Connection, answer: Answer) -> None:
    packed = ForkingPickler.dumps(answer)
    try:
        pipe.send_bytes(packed)
    except OSError as error:
        raise WindowGoneError from error


def _send_end(pipe: Connection, ended: Ended) -> None:
    """Send how a job ended, also when its result cannot be pickled."""
    try:
        _send(pipe, ended)
    except (PicklingError, TypeError, AttributeError):
        failure = Failure("The result cannot leave the worker process.", details=traceback.format_exc())
        _send(pipe, Ended(ended.job_id, "failed", failure=failure))


class Post:
    """Sends what one job has to say, merging changes and leaving out progress that comes too fast to see."""

    def __init__(self, pipe: Connection, job_id: int) -> None:
        """Post into `pipe` in the name of a job."""
        self._pipe = pipe
        self._job_id = job_id
        self._change = Change()
        self._held: Progress | None = None
        self._sent_at = -MIN_GAP_SECONDS

    def heard(self, event: Any) -> None:
        """Send an event; a Progress may be held back until the next."""
        if isinstance(event, Progress) and self._is_soon():
            self._held = event
            return
        if self._held is not None and progress_of(event) is None:
            self._send(self._held)  # nothing newer says how far it is
        self._send(event)

    def changed(self, change: Change) -> None:
        """Send what a commit changed, or keep it for the next event."""
        self._change = self._change | change
        if not self._is_soon():
            self._send(self._held)

    def flush(self) -> None:
        """Send what was held back."""
        if self._held is not None or self._change:
            self._send(self._held)

    def _is_soon(self) -> bool:
        return time.monotonic() - self._sent_at < MIN_GAP_SECONDS

    def _send(self, event: Any) -> None:
        change, self._change, self._held = self._change, Change(), None
        _send(self._pipe, Heard(self._job_id, event, change or None))
        self._sent_at = time.monotonic()


def serve(pipe: Connection, threads: int, is_nice: bool) -> None:
    """Do what `pipe` orders until it ends or nothing was asked for a while; the main function of a worker process."""
    _settle(threads, is_nice)
    try:
        while pipe.poll(IDLE_SECONDS) and not isinstance(order := pipe.recv(), Quit):
            if isinstance(order, Start):
                _send(pipe, Began(order.job_id))
                _send_end(pipe, _done(pipe, order))
    except (EOFError, OSError, WindowGoneError):
        pass


def _settle(threads: int, is_nice: bool) -> None:
    """Make way for the window: few threads, low priority; Ctrl+C is the window's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, str(threads))
    if is_nice and sys.platform == "win32":
        import ctypes  # noqa: PLC0415

        below_normal = 0x4000
        ctypes.windll.kernel32.SetPriorityClass(ctypes.windll.kernel32.GetCurrentProcess(), below_normal)
    elif is_nice:
        os.nice(NICENESS)


def _done(pipe: Connection, order: Start) -> Ended:
    """Do one job; whatever goes wrong in it becomes a Failure. A pipe that ends closes the work and passes on."""
    try:
        with _project(order.task) as first:
            return _driven(pipe, order, first)
    except WindowGoneError:
        raise
    except UserError as error:
        return Ended(order.job_id, "failed", failure=Failure(error.message, error.hint))
    except MemoryError:
        words = "There is not enough memory for this."
        return Ended(order.job_id, "failed", failure=Failure(words, "Close other programs, or try with less at once."))
    except Exception as error:
        words = f"{type(error).__name__}: {error}"
        return Ended(order.job_id, "failed", failure=Failure(words, details=traceback.format_exc()))


@contextmanager
def _project(task: Task) -> Iterator[tuple[Project, ...]]:
    if task.project is None:
        yield ()
    else:
        with Project.open(task.project) as project:
            yield (project,)


def _driven(pipe: Connection, order: Start, first: tuple[Project, ...]) -> Ended:
    post = Post(pipe, order.job_id)
    for project in first:
        project.on_change(post.changed)
    module, _, name = order.task.function.partition(":")
    function = getattr(importlib.import_module(module), name)
    work: Work[Any] | Generator[Any, Any, Any] = function(*first, *order.task.arguments, **order.task.options)
    inbox, told = Inbox(pipe, order.job_id), None
    try:
        while not inbox.is_stopped():
            event, told = work.send(told), None
            if not isinstance(event, Listening):
                post.heard(event)
            elif inbox.has_told():
                told = inbox.told()
            else:
                return Ended(order.job_id, "done")
        return Ended(order.job_id, "stopped")
    except StopIteration as end:
        return Ended(order.job_id, "done", end.value)
    finally:
        work.close()
        post.flush()


class Inbox:
    """What is ordered while a job goes on; what was meant for an earlier one came too late and is dropped."""

    def __init__(self, pipe: Connection, job_id: int) -> None:
        """Read from `pipe` what concerns a job."""
        self._pipe, self._job_id = pipe, job_id
        self._told: deque[Any] = deque()
        self._is_stopped = False

    def is_stopped(self) -> bool:
        """Whether an order to stop the job has come."""
        self._read(0.0)
        return self._is_stopped

    def has_told(self) -> bool:
        """Wait until the job is told something, or stopped; False where neither happens for a while."""
        while not self._told and not self._is_stopped:
            if not self._read(IDLE_SECONDS):
                return False
        return True

    def told(self) -> Any:
        """What the job was told first; None where it is stopped."""
        return self._told.popleft() if self._told else None

    def _read(self, seconds: float) -> bool:
        """Take all orders that are there, waiting so long for the first; returns whether there was any."""
        has_any = False
        try:
            while self._pipe.poll(0.0 if has_any else seconds):
                self._take(self._pipe.recv())
                has_any = True
        except (EOFError, OSError) as error:
            raise WindowGoneError from error
        return has_any

    def _take(self, order: Order) -> None:
        if isinstance(order, Quit):
            raise WindowGoneError
        if isinstance(order, Stop) and order.job_id == self._job_id:
            self._is_stopped = True
        elif isinstance(order, Tell) and order.job_id == self._job_id:
            self._told.append(order.value)
