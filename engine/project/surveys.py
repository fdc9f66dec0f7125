"""Surveys: how often a run and the annotations of an image disagree, counted ahead so that images can be ordered by it.

What is counted, and how, is for `engine.evaluation` to say. A survey goes by itself, by triggers, as soon as the
annotations or detections of its image change.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.project.store import Change, Project


@dataclass(frozen=True, slots=True)
class Survey:
    """The disagreements of one image with one run, by kind."""

    image_id: int
    run_id: int
    standard: str
    """What was counted as agreement; surveys of other standards are made anew."""
    missed: int
    extra: int
    wrong_class: int
    poor_shape: int
    weight: float
    """Of all together: by it images are ordered."""


@dataclass(frozen=True, slots=True)
class SurveyTotals:
    """The surveys of a run, added up."""

    images: int
    """Images surveyed."""
    disagreeing: int
    """Those with any disagreement."""
    missed: int
    extra: int
    wrong_class: int
    poor_shape: int


def put(project: Project, surveys: Iterable[Survey]) -> None:
    """Keep surveys inside `atomic()`, in place of earlier ones."""
    kept = list(surveys)
    project.execute_many(
        "INSERT OR REPLACE INTO surveys (image_id, run_id, standard, missed, extra, wrong_class, poor_shape, weight) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        ((s.image_id, s.run_id, s.standard, s.missed, s.extra, s.wrong_class, s.poor_shape, s.weight) for s in kept),
    )
    project.note(Change(detected=frozenset(one.image_id for one in kept)))


def waiting(project: Project, run_id: int, standard: str) -> list[int]:
    """The ids of images that a run has looked at and that have no survey by this standard since they changed."""
    sql = (
        "SELECT e.image_id FROM examined e LEFT JOIN surveys s ON s.run_id = e.run_id AND s.image_id = e.image_id "
        "WHERE e.run_id = ? AND (s.standard IS NULL OR s.standard <> ?) ORDER BY e.image_id"
    )
    return [image_id for (image_id,) in project.rows(sql, (run_id, standard))]


def has_looked_at(project: Project, run_id: int, image_id: int) -> bool:
    """Whether a run was asked about an image, though it may have found nothing there."""
    sql = "SELECT 1 FROM examined WHERE run_id = ? AND image_id = ?"
    return project.value(sql, (run_id, image_id)) is not None


def totals(project: Project, run_id: int) -> SurveyTotals:
    """What has been counted for a run so far."""
    row = project.row(
        "SELECT COUNT(*), COALESCE(SUM(missed + extra + wrong_class + poor_shape > 0), 0), COALESCE(SUM(missed), 0), "
        "COALESCE(SUM(extra), 0), COALESCE(SUM(wrong_class), 0), COALESCE(SUM(poor_shape), 0) "
        "FROM surveys WHERE run_id = ?",
        (run_id,),
    )
    return SurveyTotals(*(row or (0,) * 6))
