"""Formulas set like in a book: scripts, fractions and brackets that grow with what is in them, broken into lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen

from studio.inspector.formula_text import Fraction, Group, Item, Line, Part, Script, Word, closing

_SMALLER = 0.74
_LEAST_POINTS = 7.0
_RAISED, _LOWERED = 0.42, 0.22
"""By how much of the height of capitals scripts are moved."""
_RUN = re.compile(r"[^\W\d_]+|[\W\d_]+")


@dataclass(frozen=True, slots=True)
class Glyphs:
    """Text in one font, from a point of its baseline."""

    text: str
    font: QFont
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Stroke:
    """A straight line: of a fraction."""

    x0: float
    x1: float
    y: float


@dataclass(frozen=True, slots=True)
class Box:
    """Something set: marks about a baseline at 0, and the room it takes."""

    width: float
    ascent: float
    descent: float
    marks: tuple[Glyphs | Stroke, ...]

    def at(self, x: float, y: float) -> tuple[Glyphs | Stroke, ...]:
        """The marks moved."""
        return tuple(_moved(mark, x, y) for mark in self.marks)


NOTHING = Box(0.0, 0.0, 0.0, ())


def _moved(mark: Glyphs | Stroke, x: float, y: float) -> Glyphs | Stroke:
    if isinstance(mark, Glyphs):
        return Glyphs(mark.text, mark.font, mark.x + x, mark.y + y)
    return Stroke(mark.x0 + x, mark.x1 + x, mark.y + y)


def beside(boxes: Sequence[Box], gap: float = 0.0) -> Box:
    """Boxes on one baseline, from left to right."""
    marks: list[Glyphs | Stroke] = []
    x = 0.0
    for n, box in enumerate(boxes):
        x += gap if n else 0.0
        marks += box.at(x, 0.0)
        x += box.width
    ascent, descent = (max((getattr(box, side) for box in boxes), default=0.0) for side in ("ascent", "descent"))
    return Box(x, ascent, descent, tuple(marks))


class Setter:
    """Sets formulas in a font."""

    def __init__(self, font: QFont, depth: int = 0) -> None:
        """`depth` counts the scripts around."""
        self._font, self._depth = QFont(font), depth
        self._metrics = QFontMetricsF(self._font)
        self._italic = QFont(font)
        self._italic.setItalic(True)

    @property
    def space(self) -> float:
        """Between two items."""
        return self._metrics.horizontalAdvance(" ") * (1.0 if not self._depth else 0.6)

    def items(self, line: Line) -> list[Box]:
        """Every item by itself, to be broken into lines."""
        return [self.item(item) for item in line]

    def line(self, line: Line) -> Box:
        """All in one line."""
        return beside(self.items(line), self.space)

    def item(self, item: Item) -> Box:
        """Parts without a space between them."""
        return beside([self._part(part) for part in item])

    def _part(self, part: Part) -> Box:
        match part:
            case Word(text):
                return self._word(text)
            case Script(inside, place):
                return self._script(inside, is_above=place == "above")
            case Group(opening, inside):
                return self._group(opening, inside)
            case Fraction(above, below):
                return self._fraction(above, below)

    def _word(self, text: str) -> Box:
        """Lone letters are quantities and slanted; longer names are not."""
        return beside(
            [
                self._run(each, is_lone=each.isalpha() and len(each) <= (2 if self._depth else 1))
                for each in _RUN.findall(text)
            ]
        )

    def _run(self, text: str, *, is_lone: bool) -> Box:
        font = self._italic if is_lone else self._font
        metrics = QFontMetricsF(font)
        glyphs = Glyphs(text, font, 0.0, 0.0)
        return Box(
            metrics.horizontalAdvance(text) + 0.08 * metrics.xHeight(), metrics.ascent(), metrics.descent(), (glyphs,)
        )

    def _script(self, inside: Line, *, is_above: bool) -> Box:
        box = self._smaller().line(inside)
        capital = self._metrics.capHeight()
        shift = -_RAISED * capital - (box.descent * 0.3 if is_above else 0) if is_above else _LOWERED * capital
        return Box(box.width + 1.0, box.ascent - shift, box.descent + shift, box.at(0.5, shift))

    def _smaller(self) -> Setter:
        font = QFont(self._font)
        font.setPointSizeF(max(font.pointSizeF() * _SMALLER, _LEAST_POINTS))
        return Setter(font, self._depth + 1)

    def _group(self, opening: str, inside: Line) -> Box:
        box = self.line(inside)
        left, right = (self._bracket(each, box) for each in (opening, closing(opening)))
        return beside([left, box, right])

    def _bracket(self, text: str, inside: Box) -> Box:
        """As high as what is inside."""
        font = QFont(self._font)
        wanted, usual = inside.ascent + inside.descent, self._metrics.ascent() + self._metrics.descent()
        if wanted <= 1.15 * usual:
            return self._run(text, is_lone=False)
        font.setPointSizeF(font.pointSizeF() * min(wanted / usual, 2.2))
        metrics = QFontMetricsF(font)
        shift = (inside.descent - inside.ascent) / 2 - (metrics.descent() - metrics.ascent()) / 2
        glyphs = Glyphs(text, font, 0.0, shift)
        return Box(metrics.horizontalAdvance(text), inside.ascent, inside.descent, (glyphs,))

    def _fraction(self, above: Line, below: Line) -> Box:
        if self._depth:
            slash = self._run("/", is_lone=False)
            return beside([self._kept_together(above), slash, self._kept_together(below)], 0.5 * self.space)
        top, bottom = self.line(above), self.line(below)
        width = max(top.width, bottom.width) + self.space
        axis = -0.36 * self._metrics.capHeight() - 0.5
        y_top, y_bottom = axis - top.descent - 1.5, axis + bottom.ascent + 0.5
        marks = (
            *top.at((width - top.width) / 2, y_top),
            Stroke(0.0, width, axis),
            *bottom.at((width - bottom.width) / 2, y_bottom),
        )
        return Box(width, top.ascent - y_top, bottom.descent + y_bottom, marks)

    def _kept_together(self, line: Line) -> Box:
        """With the brackets that fall away where there is a stroke."""
        if len(line) == 1:
            return self.line(line)
        return self._group("(", line)


@dataclass(frozen=True, slots=True)
class Set:
    """A formula in lines, from the top left corner."""

    size: tuple[float, float]
    marks: tuple[Glyphs | Stroke, ...]

    def paint(self, painter: QPainter, at: QPointF) -> None:
        """In the painter's pen."""
        pen = QPen(painter.pen())
        pen.setWidthF(1.0)
        painter.setPen(pen)
        for mark in self.marks:
            if isinstance(mark, Glyphs):
                painter.setFont(mark.font)
                painter.drawText(QPointF(at.x() + mark.x, at.y() + mark.y), mark.text)
            else:
                rect = QRectF(at.x() + mark.x0, at.y() + mark.y, mark.x1 - mark.x0, 1.0)
                painter.fillRect(rect, pen.color())


