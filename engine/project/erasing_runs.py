"""Runs without a person: their lists of people, faces and pairs go on without them, and the runs are marked.

What a network has learned cannot be taken out of its weights: its run says so from then on, and so do runs that went on
from its weights. What is rewritten are the lists in recipes, in checkpoints' cards and in the JSON in front of
safetensors. A state to go on from is dropped: it holds the direction in which the network sees each person, and only a
training with all of them could go on from it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import UserError
from engine.project import contents
from engine.project.store import Change, Project

_PEOPLE = frozenset({"identity_ids", "people", "identities"})
_FACES = frozenset({"template_ids", "templates", "faces"})
_PAIRS = frozenset({"pairs"})
"""What lists of them are called, in recipes, cards and headers."""
_OF_CARD = frozenset({"embedder", "preprocessing_sha256"})
"""By which an embedder's card is known among other JSON."""
_MARK = {"has_erased": True}
_LENGTH_BYTES, _MOST_HEADER_BYTES, _ALIGNED = 8, 1 << 24, 8


@dataclass(frozen=True, slots=True)
class Listed:
    """Whom and what lists may name."""

    identity_ids: frozenset[int]
    names: frozenset[str]
    template_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class RunsRewritten:
    """What became of runs."""

    marked: tuple[int, ...]
    """Runs that learned from the person, which say so now."""
    n_checkpoints: int
    """Whose lists were rewritten."""
    n_states: int
    """States to go on from that were dropped."""


def rewrite(project: Project, listed: Listed) -> RunsRewritten:
    """Take the person out of every run, inside `atomic()`, and mark those that learned from them."""
    learned = (
        "SELECT DISTINCT run_id AS id FROM run_faces "
        "WHERE split = 'train' AND identity_id IN (SELECT value FROM json_each(?))"
    )
    marked = set(project.ids(learned, (_json(listed.identity_ids),)))
    n_states, n_checkpoints = 0, 0
    for checkpoint_id, run_id, content_id, card in project.rows(
        "SELECT k.id, k.run_id, k.content_id, k.card FROM checkpoints k JOIN runs r ON r.id = k.run_id "
        "WHERE r.kind = 'embedder'"
    ):
        value = _value(project, content_id)
        new_card, new_value = without(card, listed), _file_without(value, listed)
        if (new_card, new_value) == (card, value):
            continue
        marked.add(run_id)
        if "people" in _metadata(value):
            project.execute("DELETE FROM checkpoints WHERE id = ?", (checkpoint_id,))
            n_states += 1
        else:
            new_id = contents.put(project, new_value)
            row = (new_card, new_id, checkpoint_id)
            project.execute("UPDATE checkpoints SET card = ?, content_id = ? WHERE id = ?", row)
            n_checkpoints += 1
        contents.release(project, [content_id])
    marked = _with_followers(project, marked)
    touched = marked | _rewrite_recipes(project, listed)
    _forget_faces(project, listed)
    project.execute("UPDATE runs SET has_erased = 1 WHERE id IN (SELECT value FROM json_each(?))", (_json(marked),))
    project.note(Change(runs=frozenset(touched)))
    return RunsRewritten(tuple(sorted(marked)), n_checkpoints, n_states)


def without(text: str, listed: Listed) -> str:
    """JSON without the person in any of its lists; the very text where they are in none."""
    try:
        before = json.loads(text)
    except ValueError:
        return text
    after = _without(before, "", listed)
    return text if after == before else json.dumps(after, separators=(",", ":"))


def _without(value: Any, name: str, listed: Listed) -> Any:
    """A part of JSON that is called so; JSON in a text within it is seen through too."""
    if isinstance(value, dict):
        after = {key: _without(each, key, listed) for key, each in value.items()}
        return after | _MARK if after != value and value.keys() >= _OF_CARD else after
    if isinstance(value, list):
        return [_without(each, "", listed) for each in value if not _is_of_them(each, name, listed)]
    if isinstance(value, str) and value[:1] in ("{", "["):
        return _text_without(value, name, listed)
    return value


def _text_without(text: str, name: str, listed: Listed) -> str:
    try:
        before = json.loads(text)
    except ValueError:
        return text
    after = _without(before, name, listed)
    return text if after == before else json.dumps(after, separators=(",", ":"))


def _is_of_them(each: Any, name: str, listed: Listed) -> bool:
    if isinstance(each, str):
        return name in _PEOPLE and each in listed.names
    if isinstance(each, int):
        return each in (listed.identity_ids if name in _PEOPLE else listed.template_ids if name in _FACES else ())
    return name in _PAIRS and isinstance(each, list) and not listed.template_ids.isdisjoint(each[:2])


def _value(project: Project, content_id: int) -> bytes:
    """The bytes of a checkpoint; none where they are damaged, which is not for an erasure to complain of."""
    try:
        return contents.get(project, content_id)
    except UserError:
        return b""


def _header(value: bytes) -> dict[str, Any] | None:
    """The JSON in front of safetensors; None in front of anything else."""
    length = int.from_bytes(value[:_LENGTH_BYTES], "little")
    if not 0 < length <= min(_MOST_HEADER_BYTES, len(value) - _LENGTH_BYTES):
        return None
    try:
        found = json.loads(value[_LENGTH_BYTES : _LENGTH_BYTES + length])
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _metadata(value: bytes) -> Mapping[str, str]:
    found = (_header(value) or {}).get("__metadata__")
    return found if isinstance(found, dict) else {}


def _file_without(value: bytes, listed: Listed) -> bytes:
    """Safetensors with another JSON in front, the tensors as they are; the very bytes where nothing is to change."""
    header, before = _header(value), _metadata(value)
    after = _without(dict(before), "", listed)
    if header is None or after == before:
        return value
    text = json.dumps(header | {"__metadata__": after}, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _ALIGNED)
    tensors = value[_LENGTH_BYTES + int.from_bytes(value[:_LENGTH_BYTES], "little") :]
    return len(text).to_bytes(_LENGTH_BYTES, "little") + text + tensors


def _with_followers(project: Project, run_ids: set[int]) -> set[int]:
    """Runs, and those that went on from their weights."""
    run_of: dict[int, int] = dict(project.rows("SELECT id, run_id FROM checkpoints"))
    starts = {
        run_id: run_of.get(start)
        for run_id, start in project.rows(
            "SELECT r.id, json_extract(c.json, '$.start_checkpoint_id') FROM runs r "
            "JOIN recipes c ON c.id = r.recipe_id WHERE r.kind = 'embedder' AND json_valid(c.json)"
        )
    }
    found = set(run_ids)
    while more := {run_id for run_id, start in starts.items() if start in found} - found:
        found |= more
    return found


def _rewrite_recipes(project: Project, listed: Listed) -> set[int]:
    """Take the person out of recipes; returns the runs that have those."""
    changed = []
    for recipe_id, text in project.rows("SELECT id, json FROM recipes"):
        if (new := without(text, listed)) != text:
            project.execute("UPDATE recipes SET json = ? WHERE id = ?", (new, recipe_id))
            changed.append(recipe_id)
    sql = "SELECT id FROM runs WHERE recipe_id IN (SELECT value FROM json_each(?))"
    return set(project.ids(sql, (_json(changed),)))


def _forget_faces(project: Project, listed: Listed) -> None:
    project.execute(
        "DELETE FROM run_faces WHERE identity_id IN (SELECT value FROM json_each(?)) "
        "OR template_id IN (SELECT value FROM json_each(?))",
        (_json(listed.identity_ids), _json(listed.template_ids)),
    )


def _json(ids: Any) -> str:
    return json.dumps(sorted(ids))
