"""Bindables: all that keys can be given to, by menu: tools, commands, and the keys of the tool in hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from studio.commands import all_menus
from studio.keys import DRAWING
from studio.tools import TOOLS

WHILE_DRAWING = "While Drawing"
_DRAWING_KEYS = (
    ("finish", "Finish the Shape", ("Return", "Enter"), "End what is being drawn and keep it."),
    ("take_back", "Take Back a Vertex", ("Backspace",), "Take back the vertex or point placed last."),
    ("smaller", "Smaller Brush", ("[",), "Make brush and eraser a quarter smaller."),
    ("larger", "Larger Brush", ("]",), "Make brush and eraser a quarter larger."),
    ("much_smaller", "Half the Brush", ("{",), "Make brush and eraser half as large."),
    ("much_larger", "Twice the Brush", ("}",), "Make brush and eraser twice as large."),
    ("option", "Option of the Tool", ("O",), "Brush: paint over other shapes or not. Mask from box: mask or polygon."),
    ("other_class", "Take the Network's Class", ("Y",), "Mask from box: keep it as what the network takes it for."),
    ("visibility", "Hide the Next Keypoint", ("V",), "Say that the next keypoint is hidden by something."),
)


@dataclass(frozen=True, slots=True)
class Bindable:
    """Something that keys can be given to."""

    name: str
    """'edit.undo', 'tool.box', 'drawing.finish'."""
    title: str
    group: str
    """The menu that it is listed under."""
    keys: tuple[str, ...]
    """Its keys at first."""
    help: str
    situation: str
    """When its keys count, in words; '' for always."""


def bindables() -> list[Bindable]:
    """All of them, menu by menu."""
    found = [
        Bindable(f"tool.{name}", tool.title, "Tools", tool.keys, f"Take the tool {tool.title}.", "")
        for name, tool in TOOLS
    ]
    found += [
        Bindable(DRAWING + name, title, WHILE_DRAWING, keys, words, "Something is being drawn.")
        for name, title, keys, words in _DRAWING_KEYS
    ]
    for menu, commands in all_menus():
        found += [
            Bindable(each.name, each.title.rstrip("…"), menu.title, each.keys, each.help, _words(each.when))
            for each in commands
        ]
    return found


def default_keys() -> dict[str, tuple[str, ...]]:
    """The keys at first, by name."""
    return {each.name: each.keys for each in bindables()}


def _words(condition: Callable[..., bool]) -> str:
    """When a command can be asked for: the first line of its condition's docstring."""
    return (condition.__doc__ or "").strip().split("\n")[0]
