"""Many rows written by few statements.

SQLite keeps what a statement may have to take back of itself: a table with triggers costs that for every statement
anew, so that a hundred rows in one are written in half the time that they take one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from engine.project.store import Project, Row

_PARAMETERS = 2000
"""How many values one statement is given: more gain nothing, and SQLite refuses more than 32,766."""


def insert(project: Project, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Put rows into a table, inside `atomic()`."""
    start = f"INSERT INTO {table} ({', '.join(columns)}) VALUES "
    size = _size(columns)
    whole = len(rows) - len(rows) % size
    project.execute_many(start + _marks(columns, size), _joined(rows[:whole], size))
    project.execute_many(start + _marks(columns, 1), rows[whole:])


def update(project: Project, table: str, columns: Sequence[str], rows: Sequence[Row], n_key: int = 1) -> None:
    """Give rows that are there their values, inside `atomic()`; the first `n_key` columns say which row it is."""
    if len(columns) == n_key:
        return
    size = _size(columns)
    whole = len(rows) - len(rows) % size
    project.execute_many(_update_sql(table, columns, n_key, size), _joined(rows[:whole], size))
    assigned, same = (" = ?, ".join(columns[n_key:]), " = ? AND ".join(columns[:n_key]))
    rest = ((*row[n_key:], *row[:n_key]) for row in rows[whole:])
    project.execute_many(f"UPDATE {table} SET {assigned} = ? WHERE {same} = ?", rest)


def _size(columns: Sequence[str]) -> int:
    return max(1, _PARAMETERS // len(columns))


def _marks(columns: Sequence[str], n_rows: int) -> str:
    return ", ".join([f"({', '.join('?' * len(columns))})"] * n_rows)


def _joined(rows: Sequence[Row], size: int) -> Iterator[Row]:
    """The values of every `size` rows in one."""
    for start in range(0, len(rows), size):
        yield tuple(chain.from_iterable(rows[start : start + size]))


def _update_sql(table: str, columns: Sequence[str], n_key: int, n_rows: int) -> str:
    assigned = ", ".join(f"{name} = given.column{n}" for n, name in enumerate(columns[n_key:], n_key + 1))
    same = " AND ".join(f"{table}.{name} = given.column{n}" for n, name in enumerate(columns[:n_key], 1))
    return f"UPDATE {table} SET {assigned} FROM (VALUES {_marks(columns, n_rows)}) AS given WHERE {same}"
