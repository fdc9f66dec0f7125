"""Registry: what lies in the folder is the seam; names import nothing, asking imports that one alone."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import UserError
from engine.registry import Registry

SEAM = "seam_of_test"


@pytest.fixture
def seam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry[str]]:
    folder = tmp_path / SEAM
    folder.mkdir()
    (folder / "__init__.py").touch()
    for name in ("oak", "ash", "_shared"):
        (folder / f"{name}.py").write_text(f"TREE = {name!r}\n")
    (folder / "broken.py").write_text("raise RuntimeError('imported')\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield Registry(SEAM, "TREE")
    for name in [name for name in sys.modules if name.startswith(SEAM)]:
        del sys.modules[name]


def test_names_are_the_files_without_underscores_and_import_none(seam: Registry[str]) -> None:
    assert seam.names() == ["ash", "broken", "oak"]
    assert not [name for name in sys.modules if name.startswith(f"{SEAM}.")]


def test_asking_imports_that_one_alone(seam: Registry[str]) -> None:
    assert seam.get("oak") == "oak"
    assert [name for name in sys.modules if name.startswith(f"{SEAM}.")] == [f"{SEAM}.oak"]


@pytest.mark.parametrize("name", ["elm", "_shared", "", "oak.TREE", "..os"])
def test_an_unknown_name_is_answered_with_the_known_ones(seam: Registry[str], name: str) -> None:
    with pytest.raises(UserError, match=r"Known: ash, broken, oak\.") as raised:
        seam.get(name)
    assert repr(name) in raised.value.message


def test_a_drop_in_that_fails_to_load_is_our_bug_and_says_so(seam: Registry[str]) -> None:
    with pytest.raises(RuntimeError, match="imported"):
        list(seam)


def test_a_seam_that_is_no_package_is_our_bug() -> None:
    with pytest.raises(ModuleNotFoundError):
        Registry("engine.no_such_seam", "X").names()
    with pytest.raises(ModuleNotFoundError):
        Registry("engine.errors", "X").names()
