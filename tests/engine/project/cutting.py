"""A file and its journal as a program leaves them that is killed in the middle of a transaction."""

from pathlib import Path

from engine.project.store import Project


def leave_unfinished(project: Project, target: Path) -> None:
    """Copy the project's file and journal to `target` while a large change is half written."""
    project.rows("PRAGMA cache_size = 1")  # so that SQLite writes to the file before the commit
    try:
        with project.atomic():
            project.execute_many("INSERT INTO tags (name) VALUES (?)", ((f"tag {n}" * 50,) for n in range(500)))
            for suffix in ("", "-journal"):
                source = project.path.with_name(project.path.name + suffix)
                target.with_name(target.name + suffix).write_bytes(source.read_bytes())
            raise _EnoughError
    except _EnoughError:
        pass


class _EnoughError(Exception):
    pass
