"""The listing keeps one's place in any order, says what is wrong with a query, and drops nothing under one's hands."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.geometry.shapes import Box
from engine.project.edits import AddAnnotations
from engine.project.image_edits import RemoveImages, SetImages
from engine.project.queries import Search
from engine.project.records import Annotation
from studio.listing import Listing
from tests.studio import projects
from tests.studio.windows import Opened

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def listing(seen: Opened, tmp_path: Path, qtbot: QtBot) -> Listing:
    """Six pictures."""
    seen.open(projects.make(tmp_path / "p.boxwright", n_images=6))
    qtbot.waitUntil(lambda: len(seen.session.listing.ids) == 6)
    return seen.session.listing


def finds(qtbot: QtBot, listing: Listing, *ids: int) -> None:
    qtbot.waitUntil(lambda: list(listing.ids) == list(ids))


def test_next_and_previous_follow_the_order_that_is_shown(seen: Opened, listing: Listing, qtbot: QtBot) -> None:
    listing.sort("name", reverse=True)
    finds(qtbot, listing, 6, 5, 4, 3, 2, 1)
    assert seen.session.image_id == 1
    seen.canvas.setFocus()
    for expected in (2, 3):
        seen.key(Qt.Key.Key_A)
        assert seen.session.image_id == expected
    seen.key(Qt.Key.Key_D)
    assert seen.session.image_id == 2
    seen.key(Qt.Key.Key_Home, CONTROL)
    assert seen.session.image_id == 6


@pytest.mark.parametrize(("by", "expected"), [(1, 4), (-1, 2)])
def test_from_a_picture_that_fell_out_one_goes_on_where_it_was(
    seen: Opened, listing: Listing, qtbot: QtBot, by: int, expected: int
) -> None:
    seen.session.go_to(3)
    listing.find_text("-state:done")
    seen.session.do(SetImages((3,), state="done"))
    finds(qtbot, listing, 1, 2, 4, 5, 6)
    assert seen.session.image_id == 3
    assert listing.row_of(3) == -1
    assert listing.beyond(by) == expected


def test_from_a_picture_that_is_not_listed_one_comes_back(seen: Opened, listing: Listing, qtbot: QtBot) -> None:
    seen.session.do(SetImages((6,), state="done"))
    listing.find_text("-state:done")
    finds(qtbot, listing, 1, 2, 3, 4, 5)
    seen.session.go_to(3)
    seen.session.go_to(6)  # as undo does
    assert (listing.beyond(1), listing.beyond(-1)) == (3, 2)


def test_marked_done_one_after_the_other_none_is_skipped(seen: Opened, listing: Listing, qtbot: QtBot) -> None:
    listing.find_text("-state:done")
    seen.canvas.setFocus()
    for done in range(1, 5):
        assert seen.session.image_id == done
        seen.key(Qt.Key.Key_Return, CONTROL)
        finds(qtbot, listing, *range(done + 1, 7))


def test_what_is_drawn_leaves_the_list_only_once_one_goes_on(seen: Opened, listing: Listing, qtbot: QtBot) -> None:
    with qtbot.waitSignal(listing.changed):  # it finds what was listed before: only this tells that it was asked
        listing.find_text("objects=0")
    finds(qtbot, listing, 1, 2, 3, 4, 5, 6)
    with qtbot.waitSignal(seen.session.saved):
        seen.session.do(AddAnnotations((Annotation(0, 1, 1, Box(1, 1, 9, 9)),)))
    qtbot.wait(50)
    assert listing.row_of(1) == 0
    seen.canvas.setFocus()
    seen.key(Qt.Key.Key_D)
    assert seen.session.image_id == 2
    finds(qtbot, listing, 2, 3, 4, 5, 6)
    seen.key(Qt.Key.Key_D)
    assert seen.session.image_id == 3


def test_on_another_page_the_list_follows_what_is_drawn(seen: Opened, listing: Listing, qtbot: QtBot) -> None:
    seen.session.show_page("pictures")
    listing.find_text("objects=0")
    finds(qtbot, listing, 1, 2, 3, 4, 5, 6)
    seen.session.do(AddAnnotations((Annotation(0, 4, 1, Box(1, 1, 9, 9)),)))
    finds(qtbot, listing, 1, 2, 3, 5, 6)


def test_an_error_says_why_and_leaves_the_list_as_it_was(listing: Listing, qtbot: QtBot) -> None:
    with qtbot.waitSignal(listing.changed):
        listing.find_text("class:nobody")
    assert listing.error is not None
    assert "nobody" in listing.error.message
    assert len(listing.ids) == 6
    with qtbot.waitSignal(listing.changed):
        listing.find_text("")
    assert listing.error is None


def test_the_chosen_are_those_that_are_still_listed(seen: Opened, listing: Listing, qtbot: QtBot) -> None:
    listing.choose((2, 3, 4))
    seen.session.go_to(3)
    assert listing.subjects == (2, 3, 4)
    listing.find_text("00[")
    finds(qtbot, listing)
    assert listing.subjects == (3,)
    listing.find_text("")
    finds(qtbot, listing, 1, 2, 3, 4, 5, 6)
    listing.choose((2, 3))
    seen.session.go_to(5)
    assert listing.subjects == (5,)
    listing.choose((4,))
    assert not listing.chosen


def test_pictures_that_go_leave_their_neighbour_to_look_at(seen: Opened, listing: Listing, qtbot: QtBot) -> None:
    seen.session.go_to(5)
    assert listing.rest_beside(frozenset({5, 6})) == 4
    assert listing.rest_beside(frozenset({5})) == 6
    assert listing.rest_beside(frozenset(range(1, 7))) is None
    seen.session.do(RemoveImages((1,)))
    finds(qtbot, listing, 2, 3, 4, 5, 6)
    assert seen.session.image_id == 5


def test_another_project_begins_with_everything(seen: Opened, listing: Listing, tmp_path: Path, qtbot: QtBot) -> None:
    listing.find(Search("00", "name", reverse=True))
    listing.choose((1, 2))
    seen.open(projects.make(tmp_path / "q.boxwright", n_images=2))
    finds(qtbot, listing, 1, 2)
    assert (listing.search.text, listing.search.order, listing.chosen) == ("", "imported", frozenset())
    seen.session.close()
    assert list(listing.ids) == []
