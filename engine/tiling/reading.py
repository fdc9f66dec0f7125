"""A file of tiles, any of which can be read at any time and from any thread."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import ParseError

import numpy as np
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from numpy.typing import NDArray
from PIL import Image

from engine.errors import UserError

TILE_SIDE = 512
"""Pixels of a tile; those of the last column and row may be narrower and lower."""


@dataclass(frozen=True, slots=True)
class TileLevel:
    """The picture at one size; `step` picture pixels, across and down, make one of its pixels."""

    width: int
    height: int
    step: float

    @property
    def n_columns(self) -> int:
        return -(-self.width // TILE_SIDE)

    @property
    def n_rows(self) -> int:
        return -(-self.height // TILE_SIDE)


class TileFile:
    """The tiles of one picture. Close it when done."""

    def __init__(self, path: Path) -> None:
        """Open the file at `path`; raises UserError when it is no file of tiles, or a damaged one."""
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
            self.levels = _levels(self._zip)
        except (OSError, zipfile.BadZipFile, KeyError, ValueError, ParseError, DefusedXmlException) as error:
            raise UserError(
                f"The tiles in {path} cannot be read: {error}.", "Delete that file: it is made anew."
            ) from error

    def read(self, level: int, column: int, row: int) -> NDArray[np.uint8]:
        """A tile of a level (0 is the finest) as (height, width, 3) RGB; raises UserError when it is damaged."""
        folder = len(self.levels) - 1 - level
        try:
            data = self._zip.read(f"tiles_files/{folder}/{column}_{row}.jpg")
            with Image.open(io.BytesIO(data), formats=("JPEG",)) as tile:
                return np.asarray(tile.convert("RGB"))
        except (OSError, zipfile.BadZipFile, KeyError, ValueError) as error:
            raise UserError(
                f"The tiles in {self.path} are damaged: {error}.", "Delete that file: it is made anew."
            ) from error

    def close(self) -> None:
        """Let go of the file."""
        self._zip.close()


def _levels(archive: zipfile.ZipFile) -> tuple[TileLevel, ...]:
    """The levels, finest first: each has half the size of the one before, rounded up, the last is one tile."""
    size = fromstring(archive.read("tiles.dzi")).find("{*}Size")
    if size is None:
        raise ValueError("it does not say how large the picture is")
    levels = [TileLevel(int(size.get("Width", "")), int(size.get("Height", "")), 1.0)]
    while max(levels[-1].width, levels[-1].height) > TILE_SIDE:
        finer = levels[-1]
        levels.append(TileLevel((finer.width + 1) // 2, (finer.height + 1) // 2, finer.step * 2))
    return tuple(levels)
