"""What a window and its worker processes tell each other: tasks, orders, answers. Frozen, picklable, no Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

from engine.project.store import Change

LaneName: TypeAlias = Literal["files", "train", "infer", "prompt", "tiles", "inspect", "faces"]


@dataclass(frozen=True, slots=True)
class Task:
    """Long work to be done elsewhere: a generator function by its dotted name, and what to call it with."""

    title: str
    """What it does in words, as 'Import nuclei'."""
    lane: LaneName
    """Tasks of one lane run one after the other; lanes run side by side."""
    function: str
    """'engine.interchange.importing:import_all': a function that returns `engine.progress.Work`."""
    project: Path | None = None
    """The project file to open and pass as the first argument, if any."""
    arguments: tuple[Any, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    """Keyword arguments."""


@dataclass(frozen=True, slots=True)
class Start:
    """Order: do this."""

    job_id: int
    task: Task


@dataclass(frozen=True, slots=True)
class Stop:
    """Order: stop this at its next yield."""

    job_id: int


@dataclass(frozen=True, slots=True)
class Tell:
    """Order: pass this to the job, which listens."""

    job_id: int
    value: Any


@dataclass(frozen=True, slots=True)
class Quit:
    """Order: stop what is done, and end."""


@dataclass(frozen=True, slots=True)
class Listening:
    """What work yields to be told something: the yield returns it. It is closed where nobody tells it anything."""


@dataclass(frozen=True, slots=True)
class Began:
    """Answer: the worker is at it."""

    job_id: int


@dataclass(frozen=True, slots=True)
class Heard:
    """Answer: an event of the work, and what changed in the project since the last one."""

    job_id: int
    event: Any = None
    change: Change | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why work failed: in words, with a hint; with a traceback only where it is our bug."""

    words: str
    hint: str = ""
    details: str = ""

    @property
    def is_ours(self) -> bool:
        """Whether it is a bug of the program."""
        return bool(self.details)


@dataclass(frozen=True, slots=True)
class Ended:
    """Answer: the work is over, with its result, stopped, or failed."""

    job_id: int
    how: Literal["done", "stopped", "failed"]
    result: Any = None
    failure: Failure | None = None


Order: TypeAlias = Start | Stop | Tell | Quit
Answer: TypeAlias = Began | Heard | Ended
