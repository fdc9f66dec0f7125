"""Edits of images: review states, splits, tags, removal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engine.errors import UserError
from engine.project import images
from engine.project.records import ReviewState, Split
from engine.project.restoring import Restore, Rows, capture, removal
from engine.project.store import Change, Project


@dataclass(frozen=True, slots=True)
class SetImages:
    """Give images another review state or split; what is None stays."""

    ids: tuple[int, ...]
    state: ReviewState | None = None
    split: Split | Literal["none"] | None = None

    @property
    def title(self) -> str:
        what = "state" if self.state else "split"
        return f"Set {what} of {_images(self.ids)}"

    def apply(self, project: Project) -> Restore:
        """Change them; the inverse holds what they were."""
        before = capture(project, "images", self.ids)
        project.execute(
            "UPDATE images SET state = COALESCE(?1, state), "
            "split = CASE WHEN ?2 IS NULL THEN split WHEN ?2 = 'none' THEN NULL ELSE ?2 END "
            "WHERE id IN (SELECT value FROM json_each(?3))",
            (self.state, self.split, json.dumps(list(self.ids))),
        )
        project.note(Change(images=frozenset(self.ids)))
        return Restore((before,))


@dataclass(frozen=True, slots=True)
class TagImages:
    """Give images tags and take tags from them, by name."""

    ids: tuple[int, ...]
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        names = ", ".join((*self.added, *self.removed))
        return f"{'Tag' if self.added else 'Untag'} {_images(self.ids)} {names}"

    def apply(self, project: Project) -> Restore:
        """Change the tags; the inverse holds what was different. Raises UserError for a tag without a name."""
        added = [name.strip() for name in self.added]
        if not all(added):
            raise UserError("A tag needs a name.")
        untagged = Restore((Rows("image_tags", removed=self._tagged(project, self.removed)),)).apply(project)
        before = set(self._tagged(project, added))
        images.tag_all(project, self.ids, added)
        new = tuple(pair for pair in self._tagged(project, added) if pair not in before)
        return Restore((Rows("image_tags", removed=new), *untagged.steps))

    def _tagged(self, project: Project, names: Sequence[str]) -> tuple[tuple[int, int], ...]:
        """Which of the images have which of these tags: (image id, tag id)."""
        sql = (
            "SELECT image_id, tag_id FROM image_tags JOIN tags ON tags.id = tag_id "
            "WHERE image_id IN (SELECT value FROM json_each(?)) AND name IN (SELECT value FROM json_each(?))"
        )
        wanted = [name.strip() for name in names]
        return tuple(project.rows(sql, (json.dumps(list(self.ids)), json.dumps(wanted))))


@dataclass(frozen=True, slots=True)
class RemoveImages:
    """Remove images with everything on them.

    Their bytes stay in the file as long as this can be undone; `images.remove` is for good, and so is
    `History.forget` after this.
    """

    ids: tuple[int, ...]

    @property
    def title(self) -> str:
        return f"Delete {_images(self.ids)}"

    def apply(self, project: Project) -> Restore:
        """Remove them; the inverse puts all of it back under the same ids."""
        return Restore((removal("images", self.ids),)).apply(project)


def _images(ids: Sequence[int]) -> str:
    return "image" if len(ids) == 1 else f"{len(ids)} images"
