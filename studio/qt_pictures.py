"""Pictures as Qt shows them. In a thread Pillow reads and writes them, never Qt.

Qt's own reading asks every format whether the bytes are its own, and the one for SVG connects a signal then; a thread
does so while it keeps the interpreter. Meanwhile the GUI thread may disconnect one: it holds Qt's lock of connections
and waits for the interpreter, to ask whether Python overrides `disconnectNotify`. Each waits for the other for good.
"""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtGui import QImage

from engine import pictures
from engine.errors import UserError


def as_image(rgb: NDArray[np.uint8]) -> QImage:
    """An array (H, W, 3) as an image of its own; in any thread."""
    height, width = rgb.shape[:2]
    return QImage(np.ascontiguousarray(rgb).data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def read(data: bytes | None, side: int | None = None) -> QImage:
    """A picture's file, shrunk to `side` where it is larger; null where it is none. In any thread."""
    try:
        rgb = pictures.decode(data or b"") if side is None else pictures.thumbnail(data or b"", side)
    except UserError:
        return QImage()
    return as_image(rgb).convertToFormat(QImage.Format.Format_RGB32)  # as windows are drawn


def png(image: QImage) -> bytes:
    """An image as a file, without transparency; it takes a while, in any thread."""
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    size, file = (rgb.width(), rgb.height()), io.BytesIO()
    Image.frombuffer("RGB", size, bytes(rgb.constBits()), "raw", "RGB", rgb.bytesPerLine(), 1).save(file, "PNG")
    return file.getvalue()
