"""The cells of a grid never overlap, lie in reading order, and are found again by their points."""

from hypothesis import given
from hypothesis import strategies as st

from studio.tiles.cells import Cells

cells = st.builds(
    Cells,
    count=st.integers(0, 60),
    width=st.integers(1, 900),
    cell=st.tuples(st.integers(5, 200), st.integers(5, 200)),
    gap=st.integers(0, 12),
)


def rect(grid: Cells, index: int) -> tuple[int, int, int, int]:
    x, y = grid.corner(index)
    return x, y, x + grid.cell[0], y + grid.cell[1]


def overlap(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


@given(cells)
def test_cells_lie_apart_in_the_room_there_is(grid: Cells) -> None:
    rects = [rect(grid, n) for n in range(grid.count)]
    assert not [1 for n, a in enumerate(rects) for b in rects[n + 1 : n + 2 * grid.columns] if overlap(a, b)]
    if grid.width >= grid.cell[0] + 2 * grid.gap:
        assert all(x0 >= 0 and x1 <= grid.width for x0, _, x1, _ in rects)
    assert all(y1 <= grid.height for *_, y1 in rects)


@given(cells, st.data())
def test_what_a_rectangle_touches_is_what_every_cell_says(grid: Cells, data: st.DataObject) -> None:
    x0, y0 = data.draw(st.integers(-50, 950)), data.draw(st.integers(-50, 2000))
    box = (x0, y0, x0 + data.draw(st.integers(1, 600)), y0 + data.draw(st.integers(1, 600)))
    found = [n for first, last in grid.within(*box) for n in range(first, last + 1)]
    assert found == [n for n in range(grid.count) if overlap(rect(grid, n), box)]


@given(cells, st.data())
def test_a_point_in_a_cell_finds_it(grid: Cells, data: st.DataObject) -> None:
    if not grid.count:
        assert (grid.at(5, 5), grid.nearest(5, 5)) == (-1, -1)
        return
    index = data.draw(st.integers(0, grid.count - 1))
    x0, y0, x1, y1 = rect(grid, index)
    for x, y in ((x0, y0), (x1 - 1, y1 - 1)):
        assert grid.at(x, y) == index
        assert grid.nearest(x, y) == index
    assert grid.at(x0, y0 - 1) in (-1, index - grid.columns)
