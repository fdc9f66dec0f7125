"""The edit that gives annotations another class: of any number of them without reading a single shape."""

from __future__ import annotations

import json
from dataclasses import dataclass

from engine.project.moments import now
from engine.project.restoring import Restore, capture
from engine.project.store import Change, Project


@dataclass(frozen=True, slots=True)
class RetypeAnnotations:
    """Give annotations another class, by id."""

    ids: tuple[int, ...]
    class_id: int
    class_name: str

    @property
    def title(self) -> str:
        what = "annotation" if len(self.ids) == 1 else f"{len(self.ids)} annotations"
        return f"Make {what} {self.class_name}"

    def apply(self, project: Project) -> Restore:
        """Change those that are of another class; the inverse holds their old ones."""
        marks = json.dumps(list(self.ids))
        changing = project.rows(
            "SELECT id, image_id FROM annotations "
            "WHERE id IN (SELECT value FROM json_each(?)) AND class_id <> ? ORDER BY id",
            (marks, self.class_id),
        )
        ids = [id_ for id_, _ in changing]
        before = capture(project, "annotations", ids, ("class_id", "modified"))
        project.execute(
            "UPDATE annotations SET class_id = ?, modified = ? WHERE id IN (SELECT value FROM json_each(?))",
            (self.class_id, now(), json.dumps(ids)),
        )
        project.note(Change(annotated=frozenset(image_id for _, image_id in changing)))
        return Restore((before,))
