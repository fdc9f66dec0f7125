"""Whether a file's tables, indexes and triggers are defined as this program defines them, and nothing was added."""

from __future__ import annotations

import sqlite3
from functools import cache
from types import MappingProxyType

from sqlite_utils import Database

from engine.project import schema

_ASKED = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE '%sqlite%'"


def faults(connection: sqlite3.Connection) -> dict[str, str]:
    """What is not as it should be, by the names of tables, indexes and triggers, and in which way."""
    there = {name: _bare(sql) for name, sql in connection.execute(_ASKED)}
    expected = definitions()
    return {
        name: "is missing" if name not in there else "is not as Boxwright makes it"
        for name in sorted(expected.keys() | there.keys())
        if expected.get(name) != there.get(name)
    }


@cache
def definitions() -> MappingProxyType[str, str]:
    """Every definition by its name, as all migrations together make them."""
    own = Database(memory=True, execute_plugins=False)
    try:
        schema.MIGRATIONS.apply(own)
        return MappingProxyType({name: _bare(sql) for name, sql in own.execute(_ASKED).fetchall()})
    finally:
        own.close()


def _bare(sql: str) -> str:
    """Without blanks and quotes, which versions of SQLite set differently when a migration alters a table."""
    return "".join(sql.split()).replace('"', "").replace("`", "")
