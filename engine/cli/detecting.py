"""The command that detects: predict, on a project's images or on picture files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import click
import msgspec

from engine import checkpoints, hardware
from engine.cli._detect_options import manner, manner_options, run_ids
from engine.cli._lines import Lines, lines
from engine.cli._output import Output, json_option, project_argument
from engine.cli._picture_rows import Told
from engine.cli._stopping import stoppable
from engine.cli.evaluation import run_id
from engine.detecting import project_images, ready_made, suggesting
from engine.detecting.looking import Looker
from engine.detecting.picture_files import detect_files
from engine.detecting.project_images import DetectRequest
from engine.detecting.ready_made import Foreign
from engine.detectors import DETECTORS
from engine.errors import UserError
from engine.interchange import sources
from engine.progress import finish
from engine.project.records import SPLITS, Split
from engine.project.store import Project
from engine.training.imported_runs import import_run


@click.command()
@project_argument
@click.argument("more", metavar="", nargs=-1, type=click.Path(path_type=Path))
@click.option("--run", default="latest", show_default=True, metavar="latest|ID", help="Whose network detects.")
@click.option("--detector", type=click.Choice(DETECTORS.names()), help="Instead of a run: a detector, with --weights.")
@click.option("--weights", type=click.Path(path_type=Path), help="A file of weights that know their classes by name.")
@click.option("--split", type=click.Choice(SPLITS), help="Only on the images of this split.")
@click.option(
    "--images", multiple=True, metavar="PATH...", type=click.Path(path_type=Path),
    help="On picture files, and on the pictures in folders; nothing is stored.",
)  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), help="With --images: a file that gets a line for each picture.")
@click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda.")
@manner_options
@json_option
def predict(path: Path, output: Output, images: Sequence[Path], more: Sequence[Path], **options: Any) -> None:
    """Detect on a project's images and keep what is found as suggestions, or on picture files."""
    whose = _Whose(_request(options), _foreign(options))
    if more and not images:
        raise click.UsageError(f"What is {more[0]}? Picture files come after --images.")
    if images and whose.request.split:
        raise click.UsageError("Give --split or --images, not both.")
    if options["out"] and not images:
        raise click.UsageError("--out is for picture files; what is found on a project's images is kept in it.")
    if images and whose.request.is_only_missing and not options["out"]:
        raise click.UsageError("Going on with picture files needs the file of --out.")
    if images:
        _on_files(path, _Files((*images, *more), options["out"]), whose, output)
    else:
        _on_project(path, whose, output)


@dataclass(frozen=True, slots=True)
class _Whose:
    """What network detects: that of a run, or one of weights from elsewhere."""

    request: DetectRequest
    foreign: Foreign | None


@dataclass(frozen=True, slots=True)
class _Files:
    """Picture files and folders of them, and where the lines go."""

    paths: tuple[Path, ...]
    out: Path | None


def _request(options: dict[str, Any]) -> DetectRequest:
    runs = run_ids(options)
    return DetectRequest(
        run_id=runs[0] if runs else run_id(options["run"]),
        split=cast("Split | None", options["split"]),
        device=options["device"],
        manner=manner(options),
        with_run_ids=runs[1:],
        is_only_missing=options["is_only_missing"],
    )


def _foreign(options: dict[str, Any]) -> Foreign | None:
    """The weights that are given instead of a run, and for which detector; their own card may say that."""
    detector, weights = options["detector"], options["weights"]
    if weights is None and detector is not None:
        raise click.UsageError("Give --detector and --weights together.")
    if weights is None:
        return None
    if detector is None and checkpoints.card_in(weights) is None:
        raise click.UsageError("Give --detector and --weights together: the file does not say what it is for.")
    if options["run"] != "latest" or options["runs"]:
        raise click.UsageError("Give --run, or --detector with --weights, not both.")
    return Foreign(detector, weights)


def _on_project(path: Path, whose: _Whose, output: Output) -> None:
    request = whose.request
    with Project.open(path) as project, stoppable(output.show) as heard:
        if whose.foreign is not None:
            request = replace(request, run_id=import_run(project, whose.foreign))
        report = finish(suggesting.suggest(project, request), heard)
    words = f"run {report.run_id} found {report.detections} objects on {report.images} images"
    result = {"run": report.run_id, "images": report.images, "detections": report.detections}
    if request.is_only_missing:
        result["left_out"] = report.n_left_out
        words += f"; {report.n_left_out} were done before"
    output.emit(result, words)


def _on_files(path: Path, files: _Files, whose: _Whose, output: Output) -> None:
    """Detect on picture files; one that cannot be read is named and left out."""
    every = list(_found_files(files.paths))
    run, looker = _looker(path, whose)
    names = {int(class_id): name for each in looker.predictors for class_id, name in each.card.class_names.items()}
    told = Told(names, keeps_rows=files.out is None)
    with _written(files.out, whose, run) as written, stoppable(output.show) as heard:
        left = [file for file in every if written is None or str(file) not in written.done]

        def hear(event: object) -> None:
            row = told.row(event)
            if row is not None and written is not None:
                written.write(row)
            heard(event)

        finish(detect_files(looker, left), hear)
    if left and not told.n_read:
        raise UserError(f"None of the {len(left)} pictures can be read: {told.skipped[0]['why']}")
    if files.out is None:
        output.emit({"run": run, "images": told.in_order(left), "skipped": told.skipped}, told.in_words(left))
        return
    result = {"run": run, "out": files.out, "images": told.n_read, "detections": told.n_found, "skipped": told.skipped}
    words = f"{told.n_found} objects on {told.n_read} pictures; {len(every) - len(left)} were done before"
    output.emit(result | {"left_out": len(every) - len(left)}, words)


@contextmanager
def _written(out: Path | None, whose: _Whose, run: int | None) -> Iterator[Lines | None]:
    if out is None:
        yield None
        return
    weights = None if whose.foreign is None else str(whose.foreign.path)
    runs = [run, *whose.request.with_run_ids]
    manner = msgspec.to_builtins(replace(whose.request.manner, batch=None))
    with lines(
        out, {"runs": runs, "weights": weights, "manner": manner}, is_continued=whose.request.is_only_missing
    ) as found:
        yield found


def _looker(path: Path, whose: _Whose) -> tuple[int | None, Looker]:
    """What looks, and the run that it is of, if any; weights from elsewhere tell all their classes."""
    request = whose.request
    with Project.open(path, read_only=True) as project:
        if whose.foreign is not None:
            predictor = ready_made.predictor(whose.foreign, hardware.device(request.device))
            return None, Looker((predictor,), request.manner)
        run = suggesting.chosen_run(project, request.run_id)
        return run.id, project_images.looker(project, run, request)


def _found_files(paths: Sequence[Path]) -> Iterator[Path]:
    """The files, and the pictures in the folders; raises UserError where there are none."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        inside = [page.path for page in sources.read_pictures(path).pages if page.path is not None]
        if not inside:
            raise UserError(f"There are no pictures in {path}.")
        yield from inside
