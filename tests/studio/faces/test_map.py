"""The map on the real window: every face has its place, people their marks; faces are selected and named in it."""

from pathlib import Path

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import QPoint, Qt, QThreadPool
from pytestqt.qtbot import QtBot

from engine.gallery import Gallery
from engine.progress import finish
from engine.project import gallery
from engine.project.store import Project
from studio import face_errands
from studio.faces.map_making import MapMaking
from studio.faces.map_pane import NO_FACES, MapPane
from studio.pages.faces import FacesPage
from tests.engine.faces.having import ensure_embedder
from tests.studio import projects
from tests.studio.faces.people_at_work import N_EACH, N_PEOPLE, make
from tests.studio.windows import Opened

LEFT = Qt.MouseButton.LeftButton
N_FACES = N_PEOPLE * N_EACH + 1


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make(tmp_path_factory.mktemp("people") / "p.boxwright").read_bytes()


def view(seen: Opened, qtbot: QtBot) -> MapPane:
    model = seen.studio.faces
    model.show_view("map")
    page = seen.window.pages.made["faces"]
    assert isinstance(page, FacesPage)
    pane = page.made["map"]
    assert isinstance(pane, MapPane)
    return pane


def settle(pane: MapPane, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: pane.mapped is not None and pane.mapped.share_done == 1, timeout=20_000)
    qtbot.waitUntil(lambda: pane.picture.is_settled, timeout=5_000)


@pytest.fixture
def pane(seen: Opened, made: bytes, tmp_path: Path, qtbot: QtBot) -> MapPane:
    path = tmp_path / "p.boxwright"
    path.write_bytes(made)
    seen.open(path)
    shown = view(seen, qtbot)
    settle(shown, qtbot)
    return shown


