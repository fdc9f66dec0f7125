"""The training set of a past run made again: images, annotations and classes as they were when it last went on.

What the run learned from is remembered whole, but for the pictures: these are looked for by their SHA-256, so that one
that was renamed, deleted with its undo still there, or imported anew is found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.checkpoints import Card
from engine.errors import UserError
from engine.interchange.exporting import (
    Contents,
    Described,
    ExportReport,
    ExportRequest,
    export_contents,
    pages_as,
)
from engine.progress import Progress, Work
from engine.project import classes, images, runs
from engine.project.records import ClassRecord, ImageRecord, Split
from engine.project.store import Project
from engine.training.remembering import Remembered, annotations_of, remembered


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """What a run learned from."""

    run_id: int
    images: tuple[Described, ...]
    """In the splits they were in; each record says where the picture's bytes are now."""
    lost: tuple[str, ...]
    """Names of images whose pictures are not in the project any more."""
    class_by_id: Mapping[int, ClassRecord]
    """As they were called, in the order of the network's class indices."""


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """What was exported of a run's training set."""

    run_id: int
    export: ExportReport
    lost: tuple[str, ...]
    """Images that are missing there, for their pictures are not in the project any more."""


def training_set(project: Project, run_id: int) -> TrainingSet:
    """What a run learned from and was tried on; raises UserError where it never began."""
    runs.detector(project, run_id)
    kept = dict(remembered(project, run_id))
    if not kept:
        raise UserError(f"Run {run_id} has not begun, so that it has no training set yet.")
    now = {each.id: each for each in images.all_images(project)}
    by_sha256 = {each.sha256: each for each in now.values()}
    found, lost = [], []
    for image_id, (split, was) in kept.items():
        record = _placed(project, was.image or now.get(image_id), split, by_sha256)
        if record is None:
            lost.append(was.image.name if was.image else f"image {image_id}")
        else:
            found.append(Described(record, annotations_of(was, image_id)))
    return TrainingSet(run_id, tuple(found), tuple(lost), _classes(project, run_id, kept))


def export_training_set(project: Project, run_id: int, request: ExportRequest) -> Work[RebuildReport]:
    """Write what a run learned from, as it was, into a folder; a split of it where the request names one."""
    yield Progress(0, None, "Reading what the run learned from")
    whole = training_set(project, run_id)
    chosen = [each for each in whole.images if request.split in (None, each.record.split)]
    pages = pages_as(chosen, whole.class_by_id)
    export = yield from export_contents(project, request, Contents([each.record for each in chosen], pages))
    return RebuildReport(run_id, export, whole.lost)


def _placed(
    project: Project, was: ImageRecord | None, split: Split, by_sha256: Mapping[str, ImageRecord]
) -> ImageRecord | None:
    """The image as it was, with where its bytes are now; None where they are gone."""
    if was is None:
        return None
    now = by_sha256.get(was.sha256)
    if now is not None:
        return replace(was, split=split, content_id=now.content_id, link=now.link)
    content_id = project.value("SELECT id FROM contents WHERE sha256 = ?", (was.sha256,))
    return None if content_id is None else replace(was, split=split, content_id=int(content_id))


def _classes(project: Project, run_id: int, kept: Mapping[int, tuple[Split, Remembered]]) -> dict[int, ClassRecord]:
    """Classes by id: those of its annotations as they were, others by the name that the run's checkpoint knows."""
    used = {each.id: each for _, was in kept.values() for each in was.classes}
    now = classes.by_id(project)
    named = _names(project, run_id) or {each.id: each.name for each in sorted(used.values(), key=_position)}
    unknown = ClassRecord(0, "", "#808080", 0)
    records = {
        class_id: used.get(class_id) or replace(now.get(class_id, unknown), id=class_id, name=name)
        for class_id, name in named.items()
    }
    in_rows = {row.class_id for _, was in kept.values() for row in was.rows}
    return records | {class_id: now[class_id] for class_id in sorted(in_rows - records.keys()) if class_id in now}


def _position(record: ClassRecord) -> int:
    return record.position


def _names(project: Project, run_id: int) -> dict[int, str]:
    """The names by class id that a run's checkpoint has; nothing where it has none yet."""
    try:
        card = Card.from_json(runs.checkpoint(project, run_id).card)
    except UserError:
        return {}
    return {int(class_id): name for class_id, name in card.class_names.items()}
