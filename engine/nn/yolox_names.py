"""Tensors of weights in YOLOX's layout under the names that `csp_network.Body` has for them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from engine.nn.csp_network import FIRST_LOGIT

_BY_PLACE = (
    (r"^backbone\.backbone\.stem\.conv\.", "trunk.stem."),
    (r"^backbone\.backbone\.dark([2-5])\.0\.", r"trunk.stages.@\1.down."),
    (r"^backbone\.backbone\.dark5\.1\.conv1\.", "trunk.stages.3.pooling.squeeze."),
    (r"^backbone\.backbone\.dark5\.1\.conv2\.", "trunk.stages.3.pooling.merge."),
    (r"^backbone\.backbone\.dark5\.2\.", "trunk.stages.3.cross."),
    (r"^backbone\.backbone\.dark([2-4])\.1\.", r"trunk.stages.@\1.cross."),
    (r"^backbone\.lateral_conv0\.", "neck.laterals.0."),
    (r"^backbone\.reduce_conv1\.", "neck.laterals.1."),
    (r"^backbone\.C3_p4\.", "neck.downward.0."),
    (r"^backbone\.C3_p3\.", "neck.downward.1."),
    (r"^backbone\.bu_conv2\.", "neck.shrinks.0."),
    (r"^backbone\.bu_conv1\.", "neck.shrinks.1."),
    (r"^backbone\.C3_n3\.", "neck.upward.0."),
    (r"^backbone\.C3_n4\.", "neck.upward.1."),
    (r"^head\.cls_convs\.", "head.class_branches."),
    (r"^head\.reg_convs\.", "head.box_branches."),
    (r"^head\.cls_preds\.", "head.class_logits."),
    (r"^head\.reg_preds\.", "head.box_terms."),
    (r"^head\.obj_preds\.", "head.objectness."),
)
"""What a name begins with, there and here; '@2' stands for the stage that comes first."""
_BY_PART = (
    (r"\.m\.(\d+)\.conv1\.", r".blocks.\1.squeeze."),
    (r"\.m\.(\d+)\.conv2\.", r".blocks.\1.mix."),
    (r"\.conv1\.(?=conv\.|bn\.)", ".inner."),
    (r"\.conv2\.(?=conv\.|bn\.)", ".bypass."),
    (r"\.conv3\.(?=conv\.|bn\.)", ".merge."),
    (r"\.dconv\.", ".depth."),
    (r"\.pconv\.", ".point."),
    (r"\.bn\.", ".norm."),
)


def is_yolox(tensors: Mapping[str, Tensor]) -> bool:
    """Whether these are named as YOLOX names them."""
    return "backbone.backbone.stem.conv.conv.weight" in tensors


def ours(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same tensors under our names; a name that is not YOLOX's stays as it is."""
    return {renamed(name): value for name, value in tensors.items()}


def renamed(name: str) -> str:
    """Our name for a tensor of YOLOX's."""
    for pattern, replacement in _BY_PLACE:
        placed, n_found = re.subn(pattern, replacement, name)
        if n_found:
            return _parts_renamed(re.sub(r"@([2-5])", lambda found: str(int(found[1]) - 2), placed))
    return _parts_renamed(name) if name.startswith("head.stems.") else name


def _parts_renamed(name: str) -> str:
    for pattern, replacement in _BY_PART:
        name = re.sub(pattern, replacement, name)
    return name


def of_classes(tensors: Mapping[str, Tensor], indices: Sequence[int]) -> dict[str, Tensor]:
    """Weights under our names for an anchor-free body that tells only these classes apart; -1 is one they do not know.

    What is not known begins as it does in a new network, but with no preference of any feature.
    """
    return {
        name: _rows(value, indices, _unknown(name)) if name.startswith("head.class_logits.") else value
        for name, value in tensors.items()
    }


def _unknown(name: str) -> float:
    return FIRST_LOGIT if name.endswith(".bias") else 0.0


def _rows(values: Tensor, indices: Sequence[int], unknown: float) -> Tensor:
    absent = values.new_full((1, *values.shape[1:]), unknown)
    return torch.cat([values, absent])[[index if index >= 0 else len(values) for index in indices]]
