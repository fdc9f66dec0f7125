"""SEAM: one file per interchange format (coco, yolo, voc, labelme, via, mask_png).

A format reads and writes `Pages` and nothing else: it knows no project and no window. What is common to all of them
is in `_pages` (the values) and `_reading` (defences against bad input); what happens to pages afterwards is in
`engine.interchange`.
"""

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

__all__ = ["FORMATS", "Format", "Item", "Page", "PageClass", "Pages", "Skipped"]
