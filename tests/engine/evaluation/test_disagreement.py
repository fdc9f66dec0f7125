"""What a run and annotations disagree about, and that one key mends or dismisses each for good."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.evaluation.disagreement import USUAL, Disagreement, Standards, disagreements
from engine.evaluation.queue import questions, survey
from engine.geometry.matching import likeness
from engine.geometry.shapes import Box
from engine.progress import Progress, finish
from engine.project import annotations, classes, conflicts, detections, runs, surveys
from engine.project.conflicts import Conflict
from engine.project.edits import ChangeAnnotations, DecideDetections, Edit, RemoveAnnotations, SetImages
from engine.project.history import History
from engine.project.queries import Search, image_ids
from engine.project.records import Annotation, Detection
from engine.project.review_edits import ConfirmAnnotations, SettleConflicts, TakeDetection
from engine.project.store import Project
from tests.engine.project.pictures import add_image
from tests.engine.project.reversing import assert_reversible, rows_by_table

CELL, DIRT = 1, 2
RUN = 1


def ours(id_: int, box: Box, class_id: int = CELL) -> Annotation:
    return Annotation(id_, 1, class_id, box)


def found(id_: int, box: Box, class_id: int = CELL, score: float = 0.9) -> Detection:
    return Detection(id_, 1, class_id, score, box, RUN)


PLACE = Box(0, 0, 10, 10)
LARGER = Box(0, 0, 10, 16)  # IoU 0.625 with PLACE
FAINT = Box(0, 7, 10, 17)  # IoU 3/17
AWAY = Box(100, 100, 120, 120)


@pytest.mark.parametrize(
    ("annotation", "detection", "kinds"),
    [
        (ours(1, PLACE), None, ["missed"]),
        (None, found(1, PLACE), ["extra"]),
        (ours(1, PLACE), found(1, PLACE), []),
        (ours(1, PLACE), found(1, PLACE, score=0.4), ["missed"]),
        (None, found(1, PLACE, score=0.4), []),
        (ours(1, PLACE), found(1, PLACE, DIRT), ["wrong_class"]),
        (ours(1, PLACE), found(1, LARGER), ["poor_shape"]),
        (ours(1, PLACE), found(1, FAINT), ["poor_shape"]),
        (ours(1, PLACE), found(1, FAINT, DIRT), ["missed", "extra"]),
        (ours(1, PLACE), found(1, AWAY), ["missed", "extra"]),
        (replace(ours(1, PLACE), is_crowd=True), found(1, Box(2, 2, 6, 6)), []),
        (replace(ours(1, PLACE), is_crowd=True), None, []),
        (replace(ours(1, PLACE), is_crowd=True), found(1, Box(8, 8, 18, 18)), ["extra"]),
        (replace(ours(1, PLACE), confirmed_run_id=RUN), None, []),
        (replace(ours(1, PLACE), confirmed_run_id=RUN + 1), None, []),
        (replace(ours(1, PLACE), confirmed_run_id=RUN - 1), None, ["missed"]),
        (ours(1, PLACE), replace(found(1, PLACE, DIRT), state="rejected"), []),
        (ours(1, PLACE), replace(found(1, LARGER), state="rejected"), []),
        (None, replace(found(1, PLACE), state="rejected"), []),
        (replace(ours(1, PLACE), detection_id=1), replace(found(1, AWAY), state="accepted"), []),
        (ours(1, PLACE), replace(found(1, PLACE), run_id=RUN + 1), ["missed"]),
    ],
)
def test_one_of_each(annotation: Annotation | None, detection: Detection | None, kinds: list[str]) -> None:
    asked = disagreements([annotation] if annotation else [], [detection] if detection else [], RUN)
    assert [one.kind for one in asked] == kinds
    for one in asked:
        assert one.annotation_id in (None, 1)
        assert 0 <= one.weight <= 1
        if annotation and detection and one.kind in ("wrong_class", "poor_shape"):
            assert one.iou == likeness(annotation.shape, detection.shape)
            assert (one.class_id, one.other_class_id) == (annotation.class_id, detection.class_id)


def test_the_own_class_goes_first_and_the_nearest_within_it() -> None:
    annotated = [ours(1, PLACE), ours(2, Box(0, 1, 10, 11), DIRT)]
    detected = [found(1, PLACE, DIRT), found(2, Box(0, 1, 10, 11), CELL)]
    assert disagreements(annotated, detected, RUN) == ()


BOXES = st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(4, 12), st.integers(4, 12)).map(
    lambda b: Box(b[0], b[1], b[0] + b[2], b[1] + b[3])
)
CLASSES = st.sampled_from([CELL, DIRT])
SIDES = st.tuples(
    st.lists(st.tuples(BOXES, CLASSES), max_size=6), st.lists(st.tuples(BOXES, CLASSES, st.floats(0, 1)), max_size=6)
)


@given(sides=SIDES)
def test_every_shape_is_accounted_for_once(
    sides: tuple[list[tuple[Box, int]], list[tuple[Box, int, float]]],
) -> None:
    annotated = [ours(n, box, class_id) for n, (box, class_id) in enumerate(sides[0], 1)]
    detected = [found(n, box, class_id, score) for n, (box, class_id, score) in enumerate(sides[1], 1)]
    asked = disagreements(annotated, detected, RUN)
    used = [one.annotation_id for one in asked if one.annotation_id]
    seen = [one.detection_id for one in asked if one.detection_id]
    assert len(used) == len(set(used))
    assert len(seen) == len(set(seen))
    assert all(detected[id_ - 1].score >= USUAL.score for id_ in seen)
    n_shown = sum(one.score >= USUAL.score for one in detected)
    missed, extra = (sum(one.kind == kind for one in asked) for kind in ("missed", "extra"))
    assert len(annotated) - missed == n_shown - extra
    spare = [detected[(one.detection_id or 0) - 1] for one in asked if one.kind == "extra"]
    for mine in (annotated[(one.annotation_id or 0) - 1] for one in asked if one.kind == "missed"):
        for other in spare:
            least = USUAL.faint if other.class_id == mine.class_id else USUAL.same
            assert likeness(mine.shape, other.shape) < least
    assert [one.weight for one in asked] == sorted((one.weight for one in asked), reverse=True)


@pytest.fixture
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Two pictures a run has looked at, the first with one disagreement of each kind, the second found empty."""
    with Project.create(tmp_path_factory.mktemp("queue") / "p.boxwright") as project:
        with project.atomic():
            classes.add(project, "cell")
            classes.add(project, "dirt")
            runs.add(project, "detector", "mask_rcnn", "{}")
            for seed in (1, 2, 3):
                add_image(project, f"{seed}.png", seed)
            right, down = Box(40, 0, 50, 10), Box(0, 40, 10, 50)
            annotations.add(project, [ours(0, PLACE), ours(0, right), ours(0, down), Annotation(0, 2, CELL, PLACE)])
            annotations.add(project, [Annotation(0, 3, CELL, PLACE)])
            detected = [found(0, Box(40, 0, 50, 10), DIRT), found(0, Box(0, 40, 10, 46)), found(0, AWAY, score=0.8)]
            detections.put(project, 1, RUN, detected)
            detections.put(project, 2, RUN, [])
            theirs = Conflict(0, 1, DIRT, LARGER, 1, None, 0.625)
            conflicts.add(project, [theirs])
        yield project


