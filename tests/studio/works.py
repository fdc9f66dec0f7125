"""Long works for the tests of jobs; they run in worker processes, so they live in a module of their own."""

import os
import signal
import time
from collections.abc import Generator
from pathlib import Path

from engine.errors import UserError
from engine.inspecting.misses import AutopsyRequest, Begun, Examined, Miss
from engine.progress import Progress, Work
from engine.project import classes, runs
from engine.project.store import Project
from studio.orders import Listening


def count(to: int, pause: float = 0.0) -> Work[int]:
    for done in range(to):
        yield Progress(done, to, "Counting")
        time.sleep(pause)
    yield Progress(to, to)
    return to


def wait(log: Path) -> Work[None]:
    try:
        while True:
            yield Progress(0, None)
            time.sleep(0.01)
    finally:
        log.write_text("whole")


def hang() -> Work[None]:
    yield Progress(0, 1)
    time.sleep(600)


def add_classes(project: Project, *names: str) -> Work[int]:
    for name in names:
        with project.atomic():
            classes.add(project, name)
        yield name
    return len(names)


def refuse() -> Work[None]:
    yield Progress(0, 1)
    raise UserError("cat.jpg is no picture.", "Choose another.")


def break_down() -> Work[None]:
    yield Progress(0, 1)
    raise KeyError("ours")


def lose_network() -> Work[None]:
    yield Progress(0, 1)
    raise ConnectionResetError("the far end hung up")


def return_what_cannot_cross() -> Work[object]:
    yield Progress(0, 1)
    return lambda: None


def die() -> Work[None]:
    yield Progress(0, 1)
    os.kill(os.getpid(), signal.SIGKILL)


def die_running(project: Project) -> Work[None]:
    with project.atomic():
        run_id = runs.add(project, "detector", "mask_rcnn", "{}")
        runs.set_state(project, run_id, "running")
    yield Progress(0, 1)
    os.kill(os.getpid(), signal.SIGKILL)


def process_id() -> Work[int]:
    yield Progress(0, 1)
    return os.getpid()


def echo(farewell: str) -> Generator[object, str, str]:
    said = ""
    while said != farewell:
        said = yield Listening()
        yield f"heard {said}"
    return said


def autopsies(project: Project, request: AutopsyRequest) -> Work[None]:
    """One image of three is done, in which one of four annotations is missed; then it waits."""
    yield Begun(request.run_id or 1, request.split, "bbox", request.asked, 3)
    missed = Miss(1, "1.png", 1, 1, "cell", "nms", "Words.", None, None, None)
    yield Examined(1, 4, (missed,), is_replayed=True, is_tiled=False, progress=Progress(1, 3, project.path.name))
    while True:
        yield Progress(1, 3)
        time.sleep(0.01)
