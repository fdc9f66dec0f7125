"""Pictures: decoded off the GUI thread, kept within a memory budget, the neighbours of the shown one made ready.

A picture too large for that is read tile by tile from its file of tiles (engine.tiling), once there is one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine import pictures
from engine.errors import UserError
from engine.project import images
from engine.project.store import Project
from engine.tiling import cache
from engine.tiling.reading import TileFile
from studio.canvas.pyramid import Pyramid
from studio.fetching import Fetched, Fetcher

BUDGET_BYTES = 640 << 20
"""Decoded pictures beyond this are let go, the one seen longest ago first. The largest one takes nearly as much."""
_MAX_AHEAD_PIXELS = 50_000_000
"""Larger pictures are decoded when they are asked for, not ahead."""


@dataclass(frozen=True, slots=True, eq=False)
class Tiled:
    """A picture that is never in memory whole."""

    file: TileFile


@dataclass(frozen=True, slots=True)
class Untiled:
    """There is no file of tiles yet."""


class Pictures(QObject):
    """The decoded pictures of one project, by image id."""

    arrived = Signal(int)
    """Image id: `get` has the picture now, or why there is none."""
    tiles_wanted = Signal(int)
    """Image id: it is looked at and needs a file of tiles. Call `ask_again` when there is one."""

    def __init__(self, path: Path, budget_bytes: int = BUDGET_BYTES) -> None:
        """Decode from the project file at `path`, on two threads."""
        super().__init__()
        self._budget_bytes = budget_bytes
        self._held: OrderedDict[int, Pyramid | Tiled] = OrderedDict()
        self._errors: dict[int, Exception] = {}
        self._wanted: tuple[int, ...] = ()
        self._fetcher = Fetcher(path, 2, "pictures")
        self._fetcher.fetched.connect(self._on_fetched)

    def want(self, image_id: int, ahead: Sequence[int] = ()) -> None:
        """Get this picture, then those that may be looked at next; what was wanted before is no longer."""
        self._wanted = (image_id, *ahead)
        self._errors = {key: error for key, error in self._errors.items() if key in self._wanted}
        self._fetcher.forget_others(self._wanted)
        if image_id in self._held:
            self._held.move_to_end(image_id)
        for wanted in self._wanted:
            self._ask(wanted)

    def ask_again(self, image_id: int) -> None:
        """Get a picture whose tiles were made, if it is still wanted."""
        if image_id in self._wanted[:1]:
            self._ask(image_id)

    def get(self, image_id: int) -> Pyramid | Tiled | Exception | None:
        """The picture, or why it cannot be shown; None while it is being decoded or cut into tiles."""
        return self._held.get(image_id) or self._errors.get(image_id)

    @property
    def held_bytes(self) -> int:
        """Memory of the decoded pictures."""
        return sum(held.nbytes for held in self._held.values() if isinstance(held, Pyramid))

    def forget(self, image_ids: Sequence[int]) -> None:
        """Let go of pictures that changed or are gone."""
        for image_id in image_ids:
            self._held.pop(image_id, None)
            self._errors.pop(image_id, None)

    def finish(self) -> None:
        """End the threads."""
        self._fetcher.finish()

    def _ask(self, image_id: int) -> None:
        if self.get(image_id) is None and not self._fetcher.is_asked(image_id):
            ahead = image_id != self._wanted[0]
            self._fetcher.ask(image_id, lambda project: decoded(project, image_id, ahead=ahead))

    def _on_fetched(self, fetched: Fetched) -> None:
        image_id = fetched.key
        if not isinstance(image_id, int):
            raise TypeError("pictures are asked for by image id")
        if fetched.error is not None:
            self._errors[image_id] = fetched.error
        elif isinstance(fetched.value, Untiled):
            if image_id in self._wanted[:1]:
                self.tiles_wanted.emit(image_id)
            return
        elif isinstance(fetched.value, Pyramid | Tiled):
            self._held[image_id] = fetched.value
            self._held.move_to_end(image_id, last=image_id in self._wanted)
            self._let_go()
        elif self._wanted[:1] == (image_id,):  # it was too large to be decoded ahead, and is now looked at
            self._ask(image_id)
            return
        self.arrived.emit(image_id)

    def _let_go(self) -> None:
        shown = self._wanted[:1]
        for image_id in [held for held in self._held if held not in shown]:
            if self.held_bytes <= self._budget_bytes:
                return
            del self._held[image_id]


def decoded(project: Project, image_id: int, *, ahead: bool = False) -> Pyramid | Tiled | Untiled | None:
    """The picture of an image; None for a large one that is only decoded ahead. Raises UserError as decoding does."""
    image = images.get(project, image_id)
    if ahead and image.width * image.height > _MAX_AHEAD_PIXELS:
        return None
    if pictures.is_large(image.width, image.height):
        return _tiled(image.sha256)
    return Pyramid.of(pictures.decode(images.read(project, image), image.name), image.width)


def _tiled(sha256: str) -> Tiled | Untiled:
    """The picture by its file of tiles, if there is one; a damaged one is made anew."""
    path = cache.find(sha256)
    if path is None:
        return Untiled()
    try:
        return Tiled(TileFile(path))
    except UserError:
        path.unlink(missing_ok=True)
        return Untiled()
