"""What a benchmark has to say: rows of a number of ours beside the one it is compared with."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

ROWS_FILE = "BOXWRIGHT_BENCH_ROWS"
"""The environment variable that names the file where `make bench` collects rows."""


@dataclass(frozen=True, slots=True)
class Row:
    """One number, what it is compared with, or the limit that it has to keep."""

    what: str
    ours: float
    unit: str
    other: float | None = None
    other_name: str = ""
    limit: float | None = None
    """`ours` may be at most this."""

    @property
    def is_kept(self) -> bool:
        """Whether the limit, if any, is kept."""
        return self.limit is None or self.ours <= self.limit


def milliseconds(run: Callable[[], object], repeats: int) -> list[float]:
    """How long each of `repeats` calls takes, sorted."""
    found = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        found.append((time.perf_counter() - start) * 1000)
    return sorted(found)


def percentile(values: Iterable[float], share: float) -> float:
    """The value that `share` (0 to 1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(values: Iterable[float]) -> float:
    """The middle value."""
    return statistics.median(values)


def show(rows: Iterable[Row]) -> None:
    """Print the rows as a table, and hand them to `make bench` where it asked for them."""
    shown = list(rows)
    print(table(shown))
    if collected := os.environ.get(ROWS_FILE):
        with Path(collected).open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(row)) + "\n" for row in shown)


def table(rows: Iterable[Row]) -> str:
    """The rows as aligned text: ours, the other, how many times the other takes, and whether the limit is kept."""
    lines = [("", "ours", "unit", "other", "other / ours", "limit")]
    for row in rows:
        other = "" if row.other is None else f"{row.other:,.3g} {row.other_name}"
        ratio = "" if row.other is None or not row.ours else f"{row.other / row.ours:.2f}"
        limit = "" if row.limit is None else f"{row.limit:g} {'kept' if row.is_kept else 'BROKEN'}"
        lines.append((row.what, f"{row.ours:,.4g}", row.unit, other, ratio, limit))
    widths = [max(len(line[column]) for line in lines) for column in range(6)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)


def surroundings() -> str:
    """The machine in a line, without its name: what every printed figure depends on."""
    threads = os.environ.get("OMP_NUM_THREADS", "as many as there are cores")
    return (
        f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores, threads for numbers: {threads}"
    )
