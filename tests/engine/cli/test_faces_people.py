"""faces list, consent, export and erase, as a person types them."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine.cli import main
from engine.project import run_faces, runs
from engine.project.gallery_edits import SuggestTemplates
from engine.project.history import History
from engine.project.run_faces import RunFace
from engine.project.store import Project
from tests.engine.project.people import add, embed, face


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A project with Anna, Ben and a face that may be Anna's."""
    path = tmp_path / "people.boxwright"
    with Project.create(path) as project:
        add(project, [face(1, "Anna Karenina"), face(2, "Anna Karenina"), face(3, "Ben"), face(4), face(5)])
        embed(project)
        History(project).do(SuggestTemplates({4: 1}))
    return path


def told(capsys: pytest.CaptureFixture[str], *words: str | Path, code: int = 0) -> Any:
    assert main(["faces", *map(str, words), "--json"]) == code
    return json.loads(capsys.readouterr().out) if code == 0 else capsys.readouterr().err


def test_people_are_listed_with_how_many_faces_they_have(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "list", path)
    assert [(each["name"], each["confirmed"], each["suggested"]) for each in found["people"]] == [
        ("Anna Karenina", 2, 1), ("Ben", 1, 0),
    ]  # fmt: skip
    assert (found["unknown"], found["ignored"]) == (1, 0)
    assert main(["faces", "list", str(path)]) == 0
    assert "Anna Karenina: 2 enrolled, 1 suggested" in capsys.readouterr().out


def test_what_somebody_agreed_to_is_written_down_and_can_be_undone(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = told(capsys, "consent", path, "Ben", "--text", "for the door", "--until", "2020-01-31")
    assert (first["consent"], first["retain_until"]) == ("for the door", "2020-01-31")
    assert told(capsys, "consent", path, "Ben") == first
    assert told(capsys, "list", path)["people"][1]["is_due"]
    assert told(capsys, "consent", path, "Ben", "--until", "none")["retain_until"] is None
    with Project.open(path) as project:
        History(project).undo()
        History(project).undo()
    assert told(capsys, "consent", path, "Ben")["consent"] == ""
    assert "no day" in told(capsys, "consent", path, "Ben", "--until", "tomorrow", code=2)
    assert "knows nobody called 'Bob'" in told(capsys, "consent", path, "Bob", code=2)


def test_what_is_held_is_written_into_a_folder(path: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    found = told(capsys, "export", path, "Anna Karenina", tmp_path / "held")
    assert len(found["faces"]) == 3
    assert sorted(each.name for each in (tmp_path / "held" / "crops").iterdir()) == ["1.png", "2.png", "4.png"]
    assert "is there already" in told(capsys, "export", path, "Ben", tmp_path / "held", code=2)


def test_a_person_is_erased_and_the_proof_is_told(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "erase", path, "Anna Karenina", "--keep-suggested")
    assert (found["name"], found["n_templates"], found["left"]) == ("Anna Karenina", 2, [])
    assert found["n_bytes"] == path.stat().st_size
    assert found["n_needles"] > 20
    assert b"Karenina" not in path.read_bytes()
    assert told(capsys, "list", path)["unknown"] == 2
    assert "knows nobody" in told(capsys, "erase", path, "Anna Karenina", code=2)
    with Project.open(path) as project, project.atomic():
        run_id = runs.add(project, "embedder", "siamese", "{}")
        run_faces.keep(project, run_id, [RunFace(3, 2, "train")])
    assert main(["info", str(path)]) == 0
    assert "erased data" not in capsys.readouterr().out
    assert main(["faces", "erase", str(path), "Ben"]) == 0
    words = capsys.readouterr().out
    assert "None was found." in words
    assert "Trained with erased data: run 1." in words
    assert main(["info", str(path)]) == 0
    assert "trained with erased data" in capsys.readouterr().out
