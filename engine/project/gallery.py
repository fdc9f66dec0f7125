"""The gallery: people, faces, what was said of pairs of faces, and how it decides. Vectors are in `embeddings`."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import msgspec

from engine.errors import UserError
from engine.gallery import Rule
from engine.project import contents
from engine.project.explaining import readable
from engine.project.records import Identity, Pair, Template, TemplateState
from engine.project.restorable import GALLERY_SETTINGS
from engine.project.store import Project, Row

NAMED: frozenset[TemplateState] = frozenset({"suggested", "confirmed", "rejected"})
"""The states in which a template has an identity; in the others it has none."""

_IDENTITY = "SELECT id, name, consent, retain_until, created FROM identities"
_TEMPLATE = (
    "SELECT id, identity_id, state, crop_content_id, annotation_id, image_id, quality, flaws, source, created "
    "FROM templates"
)


@dataclass(frozen=True, slots=True)
class GallerySettings:
    """How the gallery decides who a face is."""

    embedder_id: int | None = None
    """Whose vectors are compared; None where none is chosen yet."""
    rule: Rule = "nearest"
    threshold: float | None = None
    """Up to which distance a person is accepted; None: computed from the gallery for the share `far`."""
    far: float = 0.01
    """The share of strangers that may be taken for somebody."""
    find_run_id: int | None = None
    """The run whose network finds the faces in picture files; None: each file is a crop of one face."""


def identities(project: Project) -> tuple[Identity, ...]:
    """Everybody, by name."""
    return tuple(Identity(*row) for row in project.rows(f"{_IDENTITY} ORDER BY name COLLATE NOCASE, name"))


def identity(project: Project, identity_id: int) -> Identity:
    """One person; raises UserError where there is none with this id."""
    row = project.row(f"{_IDENTITY} WHERE id = ?", (identity_id,))
    if row is None:
        raise UserError(f"There is no person {identity_id} in {project.path}.")
    return Identity(*row)


def identity_named(project: Project, name: str) -> Identity | None:
    """The person of a name, blanks around it left out."""
    row = project.row(f"{_IDENTITY} WHERE name = ?", (name.strip(),))
    return None if row is None else Identity(*row)


def person(project: Project, name: str) -> Identity:
    """The person of a name; raises UserError where there is nobody called so."""
    found = identity_named(project, name)
    if found is None:
        raise UserError(f"{project.path} knows nobody called {name.strip()!r}.", "List people: boxwright faces list")
    return found


def due(project: Project, today: date) -> tuple[Identity, ...]:
    """Those of whom nothing may be kept any more: their last day is over. By name."""
    day = today.isoformat()
    return tuple(each for each in identities(project) if each.retain_until is not None and each.retain_until < day)


def counts(project: Project) -> Mapping[tuple[int | None, TemplateState], int]:
    """How many faces there are of each person's id (None: nobody's) in each state, where there are any."""
    sql = "SELECT identity_id, state, COUNT(*) FROM templates GROUP BY state, identity_id"
    return {(identity_id, state): n for identity_id, state, n in project.rows(sql)}


def templates(
    project: Project, *, identity_id: int | None = None, states: Collection[TemplateState] | None = None
) -> tuple[Template, ...]:
    """Faces by id: all of them, those of a person in whatever way, those in some states."""
    conditions, parameters = ["1"], list[object]()
    if identity_id is not None:
        conditions.append("identity_id = ?")
        parameters.append(identity_id)
    if states is not None:
        conditions.append(f"state IN ({', '.join('?' * len(states))})")
        parameters += states
    sql = f"{_TEMPLATE} WHERE {' AND '.join(conditions)} ORDER BY id"
    return tuple(map(_template, project.rows(sql, parameters)))


def template(project: Project, template_id: int) -> Template:
    """One face; raises UserError where there is none with this id."""
    row = project.row(f"{_TEMPLATE} WHERE id = ?", (template_id,))
    if row is None:
        raise UserError(f"There is no face {template_id} in {project.path}.")
    return _template(row)


def crop(project: Project, template_id: int) -> bytes:
    """The crop of a face, a PNG; raises UserError where there is no such face, or its bytes are damaged."""
    content_id = project.value("SELECT crop_content_id FROM templates WHERE id = ?", (template_id,))
    if content_id is None:
        raise UserError(f"There is no face {template_id} in {project.path}.")
    return contents.get(project, content_id)


def with_crops(project: Project, pngs: Sequence[bytes]) -> tuple[int | None, ...]:
    """For each crop the oldest template that has it already, or None: a face need not be brought in twice."""
    by_sha256: dict[str, int] = dict(
        project.rows(
            "SELECT c.sha256, MIN(t.id) FROM templates t JOIN contents c ON c.id = t.crop_content_id "
            "WHERE c.sha256 IN (SELECT value FROM json_each(?)) GROUP BY c.sha256",
            (msgspec.json.encode([hashlib.sha256(png).hexdigest() for png in pngs]).decode(),),
        )
    )
    return tuple(by_sha256.get(hashlib.sha256(png).hexdigest()) for png in pngs)


def pairs(project: Project) -> tuple[Pair, ...]:
    """What people said of two faces: that they are of one person, or that they are not."""
    sql = "SELECT template_a_id, template_b_id, same FROM pairs ORDER BY id"
    return tuple(Pair(a, b, bool(same)) for a, b, same in project.rows(sql))


def rejected(project: Project) -> Mapping[int, frozenset[int]]:
    """Who faces are not, as far as people said so: template id -> ids of identities; only those with any.

    A face is not whom it was rejected as, nor the person of a confirmed face of which it was said to differ.
    """
    sql = (
        "SELECT id, identity_id FROM templates WHERE state = 'rejected' AND identity_id IS NOT NULL UNION "
        "SELECT p.template_a_id, b.identity_id FROM pairs p JOIN templates b ON b.id = p.template_b_id "
        "WHERE p.same = 0 AND b.state = 'confirmed' AND b.identity_id IS NOT NULL UNION "
        "SELECT p.template_b_id, a.identity_id FROM pairs p JOIN templates a ON a.id = p.template_a_id "
        "WHERE p.same = 0 AND a.state = 'confirmed' AND a.identity_id IS NOT NULL"
    )
    found: dict[int, set[int]] = {}
    for template_id, identity_id in project.rows(sql):
        found.setdefault(template_id, set()).add(identity_id)
    return {template_id: frozenset(identity_ids) for template_id, identity_ids in found.items()}


def runs_with_erased(project: Project) -> frozenset[int]:
    """The runs that learned from somebody who was erased since: their weights know more than the project does."""
    return frozenset(project.ids("SELECT id FROM runs WHERE has_erased = 1"))


def settings(project: Project) -> GallerySettings:
    """How the gallery decides; an embedder or a run that has gone is none.

    Raises UserError where what is kept is damaged.
    """
    kept = project.value("SELECT value FROM meta WHERE name = ?", (GALLERY_SETTINGS,))
    if kept is None:
        return GallerySettings()
    with readable("What is kept of how the gallery decides"):
        found = msgspec.json.decode(kept, type=GallerySettings)
    if project.value("SELECT 1 FROM embedders WHERE id = ?", (found.embedder_id,)) is None:
        found = replace(found, embedder_id=None)
    if project.value("SELECT 1 FROM runs WHERE id = ?", (found.find_run_id,)) is None:
        found = replace(found, find_run_id=None)
    return found


def _template(row: Row) -> Template:
    id_, identity_id, state, content_id, annotation_id, image_id, quality, flaws, source, created = row
    flawed = tuple(flaws.split(",")) if flaws else ()
    return Template(id_, identity_id, state, content_id, annotation_id, image_id, quality, flawed, source, created)
