"""Two faces compared (1:1) by every embedder of the project: how far, the threshold for pairs, and where it lies.

The two are crops in memory; nothing of them is written. Each embedder has distances, threshold and rates of its own:
they are worked out from the pairs of the gallery's own faces.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal

from engine.errors import UserError
from engine.faces.picture_faces import one_of_file
from engine.gallery import calibrate_pairs, pairs_left_out, verify
from engine.gallery.outlook import OneToOne
from engine.pictures import SUFFIXES
from engine.project import embeddings
from engine.project import gallery as faces
from engine.project.records import EmbedderRecord
from engine.project.store import Change, Project
from studio.asked_faces import Vector
from studio.faces.model import FacesModel
from studio.faces.spread_chart import NO_SPREAD, Spread
from studio.probes import ProbeAsk, Probed
from studio.recognising import Recognising
from studio.session import Session

ORDER = ("pixels", "latent", "siamese", "onnx")
"""The line of thought: what does not work, what works better, what works best."""


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A face in one of the two places."""

    name: str
    png: bytes
    template_id: int | None = None
    """The face of the project that it is."""


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """The two faces as one embedder sees them."""

    record: EmbedderRecord
    vectors: tuple[Vector, Vector] | None = None
    spread: Spread = NO_SPREAD
    limit: OneToOne | None = None
    """The threshold between two faces for the wanted share; None where the gallery cannot say."""
    refusal: str = ""

    @property
    def distance(self) -> float | None:
        """How far apart they are; None where that is not known yet."""
        return None if self.vectors is None else verify(*self.vectors, self.record.metric)

    @property
    def is_same(self) -> bool | None:
        """Whether they are taken for one person; None where that cannot be said."""
        if self.distance is None or self.limit is None:
            return None
        return self.distance <= self.limit.threshold


