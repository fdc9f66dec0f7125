"""Pictures looked at in a chosen manner: whole or in tiles, in mirrors, by one network or by several; one result each.

Mirrors and networks are fused on every part of a picture (`fusing`), then the parts are joined (`joining`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.detecting import fusing, joining
from engine.detecting.manner import USUAL, Manner
from engine.detecting.predicting import Picture, Predictor
from engine.detecting.tiles import Tile, Tiles, tiles
from engine.geometry.mirrors import Mirror
from engine.geometry.shapes import Keypoints
from engine.geometry.spaces import Affine, transform
from engine.progress import Progress, Work
from engine.project.records import Detection
from engine.tiling import viewing
from engine.tiling.windows import Windows

_SHRUNK_MORE = 2.0
"""How many times more than the pictures that were learned from a picture may be shrunk before it is cut into tiles."""
_SHRUNK = 8.0
"""The same, compared with its own pixels, where it is not known what was learned from."""
_FAR = 10**6
_TILES_TOGETHER = 64
"""Tiles read before they are looked at, so that batches can be filled."""


@dataclass(frozen=True, slots=True, eq=False)
class Looker:
    """One or more networks, and how they look at pictures."""

    predictors: tuple[Predictor, ...]
    manner: Manner = USUAL
    usual_side: int | None = None
    """Shorter side in pixels of the pictures that were learned from; None where that is not known."""
    mirrors: Mapping[int, Mirror] | None = None
    """By class id: which keypoint each becomes in a mirror."""

    def at(self, pictures: Sequence[Picture]) -> list[list[Detection]]:
        """What is found on each picture as a whole, best first; masks, boxes and keypoints in its own pixels."""
        looks = [
            self._look(predictor, pictures, is_left_right=left_right, is_upside_down=upside_down)
            for predictor in self.predictors
            for left_right, upside_down in self.manner.mirrors
        ]
        return [fusing.fused(own) for own in zip(*looks, strict=True)]

    def tiles_of(self, width: int, height: int) -> Tiles | None:
        """The tiles in which a picture of this size is looked at; None: as a whole."""
        if self.manner.tiling == "never":
            return None
        side = min(self.manner.tile_side or self.usual_side or self._own_side, viewing.SIDE)
        if self.manner.tiling == "auto" and not self._shrinks_much(width, height, side):
            return None
        found = tiles(width, height, side, self.manner.overlap)
        return found if len(found.all) > 1 else None

    def on_tiles(self, windows: Windows, plan: Tiles) -> Work[list[Detection]]:
        """What is found on a picture, tile by tile at full resolution, joined; yields Progress."""
        found: list[list[Detection]] = []
        for at in range(0, len(plan.all), _TILES_TOGETHER):
            together = plan.all[at : at + _TILES_TOGETHER]
            parts = [windows.read(tile.x0, tile.y0, tile.x1, tile.y1) for tile in together]
            found += [_moved(own, tile) for own, tile in zip(self.at(parts), together, strict=True)]
            yield Progress(len(found), len(plan.all), "Detecting on tiles")
        return joining.joined(plan, found)

    @property
    def _own_side(self) -> int:
        """Pixels of the largest square that the first network looks at without shrinking it."""
        return round(self.predictors[0].network.scale(_FAR, _FAR) * _FAR)

    def _shrinks_much(self, width: int, height: int, side: int) -> bool:
        scale = self.predictors[0].network.scale
        if self.usual_side is None and self.manner.tile_side is None:
            return scale(height, width) * _SHRUNK < 1
        return scale(height, width) * _SHRUNK_MORE < scale(side, side)

    def _look(
        self, predictor: Predictor, pictures: Sequence[Picture], *, is_left_right: bool, is_upside_down: bool
    ) -> list[list[Detection]]:
        """One network's look at pictures or at their mirrors, its detections on the pictures as they are."""
        rows, columns = slice(None, None, -1 if is_upside_down else 1), slice(None, None, -1 if is_left_right else 1)
        found = predictor.detections_on([each[rows, columns] for each in pictures], self.manner.batch)
        if not (is_left_right or is_upside_down):
            return found
        return [
            [self._mirrored(each, _back(picture, columns, rows), swaps=is_left_right != is_upside_down) for each in own]
            for own, picture in zip(found, pictures, strict=True)
        ]

    def _mirrored(self, detection: Detection, back: Affine, *, swaps: bool) -> Detection:
        """A detection in a mirror as it is outside; where left and right are swapped, so are its left and right eye."""
        points = None if detection.keypoints is None else transform(detection.keypoints, back)
        if isinstance(points, Keypoints) and swaps:
            mirror = (self.mirrors or {}).get(detection.class_id, ())
            order = [*mirror, *range(len(mirror), len(points.points))][: len(points.points)]
            points = Keypoints(tuple(points.points[at] for at in order))
        kept = points if isinstance(points, Keypoints) else None
        return replace(detection, shape=transform(detection.shape, back), keypoints=kept)


def _back(picture: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], columns: slice, rows: slice) -> Affine:
    """From the pixels of a picture's mirror to its own."""
    height, width = picture.shape[:2]
    upright = Affine.flip_horizontal(width) if columns.step < 0 else Affine()
    return (Affine.flip_vertical(height) if rows.step < 0 else Affine()) @ upright


def _moved(found: Sequence[Detection], tile: Tile) -> list[Detection]:
    """Detections on a tile in pixels of the picture."""
    step = Affine.translate(tile.x0, tile.y0)
    return [_transformed(each, step) for each in found]


def _transformed(detection: Detection, affine: Affine) -> Detection:
    points = None if detection.keypoints is None else transform(detection.keypoints, affine)
    kept = points if isinstance(points, Keypoints) else None
    return replace(detection, shape=transform(detection.shape, affine), keypoints=kept)
