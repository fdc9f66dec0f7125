"""The command that takes a trained detector away: export-weights, as safetensors with a card, and as ONNX."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from engine.cli._output import Output, json_option, project_argument
from engine.cli._stopping import stoppable
from engine.cli.evaluation import run_id
from engine.progress import finish
from engine.project.store import Project
from engine.taking_away.weights_folder import TakeAwayReport, TakeAwayRequest, in_words, take_away


@click.command("export-weights")
@project_argument
@click.option("--run", default="latest", show_default=True, metavar="latest|ID", help="Whose best checkpoint.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="A new folder to write into.")
@click.option("--onnx", is_flag=True, help="Also as ONNX, with modules that detect without torch; compared at once.")
@json_option
def export_weights(path: Path, output: Output, run: str, out: Path, onnx: bool) -> None:
    """Write a run's weights into a folder, for use elsewhere: safetensors with a card, and ONNX.

    weights.safetensors goes back in by --weights, with its classes; model.json says what it is. With --onnx,
    `python detect.py PICTURE...` in that folder needs numpy and onnxruntime only, and Pillow to open files.
    """
    request = TakeAwayRequest(out, run_id(run), has_onnx=onnx)
    with Project.open(path, read_only=True) as project, stoppable(output.show) as heard:
        report = finish(take_away(project, request), heard)
    likeness = None if report.likeness is None else msgspec.to_builtins(report.likeness)
    result = {"run": report.run_id, "out": report.folder, "files": report.files, "likeness": likeness}
    output.emit(result, _in_words(report))


def _in_words(report: TakeAwayReport) -> str:
    lines = [f"run {report.run_id} in {report.folder}: {len(report.files)} files"]
    if report.likeness is not None:
        lines.append(f"ONNX is as torch: {in_words(report.likeness)}")
    return "\n".join(lines)
