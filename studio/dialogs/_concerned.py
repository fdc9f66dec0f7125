"""How much an edit of a whole class would touch, in words."""

from __future__ import annotations

from engine.project.classes import Concerned

NOTHING = "nothing"


def words_of(concerned: Concerned) -> str:
    """'1,204 annotations on 87 pictures and 30 suggestions'."""
    if not concerned.n_annotations and not concerned.n_suggestions:
        return NOTHING
    parts = []
    if concerned.n_annotations:
        parts.append(f"{counted(concerned.n_annotations, 'annotation')} on {counted(concerned.n_images, 'picture')}")
    if concerned.n_suggestions:
        parts.append(counted(concerned.n_suggestions, "suggestion"))
    return " and ".join(parts)


def counted(n: int, noun: str) -> str:
    """'1 picture', '2,000 pictures'."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"
