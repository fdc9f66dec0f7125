"""The Shape menu on the real window: shapes joined, cut, converted and mended, and what is said about it."""

from pathlib import Path

import pytest
from PySide6.QtGui import QAction

from engine.geometry.shapes import Box, Mask, Polygon, Shape
from engine.project import annotations
from engine.project.edits import AddAnnotations
from engine.project.records import Annotation
from engine.project.store import Project
from studio.view_state import Selection
from tests.studio import projects
from tests.studio.windows import Opened

LARGE, SMALL = Box(20, 20, 80, 80), Box(30, 30, 50, 50)


def drawn(seen: Opened, tmp_path: Path, *shapes: Shape) -> list[int]:
    """A project with these shapes on its first picture, all selected."""
    seen.open(projects.make(tmp_path / "p.boxwright"))
    seen.session.do(AddAnnotations(tuple(Annotation(0, 1, 1, shape) for shape in shapes)))
    seen.qtbot.waitUntil(
        lambda: seen.session.n_settled == seen.session.n_asked and len(seen.canvas.annotations) == len(shapes)
    )
    ids = sorted(seen.canvas.annotations)
    seen.session.select(Selection(annotations=frozenset(ids)))
    return ids


def ask(seen: Opened, name: str) -> str:
    """Ask for a command as the menu does; what is said when it is done."""
    action = seen.window.findChild(QAction, f"shape.{name}")
    assert isinstance(action, QAction) and action.isEnabled()
    with seen.qtbot.waitSignal(seen.session.said, timeout=5000) as said:
        action.trigger()
    seen.qtbot.waitUntil(lambda: seen.session.n_settled == seen.session.n_asked)
    words: str = said.args[0]
    return words


def shapes(seen: Opened) -> list[Shape]:
    assert seen.session.project is not None
    with Project.open(seen.session.project.path, read_only=True) as project:
        return [one.shape for one in annotations.of_image(project, 1)]


@pytest.mark.parametrize(
    ("name", "areas", "words"),
    [
        ("union", [3600], "Join 2 annotations: area 4,000 → 3,600 px (−10.0 %)."),
        ("subtract", [3200], "Subtract 2 annotations: area 4,000 → 3,200 px (−20.0 %)."),
        ("cut_out", [400, 3200], "area 3,600 → 3,200 px (−11.1 %)."),
        ("intersect", [400], "area 4,000 → 400 px (−90.0 %)."),
    ],
)
def test_the_smaller_act_on_the_largest(
    seen: Opened, tmp_path: Path, name: str, areas: list[float], words: str
) -> None:
    small, large = drawn(seen, tmp_path, SMALL, LARGE)
    assert ask(seen, name).endswith(words)
    assert sorted(shape.area for shape in shapes(seen)) == areas
    assert seen.session.selection.annotations == ({small, large} if name == "cut_out" else {large})
    seen.session.undo()
    seen.qtbot.waitUntil(lambda: seen.session.n_settled == seen.session.n_asked)
    assert shapes(seen) == [SMALL, LARGE]


def test_conversions_and_the_area_they_change(seen: Opened, tmp_path: Path) -> None:
    drawn(seen, tmp_path, Polygon.of([(10, 10), (50, 10), (50, 50)]))
    assert "Convert to mask: area 800 → " in ask(seen, "to_mask")
    assert isinstance(shapes(seen)[0], Mask)
    ask(seen, "to_polygon")
    polygon = shapes(seen)[0]
    assert isinstance(polygon, Polygon) and polygon.n_vertices < 9
    assert ask(seen, "to_box") == "Convert to box: area 780 → 1,521 px (+95.0 %)."
    assert ask(seen, "to_rotated_box") == "Convert to rotated box: same area."
    assert ask(seen, "to_rotated_box") == "There is nothing to change."


def test_parts_holes_and_vertices(seen: Opened, tmp_path: Path) -> None:
    ringed = Polygon.of([(0, 0), (40, 0), (40, 40), (0, 40)], [(10, 10), (10, 20), (20, 20), (20, 10)])
    drawn(seen, tmp_path, ringed)
    assert ask(seen, "fill_holes") == "Fill holes: area 1,500 → 1,600 px (+6.7 %)."
    assert ask(seen, "repair") == ask(seen, "separate") == ask(seen, "simplify") == "There is nothing to change."


def test_what_leaves_nothing_is_refused_in_words(seen: Opened, tmp_path: Path) -> None:
    drawn(seen, tmp_path, LARGE, Box(100, 90, 120, 110))
    action = seen.window.findChild(QAction, "shape.intersect")
    with seen.qtbot.waitSignal(seen.session.failed, timeout=5000) as failed:
        action.trigger()
    assert "Nothing would be left" in str(failed.args[0])
    assert len(shapes(seen)) == 2


def test_joining_needs_two(seen: Opened, tmp_path: Path) -> None:
    drawn(seen, tmp_path, LARGE)
    for name, is_enabled in (("union", False), ("subtract", False), ("to_mask", True)):
        action = seen.window.findChild(QAction, f"shape.{name}")
        assert isinstance(action, QAction) and action.isEnabled() == is_enabled
