"""What happens when a training or a detection is asked for: the job, whose detections are shown, and what follows."""

from __future__ import annotations

from pathlib import Path

from engine.errors import UserError
from engine.project import runs
from studio.errands import FineTune, RunBegan
from studio.jobs import Job
from studio.orders import LaneName, Task
from studio.surroundings import Studio


def start_training(studio: Studio, wanted: FineTune) -> Job | None:
    """Fine-tune in the background, then detect on all images."""
    project = studio.session.project
    if project is None:
        return None
    task = Task("Fine-tune", "train", "studio.errands:fine_tune", project.path, (wanted,))
    return _follow(studio, studio.jobs.start(task))


def resume_training(studio: Studio, run_id: int) -> Job | None:
    """Go on with a run that was stopped or interrupted."""
    project = studio.session.project
    if project is None:
        return None
    task = Task(f"Resume run {run_id}", "train", "studio.errands:resume", project.path, (run_id,))
    return _follow(studio, studio.jobs.start(task))


def start_detecting(studio: Studio, run_id: int | None, image_ids: tuple[int, ...] | None) -> Job | None:
    """Detect in the background; what is found appears while it comes in. One image goes before a running training."""
    project = studio.session.project
    if project is None:
        return None
    n_images = (
        "all images" if image_ids is None else "this image" if len(image_ids) == 1 else f"{len(image_ids)} images"
    )
    lane: LaneName = "train" if image_ids is None else "infer"
    task = Task(f"Detect on {n_images}", lane, "studio.errands:detect", project.path, (run_id, image_ids))
    return studio.jobs.start(task)


def _follow(studio: Studio, job: Job) -> Job:
    begun: list[int] = []

    def hear(event: object) -> None:
        if isinstance(event, RunBegan):
            begun.append(event.run_id)
            if _is_open(studio, job.task.project):
                studio.session.show_run(event.run_id)

    def go_on() -> None:
        if job.state in ("done", "stopped") and begun and _is_open(studio, job.task.project):
            detect_if_learned(studio, begun[0])

    job.heard.connect(hear)
    job.ended.connect(go_on)
    return job


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
