"""All that a project holds of a person, in its tables and in what can be undone; asked for before they are erased.

Theirs are the faces that were enrolled for them and those that an embedder took for them. A face that was rejected as
them is not theirs. What undo and redo keep is theirs by the same rule, and so are the names they had before.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from engine.progress import Progress, Work
from engine.project import gallery, images
from engine.project.inverses import decoded
from engine.project.records import Identity, TemplateState
from engine.project.restoring import Restore, Rows
from engine.project.store import Project, Row

THEIRS: tuple[TemplateState, ...] = ("confirmed", "suggested")


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose traces, and which."""

    identity_id: int
    with_suggested: bool = True
    """Whether faces that an embedder took for them, and nobody confirmed, are theirs."""

    @property
    def states(self) -> tuple[TemplateState, ...]:
        return THEIRS if self.with_suggested else THEIRS[:1]


@dataclass(slots=True)
class Traces:
    """What is a person's."""

    identity: Identity
    names: set[str] = field(default_factory=set)
    """The names they have and had."""
    consents: set[str] = field(default_factory=set)
    """What they agree to and agreed to."""
    others_consents: set[str] = field(default_factory=set)
    """What other people agree to and agreed to, often in the same words: those are no trace of the person."""
    template_ids: set[int] = field(default_factory=set)
    """Of faces that are there."""
    past_template_ids: set[int] = field(default_factory=set)
    """Of faces that only undo or redo would bring back."""
    content_ids: set[int] = field(default_factory=set)
    """Where the crops of all these faces are."""
    pair_ids: set[int] = field(default_factory=set)
    former_ids: set[int] = field(default_factory=set)
    """Of people who are there no more and were this one: of the same name, or of whom no other faces are known."""
    past_vectors: set[bytes] = field(default_factory=set)
    image_ids: set[int] = field(default_factory=set)
    """Of images that show them, as annotations say."""
    past_image_ids: set[int] = field(default_factory=set)
    """Of removed images that did, and that undo would bring back."""
    image_content_ids: set[int] = field(default_factory=set)
    """Where the bytes of all these images are."""
    run_ids: set[int] = field(default_factory=set)
    """Of runs that learned from them, or were tried on them."""
    history_ids: set[int] = field(default_factory=set)
    """Of steps to undo or redo that hold anything of theirs."""
    damaged_ids: set[int] = field(default_factory=set)
    """Of steps that cannot be read, so that nobody knows what they hold."""

    @property
    def identity_ids(self) -> frozenset[int]:
        """The person, and who they were."""
        return frozenset({self.identity.id, *self.former_ids})

    @property
    def own_consents(self) -> frozenset[str]:
        """What they agreed to in words that stand in nobody else's."""
        return frozenset(each for each in self.consents if not any(each in other for other in self.others_consents))

    @property
    def all_template_ids(self) -> set[int]:
        return self.template_ids | self.past_template_ids


def traces(project: Project, asked: Asked) -> Work[Traces]:
    """Look for everything; yields Progress. Raises UserError where there is no such person."""
    found = Traces(gallery.identity(project, asked.identity_id))
    found.names |= {found.identity.name} - {""}
    found.consents |= {found.identity.consent} - {""}
    found.others_consents |= {each.consent for each in gallery.identities(project) if each.id != asked.identity_id}
    _in_tables(project, asked, found)
    yield from _namesakes(project, found)
    yield from _each_step(project, found, "Reading what can be undone", lambda step: _people(step, asked, found))
    found.past_template_ids -= found.template_ids
    found.past_image_ids -= images.existing(project, found.past_image_ids)
    yield from _former(project, found)
    yield from _each_step(project, found, "Reading what hangs on it", lambda step: _hanging(step, found))
    return found


def _namesakes(project: Project, found: Traces) -> Iterator[Progress]:
    """Who was removed, and is called as the person is or was."""
    there, names_of = set(project.ids("SELECT id FROM identities")), dict[int, set[str]]()

    def see(step: Rows) -> bool:
        for row in (*step.added, *step.changed) if step.table == "identities" else ():
            who = named(step, row)
            names_of.setdefault(who["id"], set()).add(who.get("name", ""))
        return False

    yield from _each_step(project, found, "Reading names", see)
    names = {found.identity.name, *names_of.get(found.identity.id, ())} - {""}
    found.former_ids |= {id_ for id_, called in names_of.items() if id_ not in there and called & names}


def _former(project: Project, found: Traces) -> Iterator[Progress]:
    """Who the person was before people were made one, or a name was taken back."""
    there, faces_of = set(project.ids("SELECT id FROM identities")), dict[int, set[int]]()

    def see(step: Rows) -> bool:
        for row in (*step.added, *step.changed) if step.table == "templates" else ():
            who = named(step, row)
            if who.get("identity_id") is not None:
                faces_of.setdefault(who["identity_id"], set()).add(who["id"])
        return False

    yield from _each_step(project, found, "Reading who they were before", see)
    theirs = found.all_template_ids
    found.former_ids |= {id_ for id_, faces in faces_of.items() if id_ not in there and faces <= theirs}


