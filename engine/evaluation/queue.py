"""The queue: what there is to decide on an image, and disagreements counted ahead for all images of a project.

Counting compares shapes, which takes a millisecond an image; so it is long work, and what it found is kept in the file.
The order of images is a search (`engine.project.queries`): "has:disagreement" by "disagreement" or "uncertainty".
"""

from collections import Counter
from dataclasses import dataclass
from typing import Literal, TypeAlias

from engine.evaluation.disagreement import USUAL, Disagreement, Standards, disagreements, of_conflicts
from engine.progress import Progress, Work
from engine.project import annotations, authors, conflicts, detections, surveys
from engine.project.conflicts import Conflict
from engine.project.records import Annotation, Detection
from engine.project.store import Project
from engine.project.surveys import Queued, Survey, SurveyTotals

Ordering: TypeAlias = Literal["disagreement", "uncertainty"]

BATCH = 100
"""Images surveyed between two commits: about a tenth of a second."""
UNSURE = Standards(score=0.3)
"""What is asked in the order of uncertainty: also about detections that are more likely wrong than right."""


@dataclass(frozen=True, slots=True)
class Question:
    """A disagreement with both of its sides."""

    about: Disagreement
    ours: Annotation | None
    theirs: Detection | Conflict | None
    whose: str = ""
    """Whose version a conflict is, by name."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """The queue as it stands."""

    queued: Queued
    totals: SurveyTotals
    n_conflicts: int
    n_settled: int
    n_uncounted: int
    """Images that the run has looked at and that have changed since they were counted."""

    @property
    def n_left(self) -> int:
        """Questions that are counted and open."""
        counted = self.totals
        return counted.missed + counted.extra + counted.wrong_class + counted.poor_shape + self.n_conflicts


def outlook(project: Project, run_id: int | None, ordering: Ordering, at_most: int) -> Outlook:
    """What waits in the queue of a run (None: only of conflicts between people), as far as it is counted."""
    if ordering == "uncertainty":
        queued = surveys.by_uncertainty(project, run_id, UNSURE.score, at_most)
    else:
        queued = surveys.by_disagreement(project, run_id, at_most)
    return Outlook(
        queued,
        surveys.totals(project, run_id or 0),
        conflicts.count_open(project),
        surveys.n_settled(project, run_id),
        len(surveys.waiting(project, run_id or 0, USUAL.key)),
    )


def asked(project: Project, image_id: int, run_id: int | None, ordering: Ordering) -> tuple[Question, ...]:
    """The questions on one image with both sides of each: the weightiest first, or what the run is least sure of."""
    found = questions(project, image_id, run_id, UNSURE if ordering == "uncertainty" else USUAL)
    if ordering == "uncertainty":
        found = tuple(sorted(found, key=lambda one: (one.conflict_id is None, -_doubt(one.score))))
    ours = {one.id: one for one in annotations.of_image(project, image_id)}
    theirs = {one.id: one for one in detections.of_image(project, image_id, run_id)}
    versions = {one.id: one for one in conflicts.of_image(project, image_id, "open")}
    names = authors.names(project)
    return tuple(
        Question(
            one,
            ours.get(one.annotation_id or 0),
            versions.get(one.conflict_id or 0) or theirs.get(one.detection_id or 0),
            names.get(one.author_id or 0, ""),
        )
        for one in found
    )


def _doubt(score: float | None) -> float:
    return 0.0 if score is None else 4 * score * (1 - score)


def questions(
    project: Project, image_id: int, run_id: int | None, standards: Standards = USUAL
) -> tuple[Disagreement, ...]:
    """What there is to decide on one image: open conflicts between people first, then a run's disagreements.

    A run that has never looked at the image has nothing to say about it.
    """
    ours = annotations.of_image(project, image_id)
    theirs = conflicts.of_image(project, image_id, "open")
    asked = of_conflicts(theirs, {one.id: one.class_id for one in ours})
    if run_id is None or not surveys.has_looked_at(project, run_id, image_id):
        return asked
    return (*asked, *disagreements(ours, detections.of_image(project, image_id, run_id), run_id, standards))


def survey(project: Project, run_id: int, standards: Standards = USUAL) -> Work[SurveyTotals]:
    """Count the disagreements of every image that the run has looked at and that has changed since it was counted.

    Stopping keeps what is counted by then.
    """
    waiting = surveys.waiting(project, run_id, standards.key)
    for start in range(0, len(waiting), BATCH):
        yield Progress(start, len(waiting), "Comparing")
        with project.atomic():
            surveys.put(
                project,
                [survey_of(project, image_id, run_id, standards) for image_id in waiting[start : start + BATCH]],
            )
    yield Progress(len(waiting), len(waiting), "Comparing")
    return surveys.totals(project, run_id)


def survey_again(project: Project, run_id: int, at_most: int = BATCH) -> bool:
    """Count, inside `atomic()`, the images that changed, where they are few; returns whether none is left uncounted."""
    waiting = surveys.waiting(project, run_id, USUAL.key)
    if len(waiting) > at_most:
        return False
    surveys.put(project, [survey_of(project, image_id, run_id) for image_id in waiting])
    return True


def survey_of(project: Project, image_id: int, run_id: int, standards: Standards = USUAL) -> Survey:
    """The disagreements of one image with a run, counted; `surveys.put` keeps it."""
    ours, found = annotations.of_image(project, image_id), detections.of_image(project, image_id, run_id)
    asked = disagreements(ours, found, run_id, standards)
    n = Counter(one.kind for one in asked)
    return Survey(
        image_id,
        run_id,
        standards.key,
        missed=n["missed"],
        extra=n["extra"],
        wrong_class=n["wrong_class"],
        poor_shape=n["poor_shape"],
        weight=sum(one.weight for one in asked),
    )
