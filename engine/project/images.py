"""Images: the pictures a project holds, embedded or linked, each stored once by its SHA-256.

Their pixels are decoded elsewhere (engine.pictures); here they are bytes. Width and height are upright pixels.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from engine.errors import UserError
from engine.project import contents
from engine.project.moments import now
from engine.project.records import ImageRecord, ReviewState, Split
from engine.project.store import Change, Project

COLUMNS = "id, name, sha256, content_id, link, width, height, orientation, split, state"


@dataclass(frozen=True, slots=True)
class NewImage:
    """A picture to take in; `thumbnail` is a small upright JPEG."""

    name: str
    sha256: str
    width: int
    height: int
    orientation: int
    source: int | Path
    """The content id of its file's bytes (`contents.put`), or the path to link."""
    thumbnail: bytes
    split: Split | None = None


@dataclass(frozen=True, slots=True)
class ImageRow:
    """What a list of images shows of one of them."""

    id: int
    name: str
    split: Split | None
    state: ReviewState
    n_annotations: int
    n_suggestions: int
    tags: tuple[str, ...] = ()


def add(project: Project, new: NewImage) -> int:
    """Store a picture inside `atomic()`, or find it where it already is by its SHA-256; returns the image's id."""
    known = project.value("SELECT id FROM images WHERE sha256 = ?", (new.sha256,))
    if known is not None:
        return int(known)
    content_id = new.source if isinstance(new.source, int) else None
    link = link_to(project, new.source) if isinstance(new.source, Path) else None
    image_id = project.execute(
        "INSERT INTO images (name, sha256, content_id, link, width, height, orientation, split, created) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (new.name, new.sha256, content_id, link, new.width, new.height, new.orientation, new.split, now()),
    )
    project.execute(
        "INSERT INTO thumbnails (image_id, sha256, jpeg) VALUES (?, ?, ?)",
        (image_id, hashlib.sha256(new.thumbnail).hexdigest(), new.thumbnail),
    )
    project.note(Change(images=frozenset({image_id})))
    return image_id


def get(project: Project, image_id: int) -> ImageRecord:
    """One image; raises UserError when there is none with this id."""
    row = project.row(f"SELECT {COLUMNS} FROM images WHERE id = ?", (image_id,))
    if row is None:
        raise UserError(f"There is no image {image_id} in {project.path}.")
    return ImageRecord(*row)


def find(project: Project, sha256: str) -> ImageRecord | None:
    """The image whose file has this SHA-256, or None."""
    row = project.row(f"SELECT {COLUMNS} FROM images WHERE sha256 = ?", (sha256,))
    return None if row is None else ImageRecord(*row)


def named(project: Project, name: str) -> ImageRecord | None:
    """The first image with this name, or None."""
    row = project.row(f"SELECT {COLUMNS} FROM images WHERE name = ? ORDER BY id", (name,))
    return None if row is None else ImageRecord(*row)


def free_name(project: Project, name: str) -> str:
    """The name, or with a number where another image has it."""
    path, free, number = PurePosixPath(name), name, 1
    while named(project, free) is not None:
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}").as_posix()
    return free


def all_images(project: Project, split: Split | None = None) -> list[ImageRecord]:
    """Every image of a split, or of the project, by id."""
    sql = f"SELECT {COLUMNS} FROM images WHERE ?1 IS NULL OR split = ?1 ORDER BY id"
    return [ImageRecord(*row) for row in project.rows(sql, (split,))]


def all_ids(project: Project) -> list[int]:
    """The id of every image in list order: 100,000 of them in some tens of milliseconds."""
    return project.ids("SELECT id FROM images ORDER BY id")


def listed(project: Project, ids: Sequence[int]) -> list[ImageRow]:
    """What a list shows of these images, by id; meant for the rows in sight, not for all."""
    sql = (
        "SELECT id, name, split, state, (SELECT COUNT(*) FROM annotations a WHERE a.image_id = i.id), "
        "(SELECT COUNT(*) FROM detections d WHERE d.image_id = i.id AND d.state = 'suggested'), "
        "(SELECT json_group_array(name) FROM (SELECT name FROM image_tags JOIN tags ON tag_id = tags.id "
        "WHERE image_id = i.id ORDER BY name)) FROM images i WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"
    )
    rows = project.rows(sql, (json.dumps(list(ids)),))
    return [
        ImageRow(id_, name, split, state, n_annotations, n_suggestions, tuple(json.loads(tags)))
        for id_, name, split, state, n_annotations, n_suggestions, tags in rows
    ]


def existing(project: Project, ids: Iterable[int]) -> frozenset[int]:
    """Those of these ids that are images of the project."""
    asked = json.dumps(list(ids))
    return frozenset(project.ids("SELECT id FROM images WHERE id IN (SELECT value FROM json_each(?))", (asked,)))


def beside(project: Project, image_id: int) -> tuple[int, ...]:
    """The ids of the next and the previous image in list order, where there are any."""
    sql = "SELECT (SELECT MIN(id) FROM images WHERE id > ?1), (SELECT MAX(id) FROM images WHERE id < ?1)"
    found = project.row(sql, (image_id,)) or ()
    return tuple(other for other in found if other is not None)


