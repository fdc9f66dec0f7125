"""A folder that detects: `Model.load(folder).detect(picture)`.

`python detect.py PICTURE...` prints a line of JSON for each picture; Pillow opens them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from engine.portable import arithmetic, one_stage, regions, two_stage
from engine.portable.arithmetic import Floats, Ints
from engine.portable.card import Card

Run = Callable[..., list[Floats]]
"""One ONNX network: arrays in, arrays out."""


@dataclass(frozen=True)
class Found:
    """What is found on one picture, best first, in its pixels."""

    boxes: Floats
    """(N, 4) x0, y0, x1, y1."""
    scores: Floats
    class_indices: Ints
    masks: Floats | None = None
    """(N, S, S) probabilities in cells that fill the box; see `Model.bitmaps`."""
    keypoints: Floats | None = None
    """(N, P, 3) x, y, and 0 where the class has no such point."""


@dataclass(frozen=True)
class Model:
    """An exported detector."""

    card: Card
    parts: Mapping[str, Run]

    @classmethod
    def load(cls, folder: str | Path) -> Model:
        """The detector in a folder."""
        card = Card.load(Path(folder))
        return cls(card, {name: session(Path(folder) / f"{name}.onnx") for name in card.parts})

    def detect(self, picture: NDArray[np.uint8]) -> Found:
        """What is found on a (height, width, 3) RGB picture."""
        height, width = picture.shape[:2]
        pixels = self._scaled(picture)
        model = (pixels.shape[1], pixels.shape[2])
        frame = arithmetic.framed(pixels, self.card.frame_step, self.card.frame_value)
        found = self._found(frame, model)
        ratio = np.array([width / model[1], height / model[0]] * 2, dtype=np.float32)
        points = None if found.keypoints is None else found.keypoints * np.array([*ratio[:2], 1], dtype=np.float32)
        return replace(found, boxes=arithmetic.clipped(found.boxes * ratio, height, width), keypoints=points)

    def bitmaps(self, found: Found, height: int, width: int) -> list[NDArray[np.bool_]]:
        """The masks of what was found on a picture of this size, a bitmap of the whole picture each."""
        cells = found.masks if found.masks is not None else np.ones((len(found.boxes), 1, 1), dtype=np.float32)
        return [regions.pasted(each, box, height, width) for each, box in zip(cells, found.boxes, strict=True)]

    def _scaled(self, picture: NDArray[np.uint8]) -> Floats:
        """(3, h, w) as the network wants it, at the size at which it looks."""
        card, sides = self.card, picture.shape[:2]
        scale = min(card.min_side / min(sides), card.max_side / max(sides))
        height, width = (max(round(side * scale), 1) for side in sides)
        order = ["RGB".index(channel) for channel in card.channels]
        values = picture.astype(np.float32).transpose(2, 0, 1)[order]
        if card.family == "yolo":
            return np.rint(arithmetic.resized(values, height, width))
        mean, deviation = (np.array(each, dtype=np.float32)[:, None, None] for each in (card.mean, card.deviation))
        return arithmetic.resized((values / np.float32(card.divisor) - mean) / deviation, height, width)

    def _found(self, frame: Floats, model: tuple[int, int]) -> Found:
        size = (frame.shape[2], frame.shape[3])
        match self.card.family:
            case "yolo":
                return Found(*one_stage.yolo(self.card, self.parts["network"](frame), size))
            case "retinanet":
                return Found(*one_stage.retinanet(self.card, self.parts["network"](frame), size, model))
            case "ssd":
                return Found(*one_stage.ssd(self.card, self.parts["network"](frame), size, model))
            case "rcnn":
                return self._in_two_stages(frame, model)

    def _in_two_stages(self, frame: Floats, model: tuple[int, int]) -> Found:
        outputs = self.parts["network"](frame)
        levels, said = [each[0] for each in outputs[: two_stage.N_LEVELS - 1]], outputs[two_stage.N_LEVELS - 1 :]
        proposed = two_stage.proposals(self.card, said, (frame.shape[2], frame.shape[3]), model)
        if not len(proposed):
            return Found(proposed, np.zeros(0, np.float32), np.zeros(0, np.intp))
        pooled = regions.pooled(levels, proposed, model[0], two_stage.BOX_CELLS)
        rows = two_stage.named(self.card, self.parts["boxes"](pooled), proposed, model)
        if not len(rows[0]) or not {"masks", "keypoints"} & self.parts.keys():
            return Found(*rows)
        features = regions.pooled(levels, rows[0], model[0], two_stage.MASK_CELLS)
        if "masks" in self.parts:
            logits = self.parts["masks"](features)[0]
            return Found(*rows, masks=arithmetic.sigmoid(logits[np.arange(len(logits)), rows[2] + 1]))
        return Found(*rows, keypoints=two_stage.own_points(self.card, self.parts["keypoints"](features)[0], rows))


def session(path: Path) -> Run:
    """The ONNX network in a file, on the CPU."""
    opened = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [each.name for each in opened.get_inputs()]

    def run(*inputs: Floats) -> list[Floats]:
        outputs: list[Floats] = opened.run(None, dict(zip(names, inputs, strict=True)))
        return outputs

    return run


def main(arguments: Sequence[str]) -> None:
    """Detect on picture files with the model in a folder: a line of JSON each."""
    from PIL import Image, ImageOps  # noqa: PLC0415 (only to open files)

    folder, *files = arguments
    model = Model.load(folder)
    for file in files:
        with Image.open(file) as opened:
            picture = np.asarray(ImageOps.exif_transpose(opened).convert("RGB"))
        print(json.dumps({"path": file, "detections": _rows(model, model.detect(picture))}))


def _rows(model: Model, found: Found) -> list[dict[str, Any]]:
    names = model.card.class_names
    rows = zip(found.boxes.tolist(), found.scores.tolist(), found.class_indices.tolist(), strict=True)
    return [{"class": names[at], "score": score, "box": box} for box, score, at in rows]


if __name__ == "__main__":
    main(sys.argv[1:])
