"""The queue: what there is to decide on an image, and disagreements counted ahead for all images of a project.

Counting compares shapes, which takes a millisecond an image; so it is long work, and what it found is kept in the file.
The order of images is a search (`engine.project.queries`): "has:disagreement" by "disagreement" or "uncertainty".
"""

from collections import Counter

from engine.evaluation.disagreement import USUAL, Disagreement, Standards, disagreements, of_conflicts
from engine.progress import Progress, Work
from engine.project import annotations, conflicts, detections, surveys
from engine.project.store import Project
from engine.project.surveys import Survey, SurveyTotals

BATCH = 100
"""Images surveyed between two commits: about a tenth of a second."""


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
