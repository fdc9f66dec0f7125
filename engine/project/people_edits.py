"""Edits of people: added, changed, made one, removed. Erasing, which cannot be taken back, is in `erasing`.

No title names a person: titles stay in the history, and a person may be erased.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from engine.errors import UserError
from engine.project import gallery
from engine.project.moments import now
from engine.project.records import Identity
from engine.project.restoring import Restore, Rows, removal
from engine.project.store import Project

_COLUMNS = ("id", "name", "consent", "retain_until", "created")


@dataclass(frozen=True, slots=True)
class AddIdentity:
    """Add a person of whom no face is known yet."""

    name: str
    consent: str = ""
    retain_until: str | None = None
    """'YYYY-MM-DD'."""

    @property
    def title(self) -> str:
        return "Add person"

    def apply(self, project: Project) -> Restore:
        """Add them; the inverse takes them away. Raises UserError where the name is taken or none, or the day none."""
        return Restore((added(project, [self.name], self.consent, self.retain_until),)).apply(project)


@dataclass(frozen=True, slots=True)
class SetIdentity:
    """Give a person another name, consent or last day."""

    identity: Identity

    @property
    def title(self) -> str:
        return "Change person"

    def apply(self, project: Project) -> Restore:
        """Store the new values, by id; the inverse holds the old ones. Raises UserError as AddIdentity does."""
        new, before = self.identity, gallery.identity(project, self.identity.id)
        row = (new.id, checked_name(new.name), new.consent, checked_day(new.retain_until))
        if row == (before.id, before.name, before.consent, before.retain_until):
            return Restore(())
        return Restore((Rows("identities", _COLUMNS[:4], changed=(row,)),)).apply(project)


@dataclass(frozen=True, slots=True)
class RemoveIdentities:
    """Remove people with their enrolled faces; faces that were only taken for them, rightly or not, become unknown.

    This can be undone: erasing is what leaves nothing behind.
    """

    ids: tuple[int, ...]

    @property
    def title(self) -> str:
        return "Remove person" if len(self.ids) == 1 else f"Remove {len(self.ids)} people"

    def apply(self, project: Project) -> Restore:
        """Remove them; the inverse puts all of it back."""
        loose = project.ids(
            "SELECT id FROM templates WHERE state <> 'confirmed' AND identity_id IN (SELECT value FROM json_each(?))",
            (json.dumps(self.ids),),
        )
        unknown = tuple((id_, None, "unknown") for id_ in loose)
        kept = Rows("templates", ("id", "identity_id", "state"), changed=unknown)
        return Restore((kept, removal("identities", self.ids))).apply(project)


@dataclass(frozen=True, slots=True)
class MergeIdentities:
    """Make several people the one that they are: all that is held of them is held of `into_id` then.

    Consents are put together, and the earliest last day is kept. What was said of two faces that are now of one person,
    that they are not, goes.
    """

    into_id: int
    ids: tuple[int, ...]

    @property
    def title(self) -> str:
        return f"Make {len(set(self.ids) | {self.into_id})} people one"

    def apply(self, project: Project) -> Restore:
        """Merge them; the inverse parts them again. Raises UserError where one of them is not there."""
        into = gallery.identity(project, self.into_id)
        others = [gallery.identity(project, id_) for id_ in sorted(set(self.ids) - {self.into_id})]
        steps = (
            Rows("identities", _COLUMNS[:4], changed=(_together(into, others),)),
            *(self._moved(project, table, [each.id for each in others]) for table in ("templates", "annotations")),
            self._no_longer_apart(project),
            removal("identities", [each.id for each in others]),
        )
        return Restore(steps).apply(project) if others else Restore(())

    def _moved(self, project: Project, table: str, ids: Sequence[int]) -> Rows:
        sql = f"SELECT id FROM {table} WHERE identity_id IN (SELECT value FROM json_each(?)) ORDER BY id"
        rows = tuple((id_, self.into_id) for id_ in project.ids(sql, (json.dumps(ids),)))
        return Rows(table, ("id", "identity_id"), changed=rows)

    def _no_longer_apart(self, project: Project) -> Rows:
        """Pairs of enrolled faces of these people that say that they are not of one."""
        sql = (
            "SELECT p.id FROM pairs p JOIN templates a ON a.id = p.template_a_id JOIN templates b "
            "ON b.id = p.template_b_id WHERE p.same = 0 AND a.state = 'confirmed' AND b.state = 'confirmed' "
            "AND a.identity_id IN (SELECT value FROM json_each(?1)) "
            "AND b.identity_id IN (SELECT value FROM json_each(?1))"
        )
        return removal("pairs", project.ids(sql, (json.dumps([self.into_id, *self.ids]),)))


def added(project: Project, names: Iterable[str], consent: str = "", retain_until: str | None = None) -> Rows:
    """The step that adds people. Raises UserError for what is no name or no day."""
    last = int(project.value("SELECT seq FROM sqlite_sequence WHERE name = 'identities'") or 0)
    moment, until = now(), checked_day(retain_until)
    checked = [checked_name(name) for name in names]
    rows = tuple((id_, name, consent, until, moment) for id_, name in enumerate(checked, last + 1))
    return Rows("identities", _COLUMNS, added=rows)


def named(project: Project, names: Iterable[str]) -> tuple[dict[str, int], Rows]:
    """Who bears these names (blanks around them left out), and the step that adds those who are not known yet."""
    wanted = sorted({checked_name(name) for name in names})
    sql = "SELECT name, id FROM identities WHERE name IN (SELECT value FROM json_each(?))"
    known: dict[str, int] = dict(project.rows(sql, (json.dumps(wanted),)))
    new = added(project, [name for name in wanted if name not in known])
    return known | {row[1]: row[0] for row in new.added}, new


def checked_name(name: str) -> str:
    """A person's name without the blanks around it; raises UserError where nothing is left."""
    if not name.strip():
        raise UserError("A person needs a name.")
    return name.strip()


def checked_day(day: str | None) -> str | None:
    """A day as 'YYYY-MM-DD', or none; raises UserError for anything else."""
    if not day:
        return None
    try:
        return date.fromisoformat(day.strip()).isoformat()
    except ValueError as error:
        raise UserError(f"{day!r} is no day.", "Write it as 2027-12-31.") from error


def _together(into: Identity, others: Sequence[Identity]) -> tuple[int, str, str, str | None]:
    everyone = (into, *others)
    consents = dict.fromkeys(each.consent for each in everyone if each.consent)
    days = [each.retain_until for each in everyone if each.retain_until is not None]
    return into.id, into.name, "\n".join(consents), min(days, default=None)
