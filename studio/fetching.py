"""Fetcher: questions to the project that take longer than a frame, asked on threads with connections of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.project.store import Project

Question = Callable[[Project], object]


@dataclass(frozen=True, slots=True)
class Fetched:
    """The answer to a question, or what it failed with."""

    key: Hashable
    value: object
    error: Exception | None = None


class Fetcher(QObject):
    """Answers questions by key on threads of its own; what is asked anew or forgotten before its turn is not done."""

    fetched = Signal(object)
    """Fetched, on the receiver's thread."""

    def __init__(self, path: Path, n_threads: int, name: str) -> None:
        """Start the threads on the project file at `path`."""
        super().__init__()
        self._waiting: dict[Hashable, Question] = {}
        self._running: set[Hashable] = set()
        self._is_over = False
        self._turn = threading.Condition()
        self._threads = [
            threading.Thread(target=self._work, args=(path,), name=f"{name} {number}", daemon=True)
            for number in range(n_threads)
        ]
        for thread in self._threads:
            thread.start()

    def ask(self, key: Hashable, question: Question) -> None:
        """Queue a question in place of one with this key that has not begun."""
        with self._turn:
            self._waiting.pop(key, None)
            self._waiting[key] = question
            self._turn.notify()

    def forget_others(self, keys: Iterable[Hashable]) -> None:
        """Drop the questions that wait under any other key."""
        kept = set(keys)
        with self._turn:
            self._waiting = {key: question for key, question in self._waiting.items() if key in kept}

    def is_asked(self, key: Hashable) -> bool:
        """Whether an answer under this key is on its way."""
        with self._turn:
            return key in self._waiting or key in self._running

    def finish(self) -> None:
        """Drop what waits, let what runs come to its end unheard, and end the threads."""
        self.leave()
        for thread in self._threads:
            thread.join()

    def leave(self) -> None:
        """The same without waiting for what runs, which may take seconds; `is_at_work` until then."""
        with self._turn:
            self._waiting.clear()
            self._is_over = True
            self._turn.notify_all()

    @property
    def is_at_work(self) -> bool:
        """Whether a thread of it runs: until none does, whoever has it keeps it."""
        return any(thread.is_alive() for thread in self._threads)

    def _work(self, path: Path) -> None:
        project: Project | None = None
        try:
            while (task := self._next()) is not None:
                key, question = task
                try:
                    project = project or Project.open(path, read_only=True)
                    answer = Fetched(key, question(project))
                except Exception as error:  # the world's faults and ours alike are the asker's to tell
                    answer = Fetched(key, None, error)
                with self._turn:
                    self._running.discard(key)
                    is_over = self._is_over
                if not is_over:
                    self.fetched.emit(answer)
        finally:
            if project is not None:
                project.close()

    def _next(self) -> tuple[Hashable, Question] | None:
        with self._turn:
            while not self._waiting and not self._is_over:
                self._turn.wait()
            if self._is_over:
                return None
            key = next(iter(self._waiting))
            question = self._waiting.pop(key)
            self._running.add(key)
            return key, question
