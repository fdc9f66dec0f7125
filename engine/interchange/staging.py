"""Pictures verified, hashed and put into the project file before anything refers to them.

Decoding thousands of pictures takes minutes, and a transaction that long would keep every other writer and reader
waiting. So pictures go in first, a few at a time, as contents that no row refers to; the import itself is then one
short transaction. What an import that ends early has staged is released again.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine import pictures
from engine.errors import UserError
from engine.formats import Page, Skipped
from engine.project import contents, images
from engine.project.images import NewImage
from engine.project.records import ImageRecord
from engine.project.store import Project

THUMBNAIL_SIDE = 192
BATCH = 16
"""Pictures decoded and stored together: few enough that their bytes fit in memory."""


@dataclass(frozen=True, slots=True)
class Staged:
    """A page whose picture is known to the project (`image`), or ready to be added (`new`)."""

    page: Page
    image: ImageRecord | None
    new: NewImage | None

    @property
    def sha256(self) -> str:
        """Of the picture's file."""
        return (self.image or self.new).sha256  # type: ignore[union-attr]


@dataclass(frozen=True, slots=True)
class _Verified:
    page: Page
    data: bytes | Path
    """The file's bytes; of a large picture where they are, since they are never in memory whole."""
    sha256: str
    head: pictures.PictureHead
    thumbnail: bytes


def stage(project: Project, pages: Sequence[Page], *, link: bool) -> Iterator[list[Staged | Skipped]]:
    """Verify each page's picture and put its bytes into the file; yields the outcomes of some pages at a time.

    A page without a picture file is that of an image of its name, if the project holds one. A picture that cannot be
    decoded to its last pixel is skipped by name.
    """
    with ThreadPoolExecutor(max_workers=2, thread_name_prefix="staging") as decoders:
        for batch in _batches(pages):
            outcomes = list(decoders.map(_verify, batch))
            with project.atomic():
                staged = [_staged(project, outcome, link=link) for outcome in outcomes]
            yield staged


def _batches(pages: Sequence[Page]) -> Iterator[Sequence[Page]]:
    return (pages[start : start + BATCH] for start in range(0, len(pages), BATCH))


def _verify(page: Page) -> _Verified | Page | Skipped:
    if page.path is None and page.embedded is None:
        return page
    try:
        if page.path is not None and (head := _large_head(page.path, page.name)) is not None:
            return _streamed(page, page.path, head)
        data = page.path.read_bytes() if page.path else page.embedded() if page.embedded else b""
        small = pictures.thumbnail(data, THUMBNAIL_SIDE, page.name)
        sha256 = hashlib.sha256(data).hexdigest()
        return _Verified(page, data, sha256, pictures.head(data, page.name), _jpeg(small))
    except UserError as error:
        return Skipped(page.name, str(error))
    except OSError as error:
        return Skipped(page.name, f"cannot be read: {error.strerror}")


def _large_head(path: Path, name: str) -> pictures.PictureHead | None:
    """The head of a picture that is too large for memory; None for others."""
    head = pictures.head(path, name)
    return head if pictures.is_large(*head.size) else None


def _streamed(page: Page, path: Path, head: pictures.PictureHead) -> _Verified:
    """A large picture's preview stands in for a thumbnail: it is what is seen first until the picture has its tiles."""
    from engine.tiling import streaming  # noqa: PLC0415 (libvips, which few imports need)

    small = streaming.preview(path, head, page.name)
    return _Verified(page, path, contents.sha256_of(path), head, _jpeg(small))


def _staged(project: Project, outcome: _Verified | Page | Skipped, *, link: bool) -> Staged | Skipped:
    if isinstance(outcome, Skipped):
        return outcome
    if isinstance(outcome, Page):
        image = images.named(project, outcome.name)
        return Staged(outcome, image, None) if image else Skipped(outcome.name, "the picture is missing")
    if known := images.find(project, outcome.sha256):
        return Staged(outcome.page, known, None)
    path, data = outcome.page.path, outcome.data
    if link and path:
        source: int | Path = path
    elif isinstance(data, Path):
        source = contents.put_file(project, data, outcome.sha256)
    else:
        source = contents.put(project, data)
    head = outcome.head
    new = NewImage(
        outcome.page.name,
        outcome.sha256,
        head.width,
        head.height,
        head.orientation,
        source,
        outcome.thumbnail,
        outcome.page.split,
    )
    return Staged(outcome.page, None, new)


def _jpeg(rgb: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "JPEG", quality=82)
    return buffer.getvalue()
