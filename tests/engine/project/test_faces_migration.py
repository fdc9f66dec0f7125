"""The second migration: probes become templates, history follows, vectors and pairs are ordered anew."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from engine.project import embeddings, gallery
from engine.project.checking import check
from engine.project.history import History
from engine.project.inverses import encoded
from engine.project.records import Pair
from engine.project.restoring import Restore, Rows
from engine.project.store import Project
from tests.engine.project.make_golden import GOLDEN, NOW


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A file of the first version, to be changed before it is opened."""
    shutil.copytree(GOLDEN, tmp_path / "golden")
    return tmp_path / "golden" / "v1.boxwright"


def change(path: Path, *statements: tuple[str, tuple[object, ...]]) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for sql, parameters in statements:
            connection.execute(sql, parameters)


@pytest.mark.parametrize(
    ("state", "identity_id", "expected"),
    [
        ("suggested", 1, ("suggested", 1)),
        ("confirmed", 1, ("confirmed", 1)),
        ("rejected", 1, ("rejected", 1)),
        ("rejected", None, ("unknown", None)),
        ("unknown", None, ("unknown", None)),
        ("unknown", 1, ("unknown", None)),
        ("ignored", 1, ("ignored", None)),
    ],
)
def test_a_probe_is_what_its_newest_match_says(
    old: Path, state: str, identity_id: int | None, expected: tuple[str, int | None]
) -> None:
    sql = "INSERT INTO matches VALUES (NULL, 1, 1, ?, 'mean', 0.1, 0.2, ?, ?)"
    change(old, (sql, (identity_id, state, NOW)))
    with Project.open(old) as project:
        found = gallery.template(project, 3)
    assert (found.state, found.identity_id) == expected
    assert (found.source, found.image_id) == ("1.png", 2)


def test_a_probe_without_matches_is_unknown(old: Path) -> None:
    change(old, ("DELETE FROM matches", ()))
    with Project.open(old) as project:
        assert gallery.template(project, 3).state == "unknown"


def test_two_words_on_one_pair_are_one_and_the_newest_counts(old: Path) -> None:
    sql = "INSERT INTO pairs (template_a_id, template_b_id, same, created) VALUES (?, ?, ?, ?)"
    change(old, (sql, (2, 1, 0, NOW)), (sql, (2, 2, 1, NOW)))
    with Project.open(old) as project:
        assert gallery.pairs(project) == (Pair(1, 2, is_same=False),)


def test_an_embedder_of_an_unknown_distance_goes(old: Path) -> None:
    change(old, ("UPDATE embedders SET metric = 'chi2'", ()))
    with Project.open(old) as project:
        assert embeddings.embedders(project) == ()
    assert {each.why.split(":")[0] for each in check(old).problems} == {"its crop is no picture"}


def test_history_follows(old: Path) -> None:
    """A removed face with its vector, its pair, and a probe in the same step can be brought back, but for the probe."""
    crop, vector = (9, b"\0\0\x80?" * 4)
    back = Restore(
        (
            Rows("templates", ("id", "identity_id", "crop_content_id", "state", "created"),
                 added=((7, 1, crop, "confirmed", NOW),)),
            Rows("embeddings", ("template_id", "embedder_id", "vector"), added=((7, 1, vector),)),
            Rows("embeddings", removed=((1, 1),)),
            Rows("pairs", ("id", "template_a_id", "template_b_id", "same", "created"), added=((5, 7, 1, 0, NOW),)),
            Rows("probes", ("id", "crop_content_id", "created"), added=((4, crop, NOW),)),
            Rows("matches", removed=((1,),)),
        )
    )  # fmt: skip
    only_probes = Restore((Rows("probes", removed=((1,),)),))
    sql = "INSERT INTO history (stack, title, edit, created) VALUES ('undo', ?, ?, ?)"
    change(
        old,
        (sql, ("Remove face", encoded(back), NOW)),
        (sql, ("Add probe", encoded(only_probes), NOW)),
        (sql, ("Damaged", b"\xc1", NOW)),
        (sql, ("Of no steps", msgspec.msgpack.encode({"more": 1}), NOW)),
    )
    with Project.open(old) as project:
        titles = [title for (title,) in project.rows("SELECT title FROM history ORDER BY id DESC LIMIT 3")]
        assert titles == ["Of no steps", "Damaged", "Remove face"]
        with project.atomic():
            project.execute("DELETE FROM history WHERE title IN ('Of no steps', 'Damaged')")
        done = History(project).undo()
        assert done is not None
        assert [each.id for each in gallery.templates(project)] == [1, 2, 3, 7]
        assert gallery.pairs(project) == (Pair(1, 2, is_same=True), Pair(1, 7, is_same=False))
        assert embeddings.vectors(project, 1).template_ids.tolist() == [7]
        assert embeddings.vectors(project, 1).vectors.tolist() == [[1, 1, 1, 1]]
        History(project).redo()
        assert embeddings.vectors(project, 1).template_ids.tolist() == [1]


def test_the_first_versions_file_is_kept_beside_it(old: Path) -> None:
    before = old.read_bytes()
    Project.open(old).close()
    (copy,) = old.parent.glob("v1.version-1*")
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT COUNT(*) FROM probes").fetchone() == (1,)
    assert old.read_bytes() != before
