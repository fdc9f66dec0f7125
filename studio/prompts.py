"""What is asked of a network while a person draws, and what it answers: boxes in, masks out. No Qt, no torch."""

from __future__ import annotations

from dataclasses import dataclass

from engine.geometry.shapes import Box
from engine.project.records import Detection
from studio.orders import Failure

_HOW = "Fine-tune a Mask R-CNN first: menu Train, Fine-Tune…"
NO_NETWORK = Failure("No network of this project makes masks yet.", _HOW)


@dataclass(frozen=True, slots=True)
class Prompt:
    """Boxes on one image whose masks are wanted; without boxes the picture is only looked at ahead of them."""

    image_id: int
    boxes: tuple[Box, ...] = ()
    class_ids: tuple[int | None, ...] = ()
    """One for each box: the class of what is in it, as far as it is known."""
    run_id: int | None = None
    """The run whose network is preferred."""


@dataclass(frozen=True, slots=True)
class Prompted:
    """What came of a prompt."""

    prompt: Prompt
    found: tuple[Detection, ...] = ()
    """One for each box, in order; their masks may be without a pixel."""
    refusal: Failure | None = None
    """Why there is none."""
