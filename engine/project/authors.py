"""Authors: who placed an annotation or did an edit, by name."""

from __future__ import annotations

import getpass

from engine.project.store import Project

SOMEONE = "someone"


def current_name() -> str:
    """What this computer calls the person at it."""
    try:
        return getpass.getuser().strip() or SOMEONE
    except (OSError, KeyError, ImportError):  # a container's user may have no name at all
        return SOMEONE


def by_name(project: Project, name: str) -> int:
    """The id of the author with this name, added inside `atomic()` when there is none yet."""
    project.execute("INSERT OR IGNORE INTO authors (name) VALUES (?)", (name,))
    return int(project.value("SELECT id FROM authors WHERE name = ?", (name,)))


def names(project: Project) -> dict[int, str]:
    """Every author's name by id."""
    return dict(project.rows("SELECT id, name FROM authors ORDER BY id"))
