"""Errands: the long works that the window sends to its worker processes, by dotted name.

Their modules load on demand, in the worker; what comes back is made of values the window knows without torch.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from engine.errors import UserError
from engine.faces.events import Collapsed, FacesEnded, FacesStarted, FacesStepDone, HardestFaces
from engine.progress import Progress, Work, progress_of
from engine.project.history import History
from engine.project.store import Project
from engine.training.events import BatchHalved, Ended, Paused, SetChanged, StepDone, ValidationDone, WentOn
from engine.training.plan import Plan, PlanRequest
from studio.errand_values import (
    USUAL_WAY,
    Chosen,
    DetectWay,
    FineTune,
    MergeOutlook,
    Outlook,
    RunBegan,
    TakenAway,
    TrainingSetWritten,
)

if TYPE_CHECKING:
    from engine.evaluation.agreement import PairAgreement
    from engine.formats import Pages
    from engine.interchange.exporting import ExportReport
    from engine.interchange.importing import ImportReport
    from engine.interchange.joining import JoinReport
    from engine.project.checking import CheckReport
    from engine.project.surveys import SurveyTotals
    from engine.training.compared import RunsCompared
    from engine.training.glimpses import Moment


BARE = "Pictures without annotations"


def make_sample(path: Path) -> Work[Path]:
    """Make the sample project at `path`."""
    from engine.samples import create_sample  # noqa: PLC0415

    yield Progress(0, None, "Drawing pictures")
    create_sample(path).close()
    return path


def save_copy(project: Project, path: Path) -> Work[Path]:
    """Write the project to another file; a file that is there was chosen to be replaced."""
    from engine.project import saving  # noqa: PLC0415

    yield Progress(0, None, "Copying")
    saving.save_copy(project, path, replace=True)
    return path


def check(path: Path) -> Work[CheckReport]:
    """Verify everything in a project file."""
    from engine.project.checking import checking  # noqa: PLC0415

    return (yield from checking(path))


def look_into(paths: tuple[Path, ...]) -> Work[tuple[Outlook, ...]]:
    """See what is at these paths without taking it in; raises UserError when one is nothing that can be.

    Single pictures are told of together.
    """
    from engine.formats import FORMATS  # noqa: PLC0415
    from engine.interchange import sources  # noqa: PLC0415
    from engine.pictures import SUFFIXES  # noqa: PLC0415

    singles = tuple(path for path in paths if path.suffix.lower() in SUFFIXES and path.is_file())
    found = [Outlook(sources.PICTURES, BARE, len(singles), 0, (), (), ())] if singles else []
    for n, path in enumerate(path for path in paths if path not in singles):
        yield Progress(n, len(paths), "Looking")
        name, pages = sources.read(path)
        found.append(_outlook(name, BARE if name == sources.PICTURES else FORMATS.get(name).title, pages))
    return tuple(found)


def take_in(project: Project, paths: tuple[Path, ...], options: dict[str, Any]) -> Work[tuple[ImportReport, ...]]:
    """Import one path after the other."""
    from engine.interchange.importing import ImportRequest, import_into  # noqa: PLC0415

    reports = []
    for path in paths:
        reports.append((yield from import_into(project, ImportRequest(path, **options))))
    return tuple(reports)


def write_out(project: Project, folder: Path, options: dict[str, Any]) -> Work[ExportReport]:
    """Export into a folder."""
    from engine.interchange.exporting import ExportRequest, export_from  # noqa: PLC0415

    return (yield from export_from(project, ExportRequest(folder, **options)))


def write_training_set(
    project: Project, folder: Path, options: dict[str, Any], run_id: int
) -> Work[TrainingSetWritten]:
    """Export what a run learned from, as it was when it began, into a folder."""
    yield Progress(0, None, "Reading what the run learned from")
    from engine.interchange.exporting import ExportRequest  # noqa: PLC0415
    from engine.training.rebuilding import export_training_set  # noqa: PLC0415

    report = yield from export_training_set(project, run_id, ExportRequest(folder, **options))
    return TrainingSetWritten(report.export, report.lost)


def take_away(project: Project, folder: Path, run_id: int, *, has_onnx: bool) -> Work[TakenAway]:
    """Write a run's best weights into a folder, for use elsewhere."""
    yield Progress(0, None, "Loading the network")
    from engine.taking_away import weights_folder  # noqa: PLC0415

    request = weights_folder.TakeAwayRequest(folder, run_id, has_onnx=has_onnx)
    report = yield from weights_folder.take_away(project, request)
    likeness = "" if report.likeness is None else weights_folder.in_words(report.likeness)
    return TakenAway(report.run_id, report.folder, report.files, likeness)


def plan(project: Project, request: PlanRequest) -> Work[Plan]:
    """What a training would be; loads torch, so that it is there when the training starts."""
    yield Progress(0, None, "Choosing")
    from engine.training.choosing import planned  # noqa: PLC0415

    return planned(project, request)


