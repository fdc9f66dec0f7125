"""How pictures are looked at when detecting: whole or in tiles, in mirrors too, and how many at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from engine.errors import UserError

Tiling: TypeAlias = Literal["auto", "never", "always"]
Flips: TypeAlias = Literal["none", "horizontal", "both"]

TILINGS: tuple[Tiling, ...] = get_args(Tiling)
FLIPS: tuple[Flips, ...] = get_args(Flips)

SMALLEST_TILE = 32
LEAST_OVERLAP, MOST_OVERLAP = 0.05, 0.5


@dataclass(frozen=True, slots=True)
class Manner:
    """How a picture is looked at; the default is one look, at tiles of it where it is far larger than what was learned.

    Raises UserError for values that cannot be.
    """

    tiling: Tiling = "auto"
    """'auto': where a picture would be shrunk far more than those that were learned from."""
    tile_side: int | None = None
    """Image pixels; None: as large as the pictures that were learned from."""
    overlap: float = 0.25
    """The share of a tile's side that it has in common with the next; objects up to that size are seen whole."""
    flips: Flips = "none"
    """In which mirrors a picture is looked at besides; what is found is fused."""
    batch: int | None = None
    """Pictures looked at together; None: as many as suit the device."""

    def __post_init__(self) -> None:
        if self.tile_side is not None and self.tile_side < SMALLEST_TILE:
            raise UserError(f"Tiles of {self.tile_side} pixels are too small.", f"Give {SMALLEST_TILE} or more.")
        if not LEAST_OVERLAP <= self.overlap <= MOST_OVERLAP:
            raise UserError(
                f"Tiles cannot overlap by {self.overlap:.0%} of their side.",
                f"Give a share from {LEAST_OVERLAP} to {MOST_OVERLAP}.",
            )

    @property
    def mirrors(self) -> tuple[tuple[bool, bool], ...]:
        """Every look: is left right in it, is up down."""
        sideways = ((False, False), (True, False))
        return {"none": sideways[:1], "horizontal": sideways, "both": (*sideways, (False, True), (True, True))}[
            self.flips
        ]


USUAL = Manner()
