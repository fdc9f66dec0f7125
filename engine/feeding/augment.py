"""Training pictures made various: scale, crop, flips, light. Truth follows the picture.

Legend: (3, H, W) uint8 pictures. A picture's `scale` is model pixels per image pixel; what comes out is in model space.
Randomness comes from torch's global generator, which the caller seeds for each picture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torchvision.transforms import v2

from engine.detectors import Truth, option
from engine.nn import scaling
from engine.nn.scaling import model_size

_LEAST_SHARE = 0.1
"""An object of which a crop leaves less than this is dropped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Augmentation:
    """How much training pictures vary.

    Every field is made by `option`: the fine-tune dialog offers it with its sentence.

    Mosaic and copy-paste wait to be asked for, as neither gained anything where objects are many and alike: Mask R-CNN
    on 80 pictures of nuclei, from ImageNet's weights, 6 minutes of one core each, segm AP (AP50) on 30 others: without
    0.551 (0.840), copy-paste half of the time 0.551 (0.841), mosaic half of the time 0.550 (0.850); another seed of the
    first gave 0.543 (0.838), so that none of them differ.
    """

    smallest_scale: float = option(
        0.75,
        "Pictures are shrunk to this at most; a part of a larger one and a smaller whole look different each time.",
    )
    largest_scale: float = option(1.33, "Pictures are enlarged by this at most, and cut to the size they had.")
    flip_horizontal: float = option(
        0.5, "How often a picture is mirrored left to right; 0 where left is not like right."
    )
    flip_vertical: float = option(
        0.0, "How often it is turned upside down: right for slides and aerial pictures, wrong for people and cars."
    )
    light: float = option(0.2, "Brightness, contrast and colour vary by this share.")
    mosaic: float = option(
        0.0, "How often four pictures are shown as the quarters of one: more objects and places a step; not at the end."
    )
    copy_paste: float = option(
        0.0, "How often objects with a mask are cut out of another picture and laid over this one."
    )


NO_AUGMENTATION = Augmentation(smallest_scale=1, largest_scale=1, flip_horizontal=0, light=0)


def augmented(picture: Tensor, truth: Truth, scale: float, how: Augmentation) -> tuple[Tensor, Truth]:
    """A random variant of a picture and its truth, in model space and no larger there than the whole picture."""
    height, width = picture.shape[-2:]
    factor = math.exp(uniform(math.log(how.smallest_scale), math.log(how.largest_scale)))
    picture, truth = random_crop(picture, truth, (height / factor, width / factor))
    shown = min(factor, 1.0)
    picture, truth = resized(picture, truth, model_size(height, width, scale * shown))
    picture, truth = _flipped(picture, truth, how)
    return _relit(picture, how.light), truth


def scaled(picture: Tensor, truth: Truth, scale: float) -> tuple[Tensor, Truth]:
    """A whole picture and its truth in model space."""
    return resized(picture, truth, model_size(picture.shape[-2], picture.shape[-1], scale))


def resized(picture: Tensor, truth: Truth, size: tuple[int, int]) -> tuple[Tensor, Truth]:
    """A picture and its truth made (height, width) large."""
    height, width = picture.shape[-2:]
    ratio = torch.tensor([size[1] / width, size[0] / height] * 2)
    scaled_boxes = {"boxes": truth.boxes * ratio, "mask_frames": truth.mask_frames * ratio}
    truth = truth.map({**scaled_boxes, "keypoints": truth.keypoints * torch.tensor([*ratio[:2].tolist(), 1.0])})
    return scaling.resized(picture, size), truth


