"""Which format a path is of, and its pages. A picture, or a folder of pictures without annotations, counts too."""

from __future__ import annotations

from pathlib import Path

from engine import pictures
from engine.errors import UserError
from engine.formats import FORMATS, Page, Pages, Skipped, sniffed

PICTURES = "pictures"
"""The name under which bare pictures are imported; no format of its own, since it holds no annotations."""


def read(path: Path, format_name: str | None = None) -> tuple[str, Pages]:
    """The format's name and the pages at `path`; the format is found by looking when it is not given.

    Raises UserError when there is nothing at `path`, or nothing that any format knows.
    """
    if not path.exists():
        raise UserError(f"There is nothing at {path}.", "Check the path.")
    name = format_name or sniff(path)
    return name, read_pictures(path) if name == PICTURES else FORMATS.get(name).read(path)


def sniff(path: Path) -> str:
    """The name of the format at `path`; raises UserError when it is of none, or could be of several."""
    if name := sniffed(path):
        return name
    if _is_picture(path) or (path.is_dir() and any(_is_picture(file) for file in path.rglob("*"))):
        return PICTURES
    raise UserError(
        f"{path} holds neither pictures nor annotations of a known format.",
        f"Known: {', '.join(FORMATS.names())}; name one with --format.",
    )


def read_pictures(path: Path) -> Pages:
    """One page without items for each picture at or below `path`, by name; links out of the folder are skipped."""
    root = path if path.is_dir() else path.parent
    files = sorted(file for file in path.rglob("*") if _is_picture(file)) if path.is_dir() else [path]
    pages, skipped = [], []
    for file in files:
        name = file.relative_to(root).as_posix()
        if file.resolve().is_relative_to(root.resolve()):
            pages.append(Page(name, file, None, None))
        else:
            skipped.append(Skipped(name, "is a link to a place outside the imported folder"))
    return Pages(tuple(pages), skipped=tuple(skipped))


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in pictures.SUFFIXES and not path.name.startswith(".") and path.is_file()
