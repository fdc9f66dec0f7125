"""Runs' networks watched on the images of projects: a network stays in memory from one image to the next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from engine import hardware, pictures
from engine.detecting import project_images, suggesting
from engine.detecting.predicting import Picture, Predictor
from engine.detecting.settled import unsettled
from engine.errors import UserError
from engine.inspecting.assignments import Pupil, lessons_on
from engine.inspecting.tracing import Tracing, origin_of
from engine.project import contents, images, runs
from engine.project.records import ImageRecord
from engine.project.store import Project
from engine.tiling import viewing
from engine.tracing.stages import Floats, Ints
from engine.tracing.trace import Trace
from engine.tracing.whatif import Settings


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """A picture to look at."""

    pixels: Picture
    """Shrunk, where it is too large for memory."""
    size: tuple[int, int]
    """Its own height and width."""
    image: ImageRecord | None
    """The image of a project that it is, if it is one."""
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class _Loaded:
    """The network of a checkpoint."""

    checkpoint_id: int
    settings: Settings | None
    """Kept for the run."""
    predictor: Predictor


class Tracer:
    """Traces of images, one network in memory at a time; keeps in step with the project's checkpoints.

    One `Tracer` serves one project.
    """

    def __init__(self, device: str = "auto") -> None:
        """Hold no network yet: the first image loads it."""
        self._device = device
        self._loaded: _Loaded | None = None
        self.last: Tracing | None = None
        """The last pass, which can be asked more."""

    def trace(self, project: Project, image_id: int, run_id: int | None = None, *, is_compared: bool = True) -> Trace:
        """How a run's detections on an image came about; None: the newest run that has a checkpoint.

        Raises UserError where there is no such run or image, no checkpoint, or the picture cannot be read.
        """
        run = suggesting.chosen_run(project, run_id)
        seen = _of_image(project, images.get(project, image_id))
        self.last = None  # what it holds may be large, and is asked no more
        self.last = look(self._predictor(project, run.id), seen, run.id, is_compared=is_compared)
        return self.last.trace

    def asked_more(self) -> Trace:
        """The last trace with the heads asked about all candidates for proposals; no second pass."""
        if self.last is None:
            raise LookupError("nothing was traced yet")
        return self.last.asked_more()

    def asked_about(self, boxes: Floats, parent: Ints) -> Trace:
        """What the heads say of any (R, 4) boxes on the last picture, one row each; `parent` are rows of 'objectness'.

        A trace of the stages 'pooling' and 'regions' alone.
        """
        if self.last is None:
            raise LookupError("nothing was traced yet")
        return self.last.asked_about(boxes, parent)

    def lessons(self, project: Project, image_id: int, run_id: int | None = None) -> Trace:
        """What an image teaches a run's network as it is now; raises UserError as `trace`."""
        run = suggesting.chosen_run(project, run_id)
        predictor = self._predictor(project, run.id)
        pupil = Pupil(unsettled(predictor.network), predictor.device, origin_of(predictor, run.id))
        return lessons_on(project, pupil, images.get(project, image_id))

    def _predictor(self, project: Project, run_id: int) -> Predictor:
        checkpoint = runs.checkpoint(project, run_id)
        settings = project_images.kept_settings(project, run_id)
        known = self._loaded
        if known is None or (known.checkpoint_id, known.settings) != (checkpoint.id, settings):
            self._loaded = None  # two networks need not fit into memory
            weights = contents.get(project, checkpoint.content_id)
            predictor = Predictor.load(weights, hardware.device(self._device), settings)
            self._loaded = known = _Loaded(checkpoint.id, settings, predictor)
        return known.predictor


def sight(project: Project, named: str) -> Sight:
    """An image of the project, by its name or id, or a picture file.

    Raises UserError where it is neither, or cannot be read.
    """
    image = images.named(project, named)
    if image is None and named.isdecimal() and not Path(named).exists():
        image = images.get(project, int(named))
    if image is not None:
        return _of_image(project, image)
    path = Path(named)
    if not path.is_file():
        raise UserError(f"{project.path} has no image {named}, and there is no such file.")
    if pictures.is_large(*pictures.head(path).size):
        raise UserError(f"{path} is too large to be looked at as a whole.", "Import it into a project first.")
    pixels = pictures.decode(path)
    return Sight(pixels, pixels.shape[:2], None, path.name)


def look(predictor: Predictor, at: Sight, run_id: int | None, *, is_compared: bool = True) -> Tracing:
    """Watch a network on a picture; raises UserError where it cannot be watched."""
    origin = replace(origin_of(predictor, run_id, at.image), image_name=at.name)
    return Tracing.of(predictor, at.pixels, origin, is_compared=is_compared).on_image(at.size)


def _of_image(project: Project, image: ImageRecord) -> Sight:
    return Sight(viewing.seen(project, image).pixels, (image.height, image.width), image, image.name)
