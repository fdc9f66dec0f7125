"""Which device, number format and number of CPU threads a training uses, chosen by what is there and what is fast."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Literal, TypeAlias

import torch

from engine.errors import UserError

Precision: TypeAlias = Literal["float32", "bfloat16"]


def device(name: str) -> torch.device:
    """'auto' is a GPU where there is one; raises UserError for a device that is not there."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        chosen = torch.device(name)
    except RuntimeError as error:
        raise UserError(f"{name!r} is no device.", "Known: auto, cpu, cuda.") from error
    if chosen.type == "cuda" and not torch.cuda.is_available():
        raise UserError("There is no usable NVIDIA GPU here.", "Train with --device cpu.")
    return chosen


def precision(wanted: Literal["auto", "float32", "bfloat16"], on: torch.device) -> Precision:
    """'auto' is bfloat16 where the hardware multiplies it natively, which at least halves the time of a step."""
    if wanted != "auto":
        return wanted
    native = torch.cuda.is_bf16_supported() if on.type == "cuda" else _cpu_multiplies_bfloat16()
    return "bfloat16" if native else "float32"


def _cpu_multiplies_bfloat16() -> bool:
    """Whether the CPU has instructions for it; where it has none, torch would only pretend, and slowly."""
    asked = (getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"))
    return any(ask is not None and ask() for ask in asked)


def autocast(on: torch.device, number: Precision) -> torch.autocast:
    """The context in which a network computes in that number format."""
    return torch.autocast(on.type, torch.bfloat16, enabled=number == "bfloat16")


def n_cores() -> int:
    """CPU cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def fastest_threads(limit: int | None = None, timed: Callable[[int], float] | None = None) -> int:
    """Of 1, 2, 4 ... threads the number with which a convolution is trained soonest; torch is left at it.

    On a machine with other load, more threads can be many times slower, so it is tried rather than assumed. `timed`
    gives the seconds of some work with that many threads.
    """
    most, timed = limit or n_cores(), timed or _timed_convolution
    n_threads, best_seconds = 1, timed(1)
    while 2 * n_threads <= most and (seconds := timed(2 * n_threads)) < _WORTHWHILE * best_seconds:
        n_threads, best_seconds = 2 * n_threads, seconds
    torch.set_num_threads(n_threads)
    return n_threads


_WORTHWHILE = 0.85
"""More threads have to save at least this much, for they take it from everyone else."""


def _timed_convolution(n_threads: int) -> float:
    """Seconds of a few small training steps, each of which waits for all threads; the first sets things up."""
    torch.set_num_threads(n_threads)
    layer = torch.nn.Conv2d(64, 64, 3, padding=1)
    picture = torch.rand(1, 64, 96, 96)
    layer(picture).sum().backward()
    start = time.perf_counter()
    for _ in range(6):
        layer(picture).relu().sum().backward()
    return time.perf_counter() - start