def test_every_face_has_a_place_and_every_person_a_mark(pane: MapPane, seen: Opened) -> None:
    points = pane.picture.points
    assert points.template_ids.tolist() == list(range(1, N_FACES + 1))
    assert points.people.tolist() == [n // N_EACH for n in range(N_FACES - 1)] + [-1]
    assert points.is_sure.tolist() == [True] * (N_FACES - 1) + [False]
    assert [each.words for each in pane.people.rows.people] == [f"Person {n}  ({N_EACH})" for n in range(N_PEOPLE)]
    assert "only distances decide" in pane.about.text()
    assert f"{pane.mapped.share_kept:.0%}" in pane.about.text()


def test_a_face_is_told_of(pane: MapPane, seen: Opened, qtbot: QtBot) -> None:
    qtbot.mouseMove(pane.picture, pane.picture.widget_point(0).toPoint())
    assert pane.picture.accessibleDescription().startswith("Person 0: confirmed")
    qtbot.mouseMove(pane.picture, pane.picture.widget_point(N_FACES - 1).toPoint())
    assert pane.picture.accessibleDescription() == "Nobody yet\nunknown.png"


def test_all_faces_in_a_lasso_get_one_name(pane: MapPane, seen: Opened, qtbot: QtBot) -> None:
    picture = pane.picture
    size = picture.size()
    corners = [QPoint(2, 2), QPoint(size.width() - 3, 2), QPoint(size.width() - 3, size.height() - 3)]
    qtbot.mousePress(picture, LEFT, pos=corners[0])
    for corner in (*corners[1:], QPoint(2, size.height() - 3)):
        qtbot.mouseMove(picture, corner)
    qtbot.mouseRelease(picture, LEFT, pos=QPoint(2, size.height() - 3))
    assert seen.studio.faces.selection == set(range(1, N_FACES + 1))
    assert pane.chosen.text() == f"{N_FACES} faces selected"
    pane.name.setFocus()
    qtbot.keyClicks(pane.name, "Everybody")
    qtbot.keyClick(pane.name, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: seen.session.n_settled == seen.session.n_asked, timeout=5_000)
    person = gallery.identity_named(seen.session.project, "Everybody")
    assert len(gallery.templates(seen.session.project, identity_id=person.id)) == N_FACES
    qtbot.waitUntil(lambda: len(set(pane.picture.points.people.tolist())) == 1, timeout=5_000)


def test_a_person_in_the_list_is_selected_and_asked_about(pane: MapPane, seen: Opened, qtbot: QtBot) -> None:
    item = pane.people.visualRect(pane.people.rows.index(2)).center()
    qtbot.mouseClick(pane.people.viewport(), LEFT, pos=item)
    assert seen.studio.faces.selection == {7, 8, 9}
    qtbot.mouseClick(pane.identify, LEFT)
    qtbot.waitUntil(lambda: len(seen.studio.identifying.all) == 3, timeout=5_000)
    assert seen.studio.faces.view == "identify"


def test_neighbours_are_kept_step_by_step(pane: MapPane, qtbot: QtBot) -> None:
    before = pane.mapped.places
    qtbot.mouseClick(pane.way.buttons[1], LEFT)
    qtbot.waitUntil(lambda: pane.mapped.share_kept is None, timeout=20_000)
    settle(pane, qtbot)
    assert pane.mapped.places.shape == before.shape
    assert "Who is near whom is kept" in pane.about.text()
    qtbot.mouseClick(pane.way.buttons[0], LEFT)
    qtbot.waitUntil(lambda: pane.mapped.share_kept is not None, timeout=20_000)


def test_another_embedder_is_looked_at_without_deciding_by_it(
    seen: Opened, made: bytes, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "p.boxwright"
    path.write_bytes(made)
    with Project.open(path) as project:
        weights = tmp_path / "siamese.safetensors"
        other = _second_embedder(project, weights)
    seen.open(path)
    pane = view(seen, qtbot)
    settle(pane, qtbot)
    qtbot.waitUntil(lambda: pane.embedder.count() == 4, timeout=5_000)
    before = pane.mapped
    at = pane.embedder.findData(other)
    pane.embedder.setFocus()
    while pane.embedder.currentIndex() != at:
        qtbot.keyClick(pane.embedder, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: pane.mapped is not before and pane.mapped.share_done == 1, timeout=10_000)
    assert gallery.settings(seen.session.project).embedder_id != other


def _second_embedder(project: Project, weights: Path) -> int:
    """A network that learned nothing."""
    from engine.embedders import EMBEDDERS, EmbedderCard, encode

    siamese = EMBEDDERS.get("siamese")
    options = siamese.options(dim=16, channels=4, height=24, width=20)
    network = siamese.build(options)
    weights.write_bytes(encode(network, EmbedderCard.of("siamese", options, network)))
    embedder_id = ensure_embedder(project, "siamese", str(weights))
    finish(face_errands.embed_faces(project, embedder_id))
    return embedder_id


def test_without_faces_it_says_what_to_do(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    seen.open(projects.make(tmp_path / "empty.boxwright"))
    pane = view(seen, qtbot)
    assert pane.nothing.isVisible()
    assert pane.nothing.text() == NO_FACES


def test_the_picture_is_saved(pane: MapPane, seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    seen.answers.folder = tmp_path
    qtbot.mouseClick(pane.save, LEFT)
    qtbot.waitUntil((tmp_path / "map.png").is_file, timeout=5_000)
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")
    seen.answers.folder = tmp_path / "missing"
    with qtbot.waitSignal(seen.session.failed, timeout=5_000) as failed:
        qtbot.mouseClick(pane.save, LEFT)
    assert "cannot be written" in str(failed.args[0])


def test_destroying_what_makes_a_map_does_not_wait_for_the_map(at_work: Opened) -> None:
    vectors = np.random.default_rng(0).normal(size=(1500, 16)).astype(np.float32)
    ids = np.arange(1500)
    enrolled = Gallery(ids, vectors, "euclidean", ids // 5)
    making, told = MapMaking(at_work.session), list[float]()
    making._way = "neighbours"
    making._done.made.connect(lambda _, mapped: told.append(mapped.share_done), Qt.ConnectionType.DirectConnection)
    making._begin((enrolled, enrolled))
    stopped = making._stopped
    shiboken6.delete(making)
    assert 1.0 not in told
    stopped.set()
    assert QThreadPool.globalInstance().waitForDone(20_000)
