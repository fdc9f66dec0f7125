"""Known: what is small and wanted at every key, kept in memory; and what a change leaves of it.

A question to the file waits while an edit is being committed, 10 to 20 ms and far more on a busy disk. What the window
itself has to know is therefore read where the edit was done, and comes along with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.project import attributes, class_tree, classes, images, listings
from engine.project.records import AttributeValue, ClassRecord
from engine.project.store import Change, Project


@dataclass(frozen=True, slots=True)
class Known:
    """The classes of a project, and what goes with them."""

    classes: Mapping[int, ClassRecord] = field(default_factory=dict)
    """By id, in the order of lists."""
    numbers: Mapping[int, int] = field(default_factory=dict)
    """Class ids by the digit that chooses each."""
    presets: Mapping[int, Mapping[str, AttributeValue]] = field(default_factory=dict)
    """What a new annotation tells at first, by class id; not of classes without any such attribute."""

    @classmethod
    def of(cls, project: Project) -> Known:
        """What a project says now."""
        known = classes.by_id(project)
        presets: dict[int, Mapping[str, AttributeValue]] = {}
        if any(each.preset is not None for each in attributes.all_attributes(project)):
            presets = {id_: attributes.presets(attributes.of_class(project, id_)) for id_ in known}
        return cls(known, class_tree.numbered(project), presets)


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What is left after a change, as far as it concerns what the window looks at."""

    known: Known | None = None
    """None where the classes are as before."""
    gone: frozenset[int] = frozenset()
    """Ids of images that are there no more."""
    first_image_id: int | None = None
    """Where to look instead of one that is gone; read only where one is."""


def aftermath(project: Project, change: Change) -> Aftermath:
    """Read what a change left; not on the window's thread."""
    gone = change.images - images.existing(project, change.images)
    return Aftermath(
        Known.of(project) if change.classes else None, gone, listings.first_image_id(project) if gone else None
    )
