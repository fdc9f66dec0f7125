"""What long work says while it runs, and how it is run to its end.

Long work (import, training, prediction) is a generator function. What changes a project takes the open Project as its
first parameter; the command line passes its own, the studio's worker processes open one and announce every Change
they see in it. It yields frozen, picklable values often enough that stopping at the next yield feels prompt, and
returns its result. Stopping is `close()`: `finally` blocks leave everything whole.

    def import_all(project: Project, request: ImportRequest) -> Work[ImportReport]:
        for done, page in enumerate(pages):
            yield Progress(done, len(pages), page.name)
            ...
        return ImportReport(...)
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far some work is. Any other event may carry one in an attribute `progress`."""

    done: int
    total: int | None
    """None while it is not known."""
    words: str = ""
    """What is being done, as 'Reading pictures'; the name of a picture, or nothing."""
    seconds_left: float | None = None
    """How long the rest will take, where the work knows better than its pace does."""
    is_counted: bool = True
    """Whether `done` and `total` count something; else the two say but what share of the whole is done."""


Work: TypeAlias = Generator[Any, None, R]
"""Long work that yields events (Progress, or its own) and returns an R."""


def progress_of(event: object) -> Progress | None:
    """The progress an event tells of, or None when it tells of none."""
    found = event if isinstance(event, Progress) else getattr(event, "progress", None)
    return found if isinstance(found, Progress) else None


def finish(work: Work[R], heard: Callable[[Any], None] = lambda _: None) -> R:
    """Run work to its end, passing each event to `heard`; returns its result. Whatever `heard` raises stops it."""
    try:
        while True:
            heard(next(work))
    except StopIteration as end:
        result: R = end.value
        return result
    finally:
        work.close()
