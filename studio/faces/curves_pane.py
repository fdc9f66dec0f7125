"""How well: the embedders of the project side by side, judged by the gallery's own faces; and how rare a distance is.

What is asked for takes a moment, so the embedders are judged one after another on a thread, only while the
view is in sight.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from engine.gallery import Gallery, people_distances
from engine.project.gallery import GallerySettings
from engine.project.records import EmbedderRecord
from engine.project.store import Change
from studio.charts.plot import Trail
from studio.charts.ruled import RuledPlot
from studio.charts.table import Table
from studio.faces import judging_words as words
from studio.faces.decision_words import RULE_TITLES, number
from studio.faces.embedders import Embedders
from studio.faces.judging import Judged, judged, sizes_of
from studio.faces.model import FacesModel
from studio.faces.saving import ChartSaver
from studio.faces.spread_chart import NO_SPREAD, Spread, SpreadChart
from studio.inspector.segments import Segments
from studio.surroundings import Studio
from studio.theme import GAP
from studio.widgets import role

NOTHING = (
    "Nothing to judge yet: two people with a vector are needed, and one of them with two faces.\n"
    "Enrol people, and choose an embedder on Identify or train one."
)
NOBODY_HAS_MORE = "Nobody has more faces than that: there is none to try."
NO_FACE = "Choose a face anywhere on this page to see how rare its distance is."
_FEW: tuple[tuple[int | None, str, str], ...] = (
    (None, "All faces", "Every face is compared with all others of everybody"),
    (5, "Five faces", "As if five faces of everybody were enrolled: the others are tried"),
    (1, "One face", "As if one face of everybody were enrolled: from one picture a good distance shows most"),
)
_MS_LATER = 200


class CurvesPane(QScrollArea):
    """A table of figures, the curves behind them, and the distances of one embedder."""

    def __init__(self, studio: Studio, model: FacesModel) -> None:
        """Of the model's gallery; nothing is judged before it is seen."""
        super().__init__()
        self._studio, self._model = studio, model
        self._embedders = Embedders(studio, self)
        self.judged: dict[int, Judged] = {}
        """By embedder, in their order."""
        self.n_templates: int | None = None
        """As if so many of everybody's faces were enrolled; None: all."""
        self.chosen_id: int | None = None
        """The embedder whose distances are shown; None: the one in use."""
        self._waiting: list[int] = []
        self._judged_for: tuple[Gallery, GallerySettings, tuple[EmbedderRecord, ...]] | None = None
        self._is_due = True
        self._trails: dict[str, list[Trail]] = {}
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_MS_LATER)
        self._later.timeout.connect(self._begin)
        theme = studio.theme
        self.head, self.nothing, self.face = (role(QLabel(), "faint") for _ in range(3))
        for label in (self.head, self.nothing, self.face):
            label.setWordWrap(True)
        self.few = Segments([title for _, title, _ in _FEW], [tip for *_, tip in _FEW])
        self.table = Table("How well people are recognised", theme, "Embedder")
        self.roc = RuledPlot("ROC", theme, words.ROC_AXES, partial(self._told, "roc"))
        self.det = RuledPlot("DET", theme, words.DET_AXES, partial(self._told, "det"))
        self.ranks = RuledPlot("Right person by rank", theme, words.rank_axes(2), partial(self._told, "ranks"))
        self._sizes = sizes_of(1)
        size_axes = words.size_axes(self._sizes)
        self.sizes = RuledPlot("At other sizes of the gallery", theme, size_axes, partial(self._told, "sizes"))
        self.spread = SpreadChart("Distances", theme)
        self._lay_out()
        ChartSaver(studio, model, self, self._charts)
        self.few.chosen.connect(self._enrol_few)
        self.table.cell_picked.connect(self._choose)
        model.changed.connect(self._on_model)
        model.selection_changed.connect(self._show_face)
        self._embedders.changed.connect(self._on_model)
        studio.session.project_opened.connect(self._forget)
        studio.session.changed.connect(self._on_change)
        theme.changed.connect(self._show)
        self._show()

    @property
    def shown(self) -> Judged | None:
        """The embedder whose distances are shown."""
        used = self._model.settings.embedder_id
        found = (self.judged.get(each) for each in (self.chosen_id, used) if each is not None)
        return next((each for each in found if each is not None), next(iter(self.judged.values()), None))

    @property
    def is_settled(self) -> bool:
        """Whether all is judged."""
        return not (self._waiting or self._is_due or self._later.isActive())

    def showEvent(self, event: QShowEvent) -> None:
        """Judge what is to be judged."""
        super().showEvent(event)
        if self._is_due:
            self._later.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Leave the rest for when it is seen again."""
        super().hideEvent(event)
        self._is_due = self._is_due or bool(self._waiting)
        self._waiting = []

    def _lay_out(self) -> None:
        inside = QWidget()
        grid = QGridLayout()
        grid.setSpacing(GAP)
        for n, plot in enumerate((self.roc, self.det, self.ranks, self.sizes)):
            grid.addWidget(plot, n // 2, n % 2)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for widget in (self.few, self.head, self.nothing, self.table):
            column.addWidget(widget)
        column.addLayout(grid)
        column.addWidget(self.spread)
        column.addWidget(self.face)
        column.addStretch(1)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("How well people are recognised")
        self.setFocusProxy(self.table)

    def _charts(self) -> Mapping[str, QWidget]:
        """By what their files are called."""
        return {
            "roc": self.roc, "det": self.det, "ranks": self.ranks, "sizes": self.sizes,
            "distances": self.spread, "figures": self.table,
        }  # fmt: skip

    def _forget(self) -> None:
        """What was judged is of another project."""
        self.judged, self._waiting, self.chosen_id = {}, [], None
        self._show()
        self._judge_later()

    def _enrol_few(self, number: int) -> None:
        self.n_templates, self.judged = _FEW[number][0], {}
        self._judge_later()

    def _on_change(self, change: Change) -> None:
        if change.templates or change.gallery or change.identities:
            self._judge_later()

    def _on_model(self) -> None:
        """The threshold in force may be another, or there is another embedder."""
        wanted = self._model.gallery, self._model.settings, self._embedders.records
        if self._judged_for is None or any(a is not b for a, b in zip(wanted, self._judged_for, strict=True)):
            self._judged_for = wanted
            self._judge_later()

    def _judge_later(self) -> None:
        self._is_due = True
        if self.isVisible():
            self._later.start()

    def _begin(self) -> None:
        """Judge all embedders anew, the one in use first."""
        if not self.isVisible():
            return
        self._is_due = False
        used = self._model.settings.embedder_id
        ids = [each.id for each in self._embedders.records]
        self._waiting = sorted(ids, key=lambda each: each != used)
        self.judged = {each: self.judged[each] for each in ids if each in self.judged}
        self._next()

    def _next(self) -> None:
        if self._waiting:
            embedder_id, n = self._waiting[0], self.n_templates
            self._model.think(
                "how well", lambda project: judged(project, embedder_id, n), partial(self._take, embedder_id, n)
            )
        else:
            self._show()

    def _take(self, embedder_id: int, n_templates: int | None, found: Judged | None) -> None:
        if not self._waiting or self._waiting[0] != embedder_id or n_templates != self.n_templates:
            return
        del self._waiting[0]
        self.judged.pop(embedder_id, None)
        if found is not None:
            self.judged[embedder_id] = found
            self.judged = dict(sorted(self.judged.items()))
        self._show()
        self._next()

    def _choose(self, row: int, _: int) -> None:
        self.chosen_id = list(self.judged)[row]
        self._show_spread()

    def _show(self) -> None:
        every = list(self.judged.values())
        for widget in (self.head, self.table, self.roc, self.det, self.ranks, self.sizes, self.spread, self.face):
            widget.setVisible(bool(every))
        self.nothing.setText(NOTHING if self.n_templates is None else NOBODY_HAS_MORE)
        self.nothing.setVisible(not every)
        self.few.setVisible(bool(every) or self.n_templates is not None)
        if every:
            self._show_figures(every)
            self._show_curves(every)
            self._show_spread()

    def _show_figures(self, every: list[Judged]) -> None:
        titles = [self._title(each.record.id) for each in every]
        self.head.setText(words.head_words(every, titles, RULE_TITLES[every[0].rule]))
        lines = [
            words.line_of(each, title, words.colour_of(n))
            for n, (each, title) in enumerate(zip(every, titles, strict=True))
        ]
        self.table.show_lines(words.HEADINGS, lines)

    def _show_curves(self, every: list[Judged]) -> None:
        named = [(each, self._title(each.record.id), words.colour_of(n)) for n, each in enumerate(every)]
        self._sizes = sizes_of(max(each.n_people for each in every))
        floor, top = words.rank_floor(every), words.size_top(every, self._sizes)
        self._trails = {
            "roc": [words.roc_trail(*each) for each in named],
            "det": [words.det_trail(*each) for each in named],
            "ranks": [words.rank_trail(*each, floor) for each in named],
            "sizes": [words.size_trail(*each, self._sizes, top) for each in named],
        }
        bands = [band for each, _, colour in named if (band := words.roc_band(each, colour)) is not None]
        self.roc.show_ruled(words.ROC_AXES, self._trails["roc"], bands)
        self.det.show_ruled(words.DET_AXES, self._trails["det"])
        n_ranks = max(len(each.x) for each in self._trails["ranks"])
        self.ranks.show_ruled(words.rank_axes(n_ranks, floor), self._trails["ranks"])
        around = [words.size_band(each, colour, self._sizes, top) for each, _, colour in named]
        self.sizes.show_ruled(words.size_axes(self._sizes, top), self._trails["sizes"], around)

    def _show_spread(self) -> None:
        found = self.shown
        if found is None:
            self.spread.show_spread(NO_SPREAD, math.nan)
            return
        trials = found.trials
        self.spread.title = f"Distances by {self._title(found.record.id)}"
        note = "" if len(self.judged) < 2 else "click a row above for another embedder"
        distance = self._distance(found)
        marked = math.nan if distance is None else distance
        self.spread.show_spread(Spread(trials.genuine, trials.impostor), found.threshold, marked, note)
        self._say_face(found, distance)

    def _show_face(self) -> None:
        if self.judged and self.isVisible():
            self._show_spread()

    def _say_face(self, found: Judged, distance: float | None) -> None:
        self.roc.show_mark(None if distance is None else float(words.far_place(found.curve.at(distance)[0])))
        if distance is None:
            self.face.setText("\n".join((*found.words, NO_FACE)))
            return
        rarity = words.rarity_words(found, distance)
        self.face.setText("\n".join((*found.words, f"The chosen face is {number(distance)} away: {rarity}")))

    def _distance(self, found: Judged) -> float | None:
        """How far the only face that is chosen is from its person, or an unknown one from the nearest."""
        if len(self._model.selection) != 1:
            return None
        (template_id,) = self._model.selection
        own = found.distance_of(template_id)
        vectors = self._model.vectors
        rows = np.flatnonzero(vectors.template_ids == template_id)
        if own is not None or not len(rows) or found.record.id != self._model.settings.embedder_id:
            return own
        enrolled = self._model.gallery
        others = enrolled.part(enrolled.template_ids != template_id)
        apart = people_distances(others, vectors.vectors[rows], found.rule)[1]
        return float(apart.min()) if apart.size else None

    def _told(self, plot: str, line: int, at: int) -> str:
        found = list(self.judged.values())[line]
        title = self._title(found.record.id)
        if plot == "roc":
            return words.roc_words(found, title, at)
        if plot == "det":
            return words.det_words(title, self._trails["det"][line], at)
        if plot == "ranks":
            return words.rank_words(found, title, at)
        return words.size_words(found, title, int(self._sizes[at]))

    def _title(self, embedder_id: int) -> str:
        return self._embedders.title(embedder_id)
