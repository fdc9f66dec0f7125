"""Erasing a person for good: nothing of them is left in the project file, which is proven; undo brings nothing back.

What goes: their crops, vectors and pairs, their name and what they agreed to, they themselves; all of that in steps to
undo and redo; and their places in the lists of what networks learned from. What a network learned stays in its weights,
and its run says so. Pictures that show them stay unless asked otherwise, and are named. So are copies of the project
beside it, made before it was brought to a newer version: those hold the person still, as any copy made by hand does.

First everything is asked for, which can be stopped. Then one transaction takes it out, and the file is written anew.
Last comes the proof: pieces of every crop, vector and text are looked for in every byte of the file. It says nothing of
the disk around the file, where the system leaves what it likes of older states.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.errors import UserError
from engine.progress import Progress, Work
from engine.project import contents, erasing_history, erasing_runs, images, naming
from engine.project.erasing_history import Gone
from engine.project.erasing_proof import proven
from engine.project.erasing_runs import Listed, RunsRewritten
from engine.project.needles import Needles
from engine.project.store import Change, Project
from engine.project.traces_of_person import Asked, Traces, traces

SOMEBODY = "an erased person"
"""What stands in titles and messages in place of a name."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased, what was left, and the proof."""

    name: str
    n_templates: int
    """Faces that were there."""
    n_past_templates: int
    """Faces that undo or redo would have brought back."""
    n_pairs: int
    n_steps: int
    """Steps to undo or redo that were rewritten or dropped."""
    runs: tuple[int, ...]
    """Those that learned from the person, marked so now."""
    n_checkpoints: int
    n_states: int
    images_removed: tuple[str, ...]
    images_left: tuple[str, ...]
    """Pictures that showed the person, by name, and are there still."""
    files_left: tuple[Path, ...]
    """Pictures outside the project to which it had links: of those that showed the person, all are still there."""
    backups: tuple[Path, ...]
    """Older copies of the project beside it, which may hold the person."""
    left: tuple[str, ...]
    """What else holds the same name or bytes, and belongs to something that stays: 'Image anna.jpg'."""
    n_bytes: int
    """Of the file, each of which was looked at."""
    n_needles: int
    """Pieces of what was erased that were looked for; none was found but in what is in `left`."""


@dataclass(frozen=True, slots=True)
class _Taken:
    """What the transaction took out."""

    found: Traces
    needles: Needles
    shared: tuple[int, ...]
    """Contents that something else holds too."""
    n_steps: int
    runs: RunsRewritten
    images_removed: tuple[str, ...]
    images_left: tuple[str, ...]
    files_left: tuple[Path, ...]


def erase(
    project: Project, identity_id: int, *, with_images: bool = False, with_suggested: bool = True
) -> Work[Erased]:
    """Erase a person; yields Progress.

    `with_images` removes the pictures that show them, `with_suggested` faces that an embedder took for them and nobody
    confirmed. Raises UserError, with nothing changed, where there is no such person, a training that learns from them
    is under way, or SQLite would not overwrite what it removes; and where the proof fails.
    """
    project.refuse_careless()
    seen = project.value("PRAGMA data_version")
    found = yield from traces(project, Asked(identity_id, with_suggested))
    _refuse_under_way(project, found)
    wanted = found.content_ids | found.image_content_ids if with_images else found.content_ids
    needles_of = yield from _needles_of(project, wanted)
    yield Progress(0, None, "Erasing")
    with project.atomic():
        if project.value("PRAGMA data_version") != seen:
            raise UserError(f"{project.path} was changed meanwhile: nobody was erased.", "Try again.")
        taken = _take_out(project, found, needles_of, with_images=with_images)
    _rewrite_file(project, found)
    looked = yield from proven(project, found.identity.name, taken.needles)
    left = {naming.content(project, content_id) for content_id in taken.shared} | set(looked.holders)
    return _told(project, taken, looked.n_bytes, tuple(sorted(left)))


def backups(path: Path) -> tuple[Path, ...]:
    """Copies of a project that were put beside it before it was brought to a newer version, and are there still."""
    pattern = re.compile(re.escape(path.stem) + r"\.version-\d+(-\d+)?" + re.escape(path.suffix))
    return tuple(sorted(each for each in path.parent.iterdir() if pattern.fullmatch(each.name)))


def _refuse_under_way(project: Project, found: Traces) -> None:
    sql = (
        "SELECT id FROM runs WHERE state IN ('running', 'paused') AND kind = 'embedder' "
        "AND id IN (SELECT value FROM json_each(?))"
    )
    under_way = project.ids(sql, (json.dumps(sorted(found.run_ids)),))
    if under_way:
        raise UserError(f"Run {under_way[0]} is learning from {found.identity.name}.", "Stop it first.")


def _needles_of(project: Project, content_ids: set[int]) -> Work[dict[int, Needles]]:
    """Pieces of each crop and picture, by the content it is in."""
    pieces = dict[int, Needles]()
    for done, content_id in enumerate(sorted(content_ids)):
        yield Progress(done, len(content_ids), "Remembering what to look for")
        sha256 = project.value("SELECT sha256 FROM contents WHERE id = ?", (content_id,))
        chunks = project.each("SELECT bytes FROM chunks WHERE content_id = ?", (content_id,))
        pieces[content_id] = Needles.together(
            [Needles.of_hash(sha256), *(Needles.of_value(each) for (each,) in chunks)]
        )
    return pieces


