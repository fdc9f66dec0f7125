"""What is worked out beside the gallery never keeps the window waiting, not even when its project is left."""

import threading
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.errors import UserError
from tests.studio import projects
from tests.studio.windows import Opened

_SECONDS = 20
"""After so long the thought is over anyway, lest a window that waits for it wait for good."""


@pytest.mark.parametrize("goes_on", ["with another project", "without any"])
def test_a_project_is_left_while_something_is_thought_about(
    seen: Opened, tmp_path: Path, qtbot: QtBot, goes_on: str
) -> None:
    seen.open(projects.make(tmp_path / "one.boxwright"))
    may_end, has_ended, begun = (threading.Event() for _ in range(3))
    heard = list[object]()

    def think(_: object) -> int:
        begun.set()
        may_end.wait(_SECONDS)
        has_ended.set()
        return 1

    seen.studio.faces.think("long", think, heard.append)
    assert begun.wait(_SECONDS)
    if goes_on == "without any":
        seen.session.close()
    else:
        seen.open(projects.make(tmp_path / "two.boxwright"))
        seen.studio.faces.think("short", lambda project: project.path.name, heard.append)
        qtbot.waitUntil(lambda: bool(heard), timeout=10_000)
        assert heard == ["two.boxwright"]
    assert not has_ended.is_set()
    may_end.set()
    qtbot.waitUntil(lambda: not any(each.is_at_work for each in seen.studio.faces._weighing._left), timeout=10_000)
    assert 1 not in heard


def test_a_thought_that_fails_is_told(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    seen.open(projects.make(tmp_path / "one.boxwright"))

    def fail(_: object) -> None:
        raise UserError("Nothing comes of it.")

    with qtbot.waitSignal(seen.session.failed, timeout=10_000) as told:
        seen.studio.faces.think("bad", fail, lambda _: None)
    assert "Nothing comes of it." in str(told.args[0])
