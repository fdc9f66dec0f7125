"""The sample project's file."""

import hashlib
import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.project import annotations, classes, contents, images
from engine.project.images import NewImage
from engine.project.records import Annotation, Split
from engine.project.store import Project
from engine.samples.smear import KINDS, Smear, draw

SEED = 2
SPLITS: tuple[Split | None, ...] = ("train",) * 16 + ("val",) * 4 + (None,) * 4
"""Of every picture; those of no split are not annotated: they are there to try one's hand, and the detector's, on."""

COLOUR_BY_CLASS = {"red cell": "#e5484d", "white cell": "#8e6cf0", "platelet": "#12a594"}
WIDTH, HEIGHT = 320, 256
THUMBNAIL = 160
N_VERTICES = 32


def create_sample(path: Path) -> Project:
    """Make the sample project's file at `path` and open it; raises UserError when something is already there."""
    project = Project.create(path)
    try:
        with project.atomic():
            class_ids = {
                kind.class_name: classes.add(project, kind.class_name, colour=COLOUR_BY_CLASS[kind.class_name])
                for kind in sorted(KINDS, key=lambda kind: list(COLOUR_BY_CLASS).index(kind.class_name))
            }
            for number, split in enumerate(SPLITS, start=1):
                smear = draw(np.random.default_rng((SEED, number)), WIDTH, HEIGHT)
                _add(project, f"smear_{number:02}.png", smear, split, class_ids)
    except BaseException:
        project.close()
        path.unlink(missing_ok=True)
        raise
    return project


def _add(project: Project, name: str, smear: Smear, split: Split | None, class_ids: dict[str, int]) -> None:
    data = _encoded(smear.pixels, "PNG")
    height, width = smear.pixels.shape[:2]
    small = np.asarray(Image.fromarray(smear.pixels).resize((THUMBNAIL, THUMBNAIL * height // width)))
    thumbnail = _encoded(small, "JPEG")
    new = NewImage(
        name, hashlib.sha256(data).hexdigest(), width, height, 1, contents.put(project, data), thumbnail, split
    )
    image_id = images.add(project, new)
    if split is not None:
        polygons = [(cell.class_name, cell.outline.polygon(N_VERTICES)) for cell in smear.cells]
        annotations.add(project, [Annotation(0, image_id, class_ids[name], shape) for name, shape in polygons])


def _encoded(pixels: NDArray[np.uint8], kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()
