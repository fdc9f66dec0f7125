"""Searches at hand: the common ones, those that the user has saved, those of late, and examples to learn from."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QMenu

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


class Presets:
    """The user's saved and recent searches, and a menu of all there are."""

    def __init__(self, settings: Settings) -> None:
        """Kept in the user's settings, for every project alike."""
        self._settings = settings

    @property
    def saved(self) -> list[str]:
        """The searches that the user has saved, the oldest first."""
        return self._settings.words_of("saved searches")

    @property
    def recent(self) -> list[str]:
        """The searches of late, the newest first."""
        return self._settings.words_of("recent searches")

    def remember(self, text: str) -> None:
        """Put a search at the head of the recent ones, unless it is a common one, or none at all."""
        text = text.strip()
        if title_of(text) is None and _is_query(text):
            rest = [other for other in self.recent if other != text]
            self._settings.keep_words("recent searches", [text, *rest][:MAX_RECENT])

    def save(self, text: str) -> None:
        """Keep a search for good."""
        self._settings.keep_words("saved searches", [*self.saved, text.strip()])

    def forget(self, text: str) -> None:
        """Keep it no longer."""
        self._settings.keep_words("saved searches", [other for other in self.saved if other != text.strip()])


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


def fill(menu: QMenu, presets: Presets, now: str, class_name: str | None, take: Callable[[str], object]) -> None:
    """Fill the menu anew: common searches, the user's own, examples; `take` hears the one that is chosen."""
    menu.clear()
    now = now.strip()
    for section in COMMON:
        for title, text in section:
            _add(menu, title, text, text == now, take)
        menu.addSeparator()
    for text in presets.saved:
        _add(menu, text, text, text == now, take)
    if now in presets.saved:
        menu.addAction("Forget This Search", partial(presets.forget, now))
    elif title_of(now) is None:
        menu.addAction("Save This Search", partial(presets.save, now))
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
    action.setCheckable(is_on)
    action.setChecked(is_on)
