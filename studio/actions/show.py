"""The Show menu: what is hidden, alone in sight, or locked. It lasts as long as the project is open."""

from __future__ import annotations

from engine.project import listings
from engine.project.edits import Edit
from studio.commands import Look, Menu, command
from studio.conditions import has_selection, sees_image
from studio.session import Session
from studio.surroundings import Studio

MENU = Menu("Show", 35)


def _hides_any(studio: Studio) -> bool:
    """Something is hidden."""
    return studio.session.hides_shapes or studio.session.visibility.hides_any


def _is_isolated(studio: Studio) -> bool:
    return studio.session.visibility.is_isolated


def _can_isolate(studio: Studio) -> bool:
    """Something is selected, or alone in sight."""
    return has_selection(studio) or _is_isolated(studio)


def _has_class(studio: Studio) -> bool:
    """The canvas shows an image, and a class is chosen."""
    return sees_image(studio) and studio.session.class_id is not None


def _hides_class(studio: Studio) -> bool:
    return studio.session.class_id in studio.session.visibility.hidden_classes


def _isolates_class(studio: Studio) -> bool:
    return studio.session.class_id in studio.session.visibility.alone_classes


def _is_locked(studio: Studio) -> bool:
    keys = _selected(studio.session)
    return bool(keys) and keys <= studio.session.visibility.locked


def _locks_any(studio: Studio) -> bool:
    """Something is locked."""
    return bool(studio.session.visibility.locked)


@command("show.hide_selected", "Hide Selected", ("Ctrl+H",), has_selection, Look("eye_off", "hide"))
def hide_selected(studio: Studio) -> Edit | None:
    """Put what is selected out of sight."""
    session = studio.session
    session.see(session.visibility.hiding(_selected(session)))
    return None


@command("show.hide_class", "Hide Class", (), _has_class, Look("", "hide", is_on=_hides_class))
def hide_class(studio: Studio) -> Edit | None:
    """Put every shape of the chosen class out of sight, on all pictures; again: bring them back."""
    session, class_id = studio.session, studio.session.class_id
    if class_id is not None:
        seen = session.visibility
        session.see(seen.showing_class(class_id) if _hides_class(studio) else seen.hiding_class(class_id))
    return None


@command("show.isolate", "Isolate Selected", ("I",), _can_isolate, Look("", "isolate", is_on=_is_isolated))
def isolate(studio: Studio) -> Edit | None:
    """See only what is selected; again: see the others too."""
    session = studio.session
    is_over = session.visibility.is_isolated or not session.selection
    seen = session.visibility
    session.see(seen.together() if is_over else seen.isolating(_selected(session)))
    return None


@command("show.isolate_class", "Isolate Class", ("Alt+I",), _has_class, Look("", "isolate", is_on=_isolates_class))
def isolate_class(studio: Studio) -> Edit | None:
    """See only the chosen class, on all pictures; again: see the others too."""
    session, class_id = studio.session, studio.session.class_id
    if class_id is not None:
        seen = session.visibility
        session.see(seen.together() if _isolates_class(studio) else seen.isolating_class(class_id))
    return None


@command("show.all", "Show All", ("Alt+H",), _hides_any, Look("eye", "isolate"))
def show_all(studio: Studio) -> Edit | None:
    """Bring everything into sight that was hidden."""
    studio.session.hide_shapes(False)
    studio.session.see(studio.session.visibility.showing_all())
    return None


@command("show.lock", "Lock Selected", ("L",), has_selection, Look("lock", "lock", is_on=_is_locked))
def lock(studio: Studio) -> Edit | None:
    """Keep what is selected from being picked, moved or deleted; again: let it go."""
    session, keys = studio.session, _selected(studio.session)
    is_over = _is_locked(studio)
    session.see(session.visibility.unlocking(keys) if is_over else session.visibility.locking(keys))
    return None


@command("show.lock_all", "Lock All on This Image", (), sees_image, Look("", "lock"))
def lock_all(studio: Studio) -> Edit | None:
    """Keep every annotation of this picture from being picked, moved or deleted."""
    session, image_id = studio.session, studio.session.image_id

    def take(ids: list[int]) -> None:
        session.see(session.visibility.locking(ids))

    if image_id is not None:
        session.ask("lock all", lambda project: listings.annotation_ids(project, image_id), take)
    return None


@command("show.unlock_all", "Unlock All", ("Alt+L",), _locks_any, Look("unlock", "lock"))
def unlock_all(studio: Studio) -> Edit | None:
    """Let go of everything that is locked."""
    studio.session.see(studio.session.visibility.unlocking())
    return None


def _selected(session: Session) -> frozenset[int]:
    """Keys of what is selected."""
    return session.selection.annotations | {-id_ for id_ in session.selection.detections}
