"""A network's parts written as ONNX, beside the modules that use them, and compared with torch on the spot."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch

import engine.portable
from engine.detecting import predicting
from engine.detecting.predicting import Picture
from engine.detectors import Detected, Network, Part, Portable
from engine.errors import UserError

FOLDER = "boxwright_portable"
"""What the folder of modules is called there."""
_OPSET = 17
_NEEDED = ("onnx", "onnxruntime")

MOST_OF_PARTS = 1e-3
"""The largest difference of a part's outputs that is borne, of 1 or of the output where that is larger."""
MOST_OF_BOXES, MOST_OF_SCORES = 0.1, 2e-3
"""The same of detections: pixels, and scores and mask cells."""
MOST_UNMATCHED = 0.01
"""The share of detections that may have no twin: where two scores are all but equal, another one is left."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How far what was written differs from torch."""

    parts: dict[str, float]
    """By part, the largest difference of an output, of 1 or of the output where that is larger."""
    pictures: int
    detections: int
    """What torch found on the pictures."""
    unmatched: int
    """Of both sides, those without a twin."""
    box_pixels: float
    score: float
    mask: float
    keypoint_pixels: float

    @property
    def is_close(self) -> bool:
        """Whether the two are equal for all purposes."""
        return (
            max(self.parts.values()) <= MOST_OF_PARTS
            and self.unmatched <= max(MOST_UNMATCHED * 2 * self.detections, 2 if self.detections else 0)
            and self.box_pixels <= MOST_OF_BOXES
            and max(self.score, self.mask) <= MOST_OF_SCORES
        )


def require() -> None:
    """Raise UserError where what ONNX needs is not installed."""
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise UserError(
            f"ONNX cannot be written: {', '.join(missing)} is not installed.", f"pip install {' '.join(_NEEDED)}"
        )


def write_parts(portable: Portable, folder: Path) -> None:
    """Each part as an ONNX file, and the modules that use them."""
    for name, part in portable.parts.items():
        _write_part(part, folder / f"{name}.onnx")
    _write_modules(folder)


def _write_part(part: Part, path: Path) -> None:
    axes: dict[str, dict[int, str]] = {"input": dict(part.axes)}
    axes |= {name: {0: part.axes[0]} for name in part.outputs}
    with warnings.catch_warnings(), torch.no_grad():
        # The way by TorchScript is deprecated and will go; the new one takes fifty times as long for the same graph.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            part.module, (part.example,), str(path), dynamo=False, input_names=["input"],
            output_names=list(part.outputs), dynamic_axes=axes, opset_version=_OPSET,
        )  # fmt: skip


def _write_modules(folder: Path) -> None:
    """The modules of engine.portable under a name of their own, and a program that calls them."""
    target = folder / FOLDER
    target.mkdir()
    for module in sorted(Path(engine.portable.__path__[0]).glob("*.py")):
        text = module.read_text(encoding="utf-8").replace("engine.portable", FOLDER)
        (target / module.name).write_text(text, encoding="utf-8")
    (folder / "detect.py").write_text(_PROGRAM, encoding="utf-8")


_PROGRAM = f'''"""Detect on picture files with the model of this folder: python detect.py PICTURE..."""

import sys
from pathlib import Path

from {FOLDER}.model import main

main([str(Path(__file__).parent), *sys.argv[1:]])
'''


def compared(network: Network, portable: Portable, folder: Path, pictures: Sequence[Picture]) -> Likeness:
    """What was written to `folder`, card included, against the network it was written from, which is on the CPU."""
    model = importlib.import_module("engine.portable.model").Model.load(folder)
    parts = {name: _part_difference(part, model.parts[name]) for name, part in portable.parts.items()}
    found = [
        _differences(predicting.detect(network, each, torch.device("cpu")), model.detect(each)) for each in pictures
    ]
    return Likeness(
        parts, len(pictures), sum(each.n_found for each in found), sum(each.n_unmatched for each in found),
        *(max((getattr(each, name) for each in found), default=0.0) for name in ("box", "score", "mask", "points")),
    )  # fmt: skip


def _part_difference(part: Part, run: Any) -> float:
    """Of another input than the one it was written with, with other sizes where they may differ."""
    sizes = [
        side + 32 * (at > 1) + (at == 0) if at in part.axes else side for at, side in enumerate(part.example.shape)
    ]
    values = torch.rand(sizes, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        wanted = [each.numpy() for each in part.module(values)]
    pairs = zip(wanted, run(values.numpy()), strict=True)
    return max(float((np.abs(one - other) / np.maximum(np.abs(one), 1)).max()) for one, other in pairs)


@dataclass(frozen=True, slots=True)
class _Differences:
    n_found: int
    n_unmatched: int
    box: float
    score: float
    mask: float
    points: float


def _differences(wanted: Detected, found: Any) -> _Differences:
    """Between the detections of both on one picture, each compared with its twin: of its class, the nearest."""
    boxes, scores, classes = (each.numpy() for each in (wanted.boxes, wanted.scores, wanted.class_indices))
    twins: list[tuple[int, int]] = []
    for at in range(len(boxes)):
        distance = np.abs(found.boxes - boxes[at]).max(axis=1, initial=0) + np.abs(found.scores - scores[at])
        distance[found.class_indices != classes[at]] = np.inf
        if len(distance) and distance.min() < 2 * MOST_OF_BOXES:
            twins.append((at, int(distance.argmin())))
    ours, theirs = ([pair[side] for pair in twins] for side in (0, 1))
    n_unmatched = len(boxes) - len(twins) + len(found.boxes) - len(set(theirs))
    pairs = (
        (boxes, found.boxes),
        (scores, found.scores),
        (wanted.masks, found.masks),
        (wanted.keypoints, found.keypoints),
    )
    gaps = [0.0 if other is None or not twins else _gap(np.asarray(one)[ours], other[theirs]) for one, other in pairs]
    return _Differences(len(boxes), n_unmatched, *gaps)


def _gap(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> float:
    return float(np.abs(one - other).max())
