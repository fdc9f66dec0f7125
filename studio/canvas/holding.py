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
from engine.geometry.overlap import OverlapIndex
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

_MAX_FORESEEN = 256
"""An edit of more is shown when it is read: indexing so much again would hold up the window."""
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


class Holding:
    """The items of one image, found by key, place or pointer."""

    def __init__(self) -> None:
        """Hold nothing."""
        self.items: dict[Key, Item] = {}
        self.classes: Mapping[int, ClassRecord] = {}
        self.suggestions = OverlapIndex({})
        self.bounds = BoundsIndex({})
        self.picks = PickIndex({})
        self.views = Views()
        self._pending: list[tuple[int, Edit]] = []
        self._provisional = itertools.count(_PROVISIONAL)

    @property
    def is_expecting(self) -> bool:
        """Whether an edit is shown that no reading has shown yet."""
        return bool(self._pending)

    @property
    def is_behind(self) -> bool:
        """Whether an edit of so much is under way that the items are shown as they were before it."""
        return any(len(_touched(edit)) > _MAX_FORESEEN for _, edit in self._pending)

    def take(self, contents: Contents, as_of: int) -> Difference:
        """Show a reading that was asked for when the first `as_of` acts of the session were settled."""
        is_other = self.classes != contents.classes
        self.classes, self.suggestions = contents.classes, contents.suggestions
        changed = [key for key, item in contents.items.items() if self.items.get(key) is not item]
        gone = self.items.keys() - contents.items.keys()
        areas = self._areas(gone) + self._areas(changed)
        self.items = dict(contents.items)
        if contents.indexes is not None or len(changed) + len(gone) > MANY:
            indexes = contents.indexes or indexed(contents.items)
            self.bounds, self.picks = indexes.bounds, indexes.picks
        else:
            for key in gone:
                self._unindex(key)
            for key in changed:
                self._index(self.items[key])
        self.views = self.views.changed([contents.items[key] for key in changed], gone)
        self._pending = [(ticket, edit) for ticket, edit in self._pending if ticket > as_of]
        areas = areas + self._areas(changed) + [area for _, edit in self._pending for area in self._foresee(edit)]
        return Difference(tuple(areas), is_other or len(areas) > 4 * MANY)

    def expect(self, edit: Edit, ticket: int) -> Difference:
        """Show what an edit, the act number `ticket` of the session, will come to."""
        self._pending.append((ticket, edit))
        return Difference(tuple(self._foresee(edit)))

    def _foresee(self, edit: Edit) -> list[Bounds]:
        """Change the items as the edit will; returns where. Edits of other kinds are seen when they are read."""
        if len(_touched(edit)) > _MAX_FORESEEN:
            return []
        match edit:
            case AddAnnotations(added):
                return self._put(replace(item_of(each), key=next(self._provisional)) for each in added)
            case ChangeAnnotations(changed):
                return self._put(item_of(each) for each in changed if each.id in self.items)
            case RemoveAnnotations(ids):
                return self._drop(ids)
            case DecideDetections(ids, state) if state != "suggested":
                return self._drop([-id_ for id_ in ids])
            case Together(_, edits):
                return [area for each in edits for area in self._foresee(each)]
            case _:
                return []

    def _put(self, items: Iterable[Item]) -> list[Bounds]:
        put = list(items)
        areas = [*self._areas(item.key for item in put), *(item.bounds for item in put)]
        for item in put:
            self.items[item.key] = item
            self._index(item)
        self.views = self.views.changed(put, ())
        return areas

    def _drop(self, keys: Iterable[Key]) -> list[Bounds]:
        present = [key for key in keys if key in self.items]
        areas = self._areas(present)
        for key in present:
            self._unindex(key)
            del self.items[key]
        self.views = self.views.changed((), present)
        return areas

    def _index(self, item: Item) -> None:
        self.bounds.put(item.key, item.bounds)
        if item.key < _PROVISIONAL:
            self.picks.put(item.key, item.source.shape)

    def _unindex(self, key: Key) -> None:
        self.bounds.drop(key)
        if key < _PROVISIONAL:
            self.picks.drop(key)

    def _areas(self, keys: Iterable[Key]) -> list[Bounds]:
        return [self.items[key].bounds for key in keys if key in self.items]


def _touched(edit: Edit) -> Sequence[object]:
    """What an edit adds, changes or removes, as far as that can be foreseen."""
    match edit:
        case AddAnnotations(annotations) | ChangeAnnotations(annotations):
            return annotations
        case RemoveAnnotations(ids) | DecideDetections(ids):
            return ids
        case Together(_, edits):
            return [touched for each in edits for touched in _touched(each)]
        case _:
            return ()
