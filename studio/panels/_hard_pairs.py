"""The pairs of faces that mislead an embedder, as pictures, while it trains and afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QVBoxLayout, QWidget

from engine.faces.events import HardestFaces, HardFaces
from studio.known_faces import FacesModel
from studio.theme import GAP, Theme
from studio.widgets import Elided, role

_BETWEEN = 2.0
_WORDS = 18.0
_LEAST = 24.0
"""Smaller crops show nothing: fewer pairs are shown instead."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pair lies."""

    first: QRectF
    second: QRectF
    pair: HardFaces

    @property
    def around(self) -> QRectF:
        """Both crops."""
        return self.first.united(self.second)


class PairPictures(QWidget):
    """Pairs in two rows: strangers that are near, and faces of one person that are far apart."""

    picked = Signal(object)
    """HardFaces that was clicked."""

    def __init__(self, faces: FacesModel, theme: Theme) -> None:
        """No pairs yet."""
        super().__init__()
        self._faces, self._theme = faces, theme
        self.pairs: tuple[HardFaces, ...] = ()
        self.setMinimumSize(120, 96)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Pairs of faces that mislead the network")
        theme.changed.connect(self.update)
        faces.crop_ready.connect(self._on_crop)

    def show_pairs(self, pairs: tuple[HardFaces, ...]) -> None:
        """Show these."""
        self.pairs = pairs
        self.update()

    def places(self) -> list[Place]:
        """Where pairs lie, as many as there is room for."""
        rows = [[each for each in self.pairs if each.is_same is kind] for kind in (False, True)]
        rows = [row for row in rows if row]
        if not rows:
            return []
        high = (self.height() - GAP * (len(rows) - 1)) / len(rows) - _WORDS
        side = max(_LEAST, high)
        return [place for at, row in enumerate(rows) for place in self._in_row(row, at * (high + _WORDS + GAP), side)]

    def _in_row(self, row: Sequence[HardFaces], top: float, side: float) -> list[Place]:
        """All pairs of a row, smaller ones if need be; the first of them, where they would be too small."""
        n_fitting = max(1, int((self.width() + GAP) // (2 * _LEAST + _BETWEEN + GAP)))
        shown = row[:n_fitting]
        room = (self.width() - GAP * (len(shown) - 1)) / len(shown)
        side = min(side, (room - _BETWEEN) / 2)
        places = []
        for at, pair in enumerate(shown):
            left = at * (2 * side + _BETWEEN + GAP)
            places.append(
                Place(QRectF(left, top, side, side), QRectF(left + side + _BETWEEN, top, side, side), pair)
            )  # fmt: skip
        return places

    def _on_crop(self, template_id: int) -> None:
        if any(template_id in (each.first_template_id, each.second_template_id) for each in self.pairs):
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Pick the pair under the pointer."""
        found = self._at(event.position())
        if found is not None and event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(found)

    def event(self, event: QEvent) -> bool:
        """Say of a pair who its faces are."""
        if isinstance(event, QHelpEvent):
            found = self._at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), "" if found is None else self.words_of(found), self)
            return True
        return super().event(event)

    def words_of(self, pair: HardFaces) -> str:
        """Who the two are, and how far apart."""
        ids = (pair.first_template_id, pair.second_template_id)
        first, second = (self._name(each) for each in ids)
        whom = f"{first}, twice" if pair.is_same else f"{first} and {second}"
        why = "one person, yet far apart" if pair.is_same else "strangers, yet near"
        return f"{whom}: {why}, at a distance of {pair.distance:.2f}.\nClick to look at both on the page Faces."

    def _name(self, template_id: int) -> str:
        template = self._faces.templates.get(template_id)
        return "a face that is gone" if template is None else self._faces.name(template.identity_id) or "nobody known"

    def _at(self, at: QPointF) -> HardFaces | None:
        return next((each.pair for each in self.places() if each.around.contains(at)), None)

    def paintEvent(self, _: QPaintEvent) -> None:
        """Paint the crops that are read, a mark around each pair, and its distance below."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for place in self.places():
            self._paint(painter, place)
        painter.end()

    def _paint(self, painter: QPainter, place: Place) -> None:
        pair = place.pair
        for rect, template_id in ((place.first, pair.first_template_id), (place.second, pair.second_template_id)):
            crop = self._faces.crop(template_id)
            if crop is None or crop.isNull():
                painter.fillRect(rect, QColor(self._theme.tones.sunken))
            else:
                painter.drawPixmap(rect, crop, QRectF(crop.rect()))
        tone = QColor(self._theme.tones.good if pair.is_same else self._theme.tones.bad)
        style = Qt.PenStyle.SolidLine if pair.is_same else Qt.PenStyle.DashLine
        painter.setPen(QPen(tone, 1.5, style))
        painter.drawRect(place.around)
        painter.setPen(QColor(self._theme.tones.faint))
        metrics = QFontMetricsF(painter.font())
        words = f"{pair.distance:.2f} {'same' if pair.is_same else 'strangers'}"
        fits = metrics.horizontalAdvance(words) <= place.around.width()
        below = QPointF(place.around.left(), place.around.bottom() + metrics.ascent() + 2)
        painter.drawText(below, words if fits else f"{pair.distance:.2f}")


class HardPairs(QWidget):
    """The pairs with a line on what they are."""

    def __init__(self, faces: FacesModel, theme: Theme) -> None:
        """No pairs yet."""
        super().__init__()
        self._faces = faces
        self.pictures = PairPictures(faces, theme)
        self.words = role(Elided("", Qt.TextElideMode.ElideRight), "faint")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP // 2)
        column.addWidget(self.words)
        column.addWidget(self.pictures, 1)
        self.pictures.picked.connect(self._pick)
        self.clear()

    @property
    def pairs(self) -> tuple[HardFaces, ...]:
        """Those that are shown."""
        return self.pictures.pairs

    def clear(self) -> None:
        """Show none."""
        self.pictures.show_pairs(())
        self.hide()

    def take(self, found: HardestFaces) -> None:
        """Show the pairs that mislead it now."""
        self.pictures.show_pairs(found.pairs)
        whom = "people it learns from" if "train/order" in found.metrics else "people it never learns from"
        self.words.show_text(f"Pairs that mislead it most at step {found.step:,}, of {whom}")
        self.setVisible(bool(found.pairs))

    def _pick(self, pair: HardFaces) -> None:
        self._faces.show_view(self._faces.view or "people")
        self._faces.select((pair.first_template_id, pair.second_template_id))
