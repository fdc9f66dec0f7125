"""The command that shows how detections came about: trace, of an image of a project or of a picture file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from engine import hardware
from engine.cli._output import Output, json_option, project_argument
from engine.cli.evaluation import run_id
from engine.detecting import project_images, ready_made
from engine.detecting.predicting import Predictor
from engine.detecting.ready_made import Foreign
from engine.detectors import DETECTORS
from engine.inspecting import tracer
from engine.project.store import Project
from engine.tracing import files
from engine.tracing.stages import count
from engine.tracing.trace import Trace


@click.command()
@project_argument
@click.argument("image", metavar="IMAGE")
@click.option("--run", default="latest", show_default=True, metavar="latest|ID", help="Whose network looks.")
@click.option("--detector", type=click.Choice(DETECTORS.names()), help="Instead of a run: a detector, with --weights.")
@click.option("--weights", type=click.Path(path_type=Path), help="A file of weights that know their classes by name.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="A file that gets the whole trace; readable without torch."
)
@click.option("--asked-more", is_flag=True, help="Ask the heads about every candidate for a proposal, for what-if.")
@click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda.")
@json_option
def trace(path: Path, image: str, output: Output, **options: Any) -> None:
    """Say how a network's detections on one picture came about, stage by stage, and check that nothing was changed.

    IMAGE is an image of the project, by its id or name, or the path of a picture file. The picture is looked at as a
    whole.
    """
    made = _made(path, image, options)
    out: Path | None = options["out"]
    if out is not None:
        files.save(made, out)
    result = {
        "image": made.origin.image_id, "name": made.origin.image_name, "run": made.origin.run_id,
        "detector": made.origin.detector, "equal": made.is_equal,
        "stages": [{"name": each.name, "kind": type(each).__name__, "count": count(each)} for each in made.stages],
        "checks": [{"name": each.name, "equal": each.is_equal, "words": each.words} for each in made.checks],
        "out": out,
    }  # fmt: skip
    output.emit(result, _in_words(made, out))


def _made(path: Path, image: str, options: dict[str, Any]) -> Trace:
    with Project.open(path, read_only=True) as project:
        seen = tracer.sight(project, image)
        predictor, run = _predictor(project, options)
    made = tracer.look(predictor, seen, run)
    return made.asked_more() if options["asked_more"] else made.trace


def _predictor(project: Project, options: dict[str, Any]) -> tuple[Predictor, int | None]:
    """The network of a run, or of weights from elsewhere, and the run that it is of, if any."""
    detector, weights = options["detector"], options["weights"]
    if weights is not None:
        if options["run"] != "latest":
            raise click.UsageError("Give --run, or --detector with --weights, not both.")
        return ready_made.predictor(Foreign(detector, weights), hardware.device(options["device"])), None
    if detector is not None:
        raise click.UsageError("Give --detector and --weights together.")
    run = project_images.chosen_run(project, run_id(options["run"]))
    return project_images.predictor(project, run, options["device"]), run.id


def _in_words(made: Trace, out: Path | None) -> str:
    origin, seen = made.origin, made.input
    by = origin.title if origin.run_id is None else f"{origin.title} of run {origin.run_id}"
    lines = [f"{by} on {origin.image_name}, {seen.size[1]} x {seen.size[0]} pixels"]
    lines += [f"{each.name:<12}{count(each):>8}  {type(each).__name__}" for each in made.stages]
    lines += [each.words if each.is_equal else f"DIFFERS: {each.words}" for each in made.checks]
    return "\n".join(lines if out is None else [*lines, f"Written to {out}."])
