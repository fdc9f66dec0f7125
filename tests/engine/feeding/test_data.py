"""Truth from annotations, and examples that are kept while there is room."""

import numpy as np
import pytest

from engine.feeding.data import Kept, truth_of
from engine.feeding.room import Room
from engine.geometry import masks
from engine.geometry.shapes import Box, Keypoints, Polygon, RotatedBox
from engine.project.records import Annotation
from tests.engine.detectors.scenes import Scenes


def annotation(shape: object, class_id: int = 3, *, is_crowd: bool = False) -> Annotation:
    return Annotation(0, 1, class_id, shape, is_crowd=is_crowd)  # type: ignore[arg-type]


def test_classes_are_indexed_by_their_place() -> None:
    truth = truth_of([annotation(Box(0, 0, 5, 5), 3), annotation(Box(0, 0, 5, 5), 9)], (9, 4, 3))
    assert truth.class_indices.tolist() == [2, 0]


def test_what_teaches_nothing_is_left_out() -> None:
    mask = masks.of_box(Box(0, 0, 4, 4))
    left_out = [
        annotation(mask, is_crowd=True),
        annotation(Keypoints.of([(1, 1, 2), (5, 5, 2)])),
        annotation(masks.empty()),
        annotation(Box(3, 3, 3, 9)),
        annotation(mask, class_id=99),
    ]
    assert len(truth_of(left_out, (3,))) == 0
    assert truth_of([*left_out, annotation(mask)], (3,)).boxes.tolist() == [[0, 0, 4, 4]]


def test_a_box_teaches_no_mask_and_every_area_does() -> None:
    shapes = [
        Box(1.5, 2.25, 8, 9),
        masks.of_box(Box(1, 2, 8, 9)),
        Polygon.of([(1.5, 2.25), (8, 2.25), (8, 9), (1.5, 9)]),
        RotatedBox(20, 20, 10, 6, 30),
    ]
    truth = truth_of([annotation(shape) for shape in shapes], (3,))
    assert truth.has_mask.tolist() == [False, True, True, True]
    assert truth.boxes[0].tolist() == truth.boxes[2].tolist() == [1.5, 2.25, 8, 9]
    assert truth.masks[1].min() == 255
    assert truth.masks[2].min() == 255  # the pixels whose centres it holds fill their own window
    assert 0.3 < truth.masks[3].float().mean() / 255 < 0.9


def test_a_polygon_that_covers_no_pixel_centre_teaches_its_box() -> None:
    truth = truth_of([annotation(Polygon.of([(1.6, 1.6), (1.9, 1.6), (1.9, 1.9)]))], (3,))
    assert truth.has_mask.tolist() == [False]
    assert truth.boxes[0].tolist() == pytest.approx([1.6, 1.6, 1.9, 1.9])


def test_the_first_examples_are_kept_while_they_fit() -> None:
    examples = Scenes(5).train
    made: list[int] = []

    def make(at: int) -> object:
        made.append(at)
        return examples[at]

    size = max(each.picture.nbytes + each.truth.masks.nbytes for each in examples)
    kept = Kept(make, 5, Room(3 * size))  # type: ignore[arg-type]
    for _ in range(2):
        assert [kept[at].image_id for at in range(5)] == [each.image_id for each in examples]
    assert made == [0, 1, 2, 3, 4, 3, 4]
    assert kept[-1] is examples[4]
    assert [each.image_id for each in kept[1:3]] == [examples[1].image_id, examples[2].image_id]
    with pytest.raises(IndexError):
        kept[5]
    assert len(list(kept)) == len(kept) == 5
    assert np.array_equal(kept[0].picture, examples[0].picture)


def test_pictures_needed_much_smaller_are_kept_so() -> None:
    examples = Scenes(2).train
    whole = Kept(examples.__getitem__, 2)
    half, most = whole.fitted(lambda height, width: 0.5), whole.fitted(lambda height, width: 0.9)
    assert most[0] is examples[0]
    small = half[0]
    assert small.picture.shape == (48, 48, 3)
    assert small.annotations == examples[0].annotations
    assert np.allclose(small.truth.boxes, examples[0].truth.boxes / 2)
    assert half.room.n_taken == small.picture.nbytes + small.truth.masks.nbytes + most[0].picture.nbytes + (
        most[0].truth.masks.nbytes
    )
    assert np.abs(small.picture[::4, ::4].astype(int) - examples[0].picture[::8, ::8]).mean() < 20
