"""Networks at work on picture files: what each shows, or why it cannot be read. Nothing is stored."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine import pictures
from engine.detecting import predicting
from engine.detecting.looking import Looker
from engine.detecting.predicting import Picture
from engine.detecting.tiles import Tiles
from engine.errors import UserError
from engine.pictures import PictureHead
from engine.progress import Progress, Work
from engine.project.records import Detection
from engine.tiling.reading import TileFile
from engine.tiling.windows import InFile, InMemory, Windows

_FILES_AHEAD, _PIXELS_AHEAD = 32, 1 << 26
"""Of pictures read before they are looked at, so that those of one size can go together."""


@dataclass(frozen=True, slots=True)
class FileFound:
    """The detections on one picture file are known."""

    path: Path
    width: int
    height: int
    detections: tuple[Detection, ...]
    progress: Progress


@dataclass(frozen=True, slots=True)
class FileSkipped:
    """A picture file cannot be read."""

    path: Path
    why: str
    progress: Progress


@dataclass(frozen=True, slots=True, eq=False)
class _Opened:
    """A picture file that is about to be looked at as a whole."""

    path: Path
    pixels: Picture


def detect_files(looker: Looker, files: Sequence[Path]) -> Work[None]:
    """Detect on picture files; yields `FileFound` or `FileSkipped` for each, in no order, and Progress in between."""
    waiting: list[_Opened] = []
    done = 0
    for file in files:
        try:
            head = pictures.head(file)
            plan = looker.tiles_of(*head.size)
            if plan is None:
                waiting.append(_Opened(file, _whole(file, head)))
            else:
                found = yield from _on_tiles(looker, file, head, plan)
                done += 1
                yield FileFound(file, *head.size, found, Progress(done, len(files), "Detecting"))
        except UserError as error:
            done += 1
            yield FileSkipped(file, error.message, Progress(done, len(files), "Detecting"))
        if len(waiting) == _FILES_AHEAD or sum(each.pixels.size for each in waiting) > 3 * _PIXELS_AHEAD:
            for at, event in enumerate(_as_wholes(looker, waiting), done + 1):
                yield _counted(event, at, len(files))
            done += len(waiting)
            waiting = []
    for at, event in enumerate(_as_wholes(looker, waiting), done + 1):
        yield _counted(event, at, len(files))


def _whole(file: Path, head: PictureHead) -> Picture:
    if pictures.is_large(*head.size):
        raise UserError(f"{file.name} is too large to be looked at as a whole.", "Let it be cut: --tile always.")
    return pictures.decode(file)


def _as_wholes(looker: Looker, opened: Sequence[_Opened]) -> Iterator[tuple[_Opened, list[Detection]]]:
    first = looker.predictors[0]
    sizes = [each.pixels.shape[:2] for each in opened]
    for places in predicting.batches(first.network, sizes, first.device, looker.manner.batch):
        together = [opened[at] for at in places]
        yield from zip(together, looker.at([each.pixels for each in together]), strict=True)


def _counted(found: tuple[_Opened, list[Detection]], done: int, total: int) -> FileFound:
    opened, detections = found
    height, width = opened.pixels.shape[:2]
    return FileFound(opened.path, width, height, tuple(detections), Progress(done, total, "Detecting"))


def _on_tiles(looker: Looker, file: Path, head: PictureHead, plan: Tiles) -> Work[tuple[Detection, ...]]:
    if not pictures.is_large(*head.size):
        return tuple((yield from looker.on_tiles(InMemory(pictures.decode(file)), plan)))
    with tempfile.TemporaryDirectory(prefix="boxwright-") as room:
        windows, tile_file = yield from _tiled(file, head, Path(room))
        try:
            return tuple((yield from looker.on_tiles(windows, plan)))
        finally:
            tile_file.close()


def _tiled(file: Path, head: PictureHead, room: Path) -> Work[tuple[Windows, TileFile]]:
    """A picture too large for memory as a file of tiles in `room`."""
    from engine.tiling import writing  # noqa: PLC0415 (libvips, which few pictures need)

    target = room / "tiles.zip"
    yield from writing.write(file, head, target, file.name)
    opened = TileFile(target)
    return InFile(opened), opened
