"""What is asked of the worker that recognises faces, and what it answers: crops in, vectors out. No Qt, no torch.

Who a face is, the window decides itself from the vectors: it has the gallery.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.cropping import Quality
from studio.orders import Failure

NO_EMBEDDER = Failure("No embedder is chosen yet.", "Choose one on the Faces page.")


@dataclass(frozen=True, slots=True)
class ProbeAsk:
    """Faces whose vectors are wanted."""

    embedder_id: int
    files: tuple[Path, ...] = ()
    """Picture files, each a crop of one face unless a run finds them."""
    pngs: tuple[bytes, ...] = ()
    """The same as the bytes of pictures, as they come from the clipboard or were cut out before."""
    annotation_ids: tuple[int, ...] = ()
    """Faces that are annotated on images of the project."""
    find_run_id: int | None = None
    """The run whose network finds the faces in files and bytes, of which there may then be several in each."""


@dataclass(frozen=True, slots=True, eq=False)
class ProbeFace:
    """One face as an embedder sees it, or why it cannot."""

    source: str
    """The name of the file or the image; empty for bytes."""
    png: bytes = b""
    """Its crop."""
    vector: NDArray[np.float32] | None = None
    """(D,)."""
    quality: Quality | None = None
    refusal: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Probed:
    """What came of it: a face for each that was asked about (for each in a file), in the order files, bytes,
    annotations."""

    ask: ProbeAsk
    faces: tuple[ProbeFace, ...] = ()
    refusal: Failure | None = None
    """Why there is none, where the embedder itself cannot be used."""
