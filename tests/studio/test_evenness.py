"""Garbage is collected little by little, and nothing of it is left behind."""

import gc
import sys
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.evenness import Evenness


class Knot:
    """Garbage that only a collection finds."""

    def __init__(self) -> None:
        self.itself = self


def made_in_turns(evenness: Evenness) -> list[Knot]:
    """What work of some seconds makes and keeps, between turns of the window."""
    made = []
    for _ in range(40):
        made += [Knot() for _ in range(2_500)]
        evenness._tidy()
    return made


@pytest.fixture
def evenness(qapp: QApplication) -> Iterator[Evenness]:
    before = gc.isenabled(), sys.getswitchinterval(), gc.get_freeze_count()
    made = Evenness(qapp)
    yield made
    made.finish()
    assert (gc.isenabled(), sys.getswitchinterval(), gc.get_freeze_count()) == before


def test_nothing_is_ever_gone_through_whole_by_itself(evenness: Evenness) -> None:
    n_before = gc.get_stats()[2]["collections"]
    kept = [Knot() for _ in range(200_000)]
    assert gc.get_stats()[2]["collections"] == n_before and len(kept) == 200_000


def test_many_that_live_are_set_aside_before_they_are_gone_through_again(evenness: Evenness) -> None:
    n_gone_through = list[int]()

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "start" and info["generation"] == 1:
            n_gone_through.append(len(gc.get_objects(generation=1)))

    gc.callbacks.append(note)  # type: ignore[arg-type]
    try:
        n_aside, kept = gc.get_freeze_count(), made_in_turns(evenness)
    finally:
        gc.callbacks.remove(note)  # type: ignore[arg-type]
    assert gc.get_freeze_count() > n_aside + len(kept) // 2
    assert max(n_gone_through, default=0) <= 20_000


def test_garbage_of_a_thread_is_collected_by_the_thread_of_the_window(evenness: Evenness, qtbot: QtBot) -> None:
    collected_in = set[int]()

    def work() -> None:
        for _ in range(50_000):
            knot = Knot()
            weakref.finalize(knot, lambda: collected_in.add(threading.get_ident()))

    thread = threading.Thread(target=work)
    thread.start()
    qtbot.waitUntil(lambda: not thread.is_alive(), timeout=20_000)
    qtbot.waitUntil(lambda: bool(collected_in), timeout=5_000)
    assert collected_in == {threading.get_ident()}


def test_new_garbage_is_found_in_time_and_what_lives_is_set_aside(evenness: Evenness) -> None:
    n_aside = gc.get_freeze_count()
    lost, kept = weakref.ref(Knot()), made_in_turns(evenness)
    evenness._collect()
    assert lost() is None
    assert gc.get_freeze_count() > n_aside + len(kept) // 2, "all but the newest"


def test_what_lived_for_a_while_and_is_lost_is_found_in_a_pause(evenness: Evenness) -> None:
    old = Knot()
    lost = weakref.ref(old)
    for _ in range(40):
        evenness._tidy()
        for _ in range(2_500):
            Knot()
    del old
    evenness._tidy()
    assert lost() is not None
    evenness._collect()
    assert lost() is None


def test_garbage_that_was_set_aside_is_found_when_the_window_is_left(evenness: Evenness) -> None:
    kept = made_in_turns(evenness)
    evenness._collect()
    lost = weakref.ref(kept[0])
    kept.clear()
    evenness._collect()
    assert lost() is not None
    evenness._on_state(Qt.ApplicationState.ApplicationActive)
    assert lost() is not None
    evenness._on_state(Qt.ApplicationState.ApplicationInactive)
    assert lost() is None


def test_threads_give_way_soon(evenness: Evenness) -> None:
    assert sys.getswitchinterval() <= 0.001
