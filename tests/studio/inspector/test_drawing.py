"""Very many boxes set in an array, beside loops over their pixels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from engine.geometry.shapes import XY
from studio.canvas.viewport import Viewport
from studio.inspector.drawing import MANY, Space, draw_boxes, draw_scored, outline_counts, painted_outlines

WIDTH, HEIGHT = 13, 9
corner = st.integers(-4, 16)
boxes = st.lists(st.tuples(corner, corner, st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=6)


def as_boxes(found: list[tuple[int, int, int, int]]) -> np.ndarray:
    return np.array([(x, y, x + w, y + h) for x, y, w, h in found], dtype=np.float32)


def outline(box: np.ndarray) -> set[tuple[int, int]]:
    x0, y0, x1, y1 = (int(each) for each in box)
    return {
        (x, y)
        for x in range(x0, x1 + 1)
        for y in range(y0, y1 + 1)
        if (x in (x0, x1) or y in (y0, y1)) and 0 <= x < WIDTH and 0 <= y < HEIGHT
    }


@given(boxes)
def test_a_pixel_counts_the_outlines_through_it(found: list[tuple[int, int, int, int]]) -> None:
    expected = np.zeros((HEIGHT, WIDTH), dtype=int)
    for box in as_boxes(found):
        for x, y in outline(box):
            expected[y, x] += 1
    np.testing.assert_array_equal(outline_counts(as_boxes(found), (WIDTH, HEIGHT)), expected)


@given(boxes)
def test_of_several_outlines_the_last_one_is_seen(found: list[tuple[int, int, int, int]]) -> None:
    expected = np.zeros((HEIGHT, WIDTH), dtype=np.uint32)
    for at, box in enumerate(as_boxes(found), 1):
        for x, y in outline(box):
            expected[y, x] = at
    shown = painted_outlines(as_boxes(found), np.arange(1, len(found) + 1, dtype=np.uint32), (WIDTH, HEIGHT))
    np.testing.assert_array_equal(shown, expected)


def drawn(draw: object, n: int) -> np.ndarray:
    """What is painted of n boxes that lie on each other."""
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(QColor("black"))
    painter = QPainter(image)
    draw(painter, np.tile(np.array([[5.0, 5, 30, 20]], np.float32), (n, 1)))  # type: ignore[operator]
    painter.end()
    return np.array(image.constBits()).reshape(30, 40, 4)[..., 2::-1]


@pytest.mark.parametrize("n", [1, MANY + 1])
def test_few_and_many_boxes_lie_at_the_same_place(qapp: object, n: int) -> None:
    shown = drawn(lambda painter, found: draw_boxes(painter, found, QPen(QColor(0, 200, 0), 1)), n)
    rows, columns = np.nonzero(shown[..., 1])
    assert (columns.min(), rows.min(), columns.max(), rows.max()) == (5, 5, 30, 20)
    assert not shown[10, 15].any()


@pytest.mark.parametrize("n", [3, MANY + 1])
def test_the_surest_is_on_top(qapp: object, n: int) -> None:
    shares = np.linspace(0, 1, n).astype(np.float32)[::-1]
    shown = drawn(lambda painter, found: draw_scored(painter, found, shares, 1), n)
    red, green, blue = shown[5, 15].tolist()
    assert min(red, green) > 200 > blue  # light yellow, not the dark violet of the least


def test_boxes_come_from_model_pixels_into_the_view() -> None:
    space = Space(0.5, 0.25)
    view = Viewport((200, 100), (400, 200), 2.0, 10, 20)
    assert space.views(np.array([[5, 5, 10, 10]], np.float32), view).tolist() == [[30, 60, 50, 100]]
    point: XY = (8.0, 8.0)
    assert space.model(point) == (4.0, 2.0)
    assert space.image(np.array([[4, 2, 8, 4]], np.float32)).tolist() == [[8, 8, 16, 16]]
