"""A full disk, a file that is locked or moved: a sentence, nothing lost, and work goes on afterwards."""

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import UserError
from engine.geometry.shapes import Box
from engine.project import annotations, classes, contents
from engine.project.checking import check
from engine.project.edits import AddAnnotations
from engine.project.history import History
from engine.project.records import Annotation
from engine.project.store import Project
from tests.engine.project.pictures import add_image, png


@pytest.fixture
def image_id(project: Project) -> int:
    with project.atomic():
        classes.add(project, "cell")
        return add_image(project, "a.png", 0)


def box(image_id: int, n: int) -> Annotation:
    return Annotation(0, image_id, 1, Box(n, 0, n + 1, 1))


def limit_pages(project: Project, spare: int) -> None:
    """Let the file grow by so many pages only, as on a disk that is nearly full."""
    n_pages = int(project.value("PRAGMA page_count"))
    project.rows(f"PRAGMA max_page_count = {n_pages + spare}")


def test_a_full_disk_loses_nothing_that_was_saved_and_work_goes_on_once_there_is_room(
    project: Project, path: Path, image_id: int
) -> None:
    history = History(project)
    history.do(AddAnnotations((box(image_id, 0),)))
    limit_pages(project, 0)
    n_saved = 1
    with pytest.raises(UserError, match="disk is full"):
        while True:
            history.do(AddAnnotations(tuple(box(image_id, n) for n in range(20))))
            n_saved += 20
    assert annotations.count(project) == n_saved
    assert check(path).problems == ()
    limit_pages(project, 1000)
    history.do(AddAnnotations((box(image_id, 3),)))
    assert annotations.count(project) == n_saved + 1
    history.undo()
    assert annotations.count(project) == n_saved


def test_a_full_disk_in_the_midst_of_a_large_value(project: Project, path: Path, image_id: int) -> None:
    limit_pages(project, 20)
    with pytest.raises(UserError, match="disk is full"), project.atomic():
        classes.add(project, "lost")
        contents.put(project, bytes(3_000_000))
    assert classes.find(project, "lost") is None
    assert project.value("SELECT COUNT(*) FROM contents") == 1
    assert check(path).problems == ()


def test_a_full_disk_inside_a_nested_block_ends_the_whole_change(project: Project, image_id: int) -> None:
    limit_pages(project, 20)
    with pytest.raises(UserError, match="disk is full"), project.atomic():
        classes.add(project, "lost")
        with project.atomic():
            contents.put(project, bytes(3_000_000))
    assert classes.find(project, "lost") is None
    with project.atomic():
        classes.add(project, "found")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB, where making one is allowed."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    command = [str(mount), "-t", "tmpfs", "-o", "size=2m", "boxwright-test", str(place)]
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("making a small file system is not allowed here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=False)


def test_a_real_full_disk(small_disk: Path) -> None:
    path = small_disk / "a.boxwright"
    with Project.create(path) as project:
        with project.atomic():
            classes.add(project, "cell")
        with pytest.raises(UserError, match=r"disk is full|disk failed"), project.atomic():
            contents.put(project, bytes(3_000_000))
        with pytest.raises(UserError, match=r"cannot be written|disk is full"):
            for n in range(5):
                project.save_copy(small_disk / f"copy {n}.boxwright")
        assert not list(small_disk.glob(".*.part"))
        for copy in small_disk.glob("copy*"):
            copy.unlink()
        with project.atomic():
            classes.add(project, "more")
    assert check(path).problems == ()


HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute(sys.argv[2])
print("held", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def held(project: Project, path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another program that is in the midst of writing; it ends when it is told a line."""
    command = [sys.executable, "-c", HOLD, str(path), "BEGIN EXCLUSIVE"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        yield other
        other.kill()


def test_a_file_locked_for_too_long_is_a_sentence(path: Path, held: subprocess.Popen[str]) -> None:
    with pytest.raises(UserError, match="busy: another program"):
        Project.open(path, patience_ms=30)


def test_a_change_that_finds_the_file_locked_leaves_nothing_and_can_be_repeated(
    project: Project, path: Path, image_id: int
) -> None:
    with Project.open(path, patience_ms=30) as other:
        history, ran = History(other), list[int]()
        with project.atomic():
            with pytest.raises(UserError, match="busy"), other.atomic():
                ran.append(1)
            with pytest.raises(UserError, match="busy"):
                history.do(AddAnnotations((box(image_id, 0),)))
            assert history.next_undo() is None
        assert ran == []  # the lock is asked for first, so that nothing is done for nothing
        history.do(AddAnnotations((box(image_id, 0),)))
        assert annotations.count(project) == 1


def test_a_change_waits_for_another_program_to_end_its_own(path: Path, held: subprocess.Popen[str]) -> None:
    def let_go() -> None:
        held.communicate("go\n")

    timer = threading.Timer(0.2, let_go)
    timer.start()
    with Project.open(path) as project, project.atomic():
        classes.add(project, "cell")
    timer.join()


def test_readers_do_not_keep_a_writer_out(project: Project, path: Path, image_id: int) -> None:
    with Project.open(path, read_only=True) as reader:
        for n in range(3):
            assert annotations.count(reader) == n
            History(project).do(AddAnnotations((box(image_id, n),)))


def test_a_reader_in_the_midst_of_reading_makes_a_writer_wait_and_then_say_so(
    project: Project, path: Path, image_id: int
) -> None:
    with project.atomic():
        for n in range(3):
            classes.add(project, str(n))
    with Project.open(path, patience_ms=30) as writer:
        reading = project.each("SELECT name FROM classes")
        next(reading)
        with pytest.raises(UserError, match="busy"), writer.atomic():
            classes.add(writer, "lost")
        list(reading)
        with writer.atomic():
            classes.add(writer, "kept")
    assert classes.find(project, "lost") is None
    assert classes.find(project, "kept")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not let an open file be moved")
def test_a_file_moved_while_it_is_open_is_noticed_and_can_still_be_saved(
    project: Project, path: Path, tmp_path: Path, image_id: int
) -> None:
    path.rename(tmp_path / "elsewhere.boxwright")
    with pytest.raises(UserError, match="moved or deleted"):
        History(project).do(AddAnnotations((box(image_id, 0),)))
    project.save_copy(path)
    with Project.open(path) as saved:
        assert classes.find(saved, "cell")


def test_a_picture_larger_than_a_chunk_survives(project: Project, path: Path) -> None:
    value = png(1, side=700) * 3
    assert len(value) > 2 * contents.CHUNK_BYTES
    with project.atomic():
        content_id = contents.put(project, value)
    assert contents.get(project, content_id) == value
    assert check(path).problems == ()
