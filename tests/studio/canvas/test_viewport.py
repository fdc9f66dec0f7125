"""Zoom and pan: the point under the pointer stays, the picture is never lost."""

import math

from hypothesis import given
from hypothesis import strategies as st

from studio.canvas.viewport import MAX_SCALE, Viewport

SIDES = st.integers(1, 40_000)
VIEWS = st.tuples(st.integers(50, 4000), st.integers(50, 3000))
FACTORS = st.floats(0.05, 20)


@st.composite
def viewports(draw):
    view = Viewport(draw(st.tuples(SIDES, SIDES)), draw(VIEWS)).fitted()
    view = view.zoomed(draw(FACTORS), draw(st.tuples(st.floats(0, 1000), st.floats(0, 1000))))
    return view.panned(draw(st.floats(-5000, 5000)), draw(st.floats(-5000, 5000)))


def test_fitted_shows_the_whole_picture_in_the_middle():
    view = Viewport((400, 200), (1000, 1000)).fitted()
    (x0, y0), (x1, y1) = view.to_view.apply_one((0, 0)), view.to_view.apply_one((400, 200))
    assert math.isclose(x0, 1000 - x1, abs_tol=1) and math.isclose(y0, 1000 - y1, abs_tol=1)
    assert 900 < x1 - x0 < 1000 and view.fits


@given(viewports(), FACTORS, st.floats(0, 1), st.floats(0, 1))
def test_zoom_keeps_the_point_under_the_pointer(view, factor, across, down):
    # The pointer is over the picture, where no limit of panning can interfere.
    x0, y0, x1, y1 = view.visible
    width, height = view.picture
    image = (min(max(x0, 0), width) * (1 - across) + min(max(x1, 0), width) * across,
             min(max(y0, 0), height) * (1 - down) + min(max(y1, 0), height) * down)  # fmt: skip
    about = view.to_view.apply_one(image)
    zoomed = view.zoomed(factor, about)
    free = zoomed == view.zoomed(factor, about) and _lies_free(view, factor, about)
    x, y = zoomed.to_view.apply_one(image)
    if free:
        assert abs(x - about[0]) <= 1 + zoomed.scale / view.scale and abs(y - about[1]) <= 1 + zoomed.scale / view.scale


def _lies_free(view, factor, about):
    """Whether the limits of panning leave the zoomed view where the pointer wants it: the naive sum."""
    scale = min(max(view.scale * factor, min(1, 32 / max(view.picture))), MAX_SCALE)
    for at, here, room, side in zip(about, (view.x, view.y), view.view, view.picture, strict=True):
        moved = at - (at - here) * scale / view.scale
        if not room / 2 - scale * side <= moved <= room / 2:
            return False
    return True


@given(viewports())
def test_the_picture_is_never_lost(view):
    x, y = view.to_image.apply_one((view.view[0] / 2, view.view[1] / 2))
    pixel = view.view_pixel
    assert -pixel <= x <= view.picture[0] + pixel and -pixel <= y <= view.picture[1] + pixel
    assert view.scale <= MAX_SCALE


@given(viewports())
def test_view_and_image_are_inverse(view):
    x, y = view.to_image.apply_one(view.to_view.apply_one((3.25, 7.5)))
    assert math.isclose(x, 3.25, abs_tol=1e-6) and math.isclose(y, 7.5, abs_tol=1e-6)


@given(viewports(), VIEWS)
def test_a_resized_view_keeps_its_middle(view, size):
    resized = view.resized(size)
    if view.fits:
        assert resized.fits
    else:
        before = view.to_image.apply_one((view.view[0] / 2, view.view[1] / 2))
        after = resized.to_image.apply_one((size[0] / 2, size[1] / 2))
        assert math.dist(before, after) <= 2 * view.view_pixel


def test_pixels_are_pixels_and_pan_moves_by_whole_ones():
    view = Viewport((8192, 8192), (1600, 1000)).fitted().at_pixels()
    assert view.scale == 1.0
    assert view.panned(-3, 5).origin == (view.origin[0] - 3, view.origin[1] + 5)


def test_centred_on_a_point():
    view = Viewport((8192, 8192), (1600, 1000)).fitted().at_pixels().centred_on((1000, 2000))
    assert math.dist(view.to_view.apply_one((1000, 2000)), (800, 500)) <= 1


@given(VIEWS, st.tuples(st.floats(0, 3000), st.floats(0, 3000)), st.tuples(st.floats(0, 900), st.floats(0, 900)))
def test_a_framed_part_is_in_sight_in_the_middle_with_room_around_it(view, corner, size):
    (x0, y0), (width, height) = corner, size
    framed = Viewport((4000, 4000), view).fitted().framing((x0, y0, x0 + width, y0 + height))
    a, b = framed.to_view.apply_one((x0, y0)), framed.to_view.apply_one((x0 + width, y0 + height))
    for near, far, room in zip(a, b, view, strict=True):
        assert near >= -1 and far <= room + 1
        assert math.isclose((near + far) / 2, room / 2, abs_tol=1.5)
    assert framed.scale <= MAX_SCALE
