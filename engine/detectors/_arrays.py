"""Tensors of one pass as the arrays that stages are made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.detectors._seam import Normalisation
from engine.tracing.rules import Rules
from engine.tracing.stages import Anchors, FeatureMaps, Floats, Input, Ints, Selection


def floats(values: Tensor) -> Floats:
    """float32, sharing memory where the tensor is on the CPU."""
    array: Floats = values.detach().float().cpu().numpy()
    return array


def ints(values: Tensor) -> Ints:
    """int64, sharing memory where the tensor is on the CPU."""
    array: Ints = values.detach().long().cpu().numpy()
    return array


def input_stage(frame: Tensor, model_size: tuple[int, int], size: tuple[int, int], seen: Normalisation) -> Input:
    """What a (1, 3, H, W) frame of normalised values shows; `size` is the picture's own height and width."""
    mean, deviation = (frame.new_tensor(each)[:, None, None] for each in (seen.mean, seen.deviation))
    values = (frame[0, :, : model_size[0], : model_size[1]].detach().float() * deviation + mean) * seen.divisor
    values = values if seen.channels == "RGB" else values.flip(0)
    picture = values.permute(1, 2, 0).round_().clamp_(0, 255).to(torch.uint8).contiguous()
    return Input(
        name="input", picture=picture.cpu().numpy(), frame=(frame.shape[-2], frame.shape[-1]), size=size,
        mean=seen.mean, deviation=seen.deviation, divisor=seen.divisor, channels=seen.channels,
    )  # fmt: skip


def feature_stage(levels: list[Tensor], strides: tuple[int, ...], names: tuple[str, ...]) -> FeatureMaps:
    """Of one picture's levels, each (1, C, h, w)."""
    maps = tuple(floats(level[0]) for level in levels)
    return FeatureMaps(name="features", levels=maps, strides=tuple(map(float, strides)), level_names=names)


def anchor_stage(
    boxes: Tensor, grids: tuple[tuple[int, int, int], ...], strides: tuple[int, ...], called: str
) -> Anchors:
    """Of boxes in the usual order: level by level, row by row, cell by cell; `grids` as in the stage."""
    counts = [rows * columns * k for rows, columns, k in grids]
    level = np.repeat(np.arange(len(grids)), counts)
    cells, slots = zip(*(_places(*grid) for grid in grids), strict=True)
    return Anchors(
        name="anchors", boxes=floats(boxes), level=level, cell=np.concatenate(cells), slot=np.concatenate(slots),
        grids=grids, strides=tuple(map(float, strides)), called=called,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """What a network itself kept of the rows of scores, in its order."""

    rows: Ints
    boxes: Tensor
    scores: Tensor
    classes: Tensor
    """From 0."""


def selection_stage(name: str, of: str, rules: Rules, kept: Kept) -> Selection:
    """What `rules` leave of the scores called `of`."""
    return Selection(
        name=name, of=of, rules=rules, kept_rows=kept.rows, kept_classes=ints(kept.classes),
        kept_boxes=floats(kept.boxes), kept_scores=floats(kept.scores), double_iou=kept.boxes.device.type == "cpu",
    )  # fmt: skip


def _places(rows: int, columns: int, k: int) -> tuple[Ints, Ints]:
    """Of the anchors of one level: column and row, and which of its cell's anchors each is."""
    row, column, slot = np.unravel_index(np.arange(rows * columns * k), (rows, columns, k))
    return np.stack([column, row], axis=1), np.asarray(slot)
