"""The page of pictures on 100,000 pictures: scrolling, searching, choosing all, marking and tagging what is chosen."""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEventLoop, QTimer

from engine.project.image_edits import SetImages, TagImages
from studio import app
from studio.pages.pictures import PicturesPage
from studio.settings import Settings
from studio.surroundings import Studio
from studio.window import Window
from tests.bench._big_project import cached
from tests.bench._rows import Row, median, milliseconds, percentile, show

N_FRAMES = 120


def main() -> None:
    """Open a copy, for it is changed, and work on it."""
    application = app.make_application(sys.argv[:1])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "big.boxwright"
        shutil.copy(cached(), path)
        window, studio = app.build(application, Settings(Path(folder) / "settings.ini"))
        window.resize(1920, 1200)
        window.show()
        studio.session.open(path)
        until(lambda: len(studio.session.image_ids) == 100_000)
        studio.session.show_page("pictures")
        page = window.pages.made["pictures"]
        assert isinstance(page, PicturesPage)
        rest(500)
        show([*_scrolled(page), *_searched(studio), *_changed(studio, page, window)])
        window.close()


def _scrolled(page: PicturesPage) -> list[Row]:
    found = []
    for side in (80, 144, 256):
        page.side.setValue(side)
        rest(300)
        bar, taken = page.grid.verticalScrollBar(), []
        for n in range(N_FRAMES):
            start = time.perf_counter()
            bar.setValue(n * 40)
            QCoreApplication.sendPostedEvents()
            taken.append((time.perf_counter() - start) * 1000)
            rest(1)
        found.append(Row(f"thumbnails of {side}: scrolled by 40 pixels, median", median(taken), "ms"))
        found.append(Row("... p95", percentile(taken, 0.95), "ms", limit=16))
        whole = milliseconds(page.grid.viewport().repaint, 20)
        found.append(Row("... all cells in sight painted, median", median(whole), "ms"))
    page.side.setValue(144)
    bar = page.grid.verticalScrollBar()
    start = time.perf_counter()
    bar.setValue(bar.maximum())
    until(lambda: all(page.rows.ids[row] in page.rows._rows for row in range(99_990, 100_000)))
    found.append(Row("jump to the end, until all in sight is read", (time.perf_counter() - start) * 1000, "ms"))
    return found


def _searched(studio: Studio) -> list[Row]:
    found = []
    for text in ("split:val", 'class:"class 3">1', "has:suggestions", ""):
        late, taken = lateness(lambda text=text: studio.session.listing.find_text(text), studio.session.listing)  # type: ignore[misc]
        found.append(Row(f"search {text or '(all)'!r} until it is shown", taken, "ms"))
        found.append(Row("... the window is kept waiting at most", late, "ms", limit=50))
    return found


def _changed(studio: Studio, page: PicturesPage, window: Window) -> list[Row]:
    start = time.perf_counter()
    page.grid.selectAll()
    until(lambda: len(studio.session.listing.chosen) == 100_000)
    found = [Row("choose all", (time.perf_counter() - start) * 1000, "ms")]
    ids = studio.session.listing.subjects
    edits = {"mark all done": SetImages(ids, state="done"), "tag all": TagImages(ids, ("night",))}
    for what, edit in edits.items():
        start = time.perf_counter()
        studio.session.do(edit)
        until(lambda: studio.session.n_settled == studio.session.n_asked)
        found.append(Row(what, time.perf_counter() - start, "s"))
        start = time.perf_counter()
        studio.session.undo()
        until(lambda: studio.session.n_settled == studio.session.n_asked)
        found.append(Row("... undo", time.perf_counter() - start, "s"))
    return found


def lateness(act: Callable[[], object], listing: object) -> tuple[float, float]:
    """The longest that a 1 ms timer came late while a search was answered, and how long that took, in milliseconds."""
    loop, tick, late = QEventLoop(), QTimer(), 0.0
    last = begun = time.perf_counter()

    def look() -> None:
        nonlocal last, late
        now = time.perf_counter()
        late, last = max(late, (now - last) * 1000), now

    tick.timeout.connect(look)
    listing.changed.connect(loop.quit)  # type: ignore[attr-defined]
    tick.start(1)
    act()
    loop.exec()
    listing.changed.disconnect(loop.quit)  # type: ignore[attr-defined]
    look()
    return late, (time.perf_counter() - begun) * 1000


def rest(milliseconds: int) -> None:
    """Let the window do what it likes."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def until(is_so: Callable[[], bool]) -> None:
    """Let the window work until something is true."""
    while not is_so():
        rest(2)


if __name__ == "__main__":
    main()
