"""What runs while a person scrolls or draws never reads a whole table: SQLite's own plans say so."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.geometry.shapes import Box
from engine.project import annotations, contents, detections, images, listings, runs
from engine.project.edits import AddAnnotations, ChangeAnnotations, DecideDetections, RemoveAnnotations, SetImages
from engine.project.history import History
from engine.project.records import Annotation, Detection
from engine.project.store import Project

SMALL = {"classes", "identities", "authors", "runs", "recipes", "sqlite_master", "sqlite_sequence", "tags", "windows"}
"""Tables that may be read whole: they have as many rows as a person makes by hand."""

QUESTIONS: dict[str, Callable[[Project], object]] = {
    "annotations of an image": lambda project: annotations.of_image(project, 1),
    "annotations by id": lambda project: annotations.get(project, [1, 2]),
    "detections of an image": lambda project: detections.of_image(project, 1),
    "detections of an image by a run": lambda project: detections.of_image(project, 1, 1),
    "detections by id": lambda project: detections.get(project, [1]),
    "an image": lambda project: images.get(project, 1),
    "an image by its bytes": lambda project: images.find(project, "0" * 64),
    "an image by its name": lambda project: images.named(project, "1.png"),
    "its bytes": lambda project: images.read(project, images.get(project, 1)),
    "its thumbnail": lambda project: images.thumbnail(project, 1),
    "its tags": lambda project: images.tags(project, 1),
    "rows in sight": lambda project: images.listed(project, [1, 2, 3]),
    "shapes in the list": lambda project: listings.annotations_of(project, 1),
    "suggestions in the list": lambda project: listings.suggestions_of(project, 1, None),
    "metrics since the last step": lambda project: runs.metrics(project, 1, after_step=0),
    "best weights": lambda project: runs.checkpoint(project, 1),
    "releasing bytes": lambda project: contents.release(project, [1]),
    "next undo": lambda project: History(project).next_undo(),
    "new suggestions": lambda project: detections.put(project, 1, 1, [Detection(0, 1, 1, 0.5, Box(0, 0, 1, 1))]),
    "adding": lambda project: History(project).do(AddAnnotations((Annotation(0, 1, 1, Box(0, 0, 1, 1)),))),
    "changing": lambda project: History(project).do(ChangeAnnotations((Annotation(1, 1, 1, Box(0, 0, 1, 1)),))),
    "removing": lambda project: History(project).do(RemoveAnnotations((1,))),
    "deciding": lambda project: History(project).do(DecideDetections((4,), "accepted")),
    "marking an image done": lambda project: History(project).do(SetImages((1,), state="done")),
    "undoing": lambda project: History(project).undo(),
}


@pytest.fixture
def asked(filled: Path) -> Iterator[tuple[Project, list[str]]]:
    """A filled project, and the statements it was asked from then on."""
    with Project.open(filled) as project, project.atomic():
        statements: list[str] = []
        project._connection.set_trace_callback(statements.append)
        yield project, statements
        project._connection.set_trace_callback(None)


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_table_is_read_whole(asked: tuple[Project, list[str]], name: str) -> None:
    project, statements = asked
    QUESTIONS[name](project)
    project._connection.set_trace_callback(None)
    asks = [sql for sql in statements if re.match(r"\s*(SELECT|UPDATE|DELETE)", sql) and "pragma_" not in sql]
    assert asks
    for sql in asks:
        steps = [row[-1] for row in project.rows(f"EXPLAIN QUERY PLAN {sql}")]
        scanned = {match[1] for step in steps if (match := re.match(r"SCAN (\w+)", step))} - {"json_each"}
        assert {table_called(sql, alias) for alias in scanned} <= SMALL, (sql, steps)


def table_called(sql: str, alias: str) -> str:
    """The table that a statement calls by an alias, or by its name."""
    match = re.search(rf"\b(?:FROM|JOIN|UPDATE) (\w+) (?:AS )?{alias}\b", sql)
    return match[1] if match else alias


def test_the_test_sees_a_scan(asked: tuple[Project, list[str]]) -> None:
    project, _ = asked
    (step,) = project.rows("EXPLAIN QUERY PLAN SELECT * FROM annotations a WHERE area > 5")
    assert re.match(r"SCAN (\w+)", step[-1])
    assert table_called("SELECT * FROM annotations a WHERE area > 5", "a") == "annotations"
