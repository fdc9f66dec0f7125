"""boxwright merge."""

import json
from pathlib import Path

import pytest

from engine import cli
from engine.geometry.shapes import Box
from engine.project import annotations
from engine.project.store import Project
from tests.engine.cli.test_projects import answer
from tests.engine.interchange.test_joining import FAR, HERE, THERE, draw


@pytest.fixture
def paths(tmp_path: Path) -> tuple[Path, Path]:
    """Two files that share a picture: one equal shape, one in conflict, one only in each; B has a picture more."""
    a, b = tmp_path / "a.boxwright", tmp_path / "b.boxwright"
    with Project.create(a) as project:
        for shape in (HERE, FAR, Box(0, 20, 9, 29)):
            draw(project, "a", shape, author="anna")
    with Project.create(b) as project:
        for shape, name in ((THERE, "cell"), (FAR, "cell"), (Box(15, 0, 19, 9), "dirt")):
            draw(project, "a", shape, name, author="bob")
        draw(project, "b", HERE)
    return a, b


def test_merge_reports_what_it_did_and_how_far_the_two_agree(
    paths: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    told = answer(capsys, "merge", *paths)
    counts = {name: n for name, n in told.items() if name != "agreement" and n}
    assert counts == {
        "images": 1, "shared_images": 1, "classes": 1, "annotations": 2, "identical": 1, "only_a": 1, "only_b": 1,
        "conflicts": 1,
    }  # fmt: skip
    found = told["agreement"]
    assert (found["paired"], found["only_a"], found["only_b"]) == (2, 1, 1)
    assert found["mean_iou"] == pytest.approx((90 / 110 + 1) / 2)
    assert [one["class_name"] for one in found["classes"]] == ["cell", "dirt"]
    assert found["classes"][1]["kappa"] == 0
    again = answer(capsys, "merge", *paths)
    assert (again["annotations"], again["conflicts"], again["known_conflicts"]) == (0, 0, 1)


def test_agreement_is_told_between_files_and_after_merging_within_one(
    paths: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """What both have drawn alike is one annotation after merging, and still counts as drawn by both."""
    (between,) = answer(capsys, "agreement", *paths)["pairs"]
    assert between["agreement"]["paired"] == 2
    assert answer(capsys, "agreement", paths[0])["pairs"] == []
    for _ in range(2):
        merged = answer(capsys, "merge", *paths)
        (within,) = answer(capsys, "agreement", paths[0])["pairs"]
        assert (within["a"], within["b"]) == ("anna", "bob")
        assert within["agreement"] == between["agreement"]
    assert (merged["identical"], merged["conflicts"]) == (3, 0)
    assert cli.main(["agreement", str(paths[0])]) == 0
    assert "A anna, B bob: 1 images" in capsys.readouterr().out


def test_merge_in_words(paths: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["merge", *map(str, paths)]) == 0
    said = capsys.readouterr().out
    assert "1 identical, 1 only in A, 1 only in B" in said
    assert "1 in conflict" in said
    assert "kappa" in said


def test_shapes_may_be_alike_enough(paths: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys, "merge", *paths, "--alike", 0.8)["identical"] == 2


def test_b_stays_as_it_is(paths: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    before = paths[1].read_bytes()
    answer(capsys, "merge", *paths)
    assert paths[1].read_bytes() == before


@pytest.mark.parametrize("b", ["a.boxwright", "none.boxwright"])
def test_wrong_files_are_one_line(paths: tuple[Path, Path], capsys: pytest.CaptureFixture[str], b: str) -> None:
    assert cli.main(["merge", str(paths[0]), str(paths[0].with_name(b)), "--json"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.strip().splitlines()) == 1
    with Project.open(paths[0]) as project:
        assert annotations.count(project) == 3
    assert json.dumps(said.err)
