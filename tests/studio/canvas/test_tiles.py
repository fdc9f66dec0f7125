"""Tile places: all that is in sight is covered, edges are shared."""

from hypothesis import given
from hypothesis import strategies as st

from studio.canvas.tiles import SIDE, TilePlace, meets_any, places
from studio.canvas.viewport import Viewport


@given(st.floats(0.05, 8), st.integers(-3000, 800), st.integers(-3000, 800))
def test_places_cover_all_picture_in_sight(scale, x, y):
    view = Viewport((3000, 2000), (900, 700), scale, x, y)
    covered = [place.target(view) for place in places(view)]
    for px in range(0, 900, 60):
        for py in range(0, 700, 60):
            ix, iy = view.to_image.apply_one((px + 0.5, py + 0.5))
            if 0 <= ix < 3000 and 0 <= iy < 2000:
                assert any(left <= px < right and top <= py < bottom for left, top, right, bottom in covered)


def test_tiles_of_the_same_zoom_lie_on_whole_pixels_and_those_of_another_share_edges():
    view = Viewport((3000, 3000), (1000, 1000), 0.7, 13, 29)
    left, top, right, bottom = TilePlace(0.7, 2, 1).target(view)
    assert (left, top, right - left, bottom - top) == (13 + 2 * SIDE, 29 + SIDE, SIDE, SIDE)
    assert TilePlace(0.31, 2, 1).target(view)[2] == TilePlace(0.31, 3, 1).target(view)[0]


def test_reach_is_in_image_pixels():
    assert TilePlace(2.0, 1, 0).reach(4) == (128 - 2, -2, 256 + 2, 128 + 2)


@given(st.tuples(*[st.integers(0, 20)] * 4), st.tuples(*[st.integers(0, 20)] * 4))
def test_meeting_by_naive_count(a, b):
    a, b = ((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)) for x0, y0, x1, y1 in (a, b))
    both = [(x, y) for x in range(21) for y in range(21)
            if a[0] <= x <= a[2] and a[1] <= y <= a[3] and b[0] <= x <= b[2] and b[1] <= y <= b[3]]  # fmt: skip
    assert meets_any(a, [b]) == bool(both)
