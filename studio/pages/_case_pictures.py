"""The pictures behind a number as a model: the most cases first, each with what it is about drawn on its thumbnail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractListModel, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QTransform
from PySide6.QtWidgets import QWidget

from engine.evaluation.cases import Cases
from engine.evaluation.comparison import Ids
from engine.geometry.shapes import Bounds, Box, Keypoints, Shape
from engine.project import classes, detections, images
from engine.project.annotations import get as annotations_of
from engine.project.annotations import of_image
from engine.project.records import Detection
from engine.project.store import Project
from studio.canvas.paths import path_of
from studio.searching.rows import thumbnail_of
from studio.session import Session
from studio.widgets import ROOT, Index

AT_A_TIME = 8
"""Pictures that are read and drawn in one go, so that other questions come between."""
SIDE = 256
MOST_SHAPES = 200
MAX_KEPT = 512
DASH = [3.0, 2.0]
DETECTED = "#ffd54a"
"""Seen on every picture, beside the colours of classes."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case on a picture."""

    annotation_id: int
    """What it is about, or what the detection became when it was accepted; 0 for none, as below."""
    detection_id: int
    bounds: Bounds
    """Of both together."""
    score: float | None
    """Of the detection."""


@dataclass(frozen=True, slots=True)
class CasePicture:
    """A picture with its cases, drawn."""

    image_id: int
    name: str
    thumbnail: QImage
    cases: tuple[Case, ...]
    part: Bounds
    """What of the picture the thumbnail shows."""


@dataclass(frozen=True, slots=True, eq=False)
class Wish:
    """Cases on one picture, to be read."""

    image_id: int
    annotation_ids: Ids
    """0 for none, as below."""
    detection_ids: Ids

    def __len__(self) -> int:
        return len(self.annotation_ids)

    @property
    def is_whole(self) -> bool:
        """Whether it is about the picture, and nothing on it."""
        return not (self.annotation_ids.any() or self.detection_ids.any())


def wishes(cases: Cases) -> list[Wish]:
    """The cases picture by picture, those with the most first; of equal ones in the order of the cases."""
    if not len(cases):
        return []
    order = np.argsort(cases.image_ids, kind="stable")
    image_ids, first, sizes = np.unique(cases.image_ids[order], return_index=True, return_counts=True)
    ours, theirs = (np.split(ids[order], first[1:]) for ids in (cases.annotation_ids, cases.detection_ids))
    chosen = np.lexsort((order[first], -sizes)).tolist()
    return [Wish(int(image_ids[at]), ours[at], theirs[at]) for at in chosen]


def read(project: Project, wanted: Sequence[Wish]) -> list[CasePicture]:
    """Read and draw them; pictures that are gone are left out."""
    colours = {record.id: QColor(record.colour) for record in classes.all_classes(project)}
    there = {row.id for row in images.listed(project, [one.image_id for one in wanted])}
    return [_drawn(project, one, colours) for one in wanted if one.image_id in there]


def _drawn(project: Project, wish: Wish, colours: Mapping[int, QColor]) -> CasePicture:
    ours = {each.id: each for each in annotations_of(project, set(wish.annotation_ids.tolist()) - {0})}
    theirs = {each.id: each for each in detections.get(project, set(wish.detection_ids.tolist()) - {0})}
    heirs = _made_of(project, wish.image_id, theirs.values())
    cases, shapes = [], list[tuple[Shape, QColor | None]]()
    for annotation_id, detection_id in zip(wish.annotation_ids.tolist(), wish.detection_ids.tolist(), strict=True):
        mine, seen = ours.get(annotation_id), theirs.get(detection_id)
        both = [each.shape.bounds for each in (mine, seen) if each is not None]
        if both:
            score = seen.score if seen is not None else None
            stands_for = annotation_id or heirs.get(detection_id, 0)
            cases.append(Case(stands_for, detection_id, _around(both), score))
        shapes += [(mine.shape, colours[mine.class_id])] if mine is not None else []
        shapes += [(seen.shape, None)] if seen is not None else []
    record = images.get(project, wish.image_id)
    part = _part([case.bounds for case in cases], record.width, record.height)
    picture = _picture(thumbnail_of(project, wish.image_id), part, (record.width, record.height))
    _draw(picture, part, shapes[:MOST_SHAPES])
    return CasePicture(record.id, record.name, picture, tuple(cases), part)


def _made_of(project: Project, image_id: int, theirs: Iterable[Detection]) -> dict[int, int]:
    """The annotations that detections have become, by detection: on the canvas they are there in their place."""
    if all(each.state != "accepted" for each in theirs):
        return {}
    return {each.detection_id: each.id for each in of_image(project, image_id) if each.detection_id is not None}


def _around(bounds: Sequence[Bounds]) -> Bounds:
    x0, y0, x1, y1 = np.array(bounds).T
    return float(x0.min()), float(y0.min()), float(x1.max()), float(y1.max())


