"""The file of tiles of a project's image, made where there is none yet."""

from __future__ import annotations

import tempfile
from pathlib import Path

from engine import pictures
from engine.errors import UserError
from engine.progress import Progress, Work
from engine.project import images
from engine.project.store import Project
from engine.tiling import cache, writing


def make_tiles(path: Path, image_id: int) -> Work[Path]:
    """Make the tiles of an image of the project at `path`; returns where they are. Raises UserError as decoding does.

    The project is only read. What is linked is streamed from where it is; what is embedded is first laid out on the
    disk.
    """
    yield Progress(0, None, "Reading the picture")
    with Project.open(path, read_only=True) as project:
        image = images.get(project, image_id)
        if (there := cache.find(image.sha256)) is not None:
            return there
        folder = _folder()
        with (
            tempfile.TemporaryDirectory(prefix="part-", dir=folder, ignore_cleanup_errors=True) as room,
            images.laid_out(project, image, Path(room)) as picture,
        ):
            target = cache.path_of(image.sha256)
            yield from writing.write(picture, pictures.head(picture, image.name), target, image.name)
    cache.make_room()
    return target


def _folder() -> Path:
    folder = cache.folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"{folder} cannot be made: {error.strerror}.", "Tiles of large pictures are kept there."
        ) from error
    return folder
