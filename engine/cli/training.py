"""The command that trains: train, afresh or going on with a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from engine.cli._output import Output, json_option, project_argument
from engine.cli._stopping import stoppable
from engine.cli.evaluation import run_id
from engine.detectors import DETECTORS
from engine.errors import UserError
from engine.progress import finish
from engine.project.store import Project
from engine.training import recording
from engine.training.augment import Augmentation
from engine.training.choosing import with_detector
from engine.training.plan import AUTO
from engine.training.recipe import Recipe
from engine.training.recording import TrainReport


@click.command()
@project_argument
@click.option(
    "--detector", type=click.Choice([AUTO, *DETECTORS.names()]), default=AUTO, show_default=True,
    help="auto: what suits the annotations, or the weights that are given.",
)  # fmt: skip
@click.option("--weights", default="auto", show_default=True, metavar="auto|none|PATH", help="What to start from.")
@click.option("--epochs", type=click.IntRange(1), help="Train this many times through all pictures.")
@click.option("--minutes", type=click.FloatRange(0, min_open=True), help="Or for this long, validation included.")
@click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--batch", type=click.IntRange(1), help="Pictures in a step.")
@click.option("--learning-rate", type=click.FloatRange(0, min_open=True))
@click.option("--upside-down", is_flag=True, help="Objects look alike upside down (slides, aerial pictures).")
@click.option("--option", "given", multiple=True, metavar="NAME=VALUE", help="An option of the detector.")
@click.option("--resume", metavar="latest|ID", help="Go on with a run that was stopped or interrupted.")
@json_option
def train(path: Path, output: Output, resume: str | None, **options: Any) -> None:
    """Fine-tune a detector on a project's annotations."""
    why = ""
    with Project.open(path) as project:
        if resume is None:
            recipe, why = with_detector(project, _recipe(options))
            chosen = recording.queue(project, recipe)
        else:
            chosen = recording.resumable(project, run_id(resume))
        with stoppable(output.show) as heard:
            report = finish(recording.train_run(project, chosen), heard)
    told = {"detector_reason": why} if why else {}
    output.emit(_plain(report) | told, f"{why}\n{_in_words(report)}".strip())


def _recipe(options: dict[str, Any]) -> Recipe:
    """The recipe that the command line asks for."""
    augmentation = Augmentation(flip_vertical=0.5 if options["upside_down"] else 0.0)
    names = ("detector", "weights", "epochs", "minutes", "device", "seed", "batch", "learning_rate")
    given = {name: options[name] for name in names if options[name] is not None}
    return Recipe(options=_given(options["given"]), augmentation=augmentation, **given)


def _given(pairs: Sequence[str]) -> dict[str, Any]:
    """Options of the detector from NAME=VALUE, where a value is JSON or plain text."""
    found: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise UserError(f"{pair!r} is no option.", "Write --option NAME=VALUE.")
        try:
            found[name] = msgspec.json.decode(text)
        except msgspec.DecodeError:
            found[name] = text
    return found


def _plain(report: TrainReport) -> dict[str, Any]:
    started, ended = report.started, report.ended
    result: dict[str, Any] = {"run": report.run_id, "state": report.state}
    if started is not None:
        result |= {
            "device": started.device, "precision": started.precision, "threads": started.n_threads,
            "weights": started.weights, "images": {"train": started.n_train, "val": started.n_val},
            "classes": started.class_names, "reasons": started.reasons, "options": msgspec.json.decode(started.options),
        }  # fmt: skip
    if ended is not None:
        result |= {"steps": ended.step, "epochs": ended.epoch, "seconds": ended.seconds, "metrics": dict(ended.best)}
    return result


def _in_words(report: TrainReport) -> str:
    started, ended = report.started, report.ended
    lines = [f"run {report.run_id}: {report.state}"]
    if started is not None:
        lines += [str(started.weights), *started.reasons]
        threads = f"{started.n_threads} thread{'s' if started.n_threads > 1 else ''}"
        lines += [f"{started.n_train} pictures on {started.device}, {started.precision}, {threads}"]
    if ended is not None:
        lines += [f"{ended.step} steps, {ended.epoch} epochs in {ended.seconds:.0f} s"]
        lines += [f"  {name} {value:.3f}" for name, value in ended.best.items() if value is not None]
    return "\n".join(lines)
