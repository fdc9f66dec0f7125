"""Glimpses: what a network in training finds on a few validation pictures, the same ones each time, to be watched.

They cross process borders and are kept with the run; nothing here needs torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import starmap
from typing import Any

import msgspec

from engine.evaluation.coco_tables import Judged
from engine.geometry.packing import pack, unpack
from engine.geometry.shapes import Keypoints
from engine.project.records import Detection

N_PICTURES = 6
N_DETECTIONS = 100
"""On each picture, the best."""
LEAST_SCORE = 0.05


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What is found on one picture, best first, in pixels of that picture at `width` x `height`.

    That is the image's own size, except where a large one is looked at smaller.
    """

    image_id: int
    width: int
    height: int
    detections: tuple[Detection, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """What a run found on its pictures at one validation."""

    step: int
    epoch: int
    glimpses: tuple[Glimpse, ...]


def glimpsed(judged: Sequence[Judged]) -> tuple[Glimpse, ...]:
    """Glimpses of the pictures that are fit to be watched, chosen by their annotations alone."""
    return tuple(_glimpse(each) for each in _chosen(judged))


def _chosen(judged: Sequence[Judged]) -> list[Judged]:
    """Pictures with objects, from those with a middling number of them to the fullest, by their ids."""
    ranked = sorted(
        (each for each in judged if each.annotations), key=lambda each: (len(each.annotations), -each.image_id)
    )
    upper = ranked[max(0, min(len(ranked) // 2, len(ranked) - N_PICTURES)) :]
    n = min(N_PICTURES, len(upper))
    places = [round(at * (len(upper) - 1) / max(n - 1, 1)) for at in range(n)]
    return sorted((upper[at] for at in places), key=lambda each: each.image_id)


def _glimpse(judged: Judged) -> Glimpse:
    best = sorted(judged.detections, key=lambda each: -each.score)[:N_DETECTIONS]
    found = tuple(each for each in best if each.score >= LEAST_SCORE)
    return Glimpse(judged.image_id, judged.width, judged.height, found)


def packed(glimpse: Glimpse) -> bytes:
    """A glimpse as bytes, without the image's id."""
    rows = [
        (each.class_id, each.score, each.shape.kind, pack(each.shape), each.keypoints and pack(each.keypoints))
        for each in glimpse.detections
    ]
    return msgspec.msgpack.encode((glimpse.width, glimpse.height, rows))


def unpacked(value: bytes, image_id: int) -> Glimpse:
    """The glimpse of an image that was packed."""
    width, height, rows = msgspec.msgpack.decode(value)

    def detection(class_id: int, score: float, kind: Any, shape: bytes, points: bytes | None) -> Detection:
        found = None if points is None else unpack("keypoints", points)
        keypoints = found if isinstance(found, Keypoints) else None
        return Detection(0, image_id, class_id, score, unpack(kind, shape), keypoints=keypoints)

    return Glimpse(image_id, width, height, tuple(starmap(detection, rows)))
