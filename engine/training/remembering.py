"""What exactly a run learned from: its images with their annotations as they were, kept in the project file.

What is kept of one image is one content, so that runs with the same truth share it. It is enough to make the training
set again after annotations were edited and classes renamed (`rebuilding`). Beside it lies what the run found on that
image while it grew better, for the few images that are watched.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from engine.geometry.packing import pack, unpack
from engine.geometry.shapes import Keypoints, ShapeKind
from engine.project import classes, contents, runs
from engine.project.records import Annotation, AttributeValue, ClassRecord, ImageRecord, Split
from engine.project.store import Project
from engine.training import glimpses
from engine.training.glimpses import Glimpse, Moment

if TYPE_CHECKING:  # what was kept is read where there is no torch
    from engine.feeding.project_data import ProjectData

MOST_MOMENTS = 16
"""Of a longer run so many are kept, evenly over it, the first and the newest always among them."""


@dataclass(frozen=True, slots=True)
class Row:
    """An annotation as it is kept: what a network learns from it, and what a format holds of it."""

    id: int
    class_id: int
    kind: ShapeKind
    shape: bytes
    is_crowd: bool
    keypoints: bytes | None = None
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is kept of one image."""

    rows: tuple[Row, ...]
    classes: tuple[ClassRecord, ...] = ()
    """Those of the annotations, as they were called then."""
    image: ImageRecord | None = None
    """As it was; None in a project of an older Boxwright."""
    moments: tuple[tuple[int, int, bytes], ...] = ()
    """Step, epoch and packed glimpse."""
    is_gone: bool = False
    """Whether it is none of the images any more that the run went on with; it did learn from it before."""


Kept: TypeAlias = dict[int, tuple[Split, Remembered]]
"""By image id, the split that it was in, and what is kept of it."""


def remember(project: Project, run_id: int, data: ProjectData) -> tuple[Kept, Kept]:
    """Keep what a run is about to learn from, inside `atomic()`; what it found on images so far is kept.

    Of a run that goes on, images that are none of its own any more stay, marked as gone. Returns what was kept of all
    its images before, and what is kept now.
    """
    class_by_id = classes.by_id(project)
    before = _kept(project, run_id)
    images: tuple[tuple[Split, Sequence[ImageRecord]], ...] = (("train", data.train_images), ("val", data.val_images))
    news: Kept = {}
    for split, records in images:
        for record in records:
            new = _remembered(record, data.annotations(record.id), class_by_id)
            was = before.get(record.id)
            news[record.id] = (split, replace(new, moments=was[1].moments if was else ()))
    gone = {
        image_id: (split, replace(kept, is_gone=True))
        for image_id, (split, kept) in before.items()
        if image_id not in news
    }
    _put(project, run_id, gone | news)
    return before, news


def _remembered(
    image: ImageRecord, annotations: Sequence[Annotation], class_by_id: Mapping[int, ClassRecord]
) -> Remembered:
    used = sorted({each.class_id for each in annotations})
    # Review goes on while trainings come and go; it is nothing that is learned from.
    still = replace(image, state="new", content_id=None, link=None)
    rows = tuple(_row(each) for each in annotations)
    return Remembered(rows, tuple(class_by_id[class_id] for class_id in used), still)


def remember_moment(project: Project, run_id: int, moment: Moment) -> None:
    """Keep, inside `atomic()`, what a run found on the pictures that are watched."""
    kept = _kept(project, run_id, [each.image_id for each in moment.glimpses])
    news = {}
    for glimpse in moment.glimpses:
        if glimpse.image_id in kept:
            split, was = kept[glimpse.image_id]
            found = (*was.moments, (moment.step, moment.epoch, glimpses.packed(glimpse)))
            news[glimpse.image_id] = (split, replace(was, moments=_thinned(found)))
    _put(project, run_id, news)


