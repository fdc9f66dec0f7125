"""The Train menu: fine-tune a detector, let it detect."""

from __future__ import annotations

from engine.project.edits import Edit
from studio.commands import Look, Menu, command
from studio.conditions import can_detect, can_write
from studio.surroundings import Studio
from studio.training import TRAININGS, is_training, start_detecting, start_queue

MENU = Menu("Train", 60)


@command("train.fine_tune", "Fine-Tune…", ("Ctrl+T",), can_write, Look("fine_tune", in_toolbar=True))
def fine_tune(studio: Studio) -> Edit | None:
    """Train a detector on this project's annotations with one click."""
    studio.ask.show("fine_tune")
    return None


@command("train.detect_here", "Detect on This Image", ("Ctrl+Shift+D",), can_detect, Look("predict", "detect"))
def detect_here(studio: Studio) -> Edit | None:
    """Let the shown run detect on this picture alone."""
    if studio.session.image_id is not None:
        start_detecting(studio, studio.session.run_id, (studio.session.image_id,))
    return None


@command("train.detect_all", "Detect on All Images", (), can_detect, Look("", "detect"))
def detect_all(studio: Studio) -> Edit | None:
    """Let the shown run detect on every picture; what it finds appears as suggestions."""
    start_detecting(studio, studio.session.run_id, None)
    return None


def _is_training(studio: Studio) -> bool:
    """A training runs."""
    return is_training(studio)


@command("train.stop", "Stop Training", (), _is_training, Look("stop", "stop"))
def stop(studio: Studio) -> Edit | None:
    """Stop the training; its best checkpoint is kept."""
    for job in studio.jobs.active:
        if job.task.function in TRAININGS:
            studio.jobs.stop(job)
    return None


def _has_queue(studio: Studio) -> bool:
    """Runs wait, and none is carried out."""
    return studio.session.can_write and not is_training(studio)


@command("train.start_queue", "Start the Queue", (), _has_queue, Look("", "stop"))
def begin_queue(studio: Studio) -> Edit | None:
    """Carry out the runs that wait, one after the other."""
    if start_queue(studio) is None:
        studio.session.said.emit("No run waits.")
    return None
