"""Names that stay in their folder, and where each split's pictures lie."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import UserError
from engine.formats._fields import Reject
from engine.formats._names import place, placed, safe_name, split_in, stems, to_write
from engine.formats._pages import Split
from tests.engine.formats import given as making

PARTS = making.TEXT.map(str.strip).filter(
    lambda part: part and part.strip(".") and "/" not in part and "\\" not in part
)
NAMES = st.lists(PARTS | st.sampled_from(["train", "Val", "unsplit", "images"]), min_size=1, max_size=4).map("/".join)


@given(NAMES.filter(lambda name: name[1:2] != ":"), making.SPLITS)
def test_every_name_is_found_again_where_it_was_placed(name: str, split: Split | None) -> None:
    assert placed(PurePosixPath(place(name, split).as_posix())) == (name, split)


@pytest.mark.parametrize(
    "name", ["/a", "\\a", "C:\\a", "c:a", "..", "a/../../b", "..\\a", "", ".", "a\0b", "a\nb", "x" * 2000]
)
def test_names_that_lead_out_are_refused(name: str) -> None:
    with pytest.raises(Reject):
        safe_name(name)
    with pytest.raises(UserError):
        to_write(name)


def test_names_are_put_in_one_form() -> None:
    assert safe_name(".\\a//b/./c d.png") == "a/b/c d.png"


@pytest.mark.parametrize(
    ("stem", "split"),
    [
        ("instances_train2017", "train"),
        ("valid", "val"),
        ("test-dev", "test"),
        ("person_keypoints_val2017", "val"),
        ("instances", None),
        ("train_val", None),
        ("training_day", "train"),
        ("attest", None),
    ],
)
def test_splits_in_names(stem: str, split: str | None) -> None:
    assert split_in(stem) == split


def test_files_are_called_by_their_stem_unless_two_share_it() -> None:
    assert stems(["a.png", "b/c.jpg"]) == {"a.png": "a", "b/c.jpg": "b/c"}
    assert stems(["a.png", "A.jpg", "b.png"]) == {"a.png": "a.png", "A.jpg": "A.jpg", "b.png": "b"}
    odd = ["a.jpg", "a.png", "a.jpg.tif"]
    assert len(set(stems(odd).values())) == 3
