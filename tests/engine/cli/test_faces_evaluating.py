"""faces evaluate, as somebody at a shell uses it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from engine.cli import main
from engine.embedders import EMBEDDERS, EmbedderCard, encode
from engine.project import gallery, runs
from engine.project.runs import NewCheckpoint
from engine.project.store import Project
from tests.engine.faces.enrolled import picture

FIGURES = ("rank1", "eer", "tar_at_far_1pct", "fnir_at_fpir_10pct")


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """Six people with six pictures each."""
    for person in range(6):
        for shot in range(6):
            picture(tmp_path / "people" / f"P{person}" / f"{shot}.png", person, shot, scale=2)
    return tmp_path / "people"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    path = tmp_path / "p.boxwright"
    Project.create(path).close()
    return path


def told(capsys, project: Path, people: Path, *words: str):
    code = main(["faces", "evaluate", str(project), "--folders", str(people), "--repeats", "3", *words, "--json"])
    captured = capsys.readouterr()
    assert code == 0, captured.err
    return json.loads(captured.out)


def refused(capsys, project: Path, people: Path, *words: str) -> str:
    assert main(["faces", "evaluate", str(project), "--folders", str(people), *words]) == 2
    return str(capsys.readouterr().err)


@pytest.mark.parametrize(("protocol", "n_probes"), [("one-shot", 30), ("k5", 6)])
def test_figures_are_numbers_with_their_intervals(capsys, project, people, protocol, n_probes):
    before = project.read_bytes()
    found = told(capsys, project, people, "--embedder", "pixels", "--protocol", protocol)
    assert (found["people"], found["probes"], found["protocol"]) == (6, n_probes, protocol)
    for name in FIGURES:
        interval = found["intervals"][name]
        assert found[name] == interval["value"]
        if found[name] is None:
            assert "are needed" in interval["reason"]
        else:
            assert 0 <= interval["low"] <= found[name] <= interval["high"] <= 1
    assert found["rank1"] > 1 / 6
    assert project.read_bytes() == before


def test_seeds_draw_and_draw_again(capsys, project, people):
    first, again, other = (told(capsys, project, people, "--seed", seed) for seed in ("1", "1", "2"))
    assert first == again
    assert first["intervals"] != other["intervals"]


def test_people_it_learned_from_are_told_and_set_the_thresholds(capsys, project, people):
    drop_in = EMBEDDERS.get("siamese")
    options = drop_in.options(dim=8, members=2, channels=2, height=24, width=20)
    network = drop_in.build(options).eval()
    main(["faces", "enroll", str(project), "--folders", str(people)])
    with Project.open(project) as opened:
        learned = [gallery.identity_named(opened, name).id for name in ("P1", "P4")]
        card = replace(EmbedderCard.of("siamese", options, network), identity_ids=tuple(learned))
        with opened.atomic():
            run_id = runs.add(opened, "embedder", "siamese", "{}")
            runs.add_checkpoint(opened, run_id, NewCheckpoint("best", 1, encode(network, card), card.to_json()))
    capsys.readouterr()
    found = told(capsys, project, people, "--embedder", "siamese")
    assert found["learned"] == ["P1", "P4"]
    assert (found["people"], found["learned_is_known"]) == (4, True)


def test_weights_from_elsewhere_that_learned_from_people_are_told(capsys, project, people, tmp_path):
    drop_in = EMBEDDERS.get("siamese")
    options = drop_in.options(dim=8, members=2, channels=2, height=24, width=20)
    network = drop_in.build(options).eval()
    card = replace(EmbedderCard.of("siamese", options, network), identity_ids=(1, 2))
    file = tmp_path / "siamese.safetensors"
    file.write_bytes(encode(network, card))
    found = told(capsys, project, people, "--embedder", "siamese", "--weights", str(file))
    assert (found["learned"], found["learned_is_known"]) == ([], False)


def test_it_is_said_in_words(capsys, project, people):
    (people / "P0" / "bad.png").write_bytes(b"no picture")
    (people / "Q").mkdir()
    picture(people / "Q" / "0.png", 9, 0)
    assert main(["faces", "evaluate", str(project), "--folders", str(people), "--repeats", "2"]) == 0
    said = capsys.readouterr().out
    assert "pixels, rule nearest: 6 people, 1 face of each enrolled, 30 searched" in said
    assert "found first among all" in said
    assert "left out, as they have too few pictures: Q" in said
    assert "bad.png was refused" in said


def test_what_cannot_be_judged_is_refused(capsys, project, people, tmp_path):
    assert "is no folder" in refused(capsys, project, tmp_path / "nowhere")
    picture(tmp_path / "alone" / "A" / "0.png", 0, 0)
    assert "holds fewer than two people with 2 pictures or more" in refused(capsys, project, tmp_path / "alone")
    assert "--embedder" in refused(capsys, project, people, "--weights", "x")
