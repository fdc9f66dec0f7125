"""Where faces lie on the map, worked out in a thread from their vectors: straight, or with neighbours kept together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count
from threading import Event
from typing import Literal, TypeAlias

import numpy as np
from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal

from engine.gallery import Gallery, Vectors, kept, outliers, projected
from engine.gallery.unfolding import MAX_UNFOLDED, Unfolded, unfolded
from engine.project import embeddings
from engine.project.records import Template
from engine.project.store import Project
from studio.faces.map_points import Floats, MapPoints, Rows, placed
from studio.session import Session

Projection: TypeAlias = Literal["straight", "neighbours"]


@dataclass(frozen=True, slots=True, eq=False)
class Mapped:
    """Where faces lie."""

    template_ids: Rows
    """(N,)."""
    places: Floats
    """(N, 2) in map coordinates."""
    outlier_ids: frozenset[int]
    share_kept: float | None
    """How much of the differences still shows; None where neighbours were kept instead."""
    share_done: float = 1.0
    """Of the work, where more is to come."""

    def points(self, templates: Mapping[int, Template], people: Mapping[int, int]) -> MapPoints:
        """What is shown of it: faces that are there and not ignored; `people` are numbers by identity."""
        rows, whose, is_sure = [], [], []
        for row, template_id in enumerate(self.template_ids.tolist()):
            template = templates.get(template_id)
            if template is not None and template.state != "ignored":
                rows.append(row)
                is_sure.append(template.state == "confirmed")
                is_theirs = template.state in ("confirmed", "suggested")
                whose.append(people.get(template.identity_id or 0, -1) if is_theirs else -1)
        ids = self.template_ids[rows]
        is_outlier = np.isin(ids, np.fromiter(self.outlier_ids, np.int64))
        return MapPoints(ids, self.places[rows], np.array(whose, np.int64), np.array(is_sure, np.bool_), is_outlier)


class MapMaking(QObject):
    """Works out one map at a time; asked for another one, it gives up what it is at."""

    made = Signal(object)
    """Mapped."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        """Nothing is asked for yet."""
        super().__init__(parent)
        self._session = session
        self._numbers = count(1)
        self._number = 0
        self._stopped = Event()
        self._done = _Done()
        self._done.made.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._way: Projection = "straight"
        session.project_opened.connect(self.stop)

    def ask(self, embedder_id: int, way: Projection) -> None:
        """Have a map made of what an embedder saw."""
        self.stop()
        self._way = way
        self._session.ask("vectors of the map", lambda project: _seen(project, embedder_id), self._begin)

    def stop(self) -> None:
        """Give up what is under way."""
        self._stopped.set()
        self._number = next(self._numbers)

    def _begin(self, seen: tuple[Vectors, Gallery]) -> None:
        self.stop()
        self._stopped = Event()
        # Not in a pool of its own: whoever destroys that waits for what runs in it, which may need the interpreter.
        QThreadPool.globalInstance().start(_Making(self._number, seen, self._way, (self._done, self._stopped)))

    def _take(self, number: int, mapped: object) -> None:
        if number == self._number:
            self.made.emit(mapped)


class _Done(QObject):
    made = Signal(int, object)


class _Making(QRunnable):
    def __init__(self, number: int, seen: tuple[Vectors, Gallery], way: Projection, ends: tuple[_Done, Event]) -> None:
        super().__init__()
        self._number, self._seen, self._way = number, seen, way
        self._done, self._stopped = ends

    def run(self) -> None:
        """Straight, or with neighbours kept together where that can be done."""
        if self._way == "straight" or len(self._seen[0]) > MAX_UNFOLDED:
            self._place_straight()
        else:
            self._place_neighbours()

    def _place_straight(self) -> None:
        """At once; whom to doubt takes longer."""
        vectors = self._seen[0]
        points = projected(vectors)
        mapped = Mapped(vectors.template_ids, placed(points), frozenset(), kept(vectors, points))
        self._tell(mapped)
        if not self._stopped.is_set():
            self._tell(replace(mapped, outlier_ids=self._doubted()))

    def _place_neighbours(self) -> None:
        """Step by step."""
        vectors, doubted = self._seen[0], self._doubted()
        work = unfolded(vectors)
        try:
            while not self._stopped.is_set():
                each = next(work)
                if isinstance(each, Unfolded):
                    share = each.progress.done / max(1, each.progress.total or 1)
                    self._tell(Mapped(vectors.template_ids, placed(each.points), doubted, None, min(share, 0.999)))
        except StopIteration as end:
            self._tell(Mapped(vectors.template_ids, placed(np.asarray(end.value)), doubted, None))

    def _doubted(self) -> frozenset[int]:
        return frozenset(each.template_id for each in outliers(self._seen[1]))

    def _tell(self, mapped: Mapped) -> None:
        if not self._stopped.is_set():
            self._done.made.emit(self._number, mapped)


def _seen(project: Project, embedder_id: int) -> tuple[Vectors, Gallery]:
    return embeddings.vectors(project, embedder_id), embeddings.gallery(project, embedder_id)
