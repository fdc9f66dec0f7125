"""Weights from elsewhere as a run of a project, without any training: its only checkpoint is 'imported'.

So whatever is done with a trained network (detecting, evaluating, looking inside) is done with them as well.
"""

from __future__ import annotations

from pathlib import Path

from engine import checkpoints
from engine.checkpoints import Card
from engine.detecting.ready_made import Foreign, built, read
from engine.detectors import plain_name
from engine.errors import UserError
from engine.project import classes, contents, runs
from engine.project.runs import NewCheckpoint
from engine.project.store import Project
from engine.training.recipe import Recipe

_N_NAMED = 5


def import_run(project: Project, foreign: Foreign) -> int:
    """Keep the weights as a run of the project, for its classes that they know by name; returns the run's id.

    Weights that were imported so before are that run again. A project without any class gets those of the weights.
    Raises UserError where weights or the names of their classes are not to be had, or none is the project's.
    """
    known = read(foreign)
    names = known.class_names
    with project.atomic():
        chosen = _shared_classes(project, names) if classes.all_classes(project) else _added_classes(project, names)
        if not chosen:
            more = f" and {len(names) - _N_NAMED} more" if len(names) > _N_NAMED else ""
            named = ", ".join(names[:_N_NAMED]) + more
            raise UserError(f"{foreign.path} knows none of the project's classes.", f"It knows {named}.")
        network, card = built(foreign.path, known, chosen)
        state = {name: value.contiguous() for name, value in network.state_dict().items()}
        return _kept(project, foreign.path, card, checkpoints.encode(state, card))


def _shared_classes(project: Project, known: tuple[str, ...]) -> dict[int, str]:
    """The project's classes, by id, whose names are among the known ones."""
    names = {plain_name(name) for name in known}
    return {each.id: each.name for each in classes.all_classes(project) if plain_name(each.name) in names}


def _added_classes(project: Project, known: tuple[str, ...]) -> dict[int, str]:
    return {classes.add(project, name): name for name in known}


def _kept(project: Project, path: Path, card: Card, state: bytes) -> int:
    """The run that has just these weights, or a new one."""
    content_id = contents.put(project, state)
    for run in (each for each in runs.all_runs(project) if each.kind == "detector"):
        is_imported = runs.has_checkpoint(project, run.id, "imported")
        if is_imported and runs.checkpoint(project, run.id, "imported").content_id == content_id:
            return run.id
    recipe = Recipe(detector=card.detector, weights=str(path), options=card.options)
    run_id = runs.add(project, "detector", card.detector, recipe.to_json())
    runs.add_checkpoint(project, run_id, NewCheckpoint("imported", 0, state, card.to_json()))
    runs.set_state(project, run_id, "done", message=f"Weights of {path.name}, not trained any further.")
    return run_id
