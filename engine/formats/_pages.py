"""What every interchange format reads into and writes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from engine.geometry.shapes import Keypoints, Shape

Split: TypeAlias = Literal["train", "val", "test"]
AttributeValue: TypeAlias = str | float | bool


@dataclass(frozen=True, slots=True)
class PageClass:
    """A class as a format names it. The order of `Pages.classes` is the format's own order."""

    name: str
    parent: str = ""
    keypoint_names: tuple[str, ...] = ()
    skeleton: tuple[tuple[int, int], ...] = ()
    """Pairs of indices into `keypoint_names`, counted from 0."""


@dataclass(frozen=True, slots=True)
class Item:
    """One annotated thing on a page, in pixels of the page's picture."""

    class_name: str
    shape: Shape
    keypoints: Keypoints | None = None
    """Keypoints beside the shape; None where the shape itself is the keypoints or there are none."""
    is_crowd: bool = False
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    score: float | None = None
    """Confidence, where the file holds detections rather than annotations."""


@dataclass(frozen=True, slots=True)
class Page:
    """One picture with its items. `name` is unique among its pages: the picture's path below the imported folder."""

    name: str
    path: Path | None
    """The picture file; None when only its name is known."""
    width: int | None
    height: int | None
    """The size that the format states, in pixels; None when it states none."""
    items: tuple[Item, ...] = ()
    split: Split | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was left out, by name, and the reason in words a user can act on."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Pages:
    """Everything one folder or file of a format holds."""

    pages: tuple[Page, ...]
    classes: tuple[PageClass, ...] = ()
    skipped: tuple[Skipped, ...] = ()


class Format(Protocol):
    """One interchange format. Each module of the seam holds one as `FORMAT`."""

    title: str
    """What a user calls it, as 'COCO JSON'."""
    suffixes: tuple[str, ...]
    """Suffixes of the files that hold its annotations, with the dot."""
    loses: tuple[str, ...]
    """What it cannot hold, one phrase each ('holes in polygons are filled'); shown before and after an export."""

    def sniff(self, path: Path) -> bool:
        """Whether the file or folder at `path` looks like this format; reads little, never raises."""
        ...

    def read(self, path: Path) -> Pages:
        """Read a file or folder; bad items are skipped by name, an unreadable whole raises UserError."""
        ...

    def hold(self, item: Item) -> tuple[Item, ...]:
        """What is left of one item after writing and reading it: () when it cannot be held at all."""
        ...

    def picture_path(self, page: Page) -> Path:
        """Where this page's picture goes, relative to the exported folder."""
        ...

    def write(self, pages: Pages, folder: Path) -> tuple[Path, ...]:
        """Write the annotations of `pages` below `folder`, beside the pictures that are there at `picture_path`.

        Returns the paths to give `read` to read all of it back.
        """
        ...
