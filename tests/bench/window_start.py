"""How long the window takes from the start of its process to its first paint, welcome page and a project alike.

The time is that of a second start, as of any but the very first: Python's compiled modules are there.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench._rows import Row, median, show

REPEATS = 7
CHILD = """
import sys, time
from pathlib import Path
from PySide6.QtCore import QEvent, QObject, QTimer
from studio import app, files
from studio.settings import Settings

class FirstPaint(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            window.removeEventFilter(self)
            print(time.time(), "torch" in sys.modules, flush=True)
            QTimer.singleShot(0, window.close)
        return False

application = app.make_application(["boxwright"])
window, studio = app.build(application, Settings(Path(sys.argv[1]) / "settings.ini"))
watcher = FirstPaint()
window.installEventFilter(watcher)
window.show()
application.exec()
"""


def started(script: str, folder: str) -> float:
    """Milliseconds from the start of a fresh Python to what it prints first: the time then."""
    variables = os.environ | {"PYTHONPYCACHEPREFIX": folder}
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    begun = time.time()
    done = subprocess.run(
        [sys.executable, "-c", script, folder], capture_output=True, text=True, check=True, env=variables
    )
    moment, *rest = done.stdout.split()
    if "True" in rest:
        raise AssertionError("torch was loaded before the window was painted")
    return (float(moment) - begun) * 1000


def repeated(script: str, folder: str) -> float:
    """The median of several starts, after one that compiles what is imported."""
    started(script, folder)
    return median([started(script, folder) for _ in range(REPEATS)])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).mkdir(exist_ok=True)
        qt = repeated("import time; import PySide6.QtWidgets, numpy; print(time.time())", folder)
        show(
            [
                Row(
                    "start to the window's first paint",
                    repeated(CHILD, folder),
                    "ms",
                    qt,
                    "importing Qt and numpy",
                    1500,
                )
            ]
        )
