"""Picture files held against a project's gallery: who a face is (1:K), and whether two are of one person (1:1).

Nothing is written. How near is near enough is worked out from the gallery itself, unless it is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.cropping import Quality, judge
from engine.errors import UserError
from engine.faces.choice import DecideRequest
from engine.faces.ensuring import borrowing
from engine.faces.picture_faces import faces_of_file, finder_of, one_of_file
from engine.faces.recognising import Recogniser, whole_gallery
from engine.faces.sources import FindsFaces
from engine.gallery import Calibration, Decision, Gallery, Rule, calibrate_pairs, calibrated, identify, verify
from engine.gallery.outlook import OneToOne, stranger_share
from engine.gallery.trials import LeftOut, left_out, pairs_left_out
from engine.geometry.shapes import Bounds
from engine.progress import Progress, Work
from engine.project import gallery
from engine.project.store import Project


@dataclass(frozen=True, slots=True)
class Identified:
    """What was decided about one face in a picture, or why nothing can be."""

    path: Path
    bounds: Bounds | None = None
    """Where it is in the picture; None where the picture is its crop."""
    decision: Decision | None = None
    far: float | None = None
    """The share of strangers who are as near to somebody as this; None where this cannot be tried."""
    quality: Quality | None = None
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class IdentifyReport:
    """What was decided about pictures, and how."""

    embedder: str
    rule: Rule
    threshold: float
    calibration: Calibration | None
    """What the threshold is worth; None where it was set by hand."""
    found: tuple[Identified, ...]


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """How far two pictures of faces are apart."""

    embedder: str
    distance: float
    threshold: float
    calibration: OneToOne | None
    """What the threshold is worth; None where it was set by hand."""
    far: float | None
    """The share of pairs of different people that are as near; None where this cannot be tried."""
    qualities: tuple[Quality, Quality]

    @property
    def is_same(self) -> bool:
        """Whether they are near enough to be taken for one person."""
        return self.distance <= self.threshold


@dataclass(frozen=True, slots=True, eq=False)
class _Ready:
    """What is asked, what embeds, and the gallery."""

    recogniser: Recogniser
    enrolled: Gallery
    rule: Rule
    threshold: float | None
    """None: worked out."""
    far: float
    finder: FindsFaces | None

    def within(self, worked_out: Calibration | OneToOne | None) -> float:
        """The threshold that is used; raises UserError where there is none."""
        if self.threshold is not None:
            return self.threshold
        if worked_out is None:
            raise UserError(
                "With fewer than two people enrolled no threshold can be worked out.", "Give one, or enrol more people."
            )
        return worked_out.threshold


def identify_files(project: Project, paths: Sequence[Path], request: DecideRequest) -> Work[IdentifyReport]:
    """Decide whom pictures show. Raises UserError where nobody is enrolled.

    A picture that cannot be read is told with its reason, and the rest goes on.
    """
    ready = yield from _ready(project, request)
    if not len(ready.enrolled):
        raise UserError(f"Nobody is enrolled in {project.path}.", "Enrol people first: boxwright faces enroll")
    trials = left_out(ready.enrolled, ready.rule)
    calibration = calibrated(trials, ready.far) if ready.threshold is None else None
    threshold = ready.within(calibration)
    found: list[Identified] = []
    for done, path in enumerate(paths):
        yield Progress(done, len(paths), "Identifying")
        found += _identified(ready, trials, path, threshold)
    return IdentifyReport(ready.recogniser.record.name, ready.rule, threshold, calibration, tuple(found))


def verify_files(project: Project, paths: tuple[Path, Path], request: DecideRequest) -> Work[VerifyReport]:
    """Decide whether two pictures show one person. Raises UserError where one of them cannot be read."""
    ready = yield from _ready(project, request)
    calibration = calibrate_pairs(ready.enrolled, ready.far) if ready.threshold is None else None
    threshold = ready.within(calibration)
    one, other = (one_of_file(path, ready.finder).crop for path in paths)
    first, second = ready.recogniser.vectors([one.pixels, other.pixels])
    distance = verify(first, second, ready.recogniser.record.metric)
    impostor = pairs_left_out(ready.enrolled).impostor
    far = float(np.searchsorted(impostor, distance, side="right")) / len(impostor) if len(impostor) else None
    return VerifyReport(ready.recogniser.record.name, distance, threshold, calibration, far, (judge(one), judge(other)))


def _ready(project: Project, request: DecideRequest) -> Work[_Ready]:
    """Where the request says nothing, the gallery's settings do; its threshold only for its own embedder."""
    kept = gallery.settings(project)
    recogniser = yield from borrowing(project, request.embedder)
    enrolled = whole_gallery(project, recogniser)
    finder = finder_of(project, request.find_run_id)
    threshold = request.threshold
    if threshold is None and not request.is_automatic and recogniser.record.id == kept.embedder_id:
        threshold = kept.threshold
    return _Ready(recogniser, enrolled, request.rule or kept.rule, threshold, request.far or kept.far, finder)


def _identified(ready: _Ready, trials: LeftOut, path: Path, threshold: float) -> Iterator[Identified]:
    try:
        faces = faces_of_file(path, ready.finder)
    except UserError as error:
        yield Identified(path, refusal=str(error))
        return
    for face, vector in zip(faces, ready.recogniser.vectors([each.crop.pixels for each in faces]), strict=True):
        decision = identify(ready.enrolled, vector, ready.rule, threshold)
        yield Identified(path, face.bounds, decision, _far_of(trials, decision.distance), judge(face.crop))


def _far_of(trials: LeftOut, distance: float | None) -> float | None:
    if distance is None or trials.n_people < 2:
        return None
    return stranger_share(trials, distance, trials.n_people)
