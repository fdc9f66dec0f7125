"""What is streamed is what decoding gives, whatever the format, depth and orientation."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine import pictures
from engine.errors import UserError
from engine.tiling import streaming

RNG = np.random.default_rng(0)
RGB = RNG.integers(0, 256, (37, 53, 3), dtype=np.uint8)
GREY = RNG.integers(0, 256, (37, 53), dtype=np.uint8)


def picture(mode: str) -> Image.Image:
    rgb = Image.fromarray(RGB)
    if mode == "I;16":
        return Image.fromarray(RNG.integers(500, 9000, (37, 53), dtype=np.uint16))
    if mode in ("RGBA", "LA"):
        layer = rgb.convert("RGBA")
        layer.putalpha(Image.fromarray(GREY))
        return layer.convert(mode)
    return rgb.quantize(16) if mode == "P" else rgb.convert(mode)


@pytest.mark.parametrize(
    ("mode", "suffix"),
    [
        ("RGB", ".png"), ("L", ".png"), ("P", ".png"), ("RGBA", ".png"), ("LA", ".png"), ("1", ".png"),
        ("I;16", ".png"),
        ("RGB", ".tif"), ("L", ".tif"), ("I;16", ".tif"), ("RGB", ".webp"), ("RGB", ".bmp"), ("RGB", ".ppm"),
        ("RGB", ".jpg"), ("L", ".jpg"),
    ],
)  # fmt: skip
def test_pixels_are_those_of_decoding(tmp_path: Path, mode: str, suffix: str) -> None:
    path = tmp_path / f"a[1]{suffix}"
    picture(mode).save(path, **({"lossless": True} if suffix == ".webp" else {}))
    head = pictures.head(path)
    found = streaming.opened(path, head).numpy()
    expected = pictures.decode(path)
    assert found.shape == expected.shape
    assert np.abs(found.astype(int) - expected).max() <= (6 if suffix == ".jpg" else 1)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".png", ".tif", ".jpg"])
def test_pictures_stand_upright(tmp_path: Path, orientation: int, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    exif = Image.Exif()
    exif[0x0112] = orientation
    smooth = np.linspace(0, 200, 37)[:, None, None] + np.linspace(0, 55, 53)[None, :, None] + np.zeros(3)
    Image.fromarray(smooth.astype(np.uint8)).save(path, exif=exif)
    head, expected = pictures.head(path), pictures.decode(path)
    assert np.abs(streaming.opened(path, head).numpy().astype(int) - expected).max() <= 2
    assert np.abs(streaming.preview(path, head, side=53).astype(int) - expected).max() <= 4


def test_cmyk_comes_in_its_colours(tmp_path: Path) -> None:
    Image.new("CMYK", (40, 30), (0, 0, 0, 0)).save(tmp_path / "white.jpg")
    Image.new("CMYK", (40, 30), (0, 255, 255, 0)).save(tmp_path / "red.jpg")
    white, red = (
        streaming.opened(path, pictures.head(path)).numpy()[15, 20]
        for path in (tmp_path / "white.jpg", tmp_path / "red.jpg")
    )
    assert white.min() > 240
    assert red[0] > 150
    assert red[1:].max() < 100


def test_a_preview_is_the_picture_shrunk(tmp_path: Path) -> None:
    y, x = np.mgrid[:600, :900]
    rgb = np.stack([x / 900 * 255, y / 600 * 255, (x + y) / 1500 * 255], -1).astype(np.uint8)
    for name in ("a.png", "a.jpg"):
        Image.fromarray(rgb).save(tmp_path / name)
        small = streaming.preview(tmp_path / name, pictures.head(tmp_path / name), side=90)
        assert small.shape == (60, 90, 3)
        assert np.abs(small.astype(int) - pictures.thumbnail(tmp_path / name, 90)).max() <= 6


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif"])
def test_what_is_cut_off_is_said(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    Image.fromarray(RNG.integers(0, 256, (400, 500, 3), dtype=np.uint8)).save(path)
    head = pictures.head(path)
    path.write_bytes(path.read_bytes()[:-9000])
    with pytest.raises(UserError, match=r"a\..* is cut off or damaged"):
        streaming.preview(path, head)
