"""Where files of tiles lie on this machine: named by their picture's SHA-256, bounded, and always safe to delete."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

import platformdirs

LIMIT_BYTES = 20 << 30
"""Files of tiles beyond this are deleted, the one looked at longest ago first."""
_SHARE_OF_FREE = 0.5
"""And no more than this share of what the disk would have free without them."""
_SUFFIX = ".tiles.zip"
_LEFT_S = 24 * 3600


def folder() -> Path:
    """The folder of this user."""
    return platformdirs.user_cache_path("boxwright", appauthor=False) / "tiles"


def path_of(sha256: str) -> Path:
    """Where the tiles of a picture lie, or will."""
    return folder() / f"{sha256}{_SUFFIX}"


def find(sha256: str) -> Path | None:
    """The tiles of a picture, which count as looked at now; None where there are none."""
    path = path_of(sha256)
    if not path.is_file():
        return None
    with suppress(OSError):  # a folder that may only be read serves as well
        os.utime(path)
    return path


def make_room() -> None:
    """Delete what is beyond the limit. What another window has open stays readable there, or stays."""
    _clear_up()
    kept = sorted(_files(), key=lambda path: path.stat().st_mtime, reverse=True)
    sizes = [path.stat().st_size for path in kept]
    limit = _limit(sum(sizes))
    held = 0
    for path, size in zip(kept, sizes, strict=True):
        held += size
        if held > limit:
            with suppress(OSError):
                path.unlink()


def _clear_up() -> None:
    """Delete what was left half done a day ago or earlier, by a process that was killed."""
    for left in (*folder().glob("part-*"), *folder().glob(f"*{_SUFFIX}.part")):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > _LEFT_S:
                shutil.rmtree(left) if left.is_dir() else left.unlink()


def _limit(held: int) -> int:
    with suppress(OSError):
        return min(LIMIT_BYTES, int(_SHARE_OF_FREE * (shutil.disk_usage(folder()).free + held)))
    return LIMIT_BYTES


def _files() -> list[Path]:
    return list(folder().glob(f"*{_SUFFIX}"))
