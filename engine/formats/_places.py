"""Pictures in folders that keep annotations in a twin folder: `images/a.jpg` beside `labels/a.txt` or `masks/a.png`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from engine.formats._names import placed, split_named
from engine.formats._pages import Split
from engine.formats._reading import Reading


@dataclass(frozen=True, slots=True)
class Place:
    """A picture of a folder: what it is called, its split, and where it lies."""

    path: Path
    name: str
    split: Split | None
    top: Path
    """The folder that holds the `images` folder; the picture's own folder where it is in none."""
    below: PurePosixPath
    """The picture's path below `images`; its file name where it is in none."""
    in_images: bool

    def twin(self, folder: str, suffix: str) -> Path:
        """The file of the same stem in the folder beside `images`."""
        return self.top / folder / self.below.with_suffix(suffix)


def places(reading: Reading) -> list[Place]:
    """Every picture of the folder, those in `images` folders and the others, sorted by path."""
    return [_place(reading, path) for path in reading.pictures()]


def _place(reading: Reading, path: Path) -> Place:
    parts = PurePosixPath(reading.called(path)).parts
    folders = [part.lower() for part in parts[:-1]]
    if "images" not in folders:
        name, split = placed(PurePosixPath(*parts))
        return Place(path, name, split, path.parent, PurePosixPath(path.name), in_images=False)
    at = folders.index("images")
    before, below = parts[:at], PurePosixPath(*parts[at + 1 :])
    rest, split = placed(below)
    found = Place(path, "/".join((*before, rest)), split, reading.root.joinpath(*before), below, in_images=True)
    if before and (outer := split_named(before[-1])):
        return replace(found, name="/".join((*before[:-1], *below.parts)), split=outer)
    return found
