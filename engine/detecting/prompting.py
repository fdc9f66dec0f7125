"""A run's network asked for masks: the box that a person draws is the region that its mask head paints.

The slow part, the features of the picture, is worked out once and kept for the pictures asked about last; then a box
takes milliseconds. One `Prompter` serves one process: it holds one network at a time.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from engine import hardware
from engine.checkpoints import Card
from engine.detecting.predicting import Predictor
from engine.detectors import DETECTORS, Promptable, Seen
from engine.errors import UserError
from engine.geometry.shapes import Box
from engine.nn import mask_cells
from engine.project import contents, images, runs
from engine.project.records import Detection, ImageRecord
from engine.project.store import Project
from engine.tiling import viewing

BUDGET_BYTES = 512 << 20
"""Features beyond this are let go, those of the picture asked about longest ago first."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Boxes on one image, and of which class the thing in each is."""

    image_id: int
    boxes: tuple[Box, ...]
    class_ids: tuple[int | None, ...]
    """One for each box; None, or a class that the network does not know: whichever suits best."""


@dataclass(frozen=True, slots=True, eq=False)
class Masker:
    """The network of a run's best checkpoint, as it answers boxes."""

    run_id: int
    checkpoint_id: int
    predictor: Predictor
    promptable: Promptable

    @property
    def class_ids(self) -> tuple[int, ...]:
        """The classes that it knows, in its own order."""
        return self.predictor.card.class_ids

    def look(self, picture: Tensor) -> Seen:
        """What it keeps of a (3, H, W) picture."""
        return self.promptable.look(picture.to(self.predictor.device))

    def answer(self, seen: Seen, asked: Asked) -> list[Detection]:
        """What is in each box, in the order asked; the mask may be without a pixel."""
        device, known = self.predictor.device, {class_id: at for at, class_id in enumerate(self.class_ids)}
        boxes = torch.tensor([box.bounds for box in asked.boxes], dtype=torch.float32, device=device)
        indices = [-1 if each is None else known.get(each, -1) for each in asked.class_ids]
        found = self.promptable.masks_in(
            seen, boxes.reshape(-1, 4), torch.tensor(indices, dtype=torch.int64, device=device)
        ).cpu()
        if found.masks is None:
            raise TypeError("a network that is asked for masks gives masks")
        rows = zip(
            found.class_indices.tolist(),
            found.scores.tolist(),
            mask_cells.pasted(found.masks, found.boxes, *seen.size),
            strict=True,
        )
        return [
            Detection(0, asked.image_id, self.class_ids[index], score, mask, self.run_id) for index, score, mask in rows
        ]


class Prompter:
    """Answers boxes on a project's images; keeps in step with the project's checkpoints."""

    def __init__(self, device: str = "auto", budget_bytes: int = BUDGET_BYTES) -> None:
        """Hold no network yet: the first question loads it."""
        self._device = device
        self._budget_bytes = budget_bytes
        self._masker: Masker | None = None
        self._seen: OrderedDict[tuple[int, str], Seen] = OrderedDict()
        """By checkpoint and by the hash of the picture's file, the one asked about last at the end."""

    def masker(self, project: Project, preferred: int | None = None) -> Masker:
        """The network of the preferred run as it is now; where that makes no masks of boxes, of the newest that does.

        Raises UserError where none does.
        """
        for run in sorted(runs.all_runs(project), key=lambda run: run.id != preferred):
            if run.kind == "detector" and (found := self._of_run(project, run.id)):
                return found
        raise UserError("No trained network here makes masks of boxes.", "Fine-tune a Mask R-CNN first.")

    @torch.inference_mode()
    def look(self, project: Project, masker: Masker, image_id: int) -> Seen:
        """The features of a picture, from memory where they are known; raises UserError where it cannot be read."""
        image = images.get(project, image_id)
        key = (masker.checkpoint_id, image.sha256)
        if key not in self._seen:
            self._seen[key] = masker.look(_picture(project, image))
        self._seen.move_to_end(key)
        self._let_go()
        return self._seen[key]

    @torch.inference_mode()
    def masks(self, project: Project, masker: Masker, asked: Asked) -> list[Detection]:
        """What is in each box, in the order asked; the mask may be without a pixel."""
        seen = self.look(project, masker, asked.image_id)
        # A picture too large for memory is looked at shrunk.
        step = images.get(project, asked.image_id).width / seen.size[1]
        smaller = replace(asked, boxes=tuple(Box(*(at / step for at in box.bounds)) for box in asked.boxes))
        return [viewing.scaled(each, step) for each in masker.answer(seen, smaller)]

    def _of_run(self, project: Project, run_id: int) -> Masker | None:
        """None where a run has no checkpoint, or one of a network that makes no masks."""
        try:
            checkpoint = runs.checkpoint(project, run_id)
        except UserError:
            return None
        if self._masker is not None and self._masker.checkpoint_id == checkpoint.id:
            return self._masker
        if not DETECTORS.get(Card.from_json(checkpoint.card).detector).has_masks:
            return None
        predictor = Predictor.load(contents.get(project, checkpoint.content_id), hardware.device(self._device))
        if not isinstance(predictor.network, Promptable):
            return None
        self._masker = Masker(run_id, checkpoint.id, predictor, predictor.network)
        return self._masker

    def _let_go(self) -> None:
        while len(self._seen) > 1 and sum(seen.n_bytes for seen in self._seen.values()) > self._budget_bytes:
            self._seen.popitem(last=False)


def _picture(project: Project, image: ImageRecord) -> Tensor:
    """(3, H, W) uint8."""
    return torch.from_numpy(viewing.seen(project, image).pixels).permute(2, 0, 1)
