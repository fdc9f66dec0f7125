"""Work runs to its result, tells how far it is, and is closed when the listener breaks off."""

from dataclasses import dataclass

import pytest

from engine.progress import Progress, Work, finish, progress_of


@dataclass(frozen=True)
class StepDone:
    step: int
    progress: Progress


def counting(to: int, log: list[str]) -> Work[str]:
    try:
        for number in range(to):
            yield Progress(number, to)
        return "all"
    finally:
        log.append("closed")


def test_finish_hears_every_event_and_returns_the_result() -> None:
    heard: list[Progress] = []
    assert finish(counting(3, []), heard.append) == "all"
    assert heard == [Progress(0, 3), Progress(1, 3), Progress(2, 3)]


def test_what_the_listener_raises_closes_the_work() -> None:
    log: list[str] = []

    def refuse(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        finish(counting(3, log), refuse)
    assert log == ["closed"]


def test_progress_is_found_in_any_event() -> None:
    assert progress_of(Progress(1, 2)) == Progress(1, 2)
    assert progress_of(StepDone(4, Progress(4, None))) == Progress(4, None)
    assert progress_of("words") is None
