"""Reference: which shapes the live IoU of a moving shape is measured against, as chosen by the person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from engine.project import authors, runs
from engine.project.records import Annotation
from engine.project.store import Project

ReferenceKind: TypeAlias = Literal["suggestions", "neighbours", "others", "author", "run", "off"]
PLAIN: tuple[ReferenceKind, ...] = ("suggestions", "neighbours", "others", "off")
"""The kinds that need no id, and are there in every project."""
TITLES: dict[ReferenceKind, str] = {
    "suggestions": "Suggestions shown",
    "neighbours": "Neighbours",
    "others": "Other people's shapes",
    "off": "Nothing",
}


@dataclass(frozen=True, slots=True)
class Reference:
    """One layer of shapes: suggestions of the shown run, all detections of a run, or annotations."""

    kind: ReferenceKind = "suggestions"
    id: int = 0
    """Of the run or the author."""
    name: str = ""
    """Of the author."""

    @classmethod
    def of(cls, kind: str) -> Reference:
        """A layer without an id, by its kind as it is kept in the settings; suggestions where there is no such."""
        return next((cls(known) for known in PLAIN if known == kind), cls())

    @property
    def title(self) -> str:
        """As lists call it."""
        if self.kind == "run":
            return f"Run {self.id}, all detections"
        return f"Shapes by {self.name}" if self.kind == "author" else TITLES[self.kind]

    @property
    def partner(self) -> str:
        """As one shape of it is called."""
        words: dict[ReferenceKind, str] = {
            "suggestions": "suggestion", "neighbours": "neighbour", "others": "other's shape", "off": "",
        }  # fmt: skip
        if self.kind == "run":
            return f"run {self.id}"
        return self.name if self.kind == "author" else words[self.kind]

    def holds(self, author_id: int | None) -> Callable[[Annotation], bool]:
        """Which annotations belong to it, for the person with this id."""
        if self.kind == "others":
            return lambda one: one.author_id != author_id
        if self.kind == "author":
            return lambda one: one.author_id == self.id
        return lambda _: self.kind == "neighbours"


def offered(project: Project, author_id: int | None) -> tuple[Reference, ...]:
    """All layers that there are in a project, for the person with this id."""
    people = {id_: name for id_, name in authors.names(project).items() if id_ != author_id}
    found = [Reference(kind) for kind in PLAIN if kind != "off" and (people or kind != "others")]
    if len(people) > 1:
        found += [Reference("author", id_, name) for id_, name in people.items()]
    found += [Reference("run", run.id) for run in runs.all_runs(project) if run.kind == "detector"]
    return (*found, Reference("off"))
