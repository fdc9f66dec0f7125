"""Holding: what the canvas shows of an image now: the last reading, and on top what was asked for and is not yet read.

An edit takes a commit (10 to 20 ms) and a reading to come back. Until then the canvas shows what it will come to, so
that nothing flickers and the next gesture starts from where the last one ended. The store stays the truth: every
reading replaces all, and only edits that it could not have seen are laid over it again.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.geometry.bounds_index import BoundsIndex
from engine.geometry.picking import PickIndex
from engine.geometry.shapes import Bounds
from engine.project.edits import (
    AddAnnotations,
    ChangeAnnotations,
    DecideDetections,
    Edit,
    RemoveAnnotations,
    Together,
)
from engine.project.records import Annotation, ClassRecord, Detection
from studio.canvas.contents import MANY, Contents, Item, Key, indexed, item_of
from studio.canvas.strips import KnownStrips

_MAX_FORESEEN = 256
"""An edit that adds or changes more is shown when it is read: indexing so much again would hold up the window."""
_PROVISIONAL = 1 << 60
"""Keys from here on are of annotations that are being added; they are painted, and cannot be picked."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Where an image looks different than before."""

    areas: tuple[Bounds, ...] = ()
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class Views:
    """What can be picked, as tools see it. Another value with every change, so that a gesture keeps the one it has."""

    annotations: Mapping[int, Annotation] = field(default_factory=dict)
    """By id."""
    detections: Mapping[int, Detection] = field(default_factory=dict)
    """The open suggestions by id."""
    bounds: Mapping[Key, Bounds] = field(default_factory=dict)

    def changed(self, put: Iterable[Item], dropped: Iterable[Key]) -> Views:
        """With these items and without those. Copies of three mappings: quick also for many thousands."""
        annotations, detections, bounds = dict(self.annotations), dict(self.detections), dict(self.bounds)
        for key in dropped:
            bounds.pop(key, None)
            annotations.pop(key, None)
            detections.pop(-key, None)
        for item in put:
            if item.key < _PROVISIONAL:
                bounds[item.key] = item.bounds
                if isinstance(item.source, Annotation):
                    annotations[item.source.id] = item.source
                else:
                    detections[item.source.id] = item.source
        return Views(annotations, detections, bounds)