def _part(bounds: Sequence[Bounds], width: int, height: int) -> Bounds:
    """A square about a single case that would be too small to see, else the whole picture."""
    whole = (0.0, 0.0, float(width), float(height))
    if not bounds:
        return whole
    x0, y0, x1, y1 = _around(bounds)
    side = max(x1 - x0, y1 - y0) * 3
    least = max(side, max(width, height) / 3)
    if least >= min(width, height):
        return whole
    left = min(max((x0 + x1 - least) / 2, 0.0), width - least)
    top = min(max((y0 + y1 - least) / 2, 0.0), height - least)
    return left, top, left + least, top + least


def _picture(thumbnail: QImage, part: Bounds, size: tuple[int, int]) -> QImage:
    x0, y0, x1, y1 = part
    grown = SIDE / max(x1 - x0, y1 - y0)
    picture = QImage(max(1, round((x1 - x0) * grown)), max(1, round((y1 - y0) * grown)), QImage.Format.Format_RGB32)
    picture.fill(QColor("#808080"))
    if not thumbnail.isNull():
        across, down = thumbnail.width() / size[0], thumbnail.height() / size[1]
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        source = QRectF(x0 * across, y0 * down, (x1 - x0) * across, (y1 - y0) * down)
        painter.drawImage(QRectF(picture.rect()), thumbnail, source)
        painter.end()
    return picture


def _draw(picture: QImage, part: Bounds, shapes: Sequence[tuple[Shape, QColor | None]]) -> None:
    """What is annotated in its colour, what is detected (colour None) with a dashed line."""
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    scale = picture.width() / (part[2] - part[0])
    place = QTransform.fromScale(scale, scale).translate(-part[0], -part[1])
    for shape, colour in shapes:
        outline = place.map(path_of(Box(*shape.bounds) if isinstance(shape, Keypoints) else shape))
        if colour is None:
            under, over = QColor(0, 0, 0, 120), QPen(QColor(DETECTED), 2)
            over.setDashPattern(DASH)
            painter.strokePath(outline, QPen(under, 2))
            painter.strokePath(outline, over)
        else:
            painter.strokePath(outline, QPen(colour, 3))
    painter.end()


class CaseRows(QAbstractListModel):
    """Pictures with cases; one that is not read yet is a blank that is being read."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        """None yet."""
        super().__init__(parent)
        self.wishes: list[Wish] = []
        self.captions: Mapping[int, str] = {}
        self._session = session
        self._pictures: dict[int, CasePicture] = {}
        self._wanted: dict[int, None] = {}
        self._is_asking = False
        self._list = 0
        """Counts the lists: what was asked for another one is not heard."""
        session.failed.connect(self._on_failed)

    def show(self, cases: Cases, captions: Mapping[int, str]) -> None:
        """List the pictures of these."""
        self.beginResetModel()
        self.wishes, self.captions = wishes(cases), captions
        self._pictures.clear()
        self._wanted.clear()
        self._is_asking = False
        self._list += 1
        self.endResetModel()

    def rowCount(self, parent: Index = ROOT) -> int:
        """How many pictures there are."""
        return 0 if parent.isValid() else len(self.wishes)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The name of the picture, once it is read."""
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        found = self.entry(index.row())
        return f"{found.name}: {self.caption(index.row())}" if found is not None else None

    def caption(self, row: int) -> str:
        """What is said below a picture."""
        wish = self.wishes[row]
        words = "" if wish.is_whole else f"{len(wish):,} case{'s' * (len(wish) != 1)}"
        return self.captions.get(wish.image_id, words)

    def entry(self, row: int) -> CasePicture | None:
        """A picture; None has it read."""
        found = self._pictures.get(row)
        if found is None and row not in self._wanted:
            self._wanted[row] = None
            self._ask()
        return found

    def _on_failed(self, _: object) -> None:
        """It may have been this that failed: then no answer follows, and it is asked again once looked at."""
        self._is_asking = False
        self._wanted.clear()

    def _ask(self) -> None:
        """Have the newest wishes read: those of the rows in sight."""
        if self._is_asking or not self._wanted:
            return
        rows = list(self._wanted)[-AT_A_TIME:]
        chosen, which = [self.wishes[row] for row in rows], self._list
        self._is_asking = True
        self._session.ask("case pictures", lambda project: (which, rows, read(project, chosen)), self._take)

    def _take(self, answer: tuple[int, list[int], list[CasePicture]]) -> None:
        which, rows, found = answer
        if which != self._list:
            return
        self._is_asking = False
        by_image = {one.image_id: one for one in found}
        for row in rows:
            self._wanted.pop(row, None)
            if (picture := by_image.get(self.wishes[row].image_id)) is not None:
                self._pictures[row] = picture
                self.dataChanged.emit(self.index(row), self.index(row))
        while len(self._pictures) > MAX_KEPT:
            del self._pictures[next(iter(self._pictures))]
        self._ask()
