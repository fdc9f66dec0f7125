"""Large values: stored once, whole or not at all, and released by who held them last."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import UserError
from engine.project import contents
from engine.project.store import Project
from tests.engine.project.pictures import add_image

SIZES = [0, 1, contents.CHUNK_BYTES - 1, contents.CHUNK_BYTES, contents.CHUNK_BYTES + 1, 3 * contents.CHUNK_BYTES]


@pytest.mark.parametrize("size", SIZES)
def test_a_value_comes_back_as_it_was(project: Project, size: int) -> None:
    value = bytes(range(251)) * (size // 251 + 1)
    value = value[:size]
    with project.atomic():
        content_id = contents.put(project, value)
    assert contents.get(project, content_id) == value
    n_chunks = project.value("SELECT COUNT(*) FROM chunks WHERE content_id = ?", (content_id,))
    assert n_chunks == -(-size // contents.CHUNK_BYTES)


@pytest.fixture(scope="module")
def shared_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project.create(tmp_path_factory.mktemp("contents") / "a.boxwright")


@given(st.lists(st.sampled_from([b"", b"a", b"b", b"ab"])))
def test_equal_values_are_stored_once(shared_project: Project, values: list[bytes]) -> None:
    project = shared_project
    with project.atomic():
        ids = [contents.put(project, value) for value in values]
        assert len(set(ids)) == len(set(values)) == project.value("SELECT COUNT(*) FROM contents")
        assert [contents.get(project, content_id) for content_id in ids] == values
        assert contents.release(project) == len(set(values))


def test_a_value_that_is_missing_or_damaged_is_a_user_error(project: Project) -> None:
    with project.atomic():
        content_id = contents.put(project, b"value")
        project.execute("UPDATE chunks SET bytes = ?", (b"Value",))
    for asked in (content_id, 99):
        with pytest.raises(UserError, match="damaged"):
            contents.get(project, asked)


def test_only_what_no_row_holds_is_released(project: Project) -> None:
    with project.atomic():
        add_image(project, "a.png", 0)
        loose = [contents.put(project, b"loose"), contents.put(project, b"also loose")]
        (held,) = project.rows("SELECT content_id FROM images")[0]
        assert contents.release(project, [held, loose[0]]) == 1
        assert contents.get(project, held)
        assert contents.release(project) == 1
        assert project.rows("SELECT id FROM contents") == [(held,)]
        assert project.value("SELECT COUNT(*) FROM chunks") == 1


def test_released_bytes_are_erased_from_the_file(project: Project, path: Path) -> None:
    secret = b"what must not be found again" * 400
    with project.atomic():
        content_id = contents.put(project, secret)
    with project.atomic():
        contents.release(project, [content_id])
    project.close()
    assert secret[:28] not in path.read_bytes()
