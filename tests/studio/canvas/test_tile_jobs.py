"""A picture too large for memory gets its tiles in a worker process while it is looked at, and then is sharp."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from engine import pictures
from engine.interchange.importing import ImportRequest, import_into
from engine.progress import finish
from engine.project.store import Project
from engine.tiling import cache
from studio.canvas.tile_jobs import TileJobs
from studio.canvas.view import Canvas
from studio.jobs import Jobs
from studio.session import Session


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one picture, which counts as large in this process."""
    monkeypatch.setattr(pictures, "LARGE_PIXELS", 1_000_000)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "folder", lambda: tmp_path / "cache" / "boxwright" / "tiles")
    rows = np.arange(1300, dtype=np.uint8)[:, None, None] + np.arange(1100, dtype=np.uint8)[None, :, None]
    Image.fromarray(np.broadcast_to(rows, (1300, 1100, 3)).copy()).save(tmp_path / "big.png")
    with Project.create(tmp_path / "p.boxwright") as project:
        finish(import_into(project, ImportRequest(tmp_path / "big.png")))
    return tmp_path / "p.boxwright"


@pytest.mark.slow
def test_a_large_picture_is_seen_at_once_and_sharp_when_its_tiles_are_made(
    qtbot: QtBot, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, jobs = Session("someone"), Jobs()
    canvas = Canvas(session)
    qtbot.addWidget(canvas)
    told: list[str] = []
    monkeypatch.setattr(canvas, "tell_progress", told.append)
    TileJobs(session, jobs, canvas)
    canvas.resize(400, 300)
    canvas.show()
    session.open(path)
    qtbot.waitUntil(lambda: bool(jobs.all))
    assert [job.task.title for job in jobs.all] == ["Full resolution of big.png"]
    assert not canvas.is_complete and told[-1] == "Full resolution follows"
    qtbot.waitUntil(lambda: jobs.all[0].is_over, timeout=60_000)
    assert jobs.all[0].state == "done" and told[-1] == ""
    qtbot.waitUntil(lambda: canvas.is_complete)
    canvas.zoom_to_pixels()
    qtbot.waitUntil(lambda: canvas.is_complete)
    x, y = (int(at) for at in canvas.viewport.to_image.apply_one((200, 150)))
    assert abs(canvas.grab().toImage().pixelColor(200, 150).red() - (x + y) % 256) < 8
    session.open(path)  # another opening finds the tiles
    qtbot.waitUntil(lambda: canvas.is_complete)
    assert len(jobs.all) == 1
    canvas.finish()
    session.close()
    jobs.finish()
