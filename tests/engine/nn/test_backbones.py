"""Trunks under a feature pyramid."""

import pytest
import torch

from engine.errors import UserError
from engine.nn import backbones


@pytest.mark.parametrize("name", backbones.TRUNKS)
def test_levels_have_the_strides_and_channels_they_should(name: str) -> None:
    pyramid = backbones.pyramid(name, 16).eval()
    with torch.inference_mode():
        levels = pyramid(torch.zeros(1, 3, 128, 64))
    shapes = [tuple(level.shape[1:]) for level in levels.values()]
    assert shapes == [(16, 128 // stride, max(64 // stride, 1)) for stride in backbones.STRIDES]


@pytest.mark.parametrize("name", backbones.TRUNKS)
def test_holding_stops_the_stem_and_the_norms_and_nothing_else(name: str) -> None:
    pyramid = backbones.pyramid(name, 16)
    backbones.hold(pyramid, name)
    held = {each for each, parameter in pyramid.named_parameters() if not parameter.requires_grad}
    stem = tuple(f"body.{layer}." for layer in backbones.trunk(name).stem)
    norms = {f"body.{at}" for at, module in pyramid.body.named_modules() if isinstance(module, torch.nn.BatchNorm2d)}
    for each, _ in pyramid.named_parameters():
        assert (each in held) == (each.startswith(stem) or each.rsplit(".", 1)[0] in norms), each
    assert any(each not in held for each in dict(pyramid.named_parameters()))


def test_an_unknown_backbone_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UserError, match=r"'vgg'.*mobilenet_v2"):
        backbones.trunk("vgg")
