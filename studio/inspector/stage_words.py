"""What stages are called in the window, and how much is in each. No Qt here."""

from __future__ import annotations

from engine.tracing.stages import (
    Anchors,
    FeatureMaps,
    Input,
    Pooling,
    Scores,
    Selection,
    Stage,
    Taught,
    count,
)

_TITLES = {
    "input": "Picture",
    "features": "Feature maps",
    "anchors": "Anchors",
    "objectness": "Objectness",
    "scores": "Class scores",
    "proposals": "Proposals",
    "pooling": "RoIAlign",
    "regions": "Region scores",
    "detections": "Detections",
    "masks": "Masks",
    "keypoints": "Keypoints",
    "taught_anchors": "Anchors taught",
    "taught_simota": "SimOTA",
    "taught_paper": "Centre cells",
    "taught_regions": "Regions taught",
    "mask_targets": "Mask targets",
}


def title(stage: Stage) -> str:
    """As a heading."""
    if isinstance(stage, Anchors):
        return stage.called[:1].upper() + stage.called[1:]
    return _TITLES.get(stage.name, stage.name[:1].upper() + stage.name[1:])


def amount(stage: Stage) -> str:
    """How much there is, in a few words."""
    match stage:
        case Input():
            height, width = stage.picture.shape[:2]
            return f"{width} × {height}"
        case FeatureMaps():
            return f"{len(stage.levels)} levels"
        case Scores():
            n_rows, n_classes = stage.scores.shape
            return f"{n_rows:,}" if n_classes == 1 else f"{n_rows:,} × {n_classes}"
        case Selection():
            return f"{len(stage.kept_rows):,} kept"
        case Pooling():
            return f"{len(stage.boxes):,} × {stage.size}²"
        case Taught():
            return f"{int((stage.role == 1).sum()):,} on objects"
        case _:
            return f"{count(stage):,}"
