"""Faces and people in words, and the signs of their states. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from engine.cropping import Flaw
from engine.project.records import Identity, Template, TemplateState

STATE_TITLES: Mapping[TemplateState, str] = {
    "unknown": "Unknown",
    "suggested": "Suggested",
    "confirmed": "Confirmed",
    "rejected": "Rejected",
    "ignored": "Ignored",
}
SIGNS: Mapping[TemplateState, str] = {
    "unknown": "?",
    "suggested": "≈",
    "confirmed": "✓",
    "rejected": "✕",
    "ignored": "–",
}
"""What stands on a tile, so that colour is not alone."""
_KNOWN_FLAWS = frozenset(map(str, Flaw))


def n_of(n: int, one: str, many: str = "") -> str:
    """'1 face', '1,200 faces'."""
    return f"1 {one}" if n == 1 else f"{n:,} {many or one + 's'}"


def line(template: Template, name: str) -> str:
    """What is written under a face."""
    match template.state:
        case "suggested":
            return f"{name}?"
        case "confirmed":
            return name
        case "rejected":
            return f"not {name}"
        case state:
            return STATE_TITLES[state]


def tip(template: Template, name: str, warnings: Sequence[str] = ()) -> str:
    """All that is known of a face, in lines."""
    who = f"{STATE_TITLES[template.state]}: {name}" if name else STATE_TITLES[template.state]
    facts = [who, *([f"From {template.source}"] if template.source else [])]
    if template.quality is not None:
        facts.append(f"Quality {template.quality:.2f}")
    return "\n".join([*facts, *flaws(template), *warnings])


def flaws(template: Template) -> tuple[str, ...]:
    """What is poor about a face, in sentences."""
    return tuple(Flaw(each).words for each in template.flaws if each in _KNOWN_FLAWS)


def retention(person: Identity, today: date) -> str:
    """Until when what is held of a person may be kept, in a few words; empty where there is no such day."""
    if person.retain_until is None:
        return ""
    if person.retain_until < today.isoformat():
        return f"Was to be erased after {person.retain_until}"
    return f"Keep until {person.retain_until}"


def consent(person: Identity) -> str:
    """Whether a person agreed to anything, in a few words."""
    return "Consent given" if person.consent else "No consent noted"
