"""Training, measured: not part of `make bench`, for it takes as long as it is given; `make bench-train` runs it.

nuclei     Mask R-CNN of ours beside a plain torchvision loop (`_plain_loop`): the same pictures, backbone, weights,
           threads and minutes, in one process, in turns of a minute. A clock that stands still while the other has its
           turn limits both. Ours validates within its time, and what it judged best is measured; the plain loop trains
           all of its time. The same code measures both.
bccd       our YOLO from COCO's weights, with one click's choices.
precision  our Mask R-CNN on nuclei in float32 and in mixed precision, one after the other: pictures a second and the
           most memory that was held; what it is for is `--device cuda`.

Pictures a second are training pictures seen by the seconds spent on training. `--clock cpu` counts seconds of the
processor instead of the wall's: on a machine that others use too, shares of those say more.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil
import torch

from engine.detecting.predicting import Predictor
from engine.evaluation.coco_tables import IouType, Judged, JudgedTables
from engine.evaluation.detection import Scores, evaluate
from engine.feeding.data import Data, Example
from engine.feeding.project_data import ProjectData
from engine.interchange.importing import ImportRequest, import_into
from engine.progress import finish
from engine.project.records import Detection
from engine.project.store import Project
from engine.training.budget import Clock
from engine.training.events import CheckpointReady, Ended, Event, Started, StepDone, ValidationDone
from engine.training.loop import train
from engine.training.recipe import Recipe
from tests.bench._plain_loop import MOST_DETECTIONS, PlainLoop, plain_loop
from tests.bench._rows import Row, show, surroundings

SHARED = Path(__file__).resolve().parents[3] / "shared"
WANTED_SPEED = 1.5
"""Ours has to see at least so many times the plain loop's pictures in a second."""
WANTED_AP50 = 0.75
USUAL_MINUTES = {"nuclei": 12.0, "bccd": 10.0, "precision": 2.0}
CLOCKS: dict[str, Clock] = {"wall": time.monotonic, "cpu": time.process_time}


@dataclass(frozen=True, slots=True)
class Settings:
    """How long and on what."""

    shared: Path = SHARED
    minutes: float = 12.0
    threads: int | None = 1
    device: str = "cpu"
    clock: str = "wall"
    turn_seconds: float = 60.0
    options: dict[str, object] = field(default_factory=dict)
    """Of our detector, where they are not to be chosen; a test makes it small with them."""
    plain_side: int = 320

    def recipe(self, **given: object) -> Recipe:
        """One click's choices, but for what a benchmark has to fix."""
        fixed = {"minutes": self.minutes, "threads": self.threads, "device": self.device, "options": self.options}
        return Recipe(**(fixed | given))  # type: ignore[arg-type]


class Turns:
    """A clock that stands still while others have their turn."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._before = 0.0
        self._since: float | None = None

    def __call__(self) -> float:
        """Seconds of all turns so far."""
        return self._before + (0.0 if self._since is None else self._clock() - self._since)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """While this lasts, it runs."""
        self._since = self._clock()
        try:
            yield
        finally:
            self._before, self._since = self(), None


@dataclass(slots=True)
class Watched:
    """What our training told while it ran."""

    started: Started | None = None
    ended: Ended | None = None
    best: bytes = b""
    validating_seconds: float = 0.0
    n_pictures: int = 0

    def take(self, event: Event) -> None:
        """Keep what counts of an event."""
        match event:
            case Started():
                self.started = event
            case StepDone():
                print(f"\r{event.share:4.0%}  loss {sum(event.losses.values()):.2f} ", end="", file=sys.stderr)
            case ValidationDone():
                self.validating_seconds += event.seconds
                values = event.metrics.get("segm/AP"), event.metrics.get("bbox/AP50")
                print(f"step {event.step}: segm AP, bbox AP50 {values}", file=sys.stderr)
            case CheckpointReady(kind="best"):
                self.best = event.weights
            case Ended():
                self.ended = event

    def pictures_per_second(self, batch: int) -> float:
        """Seen in training, by the seconds that were not spent on validating."""
        if self.ended is None:
            raise RuntimeError("the training has not ended")
        return self.ended.step * batch / (self.ended.seconds - self.validating_seconds)


@contextmanager
def data_of(name: str, settings: Settings) -> Iterator[ProjectData]:
    """A data set of the shared folder, as a project in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder, Project.create(Path(folder) / f"{name}.boxwright") as project:
        for split in ("train", "val"):
            request = ImportRequest(settings.shared / "data" / name / split, None, split)  # type: ignore[arg-type]
            finish(import_into(project, request))
        yield ProjectData(project)


