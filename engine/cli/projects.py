"""Commands on the project file itself: new, info, check."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import click

from engine.cli import WRONG_USE
from engine.cli._output import Output, json_option, project_argument
from engine.project import annotations, checking, classes, gallery, images, run_settings, runs
from engine.project.acceptance import Acceptance, acceptance, together
from engine.project.records import SPLITS, Run
from engine.project.store import Project
from engine.tracing.rule_text import kept_words


@dataclass(frozen=True, slots=True)
class ClassInfo:
    """What became of a run's suggestions of one class."""

    accepted: int
    rejected: int
    accept_rate: float | None
    edit_distance: float | None


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What `info` says of one run."""

    id: int
    network: str
    state: str
    created: str
    accepted: int = 0
    rejected: int = 0
    accept_rate: float | None = None
    """Of the suggestions that a person has decided on."""
    edit_distance: float | None = None
    """1 - mean IoU between accepted suggestions and what became of them."""
    classes: dict[str, ClassInfo] = field(default_factory=dict)
    """The same by class."""
    settings: str = ""
    """What was kept for it to detect with, in words; '' where it goes by its own."""
    has_erased: bool = False
    """Whether it learned from somebody who was erased since."""


@dataclass(frozen=True, slots=True)
class ProjectInfo:
    """What `info` says; images, annotations and runs are counts."""

    path: Path
    images: int
    annotations: int
    classes: dict[str, int]
    """Class name -> how many annotations."""
    splits: dict[str, int]
    """Split -> how many images; 'none' are those of no split."""
    runs: int
    run_list: tuple[RunInfo, ...]
    """Newest first."""
    size_bytes: int
    is_read_only: bool


@click.command()
@project_argument
@json_option
def new(path: Path, output: Output) -> None:
    """Make a new, empty project file."""
    Project.create(path).close()
    output.emit({"path": path}, f"Made {path}.")


@click.command()
@project_argument
@json_option
def info(path: Path, output: Output) -> None:
    """Say what a project holds."""
    with Project.open(path) as project:
        told = describe(project)
    output.emit(told, _in_words(told))


@click.command()
@project_argument
@json_option
def check(path: Path, output: Output) -> int:
    """Verify every hash, key and page of a project file."""
    report = checking.check(path, output.show)
    checked = ", ".join(f"{number} {what}" for what, number in report.checked.items())
    n_problems = len(report.problems)
    verdict = "whole" if report.is_whole else f"{n_problems} {'problem' if n_problems == 1 else 'problems'}"
    lines = [f"{path}: {verdict} (checked: {checked})."]
    lines += [f"  {problem.what}: {problem.why}" for problem in report.problems]
    result = {"path": path, "ok": report.is_whole, "problems": report.problems, "checked": report.checked}
    output.emit(result, "\n".join(lines))
    return 0 if report.is_whole else WRONG_USE


def describe(project: Project) -> ProjectInfo:
    """Count everything in a project."""
    n_by_split = images.by_split(project)
    name_by_id = {record.id: record.name for record in classes.all_classes(project)}
    listed = runs.all_runs(project)
    erased = gallery.runs_with_erased(project)
    became: dict[int, list[Acceptance]] = {}
    for one in acceptance(project):
        became.setdefault(one.run_id, []).append(one)
    return ProjectInfo(
        path=project.path,
        images=images.count(project),
        annotations=annotations.count(project),
        classes={name_by_id[class_id]: n for class_id, n in classes.counts(project).items()},
        splits={split: n_by_split.get(split, 0) for split in SPLITS} | {"none": n_by_split.get("", 0)},
        runs=len(listed),
        run_list=tuple(
            replace(
                _told(run, became.get(run.id, []), name_by_id),
                settings=kept_words(run_settings.kept(project, run.id)),
                has_erased=run.id in erased,
            )
            for run in listed
        ),
        size_bytes=project.path.stat().st_size,
        is_read_only=project.is_read_only,
    )


def _told(run: Run, became: list[Acceptance], class_names: dict[int, str]) -> RunInfo:
    summed = together(became)
    told = RunInfo(run.id, run.network, run.state, run.created)
    if summed is None:
        return told
    by_class = {
        class_names[one.class_id]: ClassInfo(one.accepted, one.rejected, one.rate, one.edit_distance) for one in became
    }
    return replace(
        told,
        accepted=summed.accepted,
        rejected=summed.rejected,
        accept_rate=summed.rate,
        edit_distance=summed.edit_distance,
        classes=by_class,
    )


def _run_words(run: RunInfo) -> str:
    words = f"  {run.id}: {run.network}, {run.state}, {run.created[:16].replace('T', ' ')}"
    if run.accept_rate is not None:
        words += f", {run.accept_rate:.0%} of {run.accepted + run.rejected:,} suggestions accepted"
    if run.edit_distance is not None:
        words += f", edit distance {run.edit_distance:.2f}"
    if run.has_erased:
        words += ", trained with erased data"
    return f"{words}\n     detects with kept settings: {run.settings}" if run.settings else words


def _in_words(told: ProjectInfo) -> str:
    splits = ", ".join(f"{n} {split}" for split, n in told.splits.items() if n)
    lines = [
        f"{told.path}  ({told.size_bytes / 1e6:.1f} MB{', read-only' if told.is_read_only else ''})",
        f"images       {told.images:>9,}  {splits}",
        f"annotations  {told.annotations:>9,}",
        *(f"  {name:<20} {n:>9,}" for name, n in told.classes.items()),
        f"runs         {told.runs:>9,}",
        *map(_run_words, told.run_list),
    ]
    return "\n".join(line.rstrip() for line in lines)
