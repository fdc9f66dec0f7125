"""Finder: a detector's network that finds the faces in a picture, and their landmarks where it is taught these.

Any run of the project whose network knows a class of faces can be one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.cropping import Crop, crop_of, is_of_faces, place_of
from engine.detecting.project_images import predictor
from engine.errors import UserError
from engine.faces.sources import FaceIn
from engine.geometry.shapes import Box
from engine.project import classes, runs
from engine.project.records import ClassRecord, Detection
from engine.project.store import Project


class Detecting(Protocol):
    """What is asked of a network: `engine.detecting.predicting.Predictor`."""

    def detections(self, picture: NDArray[np.uint8]) -> list[Detection]:
        """What is found on one picture, best first."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Finder:
    """A network, and which of its classes are faces."""

    network: Detecting
    kinds: Mapping[int, ClassRecord]
    """By class id."""
    min_score: float = 0.5

    @classmethod
    def load(cls, project: Project, run_id: int, device: str = "cpu") -> Finder:
        """Raises UserError where the run has no checkpoint, or its network knows no class of faces."""
        run = runs.get(project, run_id)
        if run.kind != "detector":
            raise UserError(f"Run {run_id} of {project.path} detects nothing.", "Choose a run of a detector.")
        network = predictor(project, run, device)
        known = classes.by_id(project)
        kinds = {id_: known[id_] for id_ in network.card.class_ids if id_ in known and is_of_faces(known[id_])}
        if not kinds:
            raise UserError(f"Run {run_id} of {project.path} knows no class of faces.", "Call its class 'face'.")
        return cls(network, kinds)

    def faces(self, picture: NDArray[np.uint8]) -> tuple[FaceIn, ...]:
        """The faces in a picture (H, W, 3), best first."""
        found = (each for each in self.network.detections(picture) if each.score >= self.min_score)
        return tuple(
            FaceIn(_crop(picture, each, self.kinds[each.class_id].keypoint_names), each.shape.bounds)
            for each in found
            if each.class_id in self.kinds
        )


def _crop(picture: NDArray[np.uint8], face: Detection, names: Sequence[str]) -> Crop:
    """By its landmarks, or by its box where a network that knows these badly put all of them in one point."""
    try:
        return crop_of(picture, place_of(face.shape, face.keypoints, names))
    except UserError:
        return crop_of(picture, Box(*face.shape.bounds))
