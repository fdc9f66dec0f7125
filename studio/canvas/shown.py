"""Shown: the session's image as the canvas has it: its head at once, its picture and what is on it as they are read."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from engine.geometry.shapes import XY, Bounds
from engine.imaging.patch import Patch
from engine.project.edits import Edit
from engine.project.records import ImageRecord
from engine.project.store import Change, Project
from studio.canvas.contents import Contents, Head, Reader, read_head
from studio.canvas.holding import Holding
from studio.canvas.picture_layer import PictureLayer
from studio.canvas.pictures import Pictures, Tiled
from studio.canvas.pyramid import Pyramid, patch_of
from studio.canvas.sight import Seen, Sight
from studio.fetching import Fetched, Fetcher
from studio.foresight import is_concerned
from studio.session import Session


@dataclass(frozen=True, slots=True)
class _Reading:
    """Contents, and how many acts of the session they have surely seen."""

    contents: Contents
    as_of: int
    number: int
    """The how manieth of all readings it is."""


@dataclass(frozen=True, slots=True)
class _Ahead:
    """An image that is not looked at yet, with the reader that knows what is on it."""

    head: Head
    reader: Reader
    reading: _Reading
    run_id: int | None


class Shown(QObject):
    """Keeps up with a session; reads on threads of its own and drops what comes too late."""

    opened = Signal()
    """Another image is shown, or none; what is on it follows."""
    differs = Signal(object)
    """Difference: the image looks different there."""
    pictured = Signal()
    """The picture of the image is there, or why it cannot be."""
    tiles_wanted = Signal(int)
    """Image id: its picture is too large for memory and has no file of tiles yet."""
    failed = Signal(object)
    """The exception that a reading ended with."""

    def __init__(self, session: Session) -> None:
        """Show what the session looks at, from now on."""
        super().__init__()
        self.holding = Holding()
        self.head: Head | None = None
        self.layer = PictureLayer()
        self._session = session
        self._sight = Sight()
        self._pictures: Pictures | None = None
        self._fetcher: Fetcher | None = None
        self._reader = Reader()
        self._has_read = False
        self._asked_as_of = 0
        self._expected: int | None = None
        self._ahead: _Ahead | None = None
        self._n_ahead = 0
        self._n_asked = self._n_taken = 0
        session.project_opened.connect(self._on_project)
        session.image_changed.connect(self._on_image)
        session.levels_changed.connect(self._on_levels)
        session.run_changed.connect(self._ask_contents)
        session.score_changed.connect(self._ask_contents)
        session.expected.connect(self._on_expected)
        session.changed.connect(self._on_changed)
        session.asked.connect(self._on_asked)
        session.undo_asked.connect(self._on_undo)
        session.redo_asked.connect(self._on_redo)
        session.saved.connect(self._on_settled)
        session.failed.connect(self._on_settled)
        self._on_project()

    @property
    def image(self) -> ImageRecord | None:
        """The image that is shown; None also while the session has moved on and nothing of the next is known yet."""
        if self.head is None or self.head.image.id != self._session.image_id:
            return None
        return self.head.image

    @property
    def seen(self) -> Seen:
        """What of the holding is in sight."""
        session = self._session
        return self._sight.seen(self.holding, session.visibility, hides_all=session.hides_shapes)

    @property
    def is_read(self) -> bool:
        """Whether what is on the image was read; edits may be on their way since."""
        return self.image is not None and self._has_read

    @property
    def is_current(self) -> bool:
        """Whether all that was asked for has been read."""
        return self.image is not None and self._n_taken == self._n_asked

    @property
    def has_picture(self) -> bool:
        """Whether the picture is decoded, or known to be beyond that."""
        return (
            self.head is not None and self._pictures is not None and self._pictures.get(self.head.image.id) is not None
        )

    @property
    def picture(self) -> Pyramid | Tiled | Exception | None:
        """The picture, its thumbnail while it is being decoded, or why it cannot be shown."""
        if self.head is None or self._pictures is None:
            return None
        return self._pictures.get(self.head.image.id) or self.head.thumbnail

    def do(self, edit: Edit) -> None:
        """Have an edit done and show at once what it will come to."""
        self._session.do(edit)

    def _on_asked(self, edit: Edit) -> None:
        self.differs.emit(self.holding.expect(edit, self._session.n_asked))

    def _on_undo(self, title: str | None) -> None:
        self.differs.emit(self.holding.expect_undo(title, self._session.n_asked))

    def _on_redo(self, title: str | None) -> None:
        self.differs.emit(self.holding.expect_redo(title, self._session.n_asked))

    def pixels(self, window: Bounds, most: int) -> Patch | None:
        """The picture in a window of image pixels; None before it is decoded. See `Scene.pixels`."""
        found = self._pictures.get(self.head.image.id) if self.head and self._pictures else None
        if isinstance(found, Tiled):
            return self.layer.patch(window, most)
        return patch_of(found, window, most) if isinstance(found, Pyramid) else None

    def colour_at(self, xy_image: XY, view_pixel: float) -> tuple[int, int, int] | None:
        """Red, green and blue of a pixel; of a picture too large for memory, what is seen there at this zoom."""
        side = max(view_pixel, 1.0) if isinstance(self.picture, Tiled) else 1.0
        x, y = (math.floor(at / side) * side for at in xy_image)
        patch = self.pixels((x, y, x + side, y + side), 1)
        if patch is None or not patch.pixels.size:
            return None
        red, green, blue = (int(each) for each in patch.pixels[0, 0, :3])
        return (red, green, blue)

    def take_tiles(self, image_id: int) -> None:
        """Show a picture whose file of tiles was made."""
        if self._pictures is not None:
            self._pictures.ask_again(image_id)

    def finish(self) -> None:
        """Stop reading and end the threads."""
        self.layer.finish()
        self._stop_reading()

    def _stop_reading(self) -> None:
        if self._pictures is not None:
            self._pictures.finish()
        if self._fetcher is not None:
            self._fetcher.finish()
        self._pictures = self._fetcher = None

    def _on_project(self) -> None:
        self._stop_reading()
        project = self._session.project
        if project is not None:
            self._reader, self._expected, self._ahead = Reader(), None, None
            self._fetcher = Fetcher(project.path, 1, "contents")
            self._fetcher.fetched.connect(self._on_fetched)
            self._pictures = Pictures(project.path)
            self._pictures.arrived.connect(self._on_picture)
            self._pictures.tiles_wanted.connect(self.tiles_wanted)
        self._clear()
        self._on_image()

    def _on_image(self) -> None:
        image_id = self._session.image_id
        if self._fetcher is None or image_id is None:
            self._clear()
            return
        if self._has_come(image_id):
            return
        self._fetcher.ask("head", lambda project: read_head(project, image_id))
        self._ask_contents()
        if self._pictures is not None:
            self._pictures.want(image_id)

    def _on_expected(self, image_id: int) -> None:
        self._expected = image_id
        self._read_ahead()
        if self._pictures is not None and self.head is not None:
            self._pictures.want(self.head.image.id, self._beside(self.head))

    def _read_ahead(self) -> None:
        """Read what is on the image that is expected, in place of what was read so before."""
        image_id, run_id, as_of = self._expected, self._session.run_id, self._session.n_settled
        self._ahead = None
        if self._fetcher is None or image_id is None:
            return
        self._n_ahead += 1
        number = self._n_ahead
        reader = Reader()
        reader.min_score = self._session.min_score

        def question(project: Project) -> _Ahead:
            contents = reader.read(project, image_id, run_id, anew=True)
            return _Ahead(read_head(project, image_id), reader, _Reading(contents, as_of, number), run_id)

        self._fetcher.ask("ahead", question)

    def _has_come(self, image_id: int) -> bool:
        """Show what was read ahead, where it is of this image and holds still; returns whether it was."""
        ahead, self._ahead, self._expected = self._ahead, None, None
        wanted = (image_id, self._session.run_id, self._session.min_score)
        if ahead is None or (ahead.head.image.id, ahead.run_id, ahead.reader.min_score) != wanted:
            return False
        self._fetcher_forgets()
        self._reader, self._asked_as_of = ahead.reader, ahead.reading.as_of
        self._take_head(ahead.head)
        self._n_asked += 1
        self._n_taken, self._has_read = self._n_asked, True
        self.differs.emit(self.holding.take(ahead.reading.contents, ahead.reading.as_of))
        return True

    def _fetcher_forgets(self) -> None:
        """What was asked of the image before is of no use any more."""
        if self._fetcher is not None:
            self._fetcher.forget_others(())

    def _on_changed(self, change: Change) -> None:
        image_id = self._session.image_id
        if self._pictures is not None and self._session.project is not None:
            self._pictures.forget([changed for changed in change.images if changed != image_id])
        if image_id in change.annotated or image_id in change.detected or change.classes:
            self._ask_contents()
        if self._expected is not None and is_concerned(self._expected, change):
            self._read_ahead()

    def _on_settled(self, _: object) -> None:
        """Read again where an edit that is shown already came to nothing, so that no change was announced."""
        if self.holding.is_expecting and self._asked_as_of < self._session.n_settled:
            self._ask_contents()

    def _ask_contents(self) -> None:
        image_id, run_id, as_of = self._session.image_id, self._session.run_id, self._session.n_settled
        if self._fetcher is None or image_id is None:
            return
        reader, anew = self._reader, self.image is None or not self._has_read
        min_score = self._session.min_score

        self._n_asked += 1
        number = self._n_asked

        def question(project: Project) -> _Reading:
            reader.min_score = min_score
            return _Reading(reader.read(project, image_id, run_id, anew=anew), as_of, number)

        self._asked_as_of = as_of
        self._fetcher.ask("contents", question)

    def _on_fetched(self, fetched: Fetched) -> None:
        if self.sender() is not self._fetcher:
            return
        if fetched.error is not None:
            self.failed.emit(fetched.error)
        elif isinstance(fetched.value, _Ahead):
            if fetched.value.reading.number == self._n_ahead and self._expected is not None:
                self._ahead = fetched.value
        elif isinstance(fetched.value, Head):
            self._take_head(fetched.value)
        elif isinstance(fetched.value, _Reading) and self.image and fetched.value.contents.image_id == self.image.id:
            self._has_read = True
            self._n_taken = fetched.value.number
            self.differs.emit(self.holding.take(fetched.value.contents, fetched.value.as_of))

    def _take_head(self, head: Head) -> None:
        if head.image.id != self._session.image_id:
            return
        self.head, self.holding, self._has_read = head, Holding(), False
        if self._pictures is not None:
            self._pictures.want(head.image.id, self._beside(head))
        self._show_picture()
        self.opened.emit()

    def _beside(self, head: Head) -> tuple[int, ...]:
        """The next and the previous image, in the order in which the session goes through them."""
        if self._expected is not None and self._expected != head.image.id:
            return (self._expected,)
        order, at = self._session.image_ids, self._session.listing.row_of(head.image.id)
        if at < 0:
            return head.beside
        return (*order[at + 1 : at + 2], *order[max(at - 1, 0) : at])

    def _on_picture(self, image_id: int) -> None:
        if self.head is not None and image_id == self.head.image.id:
            self._show_picture()
            self.pictured.emit()

    def _on_levels(self) -> None:
        self.layer.adjust(self._session.levels, self.head.thumbnail if self.head else None)

    def _show_picture(self) -> None:
        picture = self.picture
        self.layer.show(None if isinstance(picture, Exception) else picture, self.head.thumbnail if self.head else None)

    def _clear(self) -> None:
        self.head, self.holding, self._has_read = None, Holding(), False
        self._show_picture()
        self.opened.emit()