def count(project: Project) -> int:
    """How many images the project holds."""
    return int(project.value("SELECT COUNT(*) FROM images"))


def thumbnail(project: Project, image_id: int) -> bytes | None:
    """The small upright JPEG of an image, or None when it has none."""
    found: bytes | None = project.value("SELECT jpeg FROM thumbnails WHERE image_id = ?", (image_id,))
    return found


def read(project: Project, image: ImageRecord) -> bytes:
    """The bytes of a picture's file, as they were imported (turn them upright by `image.orientation`).

    Raises UserError when an embedded picture is damaged, or a linked one is gone or has changed since.
    """
    if image.content_id is not None:
        return contents.get(project, image.content_id)
    path = linked_path(project, image)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error
    if hashlib.sha256(data).hexdigest() != image.sha256:
        raise _replaced(path)
    return data


@contextmanager
def laid_out(project: Project, image: ImageRecord, folder: Path) -> Iterator[Path]:
    """The file of a picture for as long as it is needed: the linked one, or the embedded bytes written into `folder`.

    For large pictures: they are never in memory whole. Raises UserError as `read` does.
    """
    if image.content_id is None:
        path = linked_path(project, image)
        try:
            sha256 = contents.sha256_of(path)
        except OSError as error:
            raise _unreadable(path, error) from error
        if sha256 != image.sha256:
            raise _replaced(path)
        yield path
        return
    path = folder / image.sha256
    try:
        contents.write_to(project, image.content_id, path)
        yield path
    finally:
        path.unlink(missing_ok=True)


def linked_path(project: Project, image: ImageRecord) -> Path:
    """Where a linked picture's file is; raises ValueError for an embedded one."""
    if image.link is None:
        raise ValueError(f"{image.name} is embedded")
    return project.path.parent / image.link


def link_to(project: Project, path: Path) -> str:
    """How the project refers to a file: relative where both lie on one drive, so that they can move together."""
    try:
        return Path(os.path.relpath(path, project.path.parent)).as_posix()
    except ValueError:
        return path.absolute().as_posix()


def remove(project: Project, ids: Iterable[int]) -> None:
    """Drop images with everything on them inside `atomic()`, and the bytes that no one else holds."""
    gone = list(ids)
    marks = (json.dumps(gone),)
    held = project.rows(
        "SELECT content_id FROM images WHERE content_id IS NOT NULL AND id IN (SELECT value FROM json_each(?))", marks
    )
    project.execute("DELETE FROM images WHERE id IN (SELECT value FROM json_each(?))", marks)
    contents.release(project, [content_id for (content_id,) in held])
    changed = frozenset(gone)
    project.note(Change(images=changed, annotated=changed, detected=changed))


def by_split(project: Project) -> dict[str, int]:
    """How many images each split has; images of no split count under ''."""
    sql = "SELECT COALESCE(split, ''), COUNT(*) FROM images GROUP BY split"
    return dict(project.rows(sql))


def tag(project: Project, image_id: int, names: Iterable[str]) -> None:
    """Give an image tags, by name, inside `atomic()`."""
    tag_all(project, (image_id,), names)


def tag_all(project: Project, ids: Iterable[int], names: Iterable[str]) -> None:
    """Give images tags, by name, inside `atomic()`; those that are not there any more are left out."""
    tagged, given = tuple(ids), json.dumps(list(names))
    project.execute("INSERT OR IGNORE INTO tags (name) SELECT value FROM json_each(?)", (given,))
    project.execute(
        "INSERT OR IGNORE INTO image_tags (image_id, tag_id) SELECT i.id, t.id FROM images i JOIN tags t "
        "WHERE i.id IN (SELECT value FROM json_each(?)) AND t.name IN (SELECT value FROM json_each(?))",
        (json.dumps(tagged), given),
    )
    project.note(Change(images=frozenset(tagged)))


def tags(project: Project, image_id: int) -> tuple[str, ...]:
    """The tags of an image by name."""
    sql = "SELECT name FROM tags JOIN image_tags ON tag_id = id WHERE image_id = ? ORDER BY name"
    return tuple(name for (name,) in project.rows(sql, (image_id,)))


def _unreadable(path: Path, error: OSError) -> UserError:
    return UserError(f"The linked picture {path} cannot be read: {error.strerror}.", "Put it back there.")


def _replaced(path: Path) -> UserError:
    return UserError(f"The linked picture {path} is not the one that was imported.", "Put the original back there.")


def tag_counts(project: Project, ids: Iterable[int]) -> dict[str, int]:
    """Every tag that is in use, by name, and how many of these images have it."""
    sql = (
        "SELECT name, (SELECT COUNT(*) FROM image_tags WHERE tag_id = tags.id "
        "AND image_id IN (SELECT value FROM json_each(?))) FROM tags "
        "WHERE EXISTS (SELECT 1 FROM image_tags WHERE tag_id = tags.id) ORDER BY name"
    )
    return dict(project.rows(sql, (json.dumps(list(ids)),)))
