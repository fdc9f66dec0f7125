"""Authors: one id for each name, whatever the computer calls the person."""

import getpass

import pytest

from engine.project import authors
from engine.project.store import Project


def test_a_name_has_one_id(project: Project) -> None:
    with project.atomic():
        anna, ben = authors.by_name(project, "anna"), authors.by_name(project, "ben")
        assert authors.by_name(project, "anna") == anna
    assert authors.names(project) == {anna: "anna", ben: "ben"}


def test_whoever_sits_here_has_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert authors.current_name()

    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert authors.current_name() == "someone"
