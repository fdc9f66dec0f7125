"""Groups as they are selected: choosing one of a group chooses all of it, and leaving one out leaves out all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Grouped(Protocol):
    """What may be in a group: an Annotation, or a row of a list."""

    @property
    def group_id(self) -> int | None: ...


def whole(
    chosen: frozenset[int], before: frozenset[int], by_id: Mapping[int, Grouped], *, takes_out: bool = False
) -> frozenset[int]:
    """The ids to select where these are chosen and those were selected before; all are of one image.

    `takes_out` tells that what is missing was taken out on purpose, as by Shift+click, and with it goes its group; else
    fewer are left by a click on one of several, whose group stays.
    """
    left_out = _groups(before - chosen, by_id) if takes_out else frozenset[int]()
    groups = _groups(chosen, by_id) - left_out
    if not groups and not left_out:
        return chosen
    kept = frozenset(id_ for id_ in chosen if id_ not in by_id or by_id[id_].group_id not in left_out)
    return kept | {id_ for id_, each in by_id.items() if each.group_id in groups}


def _groups(ids: frozenset[int], by_id: Mapping[int, Grouped]) -> frozenset[int]:
    found = {by_id[id_].group_id for id_ in ids if id_ in by_id}
    return frozenset(group_id for group_id in found if group_id is not None)
