"""Sections lie under one another, each under its heading; their cells are numbered through."""

from hypothesis import given
from hypothesis import strategies as st

from studio.tiles.cells import Cells
from studio.tiles.sections import Sections

sections = st.builds(
    Sections.of,
    st.lists(st.integers(1, 25), min_size=1, max_size=6),
    st.builds(
        Cells,
        count=st.just(0),
        width=st.integers(40, 600),
        cell=st.tuples(st.integers(20, 120), st.integers(20, 120)),
        gap=st.integers(0, 12),
    ),
    st.integers(10, 50),
)


def rect(of: Sections, index: int) -> tuple[int, int, int, int]:
    x, y = of.corner(index)
    return x, y, x + of.cell[0], y + of.cell[1]


def overlap(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


@given(sections)
def test_cells_lie_apart_and_below_their_headings(of: Sections) -> None:
    rects = [rect(of, n) for n in range(of.count)]
    assert not [1 for n, a in enumerate(rects) for b in rects[n + 1 :] if overlap(a, b)]
    for section, top in of.headings(0, of.height):
        band = (0, top, of.width, top + of.heading)
        assert not [1 for each in rects if overlap(each, band)]
        assert rects[of.starts[section]][1] >= top + of.heading
    assert all(each[3] <= of.height for each in rects)


@given(sections, st.data())
def test_what_a_rectangle_touches_is_what_every_cell_says(of: Sections, data: st.DataObject) -> None:
    x0, y0 = data.draw(st.integers(-50, 650)), data.draw(st.integers(-50, 3000))
    box = (x0, y0, x0 + data.draw(st.integers(1, 600)), y0 + data.draw(st.integers(1, 900)))
    found = [n for first, last in of.within(*box) for n in range(first, last + 1)]
    assert found == [n for n in range(of.count) if overlap(rect(of, n), box)]


@given(sections, st.data())
def test_cells_and_headings_are_found_by_their_points(of: Sections, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, of.count - 1))
    x, y = of.corner(index)
    assert of.at(x, y) == index
    section = of.section_of(index)
    assert of.starts[section] <= index < of.starts[section] + of.parts[section].count
    assert of.heading_at(of.tops[section]) == section
    assert of.heading_at(y) == -1


@given(sections, st.data())
def test_arrows_reach_every_cell_and_come_back(of: Sections, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, of.count - 1))
    for down in (1, -1):
        there = of.stepped(index, 0, down)
        lies_beyond = (of.corner(there)[1] - of.corner(index)[1]) * down
        assert lies_beyond > 0 or there == index
    on = of.stepped(index, 1, 0)
    assert on == min(index + 1, of.count - 1)


def test_down_from_the_last_line_leads_into_the_next_section() -> None:
    of = Sections.of((5, 2), Cells(0, 340, (100, 100), 10), 30)
    assert of.columns == 3
    assert of.stepped(0, 0, 1) == 3
    assert of.stepped(2, 0, 1) == 4
    assert of.stepped(4, 0, 1) == 6
    assert of.stepped(6, 0, -1) == 4
    assert of.stepped(6, 0, 1) == 6
    assert of.stepped(5, 0, -1) == 3