_INDENT = 16.0
_SIGNS = frozenset((Word(sign),) for sign in "=+−×·")
_LEADING = 3.0


def lines(line: Line, font: QFont, width: float) -> Set:
    """A formula broken at its spaces into lines of this width; later ones are indented."""
    setter = Setter(font)
    rows: list[list[Box]] = [[]]
    used = 0.0
    for box in _chunks(setter, line):
        if rows[-1] and used + box.width > width:
            rows.append([])
            used = _INDENT
        rows[-1].append(box)
        used += box.width + setter.space
    return _stacked([beside(row, setter.space) for row in rows])


def _chunks(setter: Setter, line: Line) -> Iterator[Box]:
    """Items to be kept in one line: a sign of an operation stands with what comes after it."""
    waiting: list[Box] = []
    for item in line:
        waiting.append(setter.item(item))
        if item not in _SIGNS:
            yield beside(waiting, setter.space)
            waiting = []
    if waiting:
        yield beside(waiting, setter.space)


def _stacked(rows: list[Box]) -> Set:
    marks: list[Glyphs | Stroke] = []
    y, widest = 0.0, 0.0
    for n, row in enumerate(rows):
        left = _INDENT if n else 0.0
        y += (_LEADING if n else 0.0) + row.ascent
        marks += row.at(left, y)
        y += row.descent
        widest = max(widest, left + row.width)
    return Set((widest, y), tuple(marks))
