"""The Train menu: fine-tune a detector, let it detect; train an embedder of faces, and improve it by clicks."""

from __future__ import annotations

from engine.project import runs as project_runs
from engine.project.edits import Edit
from studio import runs
from studio.commands import Look, Menu, command
from studio.conditions import can_detect, can_write
from studio.surroundings import Studio
from studio.training import RESUMABLE, TRAININGS, is_training, pause_or_go_on, start_detecting, start_queue

MENU = Menu("Train", 60)


@command("train.fine_tune", "Fine-Tune…", ("Ctrl+T",), can_write, Look("fine_tune", in_toolbar=True))
def fine_tune(studio: Studio) -> Edit | None:
    """Train a detector on this project's annotations with one click."""
    studio.ask.show("fine_tune")
    return None


@command("train.faces", "Train Face Embedder…", (), can_write, Look("", "faces"))
def train_faces(studio: Studio) -> Edit | None:
    """Train a network on the faces of the people who are enrolled, so that it tells people apart, with one click."""
    studio.ask.show("teach_faces")
    return None


def _can_improve(studio: Studio) -> bool:
    """An embedder recognises the faces of the project, which can be changed."""
    return studio.session.can_write and studio.faces.embedder is not None


@command("train.improve_faces", "Improve Matching…", (), _can_improve, Look("", "faces"))
def improve_faces(studio: Studio) -> Edit | None:
    """Train the embedder in use further on what you confirmed and rejected; then compare old and new."""
    studio.ask.show("improve_faces")
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


@command("train.detect", "Detect…", (), can_detect, Look("predict", "detect"))
def detect(studio: Studio) -> Edit | None:
    """Let the shown run detect, and say on which images and how: in tiles, in mirrors, with other runs."""
    studio.ask.show("detect")
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


def _can_train(studio: Studio) -> bool:
    """A project can be changed, and no training runs."""
    return studio.session.can_write and not is_training(studio)


@command("train.start_queue", "Start the Queue", (), _can_train, Look("", "stop"))
def begin_queue(studio: Studio) -> Edit | None:
    """Carry out the runs that wait, one after the other."""
    if start_queue(studio) is None:
        studio.session.said.emit("No run waits.")
    return None


def _has_run(studio: Studio) -> bool:
    """A run's training is shown, and can be changed."""
    return studio.session.can_write and studio.session.training_id is not None


@command("train.pause", "Pause or Go On", (), _has_run, Look("", "stop"))
def pause(studio: Studio) -> Edit | None:
    """Have the shown run rest, its checkpoint stored; or go on exactly where it rests."""
    project, run_id = studio.session.project, studio.session.training_id
    if project is not None and run_id is not None:
        if project_runs.get(project, run_id).state in ("running", "queued", *RESUMABLE):
            pause_or_go_on(studio, run_id)
        else:
            studio.session.said.emit(f"Run {run_id} is over.")
    return None


def _compares(studio: Studio) -> bool:
    """A detector's run is shown, and the project can be changed."""
    return studio.session.can_write and studio.session.run_id is not None


@command("train.compare", "Compare Runs…", (), _compares, Look("", "runs"))
def compare(studio: Studio) -> Edit | None:
    """Put the two newest runs side by side: curves, options that differ, AP by class."""
    studio.ask.show("compare_runs")
    return None


@command("train.rename", "Name the Run…", (), _has_run, Look("", "runs"))
def rename(studio: Studio) -> Edit | None:
    """Give the shown run a name to know it by."""
    studio.ask.show("rename_run")
    return None


def _shows_run(studio: Studio) -> bool:
    """A run is shown."""
    return studio.session.run_id is not None


@command("train.export_set", "Export Training Set…", (), _shows_run, Look("export", "away"))
def export_set(studio: Studio) -> Edit | None:
    """Write what the shown run learned from into a folder, as it was when it began."""
    studio.ask.show("exporting", str(studio.session.run_id))
    return None


@command("train.take_away", "Take Weights Away…", (), _shows_run, Look("", "away"))
def take_away(studio: Studio) -> Edit | None:
    """Write the weights of the shown run into a folder, for use elsewhere; as ONNX too."""
    studio.ask.show("take_away")
    return None


@command("train.delete", "Delete the Run…", (), _has_run, Look("", "runs"))
def delete(studio: Studio) -> Edit | None:
    """Delete the shown run with its checkpoints and detections; what was accepted stays."""
    if studio.session.training_id is not None:
        runs.delete(studio, studio.session.training_id)
    return None
