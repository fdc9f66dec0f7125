"""Faces cut from picture files: each a crop of one, or all that a run finds in it; from a folder for each person."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine import pictures
from engine.cropping import crop_of
from engine.errors import UserError
from engine.faces.sources import Cut, Cutting, FaceFiles, FaceFolders, FaceIn, FindsFaces, FoundFace, Refused
from engine.project.store import Project


def of_files(project: Project, source: FaceFiles) -> Cutting:
    """One file after the other."""
    finder = finder_of(project, source.find_run_id)
    cuts = (cut for path in source.paths for cut in _of_file(path, source.person, finder))
    return Cutting(len(source.paths), cuts)


def of_folders(project: Project, source: FaceFolders) -> Cutting:
    """One person after the other. Raises UserError where there is no folder with pictures."""
    return _of_folders(source.folder, finder_of(project, source.find_run_id))


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
    return faces_of_picture(pictures.decode(path), finder, path.name)


def faces_of_picture(
    picture: NDArray[np.uint8], finder: FindsFaces | None = None, called: str = "the picture"
) -> tuple[FaceIn, ...]:
    """The same of a picture (H, W, 3)."""
    found = (FaceIn(crop_of(picture, None)),) if finder is None else finder.faces(picture)
    if not found:
        raise UserError(f"No face was found in {called}.")
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
