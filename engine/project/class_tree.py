"""Classes as a tree and by number: which lies under which, in what order, and which digit chooses each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.errors import UserError
from engine.project import classes
from engine.project.class_edits import ReorderClasses, SetParent
from engine.project.records import ClassRecord
from engine.project.restoring import Restore, Rows, capture
from engine.project.store import Change, Project

NUMBERS = range(1, 10)
"""The digits that choose a class."""
_KEYS = "class_keys"
"""What `meta` calls the digits that were given to classes by hand."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A class and how deep in the tree it lies, 0 at the top."""

    record: ClassRecord
    depth: int


def in_order(records: Iterable[ClassRecord]) -> list[Placed]:
    """Every class, each followed by those under it, siblings by their position."""
    under = children(records)
    return list(_placed(under, None, 0))


def children(records: Iterable[ClassRecord]) -> dict[int | None, list[ClassRecord]]:
    """The classes by what they lie under, in order; those at the top, or under one that is not among these, by None."""
    listed = list(records)
    ids = {record.id for record in listed}
    found: dict[int | None, list[ClassRecord]] = {}
    for record in sorted(listed, key=lambda each: (each.position, each.id)):
        found.setdefault(record.parent_id if record.parent_id in ids else None, []).append(record)
    return found


def _placed(under: Mapping[int | None, list[ClassRecord]], parent_id: int | None, depth: int) -> Iterator[Placed]:
    for record in under.get(parent_id, ()):
        yield Placed(record, depth)
        yield from _placed(under, record.id, depth + 1)


def numbered(project: Project) -> dict[int, int]:
    """Class ids by the digit that chooses each: as given by hand, else in the order of the tree."""
    order = [placed.record.id for placed in in_order(classes.all_classes(project))]
    given = _given(project)
    if given is None:
        return dict(zip(NUMBERS, order, strict=False))
    kept = {number: class_id for number, class_id in given.items() if class_id in order}
    free = (number for number in NUMBERS if number not in kept)
    rest = (class_id for class_id in order if class_id not in kept.values())
    return dict(sorted((kept | dict(zip(free, rest, strict=False))).items()))


def _given(project: Project) -> dict[int, int] | None:
    """The digits that were given by hand; None where none ever was."""
    packed = project.value("SELECT value FROM meta WHERE name = ?", (_KEYS,))
    return None if packed is None else {int(number): int(class_id) for number, class_id in json.loads(packed).items()}


@dataclass(frozen=True, slots=True)
class MoveClass:
    """Put a class, with all that lies under it, under another one or at the top, before one of those there or last."""

    class_id: int
    parent_id: int | None = None
    before_id: int | None = None

    @property
    def title(self) -> str:
        return "Move class"

    def apply(self, project: Project) -> Restore:
        """Move it; the inverse holds where all were. Raises UserError where it would come to lie under itself."""
        moved = SetParent(self.class_id, self.parent_id).apply(project)
        under = children(classes.all_classes(project))
        siblings = [record for record in under[self.parent_id] if record.id != self.class_id]
        at = next((n for n, record in enumerate(siblings) if record.id == self.before_id), len(siblings))
        own = next(record for record in under[self.parent_id] if record.id == self.class_id)
        under[self.parent_id] = [*siblings[:at], own, *siblings[at:]]
        order = tuple(placed.record.id for placed in _placed(under, None, 0))
        return Restore((*ReorderClasses(order).apply(project).steps, *moved.steps))


@dataclass(frozen=True, slots=True)
class SetClassNumber:
    """Give a class a digit; the class that had it gets the one that this had. All others keep theirs from then on."""

    class_id: int
    number: int

    @property
    def title(self) -> str:
        return f"Choose class by {self.number}"

    def apply(self, project: Project) -> Restore:
        """Set it; the inverse holds the digits as they were."""
        if self.number not in NUMBERS:
            raise UserError(f"{self.number} is no digit from {NUMBERS[0]} to {NUMBERS[-1]}.")
        now = numbered(project)
        old = next((number for number, class_id in now.items() if class_id == self.class_id), None)
        other = now.get(self.number)
        now[self.number] = self.class_id
        if old is not None and old != self.number:
            del now[old]
            if other is not None:
                now[old] = other
        return _set_given(project, now)


@dataclass(frozen=True, slots=True)
class NumberInOrder:
    """Give the classes the digits in the order of their list again."""

    title: str = "Number classes in order"

    def apply(self, project: Project) -> Restore:
        """Forget the digits that were given; the inverse holds them."""
        return _set_given(project, None)


def _set_given(project: Project, given: Mapping[int, int] | None) -> Restore:
    """Keep digits, or none; the inverse names the classes too, so that undoing it is announced as a change of them."""
    ids = [record.id for record in classes.all_classes(project)]
    before = tuple(project.rows("SELECT name, value FROM meta WHERE name = ?", (_KEYS,)))
    project.execute("DELETE FROM meta WHERE name = ?", (_KEYS,))
    if given is not None:
        project.execute("INSERT INTO meta (name, value) VALUES (?, ?)", (_KEYS, json.dumps(dict(given))))
    project.note(Change(classes=frozenset(ids)))
    columns = ("name", "value")
    back = Rows("meta", columns, added=before) if before else Rows("meta", removed=((_KEYS,),))
    return Restore((back, capture(project, "classes", ids, ("position",))))
