"""Searches at hand: the common ones, those that the user has saved, those of late, and examples to learn from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtWidgets import QMenu

from engine.errors import UserError
from engine.project.query_language import QueryError, parse, quoted
from studio.settings import Settings

COMMON: tuple[tuple[tuple[str, str], ...], ...] = (
    (("All pictures", ""),),
    (("Training", "split:train"), ("Validation", "split:val"), ("Test", "split:test"), ("In no split", "split:none")),
    (
        ("New", "state:new"), ("In progress", "state:in_progress"), ("Not done", "-state:done"), ("Done", "state:done"),
        ("Needs review", "state:needs_review"),
    ),
    (
        ("Nothing drawn yet", "objects=0"), ("With suggestions", "has:suggestions"),
        ("With disagreement", "has:disagreement"), ("With conflicts", "has:conflict"),
    ),
)  # fmt: skip
"""Titles and searches, in sections."""
EXAMPLES: tuple[tuple[str, str], ...] = (
    ("class:{}", "has one"),
    ("class:{}>3", "has more than three"),
    ("objects>10 width>=1000", "many objects, and a wide picture"),
    ("size:..32", "has an object smaller than 32 x 32 pixels"),
    ("split:train -state:done", "in a split, and not done"),
    ("tag:night OR tag:rain", "either tag"),
    ("has:suggestions", "a model has suggested something"),
    ("has:disagreement", "a model or a person sees it otherwise"),
    ('name:IMG "two words"', "in the name, in the name or a tag"),
    ("text:blurred", "in the text of an attribute"),
)
"""Searches and what they find; {} is a class of the project."""
MAX_RECENT = 8
_MAX_NAME = 40


class Presets:
    """The user's saved and recent searches, and a menu of all there are."""

    def __init__(self, settings: Settings) -> None:
        """Kept in the user's settings, for every project alike."""
        self._settings = settings

    @property
    def saved(self) -> dict[str, str]:
        """The searches that the user has saved, by their names, the oldest first."""
        return self._settings.searches

    def name_of(self, text: str) -> str | None:
        """What a search is called, by the program or by the user; None where it has no name."""
        text = text.strip()
        return title_of(text) or next((name for name, saved in self.saved.items() if saved == text), None)

    @property
    def recent(self) -> list[str]:
        """The searches of late, the newest first."""
        return self._settings.words_of("recent searches")

    def remember(self, text: str) -> None:
        """Put a search at the head of the recent ones, unless it is a common one, or none at all."""
        text = text.strip()
        if self.name_of(text) is None and _is_query(text):
            rest = [other for other in self.recent if other != text]
            self._settings.keep_words("recent searches", [text, *rest][:MAX_RECENT])

    def save(self, name: str, text: str) -> str:
        """Keep a search for good, in place of one that has the name; returns the name as it was taken.

        Raises UserError where the name is empty or that of a search of the program, or the search cannot be read.
        """
        name, text = " ".join(name.split())[:_MAX_NAME], text.strip()
        if not name:
            raise UserError("The search needs a name.")
        if name in (title for section in COMMON for title, _ in section):
            raise UserError(f"{name} is a search of the program.", "Choose another name.")
        parse(text)
        rest = {other: kept for other, kept in self.saved.items() if other != name and kept != text}
        self._settings.searches = {**rest, name: text}
        return name

    def forget(self, name: str) -> None:
        """Keep a saved search no longer."""
        self._settings.searches = {other: text for other, text in self.saved.items() if other != name}


def title_of(text: str) -> str | None:
    """What a search is called; None where it is the user's own."""
    return next((title for section in COMMON for title, query in section if query == text.strip()), None)


def _is_query(text: str) -> bool:
    try:
        parse(text)
    except QueryError:
        return False
    return True


def examples(class_name: str | None) -> list[tuple[str, str]]:
    """Examples with a class that there is."""
    return [(text.format(quoted(class_name or "cell")), meaning) for text, meaning in EXAMPLES]


@dataclass(frozen=True, slots=True)
class Choices:
    """What the menu does with what is chosen in it."""

    take: Callable[[str], object]
    """Hears the search to find."""
    save: Callable[[], object]
    """The search as it is shall be saved under a name."""
    forget: Callable[[str], object]
    """Hears the name of the saved search that is to be removed."""


def fill(menu: QMenu, presets: Presets, now: str, class_name: str | None, choices: Choices) -> None:
    """Fill the menu anew: common searches, the user's own, examples."""
    menu.clear()
    for inner in menu.findChildren(QMenu):  # which clearing leaves where they are
        inner.setParent(None)
        inner.deleteLater()
    now, take = now.strip(), choices.take
    for section in COMMON:
        for title, text in section:
            _add(menu, title, text, text == now, take)
        menu.addSeparator()
    for name, text in presets.saved.items():
        _add(menu, name, text, text == now, take)
    if title_of(now) is None and _is_query(now):
        menu.addAction("Save This Search As…", choices.save)
    if presets.saved:
        removing = menu.addMenu("Remove")
        for name in presets.saved:
            removing.addAction(name.replace("&", "&&"), partial(choices.forget, name))
    menu.addSeparator()
    if presets.recent:
        recent = menu.addMenu("Recent")
        for text in presets.recent:
            _add(recent, text, text, False, take)
    shown = menu.addMenu("Examples")
    for text, meaning in examples(class_name):
        _add(shown, f"{text}\t{meaning}", text, False, take)


def _add(menu: QMenu, title: str, text: str, is_on: bool, take: Callable[[str], object]) -> None:
    action = menu.addAction(title.replace("&", "&&"), partial(take, text))
    action.setToolTip(text)
    action.setCheckable(is_on)
    action.setChecked(is_on)
