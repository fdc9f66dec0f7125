"""Errands of faces: enrolled, embedded, recognised. As in `studio.errands`, torch loads on demand, in the worker."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from engine import pictures
from engine.cropping import Crop, judge
from engine.errors import UserError
from engine.faces.choice import EmbedderChoice
from engine.faces.cutting import cutting
from engine.faces.enrolling import EnrolReport, EnrolRequest, enrol
from engine.faces.picture_faces import faces_of_file, faces_of_picture, finder_of
from engine.faces.sources import AnnotatedFaces, FindsFaces, FoundFace
from engine.progress import Progress, Work
from engine.project import gallery
from engine.project.gallery_edits import KeepGallerySettings
from engine.project.store import Project
from studio.listening import answers
from studio.orders import Failure, Listening
from studio.probes import ProbeAsk, Probed, ProbeFace

if TYPE_CHECKING:
    from engine.faces.recognising import Recogniser


def enrol_faces(project: Project, request: EnrolRequest) -> Work[EnrolReport]:
    """Bring faces in, and make the vectors that they need; until somebody chooses otherwise, of their pixels."""
    report = yield from enrol(project, request)
    if report.template_ids:
        embedder_id = gallery.settings(project).embedder_id
        if embedder_id is None:
            embedder_id = yield from _first_embedder(project)
        yield from embed_faces(project, embedder_id)
    return report


def _first_embedder(project: Project) -> Work[int]:
    """Have faces decided by their pixels, which needs no weights; returns the embedder's id.

    Nobody chose it, so it is no step to undo.
    """
    from engine.faces.ensuring import ensuring  # noqa: PLC0415

    embedder_id = yield from ensuring(project, EmbedderChoice("pixels"))
    with project.atomic():
        KeepGallerySettings(replace(gallery.settings(project), embedder_id=embedder_id, threshold=None)).apply(project)
    return embedder_id


def embed_faces(project: Project, embedder_id: int) -> Work[int]:
    """Make the vectors that faces lack of an embedder; returns how many."""
    yield Progress(0, None, "Loading the embedder")
    from engine.faces.recognising import embed  # noqa: PLC0415

    return (yield from embed(project, embedder_id))


def choose_embedder(project: Project, choice: EmbedderChoice, author_id: int | None = None) -> Work[int]:
    """Have an embedder in the project, embed all faces with it, and let it decide from now on; returns its id.

    The gallery changes to it only once every face has its vector.
    """
    yield Progress(0, None, "Loading the embedder")
    from engine.faces.ensuring import using  # noqa: PLC0415

    return (yield from using(project, choice, author_id))


def answer_probes(project: Project) -> Generator[Listening | Probed, ProbeAsk, None]:
    """Answer faces with vectors; the embedder that was asked for last stays loaded."""
    warm = _Warm(project)
    yield from answers(lambda ask: _probed(project, warm, ask))


class _Warm:
    """The networks that were used last."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._last: Recogniser | None = None
        self._finder: tuple[int, FindsFaces | None] | None = None

    def finder(self, run_id: int | None) -> FindsFaces | None:
        if run_id is None:
            return None
        if self._finder is None or self._finder[0] != run_id:
            self._finder = run_id, finder_of(self._project, run_id)
        return self._finder[1]

    def recogniser(self, embedder_id: int) -> Recogniser:
        from engine.faces.recognising import Recogniser  # noqa: PLC0415

        if self._last is None or self._last.record.id != embedder_id:
            self._last = Recogniser.load(self._project, embedder_id)
        return self._last


def _probed(project: Project, warm: _Warm, ask: ProbeAsk) -> Probed:
    try:
        recogniser, finder = warm.recogniser(ask.embedder_id), warm.finder(ask.find_run_id)
        return Probed(ask, tuple(_seen(recogniser, *each) for each in _crops(project, ask, finder)))
    except UserError as error:
        return Probed(ask, refusal=Failure(error.message, error.hint))


def _seen(recogniser: Recogniser, source: str, crop: Crop | UserError) -> ProbeFace:
    if isinstance(crop, UserError):
        return ProbeFace(source, refusal=str(crop))
    return ProbeFace(source, crop.png(), recogniser.vectors([crop.pixels])[0], judge(crop))


def _crops(project: Project, ask: ProbeAsk, finder: FindsFaces | None) -> Iterator[tuple[str, Crop | UserError]]:
    for path in ask.files:
        try:
            yield from ((path.name, face.crop) for face in faces_of_file(path, finder))
        except UserError as error:
            yield path.name, error
    for png in ask.pngs:
        try:
            yield from (("", face.crop) for face in faces_of_picture(pictures.decode(png), finder))
        except UserError as error:
            yield "", error
    for annotation_id in ask.annotation_ids:
        yield _of_annotation(project, annotation_id)


def _of_annotation(project: Project, annotation_id: int) -> tuple[str, Crop | UserError]:
    try:
        every = cutting(project, AnnotatedFaces((annotation_id,))).cuts
        (cut,) = (each for each in every if not isinstance(each, Progress))
    except UserError as error:
        return "", error
    return cut.source, cut.crop if isinstance(cut, FoundFace) else UserError(cut.why)
