"""The query box, statistics, splits and edits of whole classes, on 100,000 pictures with 1,000,000 annotations."""

import shutil
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from engine.project.class_edits import MergeClasses, RemoveClass
from engine.project.history import History
from engine.project.queries import ORDERS, Search, image_ids
from engine.project.query_completion import completions
from engine.project.splits import SplitPlan, propose
from engine.project.statistics import statistics
from engine.project.store import Project
from tests.bench import _big_project
from tests.bench._rows import Row, median, milliseconds, show

COMMON = (
    'class:"class 3"', 'class:"class 3">1', "objects>10", "width>1000", "split:val", "state:done", "000123",
    "has:suggestions", "suggestions>1", "has:disagreement", "-split:train objects>5", 'class:"class 3" OR state:done',
)  # fmt: skip


def main() -> None:
    """Ask, then edit a copy."""
    path = _big_project.cached()
    with Project.open(path, read_only=True) as project:
        show([*_asked(project), *_worked_out(project)])
    own = path.with_name("classes.boxwright")
    shutil.copy(path, own)
    try:
        show(_edited(own))
    finally:
        own.unlink()


def _asked(project: Project) -> Iterator[Row]:
    for text in COMMON:
        yield Row(f"query: {text}", median(milliseconds(partial(image_ids, project, Search(text)), 5)), "ms", limit=300)
    for order in ORDERS:
        search = Search(order=order)
        yield Row(f"query: all by {order}", median(milliseconds(partial(image_ids, project, search), 3)), "ms")
    yield Row("query: completion of a class", median(milliseconds(lambda: completions(project, "class:", 6), 5)), "ms")


def _worked_out(project: Project) -> Iterator[Row]:
    yield Row("statistics of everything", _seconds(lambda: statistics(project)), "s")
    yield Row("splits proposed for all pictures", _seconds(lambda: propose(project, SplitPlan())), "s")


def _edited(path: Path) -> Iterator[Row]:
    with Project.open(path) as project:
        history = History(project)
        for what, edit in (("merge", MergeClasses(1, 2)), ("delete", RemoveClass(3))):
            yield Row(f"{what} a class of 50,000 annotations", _seconds(partial(history.do, edit)), "s")
            yield Row("... undo", _seconds(history.undo), "s")
            yield Row("... redo", _seconds(history.redo), "s")


def _seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
