"""Small projects with real pictures in them, for the tests of the window."""

import hashlib
import io
from pathlib import Path

import numpy as np
from PIL import Image

from engine.geometry.shapes import Box, Polygon
from engine.project import annotations, classes, contents, detections, images, runs
from engine.project.records import Annotation, Detection
from engine.project.store import Project


def picture(n: int, width: int = 160, height: int = 120) -> bytes:
    """A PNG with a few blobs, another one for every `n`."""
    rng = np.random.default_rng(n)
    y, x = np.mgrid[:height, :width]
    pixels = np.full((height, width, 3), 235, np.uint8)
    for _ in range(6):
        cx, cy, r = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(8, 20)
        pixels[(x - cx) ** 2 + (y - cy) ** 2 < r**2] = rng.integers(60, 200, 3)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def thumbnail(data: bytes) -> bytes:
    out = io.BytesIO()
    small = Image.open(io.BytesIO(data))
    small.thumbnail((128, 128))
    small.save(out, "JPEG")
    return out.getvalue()


def add_picture(project: Project, n: int) -> int:
    data = picture(n)
    source = contents.put(project, data)
    new = images.NewImage(f"{n:03d}.png", hashlib.sha256(data).hexdigest(), 160, 120, 1, source, thumbnail(data))
    return images.add(project, new)


def make(path: Path, n_images: int = 3) -> Path:
    """A project of pictures and the classes 'cell' and 'nucleus', with nothing on the pictures."""
    with Project.create(path) as project, project.atomic():
        for name in ("cell", "nucleus"):
            classes.add(project, name)
        for n in range(n_images):
            add_picture(project, n)
    return path


def make_annotated(path: Path, n_images: int = 3, n_shapes: int = 4) -> Path:
    """The same with boxes and polygons, and a run's suggestions beside them."""
    make(path, n_images)
    with Project.open(path) as project, project.atomic():
        run_id = runs.add(project, "detector", "mask_rcnn", "{}")
        for image_id in images.all_ids(project):
            rng = np.random.default_rng(image_id)
            placed, found = [], []
            for n in range(n_shapes):
                x, y = rng.uniform(5, 110), rng.uniform(5, 80)
                corners = [(x, y), (x + 30, y + 4), (x + 26, y + 28), (x + 2, y + 25)]
                shape = Box(x, y, x + 30, y + 25) if n % 2 else Polygon.of(corners)
                placed.append(Annotation(0, image_id, 1 + n % 2, shape))
                found.append(Detection(0, image_id, 1, 0.95 - 0.1 * n, Box(x + 3, y + 3, x + 34, y + 27), run_id))
            annotations.add(project, placed)
            detections.put(project, image_id, run_id, found)
        runs.set_state(project, run_id, "done")
    return path
