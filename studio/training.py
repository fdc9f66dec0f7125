"""What happens when a training or a detection is asked for: the job, whose detections are shown, and what follows."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Literal

from engine.detecting.manner import FLIPS, TILINGS, Flips, Tiling
from engine.errors import UserError
from engine.faces.improved import ImproveRequest
from engine.project import pauses, run_queue, runs
from engine.project.history import History
from engine.project.store import Change, Project
from studio.errand_values import DetectWay, FineTune, RunBegan, TeachFaces
from studio.face_training import is_embedder_run, use_or_compare
from studio.jobs import Job
from studio.lane import Outcome
from studio.orders import LaneName, Task
from studio.surroundings import Studio

TRAININGS = (
    "studio.errands:fine_tune", "studio.errands:resume", "studio.face_training_errands:teach",
    "studio.face_training_errands:improve",
)  # fmt: skip
"""The errands that train; one of them after the other."""

_WAY = "detecting"
"""Under which name the settings keep how to detect."""

RESUMABLE = ("stopped", "interrupted", "failed", "paused")
"""States in which a run can go on."""


def is_training(studio: Studio) -> bool:
    """A training runs, or is about to."""
    return any(job.task.function in TRAININGS for job in studio.jobs.active)


def start_training(studio: Studio, wanted: FineTune) -> Job | None:
    """Fine-tune in the background, then detect on all images."""
    project = studio.session.project
    if project is None:
        return None
    task = Task("Fine-tune", "train", "studio.errands:fine_tune", project.path, (wanted,))
    return _follow(studio, studio.jobs.start(task))


def start_teaching(studio: Studio, wanted: TeachFaces) -> Job | None:
    """Train an embedder of faces in the background, then compare it with the one in use."""
    project = studio.session.project
    if project is None:
        return None
    task = Task("Train face embedder", "train", "studio.face_training_errands:teach", project.path, (wanted,))
    return _follow(studio, studio.jobs.start(task))


def start_improving(studio: Studio, request: ImproveRequest) -> Job | None:
    """Train the embedder in use further in the background, then compare the two."""
    project = studio.session.project
    if project is None:
        return None
    task = Task("Improve matching", "train", "studio.face_training_errands:improve", project.path, (request,))
    return _follow(studio, studio.jobs.start(task))


def queue_training(studio: Studio, wanted: FineTune) -> None:
    """Have a training wait in the project file; it begins after those before it, even by another start of the window.

    Its detector is named: nothing is chosen any more when it is added.
    """
    if wanted.keep_back is not None:
        studio.session.do(wanted.keep_back)
    _queue(studio, "detector", wanted.detector, wanted.to_json())


def queue_teaching(studio: Studio, wanted: TeachFaces) -> None:
    """Have the training of an embedder wait in the project file, as that of a detector."""
    _queue(studio, "embedder", str(wanted.recipe.get("embedder", "siamese")), wanted.to_json())


def _queue(studio: Studio, kind: Literal["detector", "embedder"], network: str, recipe: str) -> None:
    def add(project: Project, _: History) -> Outcome:
        with project.atomic():
            run_id = runs.add(project, kind, network, recipe)
        return Outcome(said=f"Run {run_id} waits in the queue.")

    def begin(change: Change) -> None:  # where the training before it has ended meanwhile
        if change.runs and studio.session.project and run_queue.first(studio.session.project) is not None:
            studio.session.changed.disconnect(begin)
            start_queue(studio)

    studio.session.changed.connect(begin)
    studio.session.act(add)


def start_queue(studio: Studio) -> Job | None:
    """Carry out the run that waits first, and those after it one by one, unless a training is under way already."""
    project = studio.session.project
    if project is None or not studio.session.can_write or is_training(studio):
        return None
    run_id = run_queue.first(project)
    return None if run_id is None else resume_training(studio, run_id)


def resume_training(studio: Studio, run_id: int) -> Job | None:
    """Go on with a run that was stopped or interrupted, or carry out one that waits."""
    project = studio.session.project
    if project is None:
        return None
    run = runs.get(project, run_id)
    begin = "Fine-tune: run" if run.kind == "detector" else "Train face embedder: run"
    verb = begin if run.state == "queued" else "Resume run"
    task = Task(f"{verb} {run_id}", "train", "studio.errands:resume", project.path, (run_id,))
    return _follow(studio, studio.jobs.start(task))


def pause_or_go_on(studio: Studio, run_id: int) -> None:
    """Have a run rest that is carried out, or go on one that rests, was stopped, or waits."""
    project = studio.session.project
    if project is None:
        return
    if runs.get(project, run_id).state == "running":
        pause(studio, run_id)
    else:
        go_on(studio, run_id)


def pause(studio: Studio, run_id: int) -> None:
    """Have a run rest, where it is carried out."""
    project = studio.session.project
    if project is not None and runs.get(project, run_id).state == "running":
        studio.session.act(partial(_paused, run_id=run_id))


def go_on(studio: Studio, run_id: int) -> None:
    """Have a run go on that rests, was stopped, or waits; what moves or is done is left alone."""
    project = studio.session.project
    if project is None:
        return
    if pauses.is_resting(project, run_id):
        studio.session.act(partial(_gone_on, run_id=run_id))
    elif runs.get(project, run_id).state in ("queued", *RESUMABLE):
        resume_training(studio, run_id)


def _paused(project: Project, _: History, run_id: int) -> Outcome:
    with project.atomic():
        pauses.pause(project, run_id)
    return Outcome(said=f"Run {run_id} rests after this step.")


def _gone_on(project: Project, _: History, run_id: int) -> Outcome:
    with project.atomic():
        pauses.go_on(project, run_id)
    return Outcome()


def remembered_way(studio: Studio) -> DetectWay:
    """How the user last chose to detect, but for what is asked anew each time: which images, and which other runs."""
    found = studio.settings.words_of(_WAY)
    given = dict(word.split("=", 1) for word in found if "=" in word)
    tilings: dict[str, Tiling] = {each: each for each in TILINGS}
    flips: dict[str, Flips] = {each: each for each in FLIPS}
    return DetectWay(tilings.get(given.get("tiling", ""), "auto"), flips.get(given.get("flips", ""), "none"))


def remember_way(studio: Studio, way: DetectWay) -> None:
    """Keep how the user chose to detect."""
    studio.settings.keep_words(_WAY, [f"tiling={way.tiling}", f"flips={way.flips}"])


def start_detecting(
    studio: Studio, run_id: int | None, image_ids: tuple[int, ...] | None, way: DetectWay | None = None
) -> Job | None:
    """Detect in the background; what is found appears while it comes in. One image goes before a running training.

    Without a way, as the user last chose.
    """
    project = studio.session.project
    if project is None:
        return None
    n_images = (
        "all images" if image_ids is None else "this image" if len(image_ids) == 1 else f"{len(image_ids)} images"
    )
    lane: LaneName = "train" if image_ids is None else "infer"
    arguments = (run_id, image_ids, way or remembered_way(studio))
    task = Task(f"Detect on {n_images}", lane, "studio.errands:detect", project.path, arguments)
    return studio.jobs.start(task)


def _follow(studio: Studio, job: Job) -> Job:
    begun: list[int] = []

    def hear(event: object) -> None:
        if isinstance(event, RunBegan):
            begun.append(event.run_id)
            if _is_open(studio, job.task.project):
                show_run(studio, event.run_id)

    def go_on() -> None:
        if not _is_open(studio, job.task.project):
            return
        if begun and is_embedder_run(studio, begun[0]):
            if job.state == "done":
                use_or_compare(studio, begun[0])
        elif job.state in ("done", "stopped") and begun:
            detect_if_learned(studio, begun[0])
        if job.state in ("done", "failed"):  # who stops a training may not want the next one yet
            start_queue(studio)

    job.heard.connect(hear)
    job.ended.connect(go_on)
    return job


def show_run(studio: Studio, run_id: int) -> None:
    """Show a run: a detector's with its detections, an embedder's in the panel of its training."""
    if is_embedder_run(studio, run_id):
        studio.session.show_embedder_run(run_id)
    else:
        studio.session.show_run(run_id)


def detect_if_learned(studio: Studio, run_id: int) -> Job | None:
    """Detect on all images with a run, if it has come so far as to have a checkpoint."""
    project = studio.session.project
    if project is None:
        return None
    try:
        runs.checkpoint(project, run_id)
    except UserError:
        return None
    return start_detecting(studio, run_id, None)


def _is_open(studio: Studio, path: Path | None) -> bool:
    return studio.session.project is not None and studio.session.project.path == path
