"""A project as large as real ones get: 100,000 pictures, 1,000,000 annotations, 100,000 suggestions.

Written by bulk SQL, since a person would need years. Pictures are small JPEGs, every hundredth a large one, each with
bytes of its own; shapes are boxes, polygons and masks; the first image has a thousand annotations, the others share the
rest.

    python -m tests.bench._big_project PATH [IMAGES [ANNOTATIONS]]
"""

from __future__ import annotations

import hashlib
import io
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from engine.geometry import masks
from engine.geometry.shapes import Box, Polygon, Shape
from engine.project import classes, definitions, runs, shapes
from engine.project.store import Project, Row

N_IMAGES = 100_000
N_ANNOTATIONS = 1_000_000
N_CLASSES = 20
ON_FIRST = 1_000
"""Annotations on the first image: as many as a microscope's picture has nuclei."""
SMALL, LARGE = (192, 144), (1600, 1200)
LARGE_EVERY = 100
CACHE = Path(__file__).parents[2] / ".bench"


def cached(n_images: int = N_IMAGES, n_annotations: int = N_ANNOTATIONS) -> Path:
    """The path of such a project below `.bench`, made anew when there is none of the present schema."""
    schema = hashlib.sha256(repr(sorted(definitions.definitions().items())).encode()).hexdigest()[:8]
    path = CACHE / f"{n_images}-{n_annotations}-{schema}.boxwright"
    if not path.exists():
        CACHE.mkdir(exist_ok=True)
        part = path.with_suffix(".part")
        part.unlink(missing_ok=True)
        make(part, n_images, n_annotations)
        part.replace(path)
    return path


def make(path: Path, n_images: int = N_IMAGES, n_annotations: int = N_ANNOTATIONS) -> None:
    """Write the project; a minute or two at full size."""
    with Project.create(path) as project:
        project.rows("PRAGMA synchronous = OFF")
        with project.atomic():
            for n in range(N_CLASSES):
                classes.add(project, f"class {n}")
            run_id = runs.add(project, "detector", "mask_rcnn", "{}")
            runs.set_state(project, run_id, "done")
            _add_images(project, n_images)
            _add_shapes(project, "annotations", _annotations(n_images, n_annotations))
            _add_shapes(project, "detections", _detections(n_images, run_id))


def _add_images(project: Project, n_images: int) -> None:
    small = [_jpeg(n, SMALL) for n in range(20)]
    large = [_jpeg(n, LARGE) for n in range(20)]
    for start in range(0, n_images, 1000):
        ids = range(start + 1, min(start + 1000, n_images) + 1)
        # What follows a JPEG's end is not looked at, so a number there makes every picture another.
        pictures = [(large if n % LARGE_EVERY == 1 else small)[n % 20] + n.to_bytes(4, "big") for n in ids]
        hashes = [hashlib.sha256(data).hexdigest() for data in pictures]
        sizes = [LARGE if n % LARGE_EVERY == 1 else SMALL for n in ids]
        rows = list(zip(ids, hashes, pictures, sizes, strict=True))
        project.execute_many(
            "INSERT INTO contents (id, sha256, size) VALUES (?, ?, ?)",
            ((n, sha, len(data)) for n, sha, data, _ in rows),
        )
        project.execute_many(
            "INSERT INTO chunks (content_id, position, sha256, bytes) VALUES (?, 0, ?, ?)",
            ((n, sha, data) for n, sha, data, _ in rows),
        )
        project.execute_many(
            "INSERT INTO images (id, name, sha256, content_id, width, height, split, state, created) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, '2025-01-01T00:00:00.000+00:00')",
            (
                (n, f"folder {n // 1000}/{n:06}.jpg", sha, n, *size, _split(n), "done" if n % 3 else "new")
                for n, sha, _, size in rows
            ),
        )
        thumbnails = [small[n % 20] for n in ids]
        project.execute_many(
            "INSERT INTO thumbnails (image_id, sha256, jpeg) VALUES (?, ?, ?)",
            ((n, hashlib.sha256(data).hexdigest(), data) for n, data in zip(ids, thumbnails, strict=True)),
        )


def _split(n: int) -> str:
    return ("train", "train", "train", "val", "test")[n % 5]


def _jpeg(seed: int, size: tuple[int, int]) -> bytes:
    """A smooth coloured picture with some grain."""
    chance = np.random.default_rng(seed)
    coarse = Image.fromarray(chance.integers(0, 256, (6, 8, 3), dtype=np.uint8))
    pixels = np.asarray(coarse.resize(size, Image.Resampling.BICUBIC), dtype=np.int16)
    grainy = np.clip(pixels + chance.integers(-8, 9, pixels.shape), 0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(grainy).save(buffer, "JPEG", quality=60)
    return buffer.getvalue()


def _shapes() -> list[Row]:
    """A thousand shapes as columns: six boxes to three polygons to one mask."""
    chance, found = np.random.default_rng(0), list[Row]()
    for n in range(1000):
        x, y = chance.uniform(0, 150), chance.uniform(0, 110)
        width, height = chance.uniform(4, 40, 2)
        shape: Shape = Box(x, y, x + width, y + height)
        if n % 10 >= 6:
            angles = np.linspace(0, 2 * np.pi, 16, endpoint=False)
            ring = np.stack([x + width * (1 + np.cos(angles)) / 2, y + height * (1 + np.sin(angles)) / 2], axis=1)
            shape = Polygon.of(ring) if n % 10 < 9 else masks.of_polygon(Polygon.of(ring))
        found.append(shapes.columns_of(shape))
    return found


def _annotations(n_images: int, n_annotations: int) -> Iterator[Row]:
    cycle = itertools.cycle(_shapes())
    first = min(ON_FIRST, n_annotations)
    for n in range(n_annotations):
        image_id = 1 if n < first else 1 + (n - first) % n_images
        moment = "2025-01-01T00:00:00.000+00:00"
        yield (image_id, 1 + n % N_CLASSES, moment, moment, *next(cycle))


def _detections(n_images: int, run_id: int) -> Iterator[Row]:
    cycle = itertools.cycle(_shapes())
    for n in range(n_images):
        yield (n + 1, 1 + n % N_CLASSES, run_id, (n % 1000) / 1000, *next(cycle))


def _add_shapes(project: Project, table: str, rows: Iterator[Row]) -> None:
    own = {"annotations": "image_id, class_id, created, modified", "detections": "image_id, class_id, run_id, score"}
    columns = f"{own[table]}, kind, geometry, x0, y0, x1, y1, area"
    project.execute_many(f"INSERT INTO {table} ({columns}) VALUES ({', '.join('?' * 11)})", rows)


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[2:]]
    make(Path(sys.argv[1]), *numbers)
