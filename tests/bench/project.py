"""A project of 100,000 pictures and 1,000,000 annotations: opening, listing, reading, editing, and the memory it takes.

The limits are those of the file alone; painting is measured elsewhere. The file lies in the system's cache, as it does
on a second opening.
"""

import random
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psutil

from engine.geometry.shapes import Box
from engine.project import annotations, classes, detections, images, presence
from engine.project.edits import AddAnnotations, ChangeAnnotations
from engine.project.history import History
from engine.project.records import Annotation
from engine.project.store import Project
from tests.bench import _big_project
from tests.bench._rows import Row, milliseconds, percentile, show

N_ASKED = 300
ROWS_IN_SIGHT = 40


def main() -> None:
    """Measure everything on one copy of the project."""
    path = _big_project.cached()
    own = path.with_name("edited.boxwright")
    shutil.copy(path, own)
    before = _resident()
    try:
        show([*_opening(own), *_asking(own), *_editing(own), *_recovering(own)])
        show([Row("project: memory taken by all that", (_resident() - before) / 2**20, "MB", limit=200)])
    finally:
        own.unlink()


def _opening(path: Path) -> Iterator[Row]:
    def opened() -> None:
        with Project.open(path) as project:
            presence.claim(project).release()
            _look_at(project, 1)

    yield Row("project: open to first picture's bytes and shapes, p50", percentile(milliseconds(opened, 10), 0.5), "ms")
    yield Row("... p95", percentile(milliseconds(opened, 20), 0.95), "ms", limit=1000)


def _look_at(project: Project, image_id: int) -> None:
    """What showing an image asks for."""
    images.read(project, images.get(project, image_id))
    annotations.of_image(project, image_id)
    detections.of_image(project, image_id)


def _asking(path: Path) -> Iterator[Row]:
    with Project.open(path, read_only=True) as project:
        ids = images.all_ids(project)
        some = iter(random.Random(1).choices(ids, k=8 * N_ASKED))
        asked: dict[str, Callable[[], object]] = {
            "an image's annotations": lambda: annotations.of_image(project, next(some)),
            "next picture: bytes and shapes": lambda: _look_at(project, next(some)),
            f"{ROWS_IN_SIGHT} rows of the image list": lambda: images.listed(project, _sight(ids, next(some))),
            "a thumbnail": lambda: images.thumbnail(project, next(some)),
        }
        for what, ask in asked.items():
            yield from _both(what, milliseconds(ask, N_ASKED), 60)
        yield from _both(
            "an image with 1,000 annotations", milliseconds(lambda: annotations.of_image(project, 1), 20), 120
        )
        yield Row("project: ids of all images", percentile(milliseconds(lambda: images.all_ids(project), 5), 0.5), "ms")
        yield Row("project: counts by class", percentile(milliseconds(lambda: classes.counts(project), 5), 0.5), "ms")


def _sight(ids: list[int], first: int) -> list[int]:
    start = min(first, len(ids) - ROWS_IN_SIGHT)
    return ids[start : start + ROWS_IN_SIGHT]


def _editing(path: Path) -> Iterator[Row]:
    with Project.open(path) as project:
        history, chance = History(project), random.Random(2)

        def add() -> None:
            image_id = chance.randrange(1, _big_project.N_IMAGES)
            history.do(AddAnnotations((Annotation(0, image_id, 1, Box(1, 1, 9, 9)),)), image_id)

        def change() -> None:
            one = annotations.of_image(project, chance.randrange(2, _big_project.N_IMAGES))[0]
            history.do(ChangeAnnotations((Annotation(one.id, one.image_id, 2, Box(2, 2, 9, 9)),)), one.image_id)

        yield from _both("an edit until it is on the disk", milliseconds(add, 100) + milliseconds(change, 100), 100)
        yield from _both("undo", milliseconds(history.undo, 100), 100)
        bare = percentile(_bare_commits(path), 0.5)
        yield Row("project: one commit of SQLite alone, p50", bare, "ms")


def _bare_commits(path: Path) -> list[float]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = EXTRA")
        sql = "INSERT OR REPLACE INTO meta (name, value) VALUES ('n', random())"
        return milliseconds(lambda: connection.execute(sql), 50)


def _recovering(path: Path) -> Iterator[Row]:
    with Project.open(path) as project:
        start = time.perf_counter()
        verdict = project.value("PRAGMA quick_check(1)")
        assert verdict == "ok", verdict
        yield Row("project: quick_check after a crash", (time.perf_counter() - start) * 1000, "ms")


def _both(what: str, found: list[float], limit: float) -> Iterator[Row]:
    yield Row(f"project: {what}, p50", percentile(found, 0.5), "ms")
    yield Row("... p95", percentile(found, 0.95), "ms", limit=limit)


def _resident() -> int:
    return int(psutil.Process().memory_info().rss)


if __name__ == "__main__":
    main()
