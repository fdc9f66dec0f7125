"""Rows as they were: what every edit leaves behind, so that undo and redo are one mechanism.

`Restore` is its own kind of inverse: applying one returns another that takes it back exactly, with every row that fell
with a removed one and every reference that was cut. It is kept in the file (as msgpack), so it says what it wants by
names of tables and columns; `history` decodes what it finds there, and nothing but known names gets into a statement.

What an edit once touched may have gone by another way than through history (an image removed for good, a run deleted).
Restoring then does what is still possible: a row whose image or class has gone is left out, a reference to something
gone becomes empty, and a row that is not there any more is not changed.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec

from engine.project.store import Change, Project

Row: TypeAlias = tuple[Any, ...]
Key: TypeAlias = tuple[int | str, ...]
"""The primary key of a row."""

TABLES = frozenset(
    {
        "annotations", "attributes", "classes", "conflicts", "detections", "embeddings", "examined", "identities",
        "image_tags", "images", "matches", "origins", "pairs", "probes", "stages", "surveys", "templates", "thumbnails",
        "traces",
    }
)  # fmt: skip
"""The tables whose rows can be put back: those that a person's edits change, and what falls with their rows."""

_NOTED: dict[str, tuple[str, Callable[[frozenset[int]], Change]]] = {
    "annotations": ("image_id", lambda ids: Change(annotated=ids)),
    "attributes": ("class_id", lambda ids: Change(classes=ids)),
    "classes": ("id", lambda ids: Change(classes=ids)),
    "conflicts": ("image_id", lambda ids: Change(detected=ids)),
    "detections": ("image_id", lambda ids: Change(detected=ids)),
    "identities": ("id", lambda ids: Change(identities=ids)),
    "image_tags": ("image_id", lambda ids: Change(images=ids)),
    "images": ("id", lambda ids: Change(images=ids)),
    "templates": ("identity_id", lambda ids: Change(identities=ids)),
}
"""What a change of a table's rows is announced as, by the ids in which of its columns."""


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
                for column, parent in _links_from(project, step.table):
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


def capture(project: Project, table: str, ids: Iterable[int]) -> Rows:
    """The rows of `table` with these ids as they are now, to be put back over changed ones."""
    found = _Table.of(project, table)
    return Rows(table, found.columns, changed=_read(project, found, [(id_,) for id_ in ids]))


def removal(table: str, ids: Iterable[int]) -> Rows:
    """The step by which the rows of `table` with these ids go, with everything that hangs on them."""
    return Rows(table, removed=tuple((id_,) for id_ in ids))


@dataclass(frozen=True, slots=True)
class _Table:
    """A table that can be restored: its columns, those of the primary key first, and what they refer to."""

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    required: frozenset[str]
    """Columns that may not be empty."""

    @classmethod
    def of(cls, project: Project, name: str) -> "_Table":
        """Ask the file; raises ValueError for a table that cannot be restored."""
        if name not in TABLES:
            raise ValueError(f"rows of {name} cannot be restored")
        sql = 'SELECT name, pk, "notnull" FROM pragma_table_info(?) ORDER BY pk = 0, pk, cid'
        columns = project.rows(sql, (name,))
        return cls(
            name,
            tuple(column for column, pk, _ in columns if pk),
            tuple(column for column, _, _ in columns),
            frozenset(column for column, _, is_required in columns if is_required),
        )

    @property
    def among(self) -> str:
        """SQL that holds for the rows whose keys are in the JSON text of one parameter."""
        values = ", ".join(f"json_extract(value, '$[{n}]')" for n in range(len(self.key)))
        return f"({', '.join(self.key)}) IN (SELECT {values} FROM json_each(?))"

    def key_of(self, row: Row) -> Key:
        """The primary key of a row that begins with it."""
        return row[: len(self.key)]


def _known_table(project: Project, step: Rows) -> _Table:
    """The table of a step; raises ValueError when the step does not fit it."""
    table = _Table.of(project, step.table)
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


def _remove(project: Project, table: _Table, keys: Sequence[Key]) -> list[Rows]:
    if not keys:
        return []
    done = []
    for child, column, is_cut in _links_to(project, table.name):
        theirs = _Table.of(project, child)
        sql = f"SELECT {', '.join(theirs.key)} FROM {child} WHERE {column} IN (SELECT value FROM json_each(?))"
        hanging = project.rows(sql, (json.dumps([key[0] for key in keys]),))
        done += _cut(project, theirs, column, hanging) if is_cut else _remove(project, theirs, hanging)
    _note(project, table, keys)
    done.append(Rows(table.name, table.columns, added=_read(project, table, keys)))
    project.execute(f"DELETE FROM {table.name} WHERE {table.among}", (json.dumps(keys),))
    return [step for step in done if step.added or step.changed]


