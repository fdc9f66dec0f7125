"""Files written whole, or not at all."""

from pathlib import Path

import pytest

from engine.errors import UserError
from engine.writing import write_whole


def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "numbers.csv"
    path.write_bytes(b"old")
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_what_was_there_stays_where_the_new_cannot_be_put_in_its_place(tmp_path: Path) -> None:
    path = tmp_path / "full"
    (path / "inside").mkdir(parents=True)
    with pytest.raises(UserError, match=r"full cannot be written: .+\."):
        write_whole(path, b"new")
    assert list(tmp_path.iterdir()) == [path]
    assert (path / "inside").is_dir()


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"numbers\.csv cannot be written: No such file or directory\."):
        write_whole(tmp_path / "nowhere" / "numbers.csv", b"new")
