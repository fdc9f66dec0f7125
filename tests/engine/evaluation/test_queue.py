"""The queue: in which order images come, what is asked on each, and what is left."""

import pytest

from engine.evaluation.queue import Ordering, asked, outlook, survey, survey_again
from engine.geometry.shapes import Box
from engine.progress import finish
from engine.project import annotations, detections, surveys
from engine.project.conflicts import Conflict
from engine.project.edits import RemoveAnnotations, SetImages
from engine.project.history import History
from engine.project.records import Annotation, Detection
from engine.project.store import Project
from tests.engine.evaluation.test_disagreement import AWAY, CELL, PLACE, RUN, found, project
from tests.engine.project.pictures import add_image
from tests.engine.project.reversing import assert_reversible

__all__ = ["project"]


def listed(project: Project, ordering: Ordering, run_id: int | None = RUN) -> list[tuple[int, int]]:
    return [(one.id, one.n_questions) for one in outlook(project, run_id, ordering, 10).queued.images]


def test_the_weightiest_picture_comes_first(project: Project) -> None:
    assert listed(project, "disagreement") == [(1, 1)], "nothing but the conflict is known before it is counted"
    finish(survey(project, RUN))
    assert listed(project, "disagreement") == [(1, 5), (2, 1)]
    assert listed(project, "disagreement", None) == [(1, 1)], "without a run: what people disagree about"
    seen = outlook(project, RUN, "disagreement", 1)
    assert ([one.id for one in seen.queued.images], seen.queued.n_images) == ([1], 2)
    assert (seen.n_left, seen.n_conflicts, seen.n_settled, seen.n_uncounted) == (6, 1, 0, 0)


def test_the_picture_that_the_run_is_least_sure_of_comes_first(project: Project) -> None:
    """Also pictures that nobody has annotated; but not what is sure, nor what is annotated and agrees."""
    with project.atomic():
        for seed, score in ((4, 0.55), (5, 0.97), (6, 0.2)):
            image_id = add_image(project, f"{seed}.png", seed)
            detections.put(project, image_id, RUN, [Detection(0, image_id, CELL, score, AWAY, RUN)])
        agreed = add_image(project, "7.png", 7)
        annotations.add(project, [Annotation(0, agreed, CELL, AWAY)])
        detections.put(project, agreed, RUN, [Detection(0, agreed, CELL, 0.5, AWAY, RUN)])
    finish(survey(project, RUN))
    assert [image_id for image_id, _ in listed(project, "uncertainty")] == [4, 1, 5, 2]


def test_questions_come_with_both_sides(project: Project) -> None:
    by_kind = {one.about.kind: one for one in asked(project, 1, RUN, "disagreement")}
    assert list(by_kind) == ["conflict", "missed", "wrong_class", "extra", "poor_shape"]
    for kind, question in by_kind.items():
        assert (question.ours is None) == (kind == "extra")
        assert (question.theirs is None) == (kind == "missed")
    assert isinstance(by_kind["conflict"].theirs, Conflict)
    assert by_kind["extra"].theirs is not None
    assert by_kind["extra"].theirs.shape == AWAY


def test_by_uncertainty_what_is_least_sure_is_asked_first(project: Project) -> None:
    with project.atomic():
        boxes = [(Box(x, 60, x + 9, 70), score) for x, score in ((0, 0.9), (20, 0.45), (40, 0.35), (60, 0.2))]
        detections.put(project, 3, RUN, [found(0, box, score=score) for box, score in boxes])
    assert [one.about.score for one in asked(project, 3, RUN, "uncertainty")] == [0.45, 0.35, 0.9, None]
    assert next(one.about.kind for one in asked(project, 1, RUN, "uncertainty")) == "conflict"


@pytest.mark.parametrize("kind", ["wrong_class", "poor_shape", "conflict"])
def test_both_can_be_kept(project: Project, kind: str) -> None:
    question = next(one.about for one in asked(project, 1, RUN, "disagreement") if one.about.kind == kind)
    n = annotations.count(project)
    edit = question.keep_both()
    assert edit is not None
    assert_reversible(project, edit)
    assert annotations.count(project) == n + 1
    left = {one.about.key for one in asked(project, 1, RUN, "disagreement")}
    assert question.key not in left
    assert not any(one[0] == "missed" and one[1] == question.annotation_id for one in left) or kind == "conflict"


def test_what_has_one_side_cannot_be_kept_twice(project: Project) -> None:
    kinds = {one.about.kind for one in asked(project, 1, RUN, "disagreement") if one.about.keep_both() is None}
    assert kinds == {"missed", "extra"}


def test_answers_are_counted_and_the_picture_alone_is_counted_again(project: Project) -> None:
    finish(survey(project, RUN))
    history = History(project)
    for question in asked(project, 1, RUN, "disagreement"):
        if question.about.kind in ("extra", "missed", "conflict"):
            history.do(question.about.dismiss())
    seen = outlook(project, RUN, "disagreement", 10)
    assert (seen.n_settled, seen.n_uncounted) == (3, 1)
    with project.atomic():
        assert survey_again(project, RUN)
    assert listed(project, "disagreement") == [(1, 2), (2, 1)]
    history.do(SetImages((2,), state="done"))
    assert surveys.waiting(project, RUN, "0.5 0.5 0.7 0.1") == []


def test_many_that_changed_are_left_to_a_job(project: Project) -> None:
    with project.atomic():
        assert not survey_again(project, RUN, at_most=1)
    assert surveys.totals(project, RUN).images == 0
    History(project).do(RemoveAnnotations((1,)))
    assert PLACE in [one.shape for one in annotations.of_image(project, 2)]
