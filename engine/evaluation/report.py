"""An evaluation as plain values to be written down: one object for JSON, or one table for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import numpy as np

from engine.evaluation.analysis import Analysis, Wanted, analysed
from engine.evaluation.bowl import THRESHOLDS
from engine.evaluation.comparison import Comparison
from engine.evaluation.detection import Scores
from engine.evaluation.errors import KINDS
from engine.evaluation.stored import Evaluation, evaluate_run
from engine.progress import Progress, Work
from engine.project.records import Split
from engine.project.store import Project
from engine.writing import write_whole

Plain: TypeAlias = dict[str, Any]
"""JSON's object, though arrays and dataclasses may be in it."""
_Line: TypeAlias = tuple[str, str, str, float | int | None]
"""Number, class, IoU, value."""
_HEAD = ("shapes", "number", "class", "iou", "value")
_SHAPES = {"bbox": "boxes", "segm": "masks"}


def report(evaluation: Evaluation, wanted: Wanted) -> Plain:
    """A stored run's numbers, with the ids of what is behind each."""
    found: Plain = {"run": evaluation.run_id, "split": evaluation.split, "images": len(evaluation.image_ids)}
    for each in evaluation.judgements:
        found[each.iou_type] = numbers(each.scores, each.compared, wanted)
    return found


def write_report(project: Project, path: Path, run_id: int, split: Split | None, wanted: Wanted) -> Work[Path]:
    """Judge what the project keeps of a run, and write the numbers to a .json or .csv file.

    Raises UserError when it cannot be written; what was there stays then.
    """
    found = report((yield from evaluate_run(project, run_id, split)), wanted)
    yield Progress(0, None, "Writing")
    write_whole(path, as_csv(found).encode() if path.suffix == ".csv" else as_json(found))
    return path


def numbers(scores: Scores, compared: Comparison, wanted: Wanted) -> Plain:
    """COCO's numbers, and what is wanted further."""
    per_class, sizes = dict(scores.ap_by_class), dict(scores.by_class)
    found = {**scores.named(), "per_class": per_class, "sizes": sizes, "max_detections": scores.max_detections}
    return {**found, **_further(analysed(compared, wanted))}


def _further(found: Analysis) -> Plain:
    values = {each.name: getattr(found, each.name) for each in fields(found)}
    return {name: value for name, value in values.items() if value is not None}


def as_json(found: Plain) -> bytes:
    """JSON in UTF-8, indented; numbers that are not finite become null."""
    return msgspec.json.format(msgspec.json.encode(found, enc_hook=_plain), indent=1) + b"\n"


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} has no place in a report")


def as_csv(found: Plain) -> str:
    """One number a line: of which shapes, its name, class and IoU where it has one, and its value."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_HEAD)
    for kind, shapes in _SHAPES.items():
        if kind in found:
            writer.writerows((shapes, *line) for line in _lines(found[kind]))
    return text.getvalue()


def _lines(found: Plain) -> Iterator[_Line]:
    yield from ((name, "", "", value) for name, value in found.items() if name.startswith(("AP", "AR")))
    for class_name, one in found["sizes"].items():
        yield from ((name, class_name, "", value) for name, value in asdict(one).items())
    if "errors" in found:
        yield from _error_lines(found)
    yield from (("AP", one.class_name, f"{one.iou:g}", one.ap) for one in found.get("curves", ()))


def _error_lines(found: Plain) -> Iterator[_Line]:
    errors, confusion = found["errors"], found["confusion"]
    names = {**confusion.class_names, None: "nothing"}
    for kind in KINDS:
        yield f"errors: {kind}", "", f"{errors.iou:g}", errors.counts[kind]
        yield f"AP lost: {kind}", "", f"{errors.iou:g}", errors.cost[kind]
    for cell in confusion.cells:
        seen = names[cell.found_class_id]
        yield f"taken for {seen}", names[cell.truth_class_id], f"{confusion.iou:g}", len(cell)
    yield "calibration error", "", f"{found['calibration'].iou:g}", found["calibration"].error
    yield "DSB2018", "", "", found["dsb2018"].score
    for iou, value in zip(THRESHOLDS, found["dsb2018"].by_iou, strict=False):
        yield "DSB2018", "", f"{iou:g}", value
