"""The command that trains: train, afresh, going on with a run, or carrying out the queue."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from engine.cli import faces_training
from engine.cli._output import Output, json_option, project_argument
from engine.cli._stopping import stoppable
from engine.cli._teller import Teller
from engine.cli.evaluation import run_id
from engine.detectors import DETECTORS
from engine.errors import UserError
from engine.faces.recording import FaceReport, carry_out
from engine.feeding.project_data import ProjectData
from engine.progress import finish
from engine.project import run_queue
from engine.project.store import Project
from engine.training import recording
from engine.training.choosing import decided
from engine.training.following import follow
from engine.training.plan import AUTO
from engine.training.ranks import Ranks, joined
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
@click.option(
    "--patience", type=click.IntRange(0), metavar="N",
    help="Validations that may pass without a better result before it ends with its best; 0 goes on to the end.",
)  # fmt: skip
@click.option(
    "--precision", type=click.Choice(["auto", "float32", "bfloat16", "float16"]), default="auto", show_default=True,
    help="Numbers to compute in.",
)  # fmt: skip
@click.option(
    "--loaders", type=click.IntRange(0), metavar="N",
    help="Processes that read pictures ahead; 0 reads them in between. Several where there is a GPU.",
)  # fmt: skip
@click.option("--resume", metavar="latest|ID", help="Go on with a run that was stopped or interrupted.")
@click.option("--queue", is_flag=True, help="Only put the run into the queue.")
@click.option("--queued", is_flag=True, help="Carry out all runs of the queue, the oldest first.")
@json_option
def train(path: Path, output: Output, **options: Any) -> None:
    """Fine-tune a detector on a project's annotations."""
    if sum((options["queue"], options["queued"], options["resume"] is not None)) > 1:
        raise UserError("Only one of --queue, --queued and --resume can be asked for.")
    with joined(options["device"]) as ranks:
        if ranks.are_several and (options["queue"] or options["queued"]):
            raise UserError("Several processes train one run, not a queue.", "Leave out torchrun, or --queue.")
        if ranks.leads:
            _lead(path, output, options, ranks)
        else:
            _follow(path, ranks)


def _follow(path: Path, ranks: Ranks) -> None:
    """Take part in the training that rank 0 leads. Ctrl-C reaches all ranks; rank 0 ends the others in good order."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    follow(ranks, lambda data: data.reading(path) if isinstance(data, ProjectData) else data)


def _lead(path: Path, output: Output, options: dict[str, Any], ranks: Ranks) -> None:
    with Project.open(path) as project:
        if options["queued"]:
            _carry_out(project, output)
        else:
            _train_one(project, output, options, ranks)


def _train_one(project: Project, output: Output, options: dict[str, Any], ranks: Ranks) -> None:
    """Train a new run, or only queue it, or go on with an old one."""
    why = ""
    if options["resume"] is None:
        recipe, reasons = decided(project, _recipe(options), {"flip_vertical": 0.5} if options["upside_down"] else {})
        why = "\n".join(reasons)
        chosen = recording.queue(project, recipe)
    else:
        chosen = recording.resumable(project, run_id(options["resume"]))
    told = {"chosen": why.splitlines()} if why else {}
    if options["queue"]:
        n_waiting = len(run_queue.waiting(project))
        waits = f"run {chosen} waits, {n_waiting} in the queue; carry them out: boxwright train {project.path} --queued"
        output.emit({"run": chosen, "state": "queued", "waiting": n_waiting} | told, f"{why}\n{waits}".strip())
        return
    with stoppable(Teller(output).hear) as heard:
        report = finish(recording.train_run(project, chosen, ranks), heard)
    output.emit(_plain(report) | told, f"{why}\n{_in_words(report)}".strip())


def _carry_out(project: Project, output: Output) -> None:
    """Carry out the queue: one result a run, as soon as it is over."""
    teller = Teller(output)

    def hear(event: Any) -> None:
        teller.hear(event)
        if isinstance(event, TrainReport):
            output.emit(_plain(event), _in_words(event))
        elif isinstance(event, FaceReport):
            output.emit(faces_training.plain(event), faces_training.in_words(event))

    with stoppable(hear) as heard:
        reports = finish(recording.train_queued(project, carry_out), heard)
    if not reports:
        output.say("No run waits in the queue.")


def _recipe(options: dict[str, Any]) -> Recipe:
    """The recipe that the command line asks for."""
    names = (
        "detector", "weights", "epochs", "minutes", "device", "seed", "batch", "learning_rate", "patience", "precision",
        "loaders",
    )  # fmt: skip
    given = {name: options[name] for name in names if options[name] is not None}
    given |= {"patience": None} if given.get("patience") == 0 else {}
    return Recipe(options=_given(options["given"]), **given)


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
    result |= {"message": report.message} if report.message else {}
    if started is not None:
        result |= {
            "device": started.device, "precision": started.precision, "threads": started.n_threads,
            "weights": started.weights, "images": {"train": started.n_train, "val": started.n_val},
            "classes": started.class_names, "reasons": started.reasons, "options": msgspec.json.decode(started.options),
        }  # fmt: skip
    if ended is not None:
        result |= {"steps": ended.step, "epochs": ended.epoch, "seconds": ended.seconds, "metrics": dict(ended.best)}
        result |= {"reason": ended.words or ended.reason}
    return result


def _in_words(report: TrainReport) -> str:
    started, ended = report.started, report.ended
    lines = [f"run {report.run_id}: {report.state}{', ' * bool(report.message)}{report.message}"]
    if started is not None:
        lines += [str(started.weights), *started.reasons]
        threads = f"{started.n_threads} thread{'s' if started.n_threads > 1 else ''}"
        lines += [f"{started.n_train} pictures on {started.device}, {started.precision}, {threads}"]
    if ended is not None:
        why = f": {ended.words}" if ended.words else ""
        lines += [f"{ended.step} steps, {ended.epoch} epochs in {ended.seconds:.0f} s{why}"]
        lines += [f"  {name} {value:.3f}" for name, value in ended.best.items() if value is not None]
    return "\n".join(lines)
