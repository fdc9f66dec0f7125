"""How long the window is held up when a dialog or a page opens: milliseconds of its own CPU in one turn of its loop.

Every dialog that can be opened about nothing in particular, and every page, each for the first and the second time in a
real window on the sample project. The dearest are told, and the limit is a frame.
"""

import sys
import tempfile
from pathlib import Path

from PySide6.QtWidgets import QApplication, QDialog

from engine.samples import create_sample
from studio import app
from studio.dialogs import DIALOGS
from studio.pages import PAGES
from studio.settings import Settings
from studio.surroundings import Studio
from tests.bench._rows import Row, show
from tests.bench._turns import Turns

FRAME_MS = 16.0
ABOUT_SOMETHING = {
    "attributes", "checked", "class_delete", "class_merge", "exported", "fault", "imported", "importing", "in_use",
    "job_failed", "merged", "merging", "rename_run", "skeleton", "told",
}  # fmt: skip
"""Dialogs that are opened about a class, a run, a file or a job."""


def measured(studio: Studio, turns: Turns) -> list[tuple[str, float, float]]:
    """Name, and the worst turn of the first and of the second opening."""
    found = []
    for name in PAGES.names():
        first, second = (shown_page(studio, turns, name) for _ in range(2))
        found.append((f"page {name}", first, second))
    studio.session.show_page("annotate")
    for name in sorted(set(DIALOGS.names()) - ABOUT_SOMETHING):
        first, second = (opened(studio, turns, name) for _ in range(2))
        found.append((f"dialog {name}", first, second))
    return found


def shown_page(studio: Studio, turns: Turns, name: str) -> float:
    turns.of(lambda: studio.session.show_page("pictures" if name == "annotate" else "annotate"))
    return turns.of(lambda: studio.session.show_page(name))


def opened(studio: Studio, turns: Turns, name: str) -> float:
    worst = turns.of(lambda: studio.ask.show(name))
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, QDialog) and widget.isVisible():
            widget.reject()
    turns.of(lambda: None)
    return worst


def main() -> None:
    """All of them, the dearest first."""
    application = app.make_application(sys.argv[:1])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sample.boxwright"
        create_sample(path).close()
        window, studio = app.build(application, Settings(Path(folder) / "settings.ini"))
        window.resize(1440, 900)
        window.show()
        studio.session.open(path)
        turns = Turns()
        turns.of(lambda: None)
        rows = []
        for name, first, second in sorted(measured(studio, turns), key=lambda each: -each[2]):
            rows.append(Row(f"{name}, opened again: the longest turn, CPU", second, "ms", limit=FRAME_MS))
            rows.append(Row("... opened for the first time", first, "ms"))
        show(rows)
        window.close()


if __name__ == "__main__":
    main()
