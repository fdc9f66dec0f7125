"""The detections that a project keeps of a run beside its annotations: no network is needed, and every id is there."""

from engine.evaluation.coco_tables import Judged, JudgedTables
from engine.project import annotations, classes, detections, images, surveys
from engine.project.records import Split
from engine.project.store import Project


def tables_of_run(project: Project, run_id: int, split: Split | None = None) -> JudgedTables:
    """What a run detected on the images of a split (None: all) that it has looked at, rejected detections too."""
    judged = [
        Judged(
            image.id,
            image.height,
            image.width,
            annotations.of_image(project, image.id),
            detections.of_image(project, image.id, run_id),
        )
        for image in images.all_images(project, split)
        if surveys.has_looked_at(project, run_id, image.id)
    ]
    return JudgedTables(judged, {each.id: each.name for each in classes.all_classes(project)})
