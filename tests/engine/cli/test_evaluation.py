"""`boxwright evaluate` on two files: COCO's numbers as before, and what is further asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from engine.cli.evaluation import evaluate
from engine.geometry.shapes import Box
from engine.project.records import Annotation, Detection
from tests.engine.evaluation import made, rows


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    ours = [Annotation(1, 11, 1, Box(0, 0, 40, 40)), Annotation(2, 11, 2, Box(60, 60, 100, 100))]
    theirs = [Detection(1, 11, 1, 0.9, Box(0, 0, 40, 38)), Detection(2, 11, 5, 0.8, Box(60, 60, 100, 100))]
    tables = made.tables([made.picture(ours, theirs)])
    (tmp_path / "truth.json").write_text(json.dumps(rows.truth(tables)))
    (tmp_path / "found.json").write_text(json.dumps(rows.detected(tables, "bbox")["annotations"]))
    return ["--truth", str(tmp_path / "truth.json"), "--detections", str(tmp_path / "found.json")]


def told(*arguments: str) -> dict[str, Any]:
    result = CliRunner().invoke(evaluate, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)["bbox"]
    return found


def test_unasked_it_tells_cocos_numbers(files: list[str]) -> None:
    found = told(*files)
    assert found["AP50"] == pytest.approx(0.5)
    assert not found.keys() & {"errors", "curves", "confusion"}
    assert found["sizes"]["cat"]["APm"] == pytest.approx(found["per_class"]["cat"])


def test_every_further_number_names_what_is_behind_it(files: list[str]) -> None:
    found = told(*files, "--errors", "--curves")
    assert found["errors"]["counts"]["classification"] == 1
    assert found["errors"]["faults"]["classification"]["detection_ids"] == [2]
    assert found["errors"]["faults"]["classification"]["annotation_ids"] == [2]
    assert found["errors"]["cost"]["classification"] == pytest.approx(0.5)
    cells = {(cell["truth_class_id"], cell["found_class_id"]): cell for cell in found["confusion"]["cells"]}
    assert [cells[2, 5][f"{name}_ids"] for name in ("image", "annotation", "detection")] == [[11], [2], [2]]
    assert found["calibration"]["error"] == pytest.approx((0.1 + 0.8) / 2)
    assert found["dsb2018"]["pictures"][0]["image_id"] == 11
    assert [each["annotation_ids"] for each in found["curves"] if each["iou"] == 0.5 and each["class_id"] == 1] == [[1]]


def test_errors_are_told_in_words(files: list[str]) -> None:
    result = CliRunner().invoke(evaluate, [*files, "--errors"])
    assert "classification       1   costs 0.500 of AP50" in result.stdout
    assert "DSB2018" in result.stdout
