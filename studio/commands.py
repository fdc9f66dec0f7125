"""SEAM: a command is a function in studio/actions with `@command` on it; menus, palette and shortcuts come from them.

A command gets the `Studio` it acts on and returns an Edit to be done, or None when it has done something else (moved to
another image, opened a dialog, started a job). A module of studio/actions is a menu: its `MENU` says which.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from engine.errors import UserError
from engine.project.edits import Edit

if TYPE_CHECKING:
    from studio.surroundings import Studio

CommandFunction: TypeAlias = "Callable[[Studio], Edit | None]"
Condition: TypeAlias = "Callable[[Studio], bool]"


@dataclass(frozen=True, slots=True)
class Look:
    """How a command is shown."""

    icon: str = ""
    """Name of an SVG file in resources/icons, without the suffix."""
    section: str = ""
    """A line is drawn in the menu where it differs from the command before."""
    submenu: str = ""
    """The title of the menu within the menu that it stands in."""
    in_toolbar: bool = False
    is_on: Condition | None = None
    """For what is on or off: whether it is on now."""
    in_menu: bool = True
    """Otherwise it is found by its keys and in the palette."""


@dataclass(frozen=True, slots=True)
class Command:
    """What a user can ask for."""

    name: str
    """'menu.action', as 'edit.undo'; the menu is the module's name in studio/actions."""
    title: str
    keys: tuple[str, ...]
    """Shortcuts as Qt writes them ('Ctrl+Z'); the first is shown."""
    when: Condition
    """Whether it can be asked for now; asked often, so it looks at the session alone and never at the file."""
    run: CommandFunction
    help: str
    """The function's docstring: one sentence for the palette and the cheat sheet."""
    look: Look = Look()


@dataclass(frozen=True, slots=True)
class Menu:
    """A menu of the window, filled with its module's commands in the order they are written."""

    title: str
    position: int


def command(
    name: str, title: str, keys: tuple[str, ...] = (), when: Condition = lambda _: True, look: Look = Look()
) -> Callable[[CommandFunction], Command]:
    """Make a function in studio/actions a command; its docstring is the command's help."""

    def make(function: CommandFunction) -> Command:
        return Command(name, title, keys, when, function, (function.__doc__ or "").strip(), look)

    return make


def all_menus(package: str = "studio.actions") -> list[tuple[Menu, list[Command]]]:
    """Every menu with its commands, from left to right; modules whose menus have one title fill one menu."""
    folder = importlib.import_module(package)
    found: list[tuple[Menu, list[Command]]] = []
    for info in pkgutil.iter_modules(folder.__path__):
        if info.name.startswith("_"):
            continue
        module = importlib.import_module(f"{package}.{info.name}")
        if not isinstance(module.MENU, Menu):
            raise TypeError(f"{module.__name__}.MENU is no Menu")
        found.append((module.MENU, list(_commands(vars(module).values()))))
    by_title: dict[str, tuple[Menu, list[Command]]] = {}
    for menu, commands in sorted(found, key=lambda pair: pair[0].position):
        by_title.setdefault(menu.title, (menu, []))[1].extend(commands)
    return list(by_title.values())


def all_commands(package: str = "studio.actions") -> Iterator[Command]:
    """Every command, menu by menu."""
    return (each for _, commands in all_menus(package) for each in commands)


def named(*names: str) -> list[Command]:
    """The commands with these names, in this order; raises KeyError for one that is not there."""
    by_name = _by_name()
    return [by_name[name] for name in names]


@cache
def _by_name() -> Mapping[str, Command]:
    """Asked for by every button that is shown; the folder of commands is read once."""
    return {each.name: each for each in all_commands()}


def _commands(values: Iterable[object]) -> Iterator[Command]:
    """The commands among a module's values, also those that stand together in a tuple."""
    for value in values:
        if isinstance(value, Command):
            yield value
        elif isinstance(value, tuple) and value and all(isinstance(each, Command) for each in value):
            yield from value


def perform(studio: Studio, wanted: Command) -> None:
    """Do what a user asked for, if it can be asked for now; a fault of the world's is told."""
    if not wanted.when(studio):
        return
    try:
        edit = wanted.run(studio)
    except UserError as error:
        studio.ask.tell(error)
    else:
        if edit is not None:
            studio.session.do(edit)
