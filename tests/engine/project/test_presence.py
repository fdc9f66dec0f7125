"""Who has the file open in a window; and what happens at the first opening after a window was killed."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.errors import UserError
from engine.project import opening, presence, runs
from engine.project.processes import Process
from engine.project.store import Project

WINDOW = """
import sys
from pathlib import Path
from engine.project import presence, runs
from engine.project.store import Project

project = Project.open(Path(sys.argv[1]))
claim = presence.claim(project)
with project.atomic():
    runs.set_state(project, runs.add(project, "detector", "mask_rcnn", "{}"), "running")
print("open", flush=True)
if sys.stdin.readline() == "close\\n":
    claim.release()
"""


@contextmanager
def window(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the project open, with a run going on, until it is told 'close' or killed."""
    command = [sys.executable, "-c", WINDOW, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        yield other
        other.kill()


def test_the_first_window_gets_the_project_and_lets_it_go(project: Project) -> None:
    assert presence.holder(project) is None
    claim = presence.claim(project)
    assert not claim.was_cut_off
    assert claim.interrupted == ()
    assert project.value("SELECT COUNT(*) FROM windows") == 1
    claim.release()
    claim.release()
    assert project.value("SELECT COUNT(*) FROM windows") == 0


def test_a_second_window_is_told_who_has_it_and_may_open_it_anyway(project: Project, path: Path) -> None:
    with window(path) as other:
        held = presence.holder(project)
        assert held is not None
        assert held.process.pid == other.pid
        with pytest.raises(
            presence.InUseError, match=r"has it open on .* since 20\d\d-\d\d-\d\d \d\d:\d\d UTC"
        ) as caught:
            presence.claim(project)
        assert caught.value.holder == held
        with presence.claim(project, anyway=True) as mine:
            assert not mine.was_cut_off
            assert mine.interrupted == ()  # its run goes on
            other.communicate("close\n")
            assert project.value("SELECT process FROM windows") == str(Process.current())  # what is ours stays
        assert presence.holder(project) is None


def test_a_window_that_was_closed_is_not_there(project: Project, path: Path) -> None:
    with window(path) as other:
        other.communicate("close\n")
    assert presence.holder(project) is None
    with presence.claim(project) as claim:
        assert not claim.was_cut_off
        assert len(claim.interrupted) == 1  # it closed, but its run never ended


def test_after_a_window_was_killed_the_file_is_checked_and_its_run_marked(project: Project, path: Path) -> None:
    with window(path) as other:
        other.kill()
        other.wait()
    assert presence.holder(project) is None
    with presence.claim(project) as claim:
        assert claim.was_cut_off
        assert claim.is_checked
        (run_id,) = claim.interrupted
    run = runs.get(project, run_id)
    assert run.state == "interrupted"
    assert run.ended is not None
    with presence.claim(project) as claim:
        assert not claim.was_cut_off
        assert claim.interrupted == ()


def test_a_damaged_file_is_not_gone_on_with_after_a_crash(project: Project, path: Path) -> None:
    with window(path) as other:
        other.kill()
        other.wait()
    root = int(project.value("SELECT rootpage FROM sqlite_master WHERE name = 'annotations_of_image'"))
    project.close()
    broken = bytearray(path.read_bytes())
    broken[(root - 1) * opening.PAGE_SIZE : (root - 1) * opening.PAGE_SIZE + 8] = b"\xff" * 8
    path.write_bytes(broken)
    with Project.open(path) as damaged, pytest.raises(UserError, match="not closed cleanly and is damaged"):
        presence.claim(damaged)


def test_a_large_file_is_checked_later(project: Project, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with window(path) as other:
        other.kill()
        other.wait()
    monkeypatch.setattr(presence, "CHECKED_AT_ONCE", 0)
    with presence.claim(project) as claim:
        assert claim.was_cut_off
        assert not claim.is_checked
    presence.verify(project)
    with presence.claim(project) as claim:
        assert claim.is_checked


def test_another_computers_window_is_believed(project: Project) -> None:
    with project.atomic():
        project.execute(
            "INSERT INTO windows VALUES (1, ?, 'anna', '2025-03-01T14:05:06.000+00:00')",
            (str(Process("desk-7", 12, "x")),),
        )
    assert str(presence.holder(project)) == "anna has it open on desk-7 since 2025-03-01 14:05 UTC"


def test_a_damaged_row_holds_nobody_off(project: Project) -> None:
    with project.atomic():
        project.execute("INSERT INTO windows VALUES (1, 'what', 'anna', '')")
    assert presence.holder(project) is None
    with presence.claim(project) as claim:
        assert claim.was_cut_off


def test_a_run_of_a_living_process_is_not_interrupted(project: Project) -> None:
    with project.atomic():
        run_id = runs.add(project, "detector", "mask_rcnn", "{}")
        runs.set_state(project, run_id, "running")
        assert runs.mark_interrupted(project) == []
    assert runs.get(project, run_id).state == "running"


def test_nobody_claims_a_file_that_is_read_only(project: Project, path: Path) -> None:
    with Project.open(path, read_only=True) as reader:
        assert presence.holder(reader) is None
        with pytest.raises(UserError, match="read-only"):
            presence.claim(reader)
