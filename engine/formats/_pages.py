"""What every interchange format reads into and writes from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from engine.geometry.shapes import Keypoints, Shape

Split: TypeAlias = Literal["train", "val", "test"]
AttributeValue: TypeAlias = str | float | bool


@dataclass(frozen=True, slots=True)
class PageClass:
    """A class as a format names it: one line without outer blanks. `Pages.classes` is in the format's own order."""

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
    """One picture with its items, in upright pixels: `read` has turned what was drawn on a picture stored sideways."""

    name: str
    """Unique among its pages: the picture's path as the format states it, with `/`, never leading out of its folder."""
    path: Path | None
    """The picture file; None when only its name is known or its bytes are `embedded`."""
    width: int | None
    height: int | None
    """Upright pixels: after `read` the picture's own size, whatever the format states; None when it is not known."""
    items: tuple[Item, ...] = ()
    split: Split | None = None
    tags: tuple[str, ...] = ()
    embedded: Callable[[], bytes] | None = None
    """Reads the picture's bytes where the annotation file itself holds them, with no picture file beside it."""


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
    notes: tuple[str, ...] = ()
    """What was taken in but not as it stood, one sentence each naming the file ('a.jpg: 2 shapes were clipped ...')."""

    @property
    def class_names(self) -> tuple[str, ...]:
        """Every class in order, those that only items name last."""
        stated = [page_class.name for page_class in self.classes]
        used = [item.class_name for page in self.pages for item in page.items]
        return tuple(dict.fromkeys(stated + used))


class Format(Protocol):
    """One interchange format. Each module of the seam holds one as `FORMAT`."""

    title: str
    """What a user calls it, as 'COCO JSON'."""
    suffixes: tuple[str, ...]
    """Suffixes of the files that hold its annotations, with the dot."""
    loses: tuple[str, ...]
    """What it cannot hold, one phrase each ('holes in polygons are filled'); shown before and after an export."""
    tolerance: float
    """By how many pixels a coordinate may differ after writing and reading; 0 where text and number are exact."""
    holds_tags: bool
    """Whether `Page.tags` survive writing and reading. Splits, class names and their order survive in every format."""

    def sniff(self, path: Path) -> bool:
        """Whether the file or folder at `path` looks like this format; reads little, never raises."""
        ...

    def read(self, path: Path) -> Pages:
        """Read a file or folder; bad items are skipped by name, an unreadable whole raises UserError."""
        ...

    def hold(self, item: Item) -> tuple[Item, ...]:
        """What is left of one item after writing and reading it: () when it cannot be held at all.

        Said of shapes inside their picture: `read` clips what reaches outside.
        """
        ...

    def hold_class(self, page_class: PageClass) -> PageClass:
        """What is left of a class after writing and reading it."""
        ...

    def picture_path(self, page: Page) -> Path:
        """Where this page's picture goes, relative to the exported folder; UserError for a name that leads out."""
        ...

    def write(self, pages: Pages, folder: Path) -> tuple[Path, ...]:
        """Write the annotations of `pages` below `folder`, beside the pictures that are there at `picture_path`.

        Returns the paths to give `read` to read all of it back. Raises UserError, before any file is written, for
        what cannot be written at all.
        """
        ...
