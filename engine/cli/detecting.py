"""The command that detects: predict, on a project's images or on picture files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import click

from engine.cli._output import Output, json_option, project_argument
from engine.cli._stopping import stoppable
from engine.cli.evaluation import run_id
from engine.detectors import DETECTORS
from engine.errors import UserError
from engine.geometry import masks
from engine.interchange import sources
from engine.pictures import decode
from engine.progress import Progress, finish
from engine.project.records import SPLITS, Detection, Split
from engine.project.store import Project
from engine.training import hardware, ready_made, suggesting
from engine.training.predicting import Predictor
from engine.training.ready_made import Foreign
from engine.training.suggesting import DetectRequest


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
@click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda.")
@json_option
def predict(path: Path, output: Output, images: Sequence[Path], more: Sequence[Path], **options: Any) -> None:
    """Detect on a project's images and keep what is found as suggestions, or on picture files."""
    request = DetectRequest(run_id(options["run"]), cast("Split | None", options["split"]), device=options["device"])
    if more and not images:
        raise click.UsageError(f"What is {more[0]}? Picture files come after --images.")
    if images and request.split:
        raise click.UsageError("Give --split or --images, not both.")
    foreign = _foreign(options)
    if images:
        _on_files(path, (*images, *more), _Whose(request, foreign), output)
    else:
        _on_project(path, _Whose(request, foreign), output)


@dataclass(frozen=True, slots=True)
class _Whose:
    """What network detects: that of a run, or one of weights from elsewhere."""

    request: DetectRequest
    foreign: Foreign | None


def _foreign(options: dict[str, Any]) -> Foreign | None:
    """The detector and the weights that are given instead of a run; both or none."""
    detector, weights = options["detector"], options["weights"]
    if (detector is None) != (weights is None):
        raise click.UsageError("Give --detector and --weights together.")
    if detector is None:
        return None
    if options["run"] != "latest":
        raise click.UsageError("Give --run, or --detector with --weights, not both.")
    return Foreign(detector, weights)


def _on_project(path: Path, whose: _Whose, output: Output) -> None:
    request = whose.request
    with Project.open(path) as project, stoppable(output.show) as heard:
        if whose.foreign is not None:
            request = replace(request, run_id=ready_made.import_run(project, whose.foreign))
        report = finish(suggesting.suggest(project, request), heard)
    words = f"run {report.run_id} found {report.detections} objects on {report.images} images"
    output.emit({"run": report.run_id, "images": report.images, "detections": report.detections}, words)


def _on_files(path: Path, paths: Sequence[Path], whose: _Whose, output: Output) -> None:
    """Detect on picture files one after the other; one that cannot be read is named and left out."""
    files = list(_files(paths))
    run, predictor = _network(path, whose)
    results: list[dict[str, Any]] = []
    skipped: list[dict[str, str]] = []
    for done, file in enumerate(files):
        output.show(Progress(done, len(files), "Detecting"))
        try:
            results.append(_on_file(file, predictor))
        except UserError as error:
            skipped.append({"what": str(file), "why": error.message})
    if not results:
        raise UserError(f"None of the {len(files)} pictures can be read: {skipped[0]['why']}")
    lines = [f"{each['path']}: {len(each['detections'])} objects" for each in results]
    lines += [f"skipped {each['what']}: {each['why']}" for each in skipped]
    output.emit({"run": run, "images": results, "skipped": skipped}, "\n".join(lines))


def _network(path: Path, whose: _Whose) -> tuple[int | None, Predictor]:
    """The network that detects, and the run that it is of, if any; weights from elsewhere tell all their classes."""
    with Project.open(path, read_only=True) as project:
        if whose.foreign is not None:
            return None, ready_made.predictor(whose.foreign, hardware.device(whose.request.device))
        run = suggesting.chosen_run(project, whose.request.run_id)
        return run.id, suggesting.predictor(project, run, whose.request.device)


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    """The files, and the pictures in the folders; raises UserError where there are none."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        inside = [page.path for page in sources.read_pictures(path).pages if page.path is not None]
        if not inside:
            raise UserError(f"There are no pictures in {path}.")
        yield from inside


def _on_file(file: Path, predictor: Predictor) -> dict[str, Any]:
    picture = decode(file)
    names = {int(class_id): name for class_id, name in predictor.card.class_names.items()}
    found = [_row(each, names[each.class_id], picture.shape[:2]) for each in predictor.detections(picture)]
    return {"path": file, "height": picture.shape[0], "width": picture.shape[1], "detections": found}


def _row(detection: Detection, class_name: str, size: Sequence[int]) -> dict[str, Any]:
    """One detection as COCO has it."""
    x0, y0, x1, y1 = detection.shape.bounds
    counts = masks.compress(masks.to_coco(masks.of_shape(detection.shape), size[0], size[1]))
    return {
        "class": class_name,
        "score": detection.score,
        "bbox": [x0, y0, x1 - x0, y1 - y0],
        "segmentation": {"size": list(size[:2]), "counts": counts},
    }
