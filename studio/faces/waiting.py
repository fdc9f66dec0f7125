"""Faces that wait for a name, put together: by whom they may be, by likeness, and alone. No Qt."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

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


def groups_of(templates: Mapping[int, Template], vectors: Vectors, threshold: float) -> tuple[tuple[int, ...], ...]:
    """Template ids of nameless faces that probably are of one person, single faces included.

    Those without a vector have no part in it. A threshold of NaN is guessed from the faces themselves.
    """
    rows = [
        row for row, each in enumerate(vectors.template_ids.tolist())
        if each in templates and templates[each].state in NAMELESS
    ]  # fmt: skip
    if not rows:
        return ()
    nameless = Vectors(vectors.template_ids[rows], vectors.vectors[rows], vectors.metric)
    limit = parting(nameless) if math.isnan(threshold) else threshold
    if limit is None:
        return tuple((template_id,) for template_id in nameless.template_ids.tolist())
    return clusters(nameless, limit)


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
