"""Tables whose rows can be put back as they were: their columns, what they refer to, and what is told of a change."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from engine.project import many
from engine.project.store import Change, Project, Row

Key: TypeAlias = tuple[int | str, ...]
"""The primary key of a row."""

TABLES = frozenset(
    {
        "annotations", "attributes", "classes", "conflicts", "detections", "embeddings", "examined", "identities",
        "image_tags", "images", "meta", "origins", "pairs", "stages", "surveys", "templates", "thumbnails", "traces",
    }
)  # fmt: skip
"""The tables whose rows can be put back: those that a person's edits change, and what falls with their rows."""

RUN_SETTINGS = "settings_of_run/"
"""How the names of rows in `meta` begin that hold what a run detects with; its id follows."""

GALLERY_SETTINGS = "gallery"
"""The name of the row in `meta` that holds how the gallery decides."""


def _settings_named(names: frozenset[Any]) -> Change:
    runs = frozenset(int(name.removeprefix(RUN_SETTINGS)) for name in names if name.startswith(RUN_SETTINGS))
    return Change(runs=runs, gallery=GALLERY_SETTINGS in names)


_NOTED: dict[str, tuple[str, Callable[[frozenset[Any]], Change]]] = {
    "annotations": ("image_id", lambda ids: Change(annotated=ids)),
    "attributes": ("class_id", lambda ids: Change(classes=ids)),
    "classes": ("id", lambda ids: Change(classes=ids)),
    "conflicts": ("image_id", lambda ids: Change(detected=ids)),
    "detections": ("image_id", lambda ids: Change(detected=ids)),
    "embeddings": ("template_id", lambda ids: Change(templates=ids)),
    "identities": ("id", lambda ids: Change(identities=ids)),
    "image_tags": ("image_id", lambda ids: Change(images=ids)),
    "images": ("id", lambda ids: Change(images=ids)),
    "meta": ("name", _settings_named),
    "pairs": ("template_a_id", lambda ids: Change(templates=ids)),
    "templates": ("id", lambda ids: Change(templates=ids)),
}
"""What a change of a table's rows is announced as, by the ids in which of its columns."""
_FEW_VALUES = 8
"""From so many rows on that take the same values, one statement sets them all."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table that can be restored: its columns, those of the primary key first, and what they refer to."""

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    required: frozenset[str]
    """Columns that may not be empty."""

    @classmethod
    def of(cls, project: Project, name: str) -> Table:
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
    def noted(self) -> str | None:
        """The column whose ids a change is announced by."""
        return _NOTED[self.name][0] if self.name in _NOTED else None

    @property
    def among(self) -> str:
        """SQL that holds for the rows whose keys are in the JSON text of one parameter, made by `listed`."""
        if len(self.key) == 1:
            return f"{self.key[0]} IN (SELECT value FROM json_each(?))"
        values = ", ".join(f"json_extract(value, '$[{n}]')" for n in range(len(self.key)))
        return f"({', '.join(self.key)}) IN (SELECT {values} FROM json_each(?))"

    def listed(self, keys: Sequence[Key]) -> str:
        """Keys as the parameter of `among`."""
        return json.dumps([key[0] for key in keys] if len(self.key) == 1 else keys)

    def key_of(self, row: Row) -> Key:
        """The primary key of a row that begins with it."""
        return row[: len(self.key)]

    def read(self, project: Project, keys: Sequence[Key], columns: Sequence[str] = ()) -> tuple[Row, ...]:
        """The rows with these keys as they are now, all columns of them or some; in the order of their keys."""
        names = ", ".join(columns or self.columns)
        sql = f"SELECT {names} FROM {self.name} WHERE {self.among} ORDER BY {', '.join(self.key)}"
        return tuple(project.rows(sql, (self.listed(keys),))) if keys else ()

    def drop(self, project: Project, keys: Sequence[Key]) -> None:
        """Drop the rows with these keys."""
        project.execute(f"DELETE FROM {self.name} WHERE {self.among}", (self.listed(keys),))

    def set(self, project: Project, columns: tuple[str, ...], rows: Sequence[Row]) -> None:
        """Give rows that are there their values; where many take the same few, by one statement for all of those."""
        n = len(self.key)
        keys_by_values: dict[Row, list[Key]] = {}
        if len(columns) < len(self.columns):
            for row in rows:
                keys_by_values.setdefault(row[n:], []).append(row[:n])
        if keys_by_values and len(keys_by_values) * _FEW_VALUES < len(rows):
            sql = f"UPDATE {self.name} SET {', '.join(f'{name} = ?' for name in columns[n:])} WHERE {self.among}"
            for values, keys in keys_by_values.items():
                project.execute(sql, (*values, self.listed(keys)))
        else:
            many.update(project, self.name, columns, rows, n)

    def note(self, project: Project, columns: Sequence[str], *rows: Sequence[Row]) -> None:
        """Announce that rows, given by these columns, are new, different or gone."""
        if self.noted in columns:
            at = columns.index(self.noted)
            ids = {row[at] for some in rows for row in some} - {None}
            project.note(_NOTED[self.name][1](frozenset(ids)))


def links_from(project: Project, table: str) -> list[Row]:
    """What a table's rows refer to: (column, table)."""
    return project.rows('SELECT "from", "table" FROM pragma_foreign_key_list(?)', (table,))


def links_to(project: Project, table: str) -> list[tuple[str, str, bool]]:
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