def cropped(picture: Tensor, truth: Truth, window: tuple[int, int, int, int]) -> tuple[Tensor, Truth]:
    """The part of a picture in the window (x, y, width, height), with the objects of which enough is left."""
    x, y, width, height = window
    origin = torch.tensor([x, y, x, y], dtype=torch.float32)
    boxes = truth.boxes - origin
    cut = torch.stack([boxes[:, 0::2].clamp(0, width), boxes[:, 1::2].clamp(0, height)], dim=-1).flatten(1)
    points = _within(truth.keypoints - torch.tensor([x, y, 0.0]), (height, width))
    truth = truth.map({"boxes": cut, "mask_frames": truth.mask_frames - origin, "keypoints": points})
    kept = _area(cut) > _LEAST_SHARE * _area(boxes)
    return picture[:, y : y + height, x : x + width], truth.pick(kept)


def _within(keypoints: Tensor, size: tuple[int, int]) -> Tensor:
    """Keypoints on a picture of `size` (height, width); those that lie outside are not given any more."""
    height, width = size
    x, y = keypoints[..., 0], keypoints[..., 1]
    is_on = (x >= 0) & (y >= 0) & (x <= width) & (y <= height)
    return keypoints * is_on[..., None]


def _area(boxes: Tensor) -> Tensor:
    return (boxes[:, 2:] - boxes[:, :2]).prod(dim=1)


def random_crop(picture: Tensor, truth: Truth, size: tuple[float, float]) -> tuple[Tensor, Truth]:
    """A random window of `size` (height, width), or of what the picture has."""
    height, width = (min(math.ceil(wanted), side) for wanted, side in zip(size, picture.shape[-2:], strict=True))
    y, x = (int(uniform(0, side - cut + 1)) for side, cut in zip(picture.shape[-2:], (height, width), strict=True))
    return cropped(picture, truth, (x, y, width, height))


def _flipped(picture: Tensor, truth: Truth, how: Augmentation) -> tuple[Tensor, Truth]:
    for axis, probability in ((-1, how.flip_horizontal), (-2, how.flip_vertical)):
        if uniform(0, 1) < probability:
            picture, truth = mirrored(picture, truth, axis)
    return picture, truth


def mirrored(picture: Tensor, truth: Truth, axis: int) -> tuple[Tensor, Truth]:
    """Picture and truth mirrored left to right (axis -1) or top to bottom (-2)."""
    extent, at = picture.shape[axis], 0 if axis == -1 else 1
    changed = {name: _mirrored_boxes(getattr(truth, name), at, extent) for name in ("boxes", "mask_frames")}
    points = truth.keypoints.clone()
    points[..., at] = torch.where(points[..., 2] > 0, extent - points[..., at], 0.0)
    changed |= {"masks": truth.masks.flip(axis), "keypoints": _exchanged(points, truth.mirrors)}
    return picture.flip(axis), truth.map(changed)


def _exchanged(keypoints: Tensor, mirrors: Tensor) -> Tensor:
    """Each point under the name that it has in a mirror."""
    return keypoints.gather(1, mirrors[..., None].expand_as(keypoints))


def _mirrored_boxes(boxes: Tensor, at: int, extent: int) -> Tensor:
    mirrored_boxes = boxes.clone()
    mirrored_boxes[:, at], mirrored_boxes[:, at + 2] = extent - boxes[:, at + 2], extent - boxes[:, at]
    return mirrored_boxes


def _relit(picture: Tensor, light: float) -> Tensor:
    if light <= 0:
        return picture
    relit: Tensor = v2.ColorJitter(brightness=light, contrast=light, saturation=light)(picture)
    return relit


def moved(truth: Truth, x: float, y: float) -> Truth:
    """A truth where its picture lies x to the right and y down on a larger one."""
    step = torch.tensor([x, y, x, y], dtype=torch.float32)
    points = truth.keypoints + torch.tensor([x, y, 0.0]) * (truth.keypoints[..., 2:] > 0)
    return truth.map({"boxes": truth.boxes + step, "mask_frames": truth.mask_frames + step, "keypoints": points})


def uniform(low: float, high: float) -> float:
    """A number from torch's global generator."""
    return float(torch.empty(()).uniform_(low, high)) if high > low else low
