"""Sight: what of the image can be seen and what taken hold of, worked out once for each change of either."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.geometry.picking import Aim, Pick, PickIndex
from engine.geometry.shapes import Bounds
from engine.project.records import Annotation, Detection
from studio.canvas.contents import Key
from studio.canvas.holding import Holding, Views
from studio.view_state import Selection
from studio.visibility import Visibility

_NONE: frozenset[Key] = frozenset()


@dataclass(frozen=True, slots=True)
class SeenPicks:
    """A PickIndex that overlooks what is hidden."""

    index: PickIndex
    hidden: frozenset[Key]

    def all(self, aim: Aim) -> tuple[Pick, ...]:
        """What is under the pointer and seen, best first."""
        return tuple(pick for pick in self.index.all(aim) if pick.annotation_id not in self.hidden)


@dataclass(frozen=True, slots=True)
class Seen:
    """What of one holding is in sight."""

    hidden: frozenset[Key] = _NONE
    """Neither painted nor picked."""
    locked: frozenset[Key] = _NONE
    """Seen, but not taken hold of."""
    views: Views = field(default_factory=Views)
    """Without what is hidden."""

    def free(self, chosen: Selection) -> Selection:
        """As much of a selection as is on the image, in sight and not locked."""
        annotations, detections = self.views.annotations, self.views.detections
        return Selection(
            frozenset(id_ for id_ in chosen.annotations if id_ in annotations and id_ not in self.locked),
            frozenset(id_ for id_ in chosen.detections if id_ in detections and -id_ not in self.locked),
        )


class Sight:
    """Keeps what was worked out for as long as it holds."""

    def __init__(self) -> None:
        """Nothing is seen yet."""
        self._of: tuple[Views, Visibility, bool] | None = None
        self._seen = Seen()

    def seen(self, holding: Holding, visibility: Visibility, *, hides_all: bool) -> Seen:
        """What of these items is in sight."""
        before, now = self._of, (holding.views, visibility, hides_all)
        if before is None or before[0] is not now[0] or before[1:] != now[1:]:
            self._of, self._seen = now, _worked_out(holding.views, visibility, hides_all=hides_all)
        return self._seen


def _worked_out(views: Views, visibility: Visibility, *, hides_all: bool) -> Seen:
    locked = visibility.locked & views.bounds.keys() if visibility.locked else _NONE
    if hides_all:
        return Seen(frozenset(views.bounds), locked)
    if not visibility.hides_any:
        return Seen(_NONE, locked, views)
    hidden = frozenset(key for key in views.bounds if visibility.hides(key, _class_of(views, key)))
    return Seen(hidden, locked, Views(*_without(views, hidden)))


def _class_of(views: Views, key: Key) -> int:
    return views.annotations[key].class_id if key > 0 else views.detections[-key].class_id


def _without(
    views: Views, hidden: frozenset[Key]
) -> tuple[dict[int, Annotation], dict[int, Detection], dict[Key, Bounds]]:
    return (
        {id_: each for id_, each in views.annotations.items() if id_ not in hidden},
        {id_: each for id_, each in views.detections.items() if -id_ not in hidden},
        {key: each for key, each in views.bounds.items() if key not in hidden},
    )
