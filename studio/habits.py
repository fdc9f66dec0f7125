"""Habits: how a person likes the canvas to behave."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Habits:
    """What is shown besides the picture, and what the wheel does."""

    crosshair: bool = True
    """Whether lines follow the pointer across the view while something is drawn."""
    has_map: bool = True
    """Whether a small map of the picture is in the corner while a part of it is seen."""
    wheel_pans: bool = False
    """Whether the wheel moves the picture and Ctrl+wheel zooms, instead of the other way round."""
