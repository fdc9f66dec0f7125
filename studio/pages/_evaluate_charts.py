"""The charts of an evaluation: made, laid out, and filled."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QBoxLayout, QButtonGroup, QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from engine.evaluation.curves import Curve
from engine.evaluation.look import AtIou, AtScore
from engine.evaluation.stored import Judgement
from engine.project import classes
from studio.charts.bars import Bars
from studio.charts.card import Card
from studio.charts.matrix import Matrix, Shares
from studio.charts.plot import Plot
from studio.charts.reliability import Reliability
from studio.charts.table import Heading, Table
from studio.pages import _evaluate_words as words
from studio.pages._evaluate_links import Links
from studio.pages._evaluate_score import ScoreCard
from studio.surroundings import Studio
from studio.theme import GAP
from studio.widgets import role

WIDE = 860
"""From this width on charts stand in two columns."""
FEW_CLASSES = 10
"""Up to so many stand above the charts."""
SHARES: tuple[tuple[str, Shares], ...] = (
    ("Counts", "counts"),
    ("Share of row", "rows"),
    ("Share of column", "columns"),
)


class Charts(QWidget):
    """Everything that is shown of an evaluation; each part leads to its pictures."""

    def __init__(self, studio: Studio) -> None:
        """Follow the evaluations."""
        super().__init__()
        self._studio, self._of = studio, studio.evaluations
        self._grid: words.Grid | None = None
        self._drawn: tuple[Curve, ...] = ()
        """The curves that are drawn."""
        self._class_ids: list[int] = []
        """Of the rows of the table."""
        self._make()
        self._lay_out()
        self._connect()

    @property
    def cards(self) -> dict[str, Card]:
        """Every chart by the name of the file it is saved in."""
        return {
            "average-precision": self.precisions, "average-recall": self.recalls, "classes": self.classes,
            "precision-recall": self.curves, "errors": self.errors, "confusion": self.matrix,
            "by-score": self.score.plot, "calibration": self.reliability, "dsb2018": self.bowl,
        }  # fmt: skip

    def _make(self) -> None:
        theme = self._studio.theme
        self.precisions, self.recalls = Table("Average precision", theme), Table("Average recall", theme)
        self.classes = Table("Classes", theme, "Class")
        self.curves = Plot("Precision and recall", theme, ("recall", "precision"), self._curve_words)
        self.errors = Bars("Errors, and the AP they cost", theme)
        self.matrix = Matrix("What was taken for what", theme, "detected", "annotated")
        self.score = ScoreCard(self._studio)
        self.reliability = Reliability("Calibration", theme)
        self.bowl = Bars("DSB2018: right / (right + wrong + missed)", theme)

    def _lay_out(self) -> None:
        self._top = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._top.addWidget(self.precisions)
        self._top.addWidget(self.recalls)
        self._confusing = QWidget()
        confusing = QVBoxLayout(self._confusing)
        confusing.setContentsMargins(0, 0, 0, 0)
        confusing.setSpacing(GAP // 2)
        confusing.addWidget(self.matrix)
        confusing.addLayout(self._share_row())
        self._left, self._right = left, right = QVBoxLayout(), QVBoxLayout()
        for column in (left, right):
            column.setSpacing(GAP)
        left.addWidget(self.curves)
        left.addWidget(self._confusing)
        left.addWidget(self.bowl)
        left.addStretch(1)
        right.addWidget(self.score)
        right.addWidget(self.errors)
        right.addWidget(self.reliability)
        right.addStretch(1)
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._columns.addLayout(left, 1)
        self._columns.addLayout(right, 1)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, GAP)
        for layout in (column, self._top, self._columns):
            layout.setSpacing(GAP)
        column.addLayout(self._top)
        column.addWidget(self.classes)
        column.addLayout(self._columns)
        column.addStretch(1)

    def _share_row(self) -> QHBoxLayout:
        row, frame = QHBoxLayout(), role(QFrame(), "segments")
        inner, group = QHBoxLayout(frame), QButtonGroup(self)
        inner.setContentsMargins(2, 2, 2, 2)
        inner.setSpacing(2)
        for title, shares in SHARES:
            button = QToolButton()
            button.setText(title)
            button.setCheckable(True)
            button.setChecked(shares == "counts")
            button.setAccessibleName(f"Show {title.lower()}")
            button.clicked.connect(partial(self._show_shares, shares))
            group.addButton(button)
            inner.addWidget(button)
        row.addWidget(frame)
        row.addStretch(1)
        return row

    def _show_shares(self, shares: Shares, _: bool = False) -> None:
        self.matrix.show_shares(shares)

    def place(self, width: int) -> None:
        """Two columns where there is room."""
        is_wide = width >= WIDE
        direction = QBoxLayout.Direction.LeftToRight if is_wide else QBoxLayout.Direction.TopToBottom
        for layout in (self._top, self._columns):
            if layout.direction() != direction:
                layout.setDirection(direction)

    def _connect(self) -> None:
        links = Links(self._studio.session, self._of)
        self.precisions.cell_picked.connect(lambda row, column: links.of_number(list(words.PRECISIONS)[row], column))
        self.recalls.cell_picked.connect(lambda row, column: links.of_number(list(words.RECALLS)[row], column))
        self.classes.cell_picked.connect(lambda row, column: links.of_class(self._class_ids[row], column))
        self.curves.picked.connect(lambda part: self._follow_curve(links, part))
        self.errors.picked.connect(links.of_error)
        self.matrix.picked.connect(lambda part: links.of_cell(self._grid, part) if self._grid is not None else None)
        self.reliability.picked.connect(links.of_step)
        self.bowl.picked.connect(lambda _: links.of_threshold())
        self.score.asked.connect(links.of_outcome)
        self._of.looked.connect(self.show_at_iou)
        self._of.scored.connect(self.show_at_score)
        self._studio.theme.changed.connect(self._show_again)

    def _follow_curve(self, links: Links, part: int) -> None:
        line, at = self.curves.place(part)
        links.of_point(self._drawn[line], at)

    def _show_again(self) -> None:
        self.show_at_iou()
        self.show_at_score()

    def show_at_iou(self) -> None:
        """Show what follows from the IoU and the class."""
        found, result, judgement = self._of.at_iou, self._of.result, self._of.judgement
        if found is None or result is None or judgement is None:
            return
        shapes = [Heading(words.SHAPES[each.iou_type]) for each in result.judgements]
        self.precisions.show_lines(shapes, words.score_lines(result, words.PRECISIONS))
        self.recalls.show_lines(shapes, words.score_lines(result, words.RECALLS))
        tones = self._studio.theme.tones
        drawn = self._drawn = words.curves_drawn(found)
        lines = words.trails(drawn, self._colours(), tones, is_by_iou=found.class_id is not None)
        self.curves.show_trails(lines, words.curve_note(found, drawn))
        self.errors.show_bars(words.error_bars(found.errors, tones), f"of AP {words.number(found.errors.ap)}")
        error = found.calibration.error
        self.reliability.show_steps(words.steps(found.calibration), f"expected error {words.number(error)}")
        self.score.show_found(found)
        self._show_classes(found, judgement)

    def show_at_score(self) -> None:
        """Show what follows from the score."""
        found, at, judgement = self._of.at_score, self._of.at_iou, self._of.judgement
        if at is None or judgement is None:
            return
        self.score.show_score()
        self._show_classes(at, judgement)
        if found is not None:
            self._show_matrix(found)
            score = f"{words.number(found.bowl.score)} from score {found.score:.2f} on"
            self.bowl.show_bars(words.bowl_bars(found.bowl, self._studio.theme.tones), score)

    def _show_classes(self, at: AtIou, judgement: Judgement) -> None:
        lines = words.class_lines(judgement.scores.by_class, at, self._of.choice.score, self._colours())
        self._class_ids = list(lines)
        self.classes.show_lines(words.CLASS_COLUMNS, list(lines.values()))
        self._place_classes()

    def _place_classes(self) -> None:
        """A long table would push the charts out of sight: it stands below them, and a large matrix, too."""
        _put(self._column, self.classes, 1 if len(self._class_ids) <= FEW_CLASSES else 2)
        is_small = len(self.matrix.names) <= FEW_CLASSES
        _put(self._left if is_small else self._column, self._confusing, 1 if is_small else 2)
        _put(self._right if is_small else self._left, self.errors, 1)  # so that both columns are about as high

    def _show_matrix(self, found: AtScore) -> None:
        grid = self._grid = words.grid(found.confusion)
        note = f"from score {found.score:.2f} on"
        note += f"; {grid.n_left_out:,} classes more in the report" if grid.n_left_out > 0 else ""
        self.matrix.show_counts(grid.names, grid.counts, note)
        self._place_classes()

    def _colours(self) -> dict[str, str]:
        project = self._studio.session.project
        return {} if project is None else {one.name: one.colour for one in classes.all_classes(project)}

    def _curve_words(self, line: int, at: int) -> str:
        is_by_iou = len({one.class_id for one in self._drawn}) == 1 < len(self._drawn)
        return words.point_words(self._drawn[line], at, is_by_iou=is_by_iou)


def _put(layout: QVBoxLayout, widget: QWidget, place: int) -> None:
    """Move a widget there, unless it is there; a layout that it leaves lets go of it by itself."""
    if layout.indexOf(widget) != place:
        layout.removeWidget(widget)
        layout.insertWidget(place, widget)
