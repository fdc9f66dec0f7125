"""Export: whole or not at all, names that cannot collide, upright pixels, and a proof that notices what is lost."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from engine import pictures
from engine.errors import UserError
from engine.formats import FORMATS, Pages
from engine.interchange.exporting import ExportReport, ExportRequest, export_from
from engine.interchange.importing import ImportRequest, import_into
from engine.interchange.proof import prove
from engine.progress import finish
from engine.project import annotations, images
from engine.project.records import Split
from engine.project.store import Project
from tests.engine.interchange.conftest import coco_folder, picture


def give(project: Project, folder: Path, name: str = "coco", split: Split | None = None) -> ExportReport:
    return finish(export_from(project, ExportRequest(folder, name, split, proof=True)))


@pytest.mark.parametrize("name", FORMATS.names())
def test_every_format_keeps_what_it_says(project: Project, tmp_path: Path, name: str) -> None:
    finish(import_into(project, ImportRequest(coco_folder(tmp_path / "in"))))
    report = give(project, tmp_path / "out", name)
    assert report.proof is not None
    assert report.proof.is_kept
    assert (report.images, report.annotations) == (3, 4)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("name", FORMATS.names())
def test_a_format_takes_in_again_what_it_gave(project: Project, tmp_path: Path, name: str) -> None:
    finish(import_into(project, ImportRequest(coco_folder(tmp_path / "in"))))
    give(project, tmp_path / "out", name)
    with Project.create(tmp_path / "again.boxwright") as again:
        report = finish(import_into(again, ImportRequest(tmp_path / "out")))
        assert (report.format, report.images) == (name, 3)
        assert report.annotations == sum(
            len(FORMATS.get(name).hold(item)) for page in _pages(project).pages for item in page.items
        )


def _pages(project: Project) -> Pages:
    from engine.interchange.exporting import pages_of

    return pages_of(project, images.all_images(project))


def test_a_split_alone(project: Project, tmp_path: Path) -> None:
    finish(import_into(project, ImportRequest(coco_folder(tmp_path / "in"), split="val")))
    finish(import_into(project, ImportRequest(picture(tmp_path / "b" / "9.png", seed=9), split="train")))
    assert give(project, tmp_path / "train", split="train").images == 1
    assert give(project, tmp_path / "all").images == 4


def test_nothing_is_overwritten(project: Project, tmp_path: Path) -> None:
    finish(import_into(project, ImportRequest(coco_folder(tmp_path / "in"))))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(UserError, match="not empty"):
        give(project, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_an_export_that_is_stopped_leaves_nothing(project: Project, tmp_path: Path) -> None:
    finish(import_into(project, ImportRequest(coco_folder(tmp_path / "in"))))
    work = export_from(project, ExportRequest(tmp_path / "out", "coco"))
    for _ in range(3):
        next(work)
    work.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "p.boxwright"]


def test_names_that_differ_in_case_or_suffix_do_not_collide(project: Project, tmp_path: Path) -> None:
    for n, name in enumerate(("a.png", "A.png", "a.jpg")):
        finish(import_into(project, ImportRequest(picture(tmp_path / str(n) / name, seed=n))))
    names = [page.name for page in _pages(project).pages]
    assert names == ["a.png", "A-2.png", "a-3.jpg"]


@pytest.mark.parametrize("orientation", [3, 6])
def test_turned_pictures_leave_upright(project: Project, tmp_path: Path, orientation: int) -> None:
    path = picture(tmp_path / "a.png", seed=1, orientation=orientation)
    finish(import_into(project, ImportRequest(path)))
    report = give(project, tmp_path / "out")
    assert report.turned == ("a.png",)
    written = next((tmp_path / "out").rglob("*.png"))
    assert pictures.head(written).orientation == 1
    assert np.array_equal(pictures.decode(written), pictures.decode(path))


def test_the_proof_notices_what_went_wrong(project: Project, tmp_path: Path) -> None:
    finish(import_into(project, ImportRequest(coco_folder(tmp_path / "in"))))
    pages, coco = _pages(project), FORMATS.get("coco")
    first = pages.pages[0]
    fewer = dataclasses.replace(pages, pages=(dataclasses.replace(first, items=first.items[:1]), *pages.pages[1:]))
    for page in pages.pages:
        picture(tmp_path / "out" / coco.picture_path(page), seed=1)
    placed = [dataclasses.replace(page, path=tmp_path / "out" / coco.picture_path(page)) for page in pages.pages]
    to_read = coco.write(
        dataclasses.replace(
            fewer,
            pages=tuple(dataclasses.replace(page, path=at.path) for page, at in zip(fewer.pages, placed, strict=True)),
        ),
        tmp_path / "out",
    )
    proof = prove(coco, dataclasses.replace(pages, pages=tuple(placed)), to_read)
    assert (proof.missing, proof.unexpected, proof.is_kept) == (1, 0, False)


@pytest.mark.parametrize(
    "folder",
    [
        pytest.param("bccd/train", marks=pytest.mark.slow),
        pytest.param("nuclei/train", marks=pytest.mark.slow),
        "coco_mini",
    ],
)
@pytest.mark.parametrize("name", FORMATS.names())
def test_real_pictures_through_every_format(
    project: Project, shared: Path, tmp_path: Path, folder: str, name: str
) -> None:
    finish(import_into(project, ImportRequest(shared / "data" / folder)))
    report = give(project, tmp_path / "out", name)
    assert report.proof is not None
    assert report.proof.is_kept
    assert annotations.count(project) == report.annotations > 400
