"""Keypoints: the fish of the events' classes has a nose, a fin and a tail."""

from engine.geometry.shapes import Box, Keypoints
from engine.project.edits import AddAnnotations, ChangeAnnotations
from engine.project.records import Annotation
from studio.tools.keypoints import TOOL
from tests.studio.tools.events import click, key, move, played, right, scene, unfinished

FISH = 2


def test_one_after_the_other() -> None:
    outcome, previews = played(TOOL, scene(class_id=FISH), *click(10, 20), *click(30, 25), *click(60, 20))
    assert isinstance(outcome, AddAnnotations)
    assert outcome.annotations[0].shape == Keypoints.of([(10, 20, 2), (30, 25, 2), (60, 20, 2)])
    assert outcome.annotations[0].class_id == FISH
    assert previews[0].hint.startswith("nose (1 of 3)") and previews[-1].hint.startswith("tail (3 of 3)")


def test_hidden_and_missing_ones() -> None:
    events = (key("V"), *click(10, 20), right(0, 0), *click(60, 20))
    outcome, _ = played(TOOL, scene(class_id=FISH), *events)
    assert isinstance(outcome, AddAnnotations)
    assert outcome.annotations[0].shape == Keypoints.of([(10, 20, 1), (0, 0, 0), (60, 20, 2)])


def test_enter_leaves_out_the_rest_and_backspace_takes_back() -> None:
    outcome, _ = played(TOOL, scene(class_id=FISH), *click(10, 20), *click(30, 25), key("Backspace"), key("Return"))
    assert isinstance(outcome, AddAnnotations)
    assert outcome.annotations[0].shape == Keypoints.of([(10, 20, 2), (0, 0, 0), (0, 0, 0)])
    assert played(TOOL, scene(class_id=FISH), right(1, 1), right(1, 1), right(1, 1))[0] is None


def test_they_join_the_selected_annotation_of_their_class() -> None:
    fish = Annotation(4, 7, FISH, Box(5, 5, 90, 50))
    three = (*click(10, 20), *click(30, 25), *click(60, 20))
    outcome, _ = played(TOOL, scene([fish], selected=[4], class_id=FISH), *three)
    assert isinstance(outcome, ChangeAnnotations)
    assert outcome.annotations[0].shape == fish.shape and outcome.annotations[0].keypoints is not None
    cell = Annotation(4, 7, 1, Box(5, 5, 90, 50))
    assert isinstance(played(TOOL, scene([cell], selected=[4], class_id=FISH), *three)[0], AddAnnotations)


def test_a_class_without_keypoints_says_so() -> None:
    assert "no keypoints" in unfinished(TOOL, scene(), *click(10, 20)).hint


def test_the_next_one_hangs_on_the_pointer() -> None:
    preview = unfinished(TOOL, scene(class_id=FISH), *click(10, 20), key("V"), move(40, 40))
    assert preview.shapes == (Keypoints.of([(10, 20, 2), (40, 40, 1)]),)
    assert {"V", "Return"} <= preview.keys
