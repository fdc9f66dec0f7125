"""Validation pictures of a run with what it found on them, from its first validation to its newest."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QTransform
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QSlider, QVBoxLayout, QWidget

from engine.geometry.shapes import Box
from engine.project import classes
from engine.project.store import Project
from engine.training.glimpses import Glimpse, Moment
from studio.canvas.paths import path_of
from studio.searching.rows import thumbnail_of
from studio.session import Session
from studio.theme import GAP, Theme
from studio.widgets import role

SIDE = 320
"""Pixels that the longer side of a drawn picture has at least."""
SURE = 0.5
"""Detections of less are drawn faintly."""
_WORDS = 20.0


@dataclass(frozen=True, slots=True)
class Drawn:
    """One picture with its detections, as it is painted."""

    image_id: int
    picture: QImage
    n_sure: int


def drawn(project: Project, moment: Moment) -> tuple[Drawn, ...]:
    """The pictures of a moment; made on the reader's thread."""
    colours = {record.id: record.colour for record in classes.all_classes(project)}
    return tuple(_drawn(project, each, colours) for each in moment.glimpses)


def _drawn(project: Project, glimpse: Glimpse, colours: dict[int, str]) -> Drawn:
    thumbnail = thumbnail_of(project, glimpse.image_id)
    if thumbnail.isNull():
        thumbnail = QImage(QSize(glimpse.width, glimpse.height).scaled(SIDE, SIDE, Qt.AspectRatioMode.KeepAspectRatio),
                           QImage.Format.Format_RGB32)  # fmt: skip
        thumbnail.fill(Qt.GlobalColor.black)
    grown = max(1.0, SIDE / max(thumbnail.width(), thumbnail.height()))
    size, smooth = thumbnail.size() * grown, Qt.TransformationMode.SmoothTransformation
    picture = thumbnail.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
    picture = picture.convertToFormat(QImage.Format.Format_RGB32)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    scale = QTransform.fromScale(picture.width() / glimpse.width, picture.height() / glimpse.height)
    for each in reversed(glimpse.detections):
        colour = QColor(colours.get(each.class_id, "#ffffff"))
        fill = QColor(colour)
        is_sure = each.score >= SURE
        fill.setAlpha(0 if isinstance(each.shape, Box) or not is_sure else 70)
        colour.setAlpha(255 if is_sure else 70)
        painter.setPen(QPen(colour, 2.0 if is_sure else 1.0))
        painter.setBrush(fill)
        painter.drawPath(scale.map(path_of(each.shape)))
    painter.end()
    return Drawn(glimpse.image_id, picture, sum(each.score >= SURE for each in glimpse.detections))


class Pictures(QWidget):
    """A row of pictures, as large as the height allows."""

    picked = Signal(int)
    """The image that was clicked, by its id."""

    def __init__(self, theme: Theme) -> None:
        """None yet."""
        super().__init__()
        self._theme = theme
        self.shown: tuple[Drawn, ...] = ()
        self.setMinimumSize(96, 72)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip("Click a picture to look at it on the canvas.")
        self.setAccessibleName("Validation pictures with what was found")
        theme.changed.connect(self.update)

    def show_pictures(self, shown: tuple[Drawn, ...]) -> None:
        """Show these."""
        self.shown = shown
        self.update()

    def places(self) -> list[QRectF]:
        """Where the pictures lie: in one row if they can be as large there as in two, as many as there is room for."""
        if not self.shown:
            return []
        best: list[QRectF] = []
        for n_rows in (1, 2, 3):
            found = self._in_rows(n_rows)
            if _area(found) > _area(best):
                best = found
        return best

    def _in_rows(self, n_rows: int) -> list[QRectF]:
        n_columns = -(-len(self.shown) // n_rows)
        wide = (self.width() - GAP * (n_columns - 1)) / n_columns
        high = (self.height() - GAP * (n_rows - 1)) / n_rows - _WORDS
        if wide <= 8 or high <= 8:
            return []
        places = []
        for at, each in enumerate(self.shown):
            row, column = divmod(at, n_columns)
            scale = min(wide / each.picture.width(), high / each.picture.height())
            size = (each.picture.width() * scale, each.picture.height() * scale)
            places.append(QRectF(column * (wide + GAP), row * (high + _WORDS + GAP), *size))
        return places

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Pick the picture under the pointer."""
        for place, each in zip(self.places(), self.shown, strict=False):
            if place.contains(event.position()) and event.button() == Qt.MouseButton.LeftButton:
                self.picked.emit(each.image_id)

    def paintEvent(self, _: QPaintEvent) -> None:
        """Paint the pictures, and under each how much was found for sure."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setPen(QColor(self._theme.tones.faint))
        metrics = QFontMetricsF(painter.font())
        for place, each in zip(self.places(), self.shown, strict=False):
            painter.drawImage(place, each.picture)
            words = f"{each.n_sure} found"
            fits = metrics.horizontalAdvance(words) <= place.width()
            below = QPointF(place.left(), place.bottom() + metrics.ascent() + 2)
            painter.drawText(below, words if fits else str(each.n_sure))
        painter.end()


def _area(places: list[QRectF]) -> float:
    return sum(place.width() * place.height() for place in places)


class Watched(QWidget):
    """The pictures at one validation, and a slider over all validations; it follows the newest until it is moved."""

    def __init__(self, session: Session, theme: Theme) -> None:
        """Nothing watched yet."""
        super().__init__()
        self._session = session
        self.moments: list[Moment] = []
        self.pictures = Pictures(theme)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Validation")
        self.slider.setToolTip("Go through the validations of this run.")
        self.words = role(QLabel(), "faint")
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self.slider, 1)
        row.addWidget(self.words)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP // 2)
        column.addWidget(self.pictures, 1)
        column.addLayout(row)
        self.slider.valueChanged.connect(self._show)
        self.pictures.picked.connect(session.go_to)
        self.clear()

    def clear(self) -> None:
        """Watch nothing."""
        self.moments = []
        self.pictures.show_pictures(())
        self._range()
        self._show_words()
        self.hide()

    def add(self, moments: tuple[Moment, ...]) -> None:
        """Watch these as well; what is known already, by its step, is left."""
        known = {each.step for each in self.moments}
        news = [each for each in moments if each.step not in known and each.glimpses]
        if not news:
            return
        is_newest = self.slider.value() == self.slider.maximum()
        self.moments = sorted([*self.moments, *news], key=lambda each: each.step)
        self._range()
        self.show()
        if is_newest:
            self.slider.setValue(self.slider.maximum())
        self._show()

    def _range(self) -> None:
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(0, len(self.moments) - 1))
        self.slider.setEnabled(len(self.moments) > 1)
        self.slider.blockSignals(False)

    def _show(self) -> None:
        self._show_words()
        if self.moments:
            moment = self.moments[self.slider.value()]
            self._session.ask("watched pictures", partial(drawn, moment=moment), self.pictures.show_pictures)

    def _show_words(self) -> None:
        if self.moments:
            at = self.slider.value()
            step = f"{self.moments[at].step:,}"
            self.words.setText(f"Validation {at + 1} of {len(self.moments)}, step {step}")