def measured(data: Data, detections: Callable[[Example], list[Detection]], kind: IouType) -> Scores:
    """COCO's numbers on the validation pictures, with as many detections a picture as both may give."""
    judged = [_judged(each, detections(each)) for each in data.val]
    return evaluate(JudgedTables(judged, data.class_names), kind, MOST_DETECTIONS)


def _judged(example: Example, found: list[Detection]) -> Judged:
    height, width = example.picture.shape[:2]
    return Judged(example.image_id, height, width, example.annotations, found)


def nuclei(settings: Settings) -> list[Row]:
    """Ours beside the plain loop."""
    weights = settings.shared / "weights" / "mobilenet_v2_imagenet.pth"
    with data_of("nuclei", settings) as data:
        torch.set_num_threads(settings.threads or torch.get_num_threads())
        recipe = settings.recipe(detector="mask_rcnn", weights=str(weights), batch=1)
        other = plain_loop(data, weights, settings.plain_side)
        ours, seconds = in_turns(settings, recipe, data, other)
        predictor = Predictor.load(ours.best, torch.device("cpu"))
        ours_found = measured(data, lambda each: predictor.detections(each.picture, each.image_id), "segm")
        other_found = measured(data, lambda each: other.detections(each, tuple(data.class_names)), "segm")
    speeds = ours.pictures_per_second(1), other.n_seen / seconds
    compared("pictures/s", *speeds)
    compared("segm AP", ours_found.AP, other_found.AP)
    compared("segm AP50", ours_found.AP50, other_found.AP50)
    missing, per_hundred = [1 - (each.AP or 0.0) for each in (ours_found, other_found)], [100 / each for each in speeds]
    return [
        Row("nuclei, 1 - segm AP", missing[0], "", missing[1], "plain", limit=missing[1]),
        Row("nuclei, 100 pictures", per_hundred[0], "s", per_hundred[1], "plain", limit=per_hundred[1] / WANTED_SPEED),
    ]


def in_turns(settings: Settings, recipe: Recipe, data: Data, other: PlainLoop) -> tuple[Watched, float]:
    """Both trained, a turn each until both have had their minutes; what ours told, and the other's seconds."""
    clocks = [Turns(CLOCKS[settings.clock]) for _ in range(2)]
    ours, steps, watched = train(recipe, data, clock=clocks[0]), other.steps(), Watched()
    while watched.ended is None or clocks[1]() < 60 * settings.minutes:
        with clocks[0].turn():
            until = clocks[0]() + settings.turn_seconds
            while clocks[0]() < until and (event := next(ours, None)) is not None:
                watched.take(event)
        with clocks[1].turn():
            until = min(clocks[1]() + settings.turn_seconds, 60 * settings.minutes)
            while clocks[1]() < until:
                next(steps)
    return watched, clocks[1]()


def compared(what: str, ours: float | None, other: float | None) -> None:
    """Print both and their ratio."""
    values = [math.nan if each is None else each for each in (ours, other)]
    print(f"{what:<11} ours {values[0]:.3f}  plain {values[1]:.3f}  ratio {values[0] / max(values[1], 1e-9):.2f}")


