"""A large picture's pixels from its first row to its last, upright and RGB of 8 bits, through libvips.

What comes out is what `engine.pictures.decode` gives, but for CMYK, which libvips takes through a colour profile.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyvips
from numpy.typing import NDArray

from engine import pictures
from engine.errors import UserError
from engine.pictures import PictureHead

PREVIEW_SIDE = 2048
"""Pixels of a preview's longer side: enough to fill a view with a picture that is seen as a whole."""

_LOADERS = {"JPEG": "jpegload", "PNG": "pngload", "TIFF": "tiffload", "WEBP": "webpload", "GIF": "gifload"}
"""libvips' operation for each format. Named, since `new_from_file` would take brackets in a file's name for options."""
_COLOURS = 3

# Operations are never asked for twice here, and what libvips keeps of them is as large as the pictures.
pyvips.cache_set_max(0)
# Its warnings are of no use to anyone here; what matters comes as an error.
logging.getLogger("pyvips").addHandler(logging.NullHandler())


def is_streamed(head: PictureHead) -> bool:
    """Whether a picture of this format is read row by row; others (BMP, PPM) are decoded as a whole first."""
    return head.format in _LOADERS


def preview(path: Path, head: PictureHead, name: str = "", side: int = PREVIEW_SIDE) -> NDArray[np.uint8]:
    """The upright picture shrunk to fit `side` x `side`, as (height, width, 3) RGB, read to its last pixel.

    Raises UserError when it is cut off or damaged.
    """
    called = name or path.name
    with told(called):
        image = _rgb(path, head, called, _shrink(head, side))
        small = image.thumbnail_image(side, height=side, size="down", no_rotate=True)
        return np.asarray(_upright(small, head).numpy())


def opened(path: Path, head: PictureHead, name: str = "") -> pyvips.Image:
    """The upright picture, of which nothing is read yet. Compute with it inside `told`."""
    called = name or path.name
    with told(called):
        return _upright(_rgb(path, head, called), head)


@contextmanager
def told(called: str) -> Iterator[None]:
    """Turn libvips' faults into a UserError about the picture."""
    try:
        yield
    except pyvips.Error as error:
        reason = str(error.detail or error.message).strip().splitlines()
        raise UserError(f"{called} is cut off or damaged: {reason[-1] if reason else 'it cannot be read'}.") from error


def _shrink(head: PictureHead, side: int) -> int:
    """How many times smaller a JPEG may be decoded for a preview: that is several times quicker."""
    if head.format != "JPEG":
        return 1
    return next((n for n in (8, 4, 2) if max(head.size) >= n * side), 1)


def _rgb(path: Path, head: PictureHead, called: str, shrink: int = 1) -> pyvips.Image:
    if not is_streamed(head):
        # Upright already: `_upright` turns what libvips has loaded alone.
        return pyvips.Image.new_from_array(pictures.decode(path, called))
    image = _loaded(path, head, shrink)
    if image.bands < _COLOURS and image.format != "uchar":
        return _stretched(image, _loaded(path, head, shrink))
    if image.interpretation == "multiband" and image.bands >= _COLOURS:
        return _bytes(image.extract_band(0, n=_COLOURS))
    image = image.colourspace("srgb")
    return _bytes(image.flatten(background=255) if image.hasalpha() else image)


def _loaded(path: Path, head: PictureHead, shrink: int = 1) -> pyvips.Image:
    """The picture as it is stored. One that must be turned is read in any order: libvips lays it out on the disk."""
    order = "sequential" if head.orientation == 1 else "random"
    options = {"shrink": shrink} if shrink > 1 else {}
    fail_on = "error" if head.format == "TIFF" else "truncated"  # libtiff calls missing strips errors
    return pyvips.Operation.call(_LOADERS[head.format], str(path), access=order, fail_on=fail_on, **options)


def _stretched(image: pyvips.Image, again: pyvips.Image) -> pyvips.Image:
    """Grey of more than 8 bits, from the darkest to the brightest pixel; `again` is the same, to look for those."""
    found = again.extract_band(0).stats()
    low, high = found(0, 0)[0], found(1, 0)[0]
    scale = 255.0 / (high - low if high > low else 1.0)
    return _bytes(((image.extract_band(0) - low) * scale).rint())


def _bytes(image: pyvips.Image) -> pyvips.Image:
    """Three bands of 8 bits."""
    grey = image.extract_band(0) if image.bands < _COLOURS else None
    colours = image.extract_band(0, n=_COLOURS) if grey is None else grey.bandjoin([grey, grey])
    return colours.cast("uchar").copy(interpretation="srgb")


def _upright(image: pyvips.Image, head: PictureHead) -> pyvips.Image:
    if head.orientation == 1 or not is_streamed(head):
        return image
    marked = image.copy()
    marked.set_type(pyvips.GValue.gint_type, "orientation", head.orientation)
    return marked.autorot()
