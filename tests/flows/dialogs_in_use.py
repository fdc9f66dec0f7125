"""Every dialog with something in it, on the real window, as pictures: the way their looks are reviewed.

python -m tests.flows.dialogs_in_use PROJECT FOLDER [--theme light] [--theirs OTHER] [--only tags --only skeleton]

The project needs annotations; THEIRS is another person's project on the same pictures, for the dialogs about two
people. Both are copied first. The reports told about are made up; everything else is asked of the project.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QDialog

from engine.formats import Skipped
from engine.interchange.exporting import ExportReport
from engine.interchange.importing import ImportReport
from engine.interchange.joining import JoinReport
from engine.interchange.proof import Proof
from engine.project.attribute_edits import AddAttribute
from engine.project.attributes import Attribute
from engine.project.checking import CheckReport
from engine.project.class_edits import AddClass, SetSkeleton
from engine.project.findings import Problem
from engine.project.image_edits import TagImages
from engine.project.skeletons import KNOWN
from studio import app
from studio.screenshots import settled
from studio.settings import Settings
from studio.surroundings import Studio
from tests.flows.face_openings import FACE_OPENINGS
from tests.flows.stage import Opening, Stage

LONG = "a file with a rather long name that says where it came from, 2026-11-22 16.40.17 (copy).jpg"
CHECKED = {"images": 268, "annotations": 10_204, "detections": 48_120, "checkpoints": 3}
JOINED = JoinReport(12, 205, 1, 87, 2_590, 14, 9, 3, 2, 31, 4)
PROOF = Proof(10_204, 10_204, 0, 0, 0, 0.9712, 0.9984, 1.0, 0, (), classes_equal=True)
EXPORTED = ExportReport("coco", 268, 10_204, ("IMG_2041.jpg", "IMG_2044.jpg"), (), PROOF)
IMPORTED = ImportReport(
    "voc", 205, 2_804, 12, 40, 0, 12, 3,
    tuple(Skipped(LONG if n % 3 == 0 else f"BloodImage_{n:05}.jpg, object {n}", "it has no area") for n in range(24)),
    (),
)  # fmt: skip
PROBLEMS = (
    Problem("picture 12 (IMG_2041.jpg)", "its bytes are not those it was imported with (SHA-256 differs)"),
    Problem("annotation 981", "its image 77 does not exist"),
)


def furnish(stage: Stage) -> None:
    """Have classes with attributes, keypoints and a class under another, and pictures with tags."""
    first = int(stage.first_class)
    ids = tuple(stage.studio.session.listing.ids)
    stage.do(
        AddAttribute(Attribute(0, first, "stage", "choice", ("ring", "trophozoite", "schizont"), "ring", True)),
        AddAttribute(Attribute(0, first, "occluded", "flag")),
        AddAttribute(Attribute(0, first, "certainty in percent", "number", preset=80.0)),
        AddAttribute(Attribute(0, first, "remark", "text")),
        AddClass("a class under it with a long name", parent_id=first),
        SetSkeleton(first, KNOWN[0].names, KNOWN[0].bones),
        TagImages(ids[:9], ("night", "blurred")),
        TagImages(ids[:3], ("to be looked at by the second reader",)),
        TagImages(ids[9:12], ("rain",)),
    )
    stage.studio.session.listing.choose(ids[:5])


def _search(text: str) -> Callable[[Stage], None]:
    def find(stage: Stage) -> None:
        stage.studio.session.listing.find_text(text)
        stage.wait(lambda: stage.studio.session.listing.search.text == text)

    return find


OPENINGS: Mapping[str, Opening] = {
    "tags": Opening("tags"),
    "skeleton": Opening("skeleton", lambda stage: stage.first_class),
    "attributes": Opening("attributes", lambda stage: stage.first_class),
    "class_details": Opening("class_details", lambda stage: stage.first_class),
    "class_merge": Opening("class_merge", lambda stage: stage.first_class),
    "class_delete": Opening("class_delete", lambda stage: stage.first_class),
    "class_search": Opening("class_search"),
    "palette": Opening("palette"),
    "compare_with": Opening("compare_with"),
    "recent": Opening("recent"),
    "layouts": Opening("layouts", before=lambda stage: _keep_layout(stage.studio)),
    "assign_splits": Opening("assign_splits"),
    "copy_on": Opening("copy_on", before=lambda stage: stage.select(3)),
    "told_attributes": Opening("told_attributes", before=lambda stage: stage.select(3)),
    "accept_above": Opening("accept_above"),
    "agreement": Opening("agreement"),
    "merging": Opening("merging", lambda stage: str(stage.theirs)),
    "merged": Opening("merged", lambda stage: stage.done(JOINED)),
    "checked": Opening("checked", lambda stage: stage.done(CheckReport((), CHECKED))),
    "checked_bad": Opening("checked", lambda stage: stage.done(CheckReport(PROBLEMS, CHECKED))),
    "exporting": Opening("exporting"),
    "exported": Opening("exported", lambda stage: stage.done(EXPORTED, Path("pictures/of 2026/cells-export"))),
    "imported": Opening("imported", lambda stage: stage.done((IMPORTED,))),
    "in_use": Opening("in_use", lambda _: ("cells.boxwright", "window 4711 on this machine, since 16:40")),
    "save_search": Opening("save_search", before=_search("objects>10 and not tag:blurred")),
    "your_name": Opening("your_name"),
    **FACE_OPENINGS,
}
"""By the name of the picture."""


def _keep_layout(studio: Studio) -> None:
    studio.layouts.save("Second reading")


def shoot(stage: Stage, opening: Opening, path: Path) -> Path:
    """Open a dialog, save what it shows once that changes no more, and close it."""
    opening.before(stage)
    stage.studio.ask.show(opening.dialog, opening.about(stage))
    made = next(each for each in QApplication.topLevelWidgets() if isinstance(each, QDialog) and each.isVisible())
    stage.wait(lambda: not any(job.is_quiet for job in stage.studio.jobs.active))
    settled(made).save(str(path))
    made.close()
    stage.wait(lambda: not made.isVisible())
    return path


def shoot_all(project: Path, folder: Path, names: Sequence[str], look: str, theirs: Path | None) -> list[Path]:
    """Open the dialogs on a copy of a project."""
    application = QApplication.instance() or app.make_application(["boxwright"])
    assert isinstance(application, QApplication)
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(shutil.copy(project, Path(temporary) / project.name))
        other = Path(shutil.copy(theirs, Path(temporary) / f"theirs-{theirs.name}")) if theirs else None
        window, studio = app.build(application, Settings(Path(temporary) / "settings.ini"))
        window.resize(QSize(1280, 800))
        window.show()
        studio.theme.choose("light" if look == "light" else "dark")
        studio.session.open(copy)
        stage = Stage(window, studio, other)
        stage.wait(lambda: studio.session.author_id is not None and bool(studio.session.listing.ids))
        furnish(stage)
        made = [shoot(stage, OPENINGS[name], folder / f"{name}-{look}.png") for name in names]
        window.close()
    return made


@click.command()
@click.argument("project", type=click.Path(exists=True, path_type=Path))
@click.argument("folder", type=click.Path(file_okay=False, exists=True, path_type=Path))
@click.option("--theme", type=click.Choice(["dark", "light"]), default="dark")
@click.option("--theirs", type=click.Path(exists=True, path_type=Path), help="Another person's project.")
@click.option("--only", multiple=True, type=click.Choice(list(OPENINGS)))
def main(project: Path, folder: Path, theme: str, theirs: Path | None, only: tuple[str, ...]) -> None:
    """Save a picture of every dialog."""
    names = only or [name for name in OPENINGS if theirs or name != "merging"]
    for made in shoot_all(project, folder, names, theme, theirs):
        click.echo(made)


if __name__ == "__main__":
    main()
