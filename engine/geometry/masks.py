"""Masks: run lengths, bitmaps, COCO's counts and polygons into one another; painting, set operations, IoU.

Masks made here are canonical, so that equal pixels mean equal masks: the window is cropped to the pixels that are set,
runs have no length 0 but the first, and the empty mask is `empty()`. Everything follows the outline of a mask in cost,
except bitmaps. See `spans` for the arithmetic, `scanline` for polygon -> mask, `outlines` for mask -> polygon,
`coco_text` for COCO's compressed counts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.geometry import spans
from engine.geometry.coco_text import compress, decompress
from engine.geometry.outlines import to_polygon
from engine.geometry.scanline import of_box, of_polygon
from engine.geometry.shapes import Box, Keypoints, Mask, Polygon, RotatedBox, Shape
from engine.geometry.spans import empty

__all__ = [
    "area", "clip", "compress", "decompress", "empty", "from_bitmap", "from_coco", "intersect", "iou", "of_box",
    "of_polygon", "of_shape", "paint", "subtract", "to_bitmap", "to_coco", "to_polygon", "union",
]  # fmt: skip


def from_bitmap(bitmap: NDArray[np.bool_], x: int = 0, y: int = 0) -> Mask:
    """The mask of a bool (height, width) bitmap with its top left pixel at (x, y), cropped to what is set."""
    columns, rows = np.flatnonzero(bitmap.any(axis=0)), np.flatnonzero(bitmap.any(axis=1))
    if not len(columns):
        return empty()
    (x0, x1), (y0, y1) = (columns[0], columns[-1] + 1), (rows[0], rows[-1] + 1)
    window = np.asarray(bitmap, dtype=np.bool_)[y0:y1, x0:x1]
    pixels = np.ascontiguousarray(window.T).ravel()
    changes = np.flatnonzero(pixels[1:] != pixels[:-1]) + 1
    bounds = np.concatenate([[0, 0] if pixels[0] else [0], changes, [pixels.size]])
    counts = np.diff(bounds).astype(np.uint32)
    counts.setflags(write=False)
    return Mask(x + int(x0), y + int(y0), int(x1 - x0), int(y1 - y0), counts)


def to_bitmap(mask: Mask) -> NDArray[np.bool_]:
    """The mask's window as a bool (height, width) bitmap; its top left pixel is (mask.x, mask.y)."""
    values = np.zeros(len(mask.counts), dtype=np.bool_)
    values[1::2] = True
    return np.repeat(values, mask.counts).reshape(mask.width, mask.height).T


def paint(mask: Mask, height: int, width: int) -> NDArray[np.bool_]:
    """The mask on a whole picture, as a bool (height, width) bitmap; what lies outside is cut off."""
    picture = np.zeros((height, width), dtype=np.bool_)
    shown = clip(mask, height, width)
    picture[shown.y : shown.y + shown.height, shown.x : shown.x + shown.width] = to_bitmap(shown)
    return picture


def clip(mask: Mask, height: int, width: int) -> Mask:
    """What lies on a picture of this size."""
    x0, y0, x1, y1 = mask.bounds
    if x0 >= 0 and y0 >= 0 and x1 <= width and y1 <= height:
        return mask
    return spans.to_mask(spans.clip(spans.of_mask(mask), height, width))


def from_coco(counts: ArrayLike, height: int, width: int) -> Mask:
    """The mask of COCO's uncompressed counts on a picture of this size.

    Raises ValueError where they do not fill it.
    """
    runs = np.array(counts)
    whole = runs.ndim == 1 and runs.dtype.kind in "iu" and len(runs) > 0
    if not whole or runs.min() < 0 or runs.max() > height * width or int(runs.sum()) != height * width:
        raise ValueError(f"the runs of the mask do not fill a picture of {width} x {height}")
    spans.check_window(width, height)
    return spans.to_mask(spans.of_mask(Mask(0, 0, width, height, runs.astype(np.uint32))))


def to_coco(mask: Mask, height: int, width: int) -> list[int]:
    """COCO's uncompressed counts on a picture of this size: column by column, beginning with a run of 0."""
    strips = spans.clip(spans.of_mask(mask), height, width)
    counts: list[int] = spans.counts_in(strips, 0, 0, (width, height)).tolist()
    return counts


def of_shape(shape: Shape) -> Mask:
    """The pixels of any shape by the pixel-centre rule; keypoints cover none.

    Raises ValueError for a shape too large for a mask.
    """
    match shape:
        case Mask():
            return shape
        case Box():
            return of_box(shape)
        case RotatedBox():
            return of_polygon(Polygon.of(shape.corners))
        case Polygon():
            return of_polygon(shape)
        case Keypoints():
            return empty()


def union(a: Mask, b: Mask) -> Mask:
    """The pixels in either mask."""
    return spans.to_mask(spans.combine(spans.of_mask(a), spans.of_mask(b), spans.UNION))


def intersect(a: Mask, b: Mask) -> Mask:
    """The pixels in both masks."""
    return spans.to_mask(spans.combine(spans.of_mask(a), spans.of_mask(b), spans.INTERSECTION))


def subtract(a: Mask, b: Mask) -> Mask:
    """The pixels of `a` that are not in `b`."""
    return spans.to_mask(spans.combine(spans.of_mask(a), spans.of_mask(b), spans.DIFFERENCE))


def area(mask: Mask) -> int:
    """How many pixels are set."""
    return int(mask.area)


def iou(a: Mask, b: Mask) -> float:
    """Intersection over union by pixels; 0 where both are empty."""
    common = spans.common(spans.of_mask(a), spans.of_mask(b)) if _windows_meet(a, b) else 0
    either = area(a) + area(b) - common
    return common / either if either else 0.0


def _windows_meet(a: Mask, b: Mask) -> bool:
    return a.x < b.x + b.width and b.x < a.x + a.width and a.y < b.y + b.height and b.y < a.y + a.height
