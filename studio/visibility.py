"""Visibility: which annotations are hidden, locked, or alone in sight. It lasts as long as the project is open.

A frozen value: every change is another one, so that whoever works something out of it can keep that while it is the
same. Keys are the canvas's: an annotation by its id, a suggestion by minus its id.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from engine.project import listings
from engine.project.store import Project


@dataclass(frozen=True, slots=True)
class Visibility:
    """What is hidden and what is locked, by key and by class."""

    hidden: frozenset[int] = frozenset()
    hidden_classes: frozenset[int] = frozenset()
    alone: frozenset[int] | None = None
    """While it is not None, only these are seen, and those of `alone_classes`."""
    alone_classes: frozenset[int] = frozenset()
    locked: frozenset[int] = frozenset()
    """Seen, but neither picked nor moved nor deleted."""

    @property
    def hides_any(self) -> bool:
        """Whether anything may be hidden."""
        return bool(self.hidden or self.hidden_classes or self.alone is not None)

    @property
    def is_isolated(self) -> bool:
        """Whether only some are seen."""
        return self.alone is not None

    def hides(self, key: int, class_id: int | None) -> bool:
        """Whether an item is out of sight."""
        if key in self.hidden or class_id in self.hidden_classes:
            return True
        return self.alone is not None and key not in self.alone and class_id not in self.alone_classes

    def hiding(self, keys: Iterable[int]) -> Visibility:
        """With these out of sight."""
        return replace(self, hidden=self.hidden.union(keys))

    def showing(self, keys: Iterable[int]) -> Visibility:
        """With these in sight, as far as their classes are; they join what is isolated."""
        keys = frozenset(keys)
        return replace(self, hidden=self.hidden - keys, alone=None if self.alone is None else self.alone | keys)

    def hiding_class(self, class_id: int) -> Visibility:
        """With a class out of sight."""
        return replace(self, hidden_classes=self.hidden_classes | {class_id})

    def showing_class(self, class_id: int) -> Visibility:
        """With a class in sight again."""
        return replace(self, hidden_classes=self.hidden_classes - {class_id})

    def isolating(self, keys: Iterable[int]) -> Visibility:
        """With only these in sight, also where they were hidden."""
        keys = frozenset(keys)
        return replace(self, alone=keys, alone_classes=frozenset(), hidden=self.hidden - keys)

    def isolating_class(self, class_id: int) -> Visibility:
        """With only this class in sight."""
        return replace(self.showing_class(class_id), alone=frozenset(), alone_classes=frozenset({class_id}))

    def together(self) -> Visibility:
        """With nothing alone in sight; what is hidden otherwise stays so."""
        return replace(self, alone=None, alone_classes=frozenset())

    def showing_all(self) -> Visibility:
        """With nothing out of sight; what is locked stays so."""
        return Visibility(locked=self.locked)

    def locking(self, keys: Iterable[int]) -> Visibility:
        """With these locked."""
        return replace(self, locked=self.locked.union(keys))

    def unlocking(self, keys: Iterable[int] | None = None) -> Visibility:
        """With these free again; with None, all."""
        return replace(self, locked=frozenset() if keys is None else self.locked.difference(keys))


def free_ids(project: Project, image_id: int, seen: Visibility) -> list[int]:
    """The annotations of an image that are in sight and not locked, in the order of their ids."""
    ids = listings.annotation_ids(project, image_id)
    if not (seen.hides_any or seen.locked):
        return ids
    found = listings.annotations_of(project, image_id)
    hidden = {each.id for each in found if seen.hides(each.id, each.class_id)}
    return [id_ for id_ in ids if id_ not in hidden and id_ not in seen.locked]
