"""What was found on the tiles of a picture made into what is on the picture: duplicates go, cut objects are joined.

Every place near an inner border of a tile lies well inside another one, for tiles overlap. So:

1. A piece that a border cuts, and that another tile shows clear of its own borders, is left to that tile.
2. Two of a class, from two tiles, that agree within what the tiles have in common are one object: masks by their
   pixels there, boxes by their corners. Of those that are whole the surest stays; pieces are united with it.
Two that overlap on the picture overlap at least as much within what their tiles have in common, so nothing is left
twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.detecting.tiles import Tiles
from engine.geometry import boxes as many_boxes
from engine.geometry import masks
from engine.geometry.bounds_index import BoundsIndex
from engine.geometry.shapes import Bounds, Box, Mask, Shape
from engine.geometry.spaces import Affine, transform
from engine.project.records import Detection

SAME_IOU = 0.5
"""How much two have to overlap to be one object."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A detection in pixels of the picture, and the tile it was found on."""

    detection: Detection
    tile: int
    is_whole: bool

    @property
    def shape(self) -> Shape:
        return self.detection.shape


def joined(tiles: Tiles, found: Sequence[Sequence[Detection]]) -> list[Detection]:
    """The detections of a picture by falling score, from those of each tile, in pixels of the picture."""
    pieces = _useful(tiles, [each for at, own in enumerate(found) for each in _pieces(tiles, at, own)])
    objects = [_united([pieces[at] for at in group]) for group in _groups(tiles, pieces)]
    return sorted(objects, key=lambda each: -each.score)


def _pieces(tiles: Tiles, at: int, found: Sequence[Detection]) -> Iterator[_Piece]:
    for each in found:
        yield _Piece(each, at, tiles.is_whole(each.shape.bounds, tiles.all[at]))


def _useful(tiles: Tiles, pieces: Sequence[_Piece]) -> list[_Piece]:
    """Without the pieces that another tile sees better."""
    index = BoundsIndex({at: tile.bounds for at, tile in enumerate(tiles.all)})

    def is_seen_better(piece: _Piece) -> bool:
        bounds = piece.shape.bounds
        others = (tiles.all[at] for at in index.meeting(bounds) if at != piece.tile)
        return any(_contains(other.bounds, bounds) and tiles.is_whole(bounds, other) for other in others)

    return [piece for piece in pieces if piece.is_whole or not is_seen_better(piece)]


def _contains(outer: Bounds, inner: Bounds) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def _groups(tiles: Tiles, pieces: Sequence[_Piece]) -> list[list[int]]:
    """The rows of pieces that are of one object each."""
    leader = list(range(len(pieces)))

    def led(at: int) -> int:
        while leader[at] != at:
            leader[at] = leader[leader[at]]
            at = leader[at]
        return at

    for one, other in _pairs([each.shape.bounds for each in pieces]):
        if led(one) != led(other) and _agree(tiles, pieces[one], pieces[other]):
            leader[led(one)] = led(other)
    groups: dict[int, list[int]] = {}
    for at in range(len(pieces)):
        groups.setdefault(led(at), []).append(at)
    return list(groups.values())


def _pairs(bounds: Sequence[Bounds]) -> Iterator[tuple[int, int]]:
    """Every two rows whose bounds meet, in order."""
    if not bounds:
        return
    rows, ids = BoundsIndex(dict(enumerate(bounds))).pairs(many_boxes.as_boxes(bounds))
    order = np.lexsort((ids, rows))
    yield from (
        (one, other) for one, other in zip(rows[order].tolist(), ids[order].tolist(), strict=True) if one < other
    )


def _agree(tiles: Tiles, a: _Piece, b: _Piece) -> bool:
    """Whether two pieces show the same within what both tiles see."""
    if a.tile == b.tile or a.detection.class_id != b.detection.class_id:
        return False
    one, other = tiles.all[a.tile].bounds, tiles.all[b.tile].bounds
    common = (max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3]))
    if common[0] >= common[2] or common[1] >= common[3]:
        return False
    return _iou(_within(a.shape, common), _within(b.shape, common)) >= SAME_IOU


def _within(shape: Shape, window: Bounds) -> Shape:
    """What of a shape lies in a window of whole pixels, in pixels from the window's corner; masks stay masks."""
    moved = transform(shape, Affine.translate(-window[0], -window[1]))
    width, height = window[2] - window[0], window[3] - window[1]
    if isinstance(moved, Mask):
        return masks.clip(moved, int(height), int(width))
    x0, y0, x1, y1 = moved.bounds
    return Box(max(x0, 0), max(y0, 0), min(x1, width), min(y1, height))


def _iou(a: Shape, b: Shape) -> float:
    """By pixels where both are masks, else by bounds."""
    if isinstance(a, Mask) and isinstance(b, Mask):
        return masks.iou(a, b)
    return 0.0 if a.is_empty or b.is_empty else float(many_boxes.iou_one(a.bounds, many_boxes.as_boxes([b.bounds]))[0])


def _united(pieces: Sequence[_Piece]) -> Detection:
    """One object from its pieces: the surest whole one and all that are cut; as certain as the surest of them."""
    ranked = sorted(pieces, key=lambda each: (not each.is_whole, -each.detection.score))
    shape = ranked[0].shape
    for each in ranked[1:]:
        if not each.is_whole:
            shape = _union(shape, each.shape)
    score = max(each.detection.score for each in pieces)
    return replace(ranked[0].detection, score=score, shape=shape)


def _union(a: Shape, b: Shape) -> Shape:
    """The pixels of either; the box around both where one has none."""
    if isinstance(a, Mask) and isinstance(b, Mask):
        return masks.union(a, b)
    one, other = a.bounds, b.bounds
    return Box(min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3]))
