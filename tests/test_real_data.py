"""The promise of conftest.py: real-data tests that do not run are named, and where the data is in CI, they must run."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CASES = """
import pytest

def test_needs_data(shared):
    assert (shared / "data").is_dir()

def test_gives_up(shared):
    pytest.skip("the file is not there")

def test_plain():
    pass
"""


def run(folder: Path, *, has_data: bool, is_ci: bool) -> tuple[int, str]:
    """Run the cases in a checkout of their own; returns pytest's exit code and what it printed."""
    tests = folder / "checkout" / "tests"
    tests.mkdir(parents=True)
    shutil.copy(Path(__file__).with_name("conftest.py"), tests)
    (tests / "test_cases.py").write_text(CASES)
    if has_data:
        (folder / "shared" / "data").mkdir(parents=True)
    environment = {name: value for name, value in os.environ.items() if name != "CI" and "PYTEST" not in name}
    command = [sys.executable, "-m", "pytest", "-p", "no:pytest-qt", "-p", "no:xdist", "-p", "no:cacheprovider", "."]
    environment |= {"CI": "true"} if is_ci else {}
    done = subprocess.run(command, cwd=tests, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


@pytest.mark.parametrize("is_ci", [False, True])
def test_without_data_what_did_not_run_is_named(tmp_path: Path, is_ci: bool) -> None:
    code, said = run(tmp_path, has_data=False, is_ci=is_ci)
    assert code == 0
    assert "1 passed, 2 skipped" in said
    assert "2 real-data tests did not run (../shared/data is not here):" in said
    assert "test_cases.py::test_needs_data" in said


def test_with_data_a_skip_is_named(tmp_path: Path) -> None:
    code, said = run(tmp_path, has_data=True, is_ci=False)
    assert code == 0
    assert "2 passed, 1 skipped" in said
    assert "1 real-data tests did not run" in said


def test_with_data_in_ci_a_skip_is_a_failure(tmp_path: Path) -> None:
    code, said = run(tmp_path, has_data=True, is_ci=True)
    assert code == 1
    assert "2 passed" in said and "1 failed" in said
    assert "test_gives_up was skipped, though the real data is here" in said
