"""The command that shows all of it at once: demo."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import click
import msgspec

from engine.cli._output import Output, json_option
from engine.cli._window import Window
from engine.errors import UserError
from engine.project import runs
from engine.project.store import Project
from engine.samples import create_sample


@dataclass(frozen=True, slots=True)
class Figures:
    """What the demo has to show: the sample's validation pictures, measured by the run's best checkpoint."""

    path: Path
    run: int
    training_seconds: float
    bbox_ap: float | None
    bbox_ap50: float | None
    segm_ap: float | None
    segm_ap50: float | None
    pictures: tuple[Path, ...] = ()
    """The window, drawn; none where it was opened."""


class Position(msgspec.Struct):
    """Where a training stood."""

    seconds: float


class Card(msgspec.Struct):
    """Of all that a checkpoint's card says, what is shown here; read without torch."""

    metrics: dict[str, float | None]
    position: Position


@click.command()
@click.option("--headless", is_flag=True, help="Draw the window into PNG files, even where there is a screen.")
@click.option("--folder", default="demo", show_default=True, type=click.Path(path_type=Path), help="Where it all goes.")
@click.option("--weights", default="auto", show_default=True, metavar="auto|none|PATH", help="What to start from.")
@json_option
@click.pass_obj
def demo(window: Window | None, headless: bool, folder: Path, weights: str, output: Output) -> int:
    """A sample project, a short fine-tune, and the window on it."""
    path = folder / "sample.boxwright"
    with closing(_sample(path, output)) as project:
        if not _is_trained(project):
            from engine.cli._short_training import train_shortly  # noqa: PLC0415  # torch loads only where it is needed

            train_shortly(project, weights, output)
        is_shown = window is not None and window.has_screen and not headless
        figures = _figures(project)
    if window is not None and not is_shown:
        figures = replace(figures, pictures=window.render(path, folder))
    output.emit(figures, _in_words(figures))
    return window.open(path) if window is not None and is_shown else 0


def _sample(path: Path, output: Output) -> Project:
    """The sample project, as it was left or made now."""
    if path.exists():
        return Project.open(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"The folder {path.parent} cannot be made: {error.strerror}.", "Name one: --folder") from error
    output.say(f"Drawing the sample project {path}")
    return create_sample(path)


def _is_trained(project: Project) -> bool:
    """Whether an earlier demo has trained already."""
    return any(run.kind == "detector" and run.state == "done" for run in runs.all_runs(project))


def _figures(project: Project) -> Figures:
    run = next(run for run in runs.all_runs(project) if run.kind == "detector" and run.state == "done")
    card = msgspec.json.decode(runs.checkpoint(project, run.id).card, type=Card)
    ap = card.metrics.get
    numbers = ap("bbox/AP"), ap("bbox/AP50"), ap("segm/AP"), ap("segm/AP50")
    return Figures(project.path, run.id, card.position.seconds, *numbers)


def _in_words(figures: Figures) -> str:
    lines = [
        f"{figures.path}: run {figures.run}, trained in {figures.training_seconds:.0f} s",
        "on the validation pictures   AP      AP50",
        f"  boxes                      {_number(figures.bbox_ap)}   {_number(figures.bbox_ap50)}",
        f"  masks                      {_number(figures.segm_ap)}   {_number(figures.segm_ap50)}",
        *(f"drawn: {path}" for path in figures.pictures),
    ]
    return "\n".join(lines)


def _number(value: float | None) -> str:
    return "  -  " if value is None else f"{value:.3f}"
