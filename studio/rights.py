"""People's rights, from the window: erased for good, and all that is held of somebody written down for them."""

from __future__ import annotations

import re
from pathlib import Path

from engine.project.records import Identity
from studio.jobs import Job
from studio.orders import Task
from studio.surroundings import Studio

ERASE = "engine.project.erasing:erase"
EXPORT = "engine.project.holdings:export"


def begin_erasing(studio: Studio, person: Identity, *, with_images: bool, with_suggested: bool) -> Job | None:
    """Erase a person in the background; the proof is shown afterwards."""
    project = studio.session.project
    if project is None:
        return None
    options = {"with_images": with_images, "with_suggested": with_suggested}
    # The job's title is shown and remembered: it does not name whom nobody is to remember.
    job = studio.jobs.start(Task("Erase a person", "files", ERASE, project.path, (person.id,), options))
    job.ended.connect(lambda: _on_erased(studio, job))
    return job


def _on_erased(studio: Studio, job: Job) -> None:
    if job.state == "done":
        studio.identifying.forget_gone()
        studio.ask.show("erased", job)


def save_holdings(studio: Studio, person: Identity, folder: Path) -> Job | None:
    """Write all that is held of a person into a new folder within `folder`."""
    project = studio.session.project
    if project is None:
        return None
    name = re.sub(r"[^\w .-]", "_", person.name)
    target = folder / f"Held of {name}"
    job = studio.jobs.start(Task("Save all that is held", "files", EXPORT, project.path, (person.id, target)))
    job.ended.connect(lambda: studio.session.said.emit(f"Written into {target}.") if job.state == "done" else None)
    return job
