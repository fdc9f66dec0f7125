"""RoIAlign as an embedding bag: torchvision's is the oracle, for values and for gradients."""

import pytest
import torch
from torchvision.ops import MultiScaleRoIAlign

from engine.nn.region_pool import RegionPool

LEVELS = ["0", "1", "2", "3"]


def features(n_pictures: int, height: int, width: int, *, n_channels: int = 5) -> dict[str, torch.Tensor]:
    made = {
        name: torch.randn(n_pictures, n_channels, -(-height // stride), -(-width // stride))
        for name, stride in zip(LEVELS, (4, 8, 16, 32), strict=True)
    }
    return {name: each.to(memory_format=torch.channels_last).requires_grad_() for name, each in made.items()}


def regions(n: int, height: int, width: int, largest: float) -> torch.Tensor:
    centres = torch.rand(n, 2) * torch.tensor([width, height])
    halves = torch.rand(n, 2) ** 3 * largest / 2
    return torch.cat([centres - halves, centres + halves], dim=1)


@pytest.mark.parametrize("size", [7, 14])
@pytest.mark.parametrize(("height", "width", "largest"), [(128, 160, 60), (320, 256, 900), (512, 512, 500)])
def test_values_and_gradients_are_torchvisions(size: int, height: int, width: int, largest: float) -> None:
    torch.manual_seed(size + height)
    seen = features(2, height, width)
    boxes = [regions(40, height, width, largest), regions(3, height, width, largest)]
    shapes = [(height, width), (height - 30, width - 7)]
    wanted = MultiScaleRoIAlign(LEVELS, size, 2)(seen, boxes, shapes)
    pooled = RegionPool(LEVELS, size)(seen, boxes, shapes)
    assert torch.allclose(pooled, wanted, atol=2e-4)
    weight = torch.randn_like(wanted)
    for ours, theirs in zip(
        torch.autograd.grad((pooled * weight).sum(), list(seen.values()), allow_unused=True),
        torch.autograd.grad((wanted * weight).sum(), list(seen.values()), allow_unused=True),
        strict=True,
    ):
        assert theirs is None or torch.allclose(ours, theirs, atol=5e-4)


@pytest.mark.parametrize("counts", [(0, 0), (0, 2), (3, 0)])
def test_pictures_without_regions(counts: tuple[int, int]) -> None:
    seen = features(2, 64, 64)
    pooled = RegionPool(LEVELS, 7)(seen, [regions(n, 64, 64, 30) for n in counts], [(64, 64), (64, 64)])
    assert pooled.shape == (sum(counts), 5, 7, 7)
    pooled.sum().backward() if sum(counts) else None


def test_regions_off_the_picture_and_without_area() -> None:
    seen = features(1, 64, 64)
    boxes = [torch.tensor([[-50.0, -50, -40, -40], [10, 10, 10, 10], [60, 60, 300, 300], [-500, -500, 900, 900]])]
    wanted = MultiScaleRoIAlign(LEVELS, 7, 2)(seen, boxes, [(64, 64)])
    assert torch.allclose(RegionPool(LEVELS, 7)(seen, boxes, [(64, 64)]), wanted, atol=2e-4)


def test_half_precision_features_give_float32() -> None:
    seen = {name: each.detach().bfloat16() for name, each in features(1, 64, 64).items()}
    assert RegionPool(LEVELS, 7)(seen, [regions(4, 64, 64, 30)], [(64, 64)]).dtype == torch.float32
