"""Enrolling from the window: what was dropped or chosen goes to a job, and what came of it is told."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QMimeData

from engine.faces.enrolling import EnrolReport, EnrolRequest
from engine.faces.sources import FaceFiles, FaceFolders, FaceSource
from engine.pictures import SUFFIXES
from studio.jobs import Job
from studio.orders import Task
from studio.surroundings import Studio

ENROL = "studio.face_errands:enrol_faces"


@dataclass(frozen=True, slots=True)
class Dropped:
    """What paths hold."""

    sources: tuple[FaceSource, ...]
    """Folders, which say whose faces are in them."""
    files: tuple[Path, ...]
    """Pictures of which nobody said whose face they show."""


def sorted_out(paths: Sequence[Path], find_run_id: int | None = None) -> Dropped:
    """Folders of people's folders, folders that are called as the one person in them, and single pictures.

    `find_run_id`: the run whose network finds the faces in them.
    """
    sources: list[FaceSource] = []
    files: list[Path] = []
    for path in paths:
        if not path.is_dir():
            files.append(path)  # also one that is no picture: enrolling says why it is refused
        elif pictures := pictures_in(path):
            sources.append(FaceFiles(pictures, path.name, find_run_id))
        else:
            sources.append(FaceFolders(path, find_run_id))
    return Dropped(tuple(sources), tuple(files))


def pictures_in(folder: Path) -> tuple[Path, ...]:
    """The picture files of a folder, not those of folders in it."""
    with os.scandir(folder) as entries:
        found = [Path(each.path) for each in entries if is_picture(Path(each.name)) and each.is_file()]
    return tuple(sorted(found))


def is_picture(path: Path) -> bool:
    """By its name."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".")


def paths_in(data: QMimeData) -> tuple[Path, ...]:
    """The files and folders of this machine that are dragged or copied."""
    return tuple(Path(each.toLocalFile()) for each in data.urls() if each.isLocalFile())


def enrol_dropped(studio: Studio, paths: Sequence[Path], person: str = "") -> None:
    """Enrol what was dropped: for the person it was dropped on; else folders say who it is, and files have it asked."""
    if not studio.session.can_write:
        studio.session.said.emit("This project is open read-only: nobody can be enrolled.")
        return
    find_run_id = studio.faces.settings.find_run_id
    if person:
        files = tuple(file for path in paths for file in (pictures_in(path) if path.is_dir() else (path,)))
        enrol(studio, EnrolRequest((FaceFiles(files, person, find_run_id),)))
        return
    dropped = sorted_out(paths, find_run_id)
    if dropped.sources:
        enrol(studio, EnrolRequest(dropped.sources))
    if dropped.files:
        studio.ask.show("enrol_as", tuple(map(str, dropped.files)))


def enrol(studio: Studio, request: EnrolRequest) -> Job | None:
    """Enrol in the background; afterwards say what came of it, at length where something was refused or is poor."""
    project = studio.session.project
    if project is None:
        return None
    signed = EnrolRequest(request.sources, request.consent, request.retain_until, studio.session.author_id)
    job = studio.jobs.start(Task("Enrol faces", "infer", ENROL, project.path, (signed,)))
    job.ended.connect(lambda: _tell(studio, job) if studio.session.project is project else None)
    return job


def in_words(report: EnrolReport) -> str:
    """What came of it, in a line."""
    n_named = sum(len(each.template_ids) for each in report.people)
    n_people, n_unknown = len(report.people), len(report.unknown_ids)
    said = []
    if n_named:
        people = "1 person" if n_people == 1 else f"{n_people:,} people"
        said.append(f"{_faces(n_named)} of {people} enrolled")
    if n_unknown:
        said.append(f"{_faces(n_unknown)} {'waits' if n_unknown == 1 else 'wait'} for a name")
    if report.known:
        said.append(f"{_faces(len(report.known))} {'was' if len(report.known) == 1 else 'were'} there already")
    if report.refused:
        said.append(f"{len(report.refused):,} refused")
    return (", ".join(said) or "There was no face in it") + "."


def _faces(n: int) -> str:
    return "1 face" if n == 1 else f"{n:,} faces"


def _tell(studio: Studio, job: Job) -> None:
    report = job.result
    if job.state != "done" or not isinstance(report, EnrolReport):
        return
    studio.session.said.emit(in_words(report))
    if report.refused or report.poor:
        studio.ask.show("enrolled", job)
