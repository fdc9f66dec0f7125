"""Where faces to be enrolled come from, as values: files, a folder per person, annotations, detections of a run.

Each source is gone through picture by picture (`cutting`); what cannot be read or holds no face is told with its
reason, and the rest goes on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.cropping import Crop
from engine.geometry.shapes import Bounds
from engine.progress import Progress


@dataclass(frozen=True, slots=True, eq=False)
class FaceIn:
    """A face in a picture."""

    crop: Crop
    bounds: Bounds | None = None
    """Where it was found; None where the picture is the crop."""


class FindsFaces(Protocol):
    """What finds the faces in a picture: `engine.faces.finding.Finder`."""

    def faces(self, picture: NDArray[np.uint8]) -> tuple[FaceIn, ...]:
        """The faces in a picture (H, W, 3), best first."""
        ...


@dataclass(frozen=True, slots=True)
class FaceFiles:
    """Picture files with faces."""

    paths: tuple[Path, ...]
    person: str = ""
    """Who all of them are of; empty where nobody knows."""
    find_run_id: int | None = None
    """The run whose network finds the faces in the pictures; None: each picture is a crop of one face."""


@dataclass(frozen=True, slots=True)
class FaceFolders:
    """A folder with one folder for each person, called as they are, with pictures of their face."""

    folder: Path
    find_run_id: int | None = None
    """As with files."""


@dataclass(frozen=True, slots=True)
class AnnotatedFaces:
    """Annotations of faces; whom one is linked with, it is of."""

    annotation_ids: tuple[int, ...] | None = None
    """None: all of a class."""
    class_id: int | None = None
    """None: all classes of faces."""
    landmarks_run_id: int | None = None
    """The run whose detected landmarks are taken over where a face is annotated without any."""


@dataclass(frozen=True, slots=True)
class DetectedFaces:
    """What a run detected as a face."""

    run_id: int
    class_id: int | None = None
    """None: all classes of faces."""
    min_score: float = 0.5
    image_ids: tuple[int, ...] | None = None
    """None: all images."""


FaceSource: TypeAlias = FaceFiles | FaceFolders | AnnotatedFaces | DetectedFaces


@dataclass(frozen=True, slots=True, eq=False)
class FoundFace:
    """A face that was cut out."""

    source: str
    """The name of the file or the image."""
    person: str
    """Empty where nobody knows."""
    crop: Crop
    image_id: int | None = None
    annotation_id: int | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """What cannot be enrolled."""

    source: str
    why: str


Cut: TypeAlias = FoundFace | Refused


@dataclass(frozen=True, slots=True, eq=False)
class Cutting:
    """A source that is gone through."""

    n_faces: int
    """How many there are to cut, as far as this is known before they are looked at."""
    cuts: Iterator[Cut | Progress]
    """Progress tells of a picture that is made ready, as one too large for memory is."""
