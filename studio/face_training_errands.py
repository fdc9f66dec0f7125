"""Errands that teach embedders of faces. As in `studio.errands`, torch loads on demand, in the worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.progress import Progress, Work
from engine.project import gallery
from engine.project.store import Project
from studio.errand_values import RunBegan, TeachFaces
from studio.errands import told

if TYPE_CHECKING:
    from engine.faces.events import HardestFaces
    from engine.faces.improved import Improved, ImproveRequest
    from engine.faces.plan import FacePlan, FacePlanRequest


def plan(project: Project, request: FacePlanRequest) -> Work[FacePlan]:
    """What a training would be; loads torch, so that it is there when the training starts."""
    yield Progress(0, None, "Choosing")
    from engine.faces.choosing import planned_faces  # noqa: PLC0415

    return planned_faces(project, request)


def teach(project: Project, wanted: TeachFaces) -> Work[int]:
    """Train a new embedder; returns its run's id. Stopping keeps the best checkpoint."""
    yield Progress(0, None, "Loading the network")
    from engine.faces.recipe import FaceRecipe  # noqa: PLC0415
    from engine.faces.recording import queue_faces, train_faces  # noqa: PLC0415

    run_id = queue_faces(project, FaceRecipe.from_json(wanted.to_json()))
    yield RunBegan(run_id)
    yield from told(train_faces(project, run_id))
    return run_id


def improve(project: Project, request: ImproveRequest) -> Work[int]:
    """Train the embedder in use further; returns the id of the new run, which is then to be compared."""
    yield Progress(0, None, "Loading the network")
    from engine.faces.improving import improving_recipe, in_use  # noqa: PLC0415
    from engine.faces.recording import queue_faces, train_faces  # noqa: PLC0415

    run_id = queue_faces(project, improving_recipe(project, in_use(project), request))
    yield RunBegan(run_id)
    yield from told(train_faces(project, run_id))
    return run_id


def compare(project: Project, run_id: int) -> Work[Improved | None]:
    """A run's network beside the embedder in use, both with vectors of all faces; None where none is in use."""
    yield Progress(0, None, "Loading the embedder")
    from engine.faces.improving import compared  # noqa: PLC0415

    embedder_id = gallery.settings(project).embedder_id
    return None if embedder_id is None else (yield from compared(project, embedder_id, run_id))


def hardest(project: Project, run_id: int) -> Work[HardestFaces | None]:
    """The pairs that mislead a run's network now; None where it has none yet, or its faces are gone."""
    yield Progress(0, None, "Loading the embedder")
    from engine.faces.hardest import hardest_of  # noqa: PLC0415

    return hardest_of(project, run_id)
