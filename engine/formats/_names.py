"""Names of pictures: safe below their folder, and where each split's pictures lie in folders."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path, PurePosixPath

from engine.errors import UserError
from engine.formats._fields import Reject, readable, shown
from engine.formats._pages import Split

_SPLITS: dict[str, Split] = {
    "train": "train", "training": "train",
    "val": "val", "valid": "val", "validation": "val",
    "test": "test", "testing": "test",
}  # fmt: skip
_UNSPLIT = "unsplit"
_LONGEST = 1024


def safe_name(name: str) -> str:
    """A picture's relative path with `/`; raises Reject where it is absolute or leads out of its folder."""
    path = name.replace("\\", "/")
    parts = [part for part in path.split("/") if part not in {"", "."}]
    if path.startswith("/") or re.match(r"[A-Za-z]:", path):
        raise Reject(f"{shown(name)} is an absolute path")
    if ".." in parts:
        raise Reject(f"{shown(name)} leads out of the imported folder")
    safe = "/".join(parts)
    if not safe or len(safe) > _LONGEST or readable(safe) != safe:
        raise Reject(f"{shown(name)} is no name for a file")
    return safe


def to_write(name: str) -> PurePosixPath:
    """The relative path at which a picture of this name may be written; raises UserError where it leads out."""
    try:
        return PurePosixPath(safe_name(name))
    except Reject as reason:
        raise UserError(f"A picture cannot be written: {reason}.", "Rename it in the project.") from reason


def split_named(word: str) -> Split | None:
    """The split that a folder or file is named after, None for any other word."""
    return _SPLITS.get(word.lower())


def split_in(stem: str) -> Split | None:
    """The split in a file's name, as in `instances_train2017`; None where there is none or several."""
    found = {split_named(word) for word in re.split(r"[^A-Za-z]+", stem)} - {None}
    return found.pop() if len(found) == 1 else None


def place(name: str, split: Split | None) -> Path:
    """Where a picture lies below a folder of pictures, by split; `placed` is the way back.

    An unsplit picture whose own first folder is named like a split goes below `unsplit`, lest it be taken for one.
    """
    path = to_write(name)
    if split is not None:
        return Path(split, path)
    first = path.parts[0].lower() if len(path.parts) > 1 else ""
    return Path(_UNSPLIT, path) if first == _UNSPLIT or split_named(first) else Path(path)


def placed(path: PurePosixPath) -> tuple[str, Split | None]:
    """Name and split of the picture that lies at this path below a folder of pictures."""
    if len(path.parts) > 1:
        rest = PurePosixPath(*path.parts[1:]).as_posix()
        if path.parts[0].lower() == _UNSPLIT:
            return rest, None
        if split := split_named(path.parts[0]):
            return rest, split
    return path.as_posix(), None


def stems(names: list[str]) -> dict[str, str]:
    """For each picture's name one to call its own annotation file by: without its suffix where that is enough."""
    bare = {name: PurePosixPath(name).with_suffix("").as_posix() for name in names}
    counts = Counter(stem.lower() for stem in bare.values())
    chosen = {name: stem if counts[stem.lower()] == 1 else name for name, stem in bare.items()}
    return chosen if len({stem.lower() for stem in chosen.values()}) == len(chosen) else {name: name for name in names}
