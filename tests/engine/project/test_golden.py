"""Files of every version that people may have are opened by today's program, whole and with their history.

A golden file is never made again once its version is released. Until then, when its schema changes::

    python -m tests.engine.project.make_golden --again
"""

import shutil
from pathlib import Path

import pytest

from engine.project import (
    annotations,
    attributes,
    classes,
    contents,
    detections,
    embeddings,
    gallery,
    images,
    presence,
    run_faces,
    runs,
    schema,
)
from engine.project.checking import check
from engine.project.history import History
from engine.project.records import Pair
from engine.project.store import Project
from tests.engine.project.make_golden import GOLDEN, SHAPES

VERSIONS = [f"v{n + 1}" for n in range(schema.VERSION)]


@pytest.fixture(params=VERSIONS)
def golden(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of a golden file, its linked picture beside it."""
    shutil.copytree(GOLDEN, tmp_path / "golden")
    return tmp_path / "golden" / f"{request.param}.boxwright"


def test_every_version_has_its_golden_file() -> None:
    assert sorted(path.stem for path in GOLDEN.glob("*.boxwright")) == sorted(VERSIONS)
    for path in GOLDEN.glob("*.boxwright"):
        assert path.stat().st_size < 200_000
        assert path.read_bytes()[:16] == b"SQLite format 3\0"


def problems(golden: Path) -> set[str]:
    """What a check finds, but that the first version's crops were put there as mere bytes."""
    found = check(golden).problems
    return {each.what for each in found if golden.stem != "v1" or "its crop is no picture" not in each.why}


def test_it_is_whole(golden: Path) -> None:
    Project.open(golden).close()
    assert problems(golden) == set()


def test_it_has_rows_in_every_table(golden: Path) -> None:
    with Project.open(golden) as project:
        for (table,) in project.rows("SELECT name FROM sqlite_master WHERE type = 'table'"):
            is_newer = golden.stem == "v1" and table == "run_faces"
            assert is_newer or project.value(f"SELECT COUNT(*) FROM {table}") > 0, table


def test_every_noun_can_be_read(golden: Path) -> None:
    with Project.open(golden) as project:
        names = [image.name for image in images.all_images(project)]
        assert names == ["0.png", "1.png", "2.png", "linked.png"]
        for image in images.all_images(project):
            assert images.read(project, image)
            assert images.thumbnail(project, image.id)
        assert images.tags(project, 1) == ("bright", "round")
        assert [record.name for record in classes.all_classes(project)] == ["white cell", "face", "nucleus"]
        assert classes.all_classes(project)[0].skeleton == ((0, 1), (1, 2))
        assert [one.name for one in attributes.of_class(project, 1)] == ["note"]
        kinds = [one.shape.kind for one in annotations.of_image(project, 1)]
        assert kinds == ["box", "polygon", "mask", "keypoints"]
        assert annotations.get(project, [3])[0].shape == SHAPES[2]
        assert annotations.get(project, [4])[0].attributes == {"note": "ä", "n": 1.5}
        assert [one.state for one in detections.of_run(project, 1)] == [
            "accepted", "accepted", "rejected", "suggested", "suggested",
        ]  # fmt: skip
        assert [one.shape for one in detections.of_run(project, 1)] == list(SHAPES)
        assert runs.latest(project).state == "done"
        assert len(contents.get(project, runs.checkpoint(project, 1).content_id)) == 900
        assert [(one.name, one.value) for one in runs.metrics(project, 1)] == [("AP", None), ("loss", 1.5)]
        held = presence.holder(project)
        assert held is not None
        assert held.person == "anna"


def test_its_history_can_be_undone_to_the_start_and_redone_to_the_end(golden: Path) -> None:
    with Project.open(golden) as project:
        history, n_done = History(project), 0
        while history.redo():
            n_done += 1
        assert n_done == 2
        before = [one.id for one in annotations.of_image(project, 1)]
        n_undone = 0
        while history.undo():
            n_undone += 1
        assert n_undone == project.value("SELECT COUNT(*) FROM history") == (12 if golden.stem == "v1" else 17)
        assert [one.shape for one in annotations.of_image(project, 1)] == list(SHAPES)
        assert images.all_ids(project) == [1, 2, 3, 4, 5]
        assert images.read(project, images.get(project, 5))
        assert [record.name for record in classes.all_classes(project)] == ["cell", "face"]
        assert {one.state for one in detections.of_run(project, 1)} == {"suggested"}
        while history.redo():
            pass
        assert [one.id for one in annotations.of_image(project, 1)] == before
    assert problems(golden) == set()


def test_who_is_known_can_be_read(golden: Path) -> None:
    with Project.open(golden) as project:
        found = {one.id: (one.identity_id, one.state, one.source) for one in gallery.templates(project)}
        by_name = {one.name: one.id for one in gallery.identities(project)}
        (embedder,) = embeddings.embedders(project)
        vectors = embeddings.vectors(project, embedder.id)
        assert (embedder.name, embedder.metric, embedder.dim) == ("siamese", "cosine", 4)
        if golden.stem == "v1":  # a probe was suggested as Anna
            assert found == {1: (1, "confirmed", "0.png"), 2: (1, "confirmed", "0.png"), 3: (1, "suggested", "1.png")}
            assert vectors.template_ids.tolist() == [1]
            assert vectors.vectors.tolist() == [[0, 1, 2, 3]]
            assert gallery.pairs(project) == (Pair(1, 2, is_same=True),)
            assert contents.get(project, gallery.template(project, 3).crop_content_id) == b"probe"
        else:
            assert by_name == {"Anna": 1, "Ben": 2}
            assert found == {1: (1, "confirmed", ""), 3: (1, "rejected", ""), 4: (2, "confirmed", "elsewhere.png")}
            assert gallery.template(project, 1).quality == 0.75
            assert gallery.template(project, 3).flaws == ("blurred", "small")
            assert vectors.vectors.tolist() == [[1, 0, 0, 0], [0, 0, 1, 0]]
            assert gallery.pairs(project) == (Pair(1, 3, is_same=False),)
            assert run_faces.of_run(project, 1)[1] == run_faces.RunFace(2, 1, "val")
            assert gallery.settings(project) == gallery.GallerySettings(embedder.id, "mean", 0.5)


def test_it_can_be_edited(golden: Path) -> None:
    with Project.open(golden) as project, presence.claim(project, anyway=True), project.atomic():
        classes.add(project, "new")
    assert problems(golden) == set()