class Comparing(QObject):
    """What the view Compare shows."""

    changed = Signal()
    outdated = Signal()
    """What the embedders say may be something else now: to be told by `refresh`."""

    def __init__(self, session: Session, model: FacesModel, recognising: Recognising, parent: QObject) -> None:
        """No faces yet."""
        super().__init__(parent)
        self._session, self._model, self._recognising = session, model, recognising
        self.places: list[Placed | None] = [None, None]
        self.all: tuple[Compared, ...] = ()
        """The newest embedder of each kind."""
        session.project_opened.connect(self._begin)
        session.changed.connect(self._on_change)
        model.changed.connect(self._forget_gone)

    def put(self, place: int, face: Placed | None) -> None:
        """Put a face into the place 0 or 1."""
        self.places[place] = face
        self.all = tuple(replace(each, vectors=None, refusal="") for each in self.all)
        self._embed()
        self.changed.emit()

    def put_picture(self, place: int, name: str, picture: Path | bytes) -> None:
        """Put the face of a picture there, of a file or of its bytes: all of it, or what the project's run finds."""
        files, pngs = ((picture,), ()) if isinstance(picture, Path) else ((), (picture,))
        run_id, embedder = self._model.settings.find_run_id, next(iter(self._model.embedders), None)
        if run_id is not None and embedder is not None:
            ask = ProbeAsk(embedder.id, files, pngs, find_run_id=run_id)
            self._recognising.ask_surely(ask, partial(self._take_found, place, name))
        elif isinstance(picture, Path):
            self._session.ask(f"face to compare {place}", lambda _: _of_file(picture), partial(self.put, place))
        else:
            self.put(place, Placed(name, picture))

    def put_template(self, place: int, template_id: int) -> None:
        """Put a face of the project there."""
        self._session.ask(
            f"face to compare {place}", lambda project: _of_template(project, template_id), partial(self.put, place)
        )

    def swap(self) -> None:
        """Exchange the two."""
        self.places.reverse()
        self.all = tuple(
            replace(each, vectors=None if each.vectors is None else (each.vectors[1], each.vectors[0]))
            for each in self.all
        )
        self.changed.emit()

    @property
    def is_full(self) -> bool:
        """Whether there are two faces."""
        return all(self.places)

    def _embed(self) -> None:
        one, other = self.places
        if one is None or other is None:
            return
        for each in self.all:
            if each.vectors is None:
                ask = ProbeAsk(each.record.id, pngs=(one.png, other.png))
                self._recognising.ask_surely(ask, self._take)

    def _take(self, probed: Probed) -> None:
        if tuple(each.png for each in self.places if each is not None) != probed.ask.pngs:
            return
        self.all = tuple(_with(each, probed) if each.record.id == probed.ask.embedder_id else each for each in self.all)
        self.changed.emit()

    def _take_found(self, place: int, name: str, probed: Probed) -> None:
        """The only face in a picture; where there is none, or several, it is said, and the place stays as it is."""
        refusal = probed.refusal
        if refusal is not None:
            self._session.failed.emit(UserError(refusal.words, refusal.hint))
        elif len(probed.faces) > 1:
            hint = "Identify takes all of them; compare two of these by choosing them on Unknown."
            self._session.failed.emit(UserError(f"{name} shows {len(probed.faces)} faces.", hint))
        else:
            (face,) = probed.faces
            if face.refusal:
                self._session.failed.emit(UserError(face.refusal))
            else:
                self.put(place, Placed(name, face.png))

    def _begin(self) -> None:
        self.places, self.all = [None, None], ()
        self.changed.emit()
        self.outdated.emit()

    def _on_change(self, change: Change) -> None:
        if change.gallery or change.templates or change.identities:
            self.outdated.emit()

    def _forget_gone(self) -> None:
        """A face of the project that has gone, as its person may have been erased, is shown no more."""
        for place, face in enumerate(self.places):
            if face is not None and face.template_id is not None and face.template_id not in self._model.templates:
                self.put(place, None)

    def refresh(self) -> None:
        """Have the embedders asked again."""
        self._model.think("embedders compared", _known, self._take_known)

    def _take_known(self, known: Sequence[Compared]) -> None:
        before = {each.record.id: each for each in self.all}
        self.all = tuple(
            replace(each, vectors=before[each.record.id].vectors) if each.record.id in before else each
            for each in known
        )
        self._embed()
        self.changed.emit()


def _with(compared: Compared, probed: Probed) -> Compared:
    if probed.refusal is not None:
        return replace(compared, refusal=probed.refusal.words)
    one, other = probed.faces
    if one.vector is None or other.vector is None:
        return replace(compared, refusal=one.refusal or other.refusal)
    return replace(compared, vectors=(one.vector, other.vector))


def _known(project: Project) -> tuple[Compared, ...]:
    """The newest embedder of each kind, or the one in use, with what the gallery's own pairs say."""
    every, in_use = embeddings.embedders(project), faces.settings(project)
    newest = {each.name: each for each in every} | {each.name: each for each in every if each.id == in_use.embedder_id}
    found = []
    for record in sorted(newest.values(), key=_in_order):
        gallery = embeddings.gallery(project, record.id)
        if not len(gallery):
            found.append(Compared(record))
            continue
        trials = pairs_left_out(gallery)
        spread = Spread(np.sort(trials.genuine), trials.impostor)
        found.append(Compared(record, None, spread, calibrate_pairs(gallery, in_use.far)))
    return tuple(found)


def _in_order(record: EmbedderRecord) -> int:
    return ORDER.index(record.name) if record.name in ORDER else len(ORDER)


def _of_file(path: Path) -> Placed:
    """Raises UserError where the file is no picture."""
    if path.suffix.lower() not in SUFFIXES:
        raise UserError(f"{path.name} is no picture.")
    return Placed(path.name, one_of_file(path).crop.png())


def _of_template(project: Project, template_id: int) -> Placed:
    template = faces.template(project, template_id)
    name = faces.identity(project, template.identity_id).name if template.identity_id is not None else template.source
    return Placed(name, faces.crop(project, template_id), template_id)
