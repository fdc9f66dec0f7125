"""Small pictures for tests of the project file, each with other pixels."""

import hashlib
import io
from pathlib import Path

import numpy as np
from PIL import Image

from engine.project import contents, images
from engine.project.images import NewImage
from engine.project.records import Split
from engine.project.store import Project


def png(seed: int, side: int = 32) -> bytes:
    """A picture of noise."""
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def jpeg(seed: int, side: int = 8) -> bytes:
    """A thumbnail of noise."""
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG")
    return buffer.getvalue()


def add_image(project: Project, name: str, seed: int, split: Split | None = None) -> int:
    """Embed a picture; returns the image's id."""
    data = png(seed)
    content_id = contents.put(project, data)
    return images.add(project, NewImage(name, sha256(data), 32, 32, 1, content_id, jpeg(seed), split))


def link_image(project: Project, path: Path, seed: int, split: Split | None = None) -> int:
    """Link the picture that lies at a path; returns the image's id."""
    new = NewImage(path.name, sha256(path.read_bytes()), 32, 32, 1, path, jpeg(seed), split)
    return images.add(project, new)


def sha256(data: bytes) -> str:
    """In hexadecimal digits, as the project file keeps it."""
    return hashlib.sha256(data).hexdigest()
