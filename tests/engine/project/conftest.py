"""A new project in a temporary folder, for every test of the package."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.project.store import Project
from tests.engine.project.make_golden import fill


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the test's project file is, or will be."""
    return tmp_path / "project.boxwright"


@pytest.fixture
def project(path: Path) -> Iterator[Project]:
    """A new, empty project."""
    with Project.create(path) as project:
        yield project


@pytest.fixture(scope="session")
def _filled_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled")
    with Project.create(folder / "project.boxwright") as project:
        fill(project)
    return folder


@pytest.fixture
def filled(_filled_once: Path, tmp_path: Path) -> Path:
    """A project file of the test's own with rows in every table, its linked picture beside it."""
    shutil.copytree(_filled_once, tmp_path / "filled")
    return tmp_path / "filled" / "project.boxwright"
