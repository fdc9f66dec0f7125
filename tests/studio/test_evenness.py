"""Garbage is collected little by little, and nothing of it is left behind."""

import gc
import sys
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from studio.evenness import Evenness


class Knot:
    """Garbage that only a collection finds."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def evenness(qapp: QApplication) -> Iterator[Evenness]:
    before = gc.get_threshold(), sys.getswitchinterval(), gc.get_freeze_count()
    made = Evenness(qapp)
    yield made
    made.finish()
    assert (gc.get_threshold(), sys.getswitchinterval(), gc.get_freeze_count()) == before


def test_nothing_is_ever_gone_through_whole_by_itself(evenness: Evenness) -> None:
    n_before = gc.get_stats()[2]["collections"]
    kept = [Knot() for _ in range(200_000)]
    assert gc.get_stats()[2]["collections"] == n_before and len(kept) == 200_000


def test_new_garbage_is_found_in_time_and_what_lives_is_set_aside(evenness: Evenness) -> None:
    lost, kept = weakref.ref(Knot()), [Knot() for _ in range(100_000)]
    n_aside = gc.get_freeze_count()
    evenness._collect()
    assert lost() is None
    assert gc.get_freeze_count() >= n_aside + len(kept)


def test_garbage_that_was_set_aside_is_found_when_the_window_is_left(evenness: Evenness) -> None:
    kept = [Knot() for _ in range(100_000)]
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
