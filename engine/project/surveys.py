"""Surveys: how often a run and the annotations of an image disagree, counted ahead so that images can be ordered by it.

What is counted, and how, is for `engine.evaluation` to say. A survey goes by itself, by triggers, as soon as the
annotations or detections of its image change.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.project import acceptance
from engine.project.store import Change, Project

_ASKED = (
    "SELECT image_id, missed + extra + wrong_class + poor_shape AS n, weight, 0.0 AS doubt, 1 AS is_asked FROM surveys "
    "WHERE run_id = ?1 AND weight > 0 "
    "UNION ALL SELECT image_id, COUNT(*), COUNT(*), 0.0, 1 FROM conflicts WHERE state = 'open' GROUP BY image_id"
)
"""What is counted on each image: a run's disagreements in one row, conflicts between people in another."""
_UNSURE = (
    "SELECT image_id, 0, 0.0, AVG(4 * score * (1 - score)), "
    "NOT EXISTS (SELECT 1 FROM annotations a WHERE a.image_id = d.image_id) FROM detections d "
    "WHERE run_id = ?1 AND state = 'suggested' AND score >= ?3 GROUP BY image_id"
)
"""How unsure a run is on each image, and whether that is all there is to ask about."""


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


@dataclass(frozen=True, slots=True)
class QueuedImage:
    """An image with something to decide on it."""

    id: int
    name: str
    n_questions: int
    weight: float
    """By it images are ordered, the largest first."""


@dataclass(frozen=True, slots=True)
class Queued:
    """The first images of a queue, and how many there are in all."""

    images: tuple[QueuedImage, ...]
    n_images: int


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


def by_disagreement(project: Project, run_id: int | None, at_most: int) -> Queued:
    """The images that disagree with a run, or on which people's versions conflict: the weightiest first."""
    return _queued(project, _ASKED, "SUM(weight)", (run_id, at_most))


def by_uncertainty(project: Project, run_id: int | None, score: float, at_most: int) -> Queued:
    """The same images, and those that nobody has annotated though a run suggests something from this score on.

    In the order of how unsure the run is of its suggestions there: 1 where all of them score 0.5, 0 at 0 and 1.
    """
    return _queued(project, f"{_ASKED} UNION ALL {_UNSURE}", "SUM(doubt)", (run_id, at_most, score))


def n_settled(project: Project, run_id: int | None) -> int:
    """How many questions about a run, and conflicts between people, have been answered."""
    deleted = acceptance.n_missed_deleted(project, run_id)
    return deleted + int(
        project.value(
            "SELECT (SELECT COUNT(*) FROM detections WHERE run_id = ?1 AND state <> 'suggested') "
            "+ (SELECT COUNT(*) FROM annotations WHERE confirmed_run_id = ?1) "
            "+ (SELECT COUNT(*) FROM conflicts WHERE state <> 'open' AND NOT (state = 'ours' AND iou = 1))",
            (run_id,),
        )
    )


def _queued(project: Project, parts: str, rank: str, values: tuple[int | float | None, ...]) -> Queued:
    """The first images of those that `parts` has rows of; one pass, then the names of few."""
    rows = project.rows(
        f"SELECT q.image_id, i.name, q.n, q.rank, q.n_images FROM (SELECT image_id, SUM(n) AS n, {rank} AS rank, "
        f"COUNT(*) OVER () AS n_images FROM ({parts}) GROUP BY image_id HAVING SUM(is_asked) > 0 "
        "ORDER BY rank DESC, image_id LIMIT ?2) q JOIN images i ON i.id = q.image_id ORDER BY q.rank DESC, q.image_id",
        values,
    )
    return Queued(tuple(QueuedImage(*row[:4]) for row in rows), int(rows[0][4]) if rows else 0)
