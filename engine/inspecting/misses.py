"""What an autopsy of a split is asked and what it answers: who was missed where. No network in here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.evaluation.coco_tables import IouType
from engine.progress import Progress
from engine.project.records import Split
from engine.tracing.verdicts import LOSSES, Asked, Loss, Outlook


@dataclass(frozen=True, slots=True)
class AutopsyRequest:
    """Whose misses to look into, and what counts as found."""

    run_id: int | None = None
    """None: the newest run that has a checkpoint."""
    split: Split | None = "val"
    """None: every image."""
    image_ids: tuple[int, ...] | None = None
    """Only these, where given."""
    asked: Asked = field(default_factory=Asked)
    iou_type: IouType | None = None
    """What decides whether something was found; None: masks where both sides have some."""
    device: str = "auto"


@dataclass(frozen=True, slots=True)
class Miss:
    """An annotation that was not found, and why."""

    image_id: int
    image_name: str
    annotation_id: int
    class_id: int
    class_name: str
    loss: Loss
    words: str
    setting: str | None
    """What would have kept it there; None where no setting does."""
    value: float | None
    then: Outlook | None
    """What becomes of it with that; None where that is not known."""


@dataclass(frozen=True, slots=True)
class Examined:
    """An image is done."""

    image_id: int
    n_truths: int
    """Annotations that are asked for."""
    misses: tuple[Miss, ...]
    is_replayed: bool
    """Whether the cuts, replayed, gave the network's own results."""
    is_tiled: bool
    """Whether detecting looks at tiles of it, so that it may find other things than a look at the whole."""
    progress: Progress


@dataclass(frozen=True, slots=True)
class SplitAutopsy:
    """The misses of a split; of those images that were looked at, where it was stopped."""

    run_id: int
    split: Split | None
    iou_type: IouType
    asked: Asked
    n_images: int
    """Looked at."""
    n_waiting: int
    """Left, where it was stopped."""
    n_unlike: int
    """Images whose replay differs from the network's own result."""
    n_tiled: int
    """Images that detecting looks at in tiles; here they were looked at as a whole."""
    n_truths: int
    lost: Mapping[Loss, int]
    """In the order of a pass, only those that there are."""
    misses: tuple[Miss, ...]

    @property
    def n_found(self) -> int:
        return self.n_truths - len(self.misses)


@dataclass(frozen=True, slots=True)
class Begun:
    """What is looked into, known before the first image is done."""

    run_id: int
    split: Split | None
    iou_type: IouType
    asked: Asked
    n_images: int

    def done(self, examined: Sequence[Examined]) -> SplitAutopsy:
        """The result of as many images as were done."""
        misses = tuple(miss for each in examined for miss in each.misses)
        counts = Counter(miss.loss for miss in misses)
        return SplitAutopsy(
            self.run_id, self.split, self.iou_type, self.asked, len(examined), self.n_images - len(examined),
            sum(not each.is_replayed for each in examined), sum(each.is_tiled for each in examined),
            sum(each.n_truths for each in examined),
            {loss: counts[loss] for loss in LOSSES if loss in counts}, misses,
        )  # fmt: skip
