"""A picture as networks see it: whole, and shrunk where it is too large for memory; shapes scaled to it and back."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from engine import pictures
from engine.errors import UserError
from engine.geometry.shapes import Keypoints
from engine.geometry.spaces import Affine, transform
from engine.project import images
from engine.project.records import Annotation, Detection, ImageRecord
from engine.project.store import Project
from engine.tiling import cache
from engine.tiling.reading import TileFile
from engine.tiling.windows import InFile, InMemory, Windows

SIDE = 4096
"""Pixels of the longer side that a large picture is shrunk to: several times what any network here is given."""

Placed = TypeVar("Placed", Annotation, Detection)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Pixels (height, width, 3) RGB, each of which stands for `step` pixels of the picture, across and down."""

    pixels: NDArray[np.uint8]
    step: float = 1.0


def seen(project: Project, image: ImageRecord) -> Seen:
    """The picture of an image; raises UserError as decoding does."""
    if not pictures.is_large(image.width, image.height):
        return Seen(pictures.decode(images.read(project, image), image.name))
    return _by_tiles(image) or _streamed(project, image)


@contextmanager
def windows(project: Project, image: ImageRecord) -> Iterator[Windows]:
    """Parts of an image's picture at full resolution; raises UserError as decoding does.

    Of a picture too large for memory there have to be tiles already (`engine.tiling.making`).
    """
    if not pictures.is_large(image.width, image.height):
        yield InMemory(seen(project, image).pixels)
        return
    file = TileFile(cache.path_of(image.sha256))
    try:
        yield InFile(file)
    finally:
        file.close()


def scaled(placed: Placed, factor: float) -> Placed:
    """An annotation or a detection on a picture `factor` times as large; the same one where that is 1."""
    if factor == 1.0:
        return placed
    larger = Affine(xx=factor, yy=factor)
    points = None if placed.keypoints is None else transform(placed.keypoints, larger)
    return replace(
        placed,
        shape=transform(placed.shape, larger),
        keypoints=points if isinstance(points, Keypoints) else None,
    )


def _by_tiles(image: ImageRecord) -> Seen | None:
    """From the file of tiles, if there is one: the finest level that is small enough."""
    path = cache.find(image.sha256)
    if path is None:
        return None
    try:
        file = TileFile(path)
    except UserError:
        return None
    try:
        levels = enumerate(file.levels)
        at, level = next((n, each) for n, each in levels if max(each.width, each.height) <= SIDE)
        columns, rows = range(level.n_columns), range(level.n_rows)
        strips = [np.concatenate([file.read(at, column, row) for column in columns], axis=1) for row in rows]
        return Seen(np.concatenate(strips), level.step)
    finally:
        file.close()


def _streamed(project: Project, image: ImageRecord) -> Seen:
    from engine.tiling import streaming  # noqa: PLC0415 (libvips, which few pictures need)

    with (
        tempfile.TemporaryDirectory() as room,
        images.laid_out(project, image, Path(room)) as path,
    ):
        small = streaming.preview(path, pictures.head(path, image.name), image.name, SIDE)
    return Seen(small, image.width / small.shape[1])
