"""FacesModel: the people and faces of the open project, how they are decided, and what of them is picked.

All of it is read on the reader's thread and told at once; crops follow when they are in sight. What is shown here may
be older than the file by a moment, never half new: one question reads everything.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from datetime import date
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QPixmap

from engine.faces.finders import finders
from engine.gallery import Calibration, Gallery, Vectors
from engine.project.gallery import GallerySettings
from engine.project.gallery_edits import NameTemplates
from engine.project.records import EmbedderRecord, Identity, Run, Template
from engine.project.store import Change, Project
from studio.face_crops import FaceCrops
from studio.gallery_values import Doubts, Faces, due_notice, read
from studio.session import Session
from studio.weighing import Weighing

T = TypeVar("T")


class FacesModel(QObject):
    """What the gallery workspace shows."""

    changed = Signal()
    """People, faces, vectors, settings or the threshold are others."""
    selection_changed = Signal()
    crop_ready = Signal(int)
    """Template id: its crop can be had now."""
    view_wanted = Signal(str)
    """The name of a view that is to be shown."""
    name_wanted = Signal()
    """The chosen faces are to be named, in whatever view is shown."""
    charts_wanted = Signal(Path)
    """What the shown view draws is to be saved in a folder."""
    comparing_wanted = Signal()
    """The chosen faces are to be compared with each other."""
    group_wanted = Signal()
    """All faces under one heading are to be chosen."""
    person_changed = Signal()
    """Another person is chosen, or one is opened or closed."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        """Of the session's project."""
        super().__init__(parent)
        self._session = session
        self._faces = Faces()
        self.selection: frozenset[int] = frozenset()
        """Ids of the templates that are picked, in whatever view."""
        self.view = ""
        """The name of the view that is shown; empty before the first is."""
        self.person_id: int | None = None
        """The person that is chosen on People."""
        self.is_person_open = False
        """Whether all of that person's faces are shown there, in place of everybody's cards."""
        self._is_new = True
        """Whether nothing of this project was read yet."""
        self.finders: tuple[Run, ...] = ()
        """The runs whose networks can find the faces in pictures, by id."""
        self._crops = FaceCrops(session, self)
        self._crops.ready.connect(self.crop_ready)
        self._weighing = Weighing(session, self)
        self._weighing.changed.connect(self.changed)
        session.project_opened.connect(self._begin)
        session.changed.connect(self._on_change)

    @property
    def faces(self) -> Faces:
        """All of it as it was read at one moment, for another thread to look at."""
        return self._faces

    @property
    def identities(self) -> Mapping[int, Identity]:
        """Everybody, by id, in the order of their names."""
        return self._faces.identities

    @property
    def templates(self) -> Mapping[int, Template]:
        """Every face, by id."""
        return self._faces.templates

    @property
    def rejected(self) -> Mapping[int, frozenset[int]]:
        """Who faces are not: template id -> ids of identities."""
        return self._faces.rejected

    @property
    def settings(self) -> GallerySettings:
        """How the gallery decides."""
        return self._faces.settings

    @property
    def embedders(self) -> tuple[EmbedderRecord, ...]:
        """Those that the project has, by id."""
        return self._faces.embedders

    @property
    def embedder(self) -> EmbedderRecord | None:
        """The embedder in use; None where none is chosen yet."""
        return self._faces.embedder

    @property
    def vectors(self) -> Vectors:
        """What the embedder in use made of all faces that it has seen."""
        return self._faces.vectors

    @property
    def gallery(self) -> Gallery:
        """What it made of the confirmed ones, and whose they are."""
        return self._faces.gallery

    @property
    def calibration(self) -> Calibration | None:
        """What an automatic threshold is worth; None where there are no two people, or not worked out yet."""
        return self._weighing.calibration

    @property
    def doubts(self) -> Doubts:
        """What may be wrong in the gallery."""
        return self._weighing.doubts

    @property
    def threshold(self) -> float:
        """Up to which distance a person is accepted; NaN, which accepts nobody, where that is not known."""
        if self.settings.threshold is not None:
            return self.settings.threshold
        return math.nan if self.calibration is None else self.calibration.threshold

    def name(self, identity_id: int | None) -> str:
        """What a person is called; empty for nobody."""
        person = None if identity_id is None else self.identities.get(identity_id)
        return "" if person is None else person.name

    def named(self, name: str) -> int | None:
        """The person of a name, whatever its case where nobody is called exactly so; None for nobody."""
        wanted = name.strip()
        alike = [each for each in self.identities.values() if each.name.casefold() == wanted.casefold()]
        found = next((each for each in alike if each.name == wanted), alike[0] if len(alike) == 1 else None)
        return None if found is None else found.id

    def naming(self, template_ids: Collection[int], name: str) -> NameTemplates | None:
        """The edit by which faces are somebody's, known or new; None without a face or a name."""
        ids, typed = tuple(sorted(template_ids)), name.strip()
        known = self.named(typed)
        return NameTemplates(ids, known, "" if known is not None else typed) if ids and typed else None

    def due(self, today: date) -> tuple[Identity, ...]:
        """Those of whom nothing may be kept any more."""
        day = today.isoformat()
        return tuple(each for each in self.identities.values() if each.retain_until and each.retain_until < day)

    def select(self, ids: Collection[int]) -> None:
        """Pick these faces, and no others."""
        chosen = frozenset(ids) & self.templates.keys()
        if chosen != self.selection:
            self.selection = chosen
            self.selection_changed.emit()

    def show_view(self, name: str) -> None:
        """Show a view of the page Faces, by the name of its file."""
        self.view = name
        self._session.show_page("faces")
        self.view_wanted.emit(name)

    def choose_person(self, identity_id: int | None) -> None:
        """Let commands be about this person."""
        self._be_about(identity_id, self.is_person_open)

    def open_person(self, identity_id: int | None) -> None:
        """Show all faces of a person on People; None: show everybody, the person who was opened still chosen."""
        self._be_about(self.person_id if identity_id is None else identity_id, identity_id is not None)

    def _be_about(self, identity_id: int | None, is_open: bool) -> None:
        person_id = identity_id if identity_id in self.identities else None
        wanted = person_id, is_open and person_id is not None
        if wanted != (self.person_id, self.is_person_open):
            self.person_id, self.is_person_open = wanted
            self.person_changed.emit()

    def crop(self, template_id: int) -> QPixmap | None:
        """The crop of a face; None has it read, and `crop_ready` told. A null pixmap where it cannot be read."""
        return self._crops.get(template_id) if template_id in self.templates else None

    def think(self, key: str, question: Callable[[Project], T], then: Callable[[T], None]) -> None:
        """Work out what takes long beside what is read; `then` hears the answer of the newest question by `key`."""
        self._weighing.think(key, question, then)

    def _begin(self) -> None:
        """Forget everything: it was another project's."""
        self._crops.forget()
        self._weighing.begin()
        self.finders = ()
        self._take(Faces())
        self._is_new = True
        self._ask()
        self._look_for_finders()

    def _ask(self) -> None:
        before = self._faces
        self._session.ask("faces", lambda project: read(project, before), self._take)

    def _look_for_finders(self) -> None:
        self._session.ask("face finders", finders, self._take_finders)

    def _take_finders(self, found: tuple[Run, ...]) -> None:
        named = [(each.id, each.name) for each in self.finders]
        self.finders = found
        if [(each.id, each.name) for each in found] != named:
            self.changed.emit()

    def _on_change(self, change: Change) -> None:
        if change.identities or change.templates or change.gallery:
            self._ask()
        if change.runs or change.classes:
            self._look_for_finders()

    def _take(self, faces: Faces) -> None:
        is_same, self._faces = faces.is_same(self._faces), faces
        if is_same and not self._is_new:
            return
        self._crops.forget_others(faces.templates)
        self._weighing.weigh(self.gallery, self.settings)
        before, self.selection = self.selection, self.selection & faces.templates.keys()
        self.choose_person(self.person_id)  # nothing is picked, by then, that is not there
        self.changed.emit()
        if self.selection != before:
            self.selection_changed.emit()
        if self._is_new and (names := [each.name for each in self.due(date.today())]):
            self._session.said.emit(due_notice(names))
        self._is_new = False
