"""When commands can be asked for, told from the session alone."""

from __future__ import annotations

from studio.surroundings import Studio


def is_open(studio: Studio) -> bool:
    """A project is open."""
    return studio.session.project is not None


def can_write(studio: Studio) -> bool:
    """A project is open and can be changed."""
    return studio.session.can_write


def has_image(studio: Studio) -> bool:
    """An image is looked at."""
    return studio.session.image_id is not None


def can_annotate(studio: Studio) -> bool:
    """An image is looked at, and can be annotated."""
    return can_write(studio) and has_image(studio)


def has_annotations(studio: Studio) -> bool:
    """Annotations are selected."""
    return bool(studio.session.selection.annotations)


def can_change_selection(studio: Studio) -> bool:
    """Annotations are selected, and can be changed."""
    return can_annotate(studio) and has_annotations(studio)


def can_decide(studio: Studio) -> bool:
    """A run's suggestions may be there to accept or reject."""
    return can_annotate(studio) and studio.session.run_id is not None