def _thinned(moments: Sequence[tuple[int, int, bytes]]) -> tuple[tuple[int, int, bytes], ...]:
    """At most so many: of those between the ends the one goes whose neighbours are nearest to each other."""
    kept = list(moments)
    while len(kept) > MOST_MOMENTS:
        steps = [step for step, _, _ in kept]
        kept.pop(min(range(1, len(kept) - 1), key=lambda at: steps[at + 1] - steps[at - 1]))
    return tuple(kept)


def moments(project: Project, run_id: int) -> tuple[Moment, ...]:
    """What a run found on the pictures that are watched, validation by validation."""
    found: dict[tuple[int, int], list[Glimpse]] = {}
    for image_id, (_, kept) in _kept(project, run_id, split="val").items():
        for step, epoch, packed in kept.moments:
            found.setdefault((step, epoch), []).append(glimpses.unpacked(packed, image_id))
    return tuple(Moment(step, epoch, tuple(each)) for (step, epoch), each in sorted(found.items()))


def recall(project: Project, run_id: int) -> dict[int, tuple[Split, list[Annotation]]]:
    """The images a run learned from by id: the split each was in, and its annotations as they were then."""
    return {
        image_id: (split, annotations_of(kept, image_id)) for image_id, (split, kept) in remembered(project, run_id)
    }


def remembered(project: Project, run_id: int) -> Iterable[tuple[int, tuple[Split, Remembered]]]:
    """What is kept of each image of a run, by its id."""
    return _kept(project, run_id).items()


def annotations_of(kept: Remembered, image_id: int) -> list[Annotation]:
    """The annotations that are kept of an image."""
    return [_annotation(row, image_id) for row in kept.rows]


def _annotation(row: Row, image_id: int) -> Annotation:
    shape, points = unpack(row.kind, row.shape), _points(row.keypoints)
    return Annotation(row.id, image_id, row.class_id, shape, points, row.is_crowd, row.attributes)


def _points(packed: bytes | None) -> Keypoints | None:
    found = None if packed is None else unpack("keypoints", packed)
    return found if isinstance(found, Keypoints) else None


def _row(each: Annotation) -> Row:
    points = None if each.keypoints is None else pack(each.keypoints)
    return Row(each.id, each.class_id, each.shape.kind, pack(each.shape), each.is_crowd, points, each.attributes)


def packed(kept: Remembered) -> bytes:
    """What is kept of an image as bytes."""
    return zlib.compress(msgspec.msgpack.encode(kept), 1)


def unpacked(value: bytes) -> Remembered:
    """What was packed, also by an older Boxwright: that kept rows alone, and not all of each."""
    if value.startswith(_ZLIB):
        return msgspec.msgpack.decode(zlib.decompress(value), type=Remembered)
    rows: list[Any] = msgspec.msgpack.decode(value)
    return Remembered(tuple(Row(*row) for row in rows))


_ZLIB = b"\x78"
"""How zlib's bytes begin; a list in msgpack begins with others."""


def _kept(project: Project, run_id: int, image_ids: Sequence[int] | None = None, *, split: Split | None = None) -> Kept:
    return {
        image_id: (found, unpacked(contents.get(project, content_id)) if content_id else Remembered(()))
        for image_id, found, content_id in runs.images_of(project, run_id)
        if (image_ids is None or image_id in image_ids) and (split is None or found == split)
    }


def _put(project: Project, run_id: int, news: Mapping[int, tuple[Split, Remembered]]) -> None:
    """Keep these, and let go of what they replace."""
    before = {image_id: content_id for image_id, _, content_id in runs.images_of(project, run_id)}
    rows = [(image_id, split, contents.put(project, packed(kept))) for image_id, (split, kept) in news.items()]
    runs.set_images(project, run_id, rows)
    replaced = {before.get(image_id) for image_id in news} - {content_id for _, _, content_id in rows}
    contents.release(project, [content_id for content_id in replaced if content_id is not None])
