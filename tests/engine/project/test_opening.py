"""What is opened, refused, migrated; and that a failed migration leaves the file as it was, with no half copy."""

import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from engine.errors import UserError
from engine.project import classes, definitions, opening, schema
from engine.project.checking import check
from engine.project.store import Project
from tests.engine.project.cutting import leave_unfinished

SETTINGS = {
    "journal_mode": "delete",
    "synchronous": 3,  # EXTRA
    "foreign_keys": 1,
    "secure_delete": 1,
    "trusted_schema": 0,
    "temp_store": 2,
    "busy_timeout": opening.PATIENCE_MS,
    "page_size": opening.PAGE_SIZE,
    "application_id": opening.APPLICATION_ID,
    "user_version": schema.VERSION,
}


@pytest.mark.parametrize(("setting", "expected"), SETTINGS.items())
def test_settings_hold_in_a_new_file_and_in_an_opened_one(
    project: Project, path: Path, setting: str, expected: object
) -> None:
    assert project.value(f"PRAGMA {setting}") == expected
    with Project.open(path) as opened:
        assert opened.value(f"PRAGMA {setting}") == expected
    with Project.open(path, read_only=True) as opened:
        assert opened.value(f"PRAGMA {setting}") == expected


def test_a_new_project_never_replaces_a_file(path: Path) -> None:
    path.write_bytes(b"something dear")
    with pytest.raises(UserError, match="already exists"):
        Project.create(path)
    assert path.read_bytes() == b"something dear"


