"""FaceGrid: faces as tiles under headings; chosen by pointer and keys, and so in all views of the workspace."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import chain

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    QSignalBlocker,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QContextMenuEvent, QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView

from engine.project.records import Template
from studio.faces.face_painting import FaceTile, TileLook, paint_face, tile_size
from studio.faces.face_words import line, n_of, tip
from studio.faces.model import FacesModel
from studio.faces.waiting import FaceSection
from studio.theme import GAP, Theme
from studio.tiles.cells import Cells
from studio.tiles.sections import Sections
from studio.tiles.view import TileView
from studio.widgets import ROOT, Index

SIDE = 88
HEADING = 34
_CHORD = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


class FaceRows(QAbstractListModel):
    """The faces of all sections, one row each."""

    def __init__(self, model: FacesModel) -> None:
        """None yet."""
        super().__init__()
        self._model = model
        self.ids: tuple[int, ...] = ()
        self.line_of: Callable[[Template], str] = lambda template: line(template, model.name(template.identity_id))
        """What is written under a face."""
        self.warnings: Mapping[int, Sequence[str]] = {}
        """What is odd about faces beside their flaws, by template id."""

    def show(self, ids: Sequence[int]) -> None:
        """Other faces, or other words for the same."""
        if tuple(ids) != self.ids:
            self.beginResetModel()
            self.ids = tuple(ids)
            self.endResetModel()
        elif ids:
            self.dataChanged.emit(self.index(0, 0), self.index(len(ids) - 1, 0))

    def rowCount(self, parent: Index = ROOT) -> int:
        """How many faces there are."""
        return 0 if parent.isValid() else len(self.ids)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Words for tips and screen readers."""
        if not 0 <= index.row() < len(self.ids):
            return None
        template = self._model.templates.get(self.ids[index.row()])
        if template is None:
            return None
        name = self._model.name(template.identity_id)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(template, name, self.warnings.get(template.id, ()))
        return line(template, name) if role in _WORDS else None

    def tile(self, row: int) -> FaceTile:
        """What is painted of a row."""
        template = self._model.templates.get(self.ids[row])
        if template is None:
            return FaceTile(None, "", "unknown")
        is_warned = bool(template.flaws) or template.id in self.warnings
        return FaceTile(self._model.crop(template.id), self.line_of(template), template.state, is_warned)


_WORDS = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)


