"""Commands for a training that another process carries out: pause, go-on."""

from __future__ import annotations

from pathlib import Path

import click

from engine.cli._output import Output, json_option, project_argument
from engine.errors import UserError
from engine.project import pauses, runs
from engine.project.records import RunState
from engine.project.store import Project

_run = click.option("--run", "run", type=int, metavar="ID", help="Which; the newest where there are several.")


@click.command()
@project_argument
@_run
@json_option
def pause(path: Path, output: Output, run: int | None) -> None:
    """Have a training rest that another process carries out.

    It stores a checkpoint after its step, keeps its memory, and goes on with go-on.
    """
    with Project.open(path) as project, project.atomic():
        chosen = _chosen(project, run, "running")
        pauses.pause(project, chosen)
    output.emit({"run": chosen, "state": "paused"}, f"run {chosen} rests after its step")


@click.command("go-on")
@project_argument
@_run
@json_option
def go_on(path: Path, output: Output, run: int | None) -> None:
    """Have a paused training go on."""
    with Project.open(path) as project, project.atomic():
        chosen = _chosen(project, run, "paused")
        if not pauses.go_on(project, chosen):
            command = "faces train" if runs.get(project, chosen).kind == "embedder" else "train"
            hint = f"Go on from its checkpoint: boxwright {command} {path} --resume {chosen}"
            raise UserError(f"The process that carried out run {chosen} is gone.", hint)
    output.emit({"run": chosen, "state": "running"}, f"run {chosen} goes on")


def _chosen(project: Project, run_id: int | None, state: RunState) -> int:
    """The run asked for, or the newest in a state; raises UserError where none is."""
    if run_id is not None:
        return run_id
    found = next((run.id for run in runs.all_runs(project) if run.state == state), None)
    if found is None:
        raise UserError(f"No run in {project.path} is {state}.")
    return found
