"""Makes the golden file of the current schema version: a small project with rows in every table.

Run once for each new version, before it is released::

    python -m tests.engine.project.make_golden

The file is committed and never made again: it stands for the files that people have.
"""

import json
import sys
from pathlib import Path

import numpy as np

from engine.geometry import masks
from engine.geometry.packing import pack
from engine.geometry.shapes import Box, Keypoints, Part, Polygon, RotatedBox, Shape, ring
from engine.project import (
    annotations,
    authors,
    classes,
    contents,
    detections,
    embeddings,
    images,
    run_faces,
    runs,
    schema,
)
from engine.project.edits import (
    AddAnnotations,
    AddClass,
    ChangeAnnotations,
    DecideDetections,
    RemoveAnnotations,
    RemoveImages,
    SetClass,
    SetImages,
)
from engine.project.gallery import GallerySettings
from engine.project.gallery_edits import (
    AddTemplates,
    ConfirmTemplates,
    KeepGallerySettings,
    NameTemplates,
    NewTemplate,
    RejectTemplates,
    RemoveTemplates,
)
from engine.project.history import History
from engine.project.records import Annotation, Detection, EmbedderRecord
from engine.project.run_faces import RunFace
from engine.project.store import Project
from tests.engine.project.pictures import add_image, link_image, png

GOLDEN = Path(__file__).parent / "golden"
NOW = "2025-01-01T00:00:00.000+00:00"

SHAPES: tuple[Shape, ...] = (
    Box(1.5, 2.0, 20.25, 30.0),
    RotatedBox(16.0, 16.0, 10.0, 4.0, 30.0),
    Polygon(
        (
            Part(ring([(2, 2), (28, 2), (28, 28), (2, 28)]), (ring([(8, 8), (12, 8), (12, 12)]),)),
            Part(ring([(29, 29), (31, 29), (30, 31)])),
        )
    ),
    masks.from_bitmap(np.eye(6, dtype=np.bool_) | np.eye(6, k=2, dtype=np.bool_), 5, 7),
    Keypoints.of([(3, 4, 2), (0, 0, 0), (20.5, 22, 1)]),
)
"""One of each kind, on a picture of 32 x 32."""


def fill(project: Project) -> None:
    """Put rows into every table, by the ways that the program itself uses wherever there are such.

    A linked picture is put beside the project file.
    """
    ids = _add_images(project)
    _add_runs(project, ids)
    _add_faces(project, ids)
    _edit(project, ids)
    with project.atomic():
        project.execute("INSERT INTO surveys VALUES (?, 1, 'iou', 1, 2, 0, 0, 3.5)", (ids[0],))
        project.execute("INSERT INTO meta (name, value) VALUES ('made by', 'make_golden')")
        project.execute(
            "INSERT INTO windows (id, process, person, since) VALUES (1, '1 0 elsewhere', 'anna', ?)", (NOW,)
        )


def _add_images(project: Project) -> list[int]:
    linked = project.path.with_name("linked.png")
    linked.write_bytes(png(99))
    with project.atomic():
        author_id = authors.by_name(project, "anna")
        cell = classes.add(project, "cell", keypoint_names=("a", "b", "c"), skeleton=((0, 1), (1, 2)))
        classes.add(project, "face")
        project.execute("UPDATE classes SET parent_id = ? WHERE name = 'face'", (cell,))
        ids = [add_image(project, f"{n}.png", n) for n in range(3)]
        ids.append(link_image(project, linked, 99, "val"))
        ids.append(add_image(project, "to be removed.png", 4))
        images.tag(project, ids[0], ["bright", "round"])
        images.tag(project, ids[4], ["bright"])
        added = annotations.add(
            project,
            [
                Annotation(0, ids[0], cell, shape, attributes={"note": "ä", "n": 1.5}, author_id=author_id)
                for shape in SHAPES
            ],
        )
        project.execute(
            "INSERT INTO origins (image_id, annotation_id, fingerprint) VALUES (?, ?, ?)", (ids[0], added[0], b"f" * 16)
        )
        project.execute(
            "INSERT INTO attributes (class_id, name, kind, position) VALUES (?, 'note', 'text', 0)", (cell,)
        )
        project.execute(
            "INSERT INTO conflicts (image_id, class_id, annotation_id, iou, created, kind, "
            "x0, y0, x1, y1, area, geometry) "
            "VALUES (?, ?, ?, 0.6, ?, 'box', 1, 2, 3, 4, 4, ?)",
            (ids[0], cell, added[1], NOW, pack(Box(1, 2, 3, 4))),
        )
    return ids


