"""A project's images and annotations as what a training sees."""

from collections.abc import Mapping, Sequence
from copy import copy
from pathlib import Path
from typing import Any

import numpy as np

from engine.detectors import Survey
from engine.feeding.data import Example, Kept, teaches, truth_of
from engine.feeding.room import Room
from engine.geometry.mirrors import mirror
from engine.project import annotations, classes, images
from engine.project.records import Annotation, ImageRecord, Split
from engine.project.store import Project
from engine.tiling import viewing


class Source:
    """Where pictures are read from: a project; in another process the same file, over a connection of its own.

    It crosses a process border as the file's path. There the file is opened when the first picture is asked for, for
    reading only.
    """

    def __init__(self, path: Path, project: Project | None = None) -> None:
        self.path = path
        self._project = project

    @property
    def project(self) -> Project:
        """The open project, to be used by one thread."""
        if self._project is None:
            self._project = Project.open(self.path, read_only=True)
        return self._project

    def __reduce__(self) -> "tuple[type[Source], tuple[Path]]":
        return Source, (self.path.absolute(),)


class ProjectData:
    """Images to learn from: those of the train split or of none that are annotated, or marked done without an object.

    Images to be tried on: all of the val split. Annotations are read when it is made, pictures when they are asked for.
    In another process, which it may be sent to, annotations are those that it was made with.
    """

    def __init__(self, project: Project) -> None:
        self._source = Source(project.path, project)
        self._annotations = _annotations(project, ("train", None, "val"))
        known = classes.all_classes(project)
        self.class_names: Mapping[int, str] = {each.id: each.name for each in known}
        self._mirrors = tuple(mirror(each.keypoint_names) for each in known)
        records = images.all_images(project)
        self.train_images = [each for each in records if self._is_learned(each)]
        self.val_images = [each for each in records if each.split == "val"]
        self._take_room()

    def reading(self, path: Path) -> "ProjectData":
        """The same with the pictures of another file: a copy of the project on another machine."""
        again = copy(self)
        again._source = Source(path)
        again._take_room()
        return again

    def __getstate__(self) -> dict[str, Any]:
        own = {"train", "val", "_room"}
        return {name: value for name, value in vars(self).items() if name not in own}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._take_room()

    def _take_room(self) -> None:
        """Examples that are yet to be made."""
        self._room = Room()
        self.train: Sequence[Example] = self._kept(self.train_images)
        self.val: Sequence[Example] = self._kept(self.val_images)

    def survey(self) -> Survey:
        """Sizes of the training images and boxes of what is learned on them."""
        taught = [[each for each in self.annotations(record.id) if teaches(each)] for record in self.train_images]
        bounds = [each.shape.bounds for found in taught for each in found]
        place = {class_id: at for at, class_id in enumerate(self.class_names)}
        return Survey(
            sizes=np.array([(each.height, each.width) for each in self.train_images], dtype=np.float64),
            boxes=np.array(bounds, dtype=np.float64).reshape(-1, 4),
            picture_of=np.repeat(np.arange(len(taught)), [len(found) for found in taught]),
            n_classes=len(self.class_names),
            class_of=np.array([place[each.class_id] for found in taught for each in found], dtype=np.int64),
            n_keypoints=tuple(map(len, self._mirrors)),
        )

    def annotations(self, image_id: int) -> tuple[Annotation, ...]:
        """The annotations of an image in the train or val split, or in none."""
        return tuple(self._annotations[image_id])

    def _is_learned(self, record: ImageRecord) -> bool:
        is_for_learning = record.split in ("train", None)
        return is_for_learning and (bool(self._annotations[record.id]) or record.state == "done")

    def _kept(self, records: Sequence[ImageRecord]) -> Kept:
        return Kept(lambda at: self._example(records[at]), len(records), self._room)

    def _example(self, record: ImageRecord) -> Example:
        seen = viewing.seen(self._source.project, record)
        found = tuple(viewing.scaled(each, 1 / seen.step) for each in self.annotations(record.id))
        truth = truth_of(found, tuple(self.class_names), self._mirrors)
        return Example(record.id, record.name, seen.pixels, found, truth)


def _annotations(project: Project, splits: Sequence[Split | None]) -> dict[int, list[Annotation]]:
    return {image_id: found for split in splits for image_id, found in annotations.of_split(project, split).items()}
