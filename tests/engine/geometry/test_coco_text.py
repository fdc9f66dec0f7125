"""COCO's compressed counts; `test_masks` holds them against pycocotools."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.geometry.coco_text import compress, decompress


def naive_text(counts: list[int]) -> str:
    """The format digit by digit."""
    text = ""
    for at, count in enumerate(counts):
        value, more = count - (counts[at - 2] if at > 2 else 0), True
        while more:
            digit, value = value & 31, value >> 5
            more = value != (-1 if digit & 16 else 0)
            text += chr(48 + digit + 32 * more)
    return text


@given(st.lists(st.one_of(st.integers(0, 40), st.integers(0, 2**32)), max_size=20))
def test_text_is_the_naive_one_and_comes_back(counts: list[int]) -> None:
    assert compress(counts) == naive_text(counts)
    assert decompress(compress(counts)) == counts
    assert decompress(compress(counts).encode()) == counts


@pytest.mark.parametrize("text", ["P", "0 1", "ö", b"\xff", "\x00", "o" * 12 + "0"])
def test_what_coco_never_writes_is_refused(text: str | bytes) -> None:
    with pytest.raises(ValueError, match="not a compressed mask"):
        decompress(text)


@given(st.binary(max_size=30))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        counts = decompress(raw)
    except ValueError:
        return
    assert all(isinstance(count, int) for count in counts)
