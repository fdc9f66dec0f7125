"""Rows as they were: what every edit leaves behind, so that undo and redo are one mechanism.

`Restore` is its own kind of inverse: applying one returns another that takes it back exactly, with every row that fell
with a removed one and every reference that was cut. It is kept in the file (as msgpack), so it says what it wants by
names of tables and columns; `history` decodes what it finds there, and nothing but known names gets into a statement.

What an edit once touched may have gone by another way than through history (an image removed for good, a run deleted).
Restoring then does what is still possible: a row whose image or class has gone is left out, a reference to something
gone becomes empty, and a row that is not there any more is not changed.
"""

import json
from collections.abc import Iterable, Sequence

import msgspec

from engine.project import many
from engine.project.restorable import Key, Table, links_from, links_to
from engine.project.store import Project, Row


class Rows(msgspec.Struct, frozen=True, omit_defaults=True):
    """Rows of one table: to be there again, to be as they were, or to be gone."""

    table: str
    columns: tuple[str, ...] = ()
    """Of `added` and `changed`; the primary key comes first."""
    added: tuple[Row, ...] = ()
    changed: tuple[Row, ...] = ()
    removed: tuple[Key, ...] = ()
    """Primary keys."""


class Restore(msgspec.Struct, frozen=True):
    """Puts rows back as they were, step by step; the inverse of every edit, and its own inverse's inverse."""

    steps: tuple[Rows, ...]

    @property
    def is_empty(self) -> bool:
        """Whether it does nothing."""
        return not any(step.added or step.changed or step.removed for step in self.steps)

    @property
    def added_annotations(self) -> tuple[int, ...]:
        """Ids of annotations that this would take away: those that the edit it inverts has added."""
        return tuple(int(key[0]) for step in self.steps if step.table == "annotations" for key in step.removed)

    def content_ids(self, project: Project) -> frozenset[int]:
        """The large values that rows to be put back refer to, and that must be kept until then."""
        found: set[int] = set()
        for step in self.steps:
            if step.added:
                for column, parent in links_from(project, step.table):
                    if parent == "contents" and column in step.columns:
                        found |= {row[step.columns.index(column)] for row in step.added} - {None}
        return frozenset(found)

    def verify(self, project: Project) -> None:
        """Raise ValueError when it does not fit the tables of this project: a damaged record."""
        for step in self.steps:
            _known_table(project, step)

    def apply(self, project: Project) -> "Restore":
        """Put the rows back, inside `atomic()`; returns the Restore that undoes this one.

        Raises ConflictError where a name has been taken since, or what is to go is still in use.
        """
        done = [inverse for step in self.steps for inverse in _apply(project, step)]
        return Restore(tuple(reversed(done)))


def capture(project: Project, table: str, ids: Iterable[int], columns: tuple[str, ...] = ()) -> Rows:
    """The rows of `table` with these ids as they are now, to be put back over changed ones; some columns, or all."""
    found = Table.of(project, table)
    names = (*found.key, *columns) if columns else found.columns
    return Rows(table, names, changed=found.read(project, [(id_,) for id_ in ids], names))


def removal(table: str, ids: Iterable[int]) -> Rows:
    """The step by which the rows of `table` with these ids go, with everything that hangs on them."""
    return Rows(table, removed=tuple((id_,) for id_ in ids))


def _known_table(project: Project, step: Rows) -> Table:
    """The table of a step; raises ValueError when the step does not fit it."""
    table = Table.of(project, step.table)
    if not set(step.columns) <= set(table.columns) or step.columns[: len(table.key)] not in ((), table.key):
        raise ValueError(f"{step.table} has no columns {step.columns}")
    if any(len(row) != len(step.columns) for row in (*step.added, *step.changed)):
        raise ValueError(f"a row of {step.table} has too few or too many values")
    if any(len(key) != len(table.key) for key in step.removed):
        raise ValueError(f"a key of {step.table} has too few or too many values")
    return table


def _apply(project: Project, step: Rows) -> list[Rows]:
    """Do one step; returns what takes it back, in the order in which it was done."""
    table = _known_table(project, step)
    return [
        *_remove(project, table, step.removed),
        *_add(project, table, step.columns, _possible(project, table, step.columns, step.added)),
        *_change(project, table, step.columns, _possible(project, table, step.columns, step.changed)),
    ]


def _remove(project: Project, table: Table, keys: Sequence[Key]) -> list[Rows]:
    if not keys:
        return []
    done = []
    for child, column, is_cut in links_to(project, table.name):
        theirs = Table.of(project, child)
        sql = f"SELECT {', '.join(theirs.key)} FROM {child} WHERE {column} IN (SELECT value FROM json_each(?))"
        hanging = project.rows(sql, (table.listed(keys),))
        done += _cut(project, theirs, column, hanging) if is_cut else _remove(project, theirs, hanging)
    found = table.read(project, keys)
    table.note(project, table.columns, found)
    table.drop(project, keys)
    return [step for step in (*done, Rows(table.name, table.columns, added=found)) if step.added or step.changed]


def _cut(project: Project, table: Table, column: str, keys: Sequence[Key]) -> list[Rows]:
    """Empty one column of these rows: what it referred to goes."""
    return _change(project, table, (*table.key, column), [(*key, None) for key in keys])


def _add(project: Project, table: Table, columns: tuple[str, ...], rows: Sequence[Row]) -> list[Rows]:
    there = set(table.read(project, [table.key_of(row) for row in rows], table.key))
    new = [row for row in rows if table.key_of(row) not in there] if there else rows
    if not new and not there:
        return []
    many.insert(project, table.name, columns, new)
    table.note(project, columns, new)
    kept = _change(project, table, columns, [row for row in rows if table.key_of(row) in there]) if there else []
    return [Rows(table.name, removed=tuple(table.key_of(row) for row in new)), *kept] if new else kept


def _change(project: Project, table: Table, columns: tuple[str, ...], rows: Sequence[Row]) -> list[Rows]:
    aside = (table.noted,) if table.noted and table.noted not in columns else ()
    found = table.read(project, [table.key_of(row) for row in rows], (*columns, *aside))
    if not found:
        return []
    table.set(project, columns, rows)
    table.note(project, (*columns, *aside), found)
    if not aside:
        there = {table.key_of(row) for row in found}
        table.note(project, columns, [row for row in rows if table.key_of(row) in there])
    return [Rows(table.name, columns, changed=tuple(row[:-1] for row in found) if aside else found)]


def _possible(project: Project, table: Table, columns: tuple[str, ...], rows: Sequence[Row]) -> Sequence[Row]:
    """Those rows that can be, given what is there to refer to; references that may be empty become so."""
    for column, parent in links_from(project, table.name) if rows else ():
        if column not in columns:
            continue
        at = columns.index(column)
        wanted = {row[at] for row in rows} - {None}
        sql = f"SELECT id FROM {parent} WHERE id IN (SELECT value FROM json_each(?))"
        gone = wanted - {id_ for (id_,) in project.rows(sql, (json.dumps(sorted(wanted)),))} if wanted else wanted
        if gone and column in table.required:
            rows = [row for row in rows if row[at] not in gone]
        elif gone:
            rows = [(*row[:at], None, *row[at + 1 :]) if row[at] in gone else row for row in rows]
    return rows
