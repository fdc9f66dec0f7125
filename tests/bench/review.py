"""The statistics page and the queue in the window, on 100,000 pictures and 1,000,000 annotations.

How long each takes to be there, how late the window's event loop is meanwhile, and how long a person waits from one
question of the queue to the next.
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop, Qt, QTimer

from engine.evaluation.queue import Question
from engine.project.store import Project
from studio import app
from studio.canvas.view import Canvas
from studio.pages.statistics import StatisticsPage
from studio.settings import Settings
from studio.surroundings import Studio
from studio.window import Window
from tests.bench._big_project import cached
from tests.bench._rows import Row, median, percentile, show

TICK_MS = 5
N_ANSWERS = 20
LOOKS_S = 0.5
PATIENCE_S = 120.0


class Watch:
    """Runs the event loop until something is so, and keeps how late its ticks came, in ms."""

    def __init__(self) -> None:
        self.late: list[float] = []

    def until(self, is_so: Callable[[], bool]) -> float:
        """Seconds that it took; raises TimeoutError where it never comes to be."""
        loop, ticks = QEventLoop(), QTimer()
        ticks.setTimerType(Qt.TimerType.PreciseTimer)
        begun = last = time.perf_counter()

        def tick() -> None:
            nonlocal last
            now = time.perf_counter()
            self.late.append(max(0.0, 1000 * (now - last) - TICK_MS))
            last = now
            if is_so() or now - begun > PATIENCE_S:
                loop.quit()

        ticks.timeout.connect(tick)
        ticks.start(TICK_MS)
        loop.exec()
        seconds = time.perf_counter() - begun
        if seconds > PATIENCE_S:
            raise TimeoutError("What the benchmark waits for does not come.")
        return seconds

    def rows(self, what: str) -> list[Row]:
        """Lateness so far, which is forgotten."""
        late, self.late = self.late, []
        return [
            Row(f"{what}: lateness of the event loop, p99", percentile(late, 0.99), "ms"),
            Row("... at most", max(late), "ms"),
        ]


def survey_all(path: Path) -> None:
    """Say that the run has looked at every picture, and how much there is to decide on each tenth."""
    with Project.open(path) as project:
        project.rows("PRAGMA synchronous = OFF")
        with project.atomic():
            project.execute("INSERT OR IGNORE INTO examined (run_id, image_id) SELECT 1, id FROM images")
            project.execute(
                "INSERT OR REPLACE INTO surveys (image_id, run_id, standard, missed, extra, wrong_class, poor_shape, "
                "weight) SELECT id, 1, '0.5 0.5 0.7 0.1', id % 10 = 0, 0, 0, 0, (id % 10 = 0) * (id % 97) / 97.0 "
                "FROM images"
            )


def statistics_rows(window: Window, studio: Studio, watch: Watch) -> list[Row]:
    """The page from its key to its charts, and narrowed to a class."""
    studio.session.show_page("statistics")
    page = window.pages.made["statistics"]
    assert isinstance(page, StatisticsPage)
    rows = [
        Row(
            "statistics of 1,000,000 annotations: charts are there after",
            watch.until(lambda: page.told is not None),
            "s",
        )
    ]
    rows += watch.rows("meanwhile")
    first = page.told
    page.classes.setCurrentIndex(3)
    page.classes.activated.emit(3)
    rows.append(Row("narrowed to a class after", watch.until(lambda: page.told is not first), "s"))
    rows += watch.rows("meanwhile")
    studio.session.show_page("annotate")
    return rows


def queue_rows(studio: Studio, watch: Watch) -> list[Row]:
    """The queue from its key to its first question, and from question to question."""
    canvas = studio.view
    assert isinstance(canvas, Canvas)
    studio.queue.start()
    seconds = watch.until(lambda: studio.queue.current is not None and canvas.is_complete)
    rows = [Row("queue over 10,000 pictures: the first question is in sight after", seconds, "s")]
    rows += watch.rows("meanwhile")
    rows += next_rows("1,000 shapes over one another", studio, watch, lambda: studio.queue.answer("dismiss"))
    rows += next_rows("the next picture", studio, watch, lambda: studio.queue.travel(1))
    return rows


def next_rows(where: str, studio: Studio, watch: Watch, act: Callable[[], object]) -> list[Row]:
    """From a key to the next question with all that is on its picture, and until every tile is painted anew.

    Between two a person looks for half a second.
    """
    canvas, asked, painted = studio.view, [], []
    assert isinstance(canvas, Canvas)

    def is_there(before: Question | None) -> bool:
        now = studio.queue.current
        shown = canvas._shown.image
        return (
            now not in (None, before)
            and shown is not None
            and shown.id == now.about.image_id
            and canvas._shown._has_read
        )

    for _ in range(N_ANSWERS):
        begun = time.perf_counter()
        watch.until(lambda begun=begun: time.perf_counter() - begun > LOOKS_S)
        begun, before = time.perf_counter(), studio.queue.current
        act()
        if not is_there(before):
            watch.until(lambda before=before: is_there(before))
        asked.append(1000 * (time.perf_counter() - begun))
        watch.until(lambda: canvas.is_complete)
        painted.append(1000 * (time.perf_counter() - begun))
    return [
        Row(f"next question, {where}: asked after, median", median(asked), "ms"),
        Row("... p95", percentile(asked, 0.95), "ms"),
        Row("... every tile in sight is painted anew after, median", median(painted), "ms"),
        *watch.rows("meanwhile"),
    ]


def main() -> None:
    """On a copy, since answers are edits."""
    source = cached()
    path = source.with_name("review.boxwright")
    shutil.copy(source, path)
    try:
        survey_all(path)
        application = app.make_application(sys.argv[:1])
        with tempfile.TemporaryDirectory() as folder:
            window, studio = app.build(application, Settings(Path(folder) / "settings.ini"))
            window.resize(1440, 900)
            window.show()
            studio.session.open(path)
            watch = Watch()
            begun = time.perf_counter()
            watch.until(lambda: time.perf_counter() - begun > 3.0)
            rows = watch.rows("idle")
            rows += statistics_rows(window, studio, watch)
            rows += queue_rows(studio, watch)
            window.close()
        show(rows)
    finally:
        path.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
