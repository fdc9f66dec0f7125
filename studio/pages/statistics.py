"""What the annotations are like: how many of each class, how large, how long they took; each bar finds its pictures.

Everything is read once and summed up on the reader's thread; narrowing it sums up again, without reading.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from engine.project.query_language import quoted
from engine.project.statistics import COLUMNS, LARGE, SMALL
from engine.project.store import Change
from studio.charts.bars import Bars
from studio.charts.card import Card
from studio.charts.columns import Columns
from studio.pages import Page
from studio.pages._statistics import (
    AnySplit,
    Narrowing,
    Told,
    accepted_bars,
    aspect_range,
    by_number,
    by_seconds,
    class_bar,
    count_range,
    median_words,
    seconds_bar,
    seconds_range,
    sentence,
    size_range,
    size_words,
    split_bars,
    tell,
)
from studio.surroundings import Studio
from studio.theme import GAP
from studio.widgets import Elided, role, scrolling

SPLIT_WORDS: tuple[tuple[str, AnySplit], ...] = (
    ("All splits", "any"), ("Training", "train"), ("Validation", "val"), ("Test", "test"), ("In no split", None),
)  # fmt: skip
WIDE = 860
"""From this width on charts stand in two columns."""
_PAUSE_MS = 800
"""Numbers are read again so long after the last edit."""


class StatisticsPage(QWidget):
    """Choices, a sentence, charts."""

    def __init__(self, studio: Studio) -> None:
        """Of the session's project."""
        super().__init__()
        self._studio = studio
        self._told: Told | None = None
        self._is_stale = True
        self._by_number: list[int] = []
        self._by_seconds: list[int] = []
        """Which class each bar is of."""
        self.classes, self.splits, self.people = QComboBox(), QComboBox(), QComboBox()
        self._sentence = Elided(mode=Qt.TextElideMode.ElideRight)
        self._make_charts()
        self._lay_out()
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_PAUSE_MS)
        self._later.timeout.connect(self._read)
        session = studio.session
        session.project_opened.connect(self._begin)
        session.changed.connect(self._on_change)
        for combo in (self.classes, self.splits, self.people):
            combo.activated.connect(self._narrow)

    @property
    def told(self) -> Told | None:
        """What is shown; None until it is read."""
        return self._told

    def sizeHint(self) -> QSize:
        """As much as there is."""
        return QSize(900, 640)

    def showEvent(self, event: QShowEvent) -> None:
        """Read what has changed since."""
        super().showEvent(event)
        if self._is_stale:
            self._read()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Lay the charts out anew where the width allows another number of columns."""
        if event.type() == QEvent.Type.Resize:
            self._place_charts()
        return super().eventFilter(watched, event)

    def _make_charts(self) -> None:
        theme = self._studio.theme
        self.per_class = Bars("Objects per class", theme)
        self.sizes = Columns("Size in px: root of the area", theme, size_range, ((SMALL, "medium"), (LARGE, "large")))
        self.aspect = Columns("Aspect ratio: width / height", theme, aspect_range, ((1.0, "square"),))
        self.per_image = Columns("Objects per picture", theme, count_range)
        self.seconds = Columns("Seconds per object", theme, seconds_range)
        self.median_seconds = Bars("Median seconds per object", theme)
        self.pictures = Bars("Pictures per split", theme)
        self.accepted = Bars("Suggestions accepted, and how much of them was edited", theme)
        self.accepted.is_clickable = False
        self._charts: tuple[Card, ...] = (
            self.per_class, self.sizes, self.aspect, self.per_image, self.seconds, self.median_seconds, self.pictures,
            self.accepted,
        )  # fmt: skip
        self._long = (self.per_class, self.median_seconds)
        """These may be as long as there are classes: at the end where there is one column."""
        self.per_class.picked.connect(lambda at: self._find_class(self._by_number[at], ""))
        self.median_seconds.picked.connect(lambda at: self._find_class(self._by_seconds[at], " seconds:0.."))
        self.pictures.picked.connect(lambda row: self._find(f"split:{COLUMNS[row] or 'none'}", of_split=False))
        for chart, key in ((self.sizes, "size"), (self.aspect, "aspect"), (self.seconds, "seconds")):
            chart.picked.connect(lambda part, chart=chart, key=key: self._find_range(chart, key, part))
        self.per_image.picked.connect(self._find_counts)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP, GAP, GAP, 0)
        column.setSpacing(GAP)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        for combo, name in ((self.classes, "Class"), (self.splits, "Split"), (self.people, "Author")):
            combo.setAccessibleName(name)
            combo.setToolTip(f"Count only annotations of one {name.lower()}")
            combo.setMinimumWidth(120)
            row.addWidget(combo)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(role(self._sentence, "faint"))
        for title, split in SPLIT_WORDS:
            self.splits.addItem(title, split)
        self._inner = QWidget()
        self._row = QHBoxLayout(self._inner)
        self._row.setContentsMargins(0, 0, 0, GAP)
        self._columns = (QVBoxLayout(), QVBoxLayout())
        for each in self._columns:
            each.setSpacing(GAP)
            self._row.addLayout(each)
        self._scroll = scrolling(self._inner)
        self._scroll.viewport().installEventFilter(self)
        self._n_columns = 0
        column.addWidget(self._scroll, 1)
        self._place_charts()

    def _place_charts(self) -> None:
        """Two columns where there is room, each as high as its charts."""
        n_columns = 2 if self._scroll.viewport().width() >= WIDE else 1
        if n_columns == self._n_columns:
            return
        self._n_columns = n_columns
        for column in self._columns:
            while column.takeAt(0) is not None:
                pass
        ordered = self._charts if n_columns > 1 else sorted(self._charts, key=lambda chart: chart in self._long)
        for n, chart in enumerate(ordered):
            self._columns[n % n_columns].addWidget(chart)
        for n, column in enumerate(self._columns):
            column.addStretch(1)
            self._row.setStretch(n, 1 if n < n_columns else 0)
        self._row.setSpacing(GAP if n_columns > 1 else 0)

    def _begin(self) -> None:
        self._told, self._is_stale = None, True
        self.classes.clear()
        self.people.clear()
        if self.isVisible():
            self._read()

    def _on_change(self, change: Change) -> None:
        if change.images or change.annotated or change.classes or change.detected:
            self._is_stale = True
            if self.isVisible():
                self._later.start()

    def _read(self) -> None:
        if self._studio.session.project is not None:
            self._is_stale = False
            chosen = self._chosen()
            self._studio.session.ask("statistics", lambda project: tell(project, chosen, None), self._take)

    def _narrow(self) -> None:
        known, chosen = self._told, self._chosen()
        if known is not None:
            self._studio.session.ask("statistics", lambda project: tell(project, chosen, known), self._take)

    def _chosen(self) -> Narrowing:
        return Narrowing(
            self.classes.currentData(), self.splits.currentData() if self._told else "any", self.people.currentData()
        )

    def _take(self, told: Told) -> None:
        self._told = told
        _fill(self.classes, "All classes", {record.id: record.name for record in told.everything.classes})
        _fill(self.people, "Everybody", told.authors)
        self._sentence.show_text(sentence(told.summary))
        found = told.summary
        self._by_number, self._by_seconds = by_number(found), by_seconds(found)
        self.per_class.show_bars([class_bar(found, row) for row in self._by_number])
        self.median_seconds.show_bars([seconds_bar(found, row) for row in self._by_seconds])
        self.pictures.show_bars(split_bars(told, self._studio.theme.tones.accent))
        self.accepted.show_bars(accepted_bars(told))
        self.sizes.show_bins(found.size.edges, found.size.counts.tolist(), log=True, note=size_words(found))
        self.aspect.show_bins(found.aspect.edges, found.aspect.counts.tolist(), log=True)
        self.per_image.show_bins(found.per_image.edges, found.per_image.counts.tolist())
        self.seconds.show_bins(found.seconds.edges, found.seconds.counts.tolist(), log=True, note=median_words(found))

    def _find_class(self, row: int, more: str) -> None:
        if self._told is not None:
            self._find(f"class:{quoted(self._told.summary.classes[row].name)}{more}", of_class=False)

    def _find_range(self, chart: Columns, key: str, part: int) -> None:
        low, high = chart.edges[part], chart.edges[part + 1]
        # Rounded outwards, or the largest of all would be left out.
        self._find(f"{key}:{math.floor(low * 1000) / 1000:.12g}..{math.ceil(high * 1000) / 1000:.12g}")

    def _find_counts(self, part: int) -> None:
        low, high = math.ceil(self.per_image.edges[part]), math.floor(self.per_image.edges[part + 1])
        key = "objects"
        if self._told is not None and self._told.narrowing.class_id is not None:
            key = f"class:{quoted(self.classes.currentText())}"
        words = f"{key}={low}" if low == high else f"{key}>={low} {key}<={high}"
        self._find(words, of_class=False)

    def _find(self, words: str, *, of_class: bool = True, of_split: bool = True) -> None:
        """List the pictures that a bar is about, as far as a query can say it, and show them."""
        told = self._told
        if told is None:
            return
        if of_class and told.narrowing.class_id is not None:
            words += f" class:{quoted(self.classes.currentText())}"
        if of_split and told.narrowing.split != "any":
            words += f" split:{told.narrowing.split or 'none'}"
        if told.narrowing.author_id is not None:
            words += f" author:{quoted(self.people.currentText())}"
        session = self._studio.session
        session.listing.find_text(words)
        session.show_page("pictures")


def _fill(combo: QComboBox, all_of_them: str, names: dict[int, str]) -> None:
    """Offer these, and keep what was chosen."""
    chosen = combo.currentData()
    combo.clear()
    combo.addItem(all_of_them, None)
    for id_, name in names.items():
        combo.addItem(name, id_)
    combo.setCurrentIndex(max(0, combo.findData(chosen) if chosen is not None else 0))


PAGE = Page(
    "Statistics",
    "chart",
    3,
    StatisticsPage,
    "See what the annotations are like: classes, sizes, numbers, time.",
    "Point at a bar to read it; click it to see its pictures.",
)
