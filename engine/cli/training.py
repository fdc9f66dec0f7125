"""Commands that train and detect: train, predict."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import click
import msgspec

from engine.cli._output import Output, json_option, project_argument
from engine.cli._stopping import stoppable
from engine.cli.evaluation import run_id
from engine.detectors import DETECTORS
from engine.errors import UserError
from engine.geometry import masks
from engine.pictures import decode
from engine.progress import finish
from engine.project.records import SPLITS, Detection, Split
from engine.project.store import Project
from engine.training import recording, suggesting
from engine.training.augment import Augmentation
from engine.training.recipe import Recipe
from engine.training.recording import TrainReport
from engine.training.suggesting import DetectRequest


@click.command()
@project_argument
@click.option("--detector", type=click.Choice(DETECTORS.names()), default="mask_rcnn", show_default=True)
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
    with Project.open(path) as project:
        if resume is None:
            chosen = recording.queue(project, _recipe(options))
        else:
            chosen = recording.resumable(project, run_id(resume))
        with stoppable(output.show) as heard:
            report = finish(recording.train_run(project, chosen), heard)
    output.emit(_plain(report), _in_words(report))


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


@click.command()
@project_argument
@click.option("--run", default="latest", show_default=True, metavar="latest|ID", help="Whose network detects.")
@click.option("--split", type=click.Choice(SPLITS), help="Only on the images of this split.")
@click.option("--images", multiple=True, type=click.Path(path_type=Path), help="On picture files; nothing is stored.")
@click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda.")
@json_option
def predict(path: Path, output: Output, images: Sequence[Path], **options: Any) -> None:
    """Detect on a project's images and keep what is found as suggestions, or on picture files."""
    request = DetectRequest(run_id(options["run"]), cast("Split | None", options["split"]), device=options["device"])
    if images:
        _on_files(path, images, request, output)
        return
    with Project.open(path) as project, stoppable(output.show) as heard:
        report = finish(suggesting.suggest(project, request), heard)
    words = f"run {report.run_id} found {report.detections} objects on {report.images} images"
    output.emit({"run": report.run_id, "images": report.images, "detections": report.detections}, words)


def _on_files(path: Path, files: Sequence[Path], request: DetectRequest, output: Output) -> None:
    """Detect on picture files, one after the other, and print what is found."""
    with Project.open(path, read_only=True) as project:
        run = suggesting.chosen_run(project, request.run_id)
        predictor = suggesting.predictor(project, run, request.device)
    names = {int(class_id): name for class_id, name in predictor.card.class_names.items()}
    results = []
    for file in files:
        picture = decode(file)
        found = predictor.detections(picture)
        rows = [_row(each, names[each.class_id], picture.shape[:2]) for each in found]
        results.append({"path": file, "height": picture.shape[0], "width": picture.shape[1], "detections": rows})
    words = "\n".join(f"{each['path']}: {len(each['detections'])} objects" for each in results)
    output.emit({"run": run.id, "images": results}, words)


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
