"""The Evaluate menu: compare a run with the annotations, and take the numbers and the pictures behind them along."""

from __future__ import annotations

from engine.evaluation.analysis import Wanted
from engine.project.edits import Edit
from engine.project.query_language import listed
from studio.commands import Look, Menu, command
from studio.conditions import is_open
from studio.orders import Task
from studio.surroundings import Studio

MENU = Menu("Evaluate", 65)


def _can_evaluate(studio: Studio) -> bool:
    """A project is open, and nothing is compared yet."""
    return is_open(studio) and not studio.evaluations.is_busy


def _has_result(studio: Studio) -> bool:
    """A run was compared."""
    return studio.evaluations.judgement is not None


def _is_busy(studio: Studio) -> bool:
    """A comparison is under way."""
    return studio.evaluations.is_busy


def _waits(studio: Studio) -> bool:
    """The run has not looked at some pictures of the split."""
    found = studio.evaluations
    return (
        found.result is not None and bool(found.result.waiting_ids) and not found.is_busy and studio.session.can_write
    )


def _has_pictures(studio: Studio) -> bool:
    """There are pictures behind the chosen number."""
    return studio.evaluations.behind is not None and len(studio.evaluations.behind.cases) > 0


@command("evaluate.now", "Evaluate", (), _can_evaluate, Look("evaluate"))
def now(studio: Studio) -> Edit | None:
    """Compare what a run has detected with the annotations, and show the numbers."""
    studio.evaluations.choose_first()
    studio.session.show_page("evaluate")
    studio.evaluations.evaluate()
    return None


@command("evaluate.stop", "Stop Evaluating", (), _is_busy, Look("stop"))
def stop(studio: Studio) -> Edit | None:
    """Stop the comparison, or the detection before it; what is detected by then is kept."""
    studio.evaluations.stop()
    return None


@command("evaluate.detect", "Detect on Pictures Left Out", (), _waits, Look("predict"))
def detect(studio: Studio) -> Edit | None:
    """Let the run detect on the pictures of the split that it has not looked at, and evaluate then."""
    studio.evaluations.detect_waiting()
    return None


@command("evaluate.best_score", "Believe from the Best Score On", (), _has_result, Look("", "score"))
def best_score(studio: Studio) -> Edit | None:
    """Set the score from which detections are believed to where F1 is highest."""
    found = studio.evaluations.at_iou
    best = found.operating.best() if found is not None else None
    if best is not None:
        studio.evaluations.believe_from(best.score)
    return None


@command("evaluate.list", "List the Pictures Behind the Number", (), _has_pictures, Look("images", "behind"))
def list_(studio: Studio) -> Edit | None:
    """Find the pictures behind the number that was clicked, as a search that can be gone through and changed."""
    behind = studio.evaluations.behind
    if behind is not None:
        studio.session.listing.find_text(listed(behind.cases.image_ids.tolist()))
        studio.session.show_page("pictures")
    return None


@command("evaluate.export_json", "Export Report as JSON…", (), _has_result, Look("export", "export"))
def export_json(studio: Studio) -> Edit | None:
    """Write every number to a file, with the ids of what is behind it: what `boxwright evaluate --stored` prints."""
    _export(studio, ".json")
    return None


@command("evaluate.export_csv", "Export Numbers as CSV…", (), _has_result, Look("", "export"))
def export_csv(studio: Studio) -> Edit | None:
    """Write the numbers to a table, one a line."""
    _export(studio, ".csv")
    return None


@command("evaluate.save_charts", "Save Charts…", (), _has_result, Look("", "export"))
def save_charts(studio: Studio) -> Edit | None:
    """Save every chart of the page as PNG and SVG files in a folder."""
    folder = studio.ask.folder("Save Charts")
    if folder is not None:
        studio.session.show_page("evaluate")
        studio.evaluations.charts_wanted.emit(folder)
    return None


def _export(studio: Studio, suffix: str) -> None:
    project, found, choice = studio.session.project, studio.evaluations.result, studio.evaluations.choice
    path = studio.ask.save_path("Export Report", suffix) if found is not None else None
    if project is None or found is None or path is None:
        return
    wanted = Wanted(errors=True, curves=True, iou=choice.iou, score=choice.score)
    arguments = (path, found.run_id, found.split, wanted)
    task = Task(f"Export {path.name}", "files", "engine.evaluation.report:write_report", project.path, arguments)
    job = studio.jobs.start(task)
    job.ended.connect(lambda: studio.session.said.emit(f"{path.name} is written.") if job.state == "done" else None)
