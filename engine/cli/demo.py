"""The command that shows all of it at once: demo."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.request import urlopen

import click

from engine.cli._output import Output, json_option
from engine.cli._window import Window
from engine.detectors import DETECTORS
from engine.errors import UserError
from engine.nn.weights import cache_folder, fetch
from engine.progress import finish
from engine.project import images, runs
from engine.project.store import Project
from engine.samples import create_sample
from engine.training import recording, suggesting
from engine.training.augment import Augmentation
from engine.training.events import Downloading
from engine.training.recipe import Recipe
from engine.training.suggesting import DetectRequest, JudgeReport

SLIDES = Augmentation(flip_vertical=0.5)
"""Under a microscope nothing is upside down."""

FROM_SCRATCH = {"min_side": 256, "regions_per_image": 64, "proposals_train": 200}
"""Options of the detector that make many quick steps: what a network without pretrained weights needs most."""

SECONDS_TO_CONNECT = 5.0


@dataclass(frozen=True, slots=True)
class Figures:
    """What the demo measured, on the sample's validation pictures."""

    path: Path
    run: int
    weights: str
    training_seconds: float
    bbox_ap: float | None
    bbox_ap50: float | None
    segm_ap: float | None
    segm_ap50: float | None
    pictures: tuple[Path, ...]
    """The window, drawn; none where it was opened."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A run that can detect, what it started from, and how long it took (0: it was there already)."""

    run_id: int
    weights: str
    seconds: float


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
        trained = _existing(project) or _trained(project, _recipe(weights, output), output)
        judged = finish(suggesting.judge(project, DetectRequest(trained.run_id, "val")), output.show)
        _suggest_where_nothing_is_annotated(project, trained.run_id, output)
    is_shown = window is not None and window.has_screen and not headless
    drawn = () if window is None or is_shown else window.render(path, folder)
    figures = _figures(path, trained, judged, drawn)
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


def _existing(project: Project) -> Trained | None:
    """The run of an earlier demo, or None."""
    try:
        run = runs.latest(project)
    except UserError:
        return None
    return Trained(run.id, "trained by an earlier demo", 0.0)


def _recipe(weights: str, output: Output) -> Recipe:
    """A short training: on top of pretrained weights where they can be had, else from scratch."""
    if weights == "auto" and not _official_can_be_had(output):
        weights = "none"
    if weights == "none":
        return Recipe(
            weights="none", minutes=2.0, options=FROM_SCRATCH, augmentation=SLIDES,
            learning_rate=2e-3, averaging=0.9,
        )  # fmt: skip
    return Recipe(weights=weights, minutes=1.0, augmentation=SLIDES)


def _official_can_be_had(output: Output) -> bool:
    """Whether the official weights are in this user's cache, fetching them where there is a network."""
    detector = DETECTORS.get("mask_rcnn")
    official = detector.official(detector.options())
    if official is None:
        return False
    fetching = fetch(official, cache_folder(), partial(urlopen, timeout=SECONDS_TO_CONNECT))
    try:
        for done, total in fetching:
            output.show(Downloading(official.name, done, total))
    except UserError as error:
        output.say(f"{error.message} Training from scratch instead, which takes longer and finds less.")
        return False
    return True


def _trained(project: Project, recipe: Recipe, output: Output) -> Trained:
    output.say(f"Training for {recipe.budget_minutes:g} minutes; Ctrl-C ends it")
    report = finish(recording.train_run(project, recording.queue(project, recipe)), output.show)
    started, ended = report.started, report.ended
    return Trained(report.run_id, str(started.weights) if started else "", ended.seconds if ended else 0.0)


def _suggest_where_nothing_is_annotated(project: Project, run_id: int, output: Output) -> None:
    shown = images.listed(project, images.all_ids(project))
    ids = tuple(row.id for row in shown if not row.n_annotations and not row.n_suggestions)
    if ids:
        finish(suggesting.suggest(project, DetectRequest(run_id, image_ids=ids)), output.show)


def _figures(path: Path, trained: Trained, judged: JudgeReport, drawn: tuple[Path, ...]) -> Figures:
    bbox, segm = judged.bbox.named(), judged.segm.named() if judged.segm else {}
    return Figures(
        path, trained.run_id, trained.weights, trained.seconds,
        bbox.get("AP"), bbox.get("AP50"), segm.get("AP"), segm.get("AP50"), drawn,
    )  # fmt: skip


def _in_words(figures: Figures) -> str:
    took = f" in {figures.training_seconds:.0f} s" if figures.training_seconds else ""
    lines = [
        f"{figures.path}: run {figures.run}, {figures.weights}{took}",
        "on the validation pictures   AP      AP50",
        f"  boxes                      {_number(figures.bbox_ap)}   {_number(figures.bbox_ap50)}",
        f"  masks                      {_number(figures.segm_ap)}   {_number(figures.segm_ap50)}",
        *(f"drawn: {path}" for path in figures.pictures),
    ]
    return "\n".join(lines)


def _number(value: float | None) -> str:
    return "  -  " if value is None else f"{value:.3f}"
