"""Frozen rows of the project file. Shapes are in image pixels, upright (after EXIF orientation)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from engine.geometry.shapes import Keypoints, Shape

Split: TypeAlias = Literal["train", "val", "test"]
ReviewState: TypeAlias = Literal["new", "in_progress", "done", "needs_review"]
DetectionState: TypeAlias = Literal["suggested", "accepted", "rejected"]
RunState: TypeAlias = Literal["queued", "running", "paused", "stopped", "done", "failed", "interrupted"]
CheckpointKind: TypeAlias = Literal["best", "last", "imported"]
TemplateState: TypeAlias = Literal["unknown", "suggested", "confirmed", "rejected", "ignored"]
"""A face nobody named; one that an embedder named; one that a person named; one of which a person said that it is not
whom it was taken for; one that is of no interest."""
AttributeValue: TypeAlias = str | float | bool

SPLITS: tuple[Split, ...] = ("train", "val", "test")


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """A picture the project holds; `width` and `height` are upright pixels."""

    id: int
    name: str
    sha256: str
    """Of the picture's file as it was imported."""
    content_id: int | None
    """Where its bytes are; None when it is linked."""
    link: str | None
    """Path of the picture's file, relative to the project file where possible; None when it is embedded."""
    width: int
    height: int
    orientation: int
    """EXIF orientation 1..8 of the stored bytes; every decoder turns them upright by it."""
    split: Split | None
    state: ReviewState


@dataclass(frozen=True, slots=True)
class ClassRecord:
    """What kind of thing an annotation marks. Ids are never reused; `position` orders lists and digit keys."""

    id: int
    name: str
    colour: str
    """'#rrggbb'."""
    position: int
    parent_id: int | None = None
    keypoint_names: tuple[str, ...] = ()
    skeleton: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Annotation:
    """A Shape and a Class on an Image, placed or accepted by a person. `id` 0: not stored yet."""

    id: int
    image_id: int
    class_id: int
    shape: Shape
    keypoints: Keypoints | None = None
    is_crowd: bool = False
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    identity_id: int | None = None
    group_id: int | None = None
    author_id: int | None = None
    detection_id: int | None = None
    """The detection it was accepted from."""
    confirmed_run_id: int | None = None
    """The newest run whose detections a person has compared it with and found it right."""
    seconds: float | None = None
    """How long a person drew and mended it; None where nobody measured."""


@dataclass(frozen=True, slots=True)
class Detection:
    """A scored Shape from a detector's run on an Image. `id` 0: not stored yet."""

    id: int
    image_id: int
    class_id: int
    score: float
    shape: Shape
    run_id: int | None = None
    keypoints: Keypoints | None = None
    state: DetectionState = "suggested"


@dataclass(frozen=True, slots=True)
class Run:
    """One training: its recipe as JSON, its state, and what it said last."""

    id: int
    kind: Literal["detector", "embedder"]
    network: str
    """The drop-in's name, as 'mask_rcnn'."""
    recipe: str
    state: RunState
    message: str
    device: str
    created: str
    started: str | None
    ended: str | None
    name: str = ""
    """What a person calls it; the drop-in's name where they did not say."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Saved weights of a run, their bytes in `content_id`; `card` is JSON that says how to rebuild the network."""

    id: int
    run_id: int
    kind: CheckpointKind
    step: int
    content_id: int
    card: str
    created: str


@dataclass(frozen=True, slots=True)
class Metric:
    """One number at one step of a run."""

    run_id: int
    step: int
    name: str
    value: float | None
    """None where it is not a number (undefined AP, a loss that blew up)."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A person."""

    id: int
    name: str
    consent: str
    """What the person agreed to, in the words of whoever enrolled them; empty where nothing was written down."""
    retain_until: str | None
    """The last day, as 'YYYY-MM-DD', on which what is held of the person may be kept; None for no such day."""
    created: str


@dataclass(frozen=True, slots=True)
class Template:
    """A crop of a face: enrolled for a person where it is confirmed, else a face that waits for a name."""

    id: int
    identity_id: int | None
    """Who it is; who it may be where it is suggested; who it is not where it is rejected; None where it is unknown."""
    state: TemplateState
    crop_content_id: int
    """Where the bytes of the crop are, a PNG."""
    annotation_id: int | None
    image_id: int | None
    quality: float | None
    """From 0 to 1 (engine.cropping); None where it was not judged."""
    flaws: tuple[str, ...]
    """What is poor about the crop: names of engine.cropping.Flaw."""
    source: str
    """The name of the file or image it came from."""
    created: str


@dataclass(frozen=True, slots=True)
class Pair:
    """What a person said of two faces, the older one first."""

    template_a_id: int
    template_b_id: int
    is_same: bool
    """Whether they are of one person."""


@dataclass(frozen=True, slots=True)
class EmbedderRecord:
    """Which embedder made vectors of this project: all that they must share to be compared."""

    id: int
    name: str
    """The drop-in's, as 'siamese'."""
    checkpoint_id: int | None
    """Its weights; None where it has none."""
    preprocessing_sha256: str
    weights_sha256: str
    metric: Literal["euclidean", "cosine"]
    dim: int
