"""How far two annotators agree: who marked what, Cohen's kappa for each class, and the mean IoU of what both marked.

On each image the shapes of the two are paired by falling IoU, those of one class first. Each pair, and each shape that
found no partner, is one item that both have judged: the one without a partner is "nothing" to the other. There are no
items where both see nothing, since nobody counts those; so kappa is stricter than it is for given items.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.formats import Item
from engine.geometry.matching import likenesses, pairs
from engine.geometry.shapes import Shape
from engine.interchange.joining import shared_images
from engine.progress import Progress, Work
from engine.project import authors, classes, marks
from engine.project.store import Project

SAME_THING = 0.5
"""IoU from which on two shapes are of one thing."""


@dataclass(frozen=True, slots=True)
class Marked:
    """One thing that an annotator marked."""

    class_name: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class ClassAgreement:
    """How far two annotators agree about one class."""

    class_name: str
    both: int
    only_a: int
    """A has something of this class there, B nothing or another class."""
    only_b: int
    kappa: float | None
    """Cohen's kappa of "this class or not"; None where chance alone would agree, as where there is no other class."""
    mean_iou: float | None
    """Of what both gave this class; None where there is nothing."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two annotators agree on the images that both have annotated."""

    images: int
    paired: int
    """Things that both marked, of whatever class."""
    same_class: int
    only_a: int
    only_b: int
    kappa: float | None
    """Cohen's kappa over all classes and nothing; None where chance alone would agree."""
    mean_iou: float | None
    """Of all that both marked; None where there is nothing."""
    classes: tuple[ClassAgreement, ...]
    """By name."""


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """How far two people agree, by name."""

    a: str
    b: str
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class _Judgement:
    """What the two say about one thing; None is nothing."""

    a: str | None
    b: str | None
    iou: float = 0.0


def agreement(images: Iterable[tuple[Sequence[Marked], Sequence[Marked]]], same: float = SAME_THING) -> Agreement:
    """Compare what A and B marked on each image."""
    n_images, items = 0, list[_Judgement]()
    for a, b in images:
        n_images += 1
        items += _judgements(a, b, same)
    both = [one for one in items if one.a is not None and one.b is not None]
    names = sorted({name for one in items for name in (one.a, one.b) if name is not None})
    return Agreement(
        images=n_images,
        paired=len(both),
        same_class=sum(one.a == one.b for one in both),
        only_a=sum(one.b is None for one in items),
        only_b=sum(one.a is None for one in items),
        kappa=_kappa([(one.a, one.b) for one in items]),
        mean_iou=_mean([one.iou for one in both]),
        classes=tuple(_of_class(name, items) for name in names),
    )


def of_files(project: Project, other_path: Path, same: float = SAME_THING) -> Agreement:
    """Compare two files on the pictures that both have."""
    with Project.open(other_path, read_only=True) as other:
        images = shared_images(project, other)
        return agreement(((_marked(one.ours), _marked(one.theirs)) for one in images), same)


def _marked(items: Iterable[Item]) -> list[Marked]:
    return [Marked(item.class_name, item.shape) for item in items if not item.is_crowd]


def of_project(project: Project, same: float = SAME_THING) -> Work[tuple[PairAgreement, ...]]:
    """Compare every two people on the images that both have annotated, those who share the most first."""
    names = authors.names(project)
    class_names = {record.id: record.name for record in classes.all_classes(project)}
    shared = marks.pairs(project)
    total, done = sum(pair.n_images for pair in shared), 0
    found = []
    for pair in shared:
        compared = []
        for image_id in marks.shared_images(project, pair.a, pair.b):
            if done % 20 == 0:
                yield Progress(done, total, "Comparing people")
            done += 1
            sides = [marks.of_image(project, image_id, author_id) for author_id in (pair.a, pair.b)]
            compared.append(tuple([Marked(class_names[one.class_id], one.shape) for one in side] for side in sides))
        found.append(PairAgreement(names[pair.a], names[pair.b], agreement(((a, b) for a, b in compared), same)))
    return tuple(found)


def _judgements(a: Sequence[Marked], b: Sequence[Marked], same: float) -> list[_Judgement]:
    matrix = likenesses([one.shape for one in a], [one.shape for one in b], same)
    equal = np.array([[one.class_name == other.class_name for other in b] for one in a], dtype=np.bool_)
    found = pairs(matrix, same, equal.reshape(matrix.shape))
    free = np.ones(matrix.shape, dtype=np.bool_)
    for i, j in found:
        free[i, :] = free[:, j] = False
    found += pairs(matrix, same, free)
    rows, columns = {i for i, _ in found}, {j for _, j in found}
    return [
        *(_Judgement(a[i].class_name, b[j].class_name, float(matrix[i, j])) for i, j in found),
        *(_Judgement(one.class_name, None) for i, one in enumerate(a) if i not in rows),
        *(_Judgement(None, one.class_name) for j, one in enumerate(b) if j not in columns),
    ]


def _of_class(name: str, items: Sequence[_Judgement]) -> ClassAgreement:
    judged = [(one.a == name, one.b == name) for one in items]
    n = Counter(judged)
    ious = [one.iou for one in items if one.a == one.b == name]
    return ClassAgreement(name, n[True, True], n[True, False], n[False, True], _kappa(judged), _mean(ious))


def _kappa(judged: Sequence[tuple[object, object]]) -> float | None:
    """Cohen 1960: (observed - expected) / (1 - expected)."""
    n = len(judged)
    a, b = Counter(one for one, _ in judged), Counter(other for _, other in judged)
    expected = sum(a[value] * b[value] for value in a)  # times n squared: whole numbers, so that 1 is exactly 1
    if expected == n * n:
        return None
    observed = sum(one == other for one, other in judged)
    return (observed * n - expected) / (n * n - expected)


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None
