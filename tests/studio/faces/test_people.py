"""People as cards and one by one: searched, opened, renamed, merged, erased; pictures dropped on them."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

from engine.project import gallery
from engine.project.gallery import GallerySettings
from engine.project.gallery_edits import KeepGallerySettings, RejectTemplates, SetIdentity
from engine.project.store import Project
from studio.commands import named, perform
from studio.dialogs.enrol_as import EnrolAs
from studio.dialogs.erase_person import ErasePerson
from studio.dialogs.merge_people import MergePeople
from studio.faces.model import FacesModel
from studio.faces.people_pane import PeoplePane
from tests.engine.project.pictures import png
from tests.studio.faces import gallery_window as faces
from tests.studio.windows import Opened, child, dialogs

KNOWN = {"Anna": 3, "Bert": 2, "Cleo": 1}
JOB_MS = 60_000


@pytest.fixture
def model(at_work: Opened) -> FacesModel:
    return faces.stock(at_work, KNOWN, {"Anna": 2})


@pytest.fixture
def pane(at_work: Opened, model: FacesModel) -> PeoplePane:
    shown = faces.view(at_work, "people")
    assert isinstance(shown, PeoplePane)
    at_work.qtbot.waitUntil(lambda: len(shown.grid.rows.cards) == len(model.identities))
    return shown


def names(pane: PeoplePane) -> list[str]:
    return [card.person.name for card in pane.grid.rows.cards]


def open_person(at_work: Opened, pane: PeoplePane, name: str) -> None:
    """Open a card by Enter."""
    row = names(pane).index(name)
    faces.click_tile(at_work, pane.grid, row)
    at_work.qtbot.keyClick(pane.grid, Qt.Key.Key_Return)
    assert pane.currentWidget() is pane.one


def test_cards_say_who_is_known_by_how_many_faces(pane: PeoplePane) -> None:
    assert names(pane) == ["Anna", "Bert", "Cleo"]
    assert [card.count_words for card in pane.grid.rows.cards] == ["3 faces", "2 faces", "1 face"]
    assert {card.right_words for card in pane.grid.rows.cards} == {"No consent noted"}


def test_people_are_searched_and_sorted(at_work: Opened, pane: PeoplePane) -> None:
    at_work.qtbot.keyClicks(pane.search, "er")
    assert names(pane) == ["Bert"]
    assert pane.n_people.text() == "1 of 3 people"
    pane.search.clear()
    pane.order.setCurrentIndex(pane.order.findData("newest"))
    assert names(pane) == ["Cleo", "Bert", "Anna"]
    at_work.qtbot.keyClicks(pane.grid, "b")
    assert at_work.studio.faces.name(at_work.studio.faces.person_id) == "Bert"


def test_a_card_is_opened_and_left_by_keys(at_work: Opened, model: FacesModel, pane: PeoplePane) -> None:
    open_person(at_work, pane, "Anna")
    assert faces.sections(pane.one.grid) == [("Enrolled", 3)]
    assert pane.one.grid.hasFocus()
    assert pane.one.grid.rows.tile(0).words == "0.png"
    at_work.qtbot.keyClick(pane.one.grid, Qt.Key.Key_Escape)
    assert pane.currentWidget() is pane.everybody
    assert model.name(model.person_id) == "Anna"


def test_name_consent_and_last_day_are_kept_and_undone(at_work: Opened, model: FacesModel, pane: PeoplePane) -> None:
    open_person(at_work, pane, "Bert")
    person_id = model.person_id
    assert person_id is not None
    pane.one.name.setFocus()
    pane.one.name.selectAll()
    at_work.qtbot.keyClicks(pane.one.name, "Berta")
    at_work.qtbot.keyClick(pane.one.name, Qt.Key.Key_Return)
    at_work.qtbot.waitUntil(lambda: model.name(person_id) == "Berta")
    at_work.qtbot.keyClicks(pane.one.consent, "By letter")
    at_work.qtbot.keyClick(pane.one.consent, Qt.Key.Key_Return)
    at_work.qtbot.waitUntil(lambda: model.identities[person_id].consent == "By letter")
    pane.one.retain.has_day.click()
    at_work.qtbot.waitUntil(lambda: model.identities[person_id].retain_until is not None)
    for _ in range(3):
        at_work.session.undo()
    at_work.qtbot.waitUntil(lambda: model.name(person_id) == "Bert")
    assert pane.one.name.text() == "Bert"
    assert pane.one.retain.day is None


def test_a_face_that_was_rejected_is_listed_as_not_that_person(
    at_work: Opened, model: FacesModel, pane: PeoplePane
) -> None:
    open_person(at_work, pane, "Anna")
    faces.click_tile(at_work, pane.one.grid, 2)
    at_work.qtbot.keyClick(pane.one.grid, Qt.Key.Key_Backspace)
    at_work.qtbot.waitUntil(lambda: faces.sections(pane.one.grid) == [("Enrolled", 2), ("Not this person", 1)])
    at_work.session.do(RejectTemplates(tuple(pane.one.grid.rows.ids[:1])))
    at_work.qtbot.waitUntil(lambda: faces.sections(pane.one.grid) == [("Enrolled", 1), ("Not this person", 2)])


def test_a_last_day_that_is_over_is_told(at_work: Opened, model: FacesModel, pane: PeoplePane) -> None:
    assert not pane.due.isVisible()
    yesterday = (date.today() - timedelta(days=1)).isoformat()
    person = next(each for each in model.identities.values() if each.name == "Cleo")
    at_work.session.do(SetIdentity(type(person)(person.id, "Cleo", "", yesterday, person.created)))
    at_work.qtbot.waitUntil(pane.due.isVisible)
    assert "Cleo" in pane.due_words.text()
    at_work.qtbot.mouseClick(pane.due_button, Qt.MouseButton.LeftButton)
    assert names(pane)[0] == "Cleo"
    said: list[str] = []
    at_work.session.said.connect(said.append)
    assert at_work.session.project is not None
    at_work.session.open(at_work.session.project.path)
    at_work.qtbot.waitUntil(lambda: any("Cleo" in each for each in said))


def test_two_people_are_merged(at_work: Opened, model: FacesModel, pane: PeoplePane) -> None:
    open_person(at_work, pane, "Bert")
    perform(at_work.studio, named("faces.merge")[0])
    dialog = at_work.dialog()
    assert isinstance(dialog, MergePeople)
    assert not dialog.button.isEnabled()
    dialog.other.setEditText("anna")
    dialog.keep_other.click()
    at_work.qtbot.mouseClick(dialog.button, Qt.MouseButton.LeftButton)
    at_work.qtbot.waitUntil(lambda: [each.name for each in model.identities.values()] == ["Anna", "Cleo"])
    assert len(model.templates) == 8
    at_work.qtbot.waitUntil(lambda: faces.sections(pane.one.grid) == [("Enrolled", 5)])


def test_delete_takes_a_person_out_and_undo_brings_them_back(
    at_work: Opened, model: FacesModel, pane: PeoplePane
) -> None:
    faces.click_tile(at_work, pane.grid, 1)
    at_work.qtbot.keyClick(pane.grid, Qt.Key.Key_Delete)
    at_work.qtbot.waitUntil(lambda: names(pane) == ["Anna", "Cleo"])
    at_work.session.undo()
    at_work.qtbot.waitUntil(lambda: names(pane) == ["Anna", "Bert", "Cleo"])


def test_all_pictures_of_a_person_are_looked_for(at_work: Opened, pane: PeoplePane) -> None:
    open_person(at_work, pane, "Anna")
    at_work.qtbot.mouseClick(pane.one.buttons["faces.pictures"], Qt.MouseButton.LeftButton)
    assert at_work.session.page == "pictures"
    assert at_work.session.listing.search.text == "person:Anna"


@pytest.mark.slow
def test_a_person_is_erased_once_the_name_is_typed(at_work: Opened, model: FacesModel, pane: PeoplePane) -> None:
    open_person(at_work, pane, "Bert")
    at_work.qtbot.mouseClick(pane.one.buttons["faces.erase"], Qt.MouseButton.LeftButton)
    dialog = at_work.dialog()
    assert isinstance(dialog, ErasePerson)
    at_work.qtbot.keyClicks(dialog.name, "Ber")
    assert not dialog.button.isEnabled()
    at_work.qtbot.keyClicks(dialog.name, "t")
    at_work.qtbot.mouseClick(dialog.button, Qt.MouseButton.LeftButton)
    at_work.qtbot.waitUntil(lambda: names(pane) == ["Anna", "Cleo"], timeout=JOB_MS)
    at_work.qtbot.waitUntil(lambda: at_work.dialog().windowTitle() == "Bert was erased", timeout=JOB_MS)
    assert pane.currentWidget() is pane.everybody
    assert at_work.session.project is not None
    path = at_work.session.project.path
    assert png(1000, faces.SIDE)[-100:] not in path.read_bytes()
    at_work.dialog().close()
    at_work.session.undo()
    at_work.qtbot.wait(300)
    assert "Bert" not in [each.name for each in model.identities.values()]


@pytest.mark.slow
def test_all_that_is_held_is_saved(at_work: Opened, pane: PeoplePane, tmp_path: Path) -> None:
    open_person(at_work, pane, "Anna")
    at_work.answers.folder = tmp_path / "held"
    at_work.answers.folder.mkdir()
    perform(at_work.studio, named("faces.save_holdings")[0])
    at_work.qtbot.waitUntil((tmp_path / "held" / "Held of Anna" / "holdings.json").is_file, timeout=JOB_MS)


def picture(folder: Path, name: str, seed: int) -> Path:
    folder.mkdir(exist_ok=True, parents=True)
    path = folder / name
    path.write_bytes(png(seed, 90))
    return path


@pytest.mark.slow
def test_a_picture_dropped_on_a_card_is_that_persons(
    at_work: Opened, model: FacesModel, pane: PeoplePane, tmp_path: Path
) -> None:
    place = pane.grid.visualRect(pane.grid.model().index(2, 0)).center()
    faces.drop(pane.grid.viewport(), place, picture(tmp_path, "new.png", 5001))
    at_work.qtbot.waitUntil(lambda: pane.grid.rows.cards[2].n_faces == 2, timeout=JOB_MS)
    at_work.session.undo()
    at_work.qtbot.waitUntil(lambda: pane.grid.rows.cards[2].n_faces == 1)


@pytest.mark.slow
def test_folders_dropped_beside_the_cards_are_called_as_their_people(
    at_work: Opened, model: FacesModel, pane: PeoplePane, tmp_path: Path
) -> None:
    at_work.session.do(KeepGallerySettings(GallerySettings()))  # faces can be enrolled before an embedder is chosen
    for name in ("Dora", "Emil"):
        picture(tmp_path / "people" / name, "1.png", len(name) + 6000 + ord(name[0]))
    (tmp_path / "people" / "Emil" / "2.png").write_bytes(b"no picture")
    corner = QPoint(pane.grid.viewport().width() - 5, pane.grid.viewport().height() - 5)
    faces.drop(pane.grid.viewport(), corner, tmp_path / "people")
    at_work.qtbot.waitUntil(lambda: names(pane) == ["Anna", "Bert", "Cleo", "Dora", "Emil"], timeout=JOB_MS)
    at_work.qtbot.waitUntil(lambda: bool(dialogs()), timeout=JOB_MS)
    dialog = at_work.dialog()
    told = child(dialog, QPlainTextEdit, "What to look at")
    assert isinstance(told, QPlainTextEdit)
    assert "2.png" in told.toPlainText()


@pytest.mark.slow
def test_files_dropped_beside_the_cards_have_their_person_asked_for(
    at_work: Opened, model: FacesModel, pane: PeoplePane, tmp_path: Path
) -> None:
    corner = QPoint(pane.grid.viewport().width() - 5, pane.grid.viewport().height() - 5)
    faces.drop(pane.grid.viewport(), corner, picture(tmp_path, "dora.png", 7001))
    dialog = at_work.dialog()
    assert isinstance(dialog, EnrolAs)
    field = child(dialog, QLineEdit, "Consent")
    assert isinstance(field, QLineEdit)
    assert not field.isEnabled()
    at_work.qtbot.keyClicks(dialog.name, "Dora")
    at_work.qtbot.keyClicks(field, "Orally")
    at_work.qtbot.mouseClick(dialog.button, Qt.MouseButton.LeftButton)
    at_work.qtbot.waitUntil(lambda: "Dora" in names(pane), timeout=JOB_MS)
    assert at_work.session.project is not None
    with Project.open(at_work.session.project.path, read_only=True) as project:
        assert gallery.person(project, "Dora").consent == "Orally"


def test_ctrl_f_finds_people_while_everybody_is_shown(at_work: Opened, pane: PeoplePane) -> None:
    pane.grid.setFocus()
    at_work.key(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert pane.search.hasFocus()
    open_person(at_work, pane, "Anna")
    at_work.key(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert pane.currentWidget() is pane.one
    assert not pane.search.hasFocus()
