"""Foreign pictures: upright sizes and pixels, every mode, bombs, cut-off files."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from engine import pictures
from engine.errors import UserError

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")

RAW = np.arange(5 * 3 * 3, dtype=np.uint8).reshape(3, 5, 3) * 5
"""3 rows, 5 columns: no orientation leaves it as it is."""

UPRIGHT = {
    1: RAW,
    2: RAW[:, ::-1],
    3: RAW[::-1, ::-1],
    4: RAW[::-1],
    5: RAW.swapaxes(0, 1),
    6: RAW[::-1].swapaxes(0, 1),
    7: RAW[::-1, ::-1].swapaxes(0, 1),
    8: RAW.swapaxes(0, 1)[::-1],
}
"""What a person sees, by the EXIF standard's table of where row 0 and column 0 lie."""


def saved(picture: Image.Image, format: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, format, **options)
    return file.getvalue()


def with_orientation(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["PNG", "TIFF", "WEBP", "JPEG"])
def test_pictures_come_out_upright(format: str, orientation: int) -> None:
    options = {"lossless": True} if format == "WEBP" else {"quality": 95} if format == "JPEG" else {}
    data = saved(Image.fromarray(RAW), format, exif=with_orientation(orientation), **options)
    expected = UPRIGHT[orientation]
    head = pictures.head(data)
    assert (head.height, head.width) == expected.shape[:2]
    assert head.raw_size == (5, 3)
    assert (head.orientation, head.format) == (orientation, format)
    tolerance = 60 if format == "JPEG" else 0
    assert np.abs(pictures.decode(data).astype(int) - expected).max() <= tolerance


@pytest.mark.parametrize("orientation", range(1, 9))
def test_values_and_thumbnails_are_upright_too(orientation: int) -> None:
    data = saved(Image.fromarray(RAW[..., 0]), "PNG", exif=with_orientation(orientation))
    assert np.array_equal(pictures.values(data), UPRIGHT[orientation][..., 0])
    data = saved(Image.fromarray(RAW.repeat(40, 0).repeat(40, 1)), "JPEG", exif=with_orientation(orientation))
    small = pictures.thumbnail(data, 50)
    assert small.shape == ((30, 50, 3) if orientation < 5 else (50, 30, 3))
    corner = UPRIGHT[orientation][0, 0].astype(int)
    assert np.abs(small[2, 2] - corner).max() < 40


def test_a_thumbnail_never_enlarges() -> None:
    assert pictures.thumbnail(saved(Image.fromarray(RAW), "PNG"), 100).shape == (3, 5, 3)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "I;16", "I", "F", "YCbCr"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    format = "TIFF" if mode in {"I", "F", "CMYK", "YCbCr"} else "PNG"
    data = saved(Image.new(mode, (4, 2)), format)
    assert pictures.decode(data).shape == (2, 4, 3)
    assert pictures.values(data).shape == (2, 4)


def test_sixteen_bits_are_stretched_and_kept_as_values() -> None:
    grey: NDArray[np.uint16] = np.array([[1000, 2000, 3000]], dtype=np.uint16)
    data = saved(Image.fromarray(grey), "PNG")
    assert pictures.decode(data)[0, :, 0].tolist() == [0, 128, 255]
    assert pictures.values(data).tolist() == [[1000, 2000, 3000]]


def test_transparent_pixels_are_white() -> None:
    data = saved(Image.new("RGBA", (1, 1), (10, 20, 30, 0)), "PNG")
    assert pictures.decode(data)[0, 0].tolist() == [255, 255, 255]


def test_palette_indices_and_colours_as_values() -> None:
    palette = Image.new("P", (2, 1))
    palette.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0])
    palette.putdata([2, 1])
    data = saved(palette, "PNG")
    assert pictures.values(data).tolist() == [[2, 1]]
    assert pictures.is_palette(data)
    assert pictures.values(saved(Image.new("RGB", (1, 1), (1, 2, 3)), "PNG")).tolist() == [[0x010203]]


def png_claiming(width: int, height: int, body: bytes) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(30_000, 30_000), (70_000, 70_000), (2**31 - 1, 2**31 - 1)])
def test_bombs_are_refused_by_name_before_any_pixel(size: tuple[int, int]) -> None:
    for opening in (pictures.head, pictures.decode, pictures.values):
        with pytest.raises(UserError, match=r"bomb\.png claims"):
            opening(png_claiming(*size, b"\0" * 1000), "bomb.png")


def test_a_gigapixel_with_the_bytes_of_one_is_opened() -> None:
    head = pictures.head(png_claiming(32_000, 32_000, b"") + b"\0" * 11_000_000)
    assert head.size == (32_000, 32_000)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF", "PPM"])
def test_cut_off_pictures_are_refused_by_name(format: str, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (40, 40, 3), dtype=np.uint8)
    data = saved(Image.fromarray(noise), format)
    assert pictures.head(data).format == format
    path = tmp_path / "cut"
    for length in (0, 3, 20, len(data) // 2):
        path.write_bytes(data[:length])
        with pytest.raises(UserError, match="cut"):
            pictures.decode(path)


def test_what_is_missing_or_no_picture_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"gone\.png is missing"):
        pictures.head(tmp_path / "gone.png")
    with pytest.raises(UserError, match="not a picture"):
        pictures.head(b"hello")
    with pytest.raises(UserError):
        pictures.head(tmp_path)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF", "PPM"]), st.data())
def test_damaged_bytes_give_a_picture_or_a_user_error(format: str, data: st.DataObject) -> None:
    good = bytearray(saved(Image.fromarray(RAW), format, exif=with_orientation(6)))
    for _ in range(data.draw(st.integers(1, 4))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    try:
        head = pictures.head(bytes(good))
        assert pictures.decode(bytes(good)).shape == (head.height, head.width, 3)
    except UserError as error:
        assert "picture" in str(error)
