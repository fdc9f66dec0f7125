"""The steps of a suppression as an animated GIF: a frame for each turn that hits others, and one of what is left."""

from __future__ import annotations

import io
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image

from engine.errors import UserError
from engine.inspecting.step_frames import CLEAR, Frame, StepFrames
from engine.progress import Progress, Work
from engine.tracing import files
from engine.tracing.selecting import Selected
from engine.tracing.stepping import Steps, steps
from engine.tracing.trace import Trace
from engine.tracing.whatif import Settings, what_if
from engine.writing import write_whole

_TOTAL_MS = 45_000
_LEAST_MS, _MOST_MS, _LAST_MS = 160, 900, 3_000
"""How long a frame stays; the last one longer. GIF counts hundredths of a second."""


@dataclass(frozen=True, slots=True)
class Animation:
    """What of a suppression is shown, and how large."""

    path: Path
    group: int | None = None
    """The level or class whose steps are shown alone."""
    side: int = 720
    """Pixels of the picture's longer side."""
    n_most: int = 120
    """Frames; of more steps only some are shown, spread over all of them."""


@dataclass(frozen=True, slots=True)
class Animated:
    """What was written."""

    path: Path
    n_frames: int
    n_steps: int
    """Turns there are, of which those that hit nobody have no frame of their own."""
    n_bytes: int


def animate(trace: Trace, selected: Selected, wanted: Animation) -> Work[Animated]:
    """Write the steps by which `selected` was thinned out; UserError where there are none, or no file can be written.

    Stopped, it leaves no file, or the one that was there.
    """
    found = _steps(selected)
    chosen = shown(found, wanted)
    drawing = StepFrames(trace, found, wanted.side, wanted.group)
    frames: list[Frame] = []
    for n in chosen:
        yield Progress(len(frames), len(chosen) + 1, "Drawing steps")
        frames.append(drawing.step(n))
    yield Progress(len(frames), len(chosen) + 1, "Writing")
    frames.append(drawing.result())
    data = _gif(frames, drawing.palette)
    write_whole(wanted.path, data)
    return Animated(wanted.path, len(frames), len(found.of_group(wanted.group)), len(data))


def shown(found: Steps, wanted: Animation) -> list[int]:
    """The steps that have a frame: those that hit others, or as many of them as there may be."""
    busy = [n for n in found.of_group(wanted.group).tolist() if len(found.all[n].hit)]
    most = max(1, wanted.n_most - 1)
    if len(busy) <= most:
        return busy
    return [busy[at] for at in np.linspace(0, len(busy) - 1, most).round().astype(int).tolist()]


def _steps(selected: Selected) -> Steps:
    try:
        return steps(selected)
    except LookupError as error:
        raise UserError("Nothing is suppressed at this stage, so there are no steps.") from error


def _gif(frames: list[Frame], palette: list[int]) -> bytes:
    """Each frame has but what differs from the one before; the rest is transparent, which takes next to no room."""
    differing = (np.where(new == old, CLEAR, new) for old, new in pairwise(frames))
    images = [Image.fromarray(frame, "P") for frame in (frames[0], *differing)]
    for image in images:
        image.putpalette(palette)
    each = max(_LEAST_MS, min(_MOST_MS, _TOTAL_MS // len(images))) // 10 * 10
    durations = [each] * (len(images) - 1) + [_LAST_MS]
    buffer = io.BytesIO()
    images[0].save(
        buffer, "GIF", save_all=True, append_images=images[1:], duration=durations, loop=0, disposal=1, optimize=False,
        transparency=CLEAR,
    )  # fmt: skip
    return buffer.getvalue()


def write_steps(trace_path: Path, settings: Settings, name: str, wanted: Animation) -> Work[Animated]:
    """Write the steps of the selection called `name` of a trace file, as settings have it."""
    yield Progress(0, None, "Reading the trace")
    trace = files.load(trace_path)
    return (yield from animate(trace, what_if(trace, settings).selections[name], wanted))
