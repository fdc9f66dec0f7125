"""A new project in a temporary folder, for every test of the package."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.project.store import Project


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the test's project file is, or will be."""
    return tmp_path / "project.boxwright"


@pytest.fixture
def project(path: Path) -> Iterator[Project]:
    """A new, empty project."""
    with Project.create(path) as project:
        yield project
