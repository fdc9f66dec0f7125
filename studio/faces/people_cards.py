"""People as cards: what is known of each at a glance, searched and sorted. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from engine.project.records import Identity, Template
from studio.faces.face_words import consent, flaws, n_of, retention
from studio.gallery_values import Doubts

Order: TypeAlias = Literal["name", "faces", "newest", "attention"]
ORDERS: Mapping[Order, str] = {
    "name": "By name",
    "faces": "Most faces first",
    "newest": "Newest first",
    "attention": "What needs a look first",
}


@dataclass(frozen=True, slots=True)
class PersonCard:
    """One person."""

    person: Identity
    template_id: int | None
    """The best face to show; None where there is none."""
    n_faces: int
    n_suggested: int
    keep_words: str
    """Until when it may be kept; empty where there is no such day."""
    is_due: bool
    """Whether nothing may be kept any more."""
    warnings: tuple[str, ...]
    """What may be wrong, in sentences."""

    @property
    def count_words(self) -> str:
        """How many faces there are."""
        more = f", {self.n_suggested:,} suggested" if self.n_suggested else ""
        return f"{n_of(self.n_faces, 'face')}{more}"

    @property
    def right_words(self) -> str:
        """What is written down of consent and of the last day."""
        return self.keep_words if self.is_due else f"{consent(self.person)}"

    @property
    def tip(self) -> str:
        """All of it, in lines."""
        said = f"Consent: {self.person.consent}" if self.person.consent else "No consent is written down."
        keep = [self.keep_words] if self.keep_words else []
        return "\n".join([self.person.name, self.count_words, said, *keep, *self.warnings])


def cards(
    people: Sequence[Identity], templates: Mapping[int, Template], doubts: Doubts, today: date
) -> tuple[PersonCard, ...]:
    """Everybody, by name."""
    faces: dict[int, list[Template]] = {}
    for each in templates.values():
        if each.identity_id is not None and each.state in ("confirmed", "suggested"):
            faces.setdefault(each.identity_id, []).append(each)
    names = {each.id: each.name for each in people}
    return tuple(
        _card(each, faces.get(each.id, []), warnings(each.id, faces, doubts, names.get), today) for each in people
    )


def warnings(
    person_id: int, faces: Mapping[int, Sequence[Template]], doubts: Doubts, name: Callable[[int], str | None]
) -> tuple[str, ...]:
    """What may be wrong with a person's faces, in sentences."""

    def naming(identity_id: int) -> str:
        return name(identity_id) or "somebody"

    confirmed = [each for each in faces.get(person_id, ()) if each.state == "confirmed"]
    found = [
        f"Probably one person: {each.words(naming)}" for each in doubts.duplicates if person_id in each.identity_ids
    ]
    n_odd = sum(each.identity_id == person_id for each in doubts.outliers)
    if n_odd:
        found.append(f"{n_of(n_odd, 'face')} may be under a wrong name.")
    if confirmed and all(flaws(each) for each in confirmed):
        found.append("All faces are poor: a better picture is recognised better.")
    return tuple(found)


def found_among(every: Sequence[PersonCard], text: str, order: Order) -> tuple[PersonCard, ...]:
    """Those whose names hold all words of a text, in an order."""
    words = text.casefold().split()
    shown = [card for card in every if all(word in card.person.name.casefold() for word in words)]
    if order == "faces":
        shown.sort(key=lambda card: -card.n_faces)
    elif order == "newest":
        shown.sort(key=lambda card: (card.person.created, card.person.id), reverse=True)
    elif order == "attention":
        shown.sort(key=lambda card: (not card.is_due, not card.warnings, not card.n_suggested))
    return tuple(shown)


def _card(person: Identity, faces: Sequence[Template], warned: tuple[str, ...], today: date) -> PersonCard:
    confirmed = [each for each in faces if each.state == "confirmed"]
    best = max(confirmed or faces, key=lambda each: (each.quality or 0.0, -each.id), default=None)
    return PersonCard(
        person,
        None if best is None else best.id,
        len(confirmed),
        len(faces) - len(confirmed),
        retention(person, today),
        person.retain_until is not None and person.retain_until < today.isoformat(),
        warned,
    )
