"""What follows when an embedder of faces has been trained: it is used at once, or shown beside the one in use."""

from __future__ import annotations

from dataclasses import replace

from engine.errors import UserError
from engine.faces.choice import EmbedderChoice
from engine.faces.improved import Improved
from engine.project import gallery, runs
from engine.project.gallery_edits import KeepGallerySettings
from studio.embedder_words import TITLES
from studio.jobs import Job
from studio.orders import Task
from studio.surroundings import Studio


def is_embedder_run(studio: Studio, run_id: int) -> bool:
    """Whether a run of the open project trains an embedder of faces."""
    project = studio.session.project
    try:
        return project is not None and runs.get(project, run_id).kind == "embedder"
    except UserError:
        return False


def use_or_compare(studio: Studio, run_id: int) -> Job | None:
    """Recognise faces with a run's network, where none does so yet; else compare the two and ask which is to."""
    project = studio.session.project
    if project is None:
        return None
    if gallery.settings(project).embedder_id is None:
        return recognise_with(studio, run_id)
    task = Task("Compare embedders", "train", "studio.face_training_errands:compare", project.path, (run_id,))
    job = studio.jobs.start(task)

    def show() -> None:
        if isinstance(job.result, Improved) and studio.session.project is project:
            studio.ask.show("improved", job)

    job.ended.connect(show)
    return job


def recognise_with(studio: Studio, run_id: int) -> Job | None:
    """Embed all faces with a run's network, and decide by it from then on."""
    project = studio.session.project
    if project is None:
        return None
    job = have_embedder(studio, EmbedderChoice(runs.get(project, run_id).network, run_id=run_id))

    def say() -> None:
        if job is not None and job.state == "done" and studio.session.project is project:
            studio.session.said.emit(f"Run {run_id} recognises faces from now on.")

    if job is not None:
        job.ended.connect(say)
    return job


def have_embedder(studio: Studio, choice: EmbedderChoice) -> Job | None:
    """Have an embedder in the project, embed all faces with it, and decide by it from then on."""
    project = studio.session.project
    if project is None or not studio.session.can_write:
        return None
    arguments = (choice, studio.session.author_id)
    title, errand = f"Embed faces: {TITLES.get(choice.name, choice.name)}", "studio.face_errands:choose_embedder"
    return studio.jobs.start(Task(title, "infer", errand, project.path, arguments))


def switch(studio: Studio, embedder_id: int) -> None:
    """Decide by another embedder, whose vectors are there already; one step to undo.

    A threshold set by hand is given up: a distance by one embedder means nothing by another.
    """
    project = studio.session.project
    if project is not None:
        settings = replace(gallery.settings(project), embedder_id=embedder_id, threshold=None)
        studio.session.do(KeepGallerySettings(settings))
