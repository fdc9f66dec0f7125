"""What a person's word on faces writes: the rows that templates, their annotations and pairs become.

Every function asks what is there and returns steps for `restoring`; applying them gives the inverse. Newest words
count: a pair of faces that says otherwise goes, or is turned round.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from itertools import product

import numpy as np

from engine.project import embeddings, gallery
from engine.project.moments import now
from engine.project.records import TemplateState
from engine.project.restoring import Rows
from engine.project.store import Project

N_NEAREST = 3
"""So many enrolled faces of a person make pairs with a face that was rightly suggested as that person."""

_STATE_COLUMNS = ("id", "identity_id", "state")
_PAIR_COLUMNS = ("id", "template_a_id", "template_b_id", "same", "created")


def confirmed(project: Project, person_of: Mapping[int, int]) -> tuple[Rows, ...]:
    """Faces become enrolled for these people: template id -> identity id."""
    before = _states(project, person_of)
    taught = [
        (template_id, near)
        for template_id, was in before.items()
        if was == ("suggested", person_of[template_id])
        for near in _nearest(project, template_id, person_of[template_id])
    ]
    states: dict[int, tuple[TemplateState, int | None]] = {id_: ("confirmed", person_of[id_]) for id_ in before}
    return (
        _become(before, states),
        _annotations(project, {id_: person_of[id_] for id_ in before}),
        *_denied(project, states),
        *_paired(project, taught, is_same=True),
    )


def suggestions(project: Project, ids: Collection[int]) -> dict[int, int]:
    """Those of the faces that are suggested, and as whom."""
    found = _states(project, ids).items()
    return {id_: person for id_, (state, person) in found if state == "suggested" and person is not None}


def rejected(project: Project, ids: Collection[int]) -> tuple[Rows, ...]:
    """Faces are not whom they were suggested or confirmed as; those of which neither holds stay as they are."""
    before = {id_: was for id_, was in _states(project, ids).items() if was[0] in ("suggested", "confirmed")}
    apart: list[tuple[int, int]] = []
    for person in {person for _, person in before.values()}:
        enrolled = [id_ for id_ in _enrolled(project, person) if id_ not in before]
        apart += product((id_ for id_, was in before.items() if was[1] == person), enrolled)
    return (
        _become(before, {id_: ("rejected", person) for id_, (_, person) in before.items()}),
        _annotations(project, dict.fromkeys(_confirmed_among(before))),
        *_paired(project, apart, is_same=False),
    )


def suggested(project: Project, person_of: Mapping[int, int | None]) -> tuple[Rows, ...]:
    """Faces may be these people, or (None) are taken for nobody; what a person said of them stays.

    Who is not there any more is suggested for nothing.
    """
    not_them = gallery.rejected(project)
    there = {None, *project.ids("SELECT id FROM identities")}
    before = {
        id_: was
        for id_, was in _states(project, person_of).items()
        if was[0] not in ("confirmed", "ignored")
        and person_of[id_] in there
        and person_of[id_] not in not_them.get(id_, ())
    }
    states: dict[int, tuple[TemplateState, int | None]] = {}
    for id_, was in before.items():
        if person_of[id_] is not None:
            states[id_] = ("suggested", person_of[id_])
        elif was[0] == "suggested":
            states[id_] = ("unknown", None)
    return (_become(before, states),)


def unnamed(project: Project, ids: Collection[int], state: TemplateState) -> tuple[Rows, ...]:
    """Faces are nobody's any more, for the reason that `state` tells."""
    before = _states(project, ids)
    return (
        _become(before, dict.fromkeys(before, (state, None))),
        _annotations(project, dict.fromkeys(_confirmed_among(before))),
    )


def unpaired(project: Project, ids: Collection[int]) -> tuple[Rows, ...]:
    """What was said of pairs that have any of these faces goes."""
    sql = (
        "SELECT id FROM pairs WHERE template_a_id IN (SELECT value FROM json_each(?1)) "
        "OR template_b_id IN (SELECT value FROM json_each(?1))"
    )
    return (Rows("pairs", removed=tuple((id_,) for id_ in project.ids(sql, (_listed(ids),)))),)


def annotated(project: Project, person_of: Mapping[int, int | None]) -> tuple[Rows, ...]:
    """The annotations that enrolled faces came from are of these people: template id -> identity id."""
    return (_annotations(project, person_of),)


def unannotated(project: Project, ids: Collection[int]) -> tuple[Rows, ...]:
    """The annotations that enrolled faces came from are nobody's any more."""
    return (_annotations(project, dict.fromkeys(_confirmed_among(_states(project, ids)))),)


