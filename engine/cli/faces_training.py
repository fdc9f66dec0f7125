"""Commands that teach embedders: faces train, improve."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import click

from engine.cli._output import Output, json_option, project_argument
from engine.cli._stopping import stoppable
from engine.cli._teller import Teller
from engine.cli.evaluation import run_id
from engine.errors import UserError
from engine.faces import recording
from engine.faces.choice import EmbedderChoice
from engine.faces.choosing import decided_faces
from engine.faces.ensuring import using
from engine.faces.improved import Figures, Improved, ImproveRequest
from engine.faces.improving import improve as improving
from engine.faces.improving import switched
from engine.faces.recipe import FaceRecipe, Loss, Mining
from engine.faces.recording import FaceReport
from engine.progress import finish
from engine.project import gallery, run_queue, runs
from engine.project.history import History
from engine.project.store import Project

_minutes = click.option("--minutes", type=click.FloatRange(0, min_open=True), help="How long to train.")
_epochs = click.option("--epochs", type=click.IntRange(1), help="Or how often every face is seen.")
_seed = click.option("--seed", type=int, default=0, show_default=True)
_threads = click.option("--threads", type=click.IntRange(1), metavar="N", help="CPU threads; else the fastest number.")


@click.command()
@project_argument
@click.option(
    "--loss", type=click.Choice(get_args(Loss)),
    help="What pairs or triplets of faces teach: triplets, if not said; of the other two both forms are there.",
)  # fmt: skip
@click.option("--mining", type=click.Choice(get_args(Mining)), help="Which triplets of a batch are used.")
@click.option("--margin", type=click.FloatRange(0, min_open=True), help="How far apart strangers should be.")
@_minutes
@_epochs
@click.option("--identities", metavar="LIST", help="Only these people, by name, with commas between them.")
@click.option("--resume", metavar="latest|ID", help="Go on with a run that was stopped or interrupted.")
@click.option("--queue", is_flag=True, help="Only put the run into the queue, beside those of detectors.")
@_seed
@_threads
@json_option
def train(path: Path, output: Output, **options: Any) -> None:
    """Train an embedder on the confirmed faces of a project's people.

    Everything that is not given is chosen from the faces. Ctrl-C stops it; it can then be resumed exactly.
    """
    with Project.open(path) as project:
        if options["resume"] is not None:
            _train(project, output, recording.resumable(project, run_id(options["resume"])), ())
            return
        given = {name: options[name] for name in _GIVEN if options[name] is not None}
        recipe = FaceRecipe(identity_ids=_people(project, options["identities"]), **given)
        recipe, reasons = decided_faces(project, recipe, given.keys())
        chosen = recording.queue_faces(project, recipe)
        if options["queue"]:
            waiting = len(run_queue.waiting(project))
            told = {"run": chosen, "state": "queued", "waiting": waiting, "chosen": reasons}
            how = f"carry them out: boxwright train {path} --queued"
            output.emit(told, "\n".join((*reasons, f"run {chosen} waits, {waiting} in the queue; {how}")))
        else:
            _train(project, output, chosen, reasons)


_GIVEN = ("loss", "mining", "margin", "minutes", "epochs", "seed", "threads")


@click.command()
@project_argument
@_minutes
@_epochs
@_seed
@_threads
@click.option("--switch", is_flag=True, help="Let the new embedder decide from now on, whatever the comparison says.")
@json_option
def improve(path: Path, output: Output, switch: bool, **options: Any) -> None:
    """Train the embedder in use further on the gallery and on what was confirmed and rejected; compare old and new.

    The old one stays in use, with its vectors, unless --switch is given.
    """
    with Project.open(path) as project:
        with stoppable(Teller(output).hear) as heard:
            found = finish(improving(project, ImproveRequest(**options)), heard)
        if switch:
            History(project).do(switched(project, found.new_embedder_id))
        output.emit(_plain_improved(found, switch), "\n".join(_improved_lines(found, switch)))


def _train(project: Project, output: Output, chosen: int, reasons: Sequence[str]) -> None:
    with stoppable(Teller(output).hear) as heard:
        report = finish(recording.train_faces(project, chosen), heard)
        is_first = report.state == "done" and gallery.settings(project).embedder_id is None
        if is_first:
            finish(using(project, EmbedderChoice(runs.get(project, chosen).network, run_id=chosen)), heard)
    used = "the gallery decides by it from now on" if is_first else _how_to_use(project, chosen)
    output.emit(plain(report) | {"chosen": reasons, "used": is_first}, "\n".join((*reasons, in_words(report), used)))


def _how_to_use(project: Project, chosen: int) -> str:
    network = runs.get(project, chosen).network
    return f"to decide by it: boxwright faces embed {project.path} --embedder {network} --run {chosen} --use"


def _people(project: Project, names: str | None) -> tuple[int, ...] | None:
    """Ids of people by their names; raises UserError for a name that nobody has."""
    if names is None:
        return None
    found = {name.strip(): gallery.identity_named(project, name) for name in names.split(",") if name.strip()}
    if not found:
        raise UserError("--identities names nobody.", "Give names with commas between them, or leave it out for all.")
    unknown = [name for name, person in found.items() if person is None]
    if unknown:
        raise UserError(
            f"Nobody in {project.path} is called {unknown[0]!r}.", f"See: boxwright faces list {project.path}"
        )
    return tuple(sorted(person.id for person in found.values() if person is not None))


def plain(report: FaceReport) -> dict[str, Any]:
    """A report as `--json` prints it."""
    started, ended = report.started, report.ended
    result: dict[str, Any] = {"run": report.run_id, "state": report.state}
    result |= {"message": report.message} if report.message else {}
    if started is not None:
        result |= {
            "people": {"train": started.n_people, "val": started.n_tried_people}, "faces": started.n_faces,
            "clicked_pairs": {"train": started.n_clicked, "val": started.n_clicked_tried},
            "parameters": started.n_parameters, "threads": started.n_threads,
        }  # fmt: skip
    if ended is not None:
        result |= {
            "steps": ended.step,
            "seconds": ended.seconds,
            "metrics": dict(ended.metrics),
            "reason": ended.reason,
        }
    return result


def in_words(report: FaceReport) -> str:
    """A report for a person."""
    started, ended = report.started, report.ended
    lines = [f"run {report.run_id}: {report.state}{', ' * bool(report.message)}{report.message}"]
    if started is not None:
        tried = f", tried on {started.n_tried_people} others" if started.n_tried_people else ""
        threads = f"{started.n_threads} thread{'s' if started.n_threads > 1 else ''}"
        lines.append(f"{started.n_faces} faces of {started.n_people} people{tried}; {threads}")
    if ended is not None:
        lines.append(f"{ended.step} steps in {ended.seconds:.0f} s")
        lines += [f"  {name} {value:.3f}" for name, value in ended.metrics.items() if value is not None]
    return "\n".join(lines)


def _plain_improved(found: Improved, is_switched: bool) -> dict[str, Any]:
    return {
        "run": found.run_id, "old": _plain_figures(found.old_embedder_id, found.old),
        "new": _plain_figures(found.new_embedder_id, found.new), "people": found.n_people, "faces": found.n_faces,
        "clicked_pairs": {"same": found.n_same, "different": found.n_different}, "fair": found.is_fair,
        "switched": is_switched, "words": found.words,
    }  # fmt: skip


def _plain_figures(embedder_id: int, figures: Figures) -> dict[str, Any]:
    return {
        "embedder": embedder_id, "rank1": figures.rank1, "order": figures.order,
        "order_of_clicked": figures.order_of_clicked, "eer": figures.eer,
    }  # fmt: skip


def _eer(figures: Figures) -> float | None:
    return None if figures.eer is None else figures.eer.value


def _improved_lines(found: Improved, is_switched: bool) -> list[str]:
    rows = (
        ("rank-1", found.old.rank1, found.new.rank1),
        ("order of pairs", found.old.order, found.new.order),
        ("equal error rate", _eer(found.old), _eer(found.new)),
        ("order of clicked pairs", found.old.order_of_clicked, found.new.order_of_clicked),
    )
    known = [(name, old, new) for name, old, new in rows if old is not None and new is not None]
    end = (
        f"Embedder {found.new_embedder_id} decides from now on."
        if is_switched
        else f"Embedder {found.old_embedder_id} still decides; the new one is {found.new_embedder_id}."
    )
    return [*found.words, *(f"  {name}: {old:.3f} before, {new:.3f} now" for name, old, new in known), end]
