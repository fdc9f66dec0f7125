"""The options of `predict` that say how pictures are looked at, and what they mean together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import click

from engine.detecting.manner import FLIPS, Flips, Manner
from engine.errors import UserError

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--tile", default="auto", show_default=True, metavar="auto|never|always|SIDE",
        help="Look at tiles of SIDE pixels; auto: where a picture is far larger than those learned from.",
    ),
    click.option("--overlap", type=float, default=0.25, show_default=True, help="Share of a tile's side in common."),
    click.option("--flips", type=click.Choice(FLIPS), default="none", show_default=True, help="Look in mirrors too."),
    click.option("--batch", type=click.IntRange(1), help="Pictures at a time; by default what suits the device."),
    click.option("--runs", metavar="ID,ID", help="Instead of --run: several runs, whose detections are fused."),
    click.option(
        "--only-missing", "--resume", "is_only_missing", is_flag=True,
        help="Leave out what was detected on before: go on after a stop.",
    ),
)  # fmt: skip


def manner_options(function: F) -> F:
    """Gives a command these options."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def manner(options: dict[str, Any]) -> Manner:
    """How pictures are looked at; raises UserError where that cannot be."""
    tile, flips = str(options["tile"]), cast(Flips, options["flips"])
    rest: dict[str, Any] = {"overlap": options["overlap"], "flips": flips, "batch": options["batch"]}
    if tile == "auto":
        return Manner("auto", **rest)
    if tile == "never":
        return Manner("never", **rest)
    if tile == "always":
        return Manner("always", **rest)
    if not tile.isdecimal():
        raise UserError(f"{tile!r} says nothing about tiles.", "Give auto, never, always, or a number of pixels.")
    return Manner("always", tile_side=int(tile), **rest)


def run_ids(options: dict[str, Any]) -> tuple[int, ...]:
    """The runs of --runs; empty where it is not given."""
    text: str | None = options["runs"]
    if text is None:
        return ()
    if options["run"] != "latest":
        raise click.UsageError("Give --run or --runs, not both.")
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() for part in parts):
        raise UserError(f"{text!r} names no runs.", "Give their numbers, as 3,5; boxwright info lists them.")
    return tuple(dict.fromkeys(int(part) for part in parts))
