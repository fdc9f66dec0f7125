"""What was missed on a split: a table that grows, is sorted and leads to images; counts that add up."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.inspecting.misses import Begun, Examined, Miss, SplitAutopsy
from engine.progress import Progress
from engine.tracing.verdicts import LOSSES, TITLES, Asked, Loss
from studio.inspector.misses_table import LossTable, MissTable
from studio.inspector.split_misses import SplitMisses
from studio.jobs import Jobs
from studio.session import Session
from tests.studio import projects


def miss(image_id: int, loss: Loss, class_name: str = "cell") -> Miss:
    return Miss(image_id, f"{image_id}.png", 10 + image_id, 1, class_name, loss, "Words.", "NMS IoU", 0.6, "found")


def examined(image_id: int, *misses: Miss) -> Examined:
    return Examined(image_id, 4, misses, is_replayed=True, is_tiled=False, progress=Progress(image_id, 3))


BEGUN = Begun(1, "val", "bbox", Asked(), 3)
ALL = (
    examined(1, miss(1, "nms"), miss(1, "anchors", "Nucleus")),
    examined(2, miss(2, "nms")),
    examined(3, miss(3, "score")),
)


@pytest.fixture
def table(qtbot: QtBot) -> MissTable:
    made = MissTable()
    qtbot.addWidget(made)
    made.resize(700, 300)
    made.show()
    return made


def shown(table: MissTable) -> list[tuple[int, Loss]]:
    rows = (table.miss(row) for row in range(table.shown.rowCount()))
    return [(each.image_id, each.loss) for each in rows]


def test_rows_grow_are_sorted_and_filtered(table: MissTable, qtbot: QtBot) -> None:
    table.rows.show_misses(BEGUN.done(ALL[:1]).misses)
    table.rows.show_misses(BEGUN.done(ALL).misses)
    assert shown(table) == [(1, "nms"), (1, "anchors"), (2, "nms"), (3, "score")], "as they were looked at"
    table.sortByColumn(2, Qt.SortOrder.AscendingOrder)
    losses = [loss for _, loss in shown(table)]
    assert losses == sorted(losses, key=LOSSES.index), "in the order of a pass"
    table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    assert shown(table)[0] == (1, "anchors")
    table.shown.show_only("nms")
    assert {each for each, _ in shown(table)} == {1, 2}
    opened: list[Miss] = []
    table.opened.connect(opened.append)
    table.setFocus()
    table.selectRow(1)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert opened == [table.miss(1)]
    table.rows.show_misses(())
    assert shown(table) == []


def test_rows_say_where_and_what_would_help(table: MissTable) -> None:
    table.rows.show_misses(ALL[0].misses)
    model = table.shown
    texts = [model.index(0, column).data() for column in range(model.columnCount())]
    assert texts == ["1.png", "cell", TITLES["nms"], "NMS IoU 0.6", "Found"]
    assert model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole) == "Words."


def test_counts_add_up_and_pick(qtbot: QtBot) -> None:
    counts = LossTable()
    qtbot.addWidget(counts)
    found = BEGUN.done(ALL)
    counts.show_counts(found)
    lines = [[item.text() for column in range(3) if (item := counts.item(row, column))] for row in range(5)]
    assert lines == [
        ["All", "12", "100.0%"], ["Found", "8", "66.7%"], [TITLES["anchors"], "1", "8.3%"],
        [TITLES["score"], "1", "8.3%"], [TITLES["nms"], "2", "16.7%"],
    ]  # fmt: skip
    assert sum(int(line[1]) for line in lines[1:]) == 12
    heard: list[Loss | None] = []
    counts.picked.connect(heard.append)
    counts.selectRow(4)
    counts.show_counts(BEGUN.done(ALL[1:]))
    assert counts.chosen == "nms", "more of it leaves what is chosen"
    counts.selectRow(0)
    assert heard == ["nms", None]
    counts.show_counts(None)
    assert counts.rowCount() == 0


def test_a_job_fills_it_and_what_came_before_a_stop_stays(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, jobs = Session("Ada"), Jobs()
    session.open(projects.make(tmp_path / "p.boxwright", 2))
    misses = SplitMisses(session, jobs)
    monkeypatch.setattr("studio.inspector.split_misses.AUTOPSIES", "tests.studio.works:autopsies")
    try:
        misses.look_into(1, "val")
        assert misses.is_busy
        qtbot.waitUntil(lambda: misses.found is not None and misses.found.n_images == 1, timeout=20_000)
        misses.stop()
        qtbot.waitUntil(lambda: not misses.is_busy, timeout=10_000)
        found = misses.found
        assert isinstance(found, SplitAutopsy)
        assert (found.n_truths, len(found.misses), found.n_waiting) == (4, 1, 2)
        session.close()
        assert misses.found is None
    finally:
        jobs.finish()
        session.close()
