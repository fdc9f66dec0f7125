"""An erased person is nowhere in the file's bytes, in no list, and no undo brings them back."""

from pathlib import Path

import pytest

from engine.progress import finish
from engine.project import gallery
from engine.project.checking import check
from engine.project.erasing import Erased, erase
from engine.project.gallery_edits import (
    ConfirmTemplates,
    NameTemplates,
    RemoveTemplates,
    SuggestTemplates,
)
from engine.project.history import History
from engine.project.store import Project
from tests.engine.project.people import add, embed, face, vector
from tests.engine.project.pictures import png


def erased(project: Project, name: str, **options: bool) -> Erased:
    return finish(erase(project, gallery.person(project, name).id, **options))


@pytest.fixture
def people(project: Project) -> Project:
    """Anna with three faces, Ben with two, two of nobody; all with vectors."""
    add(project, [face(1, "Anna Karenina"), face(2, "Anna Karenina"), face(3, "Anna Karenina")])
    add(project, [face(4, "Benjamin"), face(5, "Benjamin"), face(6), face(7)])
    embed(project)
    return project


def test_nothing_of_the_person_is_in_the_file_and_all_others_are_as_they_were(people: Project, path: Path) -> None:
    crops = [gallery.crop(people, id_) for id_ in (1, 2, 3)]
    others = [gallery.crop(people, id_) for id_ in (4, 5, 6, 7)]
    before = path.read_bytes()
    assert all(crop[100:148] in before for crop in crops), "else the test sees nothing"
    found = erased(people, "Anna Karenina")
    after = path.read_bytes()
    for crop in crops:
        assert not any(crop[start : start + 24] in after for start in range(60, len(crop) - 24, 24))
    for template_id in (1, 2, 3):
        assert vector(template_id).tobytes() in before
        assert vector(template_id).tobytes()[:16] not in after
    assert b"Anna Karenina" not in after
    assert [gallery.crop(people, id_) for id_ in (4, 5, 6, 7)] == others
    assert [each.name for each in gallery.identities(people)] == ["Benjamin"]
    assert (found.n_templates, found.n_bytes, found.left) == (3, len(after), ())
    assert found.n_needles > 50
    assert check(path).problems == ()


def test_what_can_be_undone_goes_without_them_and_keeps_what_is_of_others(people: Project, path: Path) -> None:
    history = History(people)
    history.do(NameTemplates((3, 6), None, "Clara"))  # one was Anna's
    history.do(RemoveTemplates((1, 4)))
    history.do(SuggestTemplates({7: 1}))
    history.do(ConfirmTemplates((7,)))
    history.undo()
    removed = history.next_undo()
    crop = png(1, 48)
    assert crop[100:148] in path.read_bytes(), "undo keeps it"
    found = erased(people, "Anna Karenina")
    assert (found.n_templates, found.n_past_templates) == (2, 1)
    assert crop[100:148] not in path.read_bytes()
    assert removed is not None
    while history.redo():
        pass
    assert check(path).problems == ()
    n_undone = 0
    while history.undo():
        n_undone += 1
        assert {each.name for each in gallery.identities(people)} <= {"Benjamin", "Clara"}
        assert not {each.id for each in gallery.templates(people)} & {1, 2, 7}
    assert n_undone == 4  # faces of both added, named, removed
    assert gallery.identities(people) == ()
    while history.redo():
        pass
    assert {each.id: each.identity_id is not None for each in gallery.templates(people)} == {3: True, 5: True, 6: True}
    assert check(path).problems == ()
