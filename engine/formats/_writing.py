"""Writing annotation files so that a failure leaves the last good ones, and what every writer needs to know."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from engine import pictures
from engine.errors import UserError
from engine.formats._pages import Page

Writable = Mapping[str, object] | Sequence[object]


def save(path: Path, data: bytes | str) -> Path:
    """Write a whole file under a name of its own first, then in place of the old; returns its path."""
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data.encode() if isinstance(data, str) else data)
        part.replace(path)
    except (OSError, ValueError) as error:
        part.unlink(missing_ok=True)
        raise UserError(f"{path.name} cannot be written: {error}.", "Is the disk full or the folder closed?") from error
    return path


def as_json(value: Writable, *, indent: int = 0) -> bytes:
    """JSON in UTF-8, floats with as many digits as give the same float back."""
    data = msgspec.json.encode(value)
    return msgspec.json.format(data, indent=indent) if indent else data


def size_of(page: Page, picture: Path) -> tuple[int, int]:
    """(width, height) of a page, from its picture where the page does not know it; UserError where neither does."""
    if page.width is not None and page.height is not None:
        return (page.width, page.height)
    return pictures.head(picture, page.name).size


def extent(start: float, end: float) -> float:
    """The number that, added to `start`, gives `end`: exactly where one does, else within its last bit."""
    extent = end - start
    for candidate in (extent, math.nextafter(extent, math.inf), math.nextafter(extent, 0.0)):
        if start + candidate == end:
            return candidate
    return extent
