"""Inverses as bytes: what comes back is what went in, also from files that were written in one piece."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.geometry.shapes import Box
from engine.project import annotations, classes
from engine.project.edits import ChangeAnnotations
from engine.project.history import History
from engine.project.inverses import decoded, encoded
from engine.project.records import Annotation
from engine.project.restoring import Restore, Rows
from engine.project.store import Project
from tests.engine.project.pictures import add_image

values = (
    st.none() | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False) | st.text(max_size=4) | st.binary(max_size=4)
)
few_rows = st.lists(st.tuples(st.integers(1, 9), values), max_size=5)


@st.composite
def steps(draw: st.DrawFn) -> Rows:
    """A step of few rows, or of many hundred."""
    times = draw(st.sampled_from([1, 60, 171]))
    added, changed = (tuple(draw(few_rows)) * times for _ in range(2))
    return Rows("tags", ("id", "name"), added, changed, tuple((n,) for n in range(draw(st.integers(0, 3)) * times)))


@settings(max_examples=50, deadline=None)
@given(st.lists(steps(), max_size=3))
def test_what_is_packed_comes_back(several: list[Rows]) -> None:
    restore = Restore(tuple(several))
    assert decoded(encoded(restore)) == restore


@pytest.mark.parametrize("n_others", [0, 500])
def test_what_undo_keeps_does_not_grow_with_what_is_on_the_picture(project: Project, n_others: int) -> None:
    with project.atomic():
        class_id, image_id = classes.add(project, "cell"), add_image(project, "1.png", 1)
        ids = annotations.add(project, [Annotation(0, image_id, class_id, Box(0, 0, 5, 5))] * (n_others + 1))
    History(project).do(ChangeAnnotations((Annotation(ids[0], image_id, class_id, Box(1, 1, 5, 5)),)))
    [(kept,)] = project.rows("SELECT length(edit) FROM history")
    assert kept < 1000


def test_steps_of_one_table_stay_apart() -> None:
    both = Restore((Rows("tags", ("id",), added=((1,),)), Rows("tags", ("id",), added=((1,),))))
    assert decoded(encoded(both)) == both


def test_a_restore_in_one_piece_is_read_as_before() -> None:
    restore = Restore((Rows("tags", ("id", "name"), added=tuple((n, "a") for n in range(700)), removed=((9,),)),))
    assert decoded(msgspec.msgpack.encode(restore)) == restore


def test_no_piece_has_more_than_some_hundred_rows() -> None:
    packed = encoded(Restore((Rows("tags", ("id",), added=tuple((n,) for n in range(1000))),)))
    found = [len(step["added"]) for step in msgspec.msgpack.decode(packed)["steps"]]
    assert sum(found) == 1000
    assert max(found) <= 256


@pytest.mark.parametrize("damage", [b"", b"\x81", b"no msgpack", encoded(Restore((Rows("tags"),)))[:-1]])
def test_damage_is_told(damage: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decoded(damage)
