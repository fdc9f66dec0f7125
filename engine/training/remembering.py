"""What exactly a run learned from: its images with their annotations as they were, kept in the project file.

Annotations of one image are one content, so that runs with the same truth share it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from engine.geometry.packing import pack, unpack
from engine.project import contents, runs
from engine.project.records import Annotation, Split
from engine.project.store import Project
from engine.training.project_data import ProjectData


def remember(project: Project, run_id: int, data: ProjectData) -> None:
    """Keep what a run is about to learn from, inside `atomic()`."""
    splits: tuple[tuple[Split, Sequence[int]], ...] = (
        ("train", [each.id for each in data.train_images]),
        ("val", [each.id for each in data.val_images]),
    )
    rows = [
        (image_id, split, contents.put(project, packed(data.annotations(image_id))))
        for split, image_ids in splits
        for image_id in image_ids
    ]
    runs.set_images(project, run_id, rows)


def recall(project: Project, run_id: int) -> dict[int, tuple[Split, list[Annotation]]]:
    """The images a run learned from by id: the split each was in, and its annotations as they were then."""
    return {
        image_id: (split, unpacked(contents.get(project, content_id), image_id) if content_id else [])
        for image_id, split, content_id in runs.images_of(project, run_id)
    }


def packed(annotations: Sequence[Annotation]) -> bytes:
    """Annotations of one image as bytes: id, class, shape and crowd flag of each."""
    rows = [(each.id, each.class_id, each.shape.kind, pack(each.shape), each.is_crowd) for each in annotations]
    return msgspec.msgpack.encode(rows)


def unpacked(value: bytes, image_id: int) -> list[Annotation]:
    """The annotations that were packed."""
    rows: list[Any] = msgspec.msgpack.decode(value)
    return [
        Annotation(id_, image_id, class_id, unpack(kind, shape), is_crowd=is_crowd)
        for id_, class_id, kind, shape, is_crowd in rows
    ]
