"""Maps of instance values and the masks in them: each value but 0 is one object."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.formats._fields import Reject
from engine.formats._pages import Item
from engine.geometry import masks
from engine.geometry.shapes import Mask
from engine.pictures import Numbers

MOST = 65_535
"""Objects in one map: the largest value of 16 bits."""
_MOST_WORK = 2_000_000_000
"""Pixels in the windows of all objects together: beyond, the values are strewn about as no objects are."""


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A map in which no two objects overlap."""

    values: NDArray[np.uint16]
    """(height, width)."""
    chunk: int
    """Which run of 65,535 items of the page is in it."""
    class_by_value: dict[int, str] = field(default_factory=dict)


def objects(values: Numbers) -> Iterator[tuple[int, Mask]]:
    """(value, mask) of every value but 0 in a (height, width) map, in order; Reject where it is no map of objects."""
    flat = values.ravel()
    pixels = np.flatnonzero(flat)
    if not len(pixels):
        return
    pixels = pixels[np.argsort(flat[pixels], kind="stable")]
    starts = np.concatenate([[0], np.flatnonzero(np.diff(flat[pixels])) + 1])
    rows, columns = np.divmod(pixels, values.shape[1])
    y0, y1 = np.minimum.reduceat(rows, starts), np.maximum.reduceat(rows, starts) + 1
    x0, x1 = np.minimum.reduceat(columns, starts), np.maximum.reduceat(columns, starts) + 1
    if len(starts) > MOST or int(((y1 - y0) * (x1 - x0)).sum()) > _MOST_WORK:
        raise Reject("its values are strewn about; it is rather a picture than a map of objects")
    for index, (start, end) in enumerate(zip(starts, [*starts[1:], len(pixels)], strict=True)):
        window = np.zeros((y1[index] - y0[index], x1[index] - x0[index]), dtype=np.bool_)
        window[rows[start:end] - y0[index], columns[start:end] - x0[index]] = True
        yield int(flat[pixels[start]]), masks.from_bitmap(window, int(x0[index]), int(y0[index]))


def layers(items: Iterable[Item], size: tuple[int, int]) -> list[Layer]:
    """As few maps of (width, height) as the overlaps of the items allow; values count the items that cover pixels."""
    made: list[Layer] = []
    number = 0
    for item in items:
        mask = masks.clip(masks.of_shape(item.shape), size[1], size[0])
        if not mask.is_empty:
            chunk, value = divmod(number, MOST)
            layer = next((layer for layer in made if layer.chunk == chunk and _has_room(layer, mask)), None)
            if layer is None:
                layer = Layer(np.zeros(size[::-1], dtype=np.uint16), chunk)
                made.append(layer)
            _window(layer, mask)[masks.to_bitmap(mask)] = value + 1
            layer.class_by_value[value + 1] = item.class_name
            number += 1
    return made


def to_png(values: NDArray[np.uint16]) -> bytes:
    """A map as a grey PNG, of 8 bits where they suffice."""
    file = io.BytesIO()
    Image.fromarray(values.astype(np.uint8) if values.max() <= 255 else values).save(file, "PNG")
    return file.getvalue()


def _has_room(layer: Layer, mask: Mask) -> bool:
    return not _window(layer, mask)[masks.to_bitmap(mask)].any()


def _window(layer: Layer, mask: Mask) -> NDArray[np.uint16]:
    return layer.values[mask.y : mask.y + mask.height, mask.x : mask.x + mask.width]
