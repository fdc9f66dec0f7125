"""A file of tiles written while its picture streams by: a Deep Zoom pyramid in an uncompressed zip of JPEG tiles."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path

import pyvips

from engine.pictures import PictureHead
from engine.progress import Progress, Work
from engine.tiling import streaming
from engine.tiling.reading import TILE_SIDE

QUALITY = 92
"""Of the JPEG tiles, colours at full size: what tools read differs by a few levels from the file at most."""
WORDS = "Making tiles"
_SECONDS = 0.1
"""Between two looks at how far it is."""


def write(source: Path, head: PictureHead, target: Path, name: str = "") -> Work[None]:
    """Write the tiles of a picture; yields Progress in per cent. What ends early or fails leaves no file.

    Raises UserError when the picture is cut off or damaged, or the disk is full. Takes some hundred megabytes of memory
    whatever the picture's size, and two threads.
    """
    partial_path = target.with_name(f"{target.name}.part")
    saving = _Saving(streaming.opened(source, head, name), partial_path)
    try:
        while saving.is_running(_SECONDS):
            yield Progress(saving.per_cent, 100, WORDS)
        with streaming.told(name or source.name):
            saving.raise_fault()
        partial_path.replace(target)
    finally:
        saving.end()
        partial_path.unlink(missing_ok=True)


class _Saving:
    """libvips at work on a thread of its own, so that progress can be told and the work be stopped."""

    def __init__(self, image: pyvips.Image, path: Path) -> None:
        self.per_cent = 0
        self._fault: Exception | None = None
        self._image = image
        image.set_progress(True)
        image.signal_connect("eval", self._on_progress)
        self._thread = threading.Thread(target=partial(self._save, path), name="tiling", daemon=True)
        self._thread.start()

    def is_running(self, seconds: float) -> bool:
        """Whether it goes on after so many seconds."""
        self._thread.join(seconds)
        return self._thread.is_alive()

    def raise_fault(self) -> None:
        """Raise what it failed with, if it did."""
        if self._fault is not None:
            raise self._fault

    def end(self) -> None:
        """Stop it where it still runs."""
        self._image.set_kill(True)
        self._thread.join()

    def _on_progress(self, _: object, progress: pyvips.GObject) -> None:
        self.per_cent = min(int(progress.percent), 100)

    def _save(self, path: Path) -> None:
        try:
            self._image.dzsave(
                str(path),
                layout="dz",
                container="zip",
                basename="tiles",
                suffix=f".jpg[Q={QUALITY},subsample_mode=off]",
                tile_size=TILE_SIDE,
                overlap=0,
                depth="onetile",
                region_shrink="mean",
                compression=0,
                keep="none",
            )
        except Exception as error:  # raised again by whoever waits for this thread
            self._fault = error
