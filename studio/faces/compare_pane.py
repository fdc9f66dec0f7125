"""Compare (1:1): two faces, and how far they are apart by every embedder, each with its own threshold and rates."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from engine.pictures import SUFFIXES
from studio.embedder_words import TIPS, TITLES
from studio.faces.comparing import Compared, Comparing
from studio.faces.decision_words import number, rarity
from studio.faces.face_place import FacePlace
from studio.faces.in_sight import InSight
from studio.faces.model import FacesModel
from studio.faces.saving import ChartSaver
from studio.faces.spread_chart import SpreadChart
from studio.faces.tower_picture import TowerPicture
from studio.finder_box import FinderBox
from studio.surroundings import Studio
from studio.theme import GAP
from studio.widgets import role, scrolling

NO_EMBEDDER = "No embedder yet: choose one on Identify or on the map. Each turns faces into what is compared."
NOT_TWO = "Put two faces here: drop or paste pictures, choose files, or take the two that are selected on the map."
UNKNOWN_LIMIT = "Two people have to be enrolled before a threshold can be worked out."


class ComparePane(QWidget):
    """Two places above; below a card for each embedder."""

    def __init__(self, studio: Studio, model: FacesModel) -> None:
        """No faces yet."""
        super().__init__()
        self._studio, self._model = studio, model
        self.comparing = Comparing(studio.session, model, studio.identifying.recognising, self)
        self.places = tuple(FacePlace(studio.theme, title) for title in ("First face", "Second face"))
        self.selected = QPushButton("Take selected faces")
        self.selected.setToolTip("Compare the two faces that are selected on Unknown or on the map")
        self.swap = QPushButton("Swap")
        self.finder = FinderBox(studio)
        self.head = QLabel()
        self.head.setWordWrap(True)
        font = QFont(self.head.font())
        font.setPointSizeF(1.2 * font.pointSizeF())
        self.head.setFont(font)
        self.cards: list[EmbedderCard] = []
        self._row = QHBoxLayout()
        self._lay_out()
        for n, place in enumerate(self.places):
            place.given.connect(partial(self.comparing.put_picture, n))
            place.file_given.connect(partial(self._open, n))
            place.wanted.connect(partial(self._choose, n))
            place.cleared.connect(partial(self.comparing.put, n, None))
        self.selected.clicked.connect(self._take_selected)
        model.comparing_wanted.connect(self._take_selected)
        self.swap.clicked.connect(self.comparing.swap)
        ChartSaver(studio, model, self, self._charts)
        self.comparing.changed.connect(self._show)
        self.comparing.outdated.connect(InSight(self, self.comparing.refresh).refresh)
        model.selection_changed.connect(self._show_buttons)
        self._show()

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(GAP)
        words.addStretch(1)
        words.addWidget(self.head)
        buttons = QHBoxLayout()
        buttons.addWidget(self.selected)
        buttons.addWidget(self.swap)
        buttons.addStretch(1)
        words.addLayout(buttons)
        words.addWidget(self.finder, 0, Qt.AlignmentFlag.AlignLeft)
        words.addStretch(1)
        top = QHBoxLayout()
        top.setSpacing(2 * GAP)
        for place in self.places:
            top.addWidget(place)
        top.addLayout(words, 1)
        inside = QWidget()
        inside.setLayout(self._row)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(GAP)
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP, GAP, GAP, GAP)
        column.setSpacing(GAP)
        column.addLayout(top)
        column.addWidget(scrolling(inside, is_sideways=True), 1)

    def _charts(self) -> Mapping[str, QWidget]:
        """Each embedder's card, by its name."""
        named = zip(self.comparing.all, self.cards, strict=False)
        return {each.record.name: card for each, card in named}

    def _open(self, place: int, path: Path) -> None:
        self.comparing.put_picture(place, path.name, path)

    def _choose(self, place: int) -> None:
        path = self._studio.ask.open_path("Face to compare", tuple(sorted(SUFFIXES)))
        if path is not None:
            self._open(place, path)

    def _take_selected(self) -> None:
        for place, template_id in enumerate(sorted(self._model.selection)[:2]):
            self.comparing.put_template(place, template_id)

    def _show_buttons(self) -> None:
        self.selected.setEnabled(bool(self._model.selection))
        self.swap.setEnabled(self.comparing.is_full)

    def _show(self) -> None:
        comparing = self.comparing
        for place, face in zip(self.places, comparing.places, strict=True):
            place.show_face(face.name if face is not None else "", face.png if face is not None else b"")
        if [card.embedder_id for card in self.cards] != [each.record.id for each in comparing.all]:
            self._make_cards()
        pictures = (self.places[0].picture, self.places[1].picture)
        for card, each in zip(self.cards, comparing.all, strict=True):
            card.show_compared(each, pictures, is_full=comparing.is_full)
        self.head.setText(self._words())
        self._show_buttons()

    def _words(self) -> str:
        if not self.comparing.all:
            return NO_EMBEDDER
        if not self.comparing.is_full:
            return NOT_TWO
        in_use = self._model.settings.embedder_id
        used = next((each for each in self.comparing.all if each.record.id == in_use), self.comparing.all[-1])
        title = TITLES.get(used.record.name, used.record.name)
        return f"{said(used)}, says {title}, by which this gallery decides." if used.is_same is not None else said(used)

    def _make_cards(self) -> None:
        while (item := self._row.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self.cards = [EmbedderCard(self._studio, each) for each in self.comparing.all]
        for card in self.cards:
            self._row.addWidget(card, 1, Qt.AlignmentFlag.AlignTop)


class EmbedderCard(QFrame):
    """The pair as one embedder sees it."""

    def __init__(self, studio: Studio, compared: Compared) -> None:
        """Of this embedder."""
        super().__init__()
        role(self, "card")
        self.embedder_id = compared.record.id
        name = compared.record.name
        self.verdict, self.words = QLabel(), role(QLabel(), "faint")
        self.picture = TowerPicture(studio.theme, name)
        self.spread = SpreadChart("Among the gallery's pairs", studio.theme)
        title = role(QLabel(TITLES.get(name, name)), "title")
        about = role(QLabel(TIPS.get(name, "")), "faint")
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP + 4, GAP, GAP + 4, GAP)
        column.setSpacing(GAP // 2)
        for label in (about, self.verdict, self.words):
            label.setWordWrap(True)
        for part in (title, about, self.picture, self.verdict, self.words, self.spread):
            column.addWidget(part)
        self.setMinimumWidth(250)

    def show_compared(self, compared: Compared, pictures: tuple[object, object], *, is_full: bool) -> None:
        """Show what it says of two faces."""
        distance, limit = compared.distance, compared.limit
        self.picture.show_pair(pictures, compared.vectors, distance)  # type: ignore[arg-type]
        threshold = math.nan if limit is None else limit.threshold
        self.spread.show_spread(compared.spread, threshold, math.nan if distance is None else distance)
        self.verdict.setText(said(compared) if is_full else "")
        lines = []
        if distance is not None:
            lines.append(rarity(distance, compared.spread.different, "pairs of different people"))
        if limit is None:
            lines.append(UNKNOWN_LIMIT)
        else:
            lines.append(f"At {number(limit.threshold)} it takes {limit.accepted} of different people for one.")
            if limit.found is not None:
                lines.append(f"It finds {limit.found} of the pairs of one person.")
            lines += limit.of_whom
        self.words.setText("\n".join(lines))


def said(compared: Compared) -> str:
    """Whether the two are one person, with the numbers that it follows from."""
    if compared.refusal:
        return compared.refusal
    distance, limit = compared.distance, compared.limit
    if distance is None:
        return "The embedder looks at the two faces…"
    if limit is None:
        return f"{number(distance)} apart"
    far = f"{number(distance)} apart, threshold {number(limit.threshold)}"
    return f"✓ The same person: {far}" if compared.is_same else f"✕ Not the same person: {far}"
