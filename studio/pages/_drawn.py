"""Thumbnails with what is annotated drawn over them, made on the reader's thread."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QTransform

from engine.geometry.shapes import Box, Keypoints, Shape
from engine.project import classes, images
from engine.project.annotations import of_image
from engine.project.images import ImageRow
from engine.project.store import Project
from studio.canvas.paths import path_of
from studio.searching.rows import thumbnail_of

AT_A_TIME = 12
"""Pictures whose shapes are read in one go, so that other questions come between."""
MOST_SHAPES = 300
"""Drawn on one picture; more would cover it."""
SIDE = 288
"""Thumbnails are drawn at this size at least, so that thin outlines stay thin."""


def read_drawn(project: Project, image_ids: list[int], _: set[int]) -> list[tuple[ImageRow, QImage | None]]:
    """Rows with their thumbnails, and the annotations over them."""
    colours = {record.id: QColor(record.colour) for record in classes.all_classes(project)}
    return [(row, _drawn(project, row, colours)) for row in images.listed(project, image_ids)]


def _drawn(project: Project, row: ImageRow, colours: dict[int, QColor]) -> QImage:
    thumbnail = thumbnail_of(project, row.id)
    if thumbnail.isNull() or not row.n_annotations:
        return thumbnail
    record = images.get(project, row.id)
    grown = max(1.0, SIDE / max(thumbnail.width(), thumbnail.height()))
    size = thumbnail.size() * grown
    picture = thumbnail.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
    picture = picture.convertToFormat(QImage.Format.Format_RGB32)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    scale = QTransform.fromScale(picture.width() / record.width, picture.height() / record.height)
    for each in of_image(project, row.id)[:MOST_SHAPES]:
        colour = colours.get(each.class_id, QColor("white"))
        fill = QColor(colour)
        fill.setAlpha(24 if isinstance(each.shape, Box) else 80)  # boxes overlap, and hide what is in them
        painter.setPen(QPen(colour, 2.5))
        painter.setBrush(fill)
        painter.drawPath(scale.map(_outline(each.shape)))
    painter.end()
    return picture


def _outline(shape: Shape) -> QPainterPath:
    if isinstance(shape, Keypoints):
        return path_of(Box(*shape.bounds))
    return path_of(shape)
