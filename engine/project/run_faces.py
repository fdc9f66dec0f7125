"""Which faces an embedder's run learned from and was tried on, and whose they were then.

They are told by their ids: a face that is gone meanwhile stays on the list, until its person is erased.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import msgspec

from engine.project.store import Project

FaceSplit: TypeAlias = Literal["train", "val"]


@dataclass(frozen=True, slots=True)
class RunFace:
    """One face of a run."""

    template_id: int
    identity_id: int | None
    """Whose it was; None of a face that counts only in pairs."""
    split: FaceSplit
    """'val': the network never learned from it."""


def keep(project: Project, run_id: int, faces: Iterable[RunFace]) -> None:
    """Remember, inside `atomic()`, the faces of a run in place of those it had."""
    project.execute("DELETE FROM run_faces WHERE run_id = ?", (run_id,))
    project.execute_many(
        "INSERT INTO run_faces (run_id, template_id, identity_id, split) VALUES (?, ?, ?, ?)",
        ((run_id, each.template_id, each.identity_id, each.split) for each in faces),
    )


def inherit_erased(project: Project, run_id: int, start_checkpoint_id: int | None) -> None:
    """Mark a run, inside `atomic()`, that goes on from weights which learned from somebody who was erased since."""
    sql = (
        "UPDATE runs SET has_erased = 1 WHERE id = ? AND EXISTS (SELECT 1 FROM checkpoints c "
        "JOIN runs r ON r.id = c.run_id WHERE c.id = ? AND r.has_erased = 1)"
    )
    project.execute(sql, (run_id, start_checkpoint_id))


def of_run(project: Project, run_id: int) -> tuple[RunFace, ...]:
    """The faces of a run, by id; none of a run that was not trained here."""
    sql = "SELECT template_id, identity_id, split FROM run_faces WHERE run_id = ? ORDER BY template_id"
    return tuple(RunFace(*row) for row in project.rows(sql, (run_id,)))


def learned_from(project: Project, checkpoint_id: int | None) -> frozenset[int]:
    """The people whom the weights of a checkpoint learned from, as they are known now: by its card, which also tells
    of trainings that it goes on from, and by the faces of its run, which may have been given to others meanwhile.

    Weights that were brought in learned from nobody here.
    """
    row = project.row("SELECT card, run_id FROM checkpoints WHERE id = ? AND kind <> 'imported'", (checkpoint_id,))
    if row is None:
        return frozenset()
    sql = (
        "SELECT DISTINCT t.identity_id AS id FROM run_faces f JOIN templates t ON t.id = f.template_id "
        "WHERE f.run_id = ? AND f.split = 'train' AND f.identity_id IS NOT NULL AND t.identity_id IS NOT NULL"
    )
    return frozenset(project.ids(sql, (row[1],))) | _on_card(row[0])


class _Card(msgspec.Struct):
    identity_ids: tuple[int, ...] = ()


def _on_card(card: str) -> frozenset[int]:
    """Nobody where the card is not one of ours."""
    try:
        return frozenset(msgspec.json.decode(card, type=_Card).identity_ids)
    except msgspec.DecodeError:
        return frozenset()
