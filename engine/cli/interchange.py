"""Commands for what goes in and out of a project: import, export."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import click

from engine.cli._output import Output, json_option, project_argument
from engine.formats import FORMATS
from engine.interchange.exporting import ExportReport, ExportRequest, export_from
from engine.interchange.importing import ImportReport, ImportRequest, import_into
from engine.interchange.merging import ConflictPolicy
from engine.interchange.proof import Proof
from engine.interchange.sources import PICTURES
from engine.progress import finish
from engine.project.records import SPLITS, Split
from engine.project.store import Project

SKIPPED_SHOWN = 20


@click.command("import")
@project_argument
@click.argument("source", metavar="PATH", type=click.Path(path_type=Path))
@click.option("--format", "format_", type=click.Choice([*FORMATS.names(), PICTURES]), help="Default: found by looking.")
@click.option("--split", type=click.Choice(SPLITS), help="Put every picture into this split.")
@click.option("--link", is_flag=True, help="Leave the pictures where they are instead of embedding them.")
@click.option(
    "--on-conflict",
    type=click.Choice(["ours", "theirs", "both"]),
    default="ours",
    show_default=True,
    help="Which to keep where an annotation was changed here and in the file.",
)
@json_option
def import_(path: Path, source: Path, output: Output, **options: Any) -> None:
    """Take pictures and annotations into a project: a file, or a folder of any known format."""
    request = ImportRequest(
        source,
        options["format_"],
        cast("Split | None", options["split"]),
        options["link"],
        cast(ConflictPolicy, options["on_conflict"]),
    )
    with Project.open(path) as project:
        report = finish(import_into(project, request), output.show)
    output.emit(asdict(report), _import_words(report))


@click.command()
@project_argument
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--format", "format_", type=click.Choice(FORMATS.names()), required=True)
@click.option("--split", type=click.Choice(SPLITS), help="Only the images of this split.")
@click.option("--proof", is_flag=True, help="Read back what was written and compare it object by object.")
@click.option("--run", type=int, metavar="ID", help="What a run learned from instead, as it was when it began.")
@json_option
def export(path: Path, folder: Path, output: Output, run: int | None, **options: Any) -> None:
    """Write pictures and annotations into a new folder, in another format."""
    request = ExportRequest(folder, options["format_"], cast("Split | None", options["split"]), options["proof"])
    with Project.open(path, read_only=True) as project:
        report, lost = _exported(project, run, request, output)
    told = {} if run is None else {"run": run, "lost": lost}
    result = asdict(report) | told
    if report.proof is not None:
        result["proof"]["is_kept"] = report.proof.is_kept
    gone = [f"gone from the project: {name}" for name in lost]
    output.emit(result, "\n".join([_export_words(report, folder), *gone]))


def _exported(
    project: Project, run_id: int | None, request: ExportRequest, output: Output
) -> tuple[ExportReport, tuple[str, ...]]:
    """Export what is there now, or what a run learned from; with the names of images that are gone since."""
    if run_id is None:
        return finish(export_from(project, request), output.show), ()
    from engine.training.rebuilding import export_training_set  # noqa: PLC0415  # loads torch

    report = finish(export_training_set(project, run_id, request), output.show)
    return report.export, report.lost


def _import_words(report: ImportReport) -> str:
    lines = [
        f"{report.images} images and {report.annotations} annotations from {report.format}"
        + (f", {report.updated} updated" if report.updated else "")
        + (f", {report.same} already here" if report.same else "")
    ]
    if report.ours or report.theirs or report.both:
        lines.append(f"changed here: {report.ours}, in the file: {report.theirs}, on both sides: {report.both}")
    lines += report.notes[:SKIPPED_SHOWN]
    lines += [f"skipped {one.what}: {one.why}" for one in report.skipped[:SKIPPED_SHOWN]]
    if len(report.skipped) > SKIPPED_SHOWN:
        lines.append(f"and {len(report.skipped) - SKIPPED_SHOWN} more skipped (--json lists all)")
    return "\n".join(lines)


def _export_words(report: ExportReport, folder: Path) -> str:
    lines = [f"{report.images} images and {report.annotations} annotations as {report.format} in {folder}"]
    lines += [f"turned upright: {name}" for name in report.turned]
    if report.proof is not None:
        lines += _proof_words(report.proof)
    if report.loses:
        lines += ["This format cannot hold:", *(f"  {phrase}" for phrase in report.loses)]
    return "\n".join(lines)


def _proof_words(proof: Proof) -> list[str]:
    verdict = "all that the format can hold is there" if proof.is_kept else "SOMETHING IS MISSING OR DIFFERENT"
    counts = (
        f"{proof.returned} came back, {proof.dropped} dropped, {proof.missing} missing, {proof.unexpected} unexpected"
    )
    lines = [f"proof: {verdict}", f"  of {proof.annotations} annotations {counts}"]
    lines.append(f"  IoU with the annotation: least {proof.min_iou:.6f}, mean {proof.mean_iou:.6f}")
    lines += [f"  {one.iou:.4f} {one.class_name} on {one.page}" for one in proof.worst]
    return lines
