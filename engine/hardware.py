"""Which device, number format and number of CPU threads a training uses, chosen by what is there and what is fast.

Also how much memory it takes, and whether an error says that there is not enough of it.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

import torch

from engine.errors import UserError

T = TypeVar("T")
Precision: TypeAlias = Literal["float32", "bfloat16", "float16"]


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


def precision(wanted: Literal["auto"] | Precision, on: torch.device) -> Precision:
    """'auto' is bfloat16 where the hardware multiplies it natively, which at least halves the time of a step.

    Older GPUs multiply float16 fast instead; then gradients are scaled, as its range is small.
    """
    if wanted != "auto":
        return wanted
    if on.type != "cuda":
        return "bfloat16" if _cpu_multiplies_bfloat16() else "float32"
    if torch.cuda.is_bf16_supported(including_emulation=False):
        return "bfloat16"
    return "float16" if torch.cuda.get_device_capability(on) >= _FIRST_WITH_TENSOR_CORES else "float32"


_FIRST_WITH_TENSOR_CORES = (7, 0)


def _cpu_multiplies_bfloat16() -> bool:
    """Whether the CPU has instructions for it; where it has none, torch would only pretend, and slowly."""
    asked = (getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"))
    return any(ask is not None and ask() for ask in asked)


def autocast(on: torch.device, number: Precision) -> torch.autocast:
    """The context in which a network computes in that number format."""
    return torch.autocast(on.type, _SHORT.get(number, torch.bfloat16), enabled=number in _SHORT)


_SHORT = {"bfloat16": torch.bfloat16, "float16": torch.float16}


def out_of_memory(error: BaseException) -> str | None:
    """What memory was asked for, in a sentence, if an error says that there was not enough; None for other errors."""
    words = str(error).strip().splitlines()[0] if str(error).strip() else "There is not enough memory."
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return words
    is_ours = isinstance(error, RuntimeError) and any(sign in str(error) for sign in _SIGNS_OF_TOO_LITTLE)
    return words if is_ours else None


_SIGNS_OF_TOO_LITTLE = (
    "not enough memory",
    "can't allocate memory",
    "CUDA out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
)


def free_memory(on: torch.device) -> None:
    """Give back what torch holds for later, and what only circles of references hold."""
    gc.collect()
    if on.type == "cuda":
        torch.cuda.empty_cache()


def tried_twice(attempt: Callable[[], T], on: torch.device, what: str) -> T:
    """What an attempt gives; where memory is short, all that torch holds for later is given back and it is made again.

    Raises UserError, saying `what` there was not enough memory for, where that does not help.
    """
    try:
        return attempt()
    except (RuntimeError, MemoryError) as error:
        if out_of_memory(error) is None:
            raise
    free_memory(on)  # here, as the error holds on to what the attempt had in memory
    try:
        return attempt()
    except (RuntimeError, MemoryError) as error:
        lack = out_of_memory(error)
        if lack is None:
            raise
        hint = "Close other programs, give the detector smaller pictures, or use --device cpu."
        raise UserError(f"There is not enough memory for {what}: {lack}", hint) from error


def gpu_bytes(on: torch.device) -> int | None:
    """The most memory of a GPU that torch held so far; None on a CPU."""
    return int(torch.cuda.max_memory_reserved(on)) if on.type == "cuda" else None


def process_bytes() -> int | None:
    """Main memory that this process takes now; None where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


def n_cores() -> int:
    """CPU cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def n_loaders(on: torch.device, n_processes: int = 1) -> int:
    """Processes that read pictures for each of so many trainings on this machine: a CPU has better things to do."""
    return min(n_cores() // n_processes, _MOST_LOADERS) if on.type == "cuda" else 0


_MOST_LOADERS = 8


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
