"""Keys in force: defaults, profile and the user's own changes; one key asks for one thing; kept, exported, imported."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication

from engine.errors import UserError
from studio.bindables import bindables, default_keys
from studio.dialogs.cheat_sheet import as_text, subjects
from studio.keys import Keys, is_drawing, layered
from studio.profiles import PROFILES
from studio.settings import Settings

NAMES = ("a.one", "a.two", "b.one", "b.two", "drawing.end", "drawing.more")
LAYERS = st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from("ABCDE"), unique=True, max_size=3).map(tuple))


@pytest.fixture
def keys(qapp: QApplication, tmp_path: Path) -> Keys:
    return Keys(default_keys(), Settings(tmp_path / "s.ini"))


@given(LAYERS, LAYERS)
def test_what_is_laid_over_wins_its_keys_and_keeps_all_others(below, over):  # type: ignore[no-untyped-def]
    below = {name: below.get(name, ()) for name in NAMES}
    found = layered(below, over)
    for name in NAMES:
        if name in over:
            assert found[name] == over[name]
        else:
            given_away = {key for other, keys in over.items() if is_drawing(other) == is_drawing(name) for key in keys}
            assert found[name] == tuple(key for key in below[name] if key not in given_away)


def test_at_first_everything_has_its_own_keys(keys: Keys) -> None:
    assert {name: keys.of(name) for name in keys.names} == {
        each.name: tuple(QKeySequence(key).toString() for key in each.keys) for each in bindables()
    }
    assert keys.profile == "boxwright"


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_gives_keys_to_what_there_is_and_no_key_twice(keys: Keys, profile: str) -> None:
    assert set(PROFILES[profile].keys) <= set(keys.names)
    for given_keys in PROFILES[profile].keys.values():
        assert all(QKeySequence(key).toString() == key for key in given_keys)
    keys.use_profile(profile)
    assert [(name, key) for name in keys.names for key in keys.of(name) if keys.rivals(name, key)] == []
    starts = {key.split(", ")[0] for name in keys.names for key in keys.of(name) if ", " in key}
    assert [name for key in starts for name in keys.holders(key) if not is_drawing(name)] == []  # else T would wait


def test_a_profile_is_what_its_program_publishes(keys: Keys) -> None:
    keys.use_profile("cvat")
    expected = {"annotate.draw_again": "N", "image.next": "F", "image.previous": "D", "annotate.class_3": "Ctrl+3",
                "edit.copy_on": "Ctrl+B", "show.lock": "L", "show.hide_selected": "H", "help.keys": "F1"}  # fmt: skip
    assert {name: keys.of(name)[0] for name in expected} == expected
    assert keys.of("view.fit") == ("Ctrl+F",)
    assert keys.holders("D") == ["image.previous"]
    keys.use_profile("labelme")
    assert (keys.of("tool.box"), keys.of("tool.polygon")) == (("Ctrl+R",), ("Ctrl+N",))
    assert keys.of("file.new") == ()


def test_a_key_is_taken_over_from_whoever_has_it(keys: Keys) -> None:
    assert keys.rivals("view.fit", "D") == ["image.next"]
    keys.take_over("view.fit", "D")
    assert keys.of("view.fit") == ("F", "D")
    assert keys.of("image.next") == ()
    assert keys.is_changed("image.next")
    keys.reset_all()
    assert keys.of("image.next") == ("D",)


def test_a_key_given_to_two_is_told_and_what_is_reset_has_its_own_again(keys: Keys) -> None:
    keys.give("view.fit", ("D",))
    assert keys.holders("D") == ["view.fit"]  # the default gives way
    keys.give("image.next", ("D",))
    assert keys.rivals("image.next", "D") == ["view.fit"]
    keys.reset("view.fit")
    assert keys.of("view.fit") == ("F",)


def test_drawing_keys_stand_beside_commands_and_are_told_to_tools_by_their_own_names(keys: Keys) -> None:
    assert keys.rivals("drawing.finish", "Return") == []
    keys.give("drawing.finish", ("X",))
    keys.give("drawing.larger", (".",))
    assert keys.drawn("X") == "Return"
    assert keys.drawn(".") == "]"
    assert keys.drawn("Return") == keys.drawn("]") == ""
    assert keys.drawn("Left") == "Left"
    assert keys.drawn("Backspace") == "Backspace"


def test_profile_and_changes_are_kept_for_the_user(keys: Keys, tmp_path: Path) -> None:
    keys.use_profile("cvat")
    keys.give("view.fit", ("G",))
    keys.use_profile("boxwright")
    keys.give("image.next", ("PgDown", "D"))
    again = Keys(default_keys(), Settings(tmp_path / "s.ini"))
    assert again.profile == "boxwright"
    assert again.of("image.next") == ("PgDown", "D")
    assert again.of("view.fit") == ("F",)
    again.use_profile("cvat")
    assert again.of("view.fit") == ("G",)


def test_keys_go_to_a_file_and_come_back(keys: Keys, tmp_path: Path) -> None:
    keys.use_profile("labelme")
    keys.give("view.fit", ("G",))
    keys.give("edit.undo", ())
    keys.save(tmp_path / "keys.json")
    other = Keys(default_keys(), Settings(tmp_path / "other.ini"))
    other.load(tmp_path / "keys.json")
    assert other.profile == "labelme"
    assert {name: other.of(name) for name in other.names} == {name: keys.of(name) for name in keys.names}
    text = (tmp_path / "keys.json").read_text(encoding="utf-8")
    assert json.loads(text)["keys"] == {"view.fit": ["G"], "edit.undo": []}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"kind": "boxwright keys", "profile": "vim"}', "\x00"])
def test_a_file_that_holds_no_keys_is_refused_and_changes_nothing(keys: Keys, tmp_path: Path, text: str) -> None:
    (tmp_path / "k.json").write_text(text, encoding="utf-8")
    keys.give("view.fit", ("G",))
    with pytest.raises(UserError, match=r"k\.json"):
        keys.load(tmp_path / "k.json")
    assert keys.of("view.fit") == ("G",)


def test_names_and_keys_that_are_not_known_are_left_out(keys: Keys, tmp_path: Path) -> None:
    found = {"kind": "boxwright keys", "profile": "boxwright", "keys": {"edit.sing": ["S"], "view.fit": ["G", 3, "??"]}}
    (tmp_path / "k.json").write_text(json.dumps(found), encoding="utf-8")
    keys.load(tmp_path / "k.json")
    assert keys.of("view.fit")[0] == "G"
    assert keys.of("edit.sing") == ()


def test_broken_settings_are_as_none(qapp: QApplication, tmp_path: Path) -> None:
    settings = Settings(tmp_path / "s.ini")
    settings.key_profile = "vim"
    settings._store.setValue("keys/boxwright", "{no json")
    keys = Keys(default_keys(), settings)
    assert keys.profile == "boxwright"
    assert keys.of("view.fit") == ("F",)


def test_the_cheat_sheet_has_all_keys_in_force_as_text_too(keys: Keys) -> None:
    keys.give("view.fit", ("Ctrl+Alt+F8",))
    shown = {words for _, lines in subjects(keys) for words, _ in lines}
    for each in bindables():
        assert each.title in shown or not keys.of(each.name) or each.name.startswith("annotate.class_")
    assert "Fit Picture" in as_text(keys) and "Ctrl+Alt+F8" in as_text(keys)
    assert "Class 1 to 9" in as_text(keys)


def test_a_tools_hint_tells_of_the_keys_in_force(keys: Keys) -> None:
    hint = "Enter, a double click or V: hidden. Backspace: take back, [ ] size. Entering is free."
    assert keys.reworded(hint) == hint
    keys.give("drawing.finish", ("X",))
    keys.give("drawing.smaller", (",",))
    keys.give("drawing.visibility", ())
    assert keys.reworded(hint) == "X, a double click or –: hidden. Backspace: take back, , ] size. Entering is free."
