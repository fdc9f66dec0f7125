"""A glance into a folder: the files near its top, found without walking all of it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

_DEEPEST = 3
_MOST_FOLDERS = 200


def near(path: Path, suffixes: Iterable[str]) -> Iterator[Path]:
    """The file itself, or the files in a folder and a few levels below it, nearest first; never raises.

    Only files with one of these lower-case suffixes. At most 200 folders are opened, and no linked one.
    """
    wanted = tuple(suffixes)
    if path.name.lower().endswith(wanted) and _is_file(path):
        yield path
    level = [path]
    n_folders = 0
    for _ in range(_DEEPEST + 1):
        below: list[Path] = []
        for folder in level:
            n_folders += 1
            if n_folders > _MOST_FOLDERS:
                return
            files, folders = _entries(folder, wanted)
            yield from files
            below += folders
        level = below


def folders_named(path: Path, name: str) -> list[Path]:
    """The folders of this name in a folder and up to two levels below it; never raises."""
    found: list[Path] = []
    level = [path]
    for _ in range(_DEEPEST):
        below = [folder for parent in level[:_MOST_FOLDERS] for folder in _entries(parent, ())[1]]
        found += [folder for folder in below if folder.name.lower() == name]
        level = below
    return found


def _entries(folder: Path, wanted: tuple[str, ...]) -> tuple[list[Path], list[Path]]:
    files: list[Path] = []
    folders: list[Path] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    folders.append(Path(entry.path))
                elif entry.name.lower().endswith(wanted) and entry.is_file():
                    files.append(Path(entry.path))
    except (OSError, ValueError):
        return [], []
    return sorted(files), sorted(folders)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