def bccd(settings: Settings) -> list[Row]:
    """Our YOLO in so many minutes, from COCO's weights."""
    weights = settings.shared / "weights" / "yolox_nano_coco.pth"
    with data_of("bccd", settings) as data:
        watched = watch(settings.recipe(detector="yolo", weights=str(weights)), data, CLOCKS[settings.clock])
        predictor = Predictor.load(watched.best, torch.device("cpu"))
        found = measured(data, lambda each: predictor.detections(each.picture, each.image_id), "bbox")
    print(f"bbox AP {found.AP or 0:.3f}, AP50 {found.AP50 or 0:.3f}")
    return [Row("bccd, 1 - bbox AP50 of yolo", 1 - (found.AP50 or 0.0), "", limit=1 - WANTED_AP50)]


def watch(recipe: Recipe, data: Data, clock: Clock) -> Watched:
    """Train to the end; what was told meanwhile."""
    watched = Watched()
    for event in train(recipe, data, clock=clock):
        watched.take(event)
    return watched


def precision(settings: Settings) -> list[Row]:
    """Our Mask R-CNN in float32 and in mixed precision: speed and memory."""
    weights = str(settings.shared / "weights" / "mobilenet_v2_imagenet.pth")
    speeds, peaks = [], []
    with data_of("nuclei", settings) as data:
        for number in ("bfloat16", "float32"):
            recipe = settings.recipe(detector="mask_rcnn", weights=weights, precision=number)
            _forget_peak(settings.device)
            watched = watch(recipe, data, CLOCKS[settings.clock])
            speeds.append(watched.pictures_per_second(recipe.batch_on(torch.device(settings.device).type)))
            peaks.append(_peak_megabytes(settings.device))
    print(f"pictures/s  mixed {speeds[0]:.2f}  float32 {speeds[1]:.2f}  ratio {speeds[0] / speeds[1]:.2f}")
    return [
        Row(f"{settings.device}, 100 pictures, mixed precision", 100 / speeds[0], "s", 100 / speeds[1], "float32"),
        Row(f"{settings.device}, most memory, mixed precision", peaks[0], "MB", peaks[1], "float32"),
    ]


def _forget_peak(device: str) -> None:
    if torch.device(device).type == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def _peak_megabytes(device: str) -> float:
    """The most that was held since `_forget_peak` on a GPU; on a CPU what the process holds now."""
    if torch.device(device).type == "cuda":
        return torch.cuda.max_memory_allocated() / 1e6
    return float(psutil.Process().memory_info().rss) / 1e6


PARTS: dict[str, Callable[[Settings], list[Row]]] = {"nuclei": nuclei, "bccd": bccd, "precision": precision}
USUAL_MINUTES = {"nuclei": 12.0, "bccd": 10.0, "precision": 2.0}


def settings_of(arguments: Sequence[str]) -> tuple[list[str], Settings]:
    """Parts and settings from the command line; no minutes are the usual ones of each part."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=PARTS, action="append", help="which one; nuclei and bccd where none is named")
    parser.add_argument("--minutes", type=float, help="of each training; 12 for nuclei, 10 for bccd, 2 for precision")
    parser.add_argument("--threads", type=int, default=1, help="that torch computes with, the same for all")
    parser.add_argument("--device", default="cpu", help="cpu or cuda, for precision")
    parser.add_argument("--clock", choices=CLOCKS, default="wall")
    parser.add_argument("--turn", type=float, default=60.0, help="seconds of a turn")
    parser.add_argument("--shared", type=Path, default=SHARED, help="the folder with data and weights")
    given = parser.parse_args(arguments)
    settings = Settings(
        shared=given.shared, minutes=given.minutes or 0.0, threads=given.threads, device=given.device,
        clock=given.clock, turn_seconds=given.turn,
    )  # fmt: skip
    return given.part or ["nuclei", "bccd"], settings


def main(arguments: Sequence[str]) -> int:
    """Run the parts that are asked for; 1 where a limit broke."""
    parts, settings = settings_of(arguments)
    rows: list[Row] = []
    for part in parts:
        minutes = settings.minutes or USUAL_MINUTES[part]
        print(f"== {part}, {minutes:g} minutes, {settings.threads} threads, {settings.clock} clock", flush=True)
        rows += PARTS[part](replace(settings, minutes=minutes))
    print(surroundings())
    show(rows)
    return 0 if all(row.is_kept for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
