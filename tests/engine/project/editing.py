"""Edits without end, each acknowledged once it is committed: the victim of the crash tests.

What the project holds after n of them follows from n alone, so that nothing can be lost without being noticed.
"""

from pathlib import Path

from engine.geometry.shapes import Box
from engine.project import annotations, contents, presence
from engine.project.edits import AddAnnotations, ChangeAnnotations, RemoveAnnotations
from engine.project.history import History
from engine.project.records import Annotation
from engine.project.store import Project
from tests.crash_harness import Acknowledge

VALUE_BYTES = 100_000


def held_after(n: int) -> dict[int, bool]:
    """Which annotations are there after n edits, by number, and whether each was moved."""
    held: dict[int, bool] = {}
    for step in range(1, n + 1):
        if step % 5 == 0:
            held.pop(step - 3, None)
        elif step % 5 == 4:
            held[step - 1] = True
        else:
            held[step] = False
    return held


def held(project: Project) -> dict[int, bool]:
    """Which annotations are there, as `held_after` tells."""
    return {int(one.attributes["n"]): one.shape.bounds[0] > 0 for one in annotations.of_image(project, 1)}


def count(project: Project) -> int:
    """How many edits are committed."""
    return int(project.value("SELECT value FROM meta WHERE name = 'n'") or 0)


def edit_forever(acknowledge: Acknowledge, path: Path) -> None:
    """Open the project in a window and edit it, from where the last victim was killed."""
    with Project.open(path) as project:
        presence.claim(project)
        history = History(project)
        step = count(project)
        while True:
            step += 1
            with project.atomic():
                _edit(project, history, step)
                project.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('n', ?)", (str(step),))
            acknowledge(str(step))


def _edit(project: Project, history: History, step: int) -> None:
    found = {int(one.attributes["n"]): one for one in annotations.of_image(project, 1)}
    if step % 5 == 0:
        history.do(RemoveAnnotations((found[step - 3].id,)))
    elif step % 5 == 4:
        one = found[step - 1]
        history.do(ChangeAnnotations((Annotation(one.id, 1, 1, Box(1, 0, 2, 1), attributes=one.attributes),)))
    else:
        history.do(AddAnnotations((Annotation(0, 1, 1, Box(0, 0, 1, 1), attributes={"n": step}),)))
        history.undo()
        history.redo()
    if step % 7 == 0:  # a large value, as a checkpoint is, in place of the one before
        contents.release(project)
        contents.put(project, step.to_bytes(4, "little") * (VALUE_BYTES // 4))
