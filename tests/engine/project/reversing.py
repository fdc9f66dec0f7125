"""That an edit is taken back exactly and done again exactly: every row of every table compared."""

from __future__ import annotations

from collections.abc import Collection

from engine.project.edits import Edit
from engine.project.history import History
from engine.project.store import Change, Project, Row

_APART = {"history", "history_contents", "sqlite_sequence", "surveys", "tags"}
"""Tables that remember what was done, may forget (surveys), or keep names that nobody bears (tags)."""


def rows_by_table(project: Project, apart: Collection[str] = ()) -> dict[str, list[Row]]:
    """All that the project holds, some tables left out."""
    tables = [name for (name,) in project.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    return {
        name: sorted(project.rows(f"SELECT * FROM {name}"), key=repr)
        for name in tables
        if name not in _APART.union(apart)
    }


def assert_reversible(project: Project, edit: Edit, *, apart: Collection[str] = ()) -> None:
    """Do an edit, undo it, do it again: each time all rows are as they were. It stays done.

    `apart` are tables that need not be: large values stay while redo needs them.
    """
    history, before = History(project), rows_by_table(project, apart)
    heard: list[Change] = []
    stop = project.on_change(heard.append)
    history.do(edit)
    after = rows_by_table(project, apart)
    assert after != before, "the edit does nothing"
    assert any(change != Change(history=True) for change in heard), "nobody is told"
    assert history.undo() is not None
    assert rows_by_table(project, apart) == before
    assert history.redo() is not None
    assert rows_by_table(project, apart) == after
    stop()
