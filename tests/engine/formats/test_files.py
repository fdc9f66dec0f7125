"""Foreign text files: what their heads tell, and what is refused before it is read."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import UserError
from engine.formats import _files as files
from engine.formats._fields import one_line, readable
from engine.formats._sniffing import folders_named, near


def test_the_outline_of_json_is_read_from_its_head(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(
        '{"images": [{"id": {"deep": 1}}], "x": {"inner": "\\"no: {", "y": 1}, "big": "' + "a" * 200_000 + '", "z": 1}'
    )
    outline = files.json_outline(path)
    assert outline is not None
    assert (outline.is_list, outline.keys, outline.inner_keys) == (False, {"images", "x", "big"}, {"inner", "y"})
    path.write_text(' [{"image_id": 1, "bbox": [1, 2]}]')
    outline = files.json_outline(path)
    assert outline is not None
    assert (outline.is_list, outline.inner_keys) == (True, {"image_id", "bbox"})
    path.write_text("no json")
    assert files.json_outline(path) is None
    assert files.json_outline(tmp_path / "gone.json") is None
    assert files.json_outline(tmp_path) is None


@pytest.mark.parametrize("read", [files.read_json, files.read_xml, files.read_yaml, files.read_lines, files.read_text])
def test_files_that_are_too_large_or_none_are_refused_by_name(
    read: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(read)
    path = tmp_path / "a.txt"
    path.write_text("[1234567890]")
    monkeypatch.setattr(files, "MAX_JSON_BYTES", 10)
    monkeypatch.setattr(files, "MAX_TEXT_BYTES", 10)
    with pytest.raises(UserError, match=r"a\.txt has"):
        read(path)
    for other in (tmp_path, tmp_path / "gone"):
        with pytest.raises(UserError, match="is not a file"):
            read(other)


def test_lines_end_with_line_feeds_only(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("a\r\nb\u2028c\x0cd\n\ne".encode())
    assert files.read_lines(path) == ["a", "b\u2028c\x0cd", "", "e"]
    path.write_bytes(b"")
    assert files.read_lines(path) == []


@given(st.text())
def test_readable_text_can_be_written_anywhere(text: str) -> None:
    line = readable(text)
    assert line.encode() is not None
    assert len(line.splitlines()) <= 1
    assert one_line(line) == line.strip()
    assert readable(line) == line


def test_only_what_is_near_the_top_is_glanced_at(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b" / "c" / "d" / "e"
    deep.mkdir(parents=True)
    for folder in (tmp_path, tmp_path / "a" / "b", deep):
        (folder / "x.JSON").write_text("{}")
    (tmp_path / ".hidden.json").write_text("{}")
    assert list(near(tmp_path, (".json",))) == [tmp_path / "x.JSON", tmp_path / "a" / "b" / "x.JSON"]
    assert list(near(tmp_path / "x.JSON", (".json",))) == [tmp_path / "x.JSON"]
    assert list(near(tmp_path / "gone", (".json",))) == []
    assert folders_named(tmp_path, "b") == [tmp_path / "a" / "b"]
    assert folders_named(tmp_path, "e") == []
