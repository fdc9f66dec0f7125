"""A new project in a temporary folder, for the tests of faces in a project."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.project.store import Project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A new, empty project."""
    with Project.create(tmp_path / "faces.boxwright") as project:
        yield project
