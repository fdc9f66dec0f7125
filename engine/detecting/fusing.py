"""Several looks at one picture made into one: weighted boxes fusion (Solovyev, Wang, Gabruseva 2019, section 3).

Detections of the same class that overlap are averaged, each weighing as much as its score, instead of all but the best
being thrown away; what only some of the looks found becomes less certain. Masks are voted on, keypoints averaged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from engine.geometry import boxes as many_boxes
from engine.geometry import masks
from engine.geometry.boxes import Boxes
from engine.geometry.shapes import Box, Keypoints, Mask
from engine.project.records import Detection

SAME_IOU = 0.55
"""Boxes that overlap more than this are of one object: the paper's value."""


def fused(looks: Sequence[Sequence[Detection]], same_iou: float = SAME_IOU) -> list[Detection]:
    """What all looks at one picture found together, by falling score; a single look is left as it is."""
    if len(looks) == 1:
        return list(looks[0])
    by_class: dict[int, list[Detection]] = {}
    for each in sorted((each for look in looks for each in look), key=lambda each: -each.score):
        by_class.setdefault(each.class_id, []).append(each)
    found = [_one(cluster, len(looks)) for own in by_class.values() for cluster in _clusters(own, same_iou)]
    return sorted(found, key=lambda each: -each.score)


@dataclass(slots=True)
class _Cluster:
    """Detections of one object, best first, and their mean box."""

    members: list[Detection] = field(default_factory=list)
    weighted: Boxes = field(default_factory=lambda: np.zeros(4))
    """Sum of the boxes, each times its score."""
    weight: float = 0.0

    def add(self, detection: Detection) -> None:
        self.members.append(detection)
        self.weighted = self.weighted + detection.score * np.array(detection.shape.bounds)
        self.weight += detection.score

    @property
    def box(self) -> Boxes:
        """(4,)"""
        return np.asarray(self.weighted / self.weight) if self.weight else np.array(self.members[0].shape.bounds)


def _clusters(detections: Sequence[Detection], same_iou: float) -> list[_Cluster]:
    """Detections of one class, best first, each put where the mean box suits it best."""
    clusters: list[_Cluster] = []
    means = np.zeros((len(detections), 4))
    for each in detections:
        overlaps = many_boxes.iou_one(each.shape.bounds, means[: len(clusters)])
        best = int(overlaps.argmax()) if clusters else -1
        if best < 0 or overlaps[best] <= same_iou:
            best = len(clusters)
            clusters.append(_Cluster())
        clusters[best].add(each)
        means[best] = clusters[best].box
    return clusters


def _one(cluster: _Cluster, n_looks: int) -> Detection:
    """The mean of a cluster; its score is the mean score, less where fewer than all looks found it (equation 5)."""
    members = cluster.members
    score = cluster.weight / len(members) * min(len(members), n_looks) / n_looks
    voted = _voted(members)
    shape = Box(*cluster.box.tolist()) if voted is None or voted.is_empty else voted
    return replace(members[0], score=score, shape=shape, keypoints=_mean_points(members))


def _voted(members: Sequence[Detection]) -> Mask | None:
    """The pixels that at least half of the scores are for; None where no member has a mask."""
    drawn = [(each.shape, each.score) for each in members if isinstance(each.shape, Mask)]
    if len(drawn) < 2:
        return drawn[0][0] if drawn else None
    bounds = np.array([mask.bounds for mask, _ in drawn], dtype=np.int64)
    (x0, y0), (x1, y1) = bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)
    votes = np.zeros((y1 - y0, x1 - x0))
    for mask, score in drawn:
        votes[mask.y - y0 : mask.y - y0 + mask.height, mask.x - x0 : mask.x - x0 + mask.width] += (
            score * masks.to_bitmap(mask)
        )
    needed = sum(score for _, score in drawn) / 2
    return masks.from_bitmap((votes >= needed * (1 - 1e-9)) & (votes > 0), int(x0), int(y0))


def _mean_points(members: Sequence[Detection]) -> Keypoints | None:
    """Each keypoint at the mean place of those who give it, weighted by score."""
    given = [(each.keypoints, each.score) for each in members if each.keypoints is not None]
    given = [(points, score) for points, score in given if len(points.points) == len(given[0][0].points)]
    if len(given) < 2:
        return given[0][0] if given else None
    table = np.array([points.points for points, _ in given], dtype=np.float64)
    weights = np.array([score for _, score in given])[:, None] * (table[..., 2] > 0)
    total = weights.sum(axis=0)
    places = (weights[..., None] * table[..., :2]).sum(axis=0) / np.where(total > 0, total, 1)[:, None]
    visible = np.where(total > 0, table[..., 2].max(axis=0), 0)
    return Keypoints.of(np.column_stack([places, visible]).tolist())
