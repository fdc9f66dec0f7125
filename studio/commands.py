"""SEAM: a command is a function in studio/actions with `@command` on it; menus, palette and shortcuts come from them.

A command gets the `Studio` it acts on and returns an Edit to be done, or None when it has done something else (moved to
another image, opened a dialog, started a job).
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from engine.project.edits import Edit

if TYPE_CHECKING:
    from studio.surroundings import Studio

CommandFunction: TypeAlias = "Callable[[Studio], Edit | None]"
Condition: TypeAlias = "Callable[[Studio], bool]"


@dataclass(frozen=True, slots=True)
class Command:
    """What a user can ask for."""

    name: str
    """'menu.action', as 'edit.undo'; the menu is the module's name in studio/actions."""
    title: str
    keys: tuple[str, ...]
    """Shortcuts as Qt writes them ('Ctrl+Z'); the first is shown."""
    when: Condition
    """Whether it can be asked for now."""
    run: CommandFunction
    help: str
    """The function's docstring: one sentence for the palette and the cheat sheet."""


def command(
    name: str, title: str, keys: tuple[str, ...] = (), when: Condition = lambda _: True
) -> Callable[[CommandFunction], Command]:
    """Make a function in studio/actions a command; its docstring is the command's help."""

    def make(function: CommandFunction) -> Command:
        return Command(name, title, keys, when, function, (function.__doc__ or "").strip())

    return make


def all_commands(package: str = "studio.actions") -> Iterator[Command]:
    """Every command of a package's modules, in the order they are written."""
    folder = importlib.import_module(package)
    for module in pkgutil.iter_modules(folder.__path__):
        found = vars(importlib.import_module(f"{package}.{module.name}")).values()
        yield from (value for value in found if isinstance(value, Command))
