"""The real window on the page Faces, with people and faces in it, for tests of the views."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget

from engine.project import embeddings, gallery
from engine.project.gallery import GallerySettings
from engine.project.gallery_edits import AddTemplates, KeepGallerySettings, NewTemplate
from engine.project.history import History
from engine.project.records import EmbedderRecord
from engine.project.store import Change, Project
from studio.faces.face_grid import FaceGrid
from studio.faces.model import FacesModel
from studio.tiles.view import TileView
from tests.engine.project.pictures import png
from tests.studio.windows import Opened

SIDE = 48


def stock(at_work: Opened, known: dict[str, int], strangers: dict[str, int]) -> FacesModel:
    """Enrol so many faces of people, and bring in faces of strangers; those of one person look alike."""
    assert at_work.session.project is not None
    with Project.open(at_work.session.project.path) as project:
        people = [*known, *(name for name in strangers if name not in known)]
        faces = [(name, "confirmed", n) for name, count in known.items() for n in range(count)]
        faces += [(name, "unknown", 100 + n) for name, count in strangers.items() for n in range(count)]
        new = tuple(
            NewTemplate(
                png(1000 * people.index(name) + n, SIDE), state, person=name if state == "confirmed" else "",
                quality=1 - n / 1000, source=f"{name}/{n}.png",
            )
            for name, state, n in faces
        )  # fmt: skip
        History(project).do(AddTemplates(new))
        ids = [each.id for each in gallery.templates(project)]
        middles = np.random.default_rng(7).normal(0, 5, (len(people), 8))
        apart = np.random.default_rng(8).normal(0, 0.1, (len(faces), 8))
        vectors = np.asarray(middles[[people.index(name) for name, *_ in faces]] + apart, np.float32)
        with project.atomic():
            record = EmbedderRecord(0, "pixels", None, "a", "b", "euclidean", 8)
            embedder_id = embeddings.put_embedder(project, record)
            embeddings.store(project, embedder_id, ids, vectors)
        History(project).do(KeepGallerySettings(GallerySettings(embedder_id, "nearest", 2.0)))
    at_work.session.announce(Change(templates=frozenset(ids), gallery=True, history=True))
    faces_model = at_work.studio.faces
    at_work.qtbot.waitUntil(lambda: len(faces_model.templates) == len(ids))
    return faces_model


def view(at_work: Opened, name: str) -> QWidget:
    """A view of the page, shown."""
    at_work.studio.faces.show_view(name)
    page = at_work.window.pages.made["faces"]
    made: QWidget = page.made[name]  # type: ignore[attr-defined]
    at_work.qtbot.waitUntil(made.isVisible)
    at_work.window.activateWindow()  # without a window manager nobody gives it back to a second window
    at_work.qtbot.waitUntil(at_work.window.isActiveWindow)
    return made


def click_tile(at_work: Opened, grid: TileView, row: int, modifier: Qt.KeyboardModifier | None = None) -> None:
    """Click the middle of a tile."""
    at_work.qtbot.mouseClick(
        grid.viewport(),
        Qt.MouseButton.LeftButton,
        modifier or Qt.KeyboardModifier.NoModifier,
        grid.visualRect(grid.model().index(row, 0)).center(),
    )


def click_heading(at_work: Opened, grid: FaceGrid, section: int) -> None:
    """Click the heading of a section."""
    top = grid.cells.headings(0, 100_000)[section][1] - grid.verticalOffset()  # type: ignore[union-attr]
    at_work.qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(60, top + 18))


def drop(target: QWidget, at: QPoint, *paths: Path) -> None:
    """Drag files over a widget and drop them there."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    action, button, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    for event in (
        QDragEnterEvent(at, action, data, button, none),
        QDragMoveEvent(at, action, data, button, none),
        QDropEvent(QPointF(at), action, data, button, none),
    ):
        QApplication.sendEvent(target, event)


def sections(grid: FaceGrid) -> list[tuple[str, int]]:
    """What stands under which heading."""
    return [(section.title, len(section.ids)) for section in grid.sections]
