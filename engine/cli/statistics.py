"""The command that counts: statistics, the numbers behind the statistics page."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import click

from engine.cli._output import Output, json_option, project_argument
from engine.errors import UserError
from engine.project import authors, classes
from engine.project.records import SPLITS
from engine.project.statistics import COLUMNS, Histogram, Summary, summary
from engine.project.statistics import statistics as read
from engine.project.store import Project


@click.command()
@project_argument
@click.option("--class", "class_name", metavar="NAME", help="Only annotations of this class.")
@click.option("--split", type=click.Choice((*SPLITS, "none")), help="Only images of this split.")
@click.option("--author", metavar="NAME", help="Only annotations of this person.")
@json_option
def statistics(path: Path, output: Output, class_name: str | None, split: str | None, author: str | None) -> None:
    """Say what a project's annotations are like, in numbers."""
    with Project.open(path, read_only=True) as project:
        found = read(project).of(
            _known("class", class_name, {one.id: one.name for one in classes.all_classes(project)}),
            "any" if split is None else None if split == "none" else split,  # type: ignore[arg-type]
            _known("author", author, authors.names(project)),
        )
    told = summary(found)
    output.emit(_plain(told), _in_words(told))


def _known(noun: str, name: str | None, names: dict[int, str]) -> int | None:
    """The id of what is named, if anything is; raises UserError where there is no such thing."""
    if name is None:
        return None
    found = next((id_ for id_, known in names.items() if known == name), None)
    if found is None:
        raise UserError(f"There is no {noun} {name!r}.", f"There are: {', '.join(names.values()) or 'none'}.")
    return found


def _plain(told: Summary) -> dict[str, Any]:
    splits = [split or "none" for split in COLUMNS]
    by_class = {
        record.name: {
            "annotations": sum(row),
            "by_split": dict(zip(splits, row, strict=True)),
            "median_seconds": _number(seconds),
        }
        for record, row, seconds in zip(told.classes, told.objects.tolist(), told.median_seconds.tolist(), strict=True)
    }
    return {
        "annotations": told.n_objects,
        "images": told.n_images,
        "images_without_annotations": told.n_bare,
        "classes": by_class,
        "sizes": dict(zip(("small", "medium", "large"), told.by_size, strict=True)),
        "median_seconds": _number(told.median_second),
        "hours": told.hours,
        "histograms": {
            "size_pixels": _bins(told.size),
            "aspect_ratio": _bins(told.aspect),
            "annotations_per_image": _bins(told.per_image),
            "seconds_per_annotation": _bins(told.seconds),
        },
    }


def _bins(found: Histogram) -> dict[str, list[float]]:
    """Edges (n + 1) and counts (n)."""
    return {"edges": found.edges.tolist(), "counts": found.counts.tolist()}


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value


def _in_words(told: Summary) -> str:
    small, medium, large = told.by_size
    lines = [
        f"{told.n_objects:,} annotations on {told.n_images:,} images, {told.n_bare:,} of them without any",
        f"{small:,} small, {medium:,} medium, {large:,} large (sides of 32 and 96 pixels)",
    ]
    if not math.isnan(told.median_second):
        lines.append(f"median {told.median_second:.3g} seconds each, {told.hours:.1f} hours in all")
    totals = told.objects.sum(axis=1).tolist()
    rows = sorted(zip(told.classes, totals, strict=True), key=lambda row: -row[1])
    return "\n".join([*lines, *(f"  {record.name:<20} {n:>9,}" for record, n in rows)])