def fine_tune(project: Project, wanted: FineTune) -> Work[int]:
    """Train a new run; returns its id. Stopping keeps the best checkpoint."""
    yield Progress(0, None, "Loading the network")
    from engine.training.choosing import decided  # noqa: PLC0415
    from engine.training.recipe import Recipe  # noqa: PLC0415
    from engine.training.recording import queue, train_run  # noqa: PLC0415

    if wanted.keep_back is not None:
        History(project, wanted.author_id).do(wanted.keep_back)
    recipe, _ = decided(project, Recipe.from_json(wanted.to_json()), wanted.augmentation)
    run_id = queue(project, recipe)
    yield RunBegan(run_id)
    yield from told(train_run(project, run_id))
    return run_id


def resume(project: Project, run_id: int) -> Work[int]:
    """Go on with a run, of whatever kind, that was stopped or interrupted."""
    yield Progress(0, None, "Loading the network")
    from engine.faces.recording import carry_out  # noqa: PLC0415

    yield RunBegan(run_id)
    yield from told(carry_out(project, run_id))
    return run_id


def glimpses(project: Project, run_id: int) -> Work[tuple[Moment, ...]]:
    """What a run found on the validation pictures that are watched, validation by validation."""
    yield Progress(0, None, "Reading")
    from engine.training.remembering import moments  # noqa: PLC0415

    return moments(project, run_id)


def compare_runs(project: Project, run_ids: tuple[int, ...]) -> Work[RunsCompared]:
    """Put runs side by side."""
    yield Progress(0, None, "Reading")
    from engine.training import comparing  # noqa: PLC0415

    return (yield from comparing.compare_runs(project, run_ids))


def detect(
    project: Project, run_id: int | None, image_ids: tuple[int, ...] | None, way: DetectWay = USUAL_WAY
) -> Work[int]:
    """Detect with a run on images (None: all); returns how many objects were found."""
    yield Progress(0, None, "Loading the network")
    from engine.detecting.manner import Manner  # noqa: PLC0415
    from engine.detecting.suggesting import DetectRequest, suggest  # noqa: PLC0415

    request = DetectRequest(
        run_id,
        image_ids=image_ids,
        manner=Manner(way.tiling, flips=way.flips),
        with_run_ids=way.with_run_ids,
        is_only_missing=way.is_only_missing,
    )
    report = yield from told(suggest(project, request))
    return int(report.detections)


def count_disagreements(project: Project, run_id: int) -> Work[SurveyTotals]:
    """Count what annotations and a run's detections disagree about, wherever it changed since it was counted."""
    from engine.evaluation.queue import survey  # noqa: PLC0415

    return (yield from survey(project, run_id))


def look_at_merge(project: Project, path: Path, alike: float) -> Work[MergeOutlook]:
    """See what merging the project at `path` would do, without doing it."""
    from engine.evaluation.agreement import of_files  # noqa: PLC0415
    from engine.interchange.joining import JoinRequest, look  # noqa: PLC0415

    report = yield from look(project, JoinRequest(path, alike))
    yield Progress(0, None, "Comparing people")
    return MergeOutlook(report, of_files(project, path))


def merge(project: Project, path: Path, alike: float) -> Work[JoinReport]:
    """Take another person's project in, as one step to undo."""
    from engine.interchange.joining import JoinRequest, join  # noqa: PLC0415

    return (yield from join(project, JoinRequest(path, alike)))


def compare_people(project: Project) -> Work[tuple[PairAgreement, ...]]:
    """How far every two authors of the project agree."""
    from engine.evaluation.agreement import of_project  # noqa: PLC0415

    return (yield from of_project(project))


def told(work: Work[Any]) -> Work[Any]:
    """The same work, whose events are told in values that need no torch to be read."""
    try:
        while True:
            try:
                event = next(work)
            except StopIteration as end:
                return end.value
            yield from _in_plain_values(event)
    finally:
        work.close()


def _in_plain_values(event: Any) -> Iterator[Any]:
    match event:
        case StepDone() | ValidationDone() | BatchHalved() | Paused() | WentOn() | SetChanged() | Ended():
            yield event
        case FacesStarted() | FacesStepDone() | HardestFaces() | Collapsed() | FacesEnded():
            yield event
        case _ if progress := progress_of(event):
            yield progress
        case _ if reasons := getattr(event, "reasons", None):
            yield Chosen((str(event.weights), *reasons))


def _outlook(name: str, title: str, pages: Pages) -> Outlook:
    splits: list[Literal["train", "val", "test"]] = [page.split for page in pages.pages if page.split]
    if not pages.pages:
        raise UserError("There is nothing in it that can be imported.")
    return Outlook(
        name,
        title,
        len(pages.pages),
        sum(len(page.items) for page in pages.pages),
        pages.class_names,
        tuple(dict.fromkeys(splits)),
        (*(f"{one.what}: {one.why}" for one in pages.skipped), *pages.notes),
    )
