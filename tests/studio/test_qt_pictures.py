"""Threads read and write pictures without stopping themselves and the window for good."""

import io
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QImage

from studio import qt_pictures

ROOT = Path(__file__).resolve().parents[2]
RGB = np.random.default_rng(0).integers(0, 255, (31, 50, 3), np.uint8)  # rows that are no multiple of four bytes


def encoded(rgb: np.ndarray, kind: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, kind)
    return file.getvalue()


def pixels(image: QImage) -> np.ndarray:
    rgb = image.convertToFormat(QImage.Format.Format_RGBA8888)
    return np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.width(), 4)[..., :3].copy()


def test_a_picture_is_shown_as_it_is() -> None:
    assert (pixels(qt_pictures.as_image(RGB)) == RGB).all()
    assert (pixels(qt_pictures.read(encoded(RGB, "PNG"))) == RGB).all()
    assert (pixels(qt_pictures.read(encoded(RGB[..., 0], "PNG"))) == RGB[..., :1]).all()


def test_a_picture_is_written_as_it_is() -> None:
    image = qt_pictures.as_image(RGB)
    for each in (image, image.convertToFormat(QImage.Format.Format_RGB32)):
        assert (np.array(Image.open(io.BytesIO(qt_pictures.png(each)))) == RGB).all()


def test_only_a_larger_picture_is_shrunk() -> None:
    data = encoded(RGB, "JPEG")
    assert qt_pictures.read(data, 50).size().toTuple() == (50, 31)
    assert qt_pictures.read(data, 25).size().toTuple() == (25, 16)


@pytest.mark.parametrize("data", [None, b"", b"no picture", encoded(RGB, "PNG")[:200]])
def test_what_is_no_picture_is_a_null_image(data: bytes | None) -> None:
    assert qt_pictures.read(data).isNull()
    assert qt_pictures.read(data, 20).isNull()


# With QImage.fromData in place of qt_pictures.read it stops within two seconds.
TORTURE = """
    import sys, threading, time
    from PySide6.QtCore import QObject, Signal
    from PySide6.QtGui import QGuiApplication, QImage
    from studio import qt_pictures

    sys.setswitchinterval(0.0005)
    application = QGuiApplication([])
    data, over = sys.stdin.buffer.read(), threading.Event()

    class Teller(QObject):
        told = Signal(int)

    class Hearer:
        def hear(self, _): ...

    def read():
        while not over.is_set():
            assert not qt_pictures.read(data).isNull()
            time.sleep(0.0001)

    threads = [threading.Thread(target=read, daemon=True) for _ in range(2)]
    for each in threads:
        each.start()
    end = time.monotonic() + 5
    while time.monotonic() < end:
        for each in [Teller() for _ in range(200)]:
            each.told.connect(Hearer().hear)  # nobody else keeps the hearer: it is disconnected at once
    over.set()
    for each in threads:
        each.join()
"""


def test_reading_in_threads_while_signals_are_disconnected_comes_to_its_end() -> None:
    command = [sys.executable, "-c", textwrap.dedent(TORTURE)]
    subprocess.run(command, check=True, input=encoded(RGB, "PNG"), cwd=ROOT, timeout=60)
