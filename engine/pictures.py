"""Opening foreign pictures safely: headers without pixels, pixels upright, and words for what cannot be opened.

Every picture file in the program is opened here. Sizes are always those of the upright picture, after its EXIF
orientation is applied; `decode`, `thumbnail` and `values` apply it too, so pixels and sizes agree.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, TiffImagePlugin, UnidentifiedImageError

from engine.errors import UserError

Source: TypeAlias = Path | bytes
"""A picture file, or the bytes of one."""
Numbers: TypeAlias = NDArray[np.integer[Any]]

SUFFIXES = frozenset(
    {".bmp", ".gif", ".jfif", ".jpe", ".jpeg", ".jpg", ".pgm", ".pnm", ".png", ".ppm", ".tif", ".tiff", ".webp"}
)
"""Lower-case suffixes of the files that count as pictures when a folder is searched."""

MAX_PIXELS = 4_000_000_000
"""More pixels than this are refused: 12 GB once decoded."""
MAX_MODEST_PIXELS = 178_956_970
"""Up to this many pixels (Pillow's own limit, 0.5 GB decoded) no header is doubted."""
MAX_PIXELS_PER_BYTE = 100
"""Above it, a file with more pixels a byte is a bomb: photographs have 1 to 50, blank bombs 300 and more."""

LARGE_PIXELS = 100_000_000
"""More pixels than this are not held in memory whole: they are streamed and read as tiles (engine.tiling)."""

_FORMATS = ("PNG", "JPEG", "BMP", "TIFF", "WEBP", "PPM", "GIF")
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# Pillow's own guard refuses real gigapixel pictures for their size alone; `_refuse_bombs` weighs size against bytes.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True, slots=True)
class PictureHead:
    """What a picture's header says. Width and height are upright; `orientation` is the EXIF value, 1 to 8."""

    width: int
    height: int
    orientation: int
    format: str
    """Pillow's name of the file format: PNG, JPEG, BMP, TIFF, WEBP, PPM, GIF."""

    @property
    def size(self) -> tuple[int, int]:
        return (self.width, self.height)

    @property
    def raw_size(self) -> tuple[int, int]:
        """Width and height as stored in the file, before the orientation is applied."""
        return (self.height, self.width) if self.orientation >= 5 else self.size


def head(source: Source, name: str = "") -> PictureHead:
    """Read a picture's header; no pixels are decoded, so a cut-off file is noticed by `decode` only.

    Raises UserError, calling the picture `name` (by default its file's name), when it is no picture or too large.
    """
    with _opened(source, name) as picture:
        return _head(picture)


def is_large(width: int, height: int) -> bool:
    """Whether a picture of this size is too large to be held in memory whole."""
    return width * height > LARGE_PIXELS


def decode(source: Source, name: str = "") -> NDArray[np.uint8]:
    """The upright picture as (height, width, 3) RGB.

    Transparency is laid over white; more than 8 bits of grey are stretched from the darkest to the brightest pixel.
    Raises UserError as `head` does, and when the file is cut off or damaged.
    """
    with _opened(source, name) as picture:
        orientation = _turn_needed(picture)
        return np.array(_turned(_as_rgb(picture), orientation))


def thumbnail(source: Source, side: int, name: str = "") -> NDArray[np.uint8]:
    """The upright picture, shrunk to fit `side` x `side` and never enlarged, as (height, width, 3) RGB."""
    with _opened(source, name) as picture:
        orientation = _turn_needed(picture)
        picture.draft("RGB", (2 * side, 2 * side))  # JPEG decodes several times faster at a fraction of its size
        small = _as_rgb(picture).copy()
        small.thumbnail((side, side), Image.Resampling.BOX, reducing_gap=2.0)
        return np.array(_turned(small, orientation))


def values(source: Source, name: str = "") -> Numbers:
    """The upright picture's stored values as (height, width): palette indices, greys of any depth, or 0xRRGGBB.

    For pictures that are maps of numbers, such as instance masks. Raises UserError as `decode` does.
    """
    with _opened(source, name) as picture:
        orientation = _turn_needed(picture)
        single = picture.mode in {"1", "L", "P", "I", "F"} or picture.mode.startswith("I;16")
        if picture.mode in {"LA", "PA"}:
            return _numbers(_turned(picture.getchannel(0), orientation))
        return _numbers(_turned(picture if single else picture.convert("RGB"), orientation))


def is_palette(source: Source, name: str = "") -> bool:
    """Whether the picture stores indices into a palette; raises UserError as `head` does."""
    with _opened(source, name) as picture:
        return picture.mode == "P"


@contextmanager
def _opened(source: Source, name: str) -> Iterator[Image.Image]:
    """The open picture, whose pixels are not yet read. Whatever goes wrong until it is closed becomes a UserError."""
    called = name or (source.name if isinstance(source, Path) else "The picture")
    try:
        n_bytes = source.stat().st_size if isinstance(source, Path) else len(source)
        with Image.open(source if isinstance(source, Path) else io.BytesIO(source), formats=_FORMATS) as picture:
            _refuse_bombs(picture, n_bytes, called)
            yield picture
    except UserError:
        raise
    except FileNotFoundError as error:
        raise UserError(f"{called} is missing.") from error
    except MemoryError as error:
        raise UserError(f"{called} is too large for this machine's memory.") from error
    except UnidentifiedImageError as error:
        raise UserError(f"{called} is not a picture.", f"Known: {', '.join(_FORMATS)}.") from error
    except Exception as error:  # foreign bytes make Pillow's decoders raise anything from SyntaxError to struct.error
        raise UserError(f"{called} is cut off or damaged: {error}.") from error


def _refuse_bombs(picture: Image.Image, n_bytes: int, called: str) -> None:
    width, height = picture.size
    pixels = width * height
    if pixels == 0:
        raise UserError(f"{called} has no pixels.")
    if pixels > MAX_PIXELS:
        raise UserError(f"{called} claims {width} x {height} pixels; at most {MAX_PIXELS // 10**6} megapixels can be.")
    if pixels > MAX_MODEST_PIXELS and pixels > n_bytes * MAX_PIXELS_PER_BYTE:
        raise UserError(f"{called} claims {width} x {height} pixels in only {n_bytes} bytes; it was not opened.")


def _head(picture: Image.Image) -> PictureHead:
    width, height = picture.size
    orientation = _orientation(picture)
    if (orientation >= 5) != _size_is_turned(picture):
        width, height = height, width
    return PictureHead(width, height, orientation, "JPEG" if picture.format == "MPO" else picture.format or "")


def _orientation(picture: Image.Image) -> int:
    """The EXIF orientation, 1 where there is none or it makes no sense."""
    try:
        # The base class's method: PNG's own decodes all pixels to look for EXIF behind them, where none ever is.
        orientation = Image.Image.getexif(picture).get(ExifTags.Base.Orientation, 1)
    except Exception:  # damaged EXIF makes Pillow raise anything; the picture is as good without
        return 1
    return orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1


def _size_is_turned(picture: Image.Image) -> bool:
    """Whether `picture.size` is upright already: Pillow does that for TIFF's own tag."""
    return isinstance(picture, TiffImagePlugin.TiffImageFile) and picture.tag_v2.get(
        ExifTags.Base.Orientation
    ) in range(5, 9)


def _turn_needed(picture: Image.Image) -> int:
    """The orientation still to apply once the pixels are loaded: Pillow turns a TIFF while loading it."""
    return 1 if isinstance(picture, TiffImagePlugin.TiffImageFile) else _orientation(picture)


def _turned(picture: Image.Image, orientation: int) -> Image.Image:
    return picture.transpose(_TURNS[orientation]) if orientation in _TURNS else picture


def _as_rgb(picture: Image.Image) -> Image.Image:
    if picture.mode in {"I", "F"} or picture.mode.startswith("I;16"):
        return Image.fromarray(_stretched(np.asarray(picture))).convert("RGB")
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
    return picture.convert("RGB")


def _stretched(grey: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Grey of more than 8 bits to 8. Instruments use part of the range, so its ends are the darkest and brightest."""
    exact = np.nan_to_num(grey.astype(np.float32), posinf=0.0, neginf=0.0)
    low, high = float(exact.min()), float(exact.max())
    return np.round((exact - low) * (255.0 / (high - low if high > low else 1.0))).astype(np.uint8)


def _numbers(picture: Image.Image) -> Numbers:
    array = np.asarray(picture)
    if array.ndim == 3:
        colours: Numbers = np.zeros(array.shape[:2], dtype=np.uint32)
        for channel in range(3):
            colours = colours << 8 | array[..., channel]
        return colours
    if picture.mode == "F":
        array = np.clip(np.nan_to_num(array), -(2.0**31), 2.0**31 - 1).astype(np.int64)
    numbers: Numbers = array.astype(np.uint8) if array.dtype == np.bool_ else np.array(array)
    return numbers
