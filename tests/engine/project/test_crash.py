"""kill -9 at any moment: no edit that was acknowledged is lost, none is half there, and the file is whole."""

import random
from pathlib import Path

import pytest

from engine.project import classes
from engine.project.checking import check
from engine.project.history import History
from engine.project.store import Project
from tests.crash_harness import function_victim, kill
from tests.engine.project import editing
from tests.engine.project.pictures import add_image

LONGEST = 0.04
"""Seconds that a victim has at most: some commits, any of which may be the one that it dies in."""
MOST_TIMES_AS_MANY = 10
"""So many times as many victims are killed at most, where a busy machine lets few of them get to work."""


@pytest.mark.parametrize("n_kills", [20, pytest.param(200, marks=pytest.mark.slow)])
def test_no_acknowledged_edit_is_lost_when_the_program_is_killed(project: Project, path: Path, n_kills: int) -> None:
    with project.atomic():
        add_image(project, "a.png", 1)
        classes.add(project, "cell")
    project.close()
    chance = random.Random(n_kills)
    n_done, n_unfinished = 0, 0
    for n in range(MOST_TIMES_AS_MANY * n_kills):
        if n >= n_kills and n_done > n_kills and n_unfinished > n_kills / 10:
            break
        lines = kill(function_victim(editing.edit_forever, path), chance, longest=LONGEST)
        acknowledged = int(lines[-1]) if lines else n_done
        n_unfinished += path.with_name(path.name + "-journal").exists()
        with Project.open(path) as left:
            n_done = editing.count(left)
            assert n_done in (acknowledged, acknowledged + 1)
            assert editing.held(left) == editing.held_after(n_done)
        assert check(path).problems == ()
    assert n_done > n_kills  # they did get to work
    assert n_unfinished > n_kills / 10  # and were killed in the midst of it
    with Project.open(path) as left:
        undo_everything(left)


def undo_everything(project: Project) -> None:
    """Every edit that survived can be taken back, one by one."""
    history, n_steps = History(project), int(project.value("SELECT COUNT(*) FROM history WHERE stack = 'undo'"))
    with project.atomic():
        for _ in range(n_steps):
            assert history.undo() is not None
    assert editing.held(project) == {}
