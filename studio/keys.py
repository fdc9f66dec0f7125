"""Keys: which keys are in force, by the name of what they ask for; kept for the user, and changed at any time.

Three layers, each over the one before: the defaults of commands and tools, the profile, and the user's own changes.
What a layer gives away is taken from whoever had it in the layers below, so that a key asks for one thing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence

from engine.errors import UserError
from studio.profiles import OWN, PROFILES, Given
from studio.settings import Settings, keys_in

DRAWING = "drawing."
"""Names that begin so are keys of the tool in hand: they ask for nothing else while something is drawn."""
_KIND = "boxwright keys"
_SHORT = 14
_IN_HINTS: Mapping[str, str] = MappingProxyType(
    {
        "Enter": "finish",
        "Backspace": "take_back",
        "[": "smaller",
        "]": "larger",
        "O": "option",
        "V": "visibility",
        "Y": "other_class",
    }
)
"""The words by which tools tell of drawing keys."""
_HINTED = re.compile(r"\b(?:Enter|Backspace)\b|[\[\]](?=\s)|\b[OVY](?=:)")


class Keys(QObject):
    """The keys in force. Menus, tooltips, palette and cheat sheet ask here and listen to `changed`."""

    changed = Signal()
    """Other keys are in force."""

    def __init__(self, defaults: Given, settings: Settings, parent: QObject | None = None) -> None:
        """Begin with the user's profile and changes."""
        super().__init__(parent)
        self._defaults = {name: normal(keys) for name, keys in defaults.items()}
        self._settings = settings
        self._profile = settings.key_profile if settings.key_profile in PROFILES else OWN
        self._changes = self._known(settings.key_changes(self._profile))
        self._work_out()

    @property
    def profile(self) -> str:
        """The name of the profile in use."""
        return self._profile

    @property
    def names(self) -> Iterable[str]:
        """All that can have keys."""
        return self._defaults.keys()

    def of(self, name: str) -> tuple[str, ...]:
        """The keys of a command, tool or drawing key, as Qt writes them; the first is shown."""
        return self._in_force.get(name, ())

    def shown(self, name: str) -> str:
        """The keys in the words of the system: the first, and the second where both are short."""
        words = [native(key) for key in self.of(name)[:2]]
        return ", ".join(words) if sum(map(len, words)) <= _SHORT else words[0]

    def tip(self, name: str, title: str) -> str:
        """A title with its keys, for a tooltip."""
        words = ", ".join(native(key) for key in self.of(name))
        return f"{title.rstrip('…')}  ({words})" if words else title.rstrip("…")

    def is_changed(self, name: str) -> bool:
        """Whether the user has given it other keys than the profile has."""
        return name in self._changes

    def holders(self, key: str) -> list[str]:
        """The names of all that a key asks for."""
        return [name for name, keys in self._in_force.items() if key in keys]

    def rivals(self, name: str, key: str) -> list[str]:
        """What else a key asks for in the same situation, so that it would ask for neither."""
        return [other for other in self.holders(key) if other != name and is_drawing(other) == is_drawing(name)]

    def drawn(self, pressed: str) -> str:
        """The key that tools know a pressed key by; '' where it was one of theirs and is so no more."""
        return self._drawn.get(pressed, pressed)

    def reworded(self, hint: str) -> str:
        """A tool's hint with the drawing keys in force, where they are others than it tells of."""

        def word(found: re.Match[str]) -> str:
            name = DRAWING + _IN_HINTS[found[0]]
            return self.shown(name) or "–" if self._in_force[name] != self._defaults[name] else found[0]

        return _HINTED.sub(word, hint)

    def give(self, name: str, keys: Iterable[str]) -> None:
        """Give something these keys, whoever has them as well."""
        self._change({**self._changes, name: normal(keys)})

    def take_over(self, name: str, key: str) -> None:
        """Give something a key more, and take it from its rivals."""
        changes = {**self._changes, name: (*self.of(name), key)}
        for other in self.rivals(name, key):
            changes[other] = tuple(each for each in self.of(other) if each != key)
        self._change(changes)

    def reset(self, name: str) -> None:
        """Give something the keys of the profile again."""
        self._change({other: keys for other, keys in self._changes.items() if other != name})

    def reset_all(self) -> None:
        """Give everything the keys of the profile again."""
        self._change({})

    def use_profile(self, profile: str) -> None:
        """Take another profile, with the changes that the user has made to it."""
        self._profile = self._settings.key_profile = profile
        self._changes = self._known(self._settings.key_changes(profile))
        self._work_out()
        self.changed.emit()

    def save(self, path: Path) -> None:
        """Write profile and changes to a small file; raises UserError where it cannot be written."""
        kept = {
            "kind": _KIND,
            "profile": self._profile,
            "keys": {name: [*keys] for name, keys in self._changes.items()},
        }
        try:
            path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        except OSError as error:
            raise UserError(f"{path.name} cannot be written: {error.strerror}.") from error

    def load(self, path: Path) -> None:
        """Take profile and changes from such a file; raises UserError and changes nothing where it is none."""
        profile, changes = _read(path)
        self._settings.key_profile = profile
        self._settings.keep_key_changes(profile, self._known(changes))
        self.use_profile(profile)

    def _change(self, changes: Given) -> None:
        self._changes = self._known(changes)
        self._settings.keep_key_changes(self._profile, self._changes)
        self._work_out()
        self.changed.emit()

    def _known(self, changes: Given) -> dict[str, tuple[str, ...]]:
        return {name: normal(keys) for name, keys in changes.items() if name in self._defaults}

    def _work_out(self) -> None:
        found = dict(self._defaults)
        for layer in (PROFILES[self._profile].keys, self._changes):
            found = layered(found, self._known(layer))
        self._in_force = found
        defaults = {key: name for name, keys in self._defaults.items() if is_drawing(name) for key in keys}
        now = {key: self._defaults[name][0] for name in self._defaults if is_drawing(name) for key in found[name]}
        self._drawn = {key: now.get(key, "") for key in (*defaults, *now)}


def is_drawing(name: str) -> bool:
    """Whether it is a key of the tool in hand."""
    return name.startswith(DRAWING)


def layered(below: Given, over: Given) -> dict[str, tuple[str, ...]]:
    """The keys below with others laid over them; who is not spoken of loses what was given to another."""
    given = {(is_drawing(name), key) for name, keys in over.items() for key in keys}
    return {
        name: over[name] if name in over else tuple(key for key in keys if (is_drawing(name), key) not in given)
        for name, keys in below.items()
    }


def normal(keys: Iterable[str]) -> tuple[str, ...]:
    """Keys as Qt writes them, each once; what is no key is left out."""
    written = (QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText) for key in keys)
    return tuple(dict.fromkeys(key for key in written if key))


def native(key: str) -> str:
    """A key in the words of the system; keys to be pressed one after the other joined by 'then'."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText).replace(", ", " then ")


def _read(path: Path) -> tuple[str, Mapping[str, tuple[str, ...]]]:
    refusal = UserError(f"{path.name} holds no keys.", "Choose a file that was written by Export in the Keys dialog.")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise refusal from error
    if not isinstance(found, dict) or found.get("kind") != _KIND or found.get("profile") not in PROFILES:
        raise refusal
    return str(found["profile"]), keys_in(found.get("keys"))