@dataclass(frozen=True, slots=True)
class _PutBack:
    """Items that were left out are there again."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """An edit that was asked for, with the items that it left out."""

    edit: Edit
    dropped: tuple[Item, ...]


class Holding:
    """The items of one image, found by key, place or pointer."""

    def __init__(self) -> None:
        """Hold nothing."""
        self.items: dict[Key, Item] = {}
        self.classes: Mapping[int, ClassRecord] = {}
        self.bounds = BoundsIndex({})
        self.picks = PickIndex({})
        self.views = Views()
        self.strips = KnownStrips()
        self._pending: list[tuple[int, Edit | _PutBack]] = []
        self._done: list[_Asked] = []
        self._undone: list[_Asked] = []
        self._provisional = itertools.count(_PROVISIONAL)

    @property
    def is_expecting(self) -> bool:
        """Whether an edit is shown that no reading has shown yet."""
        return bool(self._pending)

    @property
    def is_behind(self) -> bool:
        """Whether an edit of so much is under way that the items are shown as they were before it."""
        return any(_is_beyond(edit) for _, edit in self._pending)

    def take(self, contents: Contents, as_of: int) -> Difference:
        """Show a reading that was asked for when the first `as_of` acts of the session were settled."""
        self._pending = [(ticket, edit) for ticket, edit in self._pending if ticket > as_of]
        if any(_n_left_out(edit) > MANY for _, edit in self._pending):
            return Difference()  # another reading follows that knows of it; to take this one back would cost too much
        is_other = self.classes != contents.classes
        self.classes = contents.classes
        changed = [key for key, item in contents.items.items() if self.items.get(key) is not item]
        gone = self.items.keys() - contents.items.keys()
        areas = self._areas(gone) + self._areas(changed)
        self.items = dict(contents.items)
        if len(changed) + len(gone) > MANY:
            indexes = contents.indexes or indexed(contents.items)
            self.bounds, self.picks = indexes.bounds, indexes.picks
        else:
            self._unindex(tuple(gone))
            self._index([self.items[key] for key in changed])
        self.views = self.views.changed([contents.items[key] for key in changed], gone)
        areas = areas + self._areas(changed) + [area for _, edit in self._pending for area in self._foresee(edit)]
        return Difference(tuple(areas), is_other or len(areas) > 4 * MANY)

    def expect(self, edit: Edit, ticket: int) -> Difference:
        """Show what an edit, the act number `ticket` of the session, will come to."""
        dropped = edit.ids if isinstance(edit, RemoveAnnotations) else ()
        self._undone.clear()
        self._done.append(_Asked(edit, tuple(self.items[key] for key in dropped if key in self.items)))
        return self._foreseen(edit, ticket)

    def expect_undo(self, title: str | None, ticket: int) -> Difference:
        """Show what undoing the edit called so, or whichever is the last, will come to, where that is known here."""
        asked = _taken(self._done, title)
        if asked is None:
            return Difference()
        self._undone.append(asked)
        return self._foreseen(_PutBack(asked.dropped), ticket) if asked.dropped else Difference()

    def expect_redo(self, title: str | None, ticket: int) -> Difference:
        """Show what doing it again will come to, where that is known here."""
        asked = _taken(self._undone, title)
        if asked is None:
            return Difference()
        self._done.append(asked)
        return self._foreseen(asked.edit, ticket) if asked.dropped else Difference()

    def _foreseen(self, edit: Edit | _PutBack, ticket: int) -> Difference:
        self._pending.append((ticket, edit))
        return Difference(tuple(self._foresee(edit)))

    def _foresee(self, edit: Edit | _PutBack) -> list[Bounds]:
        """Change the items as the edit will; returns where. Edits of other kinds are seen when they are read."""
        if _is_beyond(edit):
            return []
        match edit:
            case AddAnnotations(added):
                return self._put(replace(item_of(each), key=next(self._provisional)) for each in added)
            case ChangeAnnotations(changed):
                return self._put(item_of(each) for each in changed if each.id in self.items)
            case RemoveAnnotations(ids):
                return self._drop(ids)
            case _PutBack(items):
                return self._put(items)
            case DecideDetections(ids, state) if state != "suggested":
                return self._drop([-id_ for id_ in ids])
            case Together(_, edits):
                return [area for each in edits for area in self._foresee(each)]
            case _:
                return []

    def _put(self, items: Iterable[Item]) -> list[Bounds]:
        put = list(items)
        areas = [*self._areas(item.key for item in put), *(item.bounds for item in put)]
        self.items.update((item.key, item) for item in put)
        self._index(put)
        self.views = self.views.changed(put, ())
        return areas

    def _drop(self, keys: Iterable[Key]) -> list[Bounds]:
        present = [key for key in keys if key in self.items]
        areas = self._areas(present)
        self._unindex(present)
        for key in present:
            del self.items[key]
        self.views = self.views.changed((), present)
        return areas

    def _index(self, items: Sequence[Item]) -> None:
        self.bounds.put_all({item.key: item.bounds for item in items})
        self.picks.put_all({item.key: item.source.shape for item in items if item.key < _PROVISIONAL})

    def _unindex(self, keys: Sequence[Key]) -> None:
        self.bounds.drop_all(keys)
        self.picks.drop_all([key for key in keys if key < _PROVISIONAL])

    def _areas(self, keys: Iterable[Key]) -> list[Bounds]:
        return [self.items[key].bounds for key in keys if key in self.items]


def _taken(stack: list[_Asked], title: str | None) -> _Asked | None:
    """The newest of a stack, if it is called so; where it is not, other edits lie between, and nothing is known."""
    if stack and title not in (None, stack[-1].edit.title):
        stack.clear()
    return stack.pop() if stack else None


def _n_left_out(edit: Edit | _PutBack) -> int:
    """How many items an edit leaves out, or brings back."""
    match edit:
        case _PutBack(items):
            return len(items)
        case RemoveAnnotations(ids):
            return len(ids)
        case _:
            return 0


def _is_beyond(edit: Edit | _PutBack) -> bool:
    """Whether an edit is too large to be shown before it is read: leaving items out is quick however many they are."""
    return len(_put_by(edit)) > _MAX_FORESEEN


def _put_by(edit: Edit | _PutBack) -> Sequence[Annotation]:
    """What an edit adds or changes, as far as that can be foreseen."""
    match edit:
        case AddAnnotations(annotations) | ChangeAnnotations(annotations):
            return annotations
        case Together(_, edits):
            return [annotation for each in edits for annotation in _put_by(each)]
        case _:
            return ()
