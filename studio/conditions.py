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


def sees_image(studio: Studio) -> bool:
    """The canvas shows an image."""
    return has_image(studio) and studio.session.is_on_canvas


def can_annotate(studio: Studio) -> bool:
    """The canvas shows an image, which can be annotated."""
    return can_write(studio) and sees_image(studio)


def can_change_images(studio: Studio) -> bool:
    """An image is looked at, or several are chosen, and they can be changed."""
    return can_write(studio) and studio.session.listing.has_subjects


def has_annotations(studio: Studio) -> bool:
    """Annotations are selected."""
    return bool(studio.session.selection.annotations)


def has_selection(studio: Studio) -> bool:
    """Something is selected on the canvas."""
    return sees_image(studio) and bool(studio.session.selection)


def can_change_selection(studio: Studio) -> bool:
    """Annotations are selected, none of them locked, and can be changed."""
    session = studio.session
    return can_annotate(studio) and bool(session.changeable) and session.changeable == session.selection.annotations


def can_decide(studio: Studio) -> bool:
    """A run's suggestions may be there to accept or reject."""
    return can_annotate(studio) and studio.session.run_id is not None


def can_detect(studio: Studio) -> bool:
    """A run is shown, and there are images for it to detect on."""
    return can_write(studio) and has_image(studio) and studio.session.run_id is not None


def is_asked(studio: Studio) -> bool:
    """A question of the queue is looked at, and can be answered."""
    return can_annotate(studio) and studio.queue.current is not None


def can_answer(studio: Studio) -> bool:
    """Suggestions may be there to decide on, or the queue is at work."""
    return can_decide(studio) or (can_annotate(studio) and studio.queue.is_active)
