"""A run's checkpoint written into a folder for use elsewhere: safetensors and a card, and ONNX where that is wanted.

The safetensors file is a checkpoint like any other, so `--weights` takes it with its classes.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import numpy as np

from engine import checkpoints, hardware
from engine.checkpoints import Card
from engine.detecting.predicting import Picture, Predictor
from engine.detecting.project_images import chosen_run
from engine.detectors import Exportable, Network
from engine.errors import UserError
from engine.nn.weights import WeightsReport
from engine.portable import card as portable_card
from engine.progress import Progress, Work
from engine.project import contents, images, runs
from engine.project.records import Run
from engine.project.store import Project
from engine.taking_away.onnx_writing import Likeness, compared, require, write_parts
from engine.tiling import viewing

WEIGHTS_FILE, CARD_FILE = "weights.safetensors", portable_card.FILE
_PICTURES_COMPARED = 4
_NOISE_SIDE = 256


@dataclass(frozen=True, slots=True)
class TakeAwayRequest:
    """Which run's checkpoint goes where."""

    folder: Path
    run_id: int | None = None
    """None: the newest run that has a checkpoint."""
    has_onnx: bool = False


@dataclass(frozen=True, slots=True)
class TakeAwayReport:
    """What was written."""

    run_id: int
    folder: Path
    files: tuple[str, ...]
    likeness: Likeness | None
    """How far ONNX differs from torch, where it was written."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where weights come from."""

    project: str
    run: int
    created: str
    """When the training was asked for."""
    n_train: int
    n_val: int
    """Images it learned from, and was tried on."""
    recipe: msgspec.Raw


@dataclass(frozen=True, slots=True)
class TakenCard:
    """The card beside weights that were taken away, in a JSON file."""

    title: str
    checkpoint: Card
    provenance: Provenance
    licence: str
    portable: portable_card.Card | None = None
    likeness: Likeness | None = None


def take_away(project: Project, request: TakeAwayRequest) -> Work[TakeAwayReport]:
    """Write a run's best checkpoint into a new folder; a failure leaves none. Yields Progress.

    Raises UserError where there is no such run or checkpoint, the folder holds something, or what ONNX needs is not
    there; and where ONNX would not give what torch gives: then nothing is written.
    """
    if request.has_onnx:
        require()
    run = chosen_run(project, request.run_id)
    predictor = Predictor.load(_weights(project, run), hardware.device("cpu"))
    with _whole_or_nothing(request.folder) as folder:
        yield Progress(0, 2, "Writing weights")
        state = {name: value.contiguous() for name, value in predictor.network.state_dict().items()}
        (folder / WEIGHTS_FILE).write_bytes(checkpoints.encode(state, predictor.card))
        card = _card(project, run, predictor)
        _write_card(card, folder)
        if request.has_onnx:
            yield Progress(1, 2, "Writing ONNX and comparing it")
            card = _with_onnx(card, predictor.network, folder, _pictures(project, run))
            _write_card(card, folder)
        files = tuple(sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()))
    return TakeAwayReport(run.id, request.folder, files, card.likeness)


def _weights(project: Project, run: Run) -> bytes:
    return contents.get(project, runs.checkpoint(project, run.id).content_id)


def _card(project: Project, run: Run, predictor: Predictor) -> TakenCard:
    splits = [split for _, split, _ in runs.images_of(project, run.id)]
    made = Provenance(
        project.path.stem, run.id, run.created, splits.count("train"), splits.count("val"),
        msgspec.Raw(run.recipe.encode()),
    )  # fmt: skip
    title = f"{predictor.card.detector} for {', '.join(predictor.card.class_names.values())}"
    return TakenCard(title, predictor.card, made, _licence(predictor.card.weights))


def _licence(started_from: WeightsReport) -> str:
    """What whoever passes the weights on should know."""
    began = str(started_from) if started_from.source == "none" else f"as {started_from}"
    return (
        f"The weights began {began}. They are bound by the terms of what they began as and of the pictures they "
        "learned from. The code beside them is Apache-2.0."
    )


def _with_onnx(card: TakenCard, network: Network, folder: Path, pictures: list[Picture]) -> TakenCard:
    """ONNX written and compared; raises UserError where the two differ."""
    if not isinstance(network, Exportable):
        raise UserError(f"A {card.checkpoint.detector} cannot be taken apart for ONNX.", "Leave --onnx out.")
    portable = network.portable(card.checkpoint.detector, list(card.checkpoint.class_names.values()))
    card = replace(card, portable=portable.card)
    _write_card(card, folder)
    write_parts(portable, folder)
    likeness = compared(network, portable, folder, pictures)
    if not likeness.is_close:
        raise UserError(f"ONNX would not give what torch gives: {in_words(likeness)}.", "Nothing was written.")
    return replace(card, likeness=likeness)


def in_words(likeness: Likeness) -> str:
    """How far ONNX and torch differ."""
    parts = max(likeness.parts.values())
    seen = f"on {likeness.pictures} pictures with {likeness.detections} detections"
    return (
        f"networks differ by up to {parts:.1e}; {seen} boxes by {likeness.box_pixels:.1e} pixels, "
        f"scores by {likeness.score:.1e}, {likeness.unmatched} without a twin"
    )


def _write_card(card: TakenCard, folder: Path) -> None:
    text = msgspec.json.format(msgspec.json.encode(card), indent=2)
    (folder / CARD_FILE).write_bytes(text + b"\n")


def _pictures(project: Project, run: Run) -> list[Picture]:
    """A few pictures of the project, of the val split where it has some, and one of noise."""
    every = images.all_images(project, "val") or images.all_images(project)
    step = max(len(every) // _PICTURES_COMPARED, 1)
    noise = np.random.default_rng(run.id).integers(0, 255, (_NOISE_SIDE, _NOISE_SIDE + 96, 3)).astype(np.uint8)
    return [*(viewing.seen(project, image).pixels for image in every[::step][:_PICTURES_COMPARED]), noise]


@contextmanager
def _whole_or_nothing(folder: Path) -> Iterator[Path]:
    """A folder to write into, which becomes `folder` at the end; raises UserError where that holds something."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"{folder} is there already and not empty.", "Name a new folder.")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        room = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise UserError(f"{folder} cannot be made: {error.strerror}.") from error
    try:
        yield room
        room.chmod(0o755)
        if folder.exists():
            folder.rmdir()
        room.replace(folder)
    except OSError as error:
        raise UserError(f"{folder} cannot be written: {error.strerror}.") from error
    finally:
        shutil.rmtree(room, ignore_errors=True)