def asked_of(project: Project, image_id: int = 1) -> dict[str, Disagreement]:
    return {one.kind: one for one in questions(project, image_id, RUN)}


def test_questions_of_an_image(project: Project) -> None:
    assert [one.kind for one in questions(project, 1, RUN)] == [
        "conflict", "missed", "wrong_class", "extra", "poor_shape",
    ]  # fmt: skip
    assert list(asked_of(project, 2)) == ["missed"]
    assert list(asked_of(project, 3)) == [], "the run never looked at it"
    assert [one.kind for one in questions(project, 1, None)] == ["conflict"]


@pytest.mark.parametrize("kind", ["conflict", "missed", "wrong_class", "poor_shape", "extra"])
@pytest.mark.parametrize("answer", ["mend", "dismiss"])
def test_an_answer_settles_its_question_and_no_other(project: Project, kind: str, answer: str) -> None:
    before = asked_of(project)
    question = before[kind]
    assert_reversible(project, question.mend() if answer == "mend" else question.dismiss())
    left = asked_of(project)
    # Taking another person's version of an annotation changes what the model disagrees with.
    expected = set(before) - {kind} - ({"missed"} if (kind, answer) == ("conflict", "mend") else set())
    assert set(left) - {"missed"} == expected - {"missed"}
    assert ("missed" in left) == (kind != "missed")
    ours_now = {one.id: one for one in annotations.of_image(project, 1)}
    if answer == "mend":
        match kind:
            case "missed":
                assert question.annotation_id not in ours_now
            case "wrong_class":
                assert ours_now[question.annotation_id or 0].class_id == DIRT
            case "poor_shape":
                assert ours_now[question.annotation_id or 0].shape == Box(0, 40, 10, 46)
            case "extra":
                assert AWAY in [one.shape for one in ours_now.values()]
            case "conflict":
                assert (ours_now[1].class_id, ours_now[1].shape) == (DIRT, LARGER)


