"""Which runs can find the faces in pictures, told by what is kept of them: no network is loaded."""

from __future__ import annotations

import msgspec

from engine.cropping import is_of_faces
from engine.errors import UserError
from engine.project import classes, runs
from engine.project.records import Run
from engine.project.store import Project


class _Known(msgspec.Struct):
    """What is read of a checkpoint's card: `engine.checkpoints.Card` itself would bring torch into the window."""

    class_names: dict[int, str] = {}


def finders(project: Project) -> tuple[Run, ...]:
    """The runs of detectors with a checkpoint whose network knows a class of faces, by id."""
    faces = {each.id for each in classes.all_classes(project) if is_of_faces(each)}
    if not faces:
        return ()
    every = (run for run in runs.all_runs(project) if run.kind == "detector")
    return tuple(sorted((run for run in every if faces & _class_ids(project, run)), key=lambda run: run.id))


def _class_ids(project: Project, run: Run) -> set[int]:
    """What its network knows; nothing where it has no checkpoint yet, or one that cannot be read."""
    try:
        card = msgspec.json.decode(runs.checkpoint(project, run.id).card, type=_Known)
    except (UserError, msgspec.DecodeError):
        return set()
    return set(card.class_names)
