"""boxwright new and info."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine import cli
from engine.project import runs
from engine.project.store import Project
from engine.samples import create_sample


def answer(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    """What a command says with --json."""
    assert cli.main([*map(str, arguments), "--json"]) == 0
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    return said


def test_new_makes_an_empty_project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.boxwright"
    assert answer(capsys, "new", path) == {"path": str(path)}
    told = answer(capsys, "info", path)
    assert (told["images"], told["annotations"], told["runs"], told["classes"]) == (0, 0, 0, {})
    assert told["splits"] == {"train": 0, "val": 0, "test": 0, "none": 0}
    assert told["size_bytes"] == path.stat().st_size


def test_new_never_overwrites(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.boxwright"
    path.write_bytes(b"mine")
    assert cli.main(["new", str(path)]) == 2
    assert "already exists" in capsys.readouterr().err
    assert path.read_bytes() == b"mine"


def test_info_counts_what_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "sample.boxwright"
    with create_sample(path) as project, project.atomic():
        run_id = runs.add(project, "detector", "mask_rcnn", "{}")
    told = answer(capsys, "info", path)
    assert told["images"] == 24
    assert told["splits"] == {"train": 16, "val": 4, "test": 0, "none": 4}
    assert list(told["classes"]) == ["red cell", "white cell", "platelet"]
    assert sum(told["classes"].values()) == told["annotations"] > 0
    assert told["runs"] == 1
    assert [(run["id"], run["network"], run["state"]) for run in told["run_list"]] == [(run_id, "mask_rcnn", "queued")]


def test_info_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "sample.boxwright"
    create_sample(path).close()
    assert cli.main(["info", str(path)]) == 0
    out = capsys.readouterr().out
    assert "16 train, 4 val, 4 none" in out
    assert "white cell" in out


@pytest.mark.parametrize("content", [None, b"", b"not a project at all" * 100])
def test_what_is_no_project_is_refused_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    path = tmp_path / "odd.boxwright"
    if content is not None:
        path.write_bytes(content)
    assert cli.main(["info", str(path), "--json"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and str(path) in err and err.count("\n") == 1


def test_info_leaves_the_file_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.boxwright"
    Project.create(path).close()
    before = path.read_bytes()
    answer(capsys, "info", path)
    assert path.read_bytes() == before


def test_check_of_a_whole_project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "sample.boxwright"
    create_sample(path).close()
    told = answer(capsys, "check", path)
    assert told["ok"] is True and told["problems"] == []
    assert told["checked"]["images"] == 24


def test_check_names_what_is_damaged_and_exits_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "sample.boxwright"
    create_sample(path).close()
    damaged = bytearray(path.read_bytes())
    damaged[damaged.find(b"\x89PNG") + 3000] ^= 1
    path.write_bytes(damaged)
    assert cli.main(["check", str(path), "--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is False
    assert [problem["what"].startswith("Image smear_") for problem in told["problems"]] == [True]
    assert cli.main(["check", str(path)]) == 2
    assert "1 problem (checked" in capsys.readouterr().out
