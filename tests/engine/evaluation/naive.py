"""Evaluation as one would write it at first: loops over pictures, truths and detections; slow and plain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.evaluation.coco_tables import Judged
from engine.geometry.overlap import iou
from engine.geometry.shapes import Box
from engine.project.records import Annotation, Detection


@dataclass(frozen=True)
class Fate:
    """A detection, and the annotation that it found."""

    detection: Detection
    found: Annotation | None


def overlap(ours: Annotation, theirs: Detection) -> float:
    """IoU; with a crowd the share of the detection that lies in it."""
    if not ours.is_crowd:
        return iou(ours.shape, theirs.shape)
    a, b = ours.shape, theirs.shape
    assert isinstance(a, Box)
    assert isinstance(b, Box)
    width, height = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
    return max(width, 0) * max(height, 0) / b.area


def fates(pictures: Sequence[Judged], least: float) -> list[Fate]:
    """COCO's matching; detections on crowds are left out."""
    known = []
    for picture in pictures:
        taken: set[int] = set()
        for theirs in sorted(picture.detections, key=lambda each: -each.score):
            ours = [each for each in picture.annotations if each.class_id == theirs.class_id]
            hits = [each for each in ours if overlap(each, theirs) >= least]
            free = [each for each in hits if not each.is_crowd and each.id not in taken]
            if free:
                best = max(free, key=lambda each: (overlap(each, theirs), each.id))
                taken.add(best.id)
                known.append(Fate(theirs, best))
            elif not any(each.is_crowd for each in hits):
                known.append(Fate(theirs, None))
    return known


def average_precision(rights: Sequence[tuple[float, bool]], n_truths: int) -> float | None:
    """From (score, whether it is right), in the order of pictures."""
    if n_truths == 0:
        return None
    points, right = [], 0
    for n, (_, is_right) in enumerate(sorted(rights, key=lambda each: -each[0]), 1):
        right += is_right
        points.append((right / n_truths, right / n))
    found = [max((p for recall, p in points if recall >= wanted / 100), default=0.0) for wanted in range(101)]
    return sum(found) / 101


def mean_ap(pictures: Sequence[Judged], known: Sequence[Fate], gone: Sequence[int] = ()) -> float | None:
    """Over classes; annotations with ids in `gone` are not asked for. A fate's class is that of what it found."""
    wanted = [each for picture in pictures for each in picture.annotations if not each.is_crowd and each.id not in gone]
    aps = []
    for class_id in {each.class_id for each in wanted}:
        own = [each for each in known if (each.found or each.detection).class_id == class_id]
        n = sum(each.class_id == class_id for each in wanted)
        aps.append(average_precision([(each.detection.score, each.found is not None) for each in own], n))
    defined = [each for each in aps if each is not None]
    return sum(defined) / len(defined) if defined else None


def errors(pictures: Sequence[Judged], known: Sequence[Fate]) -> tuple[dict[int, tuple[str, int | None]], list[int]]:
    """By detection id: the type of its error and the annotation it is about; and ids of the annotations missed."""
    kinds: dict[int, tuple[str, int | None]] = {}
    by_image = {each.image_id: each for each in pictures}
    for fate in known:
        if fate.found is None:
            ours = [each for each in by_image[fate.detection.image_id].annotations if not each.is_crowd]
            kinds[fate.detection.id] = _kind(ours, fate.detection)
    found = {each.found.id for each in known if each.found is not None}
    mended = {about for kind, about in kinds.values() if kind in ("localisation", "classification")}
    truths = [each for picture in pictures for each in picture.annotations if not each.is_crowd]
    return kinds, [each.id for each in truths if each.id not in found | mended]


def _kind(ours: Sequence[Annotation], theirs: Detection) -> tuple[str, int | None]:
    def best(candidates: list[Annotation]) -> tuple[float, int | None]:
        rated = [(overlap(each, theirs), -each.id) for each in candidates]
        value, id_ = max(rated, default=(0.0, 0))
        return value, -id_

    own, own_id = best([each for each in ours if each.class_id == theirs.class_id])
    other, other_id = best([each for each in ours if each.class_id != theirs.class_id])
    if 0.1 <= own < 0.5:
        return "localisation", own_id
    if other >= 0.5:
        return "classification", other_id
    if own >= 0.5:
        return "duplicate", own_id
    return ("both", other_id) if other >= 0.1 else ("background", None)


def mended(known: Sequence[Fate], kinds: dict[int, tuple[str, int | None]], kind: str, truths: dict[int, Annotation]):
    """Fates without the errors of one type of detection."""
    if kind not in ("classification", "localisation"):
        return [each for each in known if kinds.get(each.detection.id, ("", None))[0] != kind]
    changed = [
        Fate(each.detection, truths[about])
        if (found := kinds.get(each.detection.id)) and found[0] == kind and (about := found[1])
        else each
        for each in known
    ]
    best: dict[int, Fate] = {}
    for each in sorted(changed, key=lambda each: -each.detection.score):
        if each.found is not None:
            best.setdefault(each.found.id, each)
    return [each for each in changed if each.found is None or best[each.found.id] is each]