def test_a_new_project_needs_its_folder(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no folder"):
        Project.create(tmp_path / "none" / "a.boxwright")


def test_a_failed_start_leaves_no_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Database) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(schema.MIGRATIONS, "apply", broken)
    with pytest.raises(ZeroDivisionError):
        Project.create(path)
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("name", ["ä ö ü.boxwright", "a%20b?c#d.boxwright", "'quoted' \"twice\".boxwright"])
def test_any_name_will_do(tmp_path: Path, name: str) -> None:
    with Project.create(tmp_path / name) as project, project.atomic():
        classes.add(project, "cell")
    with Project.open(tmp_path / name) as project:
        assert classes.find(project, "cell")
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("data", [b"", b"no database", b"SQLite format 3\0", os.urandom(20_000)])
def test_what_is_no_project_is_refused_and_left_alone(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    with pytest.raises(UserError, match=r"no Boxwright project|damaged"):
        Project.open(path)
    assert path.read_bytes() == data


def test_a_folder_or_nothing_is_refused(tmp_path: Path) -> None:
    for missing in (tmp_path, tmp_path / "none.boxwright"):
        with pytest.raises(UserError, match="no project file"):
            Project.open(missing)


def test_another_programs_database_is_left_as_it_is(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE bookmarks (url)")
    before = path.read_bytes()
    with pytest.raises(UserError, match="no Boxwright project"):
        Project.open(path)
    assert path.read_bytes() == before


def test_a_newer_file_is_refused_with_a_sentence(project: Project, path: Path) -> None:
    project.close()
    set_version(path, schema.VERSION + 1)
    before = path.read_bytes()
    with pytest.raises(UserError, match=r"newer Boxwright \(file version 3, this one reads up to 2\)") as caught:
        Project.open(path)
    assert caught.value.hint == "Update Boxwright to open it."
    assert path.read_bytes() == before


def test_a_file_with_other_tables_opens_read_only_at_most(project: Project, path: Path) -> None:
    with project.atomic():
        classes.add(project, "cell")
        project.execute("CREATE TRIGGER thief AFTER INSERT ON annotations BEGIN DELETE FROM images; END")
    project.close()
    with pytest.raises(UserError, match="definition of thief"):
        Project.open(path)
    with Project.open(path, read_only=True) as reader:
        assert classes.find(reader, "cell")


@pytest.mark.parametrize("mode", [0o444, 0o400])
def test_a_file_nobody_may_write_opens_read_only_even_for_root(project: Project, path: Path, mode: int) -> None:
    project.close()
    path.chmod(mode)
    before = path.read_bytes()
    with Project.open(path) as reader:
        assert reader.is_read_only
        with pytest.raises(UserError, match="read-only"), reader.atomic():
            pass
    assert path.read_bytes() == before
    path.chmod(0o644)
    with Project.open(path) as writer:
        assert not writer.is_read_only


@pytest.mark.skipif(os.geteuid() == 0 if hasattr(os, "geteuid") else True, reason="root may write anywhere")
def test_a_file_in_a_folder_nobody_may_write_opens_read_only(project: Project, path: Path) -> None:
    project.close()
    path.parent.chmod(0o555)
    try:
        with Project.open(path) as reader:
            assert reader.is_read_only
    finally:
        path.parent.chmod(0o755)


def test_a_folder_that_cannot_be_written_means_read_only(
    project: Project, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.close()
    allowed = os.access
    monkeypatch.setattr(os, "access", lambda where, mode: where != path.parent and allowed(where, mode))
    with Project.open(path) as reader:
        assert reader.is_read_only


def test_an_unfinished_change_in_a_read_only_file_is_explained(project: Project, tmp_path: Path) -> None:
    left = tmp_path / "left.boxwright"
    leave_unfinished(project, left)
    left.chmod(0o444)
    with pytest.raises(UserError, match="unfinished change"):
        Project.open(left)
    left.chmod(0o644)
    with Project.open(left) as project_left:
        assert project_left.rows("SELECT * FROM tags") == []


# Migrations, with another one that the future may bring.


def set_version(path: Path, version: int) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {version}")


@pytest.fixture
def future(monkeypatch: pytest.MonkeyPatch) -> Migrations:
    """Today's migrations, to which a test adds one; the program believes that it is of the next version."""
    migrations = Migrations("boxwright")
    for name, migration in {"v1": schema.v1, "v2": schema.v2}.items():
        migrations(name=name)(migration)
    monkeypatch.setattr(schema, "MIGRATIONS", migrations)
    monkeypatch.setattr(schema, "VERSION", schema.VERSION + 1)
    definitions.definitions.cache_clear()
    monkeypatch.setattr(definitions, "definitions", definitions.definitions.__wrapped__)
    return migrations


def filled_today(project: Project) -> None:
    with project.atomic():
        classes.add(project, "cell")
    project.close()


def test_an_older_file_is_migrated_after_a_copy_was_put_beside_it(
    project: Project, path: Path, future: Migrations
) -> None:
    filled_today(project)
    before = path.read_bytes()

    @future()
    def v3(db: Database) -> None:
        db.execute("ALTER TABLE classes ADD COLUMN note TEXT NOT NULL DEFAULT 'none yet'")

    with Project.open(path) as opened:
        assert opened.value("SELECT note FROM classes") == "none yet"
        assert opened.value("PRAGMA user_version") == 3
    copy = path.with_name("project.version-2.boxwright")
    assert sorted(path.parent.iterdir()) == [path, copy]
    assert content_of(copy) == content_of_bytes(before, path.parent / "before")
    with Project.open(path):
        pass
    assert sorted(path.parent.glob("*.boxwright")) == [path, copy]  # only once
    assert check(path).problems == ()


def content_of(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def content_of_bytes(data: bytes, path: Path) -> list[str]:
    path.write_bytes(data)
    return content_of(path)


def test_a_failed_migration_leaves_the_file_as_it_was(project: Project, path: Path, future: Migrations) -> None:
    filled_today(project)
    before = content_of(path)

    @future()
    def v3(db: Database) -> None:
        db.execute("DELETE FROM classes")
        db.execute("CREATE TABLE half_done (a)")
        raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            Project.open(path)
    assert content_of(path) == before
    assert list(path.parent.iterdir()) == [path]


def test_a_migration_that_breaks_references_is_rolled_back(project: Project, path: Path, future: Migrations) -> None:
    with project.atomic():
        parent = classes.add(project, "cell")
        classes.add(project, "part")
        project.execute("UPDATE classes SET parent_id = ? WHERE name = 'part'", (parent,))
    project.close()
    before = content_of(path)

    @future()
    def v3(db: Database) -> None:
        db.execute("UPDATE classes SET parent_id = 99 WHERE parent_id IS NOT NULL")

    with pytest.raises(UserError, match="no longer in"):
        Project.open(path)
    assert content_of(path) == before


def test_no_copy_no_migration(
    project: Project, path: Path, future: Migrations, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled_today(project)
    before = content_of(path)

    @future()
    def v3(db: Database) -> None:
        db.execute("CREATE TABLE more (a)")

    def full_disk(*_: object) -> None:
        raise UserError("The disk is full.")

    monkeypatch.setattr("engine.project.snapshots.take", full_disk)
    with pytest.raises(UserError, match="disk is full"):
        Project.open(path)
    assert content_of(path) == before


def test_an_earlier_copy_is_never_overwritten(project: Project, path: Path, future: Migrations) -> None:
    filled_today(project)
    earlier = path.with_name("project.version-2.boxwright")
    earlier.write_bytes(b"dear")

    @future()
    def v3(db: Database) -> None:
        db.execute("CREATE TABLE more (a)")

    Project.open(path).close()
    assert earlier.read_bytes() == b"dear"
    assert path.with_name("project.version-2-2.boxwright").exists()


def test_an_older_file_that_is_read_only_says_so(project: Project, path: Path, future: Migrations) -> None:
    filled_today(project)
    with pytest.raises(UserError, match="older version and read-only"):
        Project.open(path, read_only=True)


def test_the_file_is_known_by_its_first_bytes(project: Project, path: Path) -> None:
    assert re.fullmatch(rb"BXWR", path.read_bytes()[68:72])
