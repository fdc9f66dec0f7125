"""What settings find on a picture beside its annotations: right, wrong, missed, and average precision of this picture.

By boxes: what a mask would look like under other settings is known only when its head is asked. Quick enough to follow
a slider; truths are read once. No torch.
"""

from dataclasses import dataclass

from engine.evaluation import detection, matching
from engine.evaluation.coco_tables import Judged as Sides
from engine.evaluation.coco_tables import JudgedTables
from engine.evaluation.comparison import Comparison, comparison
from engine.evaluation.detection import LEAST_LIMIT, Number
from engine.geometry.shapes import Box
from engine.project import annotations, classes, images
from engine.project.records import Annotation, Detection
from engine.project.store import Project
from engine.tracing.trace import Origin
from engine.tracing.whatif import Found


@dataclass(frozen=True, slots=True)
class Truths:
    """The annotations of one image."""

    image_id: int
    width: int
    height: int
    annotations: tuple[Annotation, ...]
    class_names: dict[int, str]
    """Of all classes of the project, by id."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Found things beside truths, at one IoU; of both the crowds are left out."""

    iou: float
    is_right: tuple[bool, ...]
    """Of each thing that was found, in its order."""
    is_ignored: tuple[bool, ...]
    """The same: on a crowd, neither right nor wrong."""
    annotation_ids: tuple[int, ...]
    """The same: what it found, 0 where that is nothing."""
    missed_ids: tuple[int, ...]
    """Annotations that nothing found."""
    ap: Number
    """Over IoU 0.50:0.05:0.95, of this picture; None where nothing is annotated."""
    ap_at_iou: Number

    @property
    def n_right(self) -> int:
        """True positives."""
        return sum(self.is_right)

    @property
    def n_wrong(self) -> int:
        """False positives."""
        return len(self.is_right) - self.n_right - sum(self.is_ignored)

    @property
    def n_missed(self) -> int:
        """False negatives."""
        return len(self.missed_ids)


def truths_of(project: Project, image_id: int) -> Truths:
    """As they are now; raises UserError where there is no such image."""
    image = images.get(project, image_id)
    names = {each.id: each.name for each in classes.all_classes(project)}
    return Truths(image_id, image.width, image.height, tuple(annotations.of_image(project, image_id)), names)


def judged(origin: Origin, found: Found, truths: Truths, iou: float = 0.5) -> Judged:
    """Compare what was found with the annotations; `origin` says which class is which."""
    compared = _compared(origin, found, truths)
    matched = matching.match(compared, iou)
    place = {id_: row for row, id_ in enumerate(compared.found.ids.tolist())}
    rows = [place[number] for number in range(1, len(found) + 1)]
    ids = [*compared.truths.ids.tolist(), 0]
    is_missed = (matched.found_by < 0) & ~compared.truths.is_crowd
    return Judged(
        iou,
        tuple(matched.is_true[rows].tolist()),
        tuple(matched.is_ignored[rows].tolist()),
        tuple(ids[at] for at in matched.truth_of[rows].tolist()),
        tuple(compared.truths.ids[is_missed].tolist()),
        detection.scores(compared, max(len(found), LEAST_LIMIT)).AP,
        _ap_at(compared, matched),
    )


def _compared(origin: Origin, found: Found, truths: Truths) -> Comparison:
    columns = zip(found.boxes_image.tolist(), found.class_indices.tolist(), found.scores.tolist(), strict=True)
    detections = [
        Detection(number, truths.image_id, origin.class_ids[index], score, Box(*box))
        for number, (box, index, score) in enumerate(columns, 1)
    ]
    sides = Sides(truths.image_id, truths.height, truths.width, truths.annotations, detections)
    return comparison(JudgedTables((sides,), truths.class_names), "bbox", max(len(detections), LEAST_LIMIT))


def _ap_at(compared: Comparison, matched: matching.Matching) -> Number:
    """Mean average precision of the classes that are annotated, at the IoU that was matched by."""
    asked = compared.truths.classes[~compared.truths.is_crowd].tolist()
    counted = ~matched.is_ignored
    values = []
    for class_id in sorted(set(asked)):
        rows = compared.rows_by_class.get(class_id)
        own = matched.is_true[:0] if rows is None else matched.is_true[rows[counted[rows]]]
        values.append(matching.average_precision(own, asked.count(class_id)))
    return matching.mean(values)
