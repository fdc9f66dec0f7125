"""What happens to project files: made, opened, copied, checked; and what is dropped onto the window."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.errors import UserError
from engine.project.presence import InUseError
from engine.project.snapshots import free_name
from engine.project.store import Project
from studio.jobs import Job
from studio.orders import Task
from studio.surroundings import Studio

SUFFIX = ".boxwright"


def open_project(studio: Studio, path: Path, *, read_only: bool = False, anyway: bool = False) -> bool:
    """Open a project file; a failure is told, and leaves what is open. Returns whether it is open now."""
    try:
        studio.session.open(path.absolute(), read_only=read_only, anyway=anyway)
    except InUseError as error:
        studio.ask.show("in_use", (str(path), str(error.holder)))
        return False
    except UserError as error:
        studio.ask.tell(error)
        return False
    studio.settings.opened(path)
    return True


def make_new(studio: Studio) -> bool:
    """Ask for a name, make an empty project there and open it."""
    path = studio.ask.save_path("New Project", SUFFIX)
    return path is not None and make_at(studio, path)


def make_at(studio: Studio, path: Path) -> bool:
    """Make an empty project at `path`, in place of a file that a person chose to replace, and open it."""
    try:
        if path.exists():
            _replace(studio, path)
        Project.create(path).close()
    except (UserError, OSError) as error:
        studio.ask.tell(error if isinstance(error, UserError) else UserError(f"{path} cannot be made: {error}."))
        return False
    return open_project(studio, path)


def _replace(studio: Studio, path: Path) -> None:
    """Put a file out of the way under another name rather than lose it."""
    if studio.session.project is not None and path.samefile(studio.session.project.path):
        raise UserError(f"{path.name} is open here.", "Choose another name.")
    spare = free_name(path.with_name(f"{path.stem}.replaced{path.suffix}"))
    path.replace(spare)
    studio.session.said.emit(f"The old file is now {spare.name}.")


def make_sample(studio: Studio) -> Job | None:
    """Ask for a name, have the sample project made there, and open it when it is done."""
    path = studio.ask.save_path("New Sample Project", SUFFIX)
    if path is None:
        return None
    if path.exists():
        studio.ask.tell(UserError(f"{path.name} is there already.", "Choose another name."))
        return None
    job = studio.jobs.start(Task("Make the sample project", "files", "studio.errands:make_sample", None, (path,)))
    job.ended.connect(lambda: open_project(studio, path) if job.state == "done" else None)
    return job


def save_copy(studio: Studio, path: Path) -> Job | None:
    """Save the open project under another name, in the background."""
    project = studio.session.project
    if project is None:
        return None
    task = Task(f"Save a copy as {path.name}", "files", "studio.errands:save_copy", project.path, (path,))
    job = studio.jobs.start(task)
    job.ended.connect(
        lambda: studio.session.said.emit(f"Saved a copy as {path.name}.") if job.state == "done" else None
    )
    return job


def check(studio: Studio) -> Job | None:
    """Verify everything in the open project, in the background, and tell what was found."""
    project = studio.session.project
    if project is None:
        return None
    job = studio.jobs.start(Task("Check the file", "files", "studio.errands:check", None, (project.path,)))
    job.ended.connect(lambda: studio.ask.show("checked", job) if job.state == "done" else None)
    return job


def take_dropped(studio: Studio, paths: Sequence[Path]) -> None:
    """Open a project that was dropped; import anything else, into a new project where none is open."""
    projects = [path for path in paths if path.suffix == SUFFIX and path.is_file()]
    if projects:
        open_project(studio, projects[0])
        return
    if studio.session.project is None and not _make_beside(studio, paths[0]):
        return
    if studio.session.can_write:
        studio.ask.show("importing", tuple(str(path) for path in paths))
    else:
        studio.session.said.emit("This project is open read-only: nothing can be imported.")


def _make_beside(studio: Studio, path: Path) -> bool:
    """Propose a new project named after what was dropped, next to it."""
    path = path.absolute()
    studio.settings.folder = path.parent
    proposed = studio.ask.save_path(f"New Project for {path.name}", SUFFIX)
    return proposed is not None and make_at(studio, proposed)
