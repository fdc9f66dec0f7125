"""Jobs without processes, for what asks a worker: a test sees what was asked, and answers in the worker's place."""

from typing import Any

from PySide6.QtCore import QObject, Signal

from studio.orders import Failure, Task


class Asked(QObject):
    """A job that a test answers for."""

    heard = Signal(object)
    ended = Signal()

    def __init__(self, task: Task) -> None:
        super().__init__()
        self.task, self.told = task, list[Any]()
        self.failure: Failure | None = None

    def answer(self, answer: object) -> None:
        self.heard.emit(answer)

    def end(self, failure: Failure | None = None) -> None:
        self.failure = failure
        self.ended.emit()


class AskedJobs(QObject):
    """Stands for Jobs."""

    def __init__(self) -> None:
        super().__init__()
        self.started: list[Asked] = []
        self.stopped: list[Asked] = []

    @property
    def told(self) -> list[Any]:
        """All that was asked, of one job after the other."""
        return [question for job in self.started for question in job.told]

    def start(self, task: Task, *, quiet: bool = False) -> Asked:
        assert quiet
        self.started.append(Asked(task))
        return self.started[-1]

    def tell(self, job: Asked, value: object) -> None:
        job.told.append(value)

    def stop(self, job: Asked) -> None:
        self.stopped.append(job)
