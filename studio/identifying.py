"""Identifying: faces that are asked about, one after the other; who each may be, and what is answered.

A probe is a crop in memory: nothing of it is in the project's file until somebody says who it is, or is not. Then it is
a face of the project as others are, and what was said is remembered. Decisions are made anew whenever gallery, rule or
threshold change, from the vector that the probe has already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.project.edits import Edit
from engine.project.gallery_edits import IgnoreTemplates, NewTemplate
from engine.project.probe_edits import AnswerFace, KeepProbe
from studio.asked_faces import (
    Probe,
    also_seen,
    in_file,
    is_kept_otherwise,
    new_face,
    of_templates,
    seen_by,
    told_by_file,
)
from studio.deciding import Deciding
from studio.jobs import Jobs
from studio.known_faces import FacesModel
from studio.probe_vectors import ProbeVectors, portions
from studio.probes import ProbeAsk, Probed, ProbeFace
from studio.recognising import Recognising
from studio.session import Session

NO_EMBEDDER = "Choose an embedder first: it turns faces into what is compared."


class Identifying(QObject):
    """The faces that are asked about, the one that is looked at, and the person that answers are about."""

    changed = Signal()
    """Others are asked about, or something is known of them that was not."""
    current_changed = Signal()
    """Another one is looked at, or another decision is made about it, or another person is picked."""

    def __init__(self, session: Session, jobs: Jobs, model: FacesModel, parent: QObject | None = None) -> None:
        """None yet; no process until something is asked about."""
        super().__init__(parent)
        self._session, self._model = session, model
        self.recognising = Recognising(session, jobs, self)
        """Makes vectors of faces, also of those that are no probes."""
        self._vectors = ProbeVectors(self.recognising)
        self.deciding = Deciding(model, lambda: self.all, self)
        """Who each may be."""
        self._numbers = count(1)
        self.all: tuple[Probe, ...] = ()
        self.number: int | None = None
        """Of the one that is looked at."""
        self._picked: int | None = None
        self._forgets = False
        """Whether what has gone from the file is to go from here, too."""
        model.changed.connect(self._on_model)
        session.saved.connect(self._on_settled)
        session.failed.connect(self._on_settled)
        session.project_opened.connect(self.clear)

    @property
    def n_awaited(self) -> int:
        """New faces that are being cut out and embedded."""
        return self._vectors.n_awaited

    @property
    def current(self) -> Probe | None:
        """The one that is looked at."""
        return next((each for each in self.all if each.number == self.number), None)

    def add_files(self, paths: Sequence[Path]) -> None:
        """Ask about the faces in these files: each a crop of one, unless the gallery's settings have them found."""
        if embedder_id := self._embedder_id():
            for portion in portions(paths):
                ask = ProbeAsk(embedder_id, files=portion, find_run_id=self._model.settings.find_run_id)
                self._await(ask, portion[0].name)

    def add_picture(self, name: str, png: bytes) -> None:
        """Ask about a picture that is no file."""
        if embedder_id := self._embedder_id():
            find_run_id = self._model.settings.find_run_id
            self._await(ProbeAsk(embedder_id, pngs=(png,), find_run_id=find_run_id), name)

    def add_templates(self, template_ids: Sequence[int]) -> None:
        """Ask about faces that the project has."""
        ids = tuple(template_ids)
        if ids:
            self._session.ask("probes of faces", lambda project: of_templates(project, ids), self._take_kept)

    def look_at(self, number: int | None) -> None:
        """Look at another one."""
        if number != self.number:
            self.number, self._picked = number, None
            self.current_changed.emit()

    def step(self, by: int) -> None:
        """Look at the next one, or the one before."""
        if self.all:
            at = next((n for n, each in enumerate(self.all) if each.number == self.number), -by)
            self.look_at(self.all[min(max(at + by, 0), len(self.all) - 1)].number)

    def drop(self, number: int) -> None:
        """Ask about this one no more; what was said of it stays."""
        at = next((n for n, each in enumerate(self.all) if each.number == number), None)
        if at is not None:
            self.all = self.all[:at] + self.all[at + 1 :]
            if self.number == number:
                self.number = self.all[min(at, len(self.all) - 1)].number if self.all else None
            self._tell()

    def clear(self) -> None:
        """Ask about none."""
        for each in self.all:
            self.deciding.forget(each.number)
        self.all, self.number = (), None
        self._vectors.forget()
        self._tell()

    def forget_gone(self) -> None:
        """Ask no more about faces that were in the file and have gone: somebody was erased, also from memory."""
        self._forgets = bool(self.all)
        self._find()

    @property
    def candidate(self) -> int | None:
        """The person that answers are about: who was picked, else the nearest who was not rejected."""
        probe = self.current
        decision = self.deciding.decision(probe) if probe is not None else None
        if decision is None or not decision.ranking:
            return None
        ids = [each.identity_id for each in decision.ranking]
        return self._picked if self._picked in ids else ids[0]

    def pick(self, identity_id: int | None) -> None:
        """Have answers be about this person."""
        self._picked = identity_id
        self.current_changed.emit()

    @property
    def can_answer(self) -> bool:
        """Whether something can be said of the probe that is looked at."""
        probe = self.current
        return probe is not None and bool(probe.face.png) and probe.settles_at is None and self._session.can_write

    def confirm(self) -> None:
        """It is the person that answers are about; go to the next probe."""
        if self._answer(is_them=True):
            self.step(1)

    def reject(self) -> None:
        """It is not; the next person comes up."""
        self._answer(is_them=False)

    def _answer(self, *, is_them: bool) -> bool:
        probe, candidate = self.current, self.candidate
        if probe is None or candidate is None or not self.can_answer:
            return False
        self._picked = None
        self.answer(probe, candidate, is_them)
        return True

    def name(self, name: str) -> None:
        """It is somebody of this name, known or new; go to the next probe."""
        probe = self.current
        if probe is None or not self.can_answer:
            return
        if probe.template_id is not None:
            if (edit := self._model.naming((probe.template_id,), name)) is not None:
                self._do(probe, edit)
        else:
            known = self._model.named(name)
            person = "" if known is not None else name
            self._keep(probe, new_face(probe.face, "confirmed", known, person), None)
        self.step(1)

    def ignore(self) -> None:
        """It is of no interest; where it is not in the file, it stays out."""
        probe = self.current
        if probe is not None:
            if probe.template_id is not None and self.can_answer:
                self._do(probe, IgnoreTemplates((probe.template_id,)))
            self.drop(probe.number)

    def answer(self, probe: Probe, identity_id: int, is_them: bool) -> None:
        """It is, or is not, this person."""
        if probe.template_id is not None:
            self._do(probe, AnswerFace(probe.template_id, identity_id, is_them))
        else:
            self._keep(probe, new_face(probe.face, "suggested", identity_id=identity_id), is_them)

    def _keep(self, probe: Probe, face: NewTemplate, is_them: bool | None) -> None:
        record = self._model.embedder
        embedder_id = None if record is None else record.id
        self._do(probe, KeepProbe(face, is_them, embedder_id, self.deciding.vector(probe)))

    def _do(self, probe: Probe, edit: Edit) -> None:
        session = self._session
        if probe.settles_at is None and session.can_write:
            session.do(edit)
            self._put(replace(probe, settles_at=session.n_asked))

    def _put(self, probe: Probe) -> None:
        self.all = tuple(probe if each.number == probe.number else each for each in self.all)
        self.changed.emit()

    def _tell(self) -> None:
        """Something is known that was not."""
        self.changed.emit()
        self.current_changed.emit()

    def _embedder_id(self) -> int | None:
        record = self._model.embedder
        if record is None:
            self._session.said.emit(NO_EMBEDDER)
        return None if record is None else record.id

    def _await(self, ask: ProbeAsk, name: str) -> None:
        self._vectors.of_new(ask, partial(self._take, name))
        self.changed.emit()

    def _take(self, name: str, probed: Probed) -> None:
        """Faces that were asked about for the first time."""
        found = probed.faces
        if probed.refusal is not None:
            found = (ProbeFace(name, refusal=f"{probed.refusal.words} {probed.refusal.hint}".strip()),)
        known = {each.face.png for each in self.all if each.face.png}
        new = [replace(each, source=each.source or name) for each in found if not each.png or each.png not in known]
        self._add([Probe(next(self._numbers), each, None, seen_by(probed.ask.embedder_id, each)) for each in new])
        self._find()

    def _take_kept(self, kept: Sequence[tuple[int, int | None, ProbeFace]]) -> None:
        there = {each.template_id for each in self.all}
        self._add(
            [
                Probe(next(self._numbers), face, template_id, seen_by(embedder_id, face), was_kept=True)
                for template_id, embedder_id, face in kept
                if template_id not in there
            ]
        )

    def _add(self, probes: Sequence[Probe]) -> None:
        """Ask about these too; look at the first of them unless another one is looked at."""
        self.all = (*self.all, *probes)
        self._embed()
        self.changed.emit()
        if probes and self.current is None:
            self.look_at(probes[0].number)

    def _embed(self) -> None:
        """Have vectors made that the embedder in use has not made yet."""
        record = self._model.embedder
        if record is not None:
            self._vectors.of_known(self.all, record.id, self._take_vectors)

    def _take_vectors(self, numbers: Sequence[int], probed: Probed) -> None:
        """Faces that were asked about before, as another embedder sees them."""
        by_number = dict(zip(numbers, probed.faces, strict=False))
        embedder_id = probed.ask.embedder_id
        self.all = tuple(also_seen(each, embedder_id, by_number.get(each.number)) for each in self.all)
        self._tell()

    def _on_settled(self, _: object) -> None:
        if any(each.settles_at is not None for each in self.all):
            self._find()

    def _on_model(self) -> None:
        """Gallery, settings or faces are others."""
        self.deciding.follow()
        self._find()
        self._embed()
        self._tell()

    def _find(self) -> None:
        """Which of the probes are in the file, by their crops."""
        pngs = {each.number: each.face.png for each in self.all if each.face.png}
        settled = self._session.n_settled
        if pngs:
            self._session.ask("kept probes", lambda project: (settled, in_file(project, pngs)), self._take_found)

    def _take_found(self, answer: tuple[int, Mapping[int, int | None]]) -> None:
        settled, found = answer
        before = self.all
        for each in before:
            if each.number in found and found[each.number] != each.template_id:
                self.deciding.forget(each.number)  # it is compared with others than itself
        self.all = tuple(
            told_by_file(each, found[each.number], settled) if each.number in found else each for each in before
        )
        if self._forgets:
            self._forgets = False
            for gone in [each for each in self.all if each.was_kept and each.template_id is None]:
                self.drop(gone.number)
            return
        if any(is_kept_otherwise(*pair) for pair in zip(before, self.all, strict=True)):
            self._tell()
