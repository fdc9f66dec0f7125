"""The Shape menu: selected shapes joined, subtracted and cut to each other, converted and mended."""

from __future__ import annotations

from functools import partial

from engine.geometry.combining import AreaKind
from engine.project.edits import Edit
from engine.project.shape_edits import combine, convert, fill_holes, repair, separate, simplify
from studio.commands import Command, Look, Menu, command
from studio.conditions import can_change_selection
from studio.reshaping import mask_boxes, reshape
from studio.surroundings import Studio

MENU = Menu("Shape", 55)
SIMPLER_BY = 1.0
"""Pixels by which simplifying may move an outline."""


def _has_several(studio: Studio) -> bool:
    """Several annotations are selected, none of them locked."""
    return can_change_selection(studio) and len(studio.session.selection.annotations) > 1


@command("shape.union", "Join", ("Shift+U",), _has_several, Look("union"))
def union(studio: Studio) -> Edit | None:
    """Make one annotation of all that are selected; those that lie apart become its parts."""
    reshape(studio, partial(combine, "union"))
    return None


@command("shape.subtract", "Subtract", ("Shift+S",), _has_several, Look("subtract"))
def subtract(studio: Studio) -> Edit | None:
    """Cut the smaller selected shapes out of the largest, and remove them."""
    reshape(studio, partial(combine, "subtract"))
    return None


@command("shape.cut_out", "Cut Out", ("Shift+C",), _has_several)
def cut_out(studio: Studio) -> Edit | None:
    """Cut the smaller selected shapes out of the largest, and keep them beside it."""
    reshape(studio, partial(combine, "subtract", keep_others=True))
    return None


@command("shape.intersect", "Intersect", ("Shift+I",), _has_several, Look("intersect"))
def intersect(studio: Studio) -> Edit | None:
    """Leave only what all selected shapes cover."""
    reshape(studio, partial(combine, "intersect"))
    return None


@command("shape.separate", "Separate Parts", ("Shift+D",), can_change_selection)
def parts(studio: Studio) -> Edit | None:
    """Make an annotation of every part of the selected shapes."""
    reshape(studio, separate)
    return None


def _to(kind: AreaKind, title: str, key: str, sentence: str) -> Command:
    def run(studio: Studio) -> Edit | None:
        reshape(studio, partial(convert, kind=kind, smooth=True))
        return None

    run.__doc__ = sentence
    return command(f"shape.to_{kind}", title, (key,), can_change_selection, Look(kind, "convert"))(run)


CONVERSIONS = (
    _to("box", "Convert to Box", "Shift+B", "Make the selected shapes the boxes around them."),
    _to(
        "rotated_box", "Convert to Rotated Box", "Shift+T", "Make the selected shapes the smallest boxes at any angle."
    ),
    _to("polygon", "Convert to Polygon", "Shift+P", "Make the selected shapes their outlines, true to a pixel."),
    _to("mask", "Convert to Mask", "Shift+M", "Make the selected shapes the pixels that they cover."),
)


@command("shape.boxes_to_masks", "Boxes to Masks by Network", ("Shift+J",), can_change_selection, Look("mask_from_box"))
def boxes_to_masks(studio: Studio) -> Edit | None:
    """Make the selected boxes masks of what the project's own network sees in them."""
    mask_boxes(studio)
    return None


@command("shape.simplify", "Simplify", ("Shift+L",), can_change_selection, Look("", "mend"))
def simpler(studio: Studio) -> Edit | None:
    """Leave out vertices of the selected polygons that move their outlines by no more than a pixel."""
    reshape(studio, partial(simplify, tolerance=SIMPLER_BY))
    return None


@command("shape.fill_holes", "Fill Holes", ("Shift+H",), can_change_selection, Look("", "mend"))
def filled(studio: Studio) -> Edit | None:
    """Fill the holes of the selected polygons and masks."""
    reshape(studio, fill_holes)
    return None


@command("shape.repair", "Repair", ("Shift+R",), can_change_selection, Look("", "mend"))
def repaired(studio: Studio) -> Edit | None:
    """Make selected polygons that cross themselves valid ones of the same area."""
    reshape(studio, repair)
    return None