def _add_runs(project: Project, ids: list[int]) -> None:
    cell = classes.all_classes(project)[0].id
    with project.atomic():
        run_id = runs.add(project, "detector", "mask_rcnn", json.dumps({"epochs": 2}))
        runs.set_state(project, run_id, "running", device="cpu")
        runs.add_metrics(project, run_id, 1, {"loss": 1.5, "AP": float("nan")})
        for kind in ("best", "last"):
            checkpoint = runs.NewCheckpoint(
                kind,
                1,
                np.random.default_rng(len(kind) + ord(kind[0])).bytes(900),
                json.dumps({"network": "mask_rcnn"}),
            )
            checkpoint_id = runs.add_checkpoint(project, run_id, checkpoint)
        truth = contents.put(project, b"truth of image 0")
        runs.set_images(project, run_id, [(ids[0], "train", truth), (ids[1], "val", None)])
        runs.set_state(project, run_id, "done")
        found = [Detection(0, ids[1], cell, 0.9 - n / 10, shape) for n, shape in enumerate(SHAPES)]
        detections.put(project, ids[1], run_id, found)
        trace_id = project.execute(
            "INSERT INTO traces (image_id, checkpoint_id, content_id, created) VALUES (?, ?, ?, ?)",
            (ids[1], checkpoint_id, contents.put(project, b"trace"), NOW),
        )
        project.execute("INSERT INTO stages VALUES (?, 0, 'backbone', 'features', 5)", (trace_id,))


def _add_faces(project: Project, ids: list[int]) -> None:
    """Anna with two enrolled faces; one that may be hers, one of nobody."""
    first, second = annotations.of_image(project, ids[0])[:2]
    with project.atomic():
        AddTemplates(
            (
                NewTemplate(png(20), "confirmed", person="Anna", quality=0.75, image_id=ids[0], annotation_id=first.id),
                NewTemplate(png(21), "confirmed", person="Anna", source="0.png", image_id=ids[0]),
                NewTemplate(png(22), "suggested", person="Anna", flaws=("blurred", "small"), image_id=ids[1]),
                NewTemplate(png(23), "unknown", source="elsewhere.png", annotation_id=second.id),
            )
        ).apply(project)
        embedder_id = embeddings.put_embedder(project, EmbedderRecord(0, "siamese", 1, "0" * 64, "1" * 64, "cosine", 4))
        embeddings.store(project, embedder_id, [1, 2, 3], np.eye(4, dtype=np.float32)[:3])
        KeepGallerySettings(GallerySettings(embedder_id, "mean", 0.5)).apply(project)
        run_faces.keep(project, 1, [RunFace(1, 1, "train"), RunFace(2, 1, "val"), RunFace(4, None, "train")])


def _edit(project: Project, ids: list[int]) -> None:
    """One edit of each kind, the last two undone, so that both stacks have steps."""
    history = History(project, author_id=1)
    first, *others = annotations.of_image(project, ids[0])
    cell = first.class_id
    suggested = detections.of_image(project, ids[1])
    history.do(ConfirmTemplates((3,)))
    history.do(NameTemplates((4,), None, "Ben"))
    history.do(RejectTemplates((3,)))
    history.do(AddTemplates((NewTemplate(png(24), "unknown"),)))
    history.do(RemoveTemplates((2, 5)))
    history.do(AddAnnotations((Annotation(0, ids[2], cell, Box(1, 1, 9, 9)),)), ids[2])
    history.do(ChangeAnnotations((Annotation(first.id, ids[0], cell, Box(2, 2, 12, 12)),), "Move"), ids[0])
    history.do(RemoveAnnotations((others[0].id,)), ids[0])
    history.do(DecideDetections((suggested[0].id, suggested[1].id), "accepted"), ids[1])
    history.do(DecideDetections((suggested[2].id,), "rejected"), ids[1])
    history.do(AddClass("nucleus"))
    history.do(SetClass(cell, "white cell", "#00ff00"))
    history.do(SetImages((ids[0], ids[1]), state="done", split="train"))
    history.do(AddAnnotations((Annotation(0, ids[4], cell, SHAPES[2]),)), ids[4])
    history.do(RemoveImages((ids[4],)), ids[4])
    history.do(AddAnnotations((Annotation(0, ids[2], cell, Box(3, 3, 9, 9)),)), ids[2])
    history.do(SetImages((ids[2],), split="test"))
    history.undo()
    history.undo()


def make(path: Path) -> None:
    """Write the golden file of this program's schema version, with small pages since it is committed."""
    with Project.create(path) as project:
        fill(project)
        project.rows("PRAGMA page_size = 1024")
        project.rows("VACUUM")


def main(arguments: list[str]) -> None:
    """Make the golden file; `--again` replaces the one of a version that is not released yet."""
    target = GOLDEN / f"v{schema.VERSION}.boxwright"
    if target.exists() and arguments != ["--again"]:
        raise SystemExit(f"{target} is there already, and is never made again once its version is released")
    GOLDEN.mkdir(exist_ok=True)
    target.unlink(missing_ok=True)
    make(target)
    print(f"{target}: {target.stat().st_size} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
