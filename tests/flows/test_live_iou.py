"""Live IoU on the real window while several shapes are dragged together, against plain loops over all pairs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from engine.geometry.shapes import Box
from engine.project.edits import AddAnnotations
from engine.project.records import Annotation
from studio.canvas.comparison import Together, Told
from studio.reference import Reference
from studio.view_state import Selection
from tests.flows.tools_in_use import Hands
from tests.studio import projects
from tests.studio.windows import Opened

STILL = [Box(x, y, x + 10, y + 12) for x in range(20, 150, 16) for y in (60, 78, 96)]


class Watched(Hands):
    """With what is told of the shapes that move."""

    @property
    def told(self) -> Told:
        return self.canvas._layers._comparing.told

    def put(self, shapes: list[Box]) -> list[int]:
        before = set(self.canvas.annotations)
        self.studio.session.do(AddAnnotations(tuple(Annotation(0, 1, 1, shape) for shape in shapes)))
        self.settle()
        return sorted(set(self.canvas.annotations) - before)

    def choose(self, ids: list[int]) -> None:
        self.studio.session.select(Selection(annotations=frozenset(ids)))
        self.settle()


@pytest.fixture
def hands(seen: Opened, tmp_path: Path) -> Iterator[Watched]:
    seen.open(projects.make(tmp_path / "p.boxwright", 1))
    seen.studio.session.compare_with(Reference("neighbours"))
    yield Watched(seen.window, seen.studio, seen.canvas)


def overlap(a: Box, b: Box) -> float:
    """IoU by the definition."""
    width, height = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
    common = width * height if min(width, height) > 0 else 0.0
    return common / ((a.x1 - a.x0) * (a.y1 - a.y0) + (b.x1 - b.x0) * (b.y1 - b.y0) - common)


@pytest.mark.parametrize("n", [2, 9, 1100])
def test_all_that_are_dragged_are_told_of(seen: Opened, hands: Watched, n: int) -> None:
    """The one under the pointer in full, all of them in sum; the others that move are nobody's neighbours."""
    heard: list[str] = []
    hands.canvas.overlap_changed.connect(heard.append)
    hands.put(STILL)
    moving = [Box(20 + 13 * at % 110, 8 + 3 * at % 30, 30 + 13 * at % 110, 20 + 3 * at % 30) for at in range(n)]
    ids = hands.put(moving)
    hands.choose(ids)
    hands.press((25, 14))
    for y in range(16, 65, 6):
        hands.move((27, y))
    together, single = answer(seen, hands), hands.told.single
    preview = hands.canvas._hand.preview
    assert preview.carried == set(ids) and preview.lead in ids
    dx, dy = preview.carried_by
    there = {id_: Box(b.x0 + dx, b.y0 + dy, b.x1 + dx, b.y1 + dy) for id_, b in zip(ids, moving, strict=True)}
    ious = {id_: max(overlap(box, still) for still in STILL) for id_, box in there.items()}
    assert single is not None and preview.lead is not None
    assert single.iou == pytest.approx(ious[preview.lead])
    assert (together.n, together.mean) == (n, pytest.approx(sum(ious.values()) / n))
    assert together.least == pytest.approx(min(ious.values()))
    assert together.n_counted == tuple(sum(value >= at for value in ious.values()) for at in (0.5, 0.75))
    assert f"All {n:,}: mean IoU {together.mean:.2f}" in heard[-1]
    hands.canvas.grab()
    hands.key(Qt.Key.Key_Escape)
    assert not hands.told and heard[-1] == ""


def test_those_that_overlap_nothing_are_told_of_too(seen: Opened, hands: Watched) -> None:
    hands.put(STILL[:3])
    ids = hands.put([Box(90, 8, 100, 20), Box(20, 8, 30, 20)])
    hands.choose(ids)
    hands.press((95, 14))
    for y in range(14, 40, 6):
        hands.move((95, y))
    together = answer(seen, hands)
    assert (together.n, together.least, together.mean, hands.told.single) == (2, 0, 0, None)
    hands.canvas.grab()
    hands.key(Qt.Key.Key_Escape)


def test_nothing_is_told_where_there_is_nothing_to_lie_on(seen: Opened, hands: Watched) -> None:
    ids = hands.put([Box(90, 8, 100, 20), Box(20, 8, 30, 20)])
    hands.choose(ids)
    hands.press((95, 14))
    hands.move((95, 40))
    hands.move((95, 44))
    seen.qtbot.wait(50)
    assert not hands.told
    hands.key(Qt.Key.Key_Escape)


def answer(seen: Opened, hands: Watched) -> Together:
    """What is told of all, once the newest question is answered whole."""
    seen.qtbot.waitUntil(lambda: hands.canvas._layers._comparing._computing.is_idle)
    QApplication.processEvents()
    together = hands.told.together
    assert together is not None
    return together
