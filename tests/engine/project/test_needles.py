"""Pieces of what was erased are found wherever they are left, and nothing else is."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.progress import finish
from engine.project import needles
from engine.project.needles import LENGTH, Looked, Needles, look
from tests.engine.project.pictures import png


def looked(path: Path, value: bytes, wanted: Needles) -> Looked:
    path.write_bytes(value)
    return finish(look(path, wanted))


def naive(value: bytes, wanted: Needles) -> frozenset[bytes]:
    return frozenset(each for each in (*wanted.pieces, *wanted.texts) if each in value)


@pytest.mark.parametrize("size", [8192, 20_000, 1 << 20])
def test_any_page_of_a_value_holds_some_of_its_needles(size: int, tmp_path: Path) -> None:
    value = np.random.default_rng(size).bytes(size)
    wanted = Needles.of_value(value)
    for start in range(0, size - 4096, max(4096, size // 9)):
        assert looked(tmp_path / "file", b"\0" * 777 + value[start : start + 4096], wanted).found


def test_a_picture_and_a_vector_have_needles_and_what_hardly_varies_has_none() -> None:
    assert len(Needles.of_value(png(1, 112))) > 100
    vector = np.random.default_rng(1).normal(size=128).astype("<f4").tobytes()
    assert len(Needles.of_value(vector)) > 15
    assert not len(Needles.of_value(bytes(10_000)))
    assert not len(Needles.of_value(b"\x80\x3f\0\0" * 3000))
    assert not len(Needles.of_value(b"short"))


def test_names_are_looked_for_unless_they_are_met_by_chance() -> None:
    assert Needles.of_text(" Zoë K. ").texts == {"Zoë K.".encode()}
    assert not len(Needles.of_text("Anna"))


def test_all_are_found_on_either_side_of_a_blocks_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needles, "_BLOCK", 1000)
    value = np.random.default_rng(2).bytes(3000)
    wanted = Needles(
        frozenset(value[start : start + LENGTH] for start in range(0, 2950, 7)), frozenset({value[990:1010]})
    )
    found = looked(tmp_path / "file", value, wanted)
    assert found == Looked(3000, wanted.pieces | wanted.texts)


@given(
    value=st.binary(max_size=400).map(lambda part: part * 3),
    starts=st.lists(st.integers(0, 1200), max_size=8),
    others=st.lists(st.binary(min_size=LENGTH, max_size=LENGTH), max_size=4),
    text=st.binary(min_size=1, max_size=6),
)
def test_what_is_found_is_what_is_there(
    tmp_path_factory: pytest.TempPathFactory, value: bytes, starts: list[int], others: list[bytes], text: bytes
) -> None:
    cut = (value[start : start + LENGTH] for start in starts)
    wanted = Needles(frozenset(each for each in (*cut, *others) if len(each) == LENGTH), frozenset({text}))
    assert looked(tmp_path_factory.mktemp("hay") / "file", value, wanted).found == naive(value, wanted)


def test_nothing_is_looked_for_in_an_empty_file(tmp_path: Path) -> None:
    assert looked(tmp_path / "file", b"", Needles()) == Looked(0, frozenset())
