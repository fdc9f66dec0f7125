"""Faces that wait for a name, put together: by whom they may be, by likeness, and alone. No Qt."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.gallery import Vectors
from engine.gallery.clustering import clusters, parting
from engine.project.records import Template, TemplateState

NAMELESS: frozenset[TemplateState] = frozenset({"unknown", "rejected"})
"""States of faces of which nobody knows who they are; a rejected one is known not to be somebody."""


@dataclass(frozen=True, slots=True)
class FaceSection:
    """Faces that belong together, under a heading."""

    title: str
    ids: tuple[int, ...]
    """Of their templates, at least one."""
    note: str = ""
    """What is said beside the title."""


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """What faces are put together by."""

    vectors: Vectors
    """Of nameless faces."""
    threshold: float
    """NaN: guessed from the faces themselves."""

    def is_like(self, other: Likeness | None) -> bool:
        """Whether the same groups come of both."""
        return (
            other is not None
            and np.array_equal(self.threshold, other.threshold, equal_nan=True)
            and np.array_equal(self.vectors.template_ids, other.vectors.template_ids)
            and np.array_equal(self.vectors.vectors, other.vectors.vectors)
        )

    def groups(self) -> tuple[tuple[int, ...], ...]:
        """Template ids of faces that probably are of one person, single faces included."""
        if not len(self.vectors):
            return ()
        threshold = parting(self.vectors) if math.isnan(self.threshold) else self.threshold
        if threshold is None:
            return tuple((template_id,) for template_id in self.vectors.template_ids.tolist())
        return clusters(self.vectors, threshold)


def likeness(templates: Mapping[int, Template], vectors: Vectors, threshold: float) -> Likeness:
    """What the nameless faces are put together by; those without a vector have no part in it."""
    rows = [
        row for row, each in enumerate(vectors.template_ids.tolist())
        if each in templates and templates[each].state in NAMELESS
    ]  # fmt: skip
    return Likeness(Vectors(vectors.template_ids[rows], vectors.vectors[rows], vectors.metric), threshold)


@dataclass(frozen=True, slots=True)
class Shown:
    """What of the faces is listed."""

    suggested: bool = True
    nameless: bool = True
    ignored: bool = False


def sections(
    templates: Mapping[int, Template],
    name: Callable[[int | None], str],
    groups: Sequence[Sequence[int]],
    shown: Shown = Shown(),
) -> tuple[FaceSection, ...]:
    """The suggested ones by person, groups that one name may do for, single faces, those that nobody has looked at."""
    found: list[FaceSection] = []
    if shown.suggested:
        found += _suggested(templates, name)
    if shown.nameless:
        found += _nameless(templates, groups)
    if shown.ignored:
        ignored = tuple(each.id for each in templates.values() if each.state == "ignored")
        found += [FaceSection("Ignored", ignored)] if ignored else []
    return tuple(found)


def _suggested(templates: Mapping[int, Template], name: Callable[[int | None], str]) -> list[FaceSection]:
    by_person: dict[int, list[int]] = {}
    for each in templates.values():
        if each.state == "suggested" and each.identity_id is not None:
            by_person.setdefault(each.identity_id, []).append(each.id)
    people = sorted(by_person, key=lambda person: name(person).casefold())
    return [FaceSection(f"{name(person)}?", tuple(by_person[person]), "Enter confirms") for person in people]


def _nameless(templates: Mapping[int, Template], groups: Sequence[Sequence[int]]) -> list[FaceSection]:
    left = {each.id: None for each in templates.values() if each.state in NAMELESS}
    together: list[FaceSection] = []
    alone: list[int] = []
    for group in groups:
        there = tuple(each for each in group if each in left)
        for each in there:
            del left[each]
        if len(there) > 1:
            together.append(FaceSection("Probably one person", there, "one name does for all"))
        else:
            alone += there
    found = together
    if alone:
        found.append(FaceSection("Alone", tuple(alone), "nobody else looks alike"))
    if left:
        found.append(FaceSection("Not compared yet", tuple(left)))
    return found
