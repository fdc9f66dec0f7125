"""How well a network does on validation pictures: COCO's numbers, and the losses."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass

import torch

from engine import hardware
from engine.detecting import predicting
from engine.detectors import Detected, Network
from engine.evaluation.coco_tables import IouType, Judged, JudgedTables
from engine.evaluation.detection import evaluate
from engine.feeding.batches import plain
from engine.feeding.data import Data, Example
from engine.geometry.shapes import Box
from engine.hardware import Precision
from engine.nn.holding import held_in_training
from engine.training.glimpses import Glimpse, glimpsed

_N_LOSSES = 8
"""Pictures whose losses are taken: enough for a curve, few enough to cost little beside the detections."""


@dataclass(frozen=True, slots=True)
class Tried:
    """How well a network did, and what it found on a few pictures."""

    metrics: Mapping[str, float | None]
    glimpses: tuple[Glimpse, ...] = ()


def validate(network: Network, data: Data, device: torch.device, precision: Precision) -> Generator[int, None, Tried]:
    """Try a network on every validation picture; yields how many are done.

    Metrics are named 'bbox/AP', 'segm/AP50' ('segm' where any truth has a mask and the network finds masks), and
    'val/loss_mask' and so on for the losses over a few of the pictures.
    """
    network.eval()
    judged: list[Judged] = []
    finds_masks = True
    for example in data.val:
        found = _detected(network, example, device, precision)
        finds_masks = finds_masks and found.masks is not None
        height, width = example.picture.shape[:2]
        scored = predicting.detections(found, example.image_id, tuple(data.class_names), (height, width))
        judged.append(Judged(example.image_id, height, width, example.annotations, scored))
        yield len(judged)
    few = data.val[:: -(-len(data.val) // _N_LOSSES)]
    named = {f"val/{name}": value for name, value in losses(network, few, device, precision).items()}
    return Tried(_numbers(judged, data, finds_masks=finds_masks) | named, glimpsed(judged))


def _detected(network: Network, example: Example, device: torch.device, precision: Precision) -> Detected:
    def detect() -> Detected:
        with hardware.autocast(device, precision):
            return predicting.detect(network, example.picture, device)

    return hardware.tried_twice(detect, device, f"detecting on {example.name}")


def _numbers(judged: Sequence[Judged], data: Data, *, finds_masks: bool) -> dict[str, float | None]:
    tables = JudgedTables(judged, data.class_names)
    limit = max((len(each.detections) for each in judged), default=0)
    has_masks = any(not isinstance(annotation.shape, Box) for each in judged for annotation in each.annotations)
    kinds: tuple[IouType, ...] = ("bbox", "segm") if finds_masks and has_masks else ("bbox",)
    scores = {kind: evaluate(tables, kind, max(limit, 100)) for kind in kinds}
    return {f"{kind}/{name}": value for kind, found in scores.items() for name, value in found.named().items()}


def losses(
    network: Network, examples: Sequence[Example], device: torch.device, precision: Precision
) -> dict[str, float]:
    """Mean loss terms over pictures as they are, in train mode but with norms and dropout held in eval."""
    torch.manual_seed(0)  # the same regions are sampled every time
    sums: dict[str, float] = {}
    with held_in_training(network):
        for example in examples:
            batch = plain([example], network).to(device)
            with hardware.autocast(device, precision):
                found = network.loss(batch.pictures, batch.truths)
            for name, value in found.items():
                sums[name] = sums.get(name, 0.0) + float(value) / len(examples)
    return sums
