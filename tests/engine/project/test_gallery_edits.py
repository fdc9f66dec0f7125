"""Faces and people are changed, each change taken back exactly, and what a person said of faces is remembered."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import UserError
from engine.geometry.shapes import Box
from engine.project import annotations, classes, gallery
from engine.project.checking import check
from engine.project.edits import Edit
from engine.project.explaining import ConflictError
from engine.project.gallery import GallerySettings
from engine.project.gallery_edits import (
    AddIdentity,
    AddTemplates,
    ConfirmTemplates,
    ForgetTemplates,
    IgnoreTemplates,
    KeepGallerySettings,
    MergeIdentities,
    NameTemplates,
    NewTemplate,
    RejectTemplates,
    RemoveIdentities,
    RemoveTemplates,
    SetIdentity,
    SuggestTemplates,
)
from engine.project.history import History
from engine.project.records import Annotation, Identity, Pair
from engine.project.store import Change, Project
from tests.engine.project.people import add, embed, face, random_edits, vector
from tests.engine.project.pictures import add_image
from tests.engine.project.reversing import assert_reversible


@pytest.fixture
def people(project: Project) -> Project:
    """Anna (1) with faces 1 to 3, Ben (2) with 4 and 5, 6 and 7 of nobody; 6 was found in an annotation (1)."""
    with project.atomic():
        image_id = add_image(project, "party.jpg", 90)
        place = Annotation(0, image_id, classes.add(project, "face"), Box(1, 2, 11, 12))
        annotations.add(project, [place])
    add(project, [face(n, "Anna") for n in (1, 2, 3)] + [face(n, "Ben") for n in (4, 5)])
    add(project, [face(6, image_id=image_id, annotation_id=1, source="party.jpg"), face(7)])
    embed(project)
    return project


def said(project: Project) -> dict[int, tuple[str, int | None]]:
    return {each.id: (each.state, each.identity_id) for each in gallery.templates(project)}


def annotated(project: Project) -> int | None:
    return annotations.get(project, [1])[0].identity_id


def test_faces_are_brought_in_with_all_that_is_known_of_them(people: Project) -> None:
    assert [each.name for each in gallery.identities(people)] == ["Anna", "Ben"]
    six = gallery.template(people, 6)
    assert (six.state, six.source, six.image_id, six.annotation_id) == ("unknown", "party.jpg", 1, 1)
    new = face(8, "Zoë", quality=0.5, flaws=("blurred", "small"))
    edit = AddTemplates((new, face(9, "Anna "), face(10, identity_id=2, state="suggested")))
    assert_reversible(people, edit, apart=("contents", "chunks"))
    assert said(people)[8] == ("confirmed", 3)
    assert said(people)[9] == ("confirmed", 1)
    assert said(people)[10] == ("suggested", 2)
    assert gallery.crop(people, 8) == new.png
    assert gallery.template(people, 8).flaws == ("blurred", "small")


def test_a_face_has_a_person_where_its_state_needs_one() -> None:
    for state, person in (("confirmed", ""), ("suggested", " "), ("unknown", "Anna"), ("ignored", "Anna")):
        with pytest.raises(ValueError, match="person"):
            face(1, state=state, person=person)


def test_faces_of_somebody_who_is_not_there_are_refused_and_nothing_is_done(people: Project) -> None:
    before = people.value("SELECT COUNT(*) FROM contents")
    with pytest.raises(UserError, match="no person 9"):
        History(people).do(AddTemplates((face(8), face(9, identity_id=9, state="confirmed"))))
    assert people.value("SELECT COUNT(*) FROM contents") == before


def test_crops_that_are_there_already_are_found(people: Project) -> None:
    assert gallery.with_crops(people, [face(8).png, face(4).png, face(8).png]) == (None, 4, None)


def test_naming_enrols_and_tells_the_annotation(people: Project) -> None:
    assert_reversible(people, NameTemplates((6, 7), None, " Clara "))
    assert said(people)[6] == said(people)[7] == ("confirmed", 3)
    assert gallery.identity(people, 3).name == "Clara"
    assert annotated(people) == 3
    assert_reversible(people, NameTemplates((6,), 1))
    assert annotated(people) == 1
    assert gallery.identity_named(people, "Clara ") is not None
    with pytest.raises(UserError, match="needs a name"):
        History(people).do(NameTemplates((7,), None, "  "))
    with pytest.raises(UserError, match="no person 9"):
        History(people).do(NameTemplates((7,), 9))


def test_a_rejection_is_remembered_of_the_face_and_each_enrolled_face(people: Project) -> None:
    assert_reversible(people, SuggestTemplates({6: 1, 7: 2}))
    assert_reversible(people, RejectTemplates((6,)))
    assert said(people)[6] == ("rejected", 1)
    assert gallery.pairs(people) == tuple(Pair(n, 6, is_same=False) for n in (1, 2, 3))
    assert gallery.rejected(people) == {6: frozenset({1})}
    # and is used: Anna is suggested no more, but Ben may be
    assert History(people).do(SuggestTemplates({6: 1})).is_empty
    assert_reversible(people, SuggestTemplates({6: 2}))
    assert gallery.rejected(people) == {6: frozenset({1})}
    assert_reversible(people, RejectTemplates((6,)))
    assert gallery.rejected(people) == {6: frozenset({1, 2})}


def test_an_enrolled_face_may_be_rejected_too(people: Project) -> None:
    History(people).do(NameTemplates((6,), 1))
    assert_reversible(people, RejectTemplates((6, 3)))
    assert said(people)[6] == said(people)[3] == ("rejected", 1)
    assert annotated(people) is None
    wrong = {(pair.template_a_id, pair.template_b_id) for pair in gallery.pairs(people) if not pair.is_same}
    assert wrong == {(1, 3), (2, 3), (1, 6), (2, 6)}  # not of each other: nothing was said of that


def test_a_confirmed_suggestion_is_paired_with_the_nearest_faces_of_the_person(people: Project) -> None:
    add(people, [face(n, "Anna") for n in (8, 9, 10)])
    embed(people)
    History(people).do(SuggestTemplates({6: 1}))
    assert_reversible(people, ConfirmTemplates((6, 7)))  # 7 was not suggested
    assert said(people)[6] == ("confirmed", 1)
    assert said(people)[7] == ("unknown", None)
    enrolled = [1, 2, 3, 8, 9, 10]
    by_distance = sorted(enrolled, key=lambda n: float(((vector(n) - vector(6)) ** 2).sum()))
    paired = {(pair.template_a_id, pair.template_b_id) for pair in gallery.pairs(people) if pair.is_same}
    assert paired == {(min(n, 6), max(n, 6)) for n in by_distance[:3]}
    assert annotated(people) == 1


def test_the_newest_word_counts(people: Project) -> None:
    history = History(people)
    history.do(SuggestTemplates({6: 1}))
    history.do(RejectTemplates((6,)))
    assert_reversible(people, NameTemplates((6,), 1))  # it is Anna after all
    assert gallery.pairs(people) == ()
    assert gallery.rejected(people) == {}
    history.do(RejectTemplates((6,)))
    history.do(SuggestTemplates({6: 2}))
    history.do(ConfirmTemplates((6,)))
    same = [pair for pair in gallery.pairs(people) if pair.is_same]
    assert {(pair.template_a_id, pair.template_b_id) for pair in same} == {(4, 6), (5, 6)}
    assert_reversible(people, NameTemplates((6,), 1))
    assert gallery.pairs(people) == ()


def test_an_embedders_second_look_takes_back_its_own_words_only(people: Project) -> None:
    history = History(people)
    history.do(SuggestTemplates({6: 1, 7: 1}))
    history.do(RejectTemplates((7,)))
    assert_reversible(people, SuggestTemplates({6: None, 7: None, 1: 2}))
    assert said(people)[6] == ("unknown", None)
    assert said(people)[7] == ("rejected", 1)
    assert said(people)[1] == ("confirmed", 1)


def test_ignoring_and_forgetting(people: Project) -> None:
    history = History(people)
    history.do(SuggestTemplates({6: 1}))
    history.do(RejectTemplates((6,)))
    assert_reversible(people, IgnoreTemplates((6, 1)))
    assert said(people)[6] == said(people)[1] == ("ignored", None)
    assert len(gallery.pairs(people)) == 3, "what it is not is remembered"
    assert history.do(SuggestTemplates({6: 2})).is_empty
    assert_reversible(people, ForgetTemplates((6,)))
    assert said(people)[6] == ("unknown", None)
    assert gallery.pairs(people) == ()


def test_pairs_alone_can_be_forgotten(people: Project) -> None:
    history = History(people)
    history.do(SuggestTemplates({6: 1}))
    history.do(RejectTemplates((6,)))
    history.do(SuggestTemplates({6: 2}))
    history.do(SuggestTemplates({6: None}))
    assert said(people)[6] == ("unknown", None)
    assert gallery.rejected(people) == {6: frozenset({1})}
    assert_reversible(people, ForgetTemplates((6,)))
    assert gallery.pairs(people) == ()


def test_removed_faces_take_vectors_and_pairs_along_and_bring_them_back(people: Project, path: Path) -> None:
    History(people).do(NameTemplates((6,), 1))
    History(people).do(RejectTemplates((3,)))
    crop = gallery.crop(people, 6)
    assert_reversible(people, RemoveTemplates((6, 3)))
    assert annotated(people) is None
    assert gallery.pairs(people) == ()
    History(people).undo()
    assert gallery.crop(people, 6) == crop
    assert check(path).problems == ()


def test_people_are_added_changed_and_removed(people: Project) -> None:
    assert_reversible(people, AddIdentity(" Clara ", "the door", "2030-01-31"))
    clara = gallery.person(people, "Clara")
    assert (clara.consent, clara.retain_until) == ("the door", "2030-01-31")
    changed = Identity(clara.id, "Klara", "", None, clara.created)
    assert_reversible(people, SetIdentity(changed))
    assert gallery.identity(people, clara.id) == changed
    assert History(people).do(SetIdentity(changed)).is_empty
    History(people).do(SuggestTemplates({6: 1}))
    assert_reversible(people, RemoveIdentities((1,)))
    assert said(people) == {4: ("confirmed", 2), 5: ("confirmed", 2), 6: ("unknown", None), 7: ("unknown", None)}


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (AddIdentity("Anna"), "already one of that name"),
        (AddIdentity("   "), "needs a name"),
        (AddIdentity("Zoë", retain_until="31.1.2030"), "no day"),
        (SetIdentity(Identity(1, "Ben", "", None, "")), "already one of that name"),
        (SetIdentity(Identity(9, "Ben", "", None, "")), "no person 9"),
        (MergeIdentities(1, (2, 9)), "no person 9"),
    ],
)
def test_what_cannot_be_is_refused(people: Project, edit: Edit, why: str) -> None:
    with pytest.raises(UserError, match=why):
        History(people).do(edit)
    assert [each.name for each in gallery.identities(people)] == ["Anna", "Ben"]


def test_two_people_become_the_one_they_are(people: Project) -> None:
    history = History(people)
    for identity_id, consent, until in ((1, "", "2030-01-01"), (2, "the door", "2029-01-01")):
        known = gallery.identity(people, identity_id)
        history.do(SetIdentity(Identity(known.id, known.name, consent, until, known.created)))
    history.do(NameTemplates((6,), 2))
    history.do(NameTemplates((7,), 2))
    history.do(RejectTemplates((7,)))
    history.do(NameTemplates((7,), 1))  # it is Anna, who is not Ben, as was said
    assert len(gallery.pairs(people)) == 3
    assert_reversible(people, MergeIdentities(1, (1, 2)))
    assert {n: who for n, (_, who) in said(people).items()} == dict.fromkeys(range(1, 8), 1)
    assert annotated(people) == 1
    assert gallery.pairs(people) == ()
    (anna,) = gallery.identities(people)
    assert (anna.consent, anna.retain_until) == ("the door", "2029-01-01")
    assert history.do(MergeIdentities(1, (1,))).is_empty


def test_who_may_be_kept_no_longer_is_due(people: Project) -> None:
    History(people).do(AddIdentity("Clara", "", "2026-03-01"))
    assert gallery.due(people, date(2026, 3, 1)) == ()
    assert [each.name for each in gallery.due(people, date(2026, 3, 2))] == ["Clara"]


def test_settings_are_kept_and_an_embedder_that_has_gone_is_none(people: Project) -> None:
    heard: list[Change] = []
    people.on_change(heard.append)
    kept = GallerySettings(1, "centroid", 0.25, 0.001)
    assert_reversible(people, KeepGallerySettings(kept))
    assert gallery.settings(people) == kept
    assert heard[0].gallery
    with people.atomic():
        people.execute("DELETE FROM embedders")
    assert gallery.settings(people) == GallerySettings(None, "centroid", 0.25, 0.001)
    with people.atomic():
        people.execute("UPDATE meta SET value = '{\"rule\": 7}' WHERE name = 'gallery'")
    with pytest.raises(UserError, match="is damaged"):
        gallery.settings(people)


def test_a_change_tells_of_the_faces(people: Project) -> None:
    heard: list[Change] = []
    people.on_change(heard.append)
    History(people).do(NameTemplates((6, 7), None, "Clara"))
    assert heard[0].templates == {6, 7}
    assert heard[0].identities == {3}
    assert heard[0].annotated == {1}
    assert not heard[0].gallery


def test_counts_and_lists_agree(people: Project) -> None:
    History(people).do(SuggestTemplates({6: 1}))
    assert gallery.counts(people) == {
        (1, "confirmed"): 3, (2, "confirmed"): 2, (1, "suggested"): 1, (None, "unknown"): 1,
    }  # fmt: skip
    assert [each.id for each in gallery.templates(people, identity_id=1)] == [1, 2, 3, 6]
    assert [each.id for each in gallery.templates(people, identity_id=1, states={"confirmed"})] == [1, 2, 3]
    assert [each.id for each in gallery.templates(people, states=("unknown", "suggested"))] == [6, 7]
    assert gallery.templates(people, states=()) == ()


def test_no_title_names_a_person(people: Project) -> None:
    history = History(people)
    edits: list[Edit] = [
        AddIdentity("Clara"), NameTemplates((6,), None, "Clara"), SuggestTemplates({7: 3}), ConfirmTemplates((7,)),
        RejectTemplates((7,)), ForgetTemplates((7,)), IgnoreTemplates((7,)), MergeIdentities(1, (3,)),
        AddTemplates((NewTemplate(b"", "confirmed", person="Clara"),)), RemoveTemplates((8,)), RemoveIdentities((1,)),
    ]  # fmt: skip
    for edit in edits:
        history.do(edit)
        assert not any(name in edit.title for name in ("Anna", "Ben", "Clara"))
    assert edits[0].title == "Add person"
    assert NameTemplates((6, 7), 1).title == "Name 2 faces"


@settings(max_examples=20)
@given(steps=st.lists(random_edits, max_size=12))
def test_any_edits_leave_sound_words_and_are_taken_back(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Edit]
) -> None:
    path = tmp_path_factory.mktemp("edits") / "a.boxwright"
    with Project.create(path) as project:
        project.rows("PRAGMA synchronous = OFF")
        add(project, [face(n, "Anna") for n in (1, 2, 3)] + [face(n, "Ben") for n in (4, 5)] + [face(6), face(7)])
        embed(project)
        history, states = History(project), [said(project)]
        for edit in steps:
            try:
                done = history.do(edit)
            except UserError:
                continue
            if not done.is_empty:
                states.append(said(project))
            _are_sound(project)
        assert check(path).problems == ()
        for before in reversed(states[:-1]):
            assert history.undo() is not None
            assert said(project) == before
        for after in states[1:]:
            assert history.redo() is not None
            assert said(project) == after


def _are_sound(project: Project) -> None:
    """A face has a person exactly where its state says so, and no pair contradicts who its faces are."""
    found = said(project)
    for state, person in found.values():
        assert (person is not None) == (state in gallery.NAMED)
    for pair in gallery.pairs(project):
        a, b = found[pair.template_a_id], found[pair.template_b_id]
        assert pair.template_a_id < pair.template_b_id
        if a[0] == b[0] == "confirmed":
            assert (a[1] == b[1]) == pair.is_same


def test_a_name_taken_meanwhile_leaves_the_step_out(people: Project) -> None:
    history = History(people)
    history.do(RemoveIdentities((2,)))
    with people.atomic():
        people.execute("INSERT INTO identities (name, created) VALUES ('Ben', '')")
    with pytest.raises(ConflictError, match="can no longer be undone"):
        history.undo()
