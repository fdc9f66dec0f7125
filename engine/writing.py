"""Files written whole: under a name of their own first, then in place of what was there."""

from __future__ import annotations

from pathlib import Path

from engine.errors import UserError


def write_whole(path: Path, data: bytes) -> None:
    """Write a file; raises UserError where it cannot be written, and what was there stays then."""
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise UserError(f"{path} cannot be written: {error.strerror}.", "Choose another folder.") from error
