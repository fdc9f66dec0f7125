"""The stages of a check that verify bytes by their SHA-256: large values, pictures, thumbnails. See `inspections`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from engine.progress import Progress
from engine.project import images, naming
from engine.project.findings import Findings, reason
from engine.project.store import Project

BATCH = 500
"""Rows between two words of progress."""


def check_values(project: Project, found: Findings) -> Iterator[Progress]:
    """Large values: every chunk's hash, the whole value's hash and size, and no gap between the chunks."""
    listed = project.rows("SELECT id, sha256, size FROM contents ORDER BY id")
    done, total = 0, sum(size for _, _, size in listed)
    for content_id, sha256, size in listed:
        yield Progress(done, total, "Checking stored bytes")
        found.checked["contents"] += 1
        fault = _fault_of_value(project, content_id, sha256, size)
        if fault and project.value("SELECT 1 FROM contents WHERE id = ?", (content_id,)):
            found.blame(naming.content(project, content_id), fault)
        done += size


def _fault_of_value(project: Project, content_id: int, sha256: str, size: int) -> str:
    whole, n_bytes = hashlib.sha256(), 0
    sql = "SELECT position, sha256, bytes FROM chunks WHERE content_id = ? ORDER BY position"
    try:
        for expected, (position, chunk_sha256, chunk) in enumerate(project.each(sql, (content_id,))):
            if position != expected:
                return f"chunk {expected} of its bytes is missing"
            if hashlib.sha256(chunk).hexdigest() != chunk_sha256:
                return f"chunk {position} of its bytes is not what was stored"
            whole.update(chunk)
            n_bytes += len(chunk)
    except Exception as error:  # as in `checking`
        return f"its bytes cannot be read: {reason(error)}"
    if n_bytes != size:
        return f"it has {n_bytes} bytes instead of {size}"
    return "" if whole.hexdigest() == sha256 else "its bytes are not what was stored"


def check_pictures(project: Project, found: Findings) -> Iterator[Progress]:
    """Images: that each is of the bytes it was imported as, embedded or linked."""
    total = images.count(project)
    unlike = (
        "SELECT i.name FROM images i JOIN contents c ON c.id = i.content_id WHERE i.sha256 <> c.sha256 ORDER BY i.id"
    )
    for (name,) in project.rows(unlike):
        found.blame(f"Image {name}", "refers to the bytes of another picture")
    for done, image_id in enumerate(images.all_ids(project)):
        found.checked["images"] += 1
        if done % BATCH == 0:
            yield Progress(done, total, "Checking images")
        link, sha256 = project.row("SELECT link, sha256 FROM images WHERE id = ?", (image_id,)) or (None, "")
        if link is not None:
            yield Progress(done, total, "Checking linked pictures")
            found.checked["linked pictures"] += 1
            if fault := _fault_of_link(project.path.parent / link, sha256):
                found.blame(naming.image(project, image_id), fault)


def _fault_of_link(path: Path, sha256: str) -> str:
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return f"the linked picture {path} cannot be read: {error.strerror}"
    return "" if found == sha256 else f"the linked picture {path} is not the one that was imported"


def check_thumbnails(project: Project, found: Findings) -> Iterator[Progress]:
    """The small pictures of the image list."""
    ids = [image_id for (image_id,) in project.rows("SELECT image_id FROM thumbnails ORDER BY image_id")]
    for done, image_id in enumerate(ids):
        if done % BATCH == 0:
            yield Progress(done, len(ids), "Checking thumbnails")
        found.checked["thumbnails"] += 1
        if fault := _fault_of_thumbnail(project, image_id):
            found.blame(f"The thumbnail of {naming.image(project, image_id)}", fault)


def _fault_of_thumbnail(project: Project, image_id: int) -> str:
    try:
        row = project.row("SELECT sha256, jpeg FROM thumbnails WHERE image_id = ?", (image_id,))
        return "" if row is None or hashlib.sha256(row[1]).hexdigest() == row[0] else "is not what was stored"
    except Exception as error:  # as in `checking`
        return f"cannot be read: {reason(error)}"