class FaceGrid(TileView):
    """Faces under headings; a click on a heading chooses all below it. What is chosen is the model's selection."""

    typed = Signal(str)
    """A letter: a name begins."""
    menu_wanted = Signal(QPoint)
    """Somebody asks, at this point of the screen, what can be done to the chosen faces."""

    # Qt asks where the tiles are before `__init__` has set anything.
    sections: tuple[FaceSection, ...] = ()
    _places: tuple[tuple[object, ...], Sections] | None = None

    def __init__(self, theme: Theme, model: FacesModel) -> None:
        """Empty yet."""
        super().__init__(theme, SIDE)
        self._model = model
        self.rows = FaceRows(model)
        self._row_of: dict[int, int] = {}
        self._acts: dict[Qt.Key, Callable[[], object]] = {}
        self.setModel(self.rows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setAccessibleName("Faces")
        self.setMouseTracking(True)
        self.selectionModel().selectionChanged.connect(self._tell)
        model.selection_changed.connect(self._follow)
        model.crop_ready.connect(self._on_crop)
        self.side_wanted.connect(self.show_at)

    def act_on(self, key: Qt.Key, act: Callable[[], object]) -> None:
        """Do this when a key is pressed here without Ctrl or Alt."""
        self._acts[key] = act

    def show_sections(
        self, sections: Sequence[FaceSection], warnings: Mapping[int, Sequence[str]] | None = None
    ) -> None:
        """Show these; what is chosen stays so, and the keys go on from where they were."""
        row = self.currentIndex().row()
        current = self.rows.ids[row] if 0 <= row < len(self.rows.ids) else None
        self.sections = tuple(sections)
        ids = [template_id for section in sections for template_id in section.ids]
        self._row_of = {template_id: at for at, template_id in enumerate(ids)}
        self.rows.warnings = warnings or {}
        was_at = self.verticalOffset()
        self.rows.show(ids)
        self.updateGeometries()
        self.verticalScrollBar().setValue(was_at)
        self._follow()
        if ids and row >= 0:
            now = self._row_of.get(current, min(row, len(ids) - 1)) if current is not None else 0
            self.selectionModel().setCurrentIndex(self._index(now), QItemSelectionModel.SelectionFlag.NoUpdate)
        self.viewport().update()

    def tile_size(self) -> QSize:
        """Of a crop and a line under it."""
        return tile_size(self.side, QFontMetrics(self.font()))

    @property
    def cells(self) -> Cells | Sections:
        """Where the tiles are."""
        size = self.tile_size()
        counts = tuple(len(section.ids) for section in self.sections)
        key = (counts, self.viewport().width(), size.width(), size.height())
        if self._places is None or self._places[0] != key:
            cells = Cells(0, self.viewport().width(), (size.width(), size.height()), GAP)
            self._places = key, Sections.of(counts, cells, HEADING)
        return self._places[1]

    def paint_tile(self, painter: QPainter, rect: QRect, row: int) -> None:
        """A face."""
        is_current = row == self.currentIndex().row() and self.hasFocus()
        look = TileLook(self.side, self._theme.tones, self.is_chosen(row), is_current)
        paint_face(painter, rect, self.rows.tile(row), look)

    def paint_more(self, painter: QPainter, area: QRect) -> None:
        """The headings."""
        cells, offset, tones = self.cells, self.verticalOffset(), self._theme.tones
        if not isinstance(cells, Sections):
            return
        usual, bold = painter.font(), QFont(painter.font())
        bold.setWeight(QFont.Weight.DemiBold)
        for section, top in cells.headings(area.top() + offset, area.bottom() + 1 + offset):
            place = QRect(2 * GAP, top - offset + 4, cells.width - 4 * GAP, HEADING - 4)
            shown = self.sections[section]
            painter.setFont(bold)
            painter.setPen(QColor(tones.text))
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, shown.title)
            place.setLeft(place.left() + QFontMetrics(bold).horizontalAdvance(shown.title) + GAP)
            painter.setFont(usual)
            painter.setPen(QColor(tones.faint))
            note = f"{n_of(len(shown.ids), 'face')}{'  ·  ' + shown.note if shown.note else ''}"
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, note)

    def section_of_current(self) -> FaceSection | None:
        """The section that the keys are in."""
        row, cells = self.currentIndex().row(), self.cells
        return self.sections[cells.section_of(row)] if row >= 0 and isinstance(cells, Sections) else None

    def choose_section(self, section: FaceSection, *, more: bool = False) -> None:
        """Choose all faces of a section, beside the others or in place of them."""
        at = self._row_of[section.ids[0]]
        self.selectionModel().setCurrentIndex(self._index(at), QItemSelectionModel.SelectionFlag.NoUpdate)
        chosen = frozenset(section.ids)
        self._model.select(self._model.selection ^ chosen if more and chosen <= self._model.selection else
                           self._model.selection | chosen if more else chosen)  # fmt: skip

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A heading chooses its faces."""
        section = self._heading_at(event.position().toPoint())
        if section is not None and event.button() == Qt.MouseButton.LeftButton:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self.choose_section(section, more=bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """A heading can be clicked."""
        super().mouseMoveEvent(event)
        is_on_heading = self._heading_at(event.position().toPoint()) is not None
        shape = Qt.CursorShape.PointingHandCursor if is_on_heading else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)

    def event(self, event: QEvent) -> bool:
        """Keep the keys that do something here from being commands of the window."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._act_of(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do what a key is for; arrows and letters are as in any list."""
        act = self._act_of(event)
        if act is not None:
            act()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for a menu."""
        if self._model.selection:
            self.menu_wanted.emit(event.globalPos())

    def _act_of(self, event: QKeyEvent) -> Callable[[], object] | None:
        if event.modifiers() & _CHORD:
            return None
        letter = event.text()
        if self._model.selection and letter.isprintable() and letter.strip():
            return lambda: self.typed.emit(letter)
        return self._acts.get(Qt.Key(event.key()))

    def _heading_at(self, point: QPoint) -> FaceSection | None:
        cells = self.cells
        if not isinstance(cells, Sections):
            return None
        section = cells.heading_at(point.y() + self.verticalOffset())
        return self.sections[section] if section >= 0 else None

    def _tell(self) -> None:
        """What is chosen here is chosen; faces that are not shown here are not."""
        self._model.select([self.rows.ids[row] for row in self._chosen_rows()])

    def _follow(self) -> None:
        """Choose what was chosen elsewhere."""
        selection = self.selectionModel()
        wanted = sorted(self._row_of[each] for each in self._model.selection if each in self._row_of)
        if wanted == sorted(self._chosen_rows()):
            return
        blocker = QSignalBlocker(selection)
        selection.select(_ranges(self, wanted), QItemSelectionModel.SelectionFlag.ClearAndSelect)
        del blocker
        self.viewport().update()

    def _chosen_rows(self) -> Iterator[int]:
        """By ranges: thousands may be chosen, and an index for each would take longer than a frame."""
        chosen = self.selectionModel().selection()
        ranges = (chosen.at(n) for n in range(chosen.count()))
        return chain.from_iterable(range(each.top(), each.bottom() + 1) for each in ranges)

    def _on_crop(self, template_id: int) -> None:
        row = self._row_of.get(template_id)
        if row is not None:
            self.viewport().update(self.visualRect(self._index(row)))


def _ranges(grid: FaceGrid, rows: Collection[int]) -> QItemSelection:
    """Rows as a selection of as few ranges as will do; they ascend."""
    selection, model = QItemSelection(), grid.model()
    first = last = -2
    for row in [*rows, -2]:
        if row == last + 1 and last >= 0:
            last = row
            continue
        if last >= 0:
            selection.select(model.index(first, 0, QModelIndex()), model.index(last, 0, QModelIndex()))
        first = last = row
    return selection