def test_both_versions_of_a_conflict_can_stay(project: Project) -> None:
    conflict = asked_of(project)["conflict"]
    n = annotations.count(project)
    assert_reversible(project, SettleConflicts((conflict.conflict_id or 0,), "both"))
    assert annotations.count(project) == n + 1
    before = rows_by_table(project)
    History(project).do(SettleConflicts((conflict.conflict_id or 0,), "theirs"))
    assert rows_by_table(project) == before, "settled ones stay settled"


def test_a_conflict_outlives_our_version(project: Project) -> None:
    History(project).do(RemoveAnnotations((1,)))
    conflict = asked_of(project)["conflict"]
    assert (conflict.annotation_id, conflict.class_id) == (None, None)
    assert_reversible(project, conflict.mend())
    assert LARGER in [one.shape for one in annotations.of_image(project, 1)]


def test_what_is_gone_cannot_be_taken(project: Project) -> None:
    question = asked_of(project)["poor_shape"]
    History(project).do(RemoveAnnotations((question.annotation_id or 0,)))
    with pytest.raises(Exception, match="no longer there"):
        History(project).do(TakeDetection(question.annotation_id or 0, question.detection_id or 0, "shape"))


def test_a_confirmation_counts_for_the_newest_run(project: Project) -> None:
    history = History(project)
    with project.atomic():
        newer = runs.add(project, "detector", "mask_rcnn", "{}")
    history.do(ConfirmAnnotations((1,), newer))
    history.do(ConfirmAnnotations((1,), RUN))
    assert annotations.get(project, [1])[0].confirmed_run_id == newer


def surveyed(project: Project) -> list[int]:
    return [image_id for (image_id,) in project.rows("SELECT image_id FROM surveys ORDER BY image_id")]


def test_surveys_order_images_and_go_when_their_image_changes(project: Project) -> None:
    heard: list[object] = []
    totals = finish(survey(project, RUN), heard.append)
    assert (totals.images, totals.disagreeing) == (2, 2)
    assert (totals.missed, totals.extra, totals.wrong_class, totals.poor_shape) == (2, 1, 1, 1)
    assert isinstance(heard[-1], Progress)
    assert image_ids(project, Search("has:disagreement", "disagreement", run_id=RUN)) == [1, 2]
    assert image_ids(project, Search("disagreements>3", run_id=RUN)) == [1]

    history = History(project)
    history.do(SetImages((1, 2), state="done"))
    assert surveyed(project) == [1, 2], "they are about shapes alone"
    history.do(RemoveAnnotations((4,)))
    assert surveyed(project) == [1]
    history.undo()
    history.do(asked_of(project)["extra"].dismiss())
    assert surveyed(project) == []
    assert surveys.waiting(project, RUN, USUAL.key) == [1, 2]
    again = finish(survey(project, RUN))
    assert (again.missed, again.extra) == (2, 0)
    assert surveys.waiting(project, RUN, Standards(score=0.9).key) == [1, 2]
    assert surveys.waiting(project, RUN, USUAL.key) == []


@pytest.mark.parametrize("change", ["shape", "class", "attributes", "accept"])
def test_only_what_was_compared_ends_a_survey(project: Project, change: str) -> None:
    finish(survey(project, RUN))
    one = annotations.get(project, [1])[0]
    edits: dict[str, Edit] = {
        "shape": ChangeAnnotations((replace(one, shape=LARGER),)),
        "class": ChangeAnnotations((replace(one, class_id=DIRT),)),
        "attributes": ChangeAnnotations((replace(one, attributes={"a": 1.0}),)),
        "accept": DecideDetections((1,), "accepted"),
    }
    History(project).do(edits[change])
    assert surveyed(project) == [2]


def test_a_stopped_survey_keeps_what_it_has(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.evaluation.queue.BATCH", 1)
    work = survey(project, RUN)
    next(work)
    next(work)
    work.close()
    assert surveyed(project) == [1]


@settings(max_examples=3)
@given(sides=SIDES)
def test_answering_every_question_ends_them(
    tmp_path_factory: pytest.TempPathFactory, sides: tuple[list[tuple[Box, int]], list[tuple[Box, int, float]]]
) -> None:
    with Project.create(tmp_path_factory.mktemp("all") / "p.boxwright") as project:
        with project.atomic():
            classes.add(project, "cell")
            classes.add(project, "dirt")
            runs.add(project, "detector", "mask_rcnn", "{}")
            add_image(project, "a.png", 1)
            annotations.add(project, [ours(0, box, class_id) for box, class_id in sides[0]])
            detections.put(project, 1, RUN, [found(0, box, class_id, score) for box, class_id, score in sides[1]])
        n_questions = len(questions(project, 1, RUN))
        for n in range(100):
            left = questions(project, 1, RUN)
            if not left:
                break
            History(project).do(left[0].mend() if n % 2 else left[0].dismiss())
        assert not questions(project, 1, RUN)
        assert n <= 2 * n_questions + len(sides[1])
