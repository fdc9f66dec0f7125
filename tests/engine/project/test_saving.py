"""A copy is whole or not there, and never lands on a project that someone has open."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from engine.errors import UserError
from engine.project import classes, contents, presence, saving, snapshots
from engine.project.checking import check
from engine.project.store import Project
from tests.engine.project.test_presence import window


def test_a_copy_holds_everything_and_is_open_in_no_window(filled: Path) -> None:
    target = filled.with_name("copy.boxwright")
    with Project.open(filled) as project, presence.claim(project, anyway=True):
        saving.save_copy(project, target)
        dump = list(project._connection.iterdump())
    assert check(target).problems == ()
    with Project.open(target) as copy:
        assert copy.value("SELECT COUNT(*) FROM windows") == 0
        left_out = 'INSERT INTO "windows"'
        assert [line for line in dump if left_out not in line] == list(copy._connection.iterdump())
    assert not list(filled.parent.glob(".*"))


def test_copying_tells_how_far_it_is(project: Project, path: Path) -> None:
    with project.atomic():
        contents.put(project, bytes(20_000_000))
    told: list[float] = []
    saving.save_copy(project, path.with_name("copy.boxwright"), tell=told.append)
    assert len(told) > 1
    assert told == sorted(told)
    assert told[-1] == 1


def test_edits_made_while_copying_go_on_and_the_copy_is_whole(project: Project, path: Path) -> None:
    with project.atomic():
        contents.put(project, bytes(20_000_000))
    target, names = path.with_name("copy.boxwright"), iter("abcdefghijk")
    with Project.open(path) as writer:

        def edit(done: float) -> None:
            if done < 0.6 and (name := next(names, None)):
                with writer.atomic():
                    classes.add(writer, name)

        saving.save_copy(project, target, tell=edit)
    assert check(target).problems == ()


def test_a_copy_never_replaces_a_file_unasked(project: Project, path: Path) -> None:
    target = path.with_name("copy.boxwright")
    target.write_bytes(b"dear")
    with pytest.raises(UserError, match="already exists"):
        saving.save_copy(project, target)
    assert target.read_bytes() == b"dear"
    saving.save_copy(project, target, replace=True)
    assert check(target).problems == ()


def test_a_copy_never_replaces_the_project_itself(project: Project, path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.boxwright"
    link.symlink_to(path)
    for target in (path, link, tmp_path / "." / path.name):
        with pytest.raises(UserError, match="the project itself"):
            saving.save_copy(project, target, replace=True)


def test_a_copy_never_replaces_a_project_that_is_open_in_a_window(project: Project, tmp_path: Path) -> None:
    other = tmp_path / "other.boxwright"
    Project.create(other).close()
    with window(other):
        with pytest.raises(presence.InUseError, match="is in use"):
            saving.save_copy(project, other, replace=True)
        assert check(other).problems == ()


def test_a_copy_that_fails_leaves_what_was_there(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "copy.boxwright"
    target.write_bytes(b"dear")

    def interrupted(_: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(snapshots, "_sync", interrupted)
    with pytest.raises(UserError, match="No space left on device"):
        saving.save_copy(project, target, replace=True)
    assert target.read_bytes() == b"dear"
    assert not list(tmp_path.glob(".*"))


def test_a_copy_into_a_folder_that_is_not_there(project: Project, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be opened"):
        saving.save_copy(project, tmp_path / "none" / "copy.boxwright")


def test_a_damaged_project_is_not_copied_as_if_it_were_whole(filled: Path) -> None:
    with Project.open(filled) as project:
        root = int(project.value("SELECT rootpage FROM sqlite_master WHERE name = 'annotations_of_image'"))
        page_size = int(project.value("PRAGMA page_size"))
    broken = bytearray(filled.read_bytes())
    broken[(root - 1) * page_size : (root - 1) * page_size + 8] = b"\xff" * 8
    filled.write_bytes(broken)
    target = filled.with_name("copy.boxwright")
    with Project.open(filled) as project, pytest.raises(UserError, match="damaged"):
        saving.save_copy(project, target)
    assert not target.exists()


@pytest.mark.parametrize("taken", [0, 1, 3])
def test_a_free_name(tmp_path: Path, taken: int) -> None:
    wanted = tmp_path / "a.boxwright"
    names = ["a.boxwright", "a-2.boxwright", "a-3.boxwright", "a-4.boxwright"]
    for name in names[:taken]:
        (tmp_path / name).touch()
    assert snapshots.free_name(wanted).name == names[taken]


def test_a_file_copied_by_other_means_at_any_moment_is_whole(project: Project, path: Path, tmp_path: Path) -> None:
    """A backup program takes the file alone, whatever goes on: every commit is in it, and no transaction half."""
    for n in range(5):
        with project.atomic():
            classes.add(project, f"class {n}")
        shutil.copy(path, tmp_path / "backup.boxwright")
        with Project.open(tmp_path / "backup.boxwright") as backup:
            assert len(classes.all_classes(backup)) == n + 1
    assert sqlite3.sqlite_version_info >= (3, 37)
