"""The command whatif: other thresholds on a trace file, beside the annotations, and settings kept for the run."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.cli import main
from engine.geometry.shapes import Box
from engine.project import run_settings, runs
from engine.project.class_edits import AddClass
from engine.project.edits import AddAnnotations
from engine.project.history import History
from engine.project.records import Annotation
from engine.project.store import Project
from engine.tracing import rule_text
from engine.tracing.files import save
from engine.tracing.numbers import Numbers, with_numbers
from engine.tracing.stages import Selection
from engine.tracing.whatif import own, what_if
from tests.engine.project.pictures import add_image
from tests.engine.tracing.traces import Made, one_stage, two_stages


@pytest.fixture
def path(tmp_path: Path) -> Path:
    save(two_stages(), tmp_path / "one.trace")
    return tmp_path / "one.trace"


def _told(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main(["whatif", *words, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_without_options_it_tells_what_the_network_found(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = two_stages().all(Selection)[-1]
    told = _told(capsys, str(path))
    assert [each["score"] for each in told["detections"]] == pytest.approx(kept.kept_scores.tolist())
    assert [each["class_id"] - 1 for each in told["detections"]] == kept.kept_classes.tolist()
    assert (told["own"], told["unasked"]) == (True, 0)


def test_every_option_reaches_its_rule(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--score", "0.2", "--nms", "0.4", "--soft", "gaussian", "--class-score", "class 1=0.3", "--max", "11"]
    words += ["--class-nms", "class 0=0.6", "--topk", "50", "--proposals", "40", "--rpn-nms", "0.6"]
    numbers = Numbers(0.2, 0.4, "gaussian", {1: 0.3}, {0: 0.6}, 11, 50, 40, 0.6)
    expected = what_if(two_stages(), with_numbers(own(two_stages()), numbers))
    told = _told(capsys, str(path), *words)
    assert [each["box"] for each in told["detections"]] == expected.found.boxes_image.tolist()
    assert told["unasked"] == expected.n_unasked
    assert not told["own"]


def test_larger_anchors_of_one_stage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save(one_stage(), tmp_path / "dense.trace")
    plain, scaled = (_told(capsys, str(tmp_path / "dense.trace"), "--anchors", each) for each in ("1", "2"))
    assert plain["own"]
    assert plain["detections"] != scaled["detections"]


@pytest.mark.parametrize(
    "words", [["--class-nms", "wolf=0.3"], ["--class-score", "class 1=much"], ["--proposals", "3"]]
)
def test_what_cannot_be_is_one_line(words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save(one_stage(Made()), tmp_path / "dense.trace")
    assert main(["whatif", str(tmp_path / "dense.trace"), *words]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_it_is_compared_with_annotations_and_kept(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project_path = tmp_path / "p.boxwright"
    image_id = _project(project_path)
    trace = two_stages()
    save(replace(trace, origin=replace(trace.origin, image_id=image_id)), path)
    told = _told(capsys, str(path), "--project", str(project_path), "--score", "0.3", "--keep")
    assert told["kept"]
    assert (told["tp"] + told["fp"], told["fn"]) == (len(told["detections"]), 0)
    assert told["tp"] == 1
    with Project.open(project_path, read_only=True) as project:
        kept = run_settings.kept(project, 1)
        assert kept is not None
        assert rule_text.settings(kept) == with_numbers(own(two_stages()), Numbers(0.3))
    assert main(["info", str(project_path)]) == 0
    assert "detects with kept settings: least score 0.3, " in capsys.readouterr().out
    _told(capsys, str(path), "--project", str(project_path), "--forget")
    with Project.open(project_path, read_only=True) as project:
        assert run_settings.kept(project, 1) is None
    assert main(["whatif", str(path), "--keep"]) == 2
    assert main(["whatif", str(path), "--project", str(project_path), "--keep", "--forget"]) == 2


def _project(path: Path) -> int:
    """Its image, on which one thing is annotated: just where the best detection of the trace is."""
    best = what_if(two_stages(), own(two_stages())).found
    with Project.create(path) as project:
        with project.atomic():
            runs.add(project, "detector", "faster_rcnn", "{}")
            image_id = add_image(project, "picture.png", 1)
        history = History(project)
        for index in range(2):
            history.do(AddClass(f"class {index}"))
        class_id = int(best.class_indices[0]) + 1
        box = Box(*best.boxes_image[0].tolist())
        history.do(AddAnnotations((Annotation(0, image_id, class_id, box),)))
    return image_id
