"""Decoded pictures: neighbours ahead of time, a budget of memory, and words for what is broken."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine import pictures as decoding
from engine.errors import UserError
from engine.progress import finish
from engine.project import contents, images
from engine.project.store import Project
from engine.tiling import cache, making
from studio.canvas import pictures as module
from studio.canvas.pictures import Pictures, Tiled, decoded
from studio.canvas.pyramid import Pyramid
from tests.studio import projects

PICTURE_BYTES = 160 * 120 * 4


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return projects.make(tmp_path / "p.boxwright", 6)


@pytest.fixture
def held(path: Path):
    pictures = Pictures(path, budget_bytes=3 * PICTURE_BYTES)
    yield pictures
    pictures.finish()


def has(pictures: Pictures, image_id: int) -> bool:
    return isinstance(pictures.get(image_id), Pyramid)


def test_the_wanted_picture_comes_and_its_neighbours_are_ready(qtbot: QtBot, held: Pictures, path: Path) -> None:
    held.want(2, (3, 1))
    assert held.get(2) is None
    qtbot.waitUntil(lambda: all(has(held, image_id) for image_id in (1, 2, 3)))
    found = held.get(2)
    assert isinstance(found, Pyramid)
    with Project.open(path, read_only=True) as project:
        expected = decoding.decode(images.read(project, images.get(project, 2)))
    assert (found.levels[0].pixels[..., 2::-1] == expected).all()


def test_memory_stays_within_the_budget_and_the_shown_picture_stays(qtbot: QtBot, held: Pictures) -> None:
    for image_id in range(1, 7):
        held.want(image_id)
        qtbot.waitUntil(lambda wanted=image_id: has(held, wanted))
        assert held.held_bytes <= 3 * PICTURE_BYTES
    assert [image_id for image_id in range(1, 7) if has(held, image_id)] == [4, 5, 6]


def test_the_shown_picture_is_kept_though_it_alone_is_beyond_the_budget(qtbot: QtBot, path: Path) -> None:
    pictures = Pictures(path, budget_bytes=10)
    pictures.want(1, (2,))
    qtbot.waitUntil(lambda: has(pictures, 1))
    pictures.want(2)
    qtbot.waitUntil(lambda: has(pictures, 2))
    assert not has(pictures, 1)
    pictures.finish()


def test_what_is_broken_is_told_by_name(qtbot: QtBot, path: Path) -> None:
    with Project.open(path) as project, project.atomic():
        source = contents.put(project, projects.picture(1)[:200])
        project.execute("UPDATE images SET content_id = ? WHERE id = 2", (source,))
    pictures = Pictures(path)
    with qtbot.waitSignal(pictures.arrived):
        pictures.want(2)
    error = pictures.get(2)
    assert isinstance(error, UserError) and "001.png" in error.message
    pictures.finish()


def test_large_pictures_are_not_decoded_ahead_but_when_they_are_wanted(
    qtbot: QtBot, held: Pictures, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MAX_AHEAD_PIXELS", 1000)
    held.want(1, (2,))
    qtbot.waitUntil(lambda: has(held, 1))
    with Project.open(path, read_only=True) as project:
        assert decoded(project, 2, ahead=True) is None
    qtbot.wait(30)
    assert held.get(2) is None
    held.want(2)
    qtbot.waitUntil(lambda: has(held, 2))


def test_pictures_too_large_for_memory_are_read_by_tiles_once_there_are_any(
    qtbot: QtBot, held: Pictures, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "LARGE_PIXELS", 1000)
    monkeypatch.setattr(cache, "folder", lambda: tmp_path / "cache")
    with qtbot.waitSignal(held.tiles_wanted) as wanted:
        held.want(2, (3,))
    assert wanted.args == [2] and held.get(2) is None
    tiles = finish(making.make_tiles(path, 2))
    with qtbot.waitSignal(held.arrived):
        held.ask_again(2)
    found = held.get(2)
    assert isinstance(found, Tiled) and found.file.levels[0].width == 160
    assert held.held_bytes == 0
    held.forget([2])
    found.file.close()
    tiles.write_bytes(b"spoilt")
    with qtbot.waitSignal(held.tiles_wanted):
        held.want(2)
    assert not tiles.exists()


def test_forgotten_pictures_are_let_go(qtbot: QtBot, held: Pictures) -> None:
    held.want(1)
    qtbot.waitUntil(lambda: has(held, 1))
    held.forget([1])
    assert held.get(1) is None and held.held_bytes == 0
