"""The command that measures: evaluate, on a project's run or on two COCO files."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import click

from engine.cli._output import Output, json_option
from engine.errors import UserError
from engine.evaluation.analysis import Wanted
from engine.evaluation.coco_files import read_files
from engine.evaluation.coco_tables import IouType, Tables
from engine.evaluation.comparison import comparison
from engine.evaluation.detection import LEAST_LIMIT, Number
from engine.evaluation.detection import scores as scores_of
from engine.evaluation.errors import KINDS, Errors
from engine.evaluation.report import Plain, numbers, report
from engine.evaluation.stored import evaluate_run
from engine.progress import finish
from engine.project import runs
from engine.project.records import SPLITS, Split
from engine.project.store import Project


@click.command()
@click.argument("path", metavar="[PROJECT]", required=False, type=click.Path(path_type=Path))
@click.option("--run", default="latest", show_default=True, metavar="latest|ID", help="Whose network to measure.")
@click.option("--split", type=click.Choice([*SPLITS, "all"]), default="val", show_default=True, help="On which images.")
@click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda.")
@click.option("--truth", type=click.Path(path_type=Path), help="Instead of a project: a COCO file of annotations.")
@click.option("--detections", type=click.Path(path_type=Path), help="And a COCO file of results.")
@click.option("--iou-type", type=click.Choice(["bbox", "segm"]), default="bbox", help="Compare boxes or masks.")
@click.option("--max-detections", type=click.IntRange(1), default=100, show_default=True, help="Per picture, of files.")
@click.option(
    "--errors", is_flag=True, help="Also why AP is lost, what is taken for what, calibration, DSB2018's score."
)
@click.option("--curves", is_flag=True, help="Also precision and recall of each class and IoU, detection by detection.")
@click.option("--iou", type=click.FloatRange(0.01, 1), default=0.5, show_default=True, help="Of errors and confusion.")
@click.option("--score", type=click.FloatRange(0, 1), default=0.5, show_default=True, help="Of confusion and DSB2018.")
@click.option(
    "--stored", is_flag=True, help="Judge the detections that the project keeps, instead of detecting afresh."
)
@json_option
def evaluate(path: Path | None, output: Output, **options: Any) -> None:
    """Measure detections against annotations: COCO's average precision and recall.

    Either a project, whose run detects afresh on the images of a split (or with --stored did so before), or two files
    with --truth and --detections.
    """
    files = [options["truth"], options["detections"]]
    if path is None and all(files):
        result = _of_files(options)
    elif path is not None and not any(files):
        result = _of_stored(path, options, output) if options["stored"] else _of_project(path, options, output)
    else:
        raise click.UsageError("Give a project, or both --truth and --detections.")
    output.emit(result, _in_words(result))


def _of_files(options: dict[str, Any]) -> Plain:
    iou_type = cast(IouType, options["iou_type"])
    tables = read_files(options["truth"], options["detections"], iou_type)
    return {iou_type: _compared(tables, iou_type, options["max_detections"], _wanted(options))}


def _of_project(path: Path, options: dict[str, Any], output: Output) -> Plain:
    from engine.detecting.suggesting import DetectRequest, judge  # noqa: PLC0415  # torch loads only where it is needed

    split = _split(options)
    request = DetectRequest(run_id(options["run"]), split, device=options["device"])
    with Project.open(path, read_only=True) as project:
        made = finish(judge(project, request), output.show)
    kinds: tuple[IouType, ...] = ("bbox",) if made.segm is None else ("bbox", "segm")
    found: Plain = {"run": made.run_id, "split": split, "images": made.images}
    for kind in kinds:
        found[kind] = _compared(made.tables, kind, made.max_detections, _wanted(options))
    return found


def _of_stored(path: Path, options: dict[str, Any], output: Output) -> Plain:
    with Project.open(path, read_only=True) as project:
        wanted_id = run_id(options["run"])
        run = runs.latest(project) if wanted_id is None else runs.detector(project, wanted_id)
        found = finish(evaluate_run(project, run.id, _split(options)), output.show)
    if not found.image_ids:
        raise UserError(
            f"Run {run.id} has not looked at any image of {_place(found.split)} yet.", "Detect first: boxwright predict"
        )
    return report(found, _wanted(options))


def _split(options: dict[str, Any]) -> Split | None:
    return None if options["split"] == "all" else cast(Split, options["split"])


def _place(split: Split | None) -> str:
    return "the project" if split is None else split


def _wanted(options: dict[str, Any]) -> Wanted:
    return Wanted(options["errors"], options["curves"], options["iou"], options["score"])


def _compared(tables: Tables, iou_type: IouType, limit: int, wanted: Wanted) -> Plain:
    """COCO's numbers and what was asked for beyond, with the ids of pictures, annotations and detections behind it.

    Detections made afresh have no ids: they are numbered from 1, picture by picture.
    """
    limit = max(limit, LEAST_LIMIT)
    compared = comparison(tables, iou_type, limit)
    return numbers(scores_of(compared, limit), compared, wanted)


def run_id(text: str) -> int | None:
    """The run that `--run` names: None for the latest; raises UserError when it is no number."""
    if text == "latest":
        return None
    if not text.isdecimal():
        raise UserError(f"{text!r} is no run.", "Give a run's number, or latest; boxwright info lists them.")
    return int(text)


def _in_words(result: dict[str, Any]) -> str:
    lines = (
        [f"run {result['run']} on {result['images']} images of {_place(result['split'])}"] if "run" in result else []
    )
    for kind, what in (("bbox", "boxes"), ("segm", "masks")):
        if kind in result:
            lines += [what, *_score_lines(result[kind]), *_further_lines(result[kind])]
    return "\n".join(lines)


def _score_lines(scores: dict[str, Any]) -> list[str]:
    per_class: dict[str, Number] = scores["per_class"]
    numbers = [f"  {name:<6} {_number(value)}" for name, value in scores.items() if name[0] == "A"]
    return [*numbers, f"  up to {scores['max_detections']} detections a picture", *_class_lines(per_class)]


def _further_lines(found: dict[str, Any]) -> list[str]:
    """Errors with what they cost, calibration and DSB2018's score, where they were asked for."""
    if "errors" not in found:
        return []
    errors: Errors = found["errors"]
    kinds = [
        f"  {kind:<15} {errors.counts[kind]:>6}   costs {errors.cost[kind]:.3f} of AP{100 * errors.iou:g}"
        for kind in KINDS
    ]
    calibration, bowl = found["calibration"].error, found["dsb2018"].score
    return [*kinds, f"  calibration error {_number(calibration)}", f"  DSB2018 {_number(bowl)}"]


def _class_lines(per_class: dict[str, Number]) -> list[str]:
    return [f"  AP of {name}: {_number(value)}" for name, value in per_class.items()]


def _number(value: Number) -> str:
    return "undefined" if value is None else f"{value:.3f}"
