"""FacesModel: the people and faces of the open project, how they are decided, and what of them is picked.

All of it is read on the reader's thread and told at once; crops follow when they are in sight. What is shown here may
be older than the file by a moment, never half new: one question reads everything.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage, QPixmap

from engine.errors import UserError
from engine.gallery import Calibration, Duplicate, Gallery, Outlier, Vectors, calibrate, duplicates, outliers
from engine.project import embeddings, gallery
from engine.project.gallery import GallerySettings
from engine.project.records import EmbedderRecord, Identity, Template
from engine.project.store import Change, Project
from studio.reader import Reader
from studio.session import Session

T = TypeVar("T")

PAGE = 48
"""Crops are read so many at a time, those that were asked for last first."""
MAX_WANTED = 6 * PAGE
"""Crops that wait to be read; what was asked for before these is out of sight by now."""
MAX_KEPT = 1500
"""Crops that are kept; the oldest go first. One takes 50 KiB."""
_NO_IDS = np.zeros(0, np.int64)
NO_GALLERY = Gallery(_NO_IDS, np.zeros((0, 0), np.float32), "euclidean", _NO_IDS)


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """All that was read of people and faces at one moment."""

    identities: Mapping[int, Identity] = field(default_factory=dict)
    """By id, in the order of their names."""
    templates: Mapping[int, Template] = field(default_factory=dict)
    """By id, ascending."""
    rejected: Mapping[int, frozenset[int]] = field(default_factory=dict)
    settings: GallerySettings = field(default_factory=GallerySettings)
    embedder: EmbedderRecord | None = None
    vectors: Vectors = NO_GALLERY
    gallery: Gallery = NO_GALLERY


@dataclass(frozen=True, slots=True)
class Doubts:
    """What may be wrong in the gallery."""

    outliers: tuple[Outlier, ...] = ()
    """Faces that may be under a wrong name."""
    duplicates: tuple[Duplicate, ...] = ()
    """Two people who may be one."""


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
    group_wanted = Signal()
    """All faces under one heading are to be chosen."""
    person_changed = Signal()
    """Another person is chosen, or one is opened or closed."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        """Of the session's project."""
        super().__init__(parent)
        self._session = session
        self._faces = Faces()
        self._calibrated_for: tuple[Gallery, GallerySettings] | None = None
        self.calibration: Calibration | None = None
        """What an automatic threshold is worth; None where there are no two people, or not worked out yet."""
        self._doubted: Gallery | None = None
        self.doubts = Doubts()
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
        self._crops: dict[int, QPixmap] = {}
        self._wanted: dict[int, None] = {}
        self._is_asking = False
        self._thinker: Reader | None = None
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self._ask_crops)
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
        found = self._crops.get(template_id)
        if found is None and template_id in self.templates:
            self._wanted.pop(template_id, None)
            self._wanted[template_id] = None
            while len(self._wanted) > MAX_WANTED:
                del self._wanted[next(iter(self._wanted))]
            self._later.start()
        return found

    def think(self, key: str, question: Callable[[], T], then: Callable[[T], None]) -> None:
        """Work out what takes long beside what is read; `then` hears the answer of the newest question by `key`."""
        if self._thinker is not None:
            self._thinker.ask(key, lambda _: question(), then)

    def _begin(self) -> None:
        """Forget everything: it was another project's."""
        self._change_thinker()
        self._crops.clear()
        self._wanted.clear()
        self._is_asking = False
        self.calibration = self._calibrated_for = self._doubted = None
        self.doubts = Doubts()
        self._take(Faces())
        self._is_new = True
        self._session.ask("faces", read, self._take)

    def _change_thinker(self) -> None:
        if self._thinker is not None:
            self._thinker.finish()
            self._thinker.deleteLater()
            self._thinker = None
        if self._session.project is not None:
            self._thinker = Reader(self._session.project.path, self)
            self._thinker.failed.connect(self._session.failed)

    def _on_change(self, change: Change) -> None:
        if change.identities or change.templates or change.gallery:
            self._session.ask("faces", read, self._take)

    def _take(self, faces: Faces) -> None:
        self._faces = faces
        for template_id in self._crops.keys() - faces.templates.keys():
            del self._crops[template_id]
        self._calibrate()
        self._doubt()
        before, self.selection = self.selection, self.selection & faces.templates.keys()
        self.choose_person(self.person_id)  # nothing is picked, by then, that is not there
        self.changed.emit()
        if self.selection != before:
            self.selection_changed.emit()
        if self._is_new and (names := [each.name for each in self.due(date.today())]):
            self._session.said.emit(due_notice(names))
        self._is_new = False

    def _calibrate(self) -> None:
        """Work out the automatic threshold, where what it follows from is another."""
        before, wanted = self._calibrated_for, (self.gallery, self.settings)
        if before is not None and _decide_alike(before, wanted):
            return
        if before is None or before[1].embedder_id != self.settings.embedder_id or before[1].rule != self.settings.rule:
            self.calibration = None  # a distance by one embedder or rule means nothing by another
        self._calibrated_for = wanted
        enrolled, settings = wanted
        self.think("calibration", lambda: calibrate(enrolled, settings.rule, settings.far), self._take_calibration)

    def _take_calibration(self, calibration: Calibration | None) -> None:
        self.calibration = calibration
        self.changed.emit()

    def _doubt(self) -> None:
        """Look for what may be wrong, where other faces are enrolled than before."""
        if self._doubted is None or not _enrolled_alike(self._doubted, self.gallery):
            enrolled = self._doubted = self.gallery
            self.think("doubts", lambda: Doubts(outliers(enrolled), duplicates(enrolled)), self._take_doubts)

    def _take_doubts(self, doubts: Doubts) -> None:
        if doubts != self.doubts:
            self.doubts = doubts
            self.changed.emit()

    def _ask_crops(self) -> None:
        if not self._is_asking and self._wanted:
            ids = [self._wanted.popitem()[0] for _ in range(min(PAGE, len(self._wanted)))]
            self._is_asking = True
            self._session.ask("crops of faces", lambda project: _crops(project, ids), self._take_crops)

    def _take_crops(self, found: Mapping[int, QImage]) -> None:
        self._is_asking = False
        for template_id, image in found.items():
            self._crops[template_id] = QPixmap.fromImage(image)
        while len(self._crops) > MAX_KEPT:
            del self._crops[next(iter(self._crops))]
        for template_id in found:
            self.crop_ready.emit(template_id)
        self._ask_crops()


