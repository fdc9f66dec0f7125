"""What an embedder can learn from in a project: the faces of people, and what was said of pairs of faces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from engine.cropping import decoded
from engine.errors import UserError
from engine.faces.clicked import FacePair
from engine.faces.training import Faces
from engine.project import gallery
from engine.project.records import TemplateState
from engine.project.store import Project

_CONFIRMED: tuple[TemplateState, ...] = ("confirmed",)
FEWEST_FACES = 2
"""Of a person: one face alone says nothing of how alike their faces are."""
FEWEST_PEOPLE = 3
"""A network that tells but two people apart has not learned what faces have in common."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The faces of a project that a training takes, by template."""

    identity_by_template: dict[int, int | None]
    """By template id, rising; None is a face that counts only in pairs."""
    pairs: tuple[tuple[int, int, bool], ...]
    """Two template ids each, and whether both are of one person."""

    @property
    def n_people(self) -> int:
        return len(set(self.identity_by_template.values()) - {None})

    @property
    def n_faces(self) -> int:
        """Those of people."""
        return sum(each is not None for each in self.identity_by_template.values())


def taken(
    project: Project, identity_ids: Collection[int] | None = None, template_ids: Collection[int] | None = None
) -> Taken:
    """The confirmed faces of everybody who has two or more, and pairs with them; of some people or templates only."""
    confirmed = {
        each.id: each.identity_id
        for each in gallery.templates(project, states=_CONFIRMED)
        if (identity_ids is None or each.identity_id in identity_ids)
        and (template_ids is None or each.id in template_ids)
    }
    counts = Counter(confirmed.values())
    people: dict[int, int | None] = {
        template_id: identity_id
        for template_id, identity_id in confirmed.items()
        if counts[identity_id] >= FEWEST_FACES
    }
    others = {each.id for each in gallery.templates(project) if each.state != "confirmed"}
    pairs = tuple(
        (pair.template_a_id, pair.template_b_id, pair.is_same)
        for pair in gallery.pairs(project)
        if all(end in people or end in others for end in (pair.template_a_id, pair.template_b_id))
        and (template_ids is None or {pair.template_a_id, pair.template_b_id} <= set(template_ids))
    )
    in_pairs = {end for first, second, _ in pairs for end in (first, second)}
    return Taken(dict(sorted((people | dict.fromkeys(in_pairs - people.keys())).items())), pairs)


def refuse_too_few(found: Taken) -> None:
    """Raise UserError where nothing can be learned from so few people, saying what is needed."""
    if found.n_people < FEWEST_PEOPLE:
        people = "1 person has" if found.n_people == 1 else f"{found.n_people or 'No'} people have"
        raise UserError(
            f"{people} two confirmed faces or more; an embedder learns from {FEWEST_PEOPLE} people at least.",
            "Enrol more faces, or confirm those that are suggested.",
        )


def refuse_gone(project: Project, found: Taken) -> None:
    """Raise UserError where a face that was taken is not there any more: its person may have been erased meanwhile."""
    if found.identity_by_template.keys() - {each.id for each in gallery.templates(project)}:
        raise UserError("Faces were removed while this training was made ready.", "Begin it again.")


def faces_of(project: Project, found: Taken) -> Faces:
    """Their crops, and pairs by their places among them."""
    place = {template_id: row for row, template_id in enumerate(found.identity_by_template)}
    crops = [decoded(gallery.crop(project, each), f"The crop of face {each}") for each in place]
    pairs = tuple(FacePair(place[first], place[second], is_same) for first, second, is_same in found.pairs)
    return Faces(crops, tuple(found.identity_by_template.values()), pairs)
