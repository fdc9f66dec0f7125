"""What a check finds: problems called by their names, and how much was verified."""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import dataclass, field

MAX_PROBLEMS = 1000
"""More than these are counted, not listed."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something damaged, called by its name, and in which way."""

    what: str
    why: str


@dataclass(slots=True)
class Findings:
    """What a check has found so far."""

    checked: Counter[str] = field(default_factory=Counter)
    """How many of what was verified, whole or not."""
    _problems: list[Problem] = field(default_factory=list)
    _n_unlisted: int = 0

    def blame(self, what: str, why: str) -> None:
        """Note a problem."""
        if len(self._problems) < MAX_PROBLEMS:
            self._problems.append(Problem(what, why))
        else:
            self._n_unlisted += 1

    def listed(self) -> tuple[Problem, ...]:
        """The problems in the order they were found, the last one saying how many more there are."""
        more = [Problem("And more", f"{self._n_unlisted} other problems")] if self._n_unlisted else []
        return (*self._problems, *more)


def reason(error: Exception) -> str:
    """Why something could not be read, in SQLite's own words where it was SQLite: ours would advise to run a check."""
    cause = error.__cause__
    return str(cause if isinstance(cause, sqlite3.Error) else error) or type(error).__name__
