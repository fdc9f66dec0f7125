"""Strokes on masks, against painting every pixel."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.geometry import masks, spans
from engine.geometry.spans import Spans
from engine.imaging import brush

SIZE = (23, 17)
XYS = st.tuples(st.floats(-6, 28), st.floats(-6, 22))
RADII = st.sampled_from([0.0, 0.5, 1.0, 2.5]) | st.floats(0, 9)


def naive_stroke(a, b, radius):
    """Every pixel whose centre lies within the radius, and those that hold the ends."""
    width, height = SIZE
    found = np.zeros((height, width), bool)
    (ax, ay), (bx, by) = a, b
    length2 = (bx - ax) ** 2 + (by - ay) ** 2
    for row in range(height):
        for column in range(width):
            x, y = column + 0.5, row + 0.5
            t = 0.0 if length2 == 0 else min(max(((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length2, 0), 1)
            found[row, column] = np.hypot(x - ax - t * (bx - ax), y - ay - t * (by - ay)) <= radius
    for x, y in (a, b):
        if 0 <= x < width and 0 <= y < height:
            found[int(y), int(x)] = True
    for column in range(width):
        rows = np.flatnonzero(found[:, column])
        if len(rows):
            found[rows[0] : rows[-1] + 1, column] = True
    return found


def bitmap(strips: Spans):
    found = np.zeros(SIZE[::-1], bool)
    for x, y0, y1 in zip(strips.x, strips.y0, strips.y1, strict=True):
        assert not found[y0:y1, x].any()
        found[y0:y1, x] = True
    return found


BITMAPS = st.builds(
    lambda seed, share: np.random.default_rng(seed).random(SIZE[::-1]) < share, st.integers(0, 999), st.floats(0, 1)
)


@given(XYS, XYS, RADII)
def test_a_stroke_is_all_within_the_radius(a, b, radius):
    ours, thickness = bitmap(brush.stroke(a, b, radius, SIZE)), max(radius, 0.5)
    # A centre may lie on the rim itself, where rounding decides.
    assert not (naive_stroke(a, b, thickness - 1e-6) & ~ours).any()
    assert not (ours & ~naive_stroke(a, b, thickness + 1e-6)).any()


def test_the_thinnest_brush_sets_the_pixel_it_is_on():
    strips = brush.stroke((4.2, 7.9), (4.2, 7.9), 0.0, SIZE)
    assert (strips.x.tolist(), strips.y0.tolist(), strips.y1.tolist()) == ([4], [7], [8])


@given(BITMAPS, XYS, XYS, RADII, st.booleans())
def test_painting_and_erasing_are_set_operations(before, a, b, radius, erases):
    covered = brush.stroke(a, b, radius, SIZE)
    mask = spans.of_mask(masks.from_bitmap(before))
    after = (brush.erase if erases else brush.paint)(mask, covered)
    expected = before & ~bitmap(covered) if erases else before | bitmap(covered)
    assert np.array_equal(bitmap(after), expected)
    assert spans.to_mask(after) == masks.from_bitmap(expected)


@given(BITMAPS, BITMAPS, XYS, XYS, RADII)
def test_what_others_have_is_spared(one, other, a, b, radius):
    covered = brush.stroke(a, b, radius, SIZE)
    taken = [spans.of_mask(masks.from_bitmap(each)) for each in (one, other)]
    assert np.array_equal(bitmap(brush.spared(covered, taken)), bitmap(covered) & ~one & ~other)


def test_reach_holds_the_stroke():
    assert brush.reach((3, 9), (7, 2), 1.5) == (1.5, 0.5, 8.5, 10.5)
