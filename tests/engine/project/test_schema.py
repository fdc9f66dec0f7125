"""The tables: one for every noun that is kept, strict, every reference enforced and found by an index."""

import sqlite3
from pathlib import Path

import pytest

from engine.project import definitions
from engine.project.restorable import TABLES
from engine.project.store import Project

KEPT = {
    "Project": "meta", "Image": "images", "Annotation": "annotations", "Class": "classes", "Detection": "detections",
    "Truth": "run_images", "Recipe": "recipes", "Run": "runs", "Checkpoint": "checkpoints", "Metric": "metrics",
    "Identity": "identities", "Template": "templates", "Embedding": "embeddings", "Gallery": "templates",
    "Trace": "traces", "Stage": "stages", "Edit": "history",
}  # fmt: skip
"""The nouns of the glossary that a project keeps, and where."""


def tables(project: Project) -> list[str]:
    return [name for (name,) in project.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]


def own_tables(project: Project) -> list[str]:
    return [name for name in tables(project) if "sqlite" not in name]


@pytest.mark.parametrize("noun", KEPT)
def test_every_noun_that_is_kept_has_a_table(project: Project, noun: str) -> None:
    assert KEPT[noun] in tables(project)
    import engine

    assert noun in (engine.__doc__ or "")


def test_every_table_is_strict(project: Project) -> None:
    strict: dict[str, int] = dict(project.rows("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'"))
    assert {name for name in own_tables(project) if not strict[name]} == set()


def test_every_reference_has_an_index_so_that_dropping_a_row_scans_no_table(project: Project) -> None:
    for table in own_tables(project):
        for column in {row[0] for row in project.rows('SELECT "from" FROM pragma_foreign_key_list(?)', (table,))}:
            plan = project.rows(f"EXPLAIN QUERY PLAN SELECT 1 FROM {table} WHERE {column} = 1")
            assert all("SEARCH" in row[-1] for row in plan), (table, column, plan)


def test_everything_that_falls_with_a_restorable_row_is_restorable(project: Project) -> None:
    """Else undo would lose it silently. Surveys are measured anew, and triggers drop them."""
    for child, parent, action in project.rows(
        'SELECT m.name, f."table", f.on_delete FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f '
        "WHERE m.type = 'table'"
    ):
        if parent in TABLES and action in ("CASCADE", "SET NULL"):
            assert child in TABLES, (child, parent)
    assert set(tables(project)) >= TABLES


def test_ids_that_must_never_come_back_do_not(project: Project) -> None:
    for table in ("images", "classes", "annotations", "detections", "runs", "checkpoints", "history", "identities"):
        sql = project.value("SELECT sql FROM sqlite_master WHERE name = ?", (table,))
        assert "AUTOINCREMENT" in sql, table


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO images (name, sha256, width, height, created) VALUES ('a', printf('%064d', 1), 1, 1, '')",
        "INSERT INTO images (name, sha256, link, width, height, created) VALUES ('a', 'short', 'a', 1, 1, '')",
        "INSERT INTO images (name, sha256, link, width, height, created, split) "
        "VALUES ('a', printf('%064d', 1), 'a', 1, 1, '', 'training')",
        "INSERT INTO images (name, sha256, link, width, height, created, orientation) "
        "VALUES ('a', printf('%064d', 1), 'a', 1, 1, '', 9)",
        "INSERT INTO contents (sha256, size) VALUES (printf('%064d', 1), -1)",
        "INSERT INTO tags (name) VALUES (x'00')",
        "INSERT INTO classes (name, colour, position) VALUES ('a', '#000000', 'first')",
        "INSERT INTO windows VALUES (2, '', '', '')",
    ],
)
def test_values_that_make_no_sense_are_refused(project: Project, statement: str) -> None:
    with pytest.raises(sqlite3.IntegrityError), project.atomic():
        project.execute(statement)


def test_definitions_are_what_a_new_file_has(project: Project) -> None:
    assert project.definition_faults() == {}
    assert {name for name in definitions.definitions() if name in tables(project)} == set(own_tables(project))


def test_an_empty_project_is_small(project: Project, path: Path) -> None:
    assert path.stat().st_size < 1_500_000
