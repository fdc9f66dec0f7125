"""kill -9 of the real window while a person draws: no box that it said was saved is lost, and the file is whole."""

import random
import sys
from pathlib import Path

import pytest

from engine.project import annotations
from engine.project.checking import check
from engine.project.store import Project
from tests.crash_harness import command_victim, kill
from tests.studio import projects


@pytest.mark.slow
@pytest.mark.parametrize("n_kills", [8])
def test_nothing_saved_is_lost_when_the_window_is_killed(tmp_path: Path, n_kills: int) -> None:
    path = projects.make(tmp_path / "p.boxwright")
    assert killed(path, n_kills) >= n_kills


def killed(path: Path, n_kills: int) -> int:
    """Kill the window so often while it draws, and look into the file each time; returns how many boxes it drew."""
    chance = random.Random(n_kills)
    before = n_held = held(path)
    command = [sys.executable, "-m", "tests.flows.drawing", str(path), str(path.with_suffix(".ini"))]
    for _ in range(n_kills):
        lines = kill(command_victim(command, cwd=Path(__file__).parents[2]), chance, longest=0.5)
        acknowledged = int(lines[-1]) if lines else n_held
        n_held = held(path)
        assert n_held in (acknowledged, acknowledged + 1)
        assert check(path).problems == ()
    return n_held - before


def held(path: Path) -> int:
    """How many annotations the file has."""
    with Project.open(path) as project:
        return annotations.count(project)


if __name__ == "__main__":  # python -m tests.flows.test_killed PROJECT 200
    print(killed(Path(sys.argv[1]), int(sys.argv[2])), "boxes drawn and kept")
