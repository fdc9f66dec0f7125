"""Saving a project under another name, and making its file as small as it can be."""

from __future__ import annotations

from pathlib import Path

from engine.errors import UserError
from engine.project import presence
from engine.project.snapshots import Tell
from engine.project.store import Project


def save_copy(project: Project, path: Path, *, replace: bool = False, tell: Tell | None = None) -> None:
    """Write the project as it is to another file; edits go on in the one that is open.

    Raises UserError when a file is there and `replace` is not set, when it is this very project or another that is open
    in a window, or when it cannot be written; what was there stays then.
    """
    if path.exists():
        if path.samefile(project.path):
            raise UserError(f"{path} is the project itself.", "Choose another name for the copy.")
        if not replace:
            raise UserError(f"{path} already exists.", "Choose another name.")
        _refuse_open(path)
    project.save_copy(path, tell)


def _refuse_open(path: Path) -> None:
    try:
        other = Project.open(path, read_only=True)
    except UserError:
        return  # no project of ours, which a person chose to replace
    with other:
        held = presence.holder(other)
    if held is not None:
        raise presence.InUseError(f"{path} is in use: {held}.", "Choose another name.", held)
