"""TileJobs: has the file of tiles made of a large picture that is looked at, in a worker process, and tells how far."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from engine.project import images
from studio.canvas.view import Canvas
from studio.jobs import Job, Jobs
from studio.orders import Task
from studio.session import Session

FUNCTION = "engine.tiling.making:make_tiles"


class TileJobs(QObject):
    """One job for each picture that wants tiles; what is looked at no more is made to its end all the same."""

    def __init__(self, session: Session, jobs: Jobs, canvas: Canvas) -> None:
        """Serve a canvas."""
        super().__init__(canvas)
        self._session, self._jobs, self._canvas = session, jobs, canvas
        self._job_by_place: dict[tuple[Path, int], Job] = {}
        canvas.tiles_wanted.connect(self._make)
        session.image_changed.connect(self._tell)
        session.project_opened.connect(self._stop_others)

    def _make(self, image_id: int) -> None:
        project = self._session.project
        if project is None or (project.path, image_id) in self._job_by_place:
            return
        place = (project.path, image_id)
        name = images.get(project, image_id).name
        task = Task(f"Full resolution of {name}", "tiles", FUNCTION, None, place)
        job = self._jobs.start(task)
        self._job_by_place[place] = job
        job.changed.connect(self._tell)
        job.ended.connect(lambda: self._end(place))
        if job.is_over:
            self._end(place)
        self._tell()

    def _end(self, place: tuple[Path, int]) -> None:
        job = self._job_by_place.pop(place, None)
        if job is not None and job.state == "done" and self._is_open(place[0]):
            self._canvas.take_tiles(place[1])
        self._tell()

    def _tell(self) -> None:
        """Say on the canvas how far the picture is that is shown."""
        project, image_id = self._session.project, self._session.image_id
        job = None if project is None or image_id is None else self._job_by_place.get((project.path, image_id))
        self._canvas.tell_progress("" if job is None else _words(job))

    def _stop_others(self) -> None:
        """Make no more tiles for a project that is closed."""
        for (path, _), job in list(self._job_by_place.items()):
            if not self._is_open(path):
                self._jobs.stop(job)

    def _is_open(self, path: Path) -> bool:
        return self._session.project is not None and self._session.project.path == path


def _words(job: Job) -> str:
    done, total = job.progress.done, job.progress.total
    return f"Full resolution: {done * 100 // total} %" if total else "Full resolution follows"
