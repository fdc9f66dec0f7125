"""What a project's annotations are like, as arrays for charts: how many of each class, how large, how long they took.

Legend: N annotations, M images, K classes in list order, splits in the order of `COLUMNS`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.project import classes
from engine.project.records import SPLITS, ClassRecord, Split
from engine.project.store import Project

Whole: TypeAlias = NDArray[np.int64]
Real: TypeAlias = NDArray[np.float64]

COLUMNS: tuple[Split | None, ...] = (*SPLITS, None)
"""None: images of no split."""

_SPLIT = f"CASE i.split {' '.join(f'WHEN {split!r} THEN {n}' for n, split in enumerate(SPLITS))} ELSE {len(SPLITS)} END"
SMALL, LARGE = 32.0, 96.0
"""COCO's sizes: the sides of squares of the areas below which objects are small, and from which on they are large."""

_OBJECT = np.dtype(
    [(name, np.int64) for name in ("image_id", "class_id", "author_id")]
    + [(name, np.float64) for name in ("area", "width", "height", "seconds")]
)  # fmt: skip
BATCH = 1000
"""Images whose annotations are read together: some hundredths of a second."""


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """How many values lie between each two of `edges` (n + 1); the last bin holds its upper edge too."""

    edges: Real
    counts: Whole


