"""Listing: the pictures that are gone through, in their order, and those of them that are chosen.

There is one for the whole window: the query box, the image list, the grid of thumbnails and Next Image all go by it,
and so does whoever wants pictures found: `session.listing.find(Search("class:cell>3"))`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from engine.project.queries import Search, SortOrder, image_ids
from engine.project.query_language import QueryError
from engine.project.store import Change, Project

if TYPE_CHECKING:
    from studio.session import Session

FIXED_ORDERS: tuple[SortOrder, ...] = ("imported", "name")
"""Orders that no annotation changes."""


@dataclass(frozen=True, slots=True)
class Found:
    """The ids that a search finds, and the row of each: counted on the reader's thread, for there may be 100,000."""

    ids: list[int]
    rows: dict[int, int]


class Listing(QObject):
    """What a search finds, asked of the project on the reader's thread."""

    changed = Signal()
    """`ids` is another, or `error`: the newest search is answered."""
    search_changed = Signal()
    """Another search is asked; `changed` follows."""
    chosen_changed = Signal()
    search_wanted = Signal()
    """Somebody wants to type a search."""

    def __init__(self, session: Session) -> None:
        """Nothing, until the session opens a project."""
        super().__init__(session)
        self._session = session
        self.search = Search()
        self.ids: Sequence[int] = ()
        self.error: QueryError | None = None
        """Why the newest search is none; the listing stays as it was."""
        self.chosen: frozenset[int] = frozenset()
        """Several pictures that commands act on together; empty while there is only the one that is looked at."""
        self._rows: dict[int, int] = {}
        self._place = 0
        """The row of the picture that is looked at, or where it would be if it were listed."""
        self._is_stale = False
        session.image_changed.connect(self._on_image)
        session.run_changed.connect(self._on_run)
        session.page_changed.connect(self._refresh_stale)
        session.changed.connect(self._on_change)

    def find(self, search: Search) -> None:
        """List what a search finds from now on, with the shown run's suggestions and disagreements."""
        self.search = replace(search, run_id=self._session.run_id)
        self.search_changed.emit()
        self.refresh()

    def find_text(self, text: str) -> None:
        """Search for something else, in the same order."""
        self.find(replace(self.search, text=text))

    def sort(self, order: SortOrder, *, reverse: bool = False) -> None:
        """List what is found in another order."""
        self.find(replace(self.search, order=order, reverse=reverse))

    def refresh(self) -> None:
        """Search again."""
        self._is_stale = False
        search = self.search
        self._session.ask("listing", lambda project: _found(project, search), self._take)

    def reset(self) -> None:
        """Forget what was found, for it was another project's, and list everything."""
        self.search, self.ids, self.error, self.chosen = Search(), (), None, frozenset()
        self._rows, self._place = {}, 0
        self.search_changed.emit()
        self.changed.emit()
        self.chosen_changed.emit()
        self.find(Search())

    def row_of(self, image_id: int | None) -> int:
        """The row of an image, or -1."""
        return -1 if image_id is None else self._rows.get(image_id, -1)

    def beyond(self, by: int) -> int | None:
        """The image so many rows on, or back; from one that is not listed any more, by the place where it was."""
        row = self.row_of(self._session.image_id)
        target = row + by if row >= 0 else self._place + by - (by > 0)
        return self.ids[target] if 0 <= target < len(self.ids) else None

    def rest_beside(self, gone: frozenset[int]) -> int | None:
        """The nearest image after the one that is looked at, or before it, that is not among `gone`."""
        at = max(self.row_of(self._session.image_id), 0)
        after = (id_ for id_ in self.ids[at:] if id_ not in gone)
        before = (id_ for id_ in reversed(self.ids[:at]) if id_ not in gone)
        return next(after, next(before, None))

    def choose(self, image_ids: Iterable[int]) -> None:
        """Choose several pictures for the commands to act on; one alone is the one that is looked at."""
        chosen = frozenset(image_ids)
        chosen = chosen if len(chosen) > 1 else frozenset()
        if chosen != self.chosen:
            self.chosen = chosen
            self.chosen_changed.emit()

    @property
    def has_subjects(self) -> bool:
        """Whether there is anything for commands to act on; asked often, and `subjects` may be 100,000."""
        return bool(self.chosen) or self._session.image_id is not None

    @property
    def subjects(self) -> tuple[int, ...]:
        """What commands act on: the chosen pictures, or else the one that is looked at."""
        if self.chosen:
            return tuple(sorted(self.chosen))
        return () if self._session.image_id is None else (self._session.image_id,)

    def _take(self, found: Found | QueryError) -> None:
        self.error = found if isinstance(found, QueryError) else None
        if isinstance(found, Found) and found.ids != self.ids:
            self._replace(found)
        self.changed.emit()
        self.choose(id_ for id_ in self.chosen if self.row_of(id_) >= 0)
        if self._session.image_id is None and self.ids:
            self._session.go_to(self.ids[0])

    def _replace(self, found: Found) -> None:
        """List others, and keep the place of the picture that is looked at, whether it is among them or not."""
        row, before = self.row_of(self._session.image_id), self.ids
        self.ids, self._rows = found.ids, found.rows
        follows = before[row if row >= 0 else self._place :]
        rows = (at for id_ in follows if (at := self.row_of(id_)) >= 0)
        self._place = next(rows, len(self.ids) if before else 0)

    def _on_image(self) -> None:
        image_id = self._session.image_id
        if (row := self.row_of(image_id)) >= 0:
            self._place = row
        if image_id not in self.chosen:
            self.choose(())
        self._refresh_stale()

    def _on_run(self) -> None:
        if self.search.run_id != self._session.run_id and self._session.project is not None:
            self.search = replace(self.search, run_id=self._session.run_id)
            if self._depends_on_annotations():
                self.refresh()

    def _on_change(self, change: Change) -> None:
        """Follow at once what was done to pictures; what is drawn moves none of them while somebody draws on it."""
        if change.images:
            self.refresh()
        elif (change.annotated or change.detected or change.classes or change.runs) and self._depends_on_annotations():
            self._is_stale = True
            if not self._session.is_on_canvas:
                self.refresh()

    def _refresh_stale(self) -> None:
        if self._is_stale:
            self.refresh()

    def _depends_on_annotations(self) -> bool:
        return bool(self.search.text.strip()) or self.search.order not in FIXED_ORDERS


def _found(project: Project, search: Search) -> Found | QueryError:
    try:
        ids = image_ids(project, search)
    except QueryError as error:
        return error
    return Found(ids, dict(zip(ids, range(len(ids)), strict=True)))