def _in_tables(project: Project, asked: Asked, found: Traces) -> None:
    states = json.dumps(asked.states)
    of_them = "identity_id = ? AND state IN (SELECT value FROM json_each(?))"
    for template_id, content_id in project.rows(
        f"SELECT id, crop_content_id FROM templates WHERE {of_them}", (asked.identity_id, states)
    ):
        found.template_ids.add(template_id)
        found.content_ids.add(content_id)
    shown = "SELECT DISTINCT image_id AS id FROM annotations WHERE identity_id = ?"
    found.image_ids |= set(project.ids(shown, (asked.identity_id,)))
    pictures = (
        "SELECT content_id AS id FROM images WHERE content_id IS NOT NULL AND id IN (SELECT value FROM json_each(?))"
    )
    found.image_content_ids |= set(project.ids(pictures, (json.dumps(sorted(found.image_ids)),)))
    in_run = "SELECT DISTINCT run_id AS id FROM run_faces WHERE identity_id = ?1"
    found.run_ids |= set(project.ids(in_run, (asked.identity_id,)))
    paired = (
        "SELECT id FROM pairs WHERE template_a_id IN (SELECT value FROM json_each(?1)) "
        "OR template_b_id IN (SELECT value FROM json_each(?1))"
    )
    found.pair_ids |= set(project.ids(paired, (json.dumps(sorted(found.template_ids)),)))


def _each_step(project: Project, found: Traces, words: str, see: Callable[[Rows], bool]) -> Iterator[Progress]:
    ids = project.ids("SELECT id FROM history ORDER BY id")
    for done, history_id in enumerate(ids):
        yield Progress(done, len(ids), words)
        restore = step_of(project, history_id)
        if restore is None:
            found.damaged_ids.add(history_id)
        elif sum(see(step) for step in restore.steps):  # every step is to be seen, hence not any()
            found.history_ids.add(history_id)


def step_of(project: Project, history_id: int) -> Restore | None:
    """A step to undo or redo; None where it cannot be read."""
    try:
        return decoded(project.value("SELECT edit FROM history WHERE id = ?", (history_id,)))
    except (ValueError, TypeError):
        return None


def named(step: Rows, row: Row) -> dict[str, Any]:
    """A row of a step by the names of its columns."""
    return dict(zip(step.columns, row, strict=True))


def _people(step: Rows, asked: Asked, found: Traces) -> bool:
    """Whether a step names the person; whose faces and images those are is noted."""
    if step.table == "identities":
        return _of_identity(step, found)
    if step.table not in ("templates", "annotations"):
        return False
    rows = [named(step, row) for row in (*step.added, *step.changed)]
    theirs = [row for row in rows if row.get("identity_id") in found.identity_ids]
    if step.table == "annotations":
        found.past_image_ids |= {row["image_id"] for row in theirs if "image_id" in row}
        return bool(theirs)
    added = [named(step, row) for row in step.added]
    for row in added:
        if row["identity_id"] in found.identity_ids and row["state"] in asked.states:
            found.past_template_ids.add(row["id"])
            found.content_ids.add(row["crop_content_id"])
    return bool(theirs)


def _of_identity(step: Rows, found: Traces) -> bool:
    rows = [named(step, row) for row in (*step.added, *step.changed)]
    theirs = [row for row in rows if row["id"] in found.identity_ids]
    found.names |= {row["name"] for row in theirs if row.get("name")}
    found.consents |= {row["consent"] for row in theirs if row.get("consent")}
    return bool(theirs) or any(key[0] in found.identity_ids for key in step.removed)


def _hanging(step: Rows, found: Traces) -> bool:
    """Whether a step touches the person's faces, or who they were; vectors, pairs and names of theirs are noted."""
    faces = found.all_template_ids
    rows = [named(step, row) for row in (*step.added, *step.changed)]
    if step.table == "identities":
        found.others_consents |= {row.get("consent", "") for row in rows if row["id"] not in found.identity_ids}
        return _of_identity(step, found)
    if step.table == "templates":
        return any(row["id"] in faces for row in rows) or any(key[0] in faces for key in step.removed)
    if step.table == "images":
        theirs = [row for row in rows if row["id"] in found.past_image_ids]
        found.image_content_ids |= {row["content_id"] for row in theirs} - {None}
        return False
    if step.table == "embeddings":
        theirs = [row for row in rows if row["template_id"] in faces]
        found.past_vectors |= {row["vector"] for row in theirs if "vector" in row}
        return bool(theirs) or any(key[1] in faces for key in step.removed)
    if step.table == "pairs":
        ends = ("template_a_id", "template_b_id")
        theirs = [row for row in rows if row["id"] in found.pair_ids or any(row.get(end) in faces for end in ends)]
        found.pair_ids |= {row["id"] for row in theirs}
        return bool(theirs) or any(key[0] in found.pair_ids for key in step.removed)
    return False
