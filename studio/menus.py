"""Menus, toolbars and shortcuts, made from commands and canvas tools; and whose a key is while someone types."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QLineEdit,
    QMainWindow,
    QMenu,
    QPlainTextEdit,
    QToolBar,
    QToolButton,
    QWidget,
)  # fmt: skip

from studio.commands import Command, all_menus, perform
from studio.surroundings import Studio
from studio.tools import TOOLS

_MODIFIERS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
TOOL_ORDER = (
    "select",
    "box",
    "rotated_box",
    "extreme_points",
    "polygon",
    "brush",
    "eraser",
    "wand",
    "scissors",
    "mask_from_box",
    "grabcut",
)


class Menus(QObject):
    """Every command as an action of the window, in step with the session."""

    def __init__(self, window: QMainWindow, studio: Studio) -> None:
        """Fill the window's menu bar and toolbars."""
        super().__init__(window)
        self._studio = studio
        self._window = window
        self.by_title: dict[str, QMenu] = {}
        self.by_name: dict[str, QAction] = {}
        self._actions: list[tuple[Command, QAction]] = []
        self._tools: dict[str, QAction] = {}
        self._fill()
        self._add_tools()
        session = studio.session
        for signal in (
            session.project_opened, session.image_changed, session.selection_changed, session.run_changed,
            session.training_changed, session.history_changed, session.class_changed, session.writable_changed,
            session.hiding_changed, session.page_changed, session.listing.changed,
        ):  # fmt: skip
            signal.connect(self.refresh)
        session.tool_changed.connect(self._show_tool)
        studio.jobs.listed.connect(self.refresh)
        studio.jobs.ended.connect(self.refresh)
        studio.queue.asked.connect(self.refresh)
        studio.faces.changed.connect(self.refresh)
        studio.theme.changed.connect(self.refresh)
        studio.keys.changed.connect(self._give_keys)
        self._give_keys()
        self.refresh()

    def action(self, name: str) -> QAction:
        """The action of a command, by its name; raises KeyError where there is none."""
        return self.by_name[name]

    def refresh(self, *_: object) -> None:
        """Enable what can be asked for now, and say what undo and redo would do."""
        for command, action in self._actions:
            action.setEnabled(command.when(self._studio))
            if command.look.is_on is not None:
                action.setChecked(command.look.is_on(self._studio))
            if command.name in ("edit.undo", "edit.redo"):
                session = self._studio.session
                entry = session.next_undo if command.name == "edit.undo" else session.next_redo
                action.setText(f"{command.title} {entry.title}" if entry else command.title)
        session = self._studio.session
        for name, action in self._tools.items():
            is_usable = session.can_write or (name == "select" and session.project is not None)
            action.setEnabled(is_usable and session.is_on_canvas)

    def _give_keys(self) -> None:
        """Give every action the keys in force, and say them in its tooltip."""
        keys = self._studio.keys
        titles = [(command.name, command.title, action) for command, action in self._actions]
        titles += [(f"tool.{name}", action.text(), action) for name, action in self._tools.items()]
        for name, title, action in titles:
            action.setShortcuts([QKeySequence(key) for key in keys.of(name)])
            action.setToolTip(keys.tip(name, title))

    def _fill(self) -> None:
        bar = QToolBar("Commands", self._window)
        bar.setObjectName("commands")
        bar.setMovable(False)
        bar.setIconSize(QSize(20, 20))
        for menu, commands in all_menus():
            self.by_title[menu.title] = shown = self._window.menuBar().addMenu(menu.title)
            self._fill_menu(shown, commands)
            chosen = [action for command, action in self._actions if command in commands and command.look.in_toolbar]
            if chosen and bar.actions():
                bar.addSeparator()
            bar.addActions(chosen)
            for action in chosen:
                if action.objectName() == "train.fine_tune":
                    _show_words(bar.widgetForAction(action))
        self._window.addToolBar(Qt.ToolBarArea.TopToolBarArea, bar)

    def _fill_menu(self, shown: QMenu, commands: list[Command]) -> None:
        for n, command in enumerate(commands):
            action = self._action(command)
            if not command.look.in_menu:
                continue
            if n and command.look.section != commands[n - 1].look.section:
                shown.addSeparator()
            (submenu(shown, command.look.submenu) if command.look.submenu else shown).addAction(action)

    def _action(self, command: Command) -> QAction:
        action = QAction(command.title, self._window)
        action.setObjectName(command.name)
        action.setStatusTip(command.help)
        action.setCheckable(command.look.is_on is not None)
        if command.look.icon:
            action.setIcon(self._studio.theme.icon(command.look.icon))
        action.triggered.connect(partial(self._perform, command))
        self._window.addAction(action)
        self._actions.append((command, action))
        self.by_name[command.name] = action
        return action

    def _perform(self, command: Command, _: bool = False) -> None:
        perform(self._studio, command)
        self.refresh()

    def _add_tools(self) -> None:
        bar = QToolBar("Tools", self._window)
        bar.setObjectName("tools")
        bar.setMovable(False)
        bar.setIconSize(QSize(22, 22))
        bar.setOrientation(Qt.Orientation.Vertical)
        group = QActionGroup(self)
        for name, tool in sorted(TOOLS, key=lambda pair: (_place(pair[0]), pair[0])):
            action = QAction(self._studio.theme.icon(tool.icon), tool.title, self._window)
            action.setObjectName(f"tool.{name}")
            action.setCheckable(True)
            action.triggered.connect(partial(self._take_tool, name))
            group.addAction(action)
            bar.addAction(action)
            self._tools[name] = action
        self._window.addToolBar(Qt.ToolBarArea.LeftToolBarArea, bar)
        self._show_tool()

    def _take_tool(self, name: str, _: bool = False) -> None:
        if name == self._studio.session.tool:
            self._studio.view.cancel_gesture()
        self._studio.session.use_tool(name)

    def _show_tool(self) -> None:
        if self._studio.session.tool in self._tools:
            self._tools[self._studio.session.tool].setChecked(True)


def submenu(menu: QMenu, title: str) -> QMenu:
    """The menu with this title within a menu, made at its end where it is not there yet."""
    found = (inner for inner in menu.findChildren(QMenu) if inner.title() == title)
    return next(found, None) or menu.addMenu(title)


def _place(name: str) -> int:
    """Where a tool stands in the toolbar: those that are used most first, then the others by name."""
    return TOOL_ORDER.index(name) if name in TOOL_ORDER else len(TOOL_ORDER)


def _show_words(button: QWidget) -> None:
    """The one button that a newcomer looks for says what it does."""
    if isinstance(button, QToolButton):
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)


class TypingGuard(QObject):
    """Leaves single keys to whoever types: while a text field has the focus, D is a letter and no command."""

    def __init__(self, app: QApplication, parent: QObject) -> None:
        """Watch whichever text field has the focus."""
        super().__init__(parent)
        app.focusChanged.connect(self._follow)

    def eventFilter(self, _: QObject, event: QEvent) -> bool:
        """Accept the override, on which Qt sends the key to the field instead of to a shortcut."""
        is_plain = isinstance(event, QKeyEvent) and not event.modifiers() & _MODIFIERS
        if event.type() == QEvent.Type.ShortcutOverride and is_plain:
            event.accept()
            return True
        return False

    def _follow(self, old: QWidget | None, new: QWidget | None) -> None:
        if old is not None:
            old.removeEventFilter(self)
        if isinstance(new, (QLineEdit, QAbstractSpinBox, QPlainTextEdit)):
            new.installEventFilter(self)