def _cut(project: Project, table: _Table, column: str, keys: Sequence[Key]) -> list[Rows]:
    """Empty one column of these rows: what it referred to goes."""
    return _change(project, table, (*table.key, column), [(*key, None) for key in keys])


def _add(project: Project, table: _Table, columns: tuple[str, ...], rows: Sequence[Row]) -> list[Rows]:
    there = {table.key_of(row) for row in _read(project, table, [table.key_of(row) for row in rows])}
    new = [row for row in rows if table.key_of(row) not in there]
    if not new and not there:
        return []
    project.execute_many(
        f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", new
    )
    keys = tuple(table.key_of(row) for row in new)
    _note(project, table, keys)
    kept = _change(project, table, columns, [row for row in rows if table.key_of(row) in there])
    return [Rows(table.name, removed=keys), *kept] if keys else kept


def _change(project: Project, table: _Table, columns: tuple[str, ...], rows: Sequence[Row]) -> list[Rows]:
    before = _read(project, table, [table.key_of(row) for row in rows], columns)
    if not before:
        return []
    _set(project, table, columns, rows)
    _note(project, table, [table.key_of(row) for row in rows])
    return [Rows(table.name, columns, changed=before)]


def _set(project: Project, table: _Table, columns: tuple[str, ...], rows: Sequence[Row]) -> None:
    """Give rows that are there their values; where many take the same few, by one statement for all of those."""
    n = len(table.key)
    sql = f"UPDATE {table.name} SET {', '.join(f'{name} = ?' for name in columns[n:])} WHERE "
    keys_by_values: dict[Row, list[Key]] = {}
    if len(columns) < len(table.columns):
        for row in rows:
            keys_by_values.setdefault(row[n:], []).append(row[:n])
    if keys_by_values and len(keys_by_values) * 8 < len(rows):
        for values, keys in keys_by_values.items():
            project.execute(sql + table.among, (*values, json.dumps(keys)))
    else:
        own_key = " AND ".join(f"{name} = ?" for name in table.key)
        project.execute_many(sql + own_key, ((*row[n:], *row[:n]) for row in rows))


def _possible(project: Project, table: _Table, columns: tuple[str, ...], rows: Sequence[Row]) -> Sequence[Row]:
    """Those rows that can be, given what is there to refer to; references that may be empty become so."""
    for column, parent in _links_from(project, table.name) if rows else ():
        if column not in columns:
            continue
        at = columns.index(column)
        wanted = json.dumps(sorted({row[at] for row in rows if row[at] is not None}))
        sql = f"SELECT id FROM {parent} WHERE id IN (SELECT value FROM json_each(?))"
        there = {id_ for (id_,) in project.rows(sql, (wanted,))} | {None}
        if column in table.required:
            rows = [row for row in rows if row[at] in there]
        else:
            rows = [row if row[at] in there else (*row[:at], None, *row[at + 1 :]) for row in rows]
    return rows


def _read(project: Project, table: _Table, keys: Sequence[Key], columns: tuple[str, ...] = ()) -> tuple[Row, ...]:
    names = ", ".join(columns or table.columns)
    sql = f"SELECT {names} FROM {table.name} WHERE {table.among} ORDER BY {', '.join(table.key)}"
    return tuple(project.rows(sql, (json.dumps(keys),))) if keys else ()


def _links_from(project: Project, table: str) -> list[Row]:
    """What a table's rows refer to: (column, table)."""
    return project.rows('SELECT "from", "table" FROM pragma_foreign_key_list(?)', (table,))


def _links_to(project: Project, table: str) -> list[tuple[str, str, bool]]:
    """What refers to a table and follows when its rows go: (table, column, whether it is emptied or falls too)."""
    return [
        (child, column, action == "SET NULL")
        for child, column, action in project.rows(
            'SELECT m.name, f."from", f.on_delete FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f '
            "WHERE m.type = 'table' AND f.\"table\" = ? AND f.on_delete IN ('SET NULL', 'CASCADE') "
            "ORDER BY m.name, f.seq",
            (table,),
        )
    ]


def _note(project: Project, table: _Table, keys: Sequence[Key]) -> None:
    """Announce the change of rows that are there."""
    if table.name in _NOTED and keys:
        column, change = _NOTED[table.name]
        sql = f"SELECT DISTINCT {column} FROM {table.name} WHERE {table.among} AND {column} IS NOT NULL"
        ids = frozenset(id_ for (id_,) in project.rows(sql, (json.dumps(keys),)))
        project.note(change(ids))
