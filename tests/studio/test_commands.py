"""Every command can be found, has words and keys of its own, and says so where it is listed."""

from collections import Counter
from itertools import chain

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication

from studio.commands import Command, all_commands, all_menus, named
from studio.theme import RESOURCES
from studio.tools import TOOLS

COMMANDS = list(all_commands())


@pytest.mark.parametrize("command", COMMANDS, ids=lambda each: each.name)
def test_a_command_has_a_title_a_sentence_and_an_icon_that_is_there(command: Command) -> None:
    assert command.title
    assert command.help.endswith(".")
    assert "\n" not in command.help
    assert not command.look.icon or (RESOURCES / "icons" / f"{command.look.icon}.svg").is_file()


@pytest.mark.parametrize("command", COMMANDS, ids=lambda each: each.name)
def test_a_command_says_in_words_when_it_can_be_asked_for(command: Command) -> None:
    always = {each.when for each in named("file.open", "help.keys")}
    words = command.when.__doc__ or ""
    assert command.when.__name__ == "<lambda>" or words.endswith(".")  # the Keys dialog shows them
    assert command.when.__name__ != "<lambda>" or command.when.__code__ in {each.__code__ for each in always}


def test_a_command_is_named_after_its_menus_file() -> None:
    for menu, commands in all_menus():
        assert commands, menu
        assert len({each.name.split(".")[0] for each in commands}) == 1
        assert commands[0].name.split(".")[0] == menu.title.lower()


def test_names_and_titles_are_unique() -> None:
    for values in ([each.name for each in COMMANDS], [each.title for each in COMMANDS]):
        assert [value for value, n in Counter(values).items() if n > 1] == []


def test_no_key_is_given_twice_to_commands_and_tools(qapp: QApplication) -> None:
    keys = [QKeySequence(key).toString() for key in chain(*(each.keys for each in COMMANDS))]
    keys += [QKeySequence(key).toString() for key in chain(*(tool.keys for _, tool in TOOLS))]
    assert "" not in keys
    assert [key for key, n in Counter(keys).items() if n > 1] == []


def test_the_keys_are_those_that_hands_know() -> None:
    expected = {
        "image.next": "D", "image.previous": "A", "view.hide": "H", "image.next_object": "Tab", "edit.undo": "Ctrl+Z",
        "annotate.search_class": "Q", "annotate.accept": "Return", "annotate.reject": "Backspace",
        "image.done": "Ctrl+Return", "view.fit": "F", "view.pixels": "Ctrl+0", "edit.redo": "Ctrl+Shift+Z",
        "edit.delete": "Del", "edit.copy": "Ctrl+C", "edit.paste": "Ctrl+V", "edit.duplicate": "Ctrl+D",
        "view.palette": "Ctrl+Shift+P", "annotate.class_9": "9",
    }  # fmt: skip
    assert {name: command.keys[0] for name, command in zip(expected, named(*expected), strict=True)} == expected
