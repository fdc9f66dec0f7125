"""The loop that one would write in an afternoon with torchvision's own tutorial: what ours is compared with.

torchvision's Mask R-CNN as it is (256 channels, its own heads, transform, losses and sampler) on MobileNetV2 with a
feature pyramid at strides 4 to 32 and ImageNet weights, norms frozen as torchvision does; pictures scaled to 320
pixels, two a step, mirrored half of the time; AdamW at 3e-4 after a linear warm-up of 50 steps, float32. Anchors are
half of torchvision's sizes, for nuclei are small, and 300 detections a picture are allowed, as ours is. All pictures
and masks are decoded once, before the clock starts, and nothing is validated while it runs: all its time is training.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torchvision.models import mobilenet_v2
from torchvision.models.detection import MaskRCNN
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.backbone_utils import BackboneWithFPN
from torchvision.ops.misc import FrozenBatchNorm2d

from engine.feeding.data import Data, Example, teaches
from engine.geometry import masks
from engine.geometry.shapes import Box, Shape
from engine.project.records import Detection

SIDE, BATCH, RATE, N_WARMUP, MOST_DETECTIONS = 320, 2, 3e-4, 50, 300
Target = dict[str, Tensor]


def network(weights: Path, n_classes: int, side: int = SIDE) -> MaskRCNN:
    """torchvision's Mask R-CNN on MobileNetV2 with the weights of a file; class 0 is the background."""
    trunk = mobilenet_v2(norm_layer=FrozenBatchNorm2d)
    trunk.load_state_dict(torch.load(weights, weights_only=True), strict=False)
    taps = {"3": "0", "6": "1", "13": "2", "17": "3"}
    backbone = BackboneWithFPN(trunk.features[:18], taps, [24, 32, 96, 320], 256)
    anchors = AnchorGenerator(tuple((size,) for size in (16, 32, 64, 128, 256)), ((0.5, 1.0, 2.0),) * 5)
    limits = {"min_size": side, "max_size": 2 * side, "box_detections_per_img": MOST_DETECTIONS}
    return MaskRCNN(backbone, n_classes + 1, rpn_anchor_generator=anchors, **limits)


@dataclass(slots=True)
class PlainLoop:
    """A training under way; `steps` goes on with it for as long as it is asked."""

    model: MaskRCNN
    pictures: Sequence[Tensor]
    targets: Sequence[Target]
    n_seen: int = 0
    _random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    def steps(self) -> Iterator[float]:
        """Endless; yields the loss of each step."""
        self.model.train()
        optimizer = torch.optim.AdamW([each for each in self.model.parameters() if each.requires_grad], lr=RATE)
        warming = torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=1e-3, total_iters=N_WARMUP)
        while True:
            order = self._random.permutation(len(self.pictures))
            for at in range(0, len(order), BATCH):
                pairs = [self._mirrored(index) for index in order[at : at + BATCH]]
                losses: dict[str, Tensor] = self.model([picture for picture, _ in pairs], [each for _, each in pairs])
                loss = torch.stack(list(losses.values())).sum()
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                warming.step()
                self.n_seen += len(pairs)
                yield float(loss.detach())

    def _mirrored(self, index: int) -> tuple[Tensor, Target]:
        picture, target = self.pictures[index], self.targets[index]
        if self._random.random() < 0.5:
            return picture, target
        boxes = target["boxes"].clone()
        boxes[:, [0, 2]] = picture.shape[-1] - boxes[:, [2, 0]]
        return picture.flip(-1), {**target, "boxes": boxes, "masks": target["masks"].flip(-1)}

    @torch.inference_mode()
    def detections(self, example: Example, class_ids: Sequence[int]) -> list[Detection]:
        """What it finds on one picture, best first."""
        self.model.eval()
        found: dict[str, Tensor] = self.model([_tensor(example)])[0]
        rows = zip(found["boxes"], found["labels"], found["scores"], found["masks"][:, 0] > 0.5, strict=True)
        image_id = example.image_id
        return [
            Detection(0, image_id, class_ids[int(label) - 1], float(score), _shape(box, mask))
            for box, label, score, mask in rows
        ]


def plain_loop(data: Data, weights: Path, side: int = SIDE) -> PlainLoop:
    """The loop on a training's data, everything decoded."""
    class_ids = tuple(data.class_names)
    model = network(weights, len(class_ids), side)
    examples = [each for each in data.train if len(each.truth)]
    targets = [_target(each, class_ids) for each in examples]
    return PlainLoop(model, [_tensor(each) for each in examples], targets)


def _tensor(example: Example) -> Tensor:
    return torch.from_numpy(example.picture).permute(2, 0, 1).float() / 255


def _target(example: Example, class_ids: Sequence[int]) -> Target:
    """Boxes, masks of the whole picture and classes, as torchvision wants them."""
    taught = [each for each in example.annotations if teaches(each)]
    height, width = example.picture.shape[:2]
    painted = np.stack([masks.paint(masks.of_shape(each.shape), height, width) for each in taught])
    classes = [class_ids.index(each.class_id) + 1 for each in taught]
    boxes = torch.tensor([each.shape.bounds for each in taught], dtype=torch.float32)
    return {"boxes": boxes, "labels": torch.tensor(classes), "masks": torch.from_numpy(painted.astype(np.uint8))}


def _shape(box: Tensor, mask: Tensor) -> Shape:
    """The mask, or the box where it has no pixel."""
    found: Any = masks.from_bitmap(mask.numpy())
    return Box(*box.tolist()) if found.is_empty else found