def _take_out(project: Project, found: Traces, needles_of: Mapping[int, Needles], *, with_images: bool) -> _Taken:
    """Everything of the person, inside `atomic()`."""
    faces = frozenset(found.all_template_ids)
    vectors = _vectors(project, found)
    names = tuple(naming.image(project, each) for each in sorted(found.image_ids))
    files = _linked(project, found.image_ids)
    gone_images = frozenset(found.image_ids | found.past_image_ids) if with_images else frozenset[int]()
    gone = Gone(found.identity_ids, faces, frozenset(found.pair_ids), gone_images)
    _drop_rows(project, found)
    if with_images:
        _drop_images(project, found.image_ids)
    n_steps = erasing_history.rewrite(project, found, gone)
    runs = erasing_runs.rewrite(project, Listed(found.identity_ids, frozenset(found.names), faces))
    _rename(project, found)
    contents.release(project, found.content_ids)
    shared = project.ids("SELECT id FROM contents WHERE id IN (SELECT value FROM json_each(?))", (_json(needles_of),))
    needles = Needles.together(
        [
            *(pieces for content_id, pieces in needles_of.items() if content_id not in shared),
            *(Needles.of_value(vector) for vector in vectors),
            *(Needles.of_text(text) for text in found.names | found.own_consents),
        ]
    )
    removed, left = (names, ()) if with_images else ((), names)
    return _Taken(found, needles, tuple(shared), n_steps, runs, removed, left, files)


def _linked(project: Project, image_ids: Iterable[int]) -> tuple[Path, ...]:
    sql = "SELECT link FROM images WHERE link IS NOT NULL AND id IN (SELECT value FROM json_each(?)) ORDER BY id"
    return tuple(project.path.parent / link for (link,) in project.rows(sql, (_json(image_ids),)))


def _rewrite_file(project: Project, found: Traces) -> None:
    try:
        project.rewrite_file()
    except UserError as error:
        raise UserError(
            f"{found.identity.name} was erased, but the file was not written anew, nothing is proven: {error.message}",
            "Save a copy under another name and delete this file.",
        ) from error


def _vectors(project: Project, found: Traces) -> set[bytes]:
    sql = "SELECT vector FROM embeddings WHERE template_id IN (SELECT value FROM json_each(?))"
    return found.past_vectors | {vector for (vector,) in project.rows(sql, (_json(found.template_ids),))}


def _drop_rows(project: Project, found: Traces) -> None:
    identity_id, faces = found.identity.id, _json(found.template_ids)
    annotated = project.ids("SELECT DISTINCT image_id AS id FROM annotations WHERE identity_id = ?", (identity_id,))
    loose = project.ids(
        "SELECT id FROM templates WHERE identity_id = ? AND id NOT IN (SELECT value FROM json_each(?))",
        (identity_id, faces),
    )
    project.execute("UPDATE annotations SET identity_id = NULL WHERE identity_id = ?", (identity_id,))
    project.execute("DELETE FROM templates WHERE id IN (SELECT value FROM json_each(?))", (faces,))
    project.execute("UPDATE templates SET identity_id = NULL, state = 'unknown' WHERE identity_id = ?", (identity_id,))
    project.execute("DELETE FROM identities WHERE id = ?", (identity_id,))
    project.note(
        Change(
            identities=frozenset({identity_id}),
            templates=frozenset({*found.template_ids, *loose}),
            annotated=frozenset(annotated),
            gallery=True,
        )
    )


def _drop_images(project: Project, image_ids: Iterable[int]) -> None:
    """Images for good, and the mark on the runs that learned from them."""
    ids = _json(image_ids)
    sql = "SELECT DISTINCT run_id AS id FROM run_images WHERE image_id IN (SELECT value FROM json_each(?))"
    run_ids = project.ids(sql, (ids,))
    project.execute("UPDATE runs SET has_erased = 1 WHERE id IN (SELECT value FROM json_each(?))", (_json(run_ids),))
    truths = project.ids(
        "SELECT DISTINCT truth_content_id AS id FROM run_images "
        "WHERE truth_content_id IS NOT NULL AND image_id IN (SELECT value FROM json_each(?))",
        (ids,),
    )
    traced = project.ids(
        "SELECT content_id AS id FROM traces WHERE image_id IN (SELECT value FROM json_each(?))", (ids,)
    )
    project.execute("DELETE FROM run_images WHERE image_id IN (SELECT value FROM json_each(?))", (ids,))
    images.remove(project, image_ids)
    contents.release(project, [*truths, *traced])
    project.note(Change(runs=frozenset(run_ids)))


def _rename(project: Project, found: Traces) -> None:
    """Take their names out of titles and messages, where they stand as words of their own."""
    names = sorted(found.names, key=len, reverse=True)
    word = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in names))
    for table, column in (("history", "title"), ("runs", "message"), ("recipes", "name")):
        for row_id, text in project.rows(f"SELECT id, {column} FROM {table} WHERE {column} <> ''"):
            if (new := word.sub(SOMEBODY, text)) != text:
                project.execute(f"UPDATE {table} SET {column} = ? WHERE id = ?", (new, row_id))


def _told(project: Project, taken: _Taken, n_bytes: int, left: tuple[str, ...]) -> Erased:
    found = taken.found
    return Erased(
        name=found.identity.name,
        n_templates=len(found.template_ids),
        n_past_templates=len(found.past_template_ids),
        n_pairs=len(found.pair_ids),
        n_steps=taken.n_steps,
        runs=taken.runs.marked,
        n_checkpoints=taken.runs.n_checkpoints,
        n_states=taken.runs.n_states,
        images_removed=taken.images_removed,
        images_left=taken.images_left,
        files_left=taken.files_left,
        backups=backups(project.path),
        left=left,
        n_bytes=n_bytes,
        n_needles=len(taken.needles),
    )


def _json(ids: Iterable[int]) -> str:
    return json.dumps(sorted(ids))
