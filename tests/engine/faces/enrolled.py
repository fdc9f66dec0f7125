"""Folders of drawn faces, and projects in which they are enrolled."""

from pathlib import Path

import numpy as np
from PIL import Image

from engine.faces.enrolling import EnrolReport, EnrolRequest, enrol
from engine.faces.sources import FaceFolders, FaceSource
from engine.progress import finish
from engine.project import contents, images
from engine.project.images import NewImage
from engine.project.store import Project
from tests.engine.faces.drawn_faces import face

NAMES = ("Anna", "Ben", "Cleo", "Dora")


def picture(path: Path, person: int, shot: int, scale: int = 4) -> Path:
    """A drawn face as a PNG file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    drawn = Image.fromarray(face(person, shot))
    drawn.resize((drawn.width * scale, drawn.height * scale), Image.Resampling.BICUBIC).save(path)
    return path


def folders(root: Path, n_people: int = 3, n_each: int = 2) -> Path:
    """A folder for each of some people."""
    for person in range(n_people):
        for shot in range(n_each):
            picture(root / NAMES[person] / f"{shot}.png", person, shot)
    return root


def enrolled(project: Project, *sources: FaceSource, **request) -> EnrolReport:
    return finish(enrol(project, EnrolRequest(sources, **request)))


def enrolled_folders(project: Project, root: Path, n_people: int = 3, n_each: int = 2) -> EnrolReport:
    return enrolled(project, FaceFolders(folders(root, n_people, n_each)))


def put_image(project: Project, folder: Path, pixels: np.ndarray, name: str = "group.png") -> int:
    """An image of the project, embedded."""
    path = folder / name
    Image.fromarray(pixels).save(path)
    height, width = pixels.shape[:2]
    with project.atomic():
        content_id = contents.put(project, path.read_bytes())
        sha256 = contents.sha256_of(path)
        return images.add(project, NewImage(name, sha256, width, height, 1, content_id, b""))
