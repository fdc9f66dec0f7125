"""The window: docks, menus and the status bar around the canvas. It lays out and passes on, and decides nothing."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QPushButton,
    QStackedWidget,
    QTabWidget,
    QToolBar,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from studio.ahead import Part, Parts
from studio.canvas.view import Canvas
from studio.commands import named, perform
from studio.dock import Dock
from studio.menus import Menus, submenu
from studio.pages import PAGES, in_order
from studio.panels import PANELS
from studio.searching.command_menu import SELECTION_COMMANDS, command_menu
from studio.searching.field import QueryField
from studio.status import StatusBar
from studio.surroundings import Studio
from studio.switcher import Switcher
from studio.theme import GAP

_AREAS = {
    "left": Qt.DockWidgetArea.LeftDockWidgetArea,
    "right": Qt.DockWidgetArea.RightDockWidgetArea,
    "bottom": Qt.DockWidgetArea.BottomDockWidgetArea,
}
_LAYOUT_VERSION = 2


class Window(QMainWindow):
    """The one window of the studio."""

    dropped = Signal(list)
    """Paths of files and folders that were dropped."""
    closing = Signal()

    def __init__(self) -> None:
        """An empty window."""
        super().__init__()
        self.setWindowTitle("Boxwright")
        self.setMinimumWidth(800)  # its height is what panels in sight need, or they would lie over each other
        self.resize(1280, 800)
        self.setDockNestingEnabled(True)
        self.setAcceptDrops(True)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.docks: dict[str, Dock] = {}
        self._aside: list[Dock] = []
        """Docks that a wide page takes the room of."""
        self._titles_soon = QTimer(self, singleShot=True, interval=0)
        self._titles_soon.timeout.connect(self._show_titles)

    def furnish(self, studio: Studio, canvas: Canvas, welcome: QWidget) -> None:
        """Put everything in its place and follow the session."""
        self._studio = studio
        self._canvas = canvas
        self._banner = Banner(studio)
        self._centre = QStackedWidget()
        self._centre.addWidget(welcome)
        self.pages = Pages(studio)
        self._centre.addWidget(_column(self._banner, self.pages))
        self.setCentralWidget(self._centre)
        self.menus = Menus(self, studio)
        self._add_switcher(studio)
        self.status = StatusBar(studio, canvas, self)
        self.setStatusBar(self.status)
        self.status.jobs_wanted.connect(lambda: self.raise_dock("jobs"))
        self._add_docks(studio)
        canvas.menu_wanted.connect(lambda at: command_menu(studio, SELECTION_COMMANDS, canvas).popup(at))
        studio.session.panel_wanted.connect(self.raise_dock)
        studio.session.page_changed.connect(self._make_room)
        studio.session.project_opened.connect(self._on_open)
        studio.session.writable_changed.connect(self._on_writable)
        studio.session.listing.search_wanted.connect(self._on_search_wanted)
        self._restore_layout()
        self._on_open()

    def _add_switcher(self, studio: Studio) -> None:
        bar = QToolBar("Pages", self)
        bar.setObjectName("pages")
        bar.setMovable(False)
        bar.addWidget(Switcher(studio))
        self.addToolBar(Qt.ToolBarArea.TopToolBarArea, bar)

    def ahead(self) -> Iterator[None]:
        """Make the panels that are seen at first, and the pages."""
        for dock in self._in_front:
            dock.make()
            yield
        yield from self.pages.ahead()

    def raise_dock(self, name: str) -> None:
        """Bring a dock into sight."""
        self.docks[name].show()
        self.docks[name].raise_()

    def _add_docks(self, studio: Studio) -> None:
        panels = sorted(PANELS, key=lambda pair: pair[1].position)
        for name, panel in panels:
            dock = Dock(name, panel, partial(panel.widget, studio), self)
            self.docks[name] = dock
            self.addDockWidget(_AREAS[panel.side], dock)
            dock.visibilityChanged.connect(self._titles_soon.start)
            dock.dockLocationChanged.connect(self._titles_soon.start)
            dock.topLevelChanged.connect(self._titles_soon.start)
        self._in_front = [dock for dock in self.docks.values() if dock.panel.is_shown]
        for side in ("left", "bottom"):
            tabs = [self.docks[name] for name, panel in panels if panel.side == side]
            self._in_front = [dock for dock in self._in_front if dock not in tabs[1:]]
            for first, second in pairwise(tabs):
                self.tabifyDockWidget(first, second)
            if tabs:
                tabs[0].raise_()
        self._set_sizes()
        panels_menu = submenu(self.menus.by_title["View"], "Panels")
        for dock in self.docks.values():
            panels_menu.addAction(dock.toggleViewAction())

    def _show_titles(self) -> None:
        """A dock says what it is where no tab says it."""
        for dock in self.docks.values():
            beside = [each for each in self.tabifiedDockWidgets(dock) if not each.isHidden()]
            dock.show_title(not beside or dock.isFloating())

    def _set_sizes(self) -> None:
        left = [dock for dock in self.docks.values() if self.dockWidgetArea(dock) == _AREAS["left"]]
        right = [dock for dock in self.docks.values() if self.dockWidgetArea(dock) == _AREAS["right"]]
        bottom = [dock for dock in self.docks.values() if self.dockWidgetArea(dock) == _AREAS["bottom"]]
        self.resizeDocks(left, [232] * len(left), Qt.Orientation.Horizontal)
        self.resizeDocks(right, [248] * len(right), Qt.Orientation.Horizontal)
        self.resizeDocks(right[:2], [180, 320][: len(right)], Qt.Orientation.Vertical)
        self.resizeDocks(bottom, [200] * len(bottom), Qt.Orientation.Vertical)

    def _on_open(self) -> None:
        project = self._studio.session.project
        self.setWindowTitle(f"{project.path.stem} – Boxwright" if project else "Boxwright")
        self.setWindowFilePath(str(project.path) if project else "")
        self._centre.setCurrentIndex(1 if project else 0)
        self._show_rooms(project is not None)
        (self._canvas if project else self._centre).setFocus()
        self._on_writable()

    def _on_search_wanted(self) -> None:
        """The page's query box where it has one, or else the image list's."""
        found = self.pages.made[self._studio.session.page].findChild(QueryField)
        if found is None:
            self.raise_dock("images")
            found = self.docks["images"].findChild(QueryField)
        if found is not None:
            found.setFocus(Qt.FocusReason.ShortcutFocusReason)
            found.selectAll()

    def _on_writable(self) -> None:
        session = self._studio.session
        self._banner.setVisible(session.project is not None and not session.can_write)

    def _restore_layout(self) -> None:
        for dock in self.docks.values():
            dock.setVisible(dock.panel.is_shown)
        self._first_layout = self.saveState(_LAYOUT_VERSION)
        settings = self._studio.settings
        if not settings.bytes_of("geometry").isEmpty():
            self.restoreGeometry(settings.bytes_of("geometry"))
        self._layout = settings.bytes_of("docks")
        self._is_furnished = False
        self._clear_rooms()

    def _show_rooms(self, shown: bool) -> None:
        """Docks and toolbars are there while a project is open; the welcome page stands alone."""
        if shown == self._is_furnished:
            return
        self._is_furnished = shown
        if not shown:
            self._put_back()
            self._layout = self.saveState(_LAYOUT_VERSION)
            self._clear_rooms()
        elif self._layout.isEmpty():
            self.reset_layout()
        else:
            self.restoreState(self._layout, _LAYOUT_VERSION)

    def _make_room(self) -> None:
        """A wide page has the room of the docks at the right; they come back when it is left."""
        is_wide = PAGES.get(self._studio.session.page).is_wide
        if not is_wide:
            self._put_back()
        elif not self._aside:
            at_right = [dock for dock in self.docks.values() if self.dockWidgetArea(dock) == _AREAS["right"]]
            self._aside = [dock for dock in at_right if not (dock.isHidden() or dock.isFloating())]
            for dock in self._aside:
                dock.hide()

    def _put_back(self) -> None:
        aside, self._aside = self._aside, []
        for dock in aside:
            dock.show()

    def _clear_rooms(self) -> None:
        for part in (*self.docks.values(), *self.findChildren(QToolBar)):
            part.hide()

    def arrangement(self) -> QByteArray:
        """Which panels are seen, and where, while no page takes their room."""
        is_aside = bool(self._aside)
        self._put_back()
        found = self.saveState(_LAYOUT_VERSION)
        if is_aside:
            self._make_room()
        return found

    def arrange(self, arrangement: QByteArray) -> bool:
        """Put panels and toolbars so; False where that cannot be read."""
        self._aside = []
        return self.restoreState(arrangement, _LAYOUT_VERSION)

    def show_docks(self, names: tuple[str, ...]) -> None:
        """Show these panels and no others, the first of them in front."""
        self._aside = []
        for name, dock in self.docks.items():
            dock.setVisible(name in names)
        self._set_sizes()
        for name in reversed(names):
            self.raise_dock(name)

    def reset_layout(self) -> None:
        """Put everything as it is at first."""
        self._aside = []
        self.restoreState(self._first_layout, _LAYOUT_VERSION)
        self._set_sizes()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Everything is saved already: keep the layout and go."""
        self._studio.settings.keep_bytes("geometry", self.saveGeometry())
        self._put_back()
        if self._is_furnished:
            self._layout = self.saveState(_LAYOUT_VERSION)
        self._studio.settings.keep_bytes("docks", self._layout)
        self.hide()
        self.closing.emit()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files and folders may be dropped."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Pass on what was dropped, once the drag is over."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        if paths:
            self.dropped.emit(paths)


class Pages(Parts):
    """The page that the session says; the canvas is there from the start."""

    def __init__(self, studio: Studio) -> None:
        """Begin with the canvas."""
        super().__init__({name: Part(partial(page.widget, studio)) for name, page in in_order()})
        self._session = studio.session
        self.show_part(in_order()[0][0])
        studio.session.page_changed.connect(self._show)

    def _show(self) -> None:
        self.show_part(self._session.page).setFocus()


class Banner(QFrame):
    """Says that the project is open read-only, and what to do about it."""

    def __init__(self, studio: Studio) -> None:
        """A banner that is hidden at first."""
        super().__init__()
        self.setProperty("role", "banner")
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * GAP, GAP // 2, GAP, GAP // 2)
        row.addWidget(QLabel("Read-only: look at everything, change nothing."), 1)
        button = QPushButton("Save a Copy…")
        button.clicked.connect(lambda: perform(studio, named("file.save_copy")[0]))
        row.addWidget(button)
        self.hide()


def _column(banner: QWidget, pages: QWidget) -> QWidget:
    middle = QWidget()
    column = QVBoxLayout(middle)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(banner)
    column.addWidget(pages, 1)
    return middle
