"""Skeletons of classes: those that are well known, and what becomes of bones when keypoints are renamed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.project.store import Project

Bones = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class KnownSkeleton:
    """Keypoints by name, and pairs of their indices."""

    title: str
    names: tuple[str, ...]
    bones: Bones


KNOWN = (
    KnownSkeleton(
        "A person (COCO, 17 keypoints)",
        (
            "nose", "left eye", "right eye", "left ear", "right ear", "left shoulder", "right shoulder", "left elbow",
            "right elbow", "left wrist", "right wrist", "left hip", "right hip", "left knee", "right knee",
            "left ankle", "right ankle",
        ),
        (
            (15, 13), (13, 11), (16, 14), (14, 12), (11, 12), (5, 11), (6, 12), (5, 6), (5, 7), (6, 8), (7, 9),
            (8, 10), (1, 2), (0, 1), (0, 2), (1, 3), (2, 4), (3, 5), (4, 6),
        ),
    ),
    KnownSkeleton("A face (5 points)", ("left eye", "right eye", "nose", "left mouth", "right mouth"), ()),
    KnownSkeleton("A line (2 points)", ("start", "end"), ((0, 1),)),
)  # fmt: skip


def in_use(project: Project, class_id: int) -> int:
    """How many annotations of a class have keypoints."""
    asked = "SELECT COUNT(*) FROM annotations WHERE class_id = ? AND (keypoints IS NOT NULL OR kind = 'keypoints')"
    found: int = project.value(asked, (class_id,))
    return found


def renamed(before: Sequence[str], after: Sequence[str], bones: Bones) -> Bones:
    """The bones of keypoints whose names became others: each joins the same names as before, wherever they are now.

    Where there are as many as before and some are gone by name, these are new names in their old places.
    """
    places = {name: at for at, name in enumerate(after)}
    if len(before) == len(after):
        old = set(before)
        places |= {
            was: at
            for at, (was, now) in enumerate(zip(before, after, strict=True))
            if was not in places and now not in old
        }
    kept = [(places.get(before[a]), places.get(before[b])) for a, b in bones]
    return tuple((a, b) for a, b in kept if a is not None and b is not None)
