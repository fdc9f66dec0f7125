"""The benchmark of training, run for a moment on made-up scenes: it is what stands behind every figure that is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.models import mobilenet_v2

from engine.feeding.data import Example
from engine.geometry import masks
from engine.geometry.shapes import Box
from tests.bench import training
from tests.bench._plain_loop import plain_loop
from tests.bench._rows import Row
from tests.bench.training import Settings, Turns
from tests.engine.detectors.scenes import CLASS_NAMES, SIDE, Scenes
from tests.engine.detectors.test_contract import SMALL

OURS = {**SMALL["mask_rcnn"], "score_threshold": 0.3}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A folder like the shared one, with four scenes as nuclei and random weights, and hardly any time."""
    folder = tmp_path_factory.mktemp("shared")
    scenes = Scenes(4, 2)
    for split, examples in (("train", scenes.train), ("val", scenes.val)):
        _write(folder / "data" / "nuclei" / split, list(examples))
    (folder / "weights").mkdir()
    torch.manual_seed(0)
    torch.save(mobilenet_v2().state_dict(), folder / "weights" / "mobilenet_v2_imagenet.pth")
    return Settings(folder, minutes=0.02, clock="cpu", turn_seconds=0.4, options=OURS, plain_side=64)


@pytest.fixture(autouse=True)
def few_detections(monkeypatch: pytest.MonkeyPatch) -> None:
    """Masks of 300 detections a picture, as the benchmark allows, are most of a short test's time."""
    monkeypatch.setattr("tests.bench._plain_loop.MOST_DETECTIONS", 10)


def _write(folder: Path, examples: list[Example]) -> None:
    """Pictures and COCO's instances.json."""
    (folder / "images").mkdir(parents=True)
    found: list[dict[str, Any]] = []
    for example in examples:
        Image.fromarray(example.picture).save(folder / "images" / f"{example.image_id}.png")
        for each in example.annotations:
            x0, y0, x1, y1 = each.shape.bounds
            runs = {"size": [SIDE, SIDE], "counts": masks.to_coco(masks.of_shape(each.shape), SIDE, SIDE)}
            row = {"id": len(found) + 1, "image_id": example.image_id, "category_id": each.class_id, "iscrowd": 0}
            found.append(row | {"bbox": [x0, y0, x1 - x0, y1 - y0], "area": each.shape.area, "segmentation": runs})
    images = [
        {"id": each.image_id, "file_name": f"{each.image_id}.png", "width": SIDE, "height": SIDE} for each in examples
    ]
    categories = [{"id": class_id, "name": name} for class_id, name in CLASS_NAMES.items()]
    content = {"images": images, "annotations": found, "categories": categories}
    (folder / "instances.json").write_text(json.dumps(content))


@pytest.mark.slow
def test_both_loops_are_measured_in_turns(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    rows = training.nuclei(settings)
    assert [row.what for row in rows] == ["nuclei, 1 - segm AP", "nuclei, 100 pictures"]
    missing, seconds = rows
    assert missing.limit == missing.other
    assert seconds.limit == pytest.approx((seconds.other or 0) / 1.5)
    assert 0 < seconds.ours < np.inf
    assert "pictures/s" in capsys.readouterr().out


def test_float32_is_measured_beside_mixed_precision(settings: Settings) -> None:
    speed, memory = training.precision(settings)
    assert speed.ours > 0
    assert speed.other_name == memory.other_name == "float32"
    assert memory.ours > 10


def test_a_clock_stands_still_while_the_other_has_its_turn() -> None:
    now = [0.0]
    clock = Turns(lambda: now[0])
    with clock.turn():
        now[0] += 2
        assert clock() == 2
    now[0] += 100
    assert clock() == 2
    with clock.turn():
        now[0] += 3
    assert clock() == 5


@pytest.mark.slow
def test_the_plain_loop_learns_what_the_annotations_say(settings: Settings) -> None:
    with training.data_of("nuclei", settings) as data:
        loop = plain_loop(data, settings.shared / "weights" / "mobilenet_v2_imagenet.pth", 64)
        target = loop.targets[0]
        assert target["masks"].shape[1:] == (SIDE, SIDE)
        for box, mask in zip(target["boxes"], target["masks"], strict=True):
            x0, y0, x1, y1 = (int(each) for each in box)
            assert mask[y0:y1, x0:x1].sum() == mask.sum() > 0
        steps = loop.steps()
        assert all(np.isfinite(next(steps)) for _ in range(3))
        assert loop.n_seen == 6
        for found in loop.detections(data.val[0], tuple(data.class_names))[:5]:
            assert Box(0, 0, SIDE, SIDE).bounds[2] >= found.shape.bounds[2]


def test_minutes_are_the_usual_ones_where_none_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float] = []

    def measured(settings: Settings) -> list[Row]:
        given.append(settings.minutes)
        return [Row("what", 1.0, "s", limit=0.5)]

    monkeypatch.setattr(training, "PARTS", dict.fromkeys(training.PARTS, measured))
    assert training.main([]) == 1
    assert training.main(["--part", "bccd", "--minutes", "1"]) == 1
    assert given == [12.0, 10.0, 1.0]
