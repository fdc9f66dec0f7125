"""SEAM: one file per interchange format (coco, yolo, voc, labelme, via, mask_png).

A format reads and writes `Pages` and nothing else: it knows no project and no window. What is common to all of them
is in `_pages` (the values), `_reading` (pictures and defences against bad input) and `_settling` (shapes put upright
and inside their picture); what happens to pages afterwards is in `engine.interchange`.
"""

from pathlib import Path

from engine.errors import UserError
from engine.formats._pages import (
    Format,
    Item,
    Page,
    PageClass,
    Pages,
    Skipped,
)
from engine.registry import Registry

FORMATS: Registry[Format] = Registry("engine.formats", "FORMAT")

__all__ = ["FORMATS", "Format", "Item", "Page", "PageClass", "Pages", "Skipped", "sniffed"]


def sniffed(path: Path) -> str | None:
    """The name of the one format that the file or folder is in, None where it is in none.

    Raises UserError where there is nothing, or where it could be of several.
    """
    if not path.exists():
        raise UserError(f"There is nothing at {path}.", "Check the path.")
    titles = {name: drop_in.title for name, drop_in in FORMATS if drop_in.sniff(path)}
    if len(titles) > 1:
        raise UserError(
            f"{path} could be any of these: {', '.join(titles.values())}.", f"Name the format: {' or '.join(titles)}."
        )
    return next(iter(titles), None)
