"""The command that puts two people's files together: merge."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from engine.cli._output import Output, json_option
from engine.cli.agreement import agreement_lines
from engine.evaluation.agreement import Agreement, of_files
from engine.interchange.joining import JoinReport, JoinRequest, join
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
        found = of_files(project, other_path)
        report = finish(join(project, request), output.show)
    output.emit(asdict(report) | {"agreement": asdict(found)}, _words(report, found))


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
        lines += agreement_lines(found)
    return "\n".join(lines)
