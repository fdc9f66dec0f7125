"""How much may be kept: a share of what is free, never more than a container has left, taken bit by bit."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.feeding import room
from engine.feeding.room import Room

GIB = 1 << 30


def test_room_is_taken_until_it_is_full() -> None:
    shared = Room(100)
    assert shared.take(60)
    assert not shared.take(41)
    assert shared.take(40)
    assert shared.n_taken == 100


@pytest.mark.parametrize(
    ("available", "n_sharing", "n_bytes"),
    [(9 * GIB, 1, 3 * GIB), (9 * GIB, 3, GIB), (None, 1, 2 * GIB), (0, 1, 128 << 20)],
)
def test_a_third_of_what_is_free_may_be_kept(
    available: int | None, n_sharing: int, n_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "available_bytes", lambda: available)
    assert room.room_bytes(n_sharing) == pytest.approx(n_bytes, abs=2)


def test_a_container_may_have_less_left_than_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert room._of_the_container(tmp_path) is None
    (tmp_path / "memory.max").write_text("1000\n")
    (tmp_path / "memory.current").write_text("900\n")
    assert room._of_the_container(tmp_path) == 100
    (tmp_path / "memory.stat").write_text("anon 500\ninactive_file 300\n")
    assert room._of_the_container(tmp_path) == 400
    (tmp_path / "memory.max").write_text("max\n")
    assert room._of_the_container(tmp_path) is None
    monkeypatch.setattr(room, "_of_the_container", lambda: 400)
    assert room.available_bytes() == 400


def test_this_machine_tells_what_is_free() -> None:
    found = room.available_bytes()
    assert found is None or 0 <= found < 1 << 50
