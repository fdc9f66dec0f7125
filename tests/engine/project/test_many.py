"""Many rows in few statements: the same rows as one by one, however many there are."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.project import many
from engine.project.store import Project

COLUMNS = ("run_id", "name", "step", "value")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A project with the run that numbers belong to."""
    with Project.create(tmp_path / "p.boxwright") as project, project.atomic():
        project.execute("INSERT INTO recipes (id, name, json) VALUES (1, '', '{}')")
        project.execute(
            "INSERT INTO runs (id, kind, network, recipe_id, state, created) VALUES (1, 'detector', '', 1, 'done', '')"
        )
        yield project


def stored(project: Project) -> list[tuple[object, ...]]:
    return project.rows("SELECT run_id, name, step, value FROM metrics ORDER BY step")


@pytest.mark.parametrize("n", [0, 1, 499, 500, 501, 1200])
def test_rows_are_put_in_and_changed_by_hundreds(project: Project, n: int) -> None:
    rows = [(1, "loss", step, step / 4) for step in range(n)]
    many.insert(project, "metrics", COLUMNS, rows)
    assert stored(project) == rows
    others = [(*row[:3], -float(row[2])) for row in rows[n // 3 :]]
    many.update(project, "metrics", COLUMNS, others, n_key=3)
    assert stored(project) == [*rows[: n // 3], *others]


def test_rows_that_are_not_there_are_not_changed(project: Project) -> None:
    many.update(project, "metrics", COLUMNS, [(1, "loss", step, 0.0) for step in range(600)], n_key=3)
    assert stored(project) == []


def test_a_change_of_hundreds_looks_each_row_up_by_its_key(project: Project) -> None:
    said: list[str] = []
    project._connection.set_trace_callback(said.append)
    many.update(project, "metrics", COLUMNS, [(1, "loss", step, 0.0) for step in range(500)], n_key=3)
    project._connection.set_trace_callback(None)
    [sql] = [sql for sql in said if sql.startswith("UPDATE")]
    plan = [row[-1] for row in project.rows(f"EXPLAIN QUERY PLAN {sql}")]
    assert any(step.startswith("SEARCH metrics USING") for step in plan)
    assert not any(step.startswith("SCAN metrics") for step in plan)
