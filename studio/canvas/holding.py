"""Holding: what the canvas shows of an image now: the last reading, and on top what was asked for and is not yet read.

An edit takes a commit (10 to 20 ms) and a reading to come back. Until then the canvas shows what it will come to, so
that nothing flickers and the next gesture starts from where the last one ended. The store stays the truth: every
reading replaces all, and only edits that it could not have seen are laid over it again.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from engine.geometry.bounds_index import BoundsIndex
from engine.geometry.overlap import OverlapIndex
from engine.geometry.picking import PickIndex
from engine.geometry.shapes import Bounds
from engine.project.edits import AddAnnotations, ChangeAnnotations, DecideDetections, Edit, RemoveAnnotations
from engine.project.records import Annotation, ClassRecord, Detection
from studio.canvas.contents import MANY, Contents, Item, Key, indexed, item_of

_PROVISIONAL = 1 << 60
"""Keys from here on are of annotations that are being added; they are painted, and cannot be picked."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Where an image looks different than before."""

    areas: tuple[Bounds, ...] = ()
    everywhere: bool = False


class Holding:
    """The items of one image, found by key, place or pointer."""

    def __init__(self) -> None:
        """Hold nothing."""
        self.items: dict[Key, Item] = {}
        self.classes: Mapping[int, ClassRecord] = {}
        self.suggestions = OverlapIndex({})
        self.bounds = BoundsIndex({})
        self.picks = PickIndex({})
        self._pending: list[tuple[int, Edit]] = []
        self._provisional = itertools.count(_PROVISIONAL)
        self._annotations: Mapping[int, Annotation] | None = None
        self._detections: Mapping[int, Detection] | None = None
        self._bounds_by_key: Mapping[Key, Bounds] | None = None

    @property
    def is_expecting(self) -> bool:
        """Whether an edit is shown that no reading has shown yet."""
        return bool(self._pending)

    @property
    def annotations(self) -> Mapping[int, Annotation]:
        """The stored annotations by id, in paint order."""
        if self._annotations is None:
            found = (item.source for key, item in self.items.items() if key < _PROVISIONAL)
            self._annotations = {source.id: source for source in found if isinstance(source, Annotation)}
        return self._annotations

    @property
    def detections(self) -> Mapping[int, Detection]:
        """The open suggestions by id, in paint order."""
        if self._detections is None:
            found = (item.source for item in self.items.values())
            self._detections = {source.id: source for source in found if isinstance(source, Detection)}
        return self._detections

    @property
    def bounds_by_key(self) -> Mapping[Key, Bounds]:
        """The bounds of all that can be picked."""
        if self._bounds_by_key is None:
            self._bounds_by_key = {key: item.bounds for key, item in self.items.items() if key < _PROVISIONAL}
        return self._bounds_by_key

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
        self._forget_views()
        self._pending = [(ticket, edit) for ticket, edit in self._pending if ticket > as_of]
        areas = areas + self._areas(changed) + [area for _, edit in self._pending for area in self._foresee(edit)]
        return Difference(tuple(areas), is_other or len(areas) > 4 * MANY)

    def expect(self, edit: Edit, ticket: int) -> Difference:
        """Show what an edit, the act number `ticket` of the session, will come to."""
        self._pending.append((ticket, edit))
        return Difference(tuple(self._foresee(edit)))

    def _foresee(self, edit: Edit) -> list[Bounds]:
        """Change the items as the edit will; returns where. Edits of other kinds are seen when they are read."""
        match edit:
            case AddAnnotations(added):
                return self._put(replace(item_of(each), key=next(self._provisional)) for each in added)
            case ChangeAnnotations(changed):
                return self._put(item_of(each) for each in changed if each.id in self.items)
            case RemoveAnnotations(ids):
                return self._drop(ids)
            case DecideDetections(ids, state) if state != "suggested":
                return self._drop([-id_ for id_ in ids])
            case _:
                return []

    def _put(self, items: Iterable[Item]) -> list[Bounds]:
        areas: list[Bounds] = []
        for item in items:
            areas += [*self._areas([item.key]), item.bounds]
            self.items[item.key] = item
            self._index(item)
        self._forget_views()
        return areas

    def _drop(self, keys: Iterable[Key]) -> list[Bounds]:
        present = [key for key in keys if key in self.items]
        areas = self._areas(present)
        for key in present:
            self._unindex(key)
            del self.items[key]
        self._forget_views()
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

    def _forget_views(self) -> None:
        self._annotations = self._detections = self._bounds_by_key = None
