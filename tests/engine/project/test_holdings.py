"""What is held of a person, asked for and written out."""

from pathlib import Path

import msgspec
import pytest

from engine.errors import UserError
from engine.geometry.shapes import Box
from engine.progress import finish
from engine.project import annotations, classes, gallery, holdings, run_faces, runs
from engine.project.gallery_edits import RejectTemplates, RemoveTemplates, SuggestTemplates
from engine.project.history import History
from engine.project.records import Annotation, Pair
from engine.project.run_faces import RunFace
from engine.project.store import Project
from tests.engine.project.people import add, embed, face, vector
from tests.engine.project.pictures import add_image, png


@pytest.fixture
def anna(project: Project) -> int:
    """Anna with a face in a picture, a removed one, one that she was taken for, and one that she is not."""
    with project.atomic():
        image_id = add_image(project, "party.jpg", 9)
        place = Annotation(0, image_id, classes.add(project, "face"), Box(1, 2, 11, 12))
        (annotation_id,) = annotations.add(project, [place])
    add(project, [face(1, "Anna", image_id=image_id, annotation_id=annotation_id), face(2, "Anna"), face(3), face(4)])
    embed(project)
    history = History(project)
    history.do(SuggestTemplates({3: 1, 4: 1}))
    history.do(RejectTemplates((4,)))
    history.do(RemoveTemplates((2,)))
    with project.atomic():
        run_id = runs.add(project, "embedder", "siamese", "{}")
        run_faces.keep(project, run_id, [RunFace(1, 1, "train"), RunFace(2, 1, "val"), RunFace(4, None, "train")])
    return 1


def test_everything_is_told(project: Project, anna: int) -> None:
    found = finish(holdings.holdings(project, anna))
    assert [each.template.id for each in found.faces] == [1, 3]
    assert found.faces[0].vectors["siamese 1"] == pytest.approx(vector(1).tolist(), abs=1e-6)
    assert found.pairs == (Pair(1, 4, is_same=False),)
    assert [(each.image, each.x0, each.y1) for each in found.annotations] == [("party.jpg", 1, 12)]
    assert [(each.run_id, each.learned, each.tried) for each in found.runs] == [(1, 1, 1)]
    assert [each.title for each in found.steps] == ["Add 4 faces", "Suggest 2 faces", "Reject face", "Delete face"]


def test_it_is_written_as_pictures_and_one_document(project: Project, anna: int, tmp_path: Path) -> None:
    folder = tmp_path / "for anna"
    folder.mkdir()
    told = finish(holdings.export(project, anna, folder))
    crops = {path.relative_to(folder).as_posix(): path.read_bytes() for path in (folder / "crops").iterdir()}
    assert set(crops) == {each.crop for each in told.faces} | set(told.past_crops)
    assert crops["crops/1.png"] == gallery.crop(project, 1)
    assert crops[told.past_crops[0]] == png(2, 48)
    assert msgspec.json.decode((folder / "holdings.json").read_bytes(), type=holdings.Holdings) == told
    assert sorted(path.name for path in tmp_path.iterdir()) == ["for anna", "project.boxwright"]


def test_a_folder_with_anything_in_it_is_left_alone(project: Project, anna: int, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is there already"):
        finish(holdings.export(project, anna, tmp_path))


def test_a_stopped_or_failed_export_leaves_nothing(project: Project, anna: int, tmp_path: Path) -> None:
    work = holdings.export(project, anna, tmp_path / "out")
    while getattr(next(work), "words", "") != "Writing faces":
        pass
    work.close()
    with project.atomic():
        project.execute("UPDATE chunks SET bytes = x'00'")
    with pytest.raises(UserError, match="is damaged"):
        finish(holdings.export(project, anna, tmp_path / "out"))
    assert [path.name for path in tmp_path.iterdir()] == ["project.boxwright"]


def test_nobody_is_told_of(project: Project) -> None:
    with pytest.raises(UserError, match="no person 7"):
        finish(holdings.holdings(project, 7))
