"""Live IoU against the nearest detection: its word, and what it counts at."""

import pytest

from engine.geometry.overlap import OverlapIndex
from engine.geometry.shapes import Box, Keypoints
from studio.canvas.comparison import Comparison, compared

INDEX = OverlapIndex({4: Box(0, 0, 10, 10), 9: Box(100, 100, 120, 110)})


@pytest.mark.parametrize(
    ("iou", "word", "counts"),
    [(0.49, "poor", (False, False)), (0.5, "fair", (True, False)), (0.7, "good", (True, False)),
     (0.75, "good", (True, True)), (0.9, "excellent", (True, True))],
)  # fmt: skip
def test_words_and_counts(iou, word, counts):
    comparison = Comparison(4, iou)
    assert comparison.word == word
    assert tuple(counted for _, counted in comparison.counts) == counts
    assert word in comparison.text and f"{iou:.2f}" in comparison.text


def test_the_nearest_is_compared_with():
    found = compared(INDEX, Box(0, 0, 10, 8))
    assert found == Comparison(4, 0.8)
    assert found.text == "IoU 0.80 good; counts at 0.5, counts at 0.75"


def test_nothing_to_compare():
    assert compared(INDEX, Box(50, 50, 60, 60)) is None
    assert compared(INDEX, Box(5, 5, 5, 9)) is None
    assert compared(INDEX, Keypoints.of([(5, 5, 2)])) is None
    assert compared(OverlapIndex({}), Box(0, 0, 10, 10)) is None
