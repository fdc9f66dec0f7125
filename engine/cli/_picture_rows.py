"""Detections on picture files as rows of plain values, for a line each or for all at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.detecting.picture_files import FileFound, FileSkipped
from engine.geometry import masks
from engine.project.records import Detection


class Told:
    """What is known of picture files so far; rows are kept for as long as they are to be printed."""

    def __init__(self, class_names: dict[int, str], *, keeps_rows: bool) -> None:
        self._keeps_rows = keeps_rows
        self._class_names = class_names
        self._rows: dict[Path, dict[str, Any]] = {}
        self.skipped: list[dict[str, str]] = []
        self.n_read = self.n_found = 0

    def row(self, event: object) -> dict[str, Any] | None:
        """The line of a picture that an event tells of."""
        if isinstance(event, FileSkipped):
            self.skipped.append({"what": str(event.path), "why": event.why})
            return {"path": event.path, "skipped": event.why}
        if not isinstance(event, FileFound):
            return None
        size = (event.height, event.width)
        found = [plain_row(each, self._class_names[each.class_id], size) for each in event.detections]
        row = {"path": event.path, "height": event.height, "width": event.width, "detections": found}
        if self._keeps_rows:
            self._rows[event.path] = row
        self.n_read, self.n_found = self.n_read + 1, self.n_found + len(found)
        return row

    def in_order(self, files: Sequence[Path]) -> list[dict[str, Any]]:
        """The rows of pictures that were read."""
        return [self._rows[file] for file in dict.fromkeys(files) if file in self._rows]

    def in_words(self, files: Sequence[Path]) -> str:
        """A line for each picture."""
        found = [f"{row['path']}: {len(row['detections'])} objects" for row in self.in_order(files)]
        return "\n".join([*found, *(f"skipped {each['what']}: {each['why']}" for each in self.skipped)])


def plain_row(detection: Detection, class_name: str, size: Sequence[int]) -> dict[str, Any]:
    """One detection as COCO has it."""
    x0, y0, x1, y1 = detection.shape.bounds
    points = detection.keypoints
    counts = masks.compress(masks.to_coco(masks.of_shape(detection.shape), size[0], size[1]))
    return {
        "class": class_name,
        "score": detection.score,
        "bbox": [x0, y0, x1 - x0, y1 - y0],
        "segmentation": {"size": list(size[:2]), "counts": counts},
        **({} if points is None else {"keypoints": [number for point in points.points for number in point]}),
    }
