"""Every detector written as ONNX detects as in torch, also where there is no torch."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from PIL import Image

from engine.detecting.predicting import Picture
from engine.detectors import DETECTORS, Exportable, Network
from engine.detectors.yolo import Yolo
from engine.nn.backbones import norms
from engine.portable import card, model
from engine.taking_away import onnx_writing
from tests.engine.detectors.scenes import Scenes
from tests.engine.detectors.test_contract import build

CLASS_NAMES = ["disk", "bar"]


def pictures() -> list[Picture]:
    """Small and large ones, some of them far from square."""
    noise = np.random.default_rng(0).integers(0, 255, (300, 300, 3)).astype(np.uint8)
    return [*(scene.picture for scene in Scenes(2, 0).train), noise[:90, :250], noise[:, :100], noise[:1, :9]]


def bold(network: Network) -> Network:
    """Of random weights, but with norms that suit them, and certain of what it finds: no two scores are equal."""
    if isinstance(network, Yolo):
        torch.manual_seed(1)
        for norm in norms(network):
            norm.momentum = 1.0
        for layer in (*network.body.head.objectness, *network.body.head.class_logits):
            torch.nn.init.zeros_(layer.bias)
        with torch.no_grad():
            network.train().body(255 * torch.rand(4, 3, 96, 96))
    return network.eval()


@pytest.fixture(scope="module", params=DETECTORS.names())
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Network, Path]:
    name = str(request.param)
    network, folder = bold(build(name)), tmp_path_factory.mktemp(name)
    assert isinstance(network, Exportable)
    portable = network.portable(name, CLASS_NAMES)
    (folder / card.FILE).write_bytes(msgspec.json.encode({"portable": portable.card}))
    onnx_writing.write_parts(portable, folder)
    return name, network, folder


def test_it_detects_as_torch_does(written: tuple[str, Network, Path]) -> None:
    name, network, folder = written
    assert isinstance(network, Exportable)
    likeness = onnx_writing.compared(network, network.portable(name, CLASS_NAMES), folder, pictures())
    assert likeness.detections > 100
    assert likeness.is_close
    assert likeness.keypoint_pixels < 0.1
    assert (likeness.mask > 0) == (name == "mask_rcnn")


def test_other_weights_are_noticed(written: tuple[str, Network, Path]) -> None:
    name, _, folder = written
    torch.manual_seed(5)
    detector = DETECTORS.get(name)
    other = bold(detector.build(build(name).options, 2))  # type: ignore[arg-type]
    assert isinstance(other, Exportable)
    likeness = onnx_writing.compared(other, other.portable(name, CLASS_NAMES), folder, pictures()[:1])
    assert not likeness.is_close


_WITHOUT = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torch", "torchvision", "engine", "studio", "onnx", "shapely", "PySide6"):
            raise ImportError(name + " is not there")
sys.meta_path.insert(0, Blocked())
import os, runpy
sys.argv = sys.argv[1:]
sys.path.insert(0, os.path.dirname(sys.argv[0]))  # as python does for a program
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def test_it_needs_neither_torch_nor_this_program(written: tuple[str, Network, Path], tmp_path: Path) -> None:
    name, _, folder = written
    picture = pictures()[0]
    Image.fromarray(picture).save(tmp_path / "a.png")
    command = [sys.executable, "-c", _WITHOUT, str(folder / "detect.py"), str(tmp_path / "a.png")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    row = json.loads(done.stdout)
    found = model.Model.load(folder).detect(picture)
    assert row["path"].endswith("a.png")
    assert [each["score"] for each in row["detections"]] == pytest.approx(found.scores.tolist())
    assert {each["class"] for each in row["detections"]} <= set(CLASS_NAMES)
    assert name


def test_masks_are_bitmaps_of_the_picture(written: tuple[str, Network, Path]) -> None:
    _, _, folder = written
    picture = pictures()[0]
    loaded = model.Model.load(folder)
    found = loaded.detect(picture)
    bitmaps = loaded.bitmaps(found, *picture.shape[:2])
    assert len(bitmaps) == len(found.boxes)
    for bitmap, box in zip(bitmaps, found.boxes, strict=True):
        rows, columns = np.nonzero(bitmap)
        assert bitmap.shape == picture.shape[:2]
        if len(rows):
            assert columns.min() >= box[0] - 0.5
            assert columns.max() + 1 <= box[2] + 0.5
            assert rows.max() + 1 <= box[3] + 0.5
