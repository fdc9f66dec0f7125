"""The group `faces`: each of its commands says about itself what the list says, and is in the README."""

import importlib
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.cli import boxwright, main
from engine.cli.faces import FACES

README = Path(__file__).resolve().parents[3] / "README.md"


@pytest.mark.parametrize("name", FACES)
def test_every_command_says_about_itself_what_the_list_says_and_has_json(name: str) -> None:
    entry = FACES[name]
    command = getattr(importlib.import_module(entry.module), entry.attribute)
    assert command.name == name
    assert command.get_short_help_str(200) == entry.summary
    assert "--json" in CliRunner().invoke(boxwright, ["faces", name, "--help"]).output
    assert f"boxwright faces {name}" in README.read_text(encoding="utf-8")


def test_the_group_alone_or_with_another_word_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["faces"]) == 2
    assert "boxwright faces --help" in capsys.readouterr().err
    assert main(["faces", "nothing"]) == 2
