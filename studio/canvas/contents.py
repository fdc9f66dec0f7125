"""Contents: all that is on one image, read on a thread. What did not change since then is the same object again."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from engine import pictures
from engine.errors import UserError
from engine.geometry.bounds_index import BoundsIndex
from engine.geometry.picking import PickIndex
from engine.geometry.shapes import Bounds
from engine.project import annotations, classes, detections, images
from engine.project.records import Annotation, ClassRecord, Detection, ImageRecord
from engine.project.store import Project
from studio.canvas.pyramid import Pyramid

Key: TypeAlias = int
"""What the canvas calls an item: an annotation by its id, a detection by minus its id."""

MANY = 64
"""From so many changed items on, the indexes are built anew by the reading thread."""

_SCORE = detections.COLUMNS.split(", ").index("score")

Row: TypeAlias = tuple[Any, ...]
Source = TypeVar("Source", Annotation, Detection)


@dataclass(frozen=True, slots=True)
class Item:
    """An annotation or an open suggestion, with the bounds of its shape and its keypoints."""

    key: Key
    source: Annotation | Detection
    bounds: Bounds

    @property
    def is_suggestion(self) -> bool:
        return isinstance(self.source, Detection)


@dataclass(frozen=True, slots=True)
class Indexes:
    """What finds items quickly; whoever takes it owns it."""

    bounds: BoundsIndex
    picks: PickIndex


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of an image before anything on it is read."""

    image: ImageRecord
    thumbnail: Pyramid | None
    beside: tuple[int, ...]
    """The next and the previous image in the order of the file."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What is on an image as of one reading."""

    image_id: int
    items: Mapping[Key, Item]
    """In paint order: annotations by age, over them the open suggestions by rising score."""
    classes: Mapping[int, ClassRecord]
    indexes: Indexes | None
    """Over all items; None where little changed since the last reading."""


class Reader:
    """Reads image after image on one thread, remembering the last one's rows."""

    def __init__(self) -> None:
        self._annotations: _Memory[Annotation] = _Memory(annotations.from_row, lambda id_: id_)
        self._detections: _Memory[Detection] = _Memory(detections.from_row, lambda id_: -id_)
        self._image_id: int | None = None
        self.min_score = 0.0
        """Suggestions that score less are left out."""

    def read(self, project: Project, image_id: int, run_id: int | None, *, anew: bool) -> Contents:
        """What is on the image now, with the suggestions of a run; `anew` where the asker holds nothing of it yet."""
        if self._image_id != image_id:
            self._image_id = image_id
            self._annotations.clear()
            self._detections.clear()
        n_changed = self._annotations.take(annotations.rows_of_image(project, image_id))
        suggested = [] if run_id is None else detections.rows_of_image(project, image_id, run_id)
        n_suggestions = self._detections.take(
            row for row in reversed(suggested) if row[-1] == "suggested" and row[_SCORE] >= self.min_score
        )
        items = {item.key: item for memory in (self._annotations, self._detections) for item in memory.items()}
        indexes = indexed(items) if anew or n_changed + n_suggestions > MANY else None
        return Contents(image_id, items, classes.by_id(project), indexes)


def read_head(project: Project, image_id: int) -> Head:
    """What is known of an image at once; raises UserError when it is gone. A broken thumbnail is none."""
    image = images.get(project, image_id)
    jpeg = images.thumbnail(project, image_id)
    try:
        thumbnail = None if jpeg is None else Pyramid.flat(pictures.decode(jpeg), image.width)
    except UserError:
        thumbnail = None
    return Head(image, thumbnail, images.beside(project, image_id))


def item_of(source: Annotation | Detection) -> Item:
    """An annotation or a detection as an item; a suggestion is known by minus its id."""
    return Item(-source.id if isinstance(source, Detection) else source.id, source, _bounds(source))


def indexed(items: Mapping[Key, Item]) -> Indexes:
    """Indexes over these items."""
    return Indexes(
        BoundsIndex({key: item.bounds for key, item in items.items()}),
        PickIndex({key: item.source.shape for key, item in items.items()}),
    )


class _Memory(Generic[Source]):
    """Rows of one table with the items made of them; an unchanged row keeps its item, also one that comes back."""

    def __init__(self, from_row: Callable[[Row], Source], key_of: Callable[[int], Key]) -> None:
        self._from_row: Callable[[Row], Source] = from_row
        self._key_of: Callable[[int], Key] = key_of
        self._known: dict[Key, tuple[Row, Item]] = {}
        self._gone: dict[Key, tuple[Row, Item]] = {}
        """What the last change took away: it is what undo brings back."""

    def clear(self) -> None:
        self._known, self._gone = {}, {}

    def take(self, rows: Iterable[Row]) -> int:
        """Have these rows from now on; returns how many are new, different or gone."""
        before, self._known, n_changed = self._known, {}, 0
        for row in rows:
            key = self._key_of(row[0])
            known = before.pop(key, None)
            if known is None or known[0] != row:
                known = self._item_of(key, row)
                n_changed += 1
            self._known[key] = known
        self._gone = before or self._gone
        return n_changed + len(before)

    def _item_of(self, key: Key, row: Row) -> tuple[Row, Item]:
        gone = self._gone.get(key)
        return gone if gone is not None and gone[0] == row else (row, item_of(self._from_row(row)))

    def items(self) -> Iterable[Item]:
        return (item for _, item in self._known.values())


def _bounds(source: Annotation | Detection) -> Bounds:
    if source.keypoints is None or source.keypoints.is_empty:
        return source.shape.bounds
    (ax0, ay0, ax1, ay1), (bx0, by0, bx1, by1) = source.shape.bounds, source.keypoints.bounds
    return (min(ax0, bx0), min(ay0, by0), max(ax1, bx1), max(ay1, by1))
