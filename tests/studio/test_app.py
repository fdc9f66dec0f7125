"""The window is up before torch is loaded; a run whose worker dies is marked interrupted."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from PySide6.QtCore import QThreadPool
from pytestqt.qtbot import QtBot

from engine.errors import UserError
from engine.project import runs
from engine.project.store import Project
from studio.orders import Task
from tests.studio import projects
from tests.studio.windows import Opened, dialogs

SCRIPT = """
import sys
from pathlib import Path
from studio import app
from studio.settings import Settings
application = app.make_application(["boxwright"])
window, studio = app.build(application, Settings(Path(sys.argv[1]) / "settings.ini"))
window.show()
studio.session.open(Path(sys.argv[1]) / "p.boxwright")
application.processEvents()
print(sorted(name for name in ("torch", "torchvision") if name in sys.modules))
window.close()
"""


def test_the_window_opens_a_project_without_torch(tmp_path: Path) -> None:
    projects.make(tmp_path / "p.boxwright")
    command = [sys.executable, "-c", SCRIPT, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
    assert done.stdout.strip() == "[]"


def test_a_run_whose_worker_died_is_interrupted_and_the_window_goes_on(
    seen: Opened, tmp_path: Path, qtbot: QtBot
) -> None:
    path = projects.make(tmp_path / "p.boxwright")
    seen.open(path)
    job = seen.studio.jobs.start(Task("Fine-tune", "train", "tests.studio.works:die_running", path))
    qtbot.waitUntil(lambda: job.is_over, timeout=20_000)
    assert isinstance(seen.session.project, Project)
    project = seen.session.project
    qtbot.waitUntil(lambda: runs.all_runs(project)[0].state == "interrupted")
    assert seen.dialog().windowTitle().startswith("Fine-tune")


def test_what_fails_after_the_window_is_closed_opens_no_dialog(seen: Opened, qtbot: QtBot) -> None:
    seen.window.close()
    seen.session.failed.emit(UserError("Too late."))
    qtbot.wait(50)
    assert not dialogs()


def test_what_is_drawn_in_threads_has_ended_when_the_window_is_gone(at_work: Opened) -> None:
    started, is_over = threading.Event(), []

    def draw() -> None:
        started.set()
        time.sleep(0.2)
        is_over.append(True)

    QThreadPool.globalInstance().start(draw)
    assert started.wait(10)
    at_work.window.close()
    assert is_over == [True]