def _become(
    before: Mapping[int, tuple[TemplateState, int | None]], states: Mapping[int, tuple[TemplateState, int | None]]
) -> Rows:
    changed = tuple(
        (id_, identity_id, state) for id_, (state, identity_id) in states.items() if before[id_] != (state, identity_id)
    )
    return Rows("templates", _STATE_COLUMNS, changed=changed)


def _states(project: Project, ids: Iterable[int]) -> dict[int, tuple[TemplateState, int | None]]:
    """What is said of those of the faces that are there: template id -> state and identity id."""
    sql = "SELECT id, state, identity_id FROM templates WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"
    return {id_: (state, identity_id) for id_, state, identity_id in project.rows(sql, (_listed(ids),))}


def _confirmed_among(before: Mapping[int, tuple[TemplateState, int | None]]) -> list[int]:
    return [id_ for id_, (state, _) in before.items() if state == "confirmed"]


def _annotations(project: Project, person_of: Mapping[int, int | None]) -> Rows:
    """The annotations of these templates with those people, where it is not so already."""
    sql = (
        "SELECT t.id, a.id, a.identity_id FROM templates t JOIN annotations a ON a.id = t.annotation_id "
        "WHERE t.id IN (SELECT value FROM json_each(?)) ORDER BY t.id"
    )
    found = {a: person_of[t] for t, a, was in project.rows(sql, (_listed(person_of),)) if was != person_of[t]}
    return Rows("annotations", ("id", "identity_id"), changed=tuple(found.items()))


def _enrolled(project: Project, identity_id: int | None) -> list[int]:
    sql = "SELECT id FROM templates WHERE identity_id = ? AND state = 'confirmed' ORDER BY id"
    return project.ids(sql, (identity_id,))


def _nearest(project: Project, template_id: int, identity_id: int) -> list[int]:
    """A person's enrolled faces that are most like a face; the oldest where there are no vectors to say."""
    enrolled = _enrolled(project, identity_id)
    embedder_id = gallery.settings(project).embedder_id
    if embedder_id is None:
        return enrolled[:N_NEAREST]
    found = embeddings.vectors_of(project, embedder_id, [template_id, *enrolled])
    own = found.template_ids == template_id
    if not own.any():
        return enrolled[:N_NEAREST]
    others = found.template_ids[~own]
    apart = np.linalg.norm(found.vectors[~own] - found.vectors[own], axis=1)
    return [int(each) for each in others[np.argsort(apart, kind="stable")[:N_NEAREST]]]


def _denied(project: Project, states: Mapping[int, tuple[TemplateState, int | None]]) -> tuple[Rows, ...]:
    """Pairs that say otherwise than that faces are of these people go."""
    sql = (
        "SELECT id, template_a_id, template_b_id, same FROM pairs WHERE template_a_id IN (SELECT value FROM "
        "json_each(?1)) OR template_b_id IN (SELECT value FROM json_each(?1))"
    )
    found = project.rows(sql, (_listed(states),))
    people = _states(project, {id_ for _, a, b, _ in found for id_ in (a, b)}) | dict(states)
    wrong = [
        (id_,)
        for id_, a, b, same in found
        if people[a][0] == people[b][0] == "confirmed" and (people[a][1] == people[b][1]) != bool(same)
    ]
    return (Rows("pairs", removed=tuple(wrong)),)


def _paired(project: Project, pairs: Iterable[tuple[int, int]], *, is_same: bool) -> tuple[Rows, ...]:
    """Two faces each are, or are not, of one person."""
    wanted = sorted({(min(pair), max(pair)) for pair in pairs})
    sql = (
        "SELECT template_a_id, template_b_id, id, same FROM pairs "
        "WHERE template_a_id IN (SELECT json_extract(value, '$[0]') FROM json_each(?))"
    )
    there = {(a, b): (id_, bool(same)) for a, b, id_, same in project.rows(sql, (json.dumps(wanted),))}
    turned = [(there[pair][0], int(is_same)) for pair in wanted if pair in there and there[pair][1] != is_same]
    first = int(project.value("SELECT seq FROM sqlite_sequence WHERE name = 'pairs'") or 0) + 1
    new = [pair for pair in wanted if pair not in there]
    rows = tuple((id_, *pair, int(is_same), now()) for id_, pair in enumerate(new, first))
    return (
        Rows("pairs", ("id", "same"), changed=tuple(turned)),
        Rows("pairs", _PAIR_COLUMNS, added=rows),
    )


def _listed(ids: Iterable[int]) -> str:
    return json.dumps(list(ids))
