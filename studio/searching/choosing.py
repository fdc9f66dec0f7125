"""Choosing: the selection of a list or grid of pictures and the session's, kept in step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView

from studio.searching.rows import ImageRows
from studio.session import Session

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_MOVES = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End)


class Choosing(QObject):
    """Tells the session what is chosen in a view, and shows there what was chosen elsewhere.

    Enter and a double click open the picture on the canvas. The view's own keys are its own while it has the focus.
    """

    def __init__(self, session: Session, view: QAbstractItemView, rows: ImageRows) -> None:
        """Between a session and a view of its rows."""
        super().__init__(view)
        self._session = session
        self._view = view
        self._rows = rows
        self._is_showing = self._is_telling = False
        self._shown: frozenset[int] | None = None
        """What is chosen in the view as the session said it; None once the view differs."""
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._tell)
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        view.selectionModel().selectionChanged.connect(self._on_view)
        view.selectionModel().currentChanged.connect(self._on_view)
        view.doubleClicked.connect(lambda _: QTimer.singleShot(0, self, self._open))  # once the view has the click
        view.installEventFilter(self)
        session.image_changed.connect(self.show)
        session.listing.chosen_changed.connect(self.show)
        rows.modelReset.connect(self._on_reset)

    def show(self) -> None:
        """Show in the view what the session says."""
        if self._soon.isActive() or self._is_telling:
            return  # what was done in the view is told first
        row = self._rows.row_of(self._session.image_id)
        current = self._rows.index(row) if row >= 0 else self._rows.index(-1)
        self._is_showing = True
        if current != self._view.currentIndex():
            self._view.selectionModel().setCurrentIndex(current, QItemSelectionModel.SelectionFlag.NoUpdate)
        self._show_chosen()
        self._is_showing = False
        if row >= 0:
            self._view.scrollTo(current)

    def _show_chosen(self) -> None:
        chosen = self._session.listing.chosen
        if chosen and chosen is self._shown:
            return  # it may be 100,000, and the person goes from one to the next
        self._shown = chosen
        wanted = sorted(at for id_ in (chosen or {self._session.image_id}) if (at := self._rows.row_of(id_)) >= 0)
        if wanted != list(self._chosen_rows()):
            selection = self._selection(wanted)
            self._view.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def eventFilter(self, _: QObject, event: QEvent) -> bool:
        """Take Enter, and keep the view's keys from being commands of the window."""
        if not isinstance(event, QKeyEvent):
            return False
        is_plain = not event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        if event.type() == QEvent.Type.ShortcutOverride:
            is_all = event.modifiers() == Qt.KeyboardModifier.ControlModifier and event.key() == Qt.Key.Key_A
            if is_all or (is_plain and event.key() in (*_ENTER, *_MOVES)):
                event.accept()
                return True
        elif event.type() == QEvent.Type.KeyPress and event.key() in _ENTER and is_plain:
            self._open()
            return True
        return False

    def _open(self) -> None:
        self._tell()
        if self._view.currentIndex().isValid():
            self._session.open_image(self._rows.ids[self._view.currentIndex().row()])

    def _on_reset(self) -> None:
        """Other pictures are listed, and nothing is selected in the view any more."""
        self._shown = None
        self.show()

    def _on_view(self, *_: object) -> None:
        if not self._is_showing:
            self._shown = None
            self._soon.start()  # the current row and the selection change one after the other

    def _tell(self) -> None:
        """Tell the session what is chosen, and to look at what is current; then show what came of it."""
        self._soon.stop()
        ids, current = self._rows.ids, self._view.currentIndex()
        chosen = [ids[row] for row in self._chosen_rows()]
        self._is_telling = True
        self._session.listing.choose(chosen)
        self._shown = self._session.listing.chosen
        if current.isValid() and self._view.selectionModel().isSelected(current):
            self._session.go_to(ids[current.row()])
        elif chosen and self._session.image_id not in chosen:
            self._session.go_to(chosen[0])
        self._is_telling = False

    def _chosen_rows(self) -> Iterator[int]:
        """The selected rows, from top to bottom."""
        selection = self._view.selectionModel().selection()
        ranges = sorted((selection.at(n).top(), selection.at(n).bottom()) for n in range(selection.count()))
        n_rows = len(self._rows.ids)
        return (row for top, bottom in ranges for row in range(top, min(bottom + 1, n_rows)))

    def _selection(self, rows: Sequence[int]) -> QItemSelection:
        """As few ranges as there are runs of neighbours."""
        found, start = QItemSelection(), 0
        for at in range(1, len(rows) + 1):
            if at == len(rows) or rows[at] != rows[at - 1] + 1:
                found.select(self._rows.index(rows[start]), self._rows.index(rows[at - 1]))
                start = at
        return found
