"""Copy-paste (Ghiasi et al. 2021): objects with a mask cut out of one picture and laid over another.

What they cover is covered in the truth too: masks lose what is hidden, boxes shrink to what is left to be seen, and an
object of which hardly anything is left is dropped.

Legend: (3, H, W) uint8 pictures in model space; N objects below, M cells of a mask.
"""

from __future__ import annotations

import torch
from torch import Tensor

from engine.detectors import Truth
from engine.feeding import augment
from engine.nn import mask_cells

_MOST = 20
_SEEN = 63
"""Of 255: a cell of which a quarter is left counts to what is still to be seen."""
_POINTS = 2
"""Along each side of a cell at which it is asked what is covered."""
_LEAST_LEFT = 0.2
"""An object of which less than this is still to be seen is dropped."""


def pasted(picture: Tensor, truth: Truth, other: Tensor, others: Truth) -> tuple[Tensor, Truth]:
    """The picture with up to half of another picture's masked objects on it, where they lie there.

    Which ones is up to torch's global generator.
    """
    height, width = picture.shape[-2:]
    other, others = augment.cropped(other, others, (0, 0, min(width, other.shape[2]), min(height, other.shape[1])))
    chosen = others.pick(_some(others))
    if not len(chosen):
        return picture, truth
    painted = mask_cells.painted(chosen.masks, chosen.mask_frames, (other.shape[1], other.shape[2]))
    is_new = torch.zeros(height, width, dtype=torch.bool)
    is_new[: other.shape[1], : other.shape[2]] = painted
    room = torch.zeros_like(picture)
    room[:, : other.shape[1], : other.shape[2]] = other
    return torch.where(is_new, room, picture), Truth.joined([covered(truth, is_new), chosen])


def _some(others: Truth) -> Tensor:
    """Indices of a random half of the objects with a mask, or fewer of them."""
    masked = torch.where(others.has_mask)[0]
    most = min((len(masked) + 1) // 2, _MOST)
    n_chosen = int(torch.randint(1, most + 1, ())) if most else 0
    return masked[torch.randperm(len(masked))[:n_chosen]]


def covered(truth: Truth, is_covered: Tensor) -> Truth:
    """The truth of a picture on which the pixels of `is_covered` (H, W) bool are hidden."""
    if not len(truth):
        return truth
    cells = torch.where(truth.has_mask[:, None, None], truth.masks, 255)
    hidden = _shares_in_cells(is_covered, truth.mask_frames, cells.shape[-1])
    left = (cells * (1 - hidden)).round().to(torch.uint8)
    share = left.float().sum(dim=(1, 2)) / cells.float().sum(dim=(1, 2)).clamp(min=1)
    is_touched = truth.has_mask & (hidden.amax(dim=(1, 2)) > 0)
    boxes = torch.where(is_touched[:, None], _seen_boxes(left, truth), truth.boxes)
    masks = torch.where(truth.has_mask[:, None, None], left, truth.masks)
    is_left = (share >= _LEAST_LEFT) & (boxes[:, 2:] > boxes[:, :2]).all(dim=1)
    points = _without_hidden(truth.keypoints, is_covered)
    return truth.map({"boxes": boxes, "masks": masks, "keypoints": points}).pick(is_left)


def _shares_in_cells(is_covered: Tensor, frames: Tensor, n_cells: int) -> Tensor:
    """(N, M, M) float: how much of each cell of each frame is covered, by the pixels that points inside it lie in."""
    steps = (torch.arange(_POINTS * n_cells) + 0.5) / (_POINTS * n_cells)
    y, x = (_pixels(frames[:, at], frames[:, at + 2], steps, is_covered.shape[1 - at]) for at in (1, 0))
    beyond = torch.nn.functional.pad(is_covered, (0, 1, 0, 1))
    at_points = beyond[y[:, :, None], x[:, None, :]].float()
    return torch.nn.functional.avg_pool2d(at_points[:, None], _POINTS)[:, 0]


def _pixels(low: Tensor, high: Tensor, steps: Tensor, limit: int) -> Tensor:
    """(N, S) the pixel that each step of the way from low to high lies in; `limit` where that is not on the picture."""
    at = (low[:, None] + (high - low)[:, None] * steps).floor().long()
    return torch.where((at >= 0) & (at < limit), at, limit)


def _seen_boxes(left: Tensor, truth: Truth) -> Tensor:
    """(N, 4) the boxes around the cells that are left, inside the boxes as they were; empty where no cell is."""
    n_cells = left.shape[-1]
    is_seen = left > _SEEN
    steps = torch.arange(n_cells)
    bounds = []
    for axis in (1, 2):  # columns, then rows
        along = is_seen.any(dim=axis)
        low = torch.where(along, steps, n_cells).amin(dim=1)
        high = torch.where(along, steps + 1, 0).amax(dim=1)
        bounds.append(torch.stack([low, high], dim=1))
    (x0, x1), (y0, y1) = (each.unbind(dim=1) for each in bounds)
    shares = torch.stack([x0, y0, x1, y1], dim=1) / n_cells
    origin, extent = truth.mask_frames[:, :2].repeat(1, 2), (truth.mask_frames[:, 2:] - truth.mask_frames[:, :2])
    found = origin + shares * extent.repeat(1, 2)
    low, high = torch.maximum(found[:, :2], truth.boxes[:, :2]), torch.minimum(found[:, 2:], truth.boxes[:, 2:])
    return torch.cat([low, high], dim=1)


def _without_hidden(keypoints: Tensor, is_covered: Tensor) -> Tensor:
    """Keypoints on covered pixels are not given any more."""
    height, width = is_covered.shape
    column = keypoints[..., 0].long().clamp(0, width - 1)
    row = keypoints[..., 1].long().clamp(0, height - 1)
    return keypoints * ~is_covered[row, column][..., None]
