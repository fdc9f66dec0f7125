"""The command that puts two people's files together: merge."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from engine.cli._output import Output, json_option
from engine.evaluation.agreement import Agreement, Marked, agreement
from engine.formats import Item
from engine.interchange.joining import JoinReport, JoinRequest, join, shared_images
from engine.progress import finish
from engine.project.store import Project


@click.command()
@click.argument("path", metavar="A", type=click.Path(path_type=Path))
@click.argument("other_path", metavar="B", type=click.Path(path_type=Path))
@click.option(
    "--alike",
    metavar="IOU",
    type=click.FloatRange(0.5, 1.0),
    default=1.0,
    show_default=True,
    help="From which IoU on two shapes of equal class and attributes are the same.",
)
@json_option
def merge(path: Path, other_path: Path, alike: float, output: Output) -> None:
    """Take in another person's project; what differs goes into the queue."""
    request = JoinRequest(other_path, alike)
    with Project.open(path) as project:
        found = _agreement(project, other_path)
        report = finish(join(project, request), output.show)
    output.emit(asdict(report) | {"agreement": asdict(found)}, _words(report, found))


def _agreement(project: Project, other_path: Path) -> Agreement:
    """How far the two people agree on the pictures that both have."""
    with Project.open(other_path, read_only=True) as other:
        return agreement((_marked(one.ours), _marked(one.theirs)) for one in shared_images(project, other))


def _marked(items: tuple[Item, ...]) -> list[Marked]:
    return [Marked(item.class_name, item.shape) for item in items if not item.is_crowd]


def _words(report: JoinReport, found: Agreement) -> str:
    lines = [
        f"{report.images} new images, {report.annotations} annotations and {report.classes} classes taken in",
        f"on {report.shared_images} images that both have:",
        f"  {report.identical} identical, {report.only_a} only in A, {report.only_b} only in B",
        f"  {report.newer_in_b} newer in B and taken over, {report.kept_in_a} changed in A and kept",
        f"  {report.conflicts} in conflict, to be decided in the queue"
        + (f" ({report.known_conflicts} more known before)" if report.known_conflicts else ""),
    ]
    if report.shared_images:
        lines.append(f"agreement: kappa {_number(found.kappa)}, mean IoU {_number(found.mean_iou)}")
        lines += [
            f"  {one.class_name:<20} kappa {_number(one.kappa)}  mean IoU {_number(one.mean_iou)}  "
            f"both {one.both}, only A {one.only_a}, only B {one.only_b}"
            for one in found.classes
        ]
    return "\n".join(lines)


def _number(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3f}"
