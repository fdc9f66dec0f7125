"""What is done to crops first, beside loops; and that its hash tells treatments apart."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from torch import Tensor

from engine.embedders import Preprocessing

GREY = Preprocessing(height=4, width=3, channels="grey")


def crops(n: int, height: int, width: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (n, 3, height, width), generator=generator, dtype=torch.uint8)


def test_grey_is_the_luma_of_rgb() -> None:
    given_crops = crops(2, 4, 3)
    found = GREY.shown(given_crops)
    for n in range(2):
        for row in range(4):
            for column in range(3):
                red, green, blue = given_crops[n, :, row, column].tolist()
                luma = (0.299 * red + 0.587 * green + 0.114 * blue) / 255
                assert found[n, 0, row, column] == pytest.approx(luma, abs=1e-6)


def test_channels_are_in_the_order_that_is_asked_for() -> None:
    given_crops = crops(2, 4, 3)
    straight = Preprocessing(height=4, width=3).shown(given_crops)
    turned = Preprocessing(height=4, width=3, channels="BGR").shown(given_crops)
    assert torch.equal(straight[:, [2, 1, 0]], turned)


def test_other_sizes_are_resized_as_pillow_does() -> None:
    given_crops = crops(1, 112, 92)
    found = replace(GREY, height=56, width=48).shown(given_crops)[0, 0] * 255
    grey = np.rint(given_crops[0].permute(1, 2, 0).numpy() @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)
    theirs = np.asarray(Image.fromarray(grey).resize((48, 56), Image.Resampling.BILINEAR), dtype=np.float32)
    assert np.abs(found.numpy() - theirs).max() < 1.6


def test_mean_and_deviation_are_taken_by_channel() -> None:
    settings = Preprocessing(height=2, width=2, divisor=2.0, mean=(1.0, 2.0, 3.0), deviation=(2.0, 4.0, 5.0))
    given_crops = crops(1, 2, 2)
    found = settings.normalised(settings.shown(given_crops))
    for channel, (mean, deviation) in enumerate(zip(settings.mean, settings.deviation, strict=True)):
        wanted = (given_crops[0, channel].float() / 2 - mean) / deviation
        assert torch.allclose(found[0, channel], wanted)


@given(st.integers(0, 1000), st.floats(0.3, 1.0), st.floats(0, 60))
def test_a_standardised_crop_does_not_change_with_light_and_contrast(seed: int, contrast: float, light: float) -> None:
    settings = replace(GREY, is_standardised=True)
    shown = GREY.shown(crops(1, 4, 3, seed))
    plain, lit = settings.normalised(shown), settings.normalised(shown * contrast + light / 255)
    assert torch.allclose(plain, lit, atol=5e-3)
    assert float(plain.mean()) == pytest.approx(0, abs=1e-5)


def test_a_crop_of_one_colour_becomes_zeros() -> None:
    settings = replace(GREY, is_standardised=True)
    found = settings.normalised(settings.shown(torch.full((1, 3, 9, 9), 77, dtype=torch.uint8)))
    assert torch.allclose(found, torch.zeros(1, 1, 4, 3), atol=1e-2)


def test_no_crops_are_no_pictures() -> None:
    assert GREY.shown(crops(0, 9, 9)).shape == (0, 1, 4, 3)


@pytest.mark.parametrize(
    "wrong",
    [torch.zeros(1, 3, 4, 4), torch.zeros(3, 4, 4, dtype=torch.uint8), torch.zeros(1, 1, 4, 4, dtype=torch.uint8)],
)
def test_what_is_no_crop_is_refused(wrong: Tensor) -> None:
    with pytest.raises(ValueError, match="crops are"):
        GREY.shown(wrong)


def test_every_setting_changes_the_hash_and_nothing_else_does() -> None:
    plain = Preprocessing(height=4, width=3)
    others = [
        {"height": 5},
        {"width": 4},
        {"channels": "BGR"},
        {"channels": "grey"},
        {"divisor": 1.0},
        {"mean": (0.0, 0.0, 0.5)},
        {"deviation": (1.0, 1.0, 2.0)},
        {"is_standardised": True},
        {"adds_mirror": True},
    ]
    hashes = [plain.sha256, *(replace(plain, **other).sha256 for other in others)]
    assert len(set(hashes)) == len(hashes)
    assert Preprocessing(height=4, width=3).sha256 == plain.sha256


@pytest.mark.parametrize(
    "wrong", [{"height": 0}, {"divisor": 0.0}, {"mean": (0.5,)}, {"deviation": (1.0, 0.0, 1.0)}], ids=str
)
def test_settings_that_mean_nothing_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"needs?|is above"):
        replace(Preprocessing(height=4, width=3), **wrong)
