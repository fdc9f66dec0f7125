"""Beside a selection: what each cut dropped, the path of what is picked, and the player of its suppression."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPixmap, QShowEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem

from engine.tracing.selecting import KEPT
from studio.inspector.controls import Column
from studio.inspector.funnel import funnel, n_candidates
from studio.inspector.path_list import PathList
from studio.inspector.selection_layer import MOST_SHOWN, Mode, SelectionLayer
from studio.inspector.step_player import StepPlayer
from studio.surroundings import Studio

_MODES: tuple[tuple[Mode, str], ...] = (
    ("result", "What is left"),
    ("cuts", "Candidates and cuts"),
    ("steps", "NMS step by step"),
)


class SelectionSide(Column):
    """Chooses what is shown of a selection, and tells of it."""

    def __init__(self, studio: Studio, layer: SelectionLayer) -> None:
        """As the layer has it."""
        super().__init__()
        self._layer = layer
        modes = [words for mode, words in _MODES if mode != "steps" or layer.steps is not None]
        self.mode = self.add_choice("Shown", modes, lambda at: self._choose(_MODES[at][0]))
        self.player = StepPlayer(studio, layer)
        self.add(self.player)
        self.path = PathList(studio.inspection)
        self.hint = self.add_words()
        self.add(self.path)
        self.funnel = QListWidget()
        self.funnel.setAccessibleName("What each cut dropped")
        self.funnel.setIconSize(QSize(10, 10))
        self.funnel.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.funnel.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.funnel.itemClicked.connect(self._choose_cut)
        self.add(self.funnel)
        most = min(MOST_SHOWN, len(layer.selected))
        self._slider_row = Column()
        self.n_shown = self._slider_row.add_slider(
            "Surest", most, lambda n: layer.choose(n_shown=n), min(layer.n_shown, most)
        )
        self.add(self._slider_row)
        self.end()
        layer.selected_changed.connect(self._show_funnel)
        layer.path_changed.connect(self._show_path)
        layer.changed.connect(self._show_mode)
        self._show_funnel()
        self._show_mode()
        self._show_path()

    def _choose(self, mode: Mode) -> None:
        self._layer.choose(mode=mode)
        if mode == "steps":
            self.player.setFocus()

    def _choose_cut(self, item: QListWidgetItem) -> None:
        cuts: list[int | None] = [None, *range(len(self._layer.selected.rules)), KEPT]
        self._layer.choose_cut(cuts[self.funnel.row(item)])

    def _show_funnel(self) -> None:
        selected = self._layer.selected
        self.funnel.clear()
        self.funnel.addItem(f"{n_candidates(selected):,} candidates")
        for at, each in enumerate(funnel(selected)):
            item = QListWidgetItem(f"{each.words}: −{each.n_dropped:,} → {each.n_left:,}")
            item.setIcon(_dot(self._layer.colour_of_cut(at)))
            if at == 0 and selected.n_uncounted:
                item.setToolTip("What the first threshold drops is counted, and not drawn.")
            self.funnel.addItem(item)
        item = QListWidgetItem(f"{len(selected.kept):,} left")
        item.setIcon(_dot(self._layer.colour_of_cut(KEPT)))
        self.funnel.addItem(item)
        self._fit_funnel()

    def showEvent(self, event: QShowEvent) -> None:
        """Rows are as high as the style has them, once it is known."""
        super().showEvent(event)
        self._fit_funnel()

    def _fit_funnel(self) -> None:
        heights = sum(max(20, self.funnel.sizeHintForRow(at)) for at in range(self.funnel.count()))
        self.funnel.setFixedHeight(heights + 2 * self.funnel.frameWidth() + 12)

    def _show_mode(self) -> None:
        mode = self._layer.mode
        at = [each for each, _ in _MODES].index(mode)
        if self.mode.currentIndex() != at:
            self.mode.blockSignals(True)
            self.mode.setCurrentIndex(at)
            self.mode.blockSignals(False)
        self._slider_row.setVisible(mode == "cuts")
        self.funnel.setVisible(mode != "steps")
        self.player.setVisible(mode == "steps")
        self.path.setVisible(mode != "steps" and bool(self.path.rows))
        self.hint.setVisible(mode != "steps")

    def _show_path(self) -> None:
        layer = self._layer
        found = layer.path
        head = None if found is None or found.result is None else found.region or found.guess
        names = layer.trace.origin.class_names
        name = names[head.class_index] if head is not None and head.class_index < len(names) else "proposal"
        self.path.show_path(found, name)
        self.hint.setText(
            "Click a box to see how it came about."
            if found is None
            else "How it came about; a click leads to the stage:"
        )
        self.path.setVisible(layer.mode != "steps" and found is not None)


def _dot(colour: QColor) -> QIcon:
    pixmap = QPixmap(10, 10)
    pixmap.fill(colour)
    return QIcon(pixmap)
