"""Files of tiles: written while a picture streams, read at random, kept within a limit, made for a project's image."""

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine import pictures
from engine.errors import UserError
from engine.interchange.exporting import ExportRequest, export_from
from engine.interchange.importing import ImportRequest, import_into
from engine.progress import Progress, finish
from engine.project import images
from engine.project.store import Project
from engine.tiling import cache, making, writing
from engine.tiling.reading import TILE_SIDE, TileFile
from engine.tiling.streaming import PREVIEW_SIDE


def smooth(height: int, width: int) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    return np.stack([x / width * 255, y / height * 255, 127 + 100 * np.sin(x / 40)], -1).astype(np.uint8)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = tmp_path / "cache"
    monkeypatch.setattr(cache, "folder", lambda: found)
    return found


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    Image.fromarray(smooth(1100, 1537)).save(tmp_path / "big.png")
    return tmp_path / "big.png"


def test_every_level_shows_the_picture(tmp_path: Path, picture: Path) -> None:
    events: list[object] = []
    finish(writing.write(picture, pictures.head(picture), tmp_path / "x.tiles.zip"), events.append)
    assert all(isinstance(event, Progress) and event.total == 100 for event in events)
    tiles = TileFile(tmp_path / "x.tiles.zip")
    assert [(level.width, level.height, level.step) for level in tiles.levels] == [
        (1537, 1100, 1),
        (769, 550, 2),
        (385, 275, 4),
    ]
    whole = smooth(1100, 1537)
    for n, level in enumerate(tiles.levels):
        rows = []
        for row in range(level.n_rows):
            rows.append(np.concatenate([tiles.read(n, column, row) for column in range(level.n_columns)], axis=1))
        found = np.concatenate(rows)
        assert found.shape == (level.height, level.width, 3)
        expected = np.asarray(Image.fromarray(whole).reduce(int(level.step))) if n else whole
        within = found[:-1, :-1].astype(int) - expected[: found.shape[0] - 1, : found.shape[1] - 1]
        assert np.abs(within).mean() < 2
        assert np.abs(within).max() < 16
    assert tiles.read(0, 3, 2).shape == (1100 - 2 * TILE_SIDE, 1, 3)
    tiles.close()


def test_what_is_stopped_or_fails_leaves_nothing(tmp_path: Path, picture: Path) -> None:
    work = writing.write(picture, pictures.head(picture), tmp_path / "x.tiles.zip")
    next(work, None)
    work.close()
    head = pictures.head(picture)
    picture.write_bytes(picture.read_bytes()[:2000])
    with pytest.raises(UserError, match=r"big\.png is cut off or damaged"):
        finish(writing.write(picture, head, tmp_path / "y.tiles.zip"))
    assert [path.name for path in tmp_path.iterdir() if "tiles" in path.name and path.name != "x.tiles.zip"] == []


def test_a_damaged_file_of_tiles_is_said(tmp_path: Path, picture: Path) -> None:
    path = tmp_path / "x.tiles.zip"
    finish(writing.write(picture, pictures.head(picture), path))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match="cannot be read"):
        TileFile(path)
    spoilt = bytearray(whole)
    at = whole.index(b"\xff\xd8\xff") + 300
    spoilt[at : at + 50] = bytes(50)
    path.write_bytes(bytes(spoilt))
    tiles = TileFile(path)
    with pytest.raises(UserError, match="are damaged"):
        for n, level in enumerate(tiles.levels):
            for row in range(level.n_rows):
                for column in range(level.n_columns):
                    tiles.read(n, column, row)
    tiles.close()


def test_the_cache_lets_go_of_what_was_looked_at_longest_ago(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir()
    for n in range(5):
        cache.path_of(f"{n}").write_bytes(bytes(100))
        os.utime(cache.path_of(f"{n}"), (1000 + n, 1000 + n))
    assert cache.find("1") == cache.path_of("1")
    assert cache.find("none") is None
    monkeypatch.setattr(cache, "LIMIT_BYTES", 250)
    cache.make_room()
    assert [n for n in range(5) if cache.path_of(f"{n}").exists()] == [1, 4]


def test_what_a_killed_process_left_is_cleared_up(folder: Path) -> None:
    (folder / "part-old").mkdir(parents=True)
    (folder / "part-old" / "picture").write_bytes(b"1")
    (folder / "part-new").mkdir()
    (folder / "a.tiles.zip.part").write_bytes(b"1")
    for left in (folder / "part-old", folder / "a.tiles.zip.part"):
        os.utime(left, (1000, 1000))
    cache.make_room()
    assert [path.name for path in folder.iterdir()] == ["part-new"]


@pytest.mark.parametrize("link", [True, False])
def test_a_large_picture_is_imported_and_has_its_tiles(
    tmp_path: Path, picture: Path, link: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "LARGE_PIXELS", 1_000_000)
    monkeypatch.setattr(pictures, "decode", lambda *_: pytest.fail("a large picture is never decoded whole"))
    with Project.create(tmp_path / "p.boxwright") as project:
        report = finish(import_into(project, ImportRequest(picture, link=link)))
        assert (report.images, report.skipped) == (1, ())
        image = images.all_images(project)[0]
        assert image.sha256 == hashlib.sha256(picture.read_bytes()).hexdigest()
        assert images.read(project, image) == picture.read_bytes()
        assert max(pictures.head(images.thumbnail(project, image.id)).size) == min(PREVIEW_SIDE, 1537)
    path = finish(making.make_tiles(tmp_path / "p.boxwright", image.id))
    assert path == cache.find(image.sha256)
    assert {each.name for each in cache.folder().iterdir()} == {path.name}
    before = path.stat().st_ino
    assert finish(making.make_tiles(tmp_path / "p.boxwright", image.id)).stat().st_ino == before


def test_a_large_picture_that_is_cut_off_is_skipped_by_name(
    tmp_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "LARGE_PIXELS", 1_000_000)
    picture.write_bytes(picture.read_bytes()[:-3000])
    with Project.create(tmp_path / "p.boxwright") as project:
        report = finish(import_into(project, ImportRequest(picture)))
        assert [(one.what, report.images) for one in report.skipped] == [("big.png", 0)]


def test_a_linked_picture_that_was_replaced_is_not_taken(
    tmp_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "LARGE_PIXELS", 1_000_000)
    with Project.create(tmp_path / "p.boxwright") as project:
        finish(import_into(project, ImportRequest(picture, link=True)))
    picture.write_bytes(picture.read_bytes() + b"more")
    with pytest.raises(UserError, match="not the one that was imported"):
        finish(making.make_tiles(tmp_path / "p.boxwright", 1))
    picture.unlink()
    with pytest.raises(UserError, match="cannot be read"):
        finish(making.make_tiles(tmp_path / "p.boxwright", 1))


@pytest.mark.parametrize("link", [True, False])
def test_a_large_picture_is_exported_as_it_came(
    tmp_path: Path, picture: Path, link: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "LARGE_PIXELS", 1_000_000)
    with Project.create(tmp_path / "p.boxwright") as project:
        finish(import_into(project, ImportRequest(picture, link=link)))
        monkeypatch.setattr(images, "read", lambda *_: pytest.fail("a large picture is never in memory whole"))
        finish(export_from(project, ExportRequest(tmp_path / "out", "coco")))
    found = [path for path in (tmp_path / "out").rglob("*") if path.is_file() and path.suffix != ".json"]
    assert [path.read_bytes() for path in found] == [picture.read_bytes()]
