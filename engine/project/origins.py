"""Origins: what annotations were when they came in from outside, as fingerprints. The newest of each counts.

An origin outlives its annotation: so what a person has deleted here is known when it comes in again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.project.store import Project


@dataclass(frozen=True, slots=True)
class Origin:
    """What one annotation was."""

    image_id: int
    annotation_id: int
    fingerprint: bytes


def of_image(project: Project, image_id: int) -> dict[int, bytes]:
    """The fingerprints of annotations that came in on one image, by annotation id."""
    sql = "SELECT annotation_id, fingerprint FROM origins WHERE image_id = ? ORDER BY id"
    return dict(project.rows(sql, (image_id,)))


def add(project: Project, origins: Iterable[Origin]) -> list[int]:
    """Remember origins inside `atomic()`; returns their ids."""
    sql = "INSERT INTO origins (image_id, annotation_id, fingerprint) VALUES (?, ?, ?)"
    return [project.execute(sql, (one.image_id, one.annotation_id, one.fingerprint)) for one in origins]
