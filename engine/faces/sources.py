"""Where faces to be enrolled come from: files of crops, a folder per person, annotations, detections of a run.

Each source is gone through picture by picture; what cannot be read or holds no face is told with its reason, and the
rest goes on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine import pictures
from engine.cropping import Crop, Place, crop_of
from engine.cropping.crop import window
from engine.cropping.placing import is_of_faces, place_of, shifted
from engine.errors import UserError
from engine.geometry.shapes import Bounds
from engine.project import annotations, classes, detections, gallery, images
from engine.project.records import Annotation, ClassRecord, Detection, ImageRecord
from engine.project.store import Project
from engine.tiling import viewing
from engine.tiling.windows import Windows


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
    cuts: Iterator[Cut]


def cutting(project: Project, source: FaceSource) -> Cutting:
    """Begin with a source; raises UserError where there is nothing in it."""
    match source:
        case FaceFiles():
            finder = finder_of(project, source.find_run_id)
            cuts = (cut for path in source.paths for cut in _of_file(path, source.person, finder))
            return Cutting(len(source.paths), cuts)
        case FaceFolders():
            return _of_folders(source.folder, finder_of(project, source.find_run_id))
        case AnnotatedFaces():
            return _of_shapes(project, _annotated(project, source))
        case DetectedFaces():
            return _of_shapes(project, _detected(project, source))


def face_classes(project: Project) -> tuple[ClassRecord, ...]:
    """The classes that mark faces."""
    return tuple(each for each in classes.all_classes(project) if is_of_faces(each))


def finder_of(project: Project, run_id: int | None) -> FindsFaces | None:
    """What finds faces by a run's network; None where no run is named. Raises UserError where it knows no faces."""
    if run_id is None:
        return None
    from engine.faces.finding import Finder  # noqa: PLC0415 (torch, which crops alone do not need)

    return Finder.load(project, run_id)


def faces_of_file(path: Path, finder: FindsFaces | None = None) -> tuple[FaceIn, ...]:
    """The faces in a picture file, best first; all of it without a finder. Raises UserError where there is none."""
    if path.is_dir():
        raise UserError(f"{path} is a folder.", "Give picture files, or a folder of folders with --folders.")
    if path.exists() and pictures.is_large(*pictures.head(path).size):
        raise UserError(f"{path.name} is too large: mark its faces on an image of the project instead.")
    picture = pictures.decode(path)
    found = (FaceIn(crop_of(picture, None)),) if finder is None else finder.faces(picture)
    if not found:
        raise UserError(f"No face was found in {path.name}.")
    return found


def one_of_file(path: Path, finder: FindsFaces | None = None) -> FaceIn:
    """The only face in a picture file; raises UserError where there are several, as nobody knows which is meant."""
    found = faces_of_file(path, finder)
    if len(found) > 1:
        raise UserError(f"{path.name} shows {len(found)} faces.", "Mark the one that is meant on an image instead.")
    return found[0]


def _of_file(path: Path, person: str, finder: FindsFaces | None, source: str = "") -> Iterator[Cut]:
    """Of a person who is named there has to be one face: whose the others are, nobody said."""
    name = source or path.name
    try:
        faces = (one_of_file(path, finder),) if person else faces_of_file(path, finder)
    except UserError as error:
        yield Refused(name, error.message)
        return
    for face in faces:
        yield FoundFace(name, person, face.crop)


def _of_folders(folder: Path, finder: FindsFaces | None) -> Cutting:
    if not folder.is_dir():
        raise UserError(f"{folder} is no folder.")
    people = sorted(each for each in folder.iterdir() if each.is_dir() and not each.name.startswith("."))
    found = {person: sorted(each for each in person.rglob("*") if _is_picture(each)) for person in people}
    if not any(found.values()):
        raise UserError(f"{folder} holds no folders with pictures.", "It needs one folder for each person.")

    def cuts() -> Iterator[Cut]:
        for person, files in found.items():
            if not files:
                yield Refused(person.name, f"{person.name} holds no pictures.")
            for file in files:
                yield from _of_file(file, person.name, finder, file.relative_to(folder).as_posix())

    return Cutting(sum(map(len, found.values())), cuts())


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in pictures.SUFFIXES and not path.name.startswith(".") and path.is_file()


def _annotated(project: Project, source: AnnotatedFaces) -> list[Annotation]:
    if source.annotation_ids is not None:
        found = annotations.get(project, source.annotation_ids)
    else:
        wanted = _wanted_classes(project, source.class_id)
        every = annotations.of_split(project, None)
        found = [each for image_id in sorted(every) for each in every[image_id] if each.class_id in wanted]
    if not found:
        raise UserError(f"{project.path} holds no such annotations of faces.")
    return sorted(found, key=lambda each: (each.image_id, each.id))


def _detected(project: Project, source: DetectedFaces) -> list[Detection]:
    wanted = _wanted_classes(project, source.class_id)
    found = [
        each
        for each in detections.of_run(project, source.run_id)
        if each.class_id in wanted
        and each.score >= source.min_score
        and each.state != "rejected"
        and (source.image_ids is None or each.image_id in source.image_ids)
    ]
    if not found:
        raise UserError(f"Run {source.run_id} of {project.path} detected no such faces.")
    return sorted(found, key=lambda each: (each.image_id, each.id))


def _wanted_classes(project: Project, class_id: int | None) -> frozenset[int]:
    if class_id is not None:
        return classes.with_descendants(project, class_id)
    found = face_classes(project)
    if not found:
        raise UserError(f"{project.path} has no class of faces.", "Call one 'face', or name the class that it is.")
    return frozenset(each.id for each in found)


def _of_shapes(project: Project, found: Sequence[Annotation] | Sequence[Detection]) -> Cutting:
    """Picture by picture, each read once."""
    by_class = classes.by_id(project)
    names = {each.id: each.name for each in gallery.identities(project)}
    by_image: dict[int, list[Annotation | Detection]] = {}
    for each in found:
        by_image.setdefault(each.image_id, []).append(each)

    def cuts() -> Iterator[Cut]:
        for image_id, marked in by_image.items():
            image = images.get(project, image_id)
            try:
                with viewing.windows(project, image) as windows:
                    for one in marked:
                        yield _cut(image, windows, one, by_class[one.class_id], names)
            except UserError as error:
                yield Refused(image.name, error.message)

    return Cutting(len(found), cuts())


def _cut(
    image: ImageRecord, windows: Windows, marked: Annotation | Detection, kind: ClassRecord, names: dict[int, str]
) -> Cut:
    annotation = marked if isinstance(marked, Annotation) else None
    person = names.get(annotation.identity_id or 0, "") if annotation else ""
    try:
        place = place_of(marked.shape, marked.keypoints, kind.keypoint_names)
        crop = _crop_in(image, windows, place)
    except UserError as error:
        return Refused(image.name, error.message)
    return FoundFace(image.name, person, crop, image.id, annotation.id if annotation else None)


def _crop_in(image: ImageRecord, windows: Windows, place: Place) -> Crop:
    """The crop of a place, of which no more is read than what it looks at."""
    seen = window(place)
    x0, y0 = (max(0, int(each)) for each in (seen.x0, seen.y0))
    x1, y1 = min(image.width, int(seen.x1) + 1), min(image.height, int(seen.y1) + 1)
    if x1 <= x0 or y1 <= y0:
        raise UserError("A face lies beside its picture.", "Set its place anew.")
    return crop_of(windows.read(x0, y0, x1, y1), shifted(place, -x0, -y0))