@dataclass(frozen=True, slots=True, eq=False)
class Statistics:
    """Everything the statistics page shows; `of` narrows it to a class or a split."""

    classes: tuple[ClassRecord, ...]
    class_index: Whole
    """(N,) which of `classes` each annotation is of."""
    split_index: Whole
    """(N,) which of `COLUMNS` its image is in."""
    author_id: Whole
    """(N,) who drew it; 0 where that is not known."""
    size: Real
    """(N,) the side of a square of its area, in pixels."""
    relative_size: Real
    """(N,) the same for a picture of side 1."""
    aspect: Real
    """(N,) width by height of its bounds."""
    seconds: Real
    """(N,) how long a person took; NaN where nobody measured."""
    objects_per_image: Whole
    """(M,) annotations on each image."""
    image_split_index: Whole
    """(M,) which of `COLUMNS` each image is in."""

    @property
    def objects(self) -> Whole:
        """(K, 4) annotations by class and split."""
        n_splits = len(COLUMNS)
        cells = np.bincount(self.class_index * n_splits + self.split_index, minlength=len(self.classes) * n_splits)
        return cells.reshape(len(self.classes), n_splits)

    @property
    def images(self) -> Whole:
        """(4,) images by split."""
        return np.bincount(self.image_split_index, minlength=len(COLUMNS))

    @property
    def seconds_per_object(self) -> Real:
        """(K,) median seconds of each class; NaN where nobody measured."""
        timed = ~np.isnan(self.seconds)
        per_class = (self.seconds[timed & (self.class_index == k)] for k in range(len(self.classes)))
        return np.array([np.median(values) if len(values) else np.nan for values in per_class])

    def of(
        self,
        class_id: int | None = None,
        split: Split | Literal["any"] | None = "any",
        author_id: int | None = None,
    ) -> Statistics:
        """Only the annotations of a class, of an author, and of the images in a split (None: of none, "any": of all).

        Images are narrowed by split alone, their numbers of annotations by all three.
        """
        index = next((n for n, one in enumerate(self.classes) if one.id == class_id), -1)
        keep = np.ones(len(self.size), dtype=np.bool_) if class_id is None else self.class_index == index
        if author_id is not None:
            keep = keep & (self.author_id == author_id)
        images = np.ones(len(self.objects_per_image), dtype=np.bool_)
        if split != "any":
            column = COLUMNS.index(split)
            keep, images = keep & (self.split_index == column), self.image_split_index == column
        owner = np.repeat(np.arange(len(self.objects_per_image)), self.objects_per_image)
        per_image = np.bincount(owner[keep], minlength=len(images))
        return Statistics(
            self.classes,
            self.class_index[keep],
            self.split_index[keep],
            self.author_id[keep],
            self.size[keep],
            self.relative_size[keep],
            self.aspect[keep],
            self.seconds[keep],
            per_image[images],
            self.image_split_index[images],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Summary:
    """What charts show of statistics: small, however many annotations there are."""

    classes: tuple[ClassRecord, ...]
    n_objects: int
    n_images: int
    n_bare: int
    """Images with nothing on them."""
    objects: Whole
    """(K, 4) annotations by class and split."""
    by_size: tuple[int, int, int]
    """Small, medium and large ones, as COCO has it."""
    size: Histogram
    """Sides of squares of the same area in pixels, in bins of equal ratio."""
    aspect: Histogram
    """Width by height, in bins of equal ratio."""
    per_image: Histogram
    seconds: Histogram
    """Seconds per object, in bins of equal ratio, of those that were measured."""
    median_seconds: Real
    """(K,) of each class; NaN where nobody measured."""
    median_second: float
    """Of all; NaN where nobody measured."""
    hours: float
    """All seconds together."""


def summary(found: Statistics) -> Summary:
    """Sum statistics up; 1,000,000 annotations take half a second."""
    n_small = int(np.count_nonzero(found.size < SMALL))
    n_large = int(np.count_nonzero(found.size >= LARGE))
    timed = found.seconds[~np.isnan(found.seconds)]
    return Summary(
        found.classes,
        len(found.size),
        len(found.objects_per_image),
        int(np.count_nonzero(found.objects_per_image == 0)),
        found.objects,
        (n_small, len(found.size) - n_small - n_large, n_large),
        histogram(found.size, log=True),
        histogram(found.aspect, log=True),
        count_histogram(found.objects_per_image),
        histogram(timed, log=True),
        found.seconds_per_object,
        float(np.median(timed)) if len(timed) else math.nan,
        float(timed.sum()) / 3600,
    )


def statistics(project: Project) -> Statistics:
    """Read them; 1,000,000 annotations take seconds, so not on the thread of a window.

    Some images at a time: one reading of seconds would keep every edit from being committed, and everybody waiting.
    What comes in or goes meanwhile may be counted or not, each as a whole.
    """
    rows = project.rows(f"SELECT i.id, {_SPLIT}, i.width * i.height FROM images i ORDER BY i.id")
    images = np.array(rows, dtype=np.int64).reshape(-1, 3)
    parts = [_objects(project, images[at : at + BATCH, 0]) for at in range(0, len(images), BATCH)]
    found = np.concatenate([np.zeros(0, dtype=_OBJECT), *parts])
    records = tuple(classes.all_classes(project))
    found = found[
        np.isin(found["class_id"], [record.id for record in records]) & np.isin(found["image_id"], images[:, 0])
    ]
    at = np.searchsorted(images[:, 0], found["image_id"])
    with np.errstate(divide="ignore", invalid="ignore"):
        aspect = np.where(found["height"] > 0, found["width"] / found["height"], np.nan)
    return Statistics(
        records,
        _rows_of(records, found["class_id"]),
        images[at, 1],
        found["author_id"],
        np.sqrt(found["area"]),
        np.sqrt(found["area"] / images[at, 2]),
        aspect,
        np.where(found["seconds"] < 0, np.nan, found["seconds"]),
        np.bincount(at, minlength=len(images)),
        images[:, 1],
    )


def _objects(project: Project, image_ids: Whole) -> NDArray[np.void]:
    """The annotations of images whose ids rise, by image and age."""
    sql = (
        "SELECT image_id, class_id, COALESCE(author_id, 0), area, x1 - x0, y1 - y0, COALESCE(seconds, -1) "
        "FROM annotations WHERE image_id BETWEEN ? AND ? ORDER BY image_id, id"
    )
    return np.fromiter(project.each(sql, (int(image_ids[0]), int(image_ids[-1]))), dtype=_OBJECT)


def _rows_of(records: tuple[ClassRecord, ...], class_ids: Whole) -> Whole:
    """Which of the records each id is of."""
    ids = np.array([record.id for record in records], dtype=np.int64)
    order = np.argsort(ids, kind="stable")
    return order[np.searchsorted(ids[order], class_ids)] if len(ids) else np.zeros(0, dtype=np.int64)


def histogram(values: NDArray[np.generic], n_bins: int = 40, *, log: bool = False) -> Histogram:
    """The values that are finite (and positive, where `log`) in bins of equal width, or of equal ratio."""
    numbers = np.asarray(values, dtype=np.float64)
    numbers = numbers[np.isfinite(numbers) & ((numbers > 0) | (not log))]
    if not len(numbers):
        return Histogram(np.array([1.0, 2.0] if log else [0.0, 1.0]), np.zeros(1, dtype=np.int64))
    low, high = float(numbers.min()), float(numbers.max())
    if low == high:
        low, high = (low / 1.1, high * 1.1) if log else (low - 0.5, high + 0.5)
    spaced = np.geomspace if log else np.linspace
    edges = np.asarray(spaced(low, high, n_bins + 1), dtype=np.float64)
    edges[0], edges[-1] = low, high
    counts, _ = np.histogram(numbers, edges)
    return Histogram(edges, counts.astype(np.int64))


def count_histogram(counts: Whole, most_bins: int = 40) -> Histogram:
    """Whole numbers, such as annotations per image, in bins of whole width centred on whole numbers."""
    if not len(counts):
        return Histogram(np.array([-0.5, 0.5]), np.zeros(1, dtype=np.int64))
    high = int(counts.max())
    width = -(-(high + 1) // most_bins)
    edges = np.asarray(np.arange(0, high + 1 + width, width) - 0.5, dtype=np.float64)
    found, _ = np.histogram(counts, edges)
    return Histogram(edges, found.astype(np.int64))
