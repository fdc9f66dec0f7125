"""What the statistics page shows, in words and bars: pure, made of sums that are small."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from engine.project import authors
from engine.project.acceptance import Acceptance, acceptance
from engine.project.records import Split
from engine.project.statistics import COLUMNS, Statistics, Summary, statistics, summary
from engine.project.store import Project
from studio.charts.bars import Bar

AnySplit: TypeAlias = Split | Literal["any"] | None


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which annotations are counted."""

    class_id: int | None = None
    split: AnySplit = "any"
    author_id: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What the page shows."""

    everything: Statistics
    summary: Summary
    narrowing: Narrowing
    authors: dict[int, str]
    accepted: tuple[Acceptance, ...]


def tell(project: Project, chosen: Narrowing, known: Told | None) -> Told:
    """Sum up what is chosen; reads everything where nothing is known yet."""
    if known is None:
        everything = statistics(project)
        known = Told(everything, summary(everything), Narrowing(), authors.names(project), tuple(acceptance(project)))
    if chosen == Narrowing():
        return replace(known, summary=summary(known.everything), narrowing=chosen)
    narrowed = known.everything.of(chosen.class_id, chosen.split, chosen.author_id)
    return replace(known, summary=summary(narrowed), narrowing=chosen)


def sentence(found: Summary) -> str:
    words = f"{found.n_objects:,} objects on {found.n_images:,} pictures, {found.n_bare:,} of them bare"
    return words if not found.hours else f"{words}; drawn in {_long(found.hours)}"


def _long(hours: float) -> str:
    return f"{hours:.1f} hours" if hours >= 1 else f"{60 * hours:.0f} minutes"


def size_words(found: Summary) -> str:
    small, medium, large = found.by_size
    return f"{small:,} small, {medium:,} medium, {large:,} large"


def median_words(found: Summary) -> str:
    return "" if math.isnan(found.median_second) else f"median {found.median_second:.3g} s"


def by_number(found: Summary) -> list[int]:
    """The rows of classes, those with the most annotations first."""
    totals = found.objects.sum(axis=1).tolist()
    return sorted(range(len(totals)), key=lambda row: -totals[row])


def by_seconds(found: Summary) -> list[int]:
    """The rows of classes that somebody has measured, the slowest first."""
    seconds = found.median_seconds.tolist()
    return sorted((row for row, one in enumerate(seconds) if not math.isnan(one)), key=lambda row: -seconds[row])


def class_bar(found: Summary, row: int) -> Bar:
    record, by_split = found.classes[row], found.objects[row].tolist()
    parts = ", ".join(f"{n:,} {split or 'in no split'}" for n, split in zip(by_split, COLUMNS, strict=True) if n)
    n = sum(by_split)
    return Bar(record.name, n, record.colour, f"{n:,}", f"{record.name}: {parts or 'none'}")


def seconds_bar(found: Summary, row: int) -> Bar:
    record, seconds = found.classes[row], float(found.median_seconds[row])
    number = "–" if math.isnan(seconds) else f"{seconds:.3g} s"
    return Bar(
        record.name,
        seconds,
        record.colour,
        number,
        f"{record.name}: {'nobody measured' if math.isnan(seconds) else number}",
    )


def split_bars(told: Told, colour: str) -> list[Bar]:
    numbers = told.everything.images.tolist()
    names = ("Training", "Validation", "Test", "In no split")
    return [Bar(name, n, colour, f"{n:,}", f"{name}: {n:,} pictures") for name, n in zip(names, numbers, strict=True)]


def accepted_bars(told: Told) -> list[Bar]:
    """By run and class, the newest run first."""
    records = {record.id: record for record in told.everything.classes}
    bars = []
    for one in sorted(told.accepted, key=lambda one: (-one.run_id, one.class_id)):
        record, rate, distance = records.get(one.class_id), one.rate, one.edit_distance
        if record is None or rate is None:
            continue
        number = f"{rate:.0%}" + ("" if distance is None else f", edited {distance:.2f}")
        details = f"{one.accepted:,} accepted, {one.rejected:,} rejected, {one.open:,} open, "
        details += f"{one.retyped:,} of another class now"
        bars.append(Bar(f"Run {one.run_id}, {record.name}", rate, record.colour, number, details))
    return bars


def size_range(low: float, high: float, n: int) -> str:
    return f"{low:.3g} to {high:.3g} px: {n:,}"


def aspect_range(low: float, high: float, n: int) -> str:
    return f"{low:.2f} to {high:.2f}: {n:,}"


def seconds_range(low: float, high: float, n: int) -> str:
    return f"{low:.2g} to {high:.2g} s: {n:,}"


def count_range(low: float, high: float, n: int) -> str:
    first, last = math.ceil(low), math.floor(high)
    words = f"{first:,}" if first == last else f"{first:,} to {last:,}"
    return f"{words} objects: {n:,} pictures"