def read(project: Project) -> Faces:
    """All that is known of people and faces, with the vectors of the embedder in use."""
    settings = gallery.settings(project)
    faces = Faces(
        {each.id: each for each in gallery.identities(project)},
        {each.id: each for each in gallery.templates(project)},
        gallery.rejected(project),
        settings,
    )
    if settings.embedder_id is None:
        return faces
    return Faces(
        faces.identities,
        faces.templates,
        faces.rejected,
        settings,
        embeddings.embedder(project, settings.embedder_id),
        embeddings.vectors(project, settings.embedder_id),
        embeddings.gallery(project, settings.embedder_id),
    )


def _crops(project: Project, ids: Collection[int]) -> dict[int, QImage]:
    """Crops by template id; a null image where one has gone or is damaged."""
    found = {}
    for template_id in ids:
        try:
            found[template_id] = QImage.fromData(gallery.crop(project, template_id))
        except UserError:
            found[template_id] = QImage()
    return found


def _decide_alike(a: tuple[Gallery, GallerySettings], b: tuple[Gallery, GallerySettings]) -> bool:
    """Whether one threshold follows from both."""
    (one, settings), (other, others) = a, b
    is_asked_alike = (settings.embedder_id, settings.rule, settings.far) == (
        others.embedder_id,
        others.rule,
        others.far,
    )
    return is_asked_alike and _enrolled_alike(one, other)


def _enrolled_alike(one: Gallery, other: Gallery) -> bool:
    pairs = (
        (one.template_ids, other.template_ids),
        (one.identity_ids, other.identity_ids),
        (one.vectors, other.vectors),
    )
    return all(np.array_equal(*pair) for pair in pairs)


def due_notice(names: Sequence[str]) -> str:
    """Of whom nothing may be kept any more."""
    shown = ", ".join(names[:3])
    more = f" and {len(names) - 3:,} more" if len(names) > 3 else ""
    return f"The last day for keeping what is held of {shown}{more} is over."
