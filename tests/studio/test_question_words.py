"""Every kind of question has words of its own, and says what each key does."""

from engine.evaluation.disagreement import Disagreement, DisagreementKind
from engine.evaluation.queue import Question
from engine.geometry.shapes import Box, Polygon
from engine.project.conflicts import Conflict
from engine.project.records import Annotation, ClassRecord, Detection
from studio.question_words import wording

CELL, DIRT = 1, 2
CLASSES = {CELL: ClassRecord(CELL, "cell", "#ff0000", 0), DIRT: ClassRecord(DIRT, "dirt", "#00ff00", 1)}
BOX = Box(0, 0, 10, 10)
OURS = Annotation(1, 1, CELL, BOX)
FOUND = Detection(1, 1, DIRT, 0.83, BOX, 1)


def asked(kind: DisagreementKind, **about: object) -> Question:
    given = {"class_id": CELL, "other_class_id": CELL, "iou": 0.58, "score": 0.83, **about}
    ours = None if kind == "extra" else OURS
    theirs = {"missed": None, "conflict": Conflict(1, 1, CELL, BOX, 1, 1, 0.58)}.get(kind, FOUND)
    disagreement = Disagreement(kind, 1, BOX.bounds, 1.0, **given)  # type: ignore[arg-type]
    return Question(disagreement, ours, theirs, "anna" if kind == "conflict" else "")


def test_each_kind_says_what_its_answers_do() -> None:
    answers = {
        "missed": ("Missed by the model", "Delete mine", "Keep mine", ""),
        "extra": ("Only the model sees it", "Accept it", "Reject it", ""),
        "wrong_class": ("Class: dirt?", "Change to dirt", "Keep cell", "Keep both"),
        "poor_shape": ("Poor box?", "Take its box", "Keep my box", "Keep both"),
        "conflict": ("anna drew it otherwise", "Take anna's", "Keep mine", "Keep both"),
    }
    kinds: tuple[DisagreementKind, ...] = ("missed", "extra", "wrong_class", "poor_shape", "conflict")
    for kind in kinds:
        words = wording(asked(kind, other_class_id=DIRT if kind == "wrong_class" else CELL), CLASSES)
        assert (words.title, words.mend, words.dismiss, words.both) == answers[kind]


def test_details_are_class_score_and_iou_as_far_as_there_are_any() -> None:
    assert wording(asked("poor_shape"), CLASSES).details == "cell · 0.83 · IoU 0.58"
    assert wording(asked("missed", iou=None, score=None), CLASSES).details == "cell"
    assert wording(asked("extra", iou=None, other_class_id=DIRT), CLASSES).details == "dirt · 0.83"


def test_classes_and_people_that_are_not_known_are_no_fault() -> None:
    assert wording(asked("wrong_class", other_class_id=9), CLASSES).mend == "Change to ?"
    nobody = Question(asked("conflict").about, OURS, Conflict(1, 1, DIRT, BOX, 1, None, 0.5))
    assert wording(nobody, CLASSES).title == "the other drew it otherwise"


def test_a_shape_that_is_no_box_is_called_a_shape() -> None:
    outline = Annotation(1, 1, CELL, Polygon.of([(0, 0), (9, 0), (0, 9)]))
    question = asked("poor_shape")
    assert wording(Question(question.about, outline, FOUND), CLASSES).mend == "Take its shape"
